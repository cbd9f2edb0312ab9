"""Pay for performance: a withhold that is earned back and a bonus pool, both by a quality score."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import numpy as np

from atrisk import _frames as frames
from atrisk._errors import InputError
from atrisk._spec import flag, known_term, plain, whole
from atrisk.rules._facts import lengths
from atrisk.rules._rule import Rule, Terms
from atrisk.rules._scores import check_measures, scored
from atrisk.rules.measure_ladder import MeasureLadder, rungs
from atrisk.statement import Line, Statement

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray

PLACE = "PayForPerformance"
DOLLARS = ("payments", "member_months")
MOST_MEASURES = 1_000


@dataclass(frozen=True, kw_only=True)
class PayForPerformance(Terms):
    """A withhold and a bonus, returned and paid by quality; terms are checked when they are given.

    Parameters
    ----------
    measures : mapping of str to MeasureLadder, optional
        Measures by name; their shares, by weight, make the score. Without them the score is given.
    ladder : sequence of (score, share), optional
        The share of what is at stake that a score, 0-1, earns; by default the score itself.
    straight_line : bool, optional
        Straight lines between the rungs; False for steps.
    withhold_rate : float, optional
        The part of payments that is withheld, 0-1.
    bonus_pmpm : float, optional
        Dollars per member and month in the bonus pool.
    pool : float, optional
        The bonus pool in dollars, in place of ``bonus_pmpm``: split over the providers in proportion to share ×
        member-months.
    budget_neutral : bool, optional
        Scale what is returned, and the bonuses, so that each adds up over the providers to what is withheld, and to the
        pool, within a cent for each provider, whose dollars are rounded to cents.
    minimum_measures : int, optional
        A provider with fewer available measures earns nothing.

    Examples
    --------
    >>> import atrisk as ar
    >>> plan = ar.PayForPerformance(
    ...     measures={"screening": ar.MeasureLadder(ladder=[(0.6, 0), (0.8, 1)]),
    ...               "readmissions": ar.MeasureLadder(ladder=[(0.18, 0), (0.12, 1)], weight=2)},
    ...     withhold_rate=0.1, bonus_pmpm=2)
    >>> year = plan.settle(screening=0.7, readmissions=0.12, payments=600_000, member_months=12_000)
    >>> year["net"]
    Decimal('10000.00')
    """

    measures: Mapping[str, MeasureLadder] = field(default_factory=dict)
    ladder: tuple[tuple[float, float], ...] = ((0.0, 0.0), (1.0, 1.0))
    straight_line: bool = True
    withhold_rate: float = 0.0
    bonus_pmpm: float = 0.0
    pool: float | None = None
    budget_neutral: bool = False
    minimum_measures: int = 1

    def __post_init__(self) -> None:
        super().__post_init__()
        check_measures(PLACE, self.measures)
        whole(f"{PLACE}.minimum_measures", self.minimum_measures, 1, MOST_MEASURES)
        flag(f"{PLACE}.budget_neutral", self.budget_neutral)
        if self.pool is not None and plain(f"{PLACE}.pool", self.pool) < 0:
            raise InputError(f"{PLACE}.pool", "must be dollars of at least 0", f"{self.pool:g}")

    def rule(self, bonus_pmpm: float | None = None) -> Rule:
        """Return the rule of the core before any scaling."""
        if self.pool is not None and self.bonus_pmpm:
            raise InputError(f"{PLACE}.pool", "must be left out where bonus_pmpm is given", f"{self.pool}")
        terms = {
            "withhold_rate": known_term(f"{PLACE}.withhold_rate", self.withhold_rate),
            "bonus_pmpm": known_term(f"{PLACE}.bonus_pmpm", self.bonus_pmpm if bonus_pmpm is None else bonus_pmpm),
            "ladder": rungs(f"{PLACE}.ladder", self.ladder),
            "straight_line": flag(f"{PLACE}.straight_line", self.straight_line),
            "returned_scaling": "1",
            "bonus_scaling": "1",
        }
        waterfall = [("returned", 1), ("bonus", 1), ("withheld", -1), ("net", 1)]
        return Rule("pay_for_performance", terms, PLACE, waterfall)

    def settle(self, frame: object = None, /, **facts: Any) -> Any:  # noqa: ANN401 - facts and frames of the user's kind
        """Settle a year of providers.

        Parameters
        ----------
        frame : data frame, optional
            Providers in rows: a column by the name of each measure (its rate; missing is not available, and the other
            weights count for more) and, where improving earns, ``<measure>_baseline``; or ``score``, 0-1. ``payments``
            (dollars) for a withhold, ``member_months`` for a bonus.
        **facts
            The same by name: numbers give a :class:`Statement`, arrays a frame.

        Returns
        -------
        Statement or data frame
            For each measure its share, ``score``, ``share`` of what is at stake, ``withheld``, ``returned``,
            ``bonus_pool``, ``bonus`` and ``net``, dollars; net is above 0 where the provider gains.

        Raises
        ------
        InputError
            Missing columns (all named), values out of range; one provider alone where money is split over all.
        """
        if isinstance(frame, Mapping):
            facts, frame = {**frame, **facts}, None
        self._refuse_unknown(facts)
        if frame is None and all(np.ndim(value) == 0 for value in facts.values()):
            return self._statement(facts)
        # By position: a column of facts has no index of its own.
        columns = {name: np.asarray(value) for name, value in facts.items()}
        table = frames.read_frame(PLACE, _of_one_length(columns) if frame is None else frame)
        table = table if frame is None else table.assign(**columns)
        lines = self._scored(table)
        result = table[[]].assign(**lines, **self._scaled(lines["score"], table))
        index = getattr(frame, "index", None)
        return frames.give_back(result if index is None or callable(index) else result.set_axis(index), frame)

    def _statement(self, facts: dict[str, object]) -> Statement:
        """Settle one provider line by line."""
        if self.budget_neutral or self.pool is not None:
            raise InputError(PLACE, "must be given all providers at once: what one earns depends on the others")
        lines = self._scored(frames.read_frame(PLACE, {name: [value] for name, value in facts.items()}))
        given = {name: facts[name] for name in self._dollars()}
        settled = self.rule().statement(score=lines.pop("score").item(), **given)
        shares = [
            Line(name, "share its ladder gives", Decimal(repr(float(value[0]))).normalize(), "rate")
            for name, value in lines.items()
            if not np.isnan(value[0])
        ]
        return replace(settled, lines=[*shares, *settled.lines])

    def _dollars(self) -> list[str]:
        """Return the columns of dollars that the terms need."""
        needs = (self.withhold_rate, self.bonus_pmpm or self.pool is not None)
        return [name for name, needed in zip(DOLLARS, needs, strict=True) if needed]

    def _scored(self, table: pd.DataFrame) -> dict[str, NDArray[np.float64]]:
        """Return the share of each measure, and the score."""
        frames.need(PLACE, table, [*(self.measures or ["score"]), *self._dollars()])
        if self.measures:
            return scored(PLACE, self.measures, table, int(self.minimum_measures))
        score = frames.numbers(PLACE, table, "score", 0.0, 1.0)
        frames.refuse_missing(PLACE, "score", score)
        return {"score": score}

    def _refuse_unknown(self, facts: Mapping[str, object]) -> None:
        baselines = [f"{name}_baseline" for name in self.measures]
        known = [*(self.measures or ["score"]), *baselines, *DOLLARS]
        unknown = [name for name in facts if name not in known]
        if unknown:
            raise InputError(f"{PLACE}.{unknown[0]}", f"must be one of {', '.join(known)}", "an unknown fact")

    def _scaled(self, score: NDArray[np.float64], table: pd.DataFrame) -> dict[str, NDArray[np.float64]]:
        """Settle all providers, and where money is split over them a second time with what makes it add up."""
        facts = {"score": score}
        for name in self._dollars():
            facts[name] = frames.numbers(PLACE, table, name, 0.0, 1e12)
            frames.refuse_missing(PLACE, name, facts[name])
        pool = None if self.pool is None else float(self.pool)
        rule = self.rule() if pool is None else self.rule(pool / max(facts["member_months"].sum(), 1.0))
        first = rule.columns(facts)
        scaling = {}
        if self.budget_neutral:
            scaling["returned_scaling"] = _scaling(first["withheld"], first["share"])
            scaling["bonus_scaling"] = _scaling(first["bonus_pool"], first["share"])
        if pool is not None:
            scaling["bonus_scaling"] = _scaling(first["bonus_pool"], first["share"], pool)
        return replace(rule, terms={**rule.terms, **scaling}).columns(facts) if scaling else first


def _of_one_length(columns: Mapping[str, NDArray[Any]]) -> dict[str, NDArray[Any]]:
    """Return columns with numbers repeated for every provider."""
    n = lengths(PLACE, columns)
    return {name: np.broadcast_to(column, n) for name, column in columns.items()}


def _scaling(each: NDArray[np.float64], share: NDArray[np.float64], pool: float | None = None) -> str:
    """Return the factor that makes shares add up to the pool; where nobody earns anything, nothing is paid."""
    claims = float(each @ share)
    return repr((float(each.sum()) if pool is None else pool) / claims) if claims > 0 else "1"
