"""The care of a caseload: what opens its episodes, and the lines of what they bring."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from atrisk._errors import InputError, a
from atrisk._spec import all_of, rate, refuse_other_sum
from atrisk.case_prices import CasePrices
from atrisk.episode import Episode
from atrisk.service import Service
from atrisk.utilization import Utilization

if TYPE_CHECKING:
    from collections.abc import Sequence

PLACE = "episodes.care"
OF_ALL = 1_000.0


def care(
    episodes: Episode | Sequence[Episode],
    /,
    *,
    price: Any,  # noqa: ANN401 - a number, a law or cases, or one by trigger
    own_cost: float | Mapping[str, float] = 0.0,
    shares: Mapping[str, float] | None = None,
    delivered_by: Mapping[str, str] | None = None,
    **terms: Any,  # noqa: ANN401 - terms of a Utilization
) -> Utilization:
    """Return the care of a caseload, to go with :meth:`atrisk.Population.episodes`.

    Parameters
    ----------
    episodes : Episode or sequence of Episode
        Kinds of episodes, each with a trigger of its own. Their care comes on top of service lines that have nothing
        else in them: ``within_lines`` is False.
    price : float, Distribution, CasePrices or mapping of str to any of these
        Dollars of an event that opens an episode, by the name of its service where there are several kinds.
    own_cost : float or mapping of str to float, default 0
        Dollars that giving such an event costs the provider.
    shares : mapping of str to float, optional
        By trigger: the part of all episodes that are of its kind, 0-1; they come to 1. Needed where there are several.
    delivered_by : mapping of str to {"provider", "other_providers"}, optional
        Who gives a service. By default the provider gives what opens episodes, others give the rest.
    **terms
        Any other term of :class:`atrisk.Utilization`, such as ``price_trend`` or ``shocks``.

    Returns
    -------
    Utilization

    Raises
    ------
    InputError
        If a price is missing, shares do not come to 1, or a name is none of the services.

    Examples
    --------
    >>> episode = ar.Episode("knee", trigger="knee replacement", window_days=90,
    ...     care=[ar.EpisodeCare("readmission", share=0.063, amount=13_000.0)])
    >>> panel = ar.Population.episodes(volume_per_year=200, seed=1)
    >>> study = ar.Study(panel, ar.episodes.care(episode, price=14_000.0), {"Fees": ar.FeeForService()}, seed=1)
    """
    kinds = (episodes,) if isinstance(episodes, Episode) else all_of(Episode, f"{PLACE}.episodes", episodes)
    triggers = [kind.trigger for kind in kinds]
    if not kinds or len(set(triggers)) < len(triggers):
        raise InputError(f"{PLACE}.episodes", "must have a trigger of their own each", ", ".join(triggers) or "none")
    brought = dict.fromkeys(each.service for kind in kinds for each in _all_care(kind))
    given = dict.fromkeys(triggers, "provider") | dict.fromkeys(brought, "other_providers")
    _among(f"{PLACE}.delivered_by", delivered_by or {}, [*triggers, *brought])
    given |= dict(delivered_by or {})
    parts = _shares(shares, triggers)
    prices = _by_trigger("price", price, triggers)
    costs = _by_trigger("own_cost", own_cost, triggers)
    opening = [
        Service(
            name, per_1000=OF_ALL * parts[name], own_cost=costs[name], delivered_by=given[name], **_paid(prices[name])
        )
        for name in triggers
    ]
    rest = [Service(name, per_1000=0.0, allowed=0.0, delivered_by=given[name]) for name in brought]
    return Utilization(
        services=[*opening, *rest], episodes=[replace(kind, within_lines=False) for kind in kinds], **terms
    )


def _all_care(kind: Episode) -> list[Any]:
    return [*kind.care, *(each for path in kind.paths for each in path.care)]


def _paid(price: object) -> dict[str, Any]:
    return {"price": price} if isinstance(price, CasePrices) else {"allowed": price}


def _by_trigger(term: str, given: object, triggers: list[str]) -> dict[str, Any]:
    """Return a term of each trigger: given by name, or the same for all."""
    if not isinstance(given, Mapping):
        return dict.fromkeys(triggers, given)
    _among(f"{PLACE}.{term}", given, triggers)
    for name in triggers:
        if name not in given:
            raise InputError(f"{PLACE}.{term}.{name}", "must be given for every trigger", "none")
    return dict(given)


def _shares(given: object, triggers: list[str]) -> dict[str, float]:
    if given is None and len(triggers) == 1:
        return {triggers[0]: 1.0}
    path = f"{PLACE}.shares"
    if not isinstance(given, Mapping):
        raise InputError(path, "must be given by trigger where there are several kinds of episodes", a(given))
    parts = {name: rate(f"{path}.{name}", share) for name, share in _by_trigger("shares", given, triggers).items()}
    refuse_other_sum(path, parts.values())
    return parts


def _among(path: str, given: object, names: list[str]) -> None:
    if not isinstance(given, Mapping):
        raise InputError(path, "must be by name of service", a(given))
    for name in given:
        if name not in names:
            raise InputError(f"{path}.{name}", "must be one of the services", repr(name), ", ".join(names))
