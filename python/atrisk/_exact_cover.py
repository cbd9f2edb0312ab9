"""What stop-loss covers are expected to repay, by the exact engine."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

from atrisk._arms import signed
from atrisk._errors import InputError
from atrisk._exact_arms import Part, arm_weights, covered_services
from atrisk._exact_engine import times

if TYPE_CHECKING:
    from collections.abc import Mapping

    from atrisk._arms import Signed
    from atrisk._exact_engine import Bracket, Engine, Group

MONTHS = 12
UNKNOWN: Bracket = (None, None, None)
HINT = "give premium_pmpm=; a run of the arm with and without the cover shows what it repays"


class NoClosedFormError(InputError):
    """An aggregate cover whose recovery the engine cannot know."""


def recovery(engine: Engine, arm: Mapping[str, Any], cover: Signed) -> tuple[Bracket, Bracket]:
    """Return mean and standard deviation of a cover's yearly recovery, or refuse what has no closed form."""
    kind = _aggregate if cover.terms["kind"] == "aggregate" else _specific
    mean, sd = kind(engine, arm, cover)
    share = float(cover.terms["ceded_share"])
    return times(mean, share), times(sd, share)


def recovery_pmpm(engine: Engine, arm: Mapping[str, Any], cover: Signed) -> float:
    """Return the expected recovery in dollars per member per month of the members it is for."""
    months = engine.member_months(cover.payer)
    return float(recovery(engine, arm, cover)[0][1] or 0.0) / months


def _groups(engine: Engine, arm: Mapping[str, Any], cover: Signed) -> list[Group]:
    """Return the payers of a cover by the weights of their covered services."""

    def weights(payer: str) -> list[float]:
        covered = covered_services(engine.spec, arm, cover, payer)
        own_value = float(cover.terms["value_own_services_at"])
        return arm_weights(engine.spec, arm, payer, paid=True, covered=covered, own_value=own_value)

    return engine.groups(arm, cover.payer, weights)


def _months(terms: Mapping[str, Any]) -> int:
    """Return how many months of the year have claims that are paid in time."""
    if terms["basis"] == "incurred":
        return MONTHS
    return min(int(terms["basis"].removeprefix("12/")) - int(float(terms["payment_lag_months"])), MONTHS)


def _limit(terms: Mapping[str, Any]) -> float | None:
    return None if terms["limit"] is None else float(terms["limit"])


def _specific(engine: Engine, arm: Mapping[str, Any], cover: Signed) -> tuple[Bracket, Bracket]:
    """Sum the layers of members who attach at one point, of payers whose prices are alike."""
    limit, months = _limit(cover.terms), _months(cover.terms)
    at: dict[float, list[int]] = {}
    for laser in cover.terms.get("lasers", ()):
        at.setdefault(float(laser["attachment_point"]), []).append(laser["row"])
    lasered = tuple(sorted(row for rows in at.values() for row in rows))
    answers = []
    for payers, weights in _groups(engine, arm, cover):
        parts = [(float(cover.terms["attachment_point"]), Part(payers, without=lasered, months=months))]
        parts += [(point, Part(payers, only=tuple(rows), months=months)) for point, rows in sorted(at.items())]
        answers += [engine.ask(weights, part, attachment=point, limit=limit) for point, part in parts]
    if len(answers) == 1:
        return answers[0]["mean"], answers[0]["sd"]
    mean = _added([answer["mean"] for answer in answers], 1)
    # Variances of the parts add where nothing moves all members together.
    return mean, _added([answer["sd"] for answer in answers], 2) if engine.is_independent else UNKNOWN


def _added(brackets: list[Bracket], power: int) -> Bracket:
    def added(figures: tuple[float | None, ...]) -> float | None:
        known = [figure**power for figure in figures if figure is not None]
        return math.fsum(known) ** (1.0 / power) if len(known) == len(figures) else None

    lower, value, upper = (added(figures) for figures in zip(*brackets, strict=True))
    return lower, value, upper


def _aggregate(engine: Engine, arm: Mapping[str, Any], cover: Signed) -> tuple[Bracket, Bracket]:
    """Sum the layer over the distribution of what all members together have, net of a cover before."""
    groups, terms = _groups(engine, arm, cover), cover.terms
    if len(groups) != 1:
        raise _refused(cover, "payers whose prices differ")
    [(payers, weights)] = groups
    most = _kept_of_each(engine, arm, cover)
    part = Part(payers, months=_months(terms))
    answer = engine.ask(weights, part, masses=True, **({} if most is None else {"limit": most}))
    attachment = _attachment(engine, cover)
    limit = _limit(terms)
    moments = []
    for given in answer["masses"] or ():
        masses = np.array(given)
        x = np.arange(len(masses)) * answer["panel_grid"][0] - attachment
        above = np.clip(x, 0.0, np.inf if limit is None else limit)
        moments.append((float(masses @ above), float(masses @ above**2)))
    if not moments:
        return (0.0, 0.0, 0.0), (0.0, 0.0, 0.0)
    low, mid, high = moments
    sd = (_sd(low[1], high[0]), _sd(mid[1], mid[0]), _sd(high[1], low[0]))
    return (low[0], mid[0], high[0]), sd


def _sd(square: float, mean: float) -> float:
    return math.sqrt(max(square - mean * mean, 0.0))


def _attachment(engine: Engine, cover: Signed) -> float:
    terms = cover.terms
    if terms["attachment_point"] is not None:
        return float(terms["attachment_point"])
    expected = float(terms["expected_pmpm"]) * engine.member_months(cover.payer)
    return float(terms["attachment_rate"]) * expected


def _kept_of_each(engine: Engine, arm: Mapping[str, Any], cover: Signed) -> float | None:
    """Return the most that is kept of a member's year by a cover before this one; None without any."""
    before = []
    for each in signed(arm):
        if each.path == cover.path:
            break
        if each.kind == "stop_loss" and (cover.payer is None or each.payer == cover.payer):
            before.append(each)
    if not before:
        return None
    [first, *more] = before
    terms = first.terms
    whole = terms["kind"] == "specific" and float(terms["ceded_share"]) == 1.0 and terms["limit"] is None
    alike = _groups(engine, arm, first) == _groups(engine, arm, cover) and _months(terms) == _months(cover.terms)
    if more or not (whole and alike) or terms.get("lasers"):
        raise _refused(cover, "a cover before it that does not repay all above one point of the same dollars")
    return float(terms["attachment_point"])


def _refused(cover: Signed, got: str) -> NoClosedFormError:
    return NoClosedFormError(f"{cover.path}.loading", "has no closed form for this aggregate cover", got, HINT)
