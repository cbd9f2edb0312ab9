"""Joint replacement of the lower extremity as an episode: cited shares of patients, and the user's own prices."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from atrisk._errors import InputError, a
from atrisk._shipped import rows
from atrisk._spec import ENOUGH, all_of, plain, rate, text
from atrisk.assumption import Assumption
from atrisk.episode import Episode, EpisodeCare, EpisodePath

if TYPE_CHECKING:
    from collections.abc import Sequence

    from atrisk.case_prices import CasePrices
    from atrisk.distributions import Distribution

PLACE = "joint_replacement"
#: Care of a path of its own, by falling function after the operation; readmission is of every path.
PATHS = ("home health", "skilled nursing", "rehabilitation")
READMISSION = "readmission"


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
    window, death = _window(kind), shares["death"]
    at_home = rate(f"{PLACE}.home_health", home_health)
    brought = [each for each in (*PATHS, READMISSION) if each != "home health" or at_home > 0.0]
    named = _checked("prices", prices, brought, every=True)
    lines = {each: each for each in brought} | _checked("services", services or {}, brought)
    first_to_last = dict.fromkeys(brought, (0.0, 0.0)) | {READMISSION: (0.0, float(window))}
    first_to_last |= _checked("days", days or {}, brought)
    shares |= {"home health": at_home}

    def of(each: str) -> EpisodeCare:
        return EpisodeCare(lines[each], amount=named[each], days=first_to_last[each])

    def raised(each: str) -> float:
        return _raised(each, shares[each], death, first_to_last[each], window)

    parts = {each: raised(each) for each in brought if each != READMISSION}
    left = 1.0 - sum(parts.values())
    if left < -ENOUGH:
        raise InputError(f"{PLACE}.paths", "must have shares that come to at most 1", f"{1.0 - left:.4g}")
    readmission = EpisodeCare(
        lines[READMISSION], share=raised(READMISSION), amount=named[READMISSION], days=first_to_last[READMISSION]
    )
    return Episode(
        kind if name is None else name,
        trigger=trigger,
        window_days=window,
        paths=[
            EpisodePath("home", share=max(left, 0.0)),
            *(EpisodePath(each, share=part, care=[of(each)]) for each, part in parts.items()),
        ],
        care=[readmission, *all_of(EpisodeCare, f"{PLACE}.care", care)],
        death_rate=death,
        relativities=relativities,
    )


def facts(procedure: str = PLACE, kind: str | None = None) -> list[Assumption]:
    """Return the cited facts of a procedure's episodes, each with its years, source and confidence.

    Parameters
    ----------
    procedure : {"joint_replacement"}
        Procedure. Of coronary bypass no shares of patients are cited, so there is none.
    kind : {"knee", "hip", "fracture"}, optional
        Kind; by default all.

    Returns
    -------
    list of Assumption
        For ``Utilization(assumptions=...)``, so that reports name them. ``figure`` has the kind in front where all are
        asked for.

    Raises
    ------
    InputError
        If there is no such procedure or kind.
    """
    known = rows("atrisk.episodes", "facts.csv")
    _one_of("facts.procedure", procedure, dict.fromkeys(row["procedure"] for row in known))
    of = [row for row in known if row["procedure"] == procedure]
    if kind is not None:
        _one_of(f"{procedure}.kind", kind, dict.fromkeys(row["kind"] for row in of))
    return [
        Assumption(
            figure=row["item"].replace("_", " ")
            if kind is not None
            else f"{row['kind']}: {row['item']}".replace("_", " "),
            value=row["value"],
            unit=f"part of patients, 0-1, within {row['window_days']} days",
            year=row["years"],
            source=row["source"],
            confidence=row["confidence"],
        )
        for row in of
        if kind in (None, row["kind"])
    ]


def _window(kind: str) -> int:
    """Return the days that the facts of a kind are of, which are the same for all of them."""
    (days,) = {row["window_days"] for row in rows("atrisk.episodes", "facts.csv") if row["kind"] == kind}
    return int(days)


def _raised(each: str, seen: float, death: float, days: object, window: int) -> float:
    """Return the share at which so many are seen: 1 - death × mean day / window of them live to have it."""
    path = f"{PLACE}.days.{each}"
    if not isinstance(days, (tuple, list)) or len(days) != 2:  # noqa: PLR2004 - from, to
        raise InputError(path, "must be a first and a last day", repr(days))
    first, last = (plain(path, day) for day in days)
    if not (0 <= first <= last <= window and first < window):
        rule = f"must be days from 0 to {window}, the first before the end and not after the last"
        raise InputError(path, rule, repr(days))
    share = seen / (1.0 - death * (first + last) / 2.0 / window)
    return rate(f"{PLACE}.{each}", share)


def _checked(term: str, given: object, names: list[str], *, every: bool = False) -> dict[str, Any]:
    path = f"{PLACE}.{term}"
    if not isinstance(given, Mapping):
        raise InputError(path, f"must be by {', '.join(names)}", a(given))
    for name in given:
        _one_of(f"{path}.{name}", name, names)
    missing = [name for name in names if every and name not in given]
    if missing:
        hint = "no price is cited: give your own"
        raise InputError(f"{path}.{missing[0]}", "must be given", "none", hint)
    return dict(given)


def _one_of(path: str, given: object, names: Mapping[str, Any] | list[str]) -> None:
    if text(path, given) not in names:
        raise InputError(path, f"must be one of {', '.join(names)}", repr(given))
