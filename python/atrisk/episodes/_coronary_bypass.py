"""Coronary bypass as an episode: the way its patients go is known, and every share, price and window is the user's."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from atrisk._errors import InputError
from atrisk._spec import rate, whole
from atrisk.episodes._operation import DEATH, READMISSION, checked, operation

if TYPE_CHECKING:
    from collections.abc import Sequence

    from atrisk.case_prices import CasePrices
    from atrisk.distributions import Distribution
    from atrisk.episode import Episode, EpisodeCare
    from atrisk.episode_effect import EpisodeEffect

PLACE = "coronary_bypass"
#: Shares that must be given, of which the first three have a price; home health has both where it is wanted.
NEEDED = ("skilled nursing", "rehabilitation", READMISSION, DEATH)
WANTED = "home health"
LONGEST_WINDOW = 365
HINT = (
    "cited are payments within 90 days, no shares and no prices: give your own, such as those of your claims; TEAM's "
    "windows have 30 days"
)


def coronary_bypass(  # noqa: PLR0913 - what the user must say, and what may be said
    *,
    window_days: int | None = None,
    shares: Mapping[str, float] | None = None,
    prices: Mapping[str, Distribution | CasePrices | float] | None = None,
    care: Sequence[EpisodeCare] = (),
    days: Mapping[str, tuple[float, float]] | None = None,
    services: Mapping[str, str] | None = None,
    trigger: str = "coronary bypass",
    name: str = "coronary bypass",
    relativities: Mapping[str, Mapping[Any, float] | float] | None = None,
    effects: Sequence[EpisodeEffect] = (),
) -> Episode:
    """Return the episode of a coronary bypass with the user's own shares of patients.

    No share of patients is cited, no price and no day, so that none of them has a default: what is missing is named in
    one error. What is cited, of 90 days, are payments, which simulated ones can be laid beside:
    ``ar.episodes.facts("coronary_bypass")``. What the preset brings is the structure, that of
    :func:`atrisk.episodes.joint_replacement`: one path of each patient by falling function, readmission and death.

    Parameters
    ----------
    window_days : int
        Days from the operation to the end, 1-365; must be given.
    shares : mapping of str to float
        The parts of patients, 0-1, who are seen within the window to have ``"skilled nursing"``, ``"rehabilitation"``
        and a ``"readmission"``, and to die (``"death"``): these must be given; and who go home with ``"home health"``,
        where wanted.
    prices : mapping of str to float, Distribution or CasePrices
        Dollars of every care of ``shares``: an amount, its law, or priced cases such as ``ar.snf.Pdpm(...)``,
        ``ar.irf.Stay(...)`` and ``ar.drg.Stay(...)``; must be given.
    care : sequence of EpisodeCare, default ()
        Further care of every path.
    days : mapping of str to (float, float), optional
        First and last day of a care of ``prices``. By default a path's care comes with the operation, on day 0, and a
        readmission on any day of the window.
    services : mapping of str to str, optional
        Service line of a care of ``prices``, where it has another name: ``{"readmission": "inpatient"}``.
    trigger : str, default "coronary bypass"
        Service whose events open the episode.
    name : str, default "coronary bypass"
        Name of the episode.
    relativities : mapping, optional
        As those of :class:`atrisk.Episode`. The shares are those of odds of 1.
    effects : sequence of EpisodeEffect, default ()
        What surgeons or hospitals do, as in :class:`atrisk.Episode`. Not cited.

    Returns
    -------
    Episode
        With the paths home, home health (where there is a share of it), skilled nursing and rehabilitation. Shares of
        care that death may come before are raised by what it takes away, so that those given are seen.

    Raises
    ------
    InputError
        If something that is not cited is missing (all of it is named), a share is none, those of paths come to more
        than 1, or a name is of nothing known.

    Notes
    -----
    Paths are exclusive: of patients who use both skilled nursing and rehabilitation, count one. Readmission and death
    are taken as independent of the path, but for ``relativities``.

    Examples
    --------
    >>> bypass = ar.episodes.coronary_bypass(  # examples, none of them cited
    ...     window_days=90,
    ...     shares={"skilled nursing": 0.2, "rehabilitation": 0.1, "readmission": 0.15, "death": 0.02},
    ...     prices={"skilled nursing": 11_000.0, "rehabilitation": 19_000.0, "readmission": 14_000.0},
    ... )
    >>> {path.name: round(path.share, 3) for path in bypass.paths}
    {'home': 0.7, 'skilled nursing': 0.2, 'rehabilitation': 0.1}
    """
    _refuse_missing(window_days, shares, prices)
    known = checked(f"{PLACE}.shares", shares, [*NEEDED, WANTED])
    return operation(
        PLACE,
        name=name,
        trigger=trigger,
        window_days=whole(f"{PLACE}.window_days", window_days, 1, LONGEST_WINDOW),
        shares={each: rate(f"{PLACE}.shares.{each}", share) for each, share in known.items()},
        prices=prices,
        days=days,
        services=services,
        care=care,
        relativities=relativities,
        effects=effects,
    )


def _refuse_missing(window_days: object, shares: object, prices: object) -> None:
    """Refuse, all at once, whatever is not cited and not given; what is given wrongly is told later."""
    missing = ["window_days"] if window_days is None else []
    missing += [f"shares.{each}" for each in _lacking(shares, NEEDED)]
    wanted = isinstance(shares, Mapping) and WANTED in shares
    of_care = [each for each in NEEDED if each != DEATH]
    missing += [f"prices.{each}" for each in _lacking(prices, [WANTED, *of_care] if wanted else of_care)]
    if missing:
        raise InputError(PLACE, f"must be given {', '.join(missing)}", "none", HINT)


def _lacking(given: object, names: Sequence[str]) -> list[str]:
    """Return the names that nothing is given for; all of them where nothing is given at all."""
    by_name = {} if given is None else given
    return [name for name in names if name not in by_name] if isinstance(by_name, Mapping) else []
