"""Joint replacement of the lower extremity as an episode: cited shares of patients, and the user's own prices."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from atrisk._spec import rate
from atrisk.episodes._facts import cited_window, facts
from atrisk.episodes._operation import operation

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from atrisk.case_prices import CasePrices
    from atrisk.distributions import Distribution
    from atrisk.episode import Episode, EpisodeCare
    from atrisk.episode_effect import EpisodeEffect

PLACE = "joint_replacement"


def joint_replacement(  # noqa: PLR0913 - what is known, and what the user must say
    kind: str,
    *,
    prices: Mapping[str, Distribution | CasePrices | float],
    home_health: float = 0.0,
    care: Sequence[EpisodeCare] = (),
    days: Mapping[str, tuple[float, float]] | None = None,
    services: Mapping[str, str] | None = None,
    trigger: str = "joint replacement",
    name: str | None = None,
    relativities: Mapping[str, Mapping[Any, float] | float] | None = None,
    effects: Sequence[EpisodeEffect] = (),
) -> Episode:
    """Return the episode of a knee or hip replacement with the cited shares of patients of its kind.

    Cited are, for Medicare's fee-for-service patients of 2013-2014 and 90 days: how many used skilled nursing and
    inpatient rehabilitation, were readmitted, and died. No price is cited: all are the user's. Of home health, visits
    and therapy no share is cited either.

    Parameters
    ----------
    kind : {"knee", "hip", "fracture"}
        Elective knee, elective hip, or hip that is not elective.
    prices : mapping of str to float, Distribution or CasePrices
        Dollars of ``"skilled nursing"``, ``"rehabilitation"`` and ``"readmission"``, and of ``"home health"`` where
        somebody has it: an amount, its law, or priced cases such as ``ar.snf.Pdpm(...)``, ``ar.irf.Stay(...)`` and
        ``ar.drg.Stay(...)``.
    home_health : float, default 0
        The part of patients, 0-1, who go home with home health. Not cited.
    care : sequence of EpisodeCare, default ()
        Further care of every path.
    days : mapping of str to (float, float), optional
        First and last day of a care of ``prices``. By default a path's care comes with the operation, on day 0, and a
        readmission on any day of the window: no day is cited.
    services : mapping of str to str, optional
        Service line of a care of ``prices``, where it has another name: ``{"readmission": "inpatient"}``.
    trigger : str, default "joint replacement"
        Service whose events open the episode.
    name : str, optional
        Name of the episode; by default the kind.
    relativities : mapping, optional
        As those of :class:`atrisk.Episode`. The cited shares are those of odds of 1.
    effects : sequence of EpisodeEffect, default ()
        What surgeons or hospitals do, as in :class:`atrisk.Episode`. Not cited.

    Returns
    -------
    Episode
        Of 90 days, with the paths home, home health (if any), skilled nursing and rehabilitation. Shares of care that
        death may come before are raised by what it takes away, so that the shares that are seen are those cited.

    Raises
    ------
    InputError
        If a price is missing or of nothing known, or the shares of paths come to more than 1.

    Notes
    -----
    The cited shares are marginals. Skilled nursing and rehabilitation are taken as exclusive, though some patients use
    both, one after the other: then more go home without either, at least 0.044 of fractures as it is here.
    Readmission and death are taken as independent of the path, but for ``relativities``.

    Source: :func:`atrisk.episodes.facts`.

    Examples
    --------
    >>> prices = {"skilled nursing": 11_000.0, "rehabilitation": 19_000.0, "readmission": 13_000.0}  # examples
    >>> knee = ar.episodes.joint_replacement("knee", prices=prices)
    >>> {path.name: round(path.share, 3) for path in knee.paths}
    {'home': 0.601, 'skilled nursing': 0.339, 'rehabilitation': 0.06}
    """
    shares = {fact.figure: float(fact.value) for fact in facts(PLACE, kind)}
    at_home = rate(f"{PLACE}.home_health", home_health)
    return operation(
        PLACE,
        name=kind if name is None else name,
        trigger=trigger,
        window_days=cited_window(PLACE),
        shares=shares | ({"home health": at_home} if at_home > 0.0 else {}),
        prices=prices,
        days=days,
        services=services,
        care=care,
        relativities=relativities,
        effects=effects,
    )
