"""The episode of an operation: paths by falling function, readmission and death, as often as they are seen."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from atrisk._errors import InputError, a
from atrisk._spec import ENOUGH, all_of, plain, rate
from atrisk.episode import Episode, EpisodeCare, EpisodePath
from atrisk.episodes._facts import one_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from atrisk.episode_effect import EpisodeEffect

#: Care of a path of its own, by falling function after the operation; readmission is of every path.
PATHS = ("home health", "skilled nursing", "rehabilitation")
READMISSION = "readmission"
DEATH = "death"


def operation(  # noqa: PLR0913 - what an episode is made of
    place: str,
    *,
    name: str,
    trigger: str,
    window_days: int,
    shares: Mapping[str, float],
    prices: object,
    days: object,
    services: object,
    care: Sequence[EpisodeCare],
    relativities: Mapping[str, Mapping[Any, float] | float] | None,
    effects: Sequence[EpisodeEffect],
) -> Episode:
    """Return the episode whose patients are seen to have each care, and to die, in the parts of ``shares``.

    Care that death may come before has a share raised by what death takes away. Where there is no share of home
    health, there is no such path.
    """
    brought = [each for each in (*PATHS, READMISSION) if each in shares]
    named = checked(f"{place}.prices", prices, brought, every=True)
    lines = {each: each for each in brought} | checked(f"{place}.services", services or {}, brought)
    first_to_last = dict.fromkeys(brought, (0.0, 0.0)) | {READMISSION: (0.0, float(window_days))}
    first_to_last |= checked(f"{place}.days", days or {}, brought)

    def of(each: str, share: float = 1.0) -> EpisodeCare:
        return EpisodeCare(lines[each], share=share, amount=named[each], days=first_to_last[each])

    def raised(each: str) -> float:
        # Death comes on any day alike: this part of those who die does so before the care.
        before = _mean_day(f"{place}.days.{each}", first_to_last[each], window_days) / window_days
        return rate(f"{place}.{each}", shares[each] / (1.0 - shares[DEATH] * before))

    parts = {each: raised(each) for each in brought if each != READMISSION}
    left = 1.0 - sum(parts.values())
    if left < -ENOUGH:
        raise InputError(f"{place}.paths", "must have shares that come to at most 1", f"{1.0 - left:.4g}")
    return Episode(
        name,
        trigger=trigger,
        window_days=window_days,
        paths=[
            EpisodePath("home", share=max(left, 0.0)),
            *(EpisodePath(each, share=part, care=[of(each)]) for each, part in parts.items()),
        ],
        care=[of(READMISSION, raised(READMISSION)), *all_of(EpisodeCare, f"{place}.care", care)],
        death_rate=shares[DEATH],
        relativities=relativities,
        effects=effects,
    )


def checked(path: str, given: object, names: list[str], *, every: bool = False) -> dict[str, Any]:
    """Return what is given by name, refusing names of nothing known and, if all are needed, one that is missing."""
    if not isinstance(given, Mapping):
        raise InputError(path, f"must be by {', '.join(names)}", a(given))
    for name in given:
        one_of(f"{path}.{name}", name, names)
    missing = [name for name in names if every and name not in given]
    if missing:
        hint = "no price is cited: give your own"
        raise InputError(f"{path}.{missing[0]}", "must be given", "none", hint)
    return dict(given)


def _mean_day(path: str, days: object, window: int) -> float:
    """Return the mean of the days on which care comes, between the first and the last alike."""
    if not isinstance(days, (tuple, list)) or len(days) != 2:  # noqa: PLR2004 - from, to
        raise InputError(path, "must be a first and a last day", repr(days))
    first, last = (plain(path, day) for day in days)
    if not (0 <= first <= last <= window and first < window):
        rule = f"must be days from 0 to {window}, the first before the end and not after the last"
        raise InputError(path, rule, repr(days))
    return (first + last) / 2.0
