"""Pay for performance: a withhold that is earned back, a bonus and a penalty, all by a quality score."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import numpy as np

from atrisk import _frames as frames
from atrisk._errors import InputError, a
from atrisk._spec import flag, known_term, plain, term, texts, whole
from atrisk.contracts._base import Contract
from atrisk.rules._facts import lengths
from atrisk.rules._rule import Rule
from atrisk.rules._scores import check_measures, scored
from atrisk.rules.measure_ladder import MeasureLadder, rungs
from atrisk.statement import Line, Statement

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray

    from atrisk._types import Uncertain

    Rungs = Sequence[tuple[float, float]]

PLACE = "PayForPerformance"
DOLLARS = ("payments", "member_months")
AT_STAKE = ("withhold_rate", "bonus_pmpm", "bonus_rate", "penalty_rate")
MOST_MEASURES = 1_000
MOST_ELIGIBLE = 1_000_000_000


@dataclass(frozen=True, kw_only=True)
class PayForPerformance(Contract):
    """A withhold, a bonus and a penalty, returned, paid and owed by quality.

    In a study the score comes from the measures of the same paths, and payments are what the payer paid for the year's
    care by contracts before this one: claims and capitation. Settling a user's own figures needs no study. Terms are
    checked when a study is built, whose errors name the arm and the contract's place in it, or when figures are
    settled.

    Parameters
    ----------
    measures : mapping of str to MeasureLadder or None, or sequence of str, default all of the study
        Measures by name; their shares, by weight, make the score. In a study None, or a name alone, means the
        measure's own benchmarks, drift and weight; a ladder goes in their place. For own figures each has a ladder, or
        there are no measures and the score is given.
    ladder : sequence of (score, share), default the score itself
        The share of what is withheld and of the bonus that a score, 0-1, earns.
    penalty_ladder : sequence of (score, share), default 1 at a score of 0, nothing at 1
        The share, 0-1, of the penalty that a score owes, falling: all of a rung's share up to its score, nothing above
        the last.
    straight_line : bool, default True
        Straight lines between the rungs; False for steps.
    withhold_rate : float, default 0
        The part of payments that is withheld, 0-1.
    bonus_pmpm : float, default 0
        Dollars per member and month in the bonus pool.
    bonus_rate : float, default 0
        The part of payments in the bonus pool, 0-1, beside ``bonus_pmpm``.
    penalty_rate : float, default 0
        The part of payments that the lowest score owes, 0-1.
    dollars_per_member : mapping of str to float, default {}
        By measure: dollars for each member who meets it, whatever the score.
    pool : float, optional
        The bonus pool of several providers in dollars, in place of ``bonus_pmpm`` and ``bonus_rate``: split in
        proportion to share × member-months. For own figures alone.
    budget_neutral : bool, default False
        Scale what is returned, and the bonuses, so that each adds up over the providers to what is withheld, and to the
        pool, within a cent for each provider, whose dollars are rounded to cents. For own figures alone.
    minimum_eligible : int, default 1
        A measure with fewer eligible members does not count, and the other weights count for more.
    minimum_measures : int, default 1
        A provider with fewer measures that count has a score of 0.
    payment_adjustment : mapping, optional
        The rule of a programme with its terms, in place of all that is at stake above: :meth:`mips` and
        :meth:`value_based_purchasing` make it. In a study alone.
    lag_years : int, default 0
        How many years before the payments that it moves the score is measured, 0-10: with 2 the payments of a year are
        moved by the score of two years before. Base years count, and there must be so many of them;
        ``dollars_per_member`` counts members of the year itself. In a study alone.
    settle_month : int, default 21
        Month in which all but the withhold is paid, 12-60, counted from the start of the year; the withhold is taken
        off payments as they are paid, and so is what a ``payment_adjustment`` moves by the score of an earlier year.
    notes : sequence of str
        What a reader must know of the terms, such as figures not checked against a text; printed on statements.

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

    measures: Mapping[str, MeasureLadder | None] | Sequence[str] = field(default_factory=dict)
    ladder: Rungs = ((0.0, 0.0), (1.0, 1.0))
    penalty_ladder: Rungs = ((0.0, 1.0), (1.0, 0.0))
    straight_line: bool = True
    withhold_rate: Uncertain = 0.0
    bonus_pmpm: Uncertain = 0.0
    bonus_rate: Uncertain = 0.0
    penalty_rate: Uncertain = 0.0
    dollars_per_member: Mapping[str, Uncertain] = field(default_factory=dict)
    pool: float | None = None
    budget_neutral: bool = False
    minimum_eligible: int = 1
    minimum_measures: int = 1
    payment_adjustment: Mapping[str, Any] | None = None
    lag_years: int = 0
    settle_month: int = 21
    notes: Sequence[str] = ()

    @classmethod
    def mips(
        cls,
        *,
        payment_year: int,
        measures: Mapping[str, MeasureLadder | None] | Sequence[str] = (),
        scaling_factor: Uncertain | None = None,
        exceptional_scaling_factor: Uncertain | None = None,
        **terms: Any,  # noqa: ANN401 - terms
    ) -> PayForPerformance:
        """Return the adjustment of clinicians (MIPS) in a payment year, as :func:`atrisk.mips.adjustment` has it.

        The score of the measures stands for the final score. It moves the payments of two years later, so that the
        study needs two base years; ``lag_years=0`` says that a year's score moves its own payments, in the settle
        month. Every year of the study has the terms of this one payment year.

        Parameters
        ----------
        payment_year : int
            Year of the payments, 2019-2028.
        measures : mapping or sequence of str, default all of the study
            As in :class:`PayForPerformance`; those of a category share the weight of :func:`atrisk.mips.figures`.
        scaling_factor : float, optional
            Factor on gains that makes them cost what reductions save, 0-3; by default 1, as a note says.
        exceptional_scaling_factor : float, optional
            Factor on payments for exceptional performance that holds them to their pool, 0-1, in payment years
            2019-2024; by default 1, likewise.
        **terms
            ``lag_years``, ``minimum_eligible``, ``minimum_measures``, ``settle_month``.

        Raises
        ------
        InputError
            A year without figures (those that have them are named), factors out of range.

        Examples
        --------
        >>> import atrisk as ar
        >>> plan = ar.PayForPerformance.mips(payment_year=2026, scaling_factor=0.25)
        >>> plan.lag_years
        2
        """
        from atrisk.contracts._quality_programmes import made, of_clinicians  # noqa: PLC0415 - keeps the import of atrisk quick

        preset = of_clinicians(payment_year, scaling_factor, exceptional_scaling_factor) | {"measures": measures}
        return made(cls, "mips", preset, terms)

    @classmethod
    def value_based_purchasing(
        cls,
        *,
        fiscal_year: int,
        slope: Uncertain | None = None,
        measures: Mapping[str, MeasureLadder | None] | Sequence[str] = (),
        **terms: Any,  # noqa: ANN401 - terms
    ) -> PayForPerformance:
        """Return hospital value-based purchasing in a fiscal year, as :func:`atrisk.hospital.vbp` settles it.

        The score of the measures, in points of 100, stands for the total performance score, and what the payer pays
        the hospital for base operating payments. The score is that of two years before (recalled), so that the study
        needs two base years; ``lag_years=0`` says that a year's score moves its own payments: the withhold is taken off
        as they are paid, the incentive paid in the settle month. Every year has the terms of this fiscal year.

        Parameters
        ----------
        fiscal_year : int
            Federal fiscal year of the payments, 2013-2026.
        slope : float, optional
            Slope of the year's exchange function, at least 0; needed but in fiscal years 2022 and 2023, when every
            hospital had a factor of 1.
        measures : mapping or sequence of str, default all of the study
            As in :class:`PayForPerformance`.
        **terms
            ``lag_years``, ``minimum_eligible``, ``minimum_measures``, ``settle_month``.

        Raises
        ------
        InputError
            A year without figures, no slope where one is needed.
        """
        from atrisk.contracts._quality_programmes import made, of_hospitals  # noqa: PLC0415 - keeps the import of atrisk quick

        preset = of_hospitals(fiscal_year, slope) | {"measures": measures}
        return made(cls, "value_based_purchasing", preset, terms)

    def to_spec(self) -> dict[str, Any]:
        """Return the specification the core reads."""
        spec = {name: term(getattr(self, name)) for name in (*AT_STAKE, "pool", "budget_neutral", "settle_month")}
        spec |= {name: term(getattr(self, name)) for name in ("minimum_eligible", "minimum_measures")}
        each: object = self.dollars_per_member
        if not isinstance(each, Mapping):
            raise InputError(f"{PLACE}.dollars_per_member", "must map measures to dollars", a(each))
        spec["dollars_per_member"] = {str(name): term(dollars) for name, dollars in each.items()}
        from atrisk.contracts._quality_programmes import written  # noqa: PLC0415 - keeps the import of atrisk quick

        spec |= {"lag_years": term(self.lag_years), "notes": texts(f"{PLACE}.notes", self.notes)}
        spec["payment_adjustment"] = written(self.payment_adjustment)
        return {"pay_for_performance": spec | self._ladders() | {"measures": self._measures()}}

    def _ladders(self) -> dict[str, Any]:
        return {
            "ladder": rungs(f"{PLACE}.ladder", self.ladder),
            "penalty_ladder": rungs(f"{PLACE}.penalty_ladder", self.penalty_ladder),
            "straight_line": flag(f"{PLACE}.straight_line", self.straight_line),
        }

    def _measures(self) -> list[dict[str, Any]]:
        """Return the measures as the core reads them: by a ladder with its weight, or by their own benchmarks."""
        given = self.measures
        if isinstance(given, str) or not isinstance(given, (Mapping, Sequence)):
            rule = "must map names to MeasureLadder or None, or be a list of names"
            raise InputError(f"{PLACE}.measures", rule, a(given))
        if not isinstance(given, Mapping):
            return [{"name": str(name), "ladder": None, "weight": None} for name in given]
        measures: list[dict[str, Any]] = []
        for name, measure in given.items():
            path = f"{PLACE}.measures[{name}]"
            if measure is not None and not isinstance(measure, MeasureLadder):
                raise InputError(path, "must be a MeasureLadder or None", a(measure))
            ladder = None if measure is None else measure.rule(path).terms
            weight = None if measure is None else known_term(f"{path}.weight", measure.weight)
            measures.append({"name": str(name), "ladder": ladder, "weight": weight})
        return measures

    def rule(self, bonus_pmpm: float | None = None) -> Rule:
        """Return the rule of the core before any scaling."""
        if self.pool is not None and (self.bonus_pmpm or self.bonus_rate):
            known = "bonus_pmpm" if self.bonus_pmpm else "bonus_rate"
            raise InputError(f"{PLACE}.pool", f"must be left out where {known} is given", f"{self.pool}")
        terms = {name: known_term(f"{PLACE}.{name}", getattr(self, name)) for name in AT_STAKE}
        if bonus_pmpm is not None:
            terms["bonus_pmpm"] = term(bonus_pmpm)
        terms |= {"returned_scaling": "1", "bonus_scaling": "1"} | self._ladders()
        met = [("met_dollars", 1)] if self.dollars_per_member else []
        waterfall = [("returned", 1), ("bonus", 1), *met, ("withheld", -1), ("penalty", -1), ("net", 1)]
        return Rule("pay_for_performance", terms, PLACE, waterfall)

    def settle(self, frame: object = None, /, **facts: Any) -> Any:  # noqa: ANN401 - facts and frames of the user's kind
        """Settle a year of providers.

        Parameters
        ----------
        frame : data frame, optional
            Providers in rows: a column by the name of each measure (its rate; missing is not available, and the other
            weights count for more), where improving earns ``<measure>_baseline``, and where more than one member must
            be eligible ``<measure>_eligible``; or ``score``, 0-1. ``<measure>_met``, members who meet a measure that
            has dollars for each of them. ``payments`` (dollars) for a withhold, a bonus or a
            penalty that is a part of them, ``member_months`` for a bonus.
        **facts
            The same by name: numbers give a :class:`Statement`, arrays a frame.

        Returns
        -------
        Statement or data frame
            For each measure its share, ``score``, ``share`` of what is at stake, ``withheld``, ``returned``,
            ``bonus_pool``, ``bonus``, ``penalty_share``, ``penalty`` and ``net``, dollars; net is above 0 where the
            provider gains.

        Raises
        ------
        InputError
            Terms or values out of range, missing columns (all named); one provider alone where money is split over all.
        """
        self._check()
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

    def _check(self) -> None:
        """Refuse terms that cannot settle a user's own figures."""
        if self.payment_adjustment is not None or self.lag_years:
            known = "lag_years" if self.payment_adjustment is None else "payment_adjustment"
            hint = "ar.mips.adjustment and ar.hospital.vbp settle the programmes of Medicare"
            raise InputError(f"{PLACE}.{known}", "must be left out where own figures are settled", None, hint)
        check_measures(PLACE, self.measures)
        whole(f"{PLACE}.minimum_eligible", self.minimum_eligible, 1, MOST_ELIGIBLE)
        whole(f"{PLACE}.minimum_measures", self.minimum_measures, 1, MOST_MEASURES)
        flag(f"{PLACE}.budget_neutral", self.budget_neutral)
        for name, dollars in self.dollars_per_member.items():
            if plain(path := f"{PLACE}.dollars_per_member[{name}]", dollars) < 0:
                raise InputError(path, "must be at least 0", f"{dollars:g}")
        if self.pool is not None and plain(f"{PLACE}.pool", self.pool) < 0:
            raise InputError(f"{PLACE}.pool", "must be dollars of at least 0", f"{self.pool:g}")
        _ = self.rule().core

    def _statement(self, facts: dict[str, object]) -> Statement:
        """Settle one provider line by line."""
        if self.budget_neutral or self.pool is not None:
            raise InputError(PLACE, "must be given all providers at once: what one earns depends on the others")
        table = frames.read_frame(PLACE, {name: [value] for name, value in facts.items()})
        lines = self._scored(table)
        given = {name: facts[name] for name in self._dollars()}
        given |= {name: met[0] for name, met in self._met_dollars(table).items()}
        settled = self.rule().statement(score=lines.pop("score").item(), **given)
        shares = [
            Line(name, "share its ladder gives", Decimal(repr(float(value[0]))).normalize(), "rate")
            for name, value in lines.items()
            if not np.isnan(value[0])
        ]
        return replace(settled, lines=[*shares, *settled.lines])

    def _dollars(self) -> list[str]:
        """Return the columns of dollars that the terms need."""
        of_payments = self.withhold_rate or self.bonus_rate or self.penalty_rate
        needs = (of_payments, self.bonus_pmpm or self.pool is not None)
        return [name for name, needed in zip(DOLLARS, needs, strict=True) if needed]

    def _eligible(self) -> list[str]:
        """Return the columns of eligible members that the terms need."""
        return [f"{name}_eligible" for name in self.measures] if self.minimum_eligible > 1 else []

    def _met(self) -> list[str]:
        """Return the columns of members who meet measures that the terms need."""
        return [f"{name}_met" for name in self.dollars_per_member]

    def _met_dollars(self, table: pd.DataFrame) -> dict[str, NDArray[np.float64]]:
        """Return the dollars for members who meet measures, where there are any."""
        if not self.dollars_per_member:
            return {}
        met = {name: frames.known_numbers(PLACE, table, f"{name}_met", 0.0, 1e9) for name in self.dollars_per_member}
        each = {name: plain(f"{PLACE}.dollars_per_member[{name}]", self.dollars_per_member[name]) for name in met}
        return {"met_dollars": np.round(sum((each[name] * met[name] for name in met), np.zeros(len(table))), 2)}

    def _scored(self, table: pd.DataFrame) -> dict[str, NDArray[np.float64]]:
        """Return the share of each measure, and the score."""
        frames.need(PLACE, table, [*(self.measures or ["score"]), *self._eligible(), *self._met(), *self._dollars()])
        if self.measures:
            least = (int(self.minimum_eligible), int(self.minimum_measures))
            return scored(PLACE, check_measures(PLACE, self.measures), table, least)
        score = frames.numbers(PLACE, table, "score", 0.0, 1.0)
        frames.refuse_missing(PLACE, "score", score)
        return {"score": score}

    def _refuse_unknown(self, facts: Mapping[str, object]) -> None:
        baselines = [f"{name}_baseline" for name in self.measures]
        known = [*(self.measures or ["score"]), *baselines, *self._eligible(), *self._met(), *DOLLARS]
        unknown = [name for name in facts if name not in known]
        if unknown:
            raise InputError(f"{PLACE}.{unknown[0]}", f"must be one of {', '.join(known)}", "an unknown fact")

    def _scaled(self, score: NDArray[np.float64], table: pd.DataFrame) -> dict[str, NDArray[np.float64]]:
        """Settle all providers, and where money is split over them a second time with what makes it add up."""
        facts = {"score": score} | self._met_dollars(table)
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
