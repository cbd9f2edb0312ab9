"""Benchmarks of the Medicare Shared Savings Program from an organization's own figures, step by step."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any

from atrisk._errors import InputError
from atrisk._spec import flag, term, text, whole
from atrisk.mssp import _by_type
from atrisk.mssp._dated_terms import notes, rows_of, start_of, terms, value
from atrisk.mssp._tables import table
from atrisk.rules._facts import as_frame
from atrisk.rules._rule import Rule
from atrisk.statement import Line, Statement

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date

    import numpy as np
    from numpy.typing import NDArray

PLACE = "BenchmarkRules"
TERMS = "benchmark_terms.csv"
LAST_AGREEMENT = 99


@dataclass(frozen=True, kw_only=True)
class BenchmarkRules:
    """Rules of a benchmark whose members are of four enrolment types.

    :meth:`preset` reads them for the start of an agreement period; any of them can be given otherwise.

    Parameters
    ----------
    base_year_weights : (float, float, float)
        Weights of base years 1-3, shares that sum to 1.
    regional_weights_lower : sequence of (times, weight)
        Part of the difference to the region that is added where the organization spends less than it, 0-1, from how
        many times an adjustment is applied on.
    regional_weights_higher : sequence of (times, weight)
        Part that is taken where it spends more.
    regional_cap, regional_cap_negative : float
        The most that is added and taken, shares of national spending by type, 0-1.
    regional_offset : bool
        Dual status and risk lessen what is taken, after its cap.
    negative_regional_adjustment : bool
        What is taken over all types is taken; without it, it is left out.
    prior_savings_share : float or None
        Part of mean prior savings that is added, 0-1; None where there is no such adjustment.
    prior_savings_cap : float or None
        The most of it, a share of national spending, 0-1; None for no cap.
    population_cap : float or None
        What the population adjustment is at most with the others, a share of national spending, 0-1; None where there
        is no such adjustment.
    population_floor : float or None
        Share of members with low income from which it is given, 0-1; None for 0.
    risk_cap : float
        Growth of risk that counts in full, 0-1.
    risk_cap_over : "type" or "all"
        The cap is one of each type alone, or of all together above their demographic growth.
    prospective_share : float
        Part of the prospective trend in the update, 0-1.
    prospective_as : "ratio" or "dollars"
        ``prospective_trend`` multiplies the benchmark, or is growth of national spending that is turned into dollars:
        (trend − 1) × national per capita × risk score of base year 3.
    regional_risk_cap : float or None
        Growth of a region's risk that counts in full, 0-1; None for no cap.
    guardrail : bool
        Losses are reckoned again without the prospective trend.
    notes : sequence of str, optional
        What a statement says below its lines.

    Notes
    -----
    Formulas, facts, sources and how sure they are: ``docs/mssp_benchmark.md``.
    """

    base_year_weights: tuple[float, float, float]
    regional_weights_lower: tuple[tuple[float, float], ...]
    regional_weights_higher: tuple[tuple[float, float], ...]
    regional_cap: float
    regional_cap_negative: float
    regional_offset: bool
    negative_regional_adjustment: bool
    prior_savings_share: float | None
    prior_savings_cap: float | None
    population_cap: float | None
    population_floor: float | None
    risk_cap: float
    risk_cap_over: str
    prospective_share: float
    prospective_as: str
    regional_risk_cap: float | None
    guardrail: bool
    notes: tuple[str, ...] = ()

    @classmethod
    def preset(cls, agreement_start: object, agreement_number: int = 1, **changed: Any) -> BenchmarkRules:  # noqa: ANN401 - terms of any kind
        """Return the rules of agreement periods that start on a day.

        Parameters
        ----------
        agreement_start : int, str or date
            The day, or a year: the first day of it that has rules. Known are 1 July 2019 to the end of 2026.
        agreement_number : int, optional
            1 for the first agreement period of the organization, 2 for its second, and so on.
        **changed
            Terms that differ from those of the tables.

        Returns
        -------
        BenchmarkRules
            Its notes name every term that is not read in a text.

        Raises
        ------
        InputError
            If there are no rules for that start (the error lists those there are), or a term is not known.
        """
        start = start_of(f"{PLACE}.agreement_start", TERMS, agreement_start)
        number = whole(f"{PLACE}.agreement_number", agreement_number, 1, LAST_AGREEMENT)
        names = [field.name for field in fields(cls)]
        unknown = [name for name in changed if name not in names]
        if unknown:
            raise InputError(f"{PLACE}.{unknown[0]}", f"must be one of {', '.join(names)}", "an unknown term")
        weights = rows_of("regional_adjustment_weights.csv", start)
        rungs = {
            f"regional_weights_{side}": tuple(
                (float(row["times_applied"]), float(row[f"weight_{side}"])) for row in weights
            )
            for side in ("lower", "higher")
        }
        read = {name: each for name, each in terms(TERMS, start).items() if name in names}
        doubts = [row for row in rows_of(TERMS, start) if row["term"] not in changed]
        known: dict[str, Any] = {"base_year_weights": _base_year_weights(start, number), "notes": notes(doubts)}
        return cls(**(known | rungs | read | changed))

    def settle(self, frame: object = None, /, **facts: Any) -> Any:  # noqa: ANN401 - a frame of the user's kind
        """Compute updated benchmarks from base years.

        Parameters
        ----------
        frame : data frame, optional
            A row for each organization (``aco_id``, and ``performance_year`` where there are several) and
            ``enrolment_type``: "esrd", "disabled", "aged_dual", "aged_non_dual". Facts of the organization stand on all
            of its rows. :meth:`facts` lists the columns.
        **facts
            The same by name for one organization: facts of types as a mapping from type to number, or one number for
            all of them.

        Returns
        -------
        data frame or Statement
            For a frame every line by row, on its index: those of the type, and those of the organization on all of its
            rows. For facts a statement, where names end with their type.

        Raises
        ------
        InputError
            If columns are missing (all are named), a row is missing or there twice, or a number is out of its range.
        """
        return self._settle([self._historical(), self._adjustment(), self._updated()], frame, facts)

    def historical(self, frame: object = None, /, **facts: Any) -> Any:  # noqa: ANN401 - a frame of the user's kind
        """Compute historical benchmarks before adjustments; as :meth:`settle`."""
        return self._settle([self._historical()], frame, facts)

    def adjusted(self, frame: object = None, /, **facts: Any) -> Any:  # noqa: ANN401 - a frame of the user's kind
        """Adjust historical benchmarks that are known, facts ``historical_benchmark``; as :meth:`settle`."""
        return self._settle([self._adjustment()], frame, facts)

    def updated(self, frame: object = None, /, **facts: Any) -> Any:  # noqa: ANN401 - a frame of the user's kind
        """Update adjusted benchmarks that are known, facts ``adjusted_benchmark``; as :meth:`settle`."""
        return self._settle([self._updated()], frame, facts)

    def facts(self) -> Any:  # noqa: ANN401 - a pandas frame, imported late
        """Return the facts of :meth:`settle`: ``fact``, ``unit``, ``of`` what, whether ``needed``, ``meaning``."""
        import pandas as pd  # noqa: PLC0415 - keeps the import of atrisk quick

        rules = [self._historical(), self._adjustment(), self._updated()]
        meanings: dict[str, str] = {}
        for rule in rules:
            for name, _, meaning, _ in rule.core.facts():
                meanings.setdefault(_by_type.base_name(name)[0], meaning)
        rows = [
            (name, fact.unit, "type" if fact.by_type else "organization", fact.default is None, meanings[name])
            for name, fact in _by_type.described(rules, self._needed()).items()
        ]
        return pd.DataFrame(rows, columns=["fact", "unit", "of", "needed", "meaning"])

    def _historical(self) -> Rule:
        weights = [term(weight) for weight in self.base_year_weights]
        return Rule("historical_benchmark", {"base_year_weights": weights}, PLACE)

    def _adjustment(self) -> Rule:
        given = {
            "regional_weights_lower": _rungs("regional_weights_lower", self.regional_weights_lower),
            "regional_weights_higher": _rungs("regional_weights_higher", self.regional_weights_higher),
            "regional_offset": flag(f"{PLACE}.regional_offset", self.regional_offset),
            "negative_regional_adjustment": flag(
                f"{PLACE}.negative_regional_adjustment", self.negative_regional_adjustment
            ),
        }
        of_money = ("regional_cap", "regional_cap_negative", "prior_savings_share", "prior_savings_cap")
        of_people = ("population_cap", "population_floor")
        return Rule("benchmark_adjustment", given | self._terms(*of_money, *of_people), PLACE)

    def _updated(self) -> Rule:
        given = {
            "risk_cap_over": text(f"{PLACE}.risk_cap_over", self.risk_cap_over),
            "prospective_as": text(f"{PLACE}.prospective_as", self.prospective_as),
            "guardrail": flag(f"{PLACE}.guardrail", self.guardrail),
        }
        return Rule(
            "updated_benchmark", given | self._terms("risk_cap", "regional_risk_cap", "prospective_share"), PLACE
        )

    def _terms(self, *names: str) -> dict[str, Any]:
        return {name: term(getattr(self, name)) for name in names}

    def _needed(self) -> frozenset[str]:
        """Return the facts that these terms ask for beyond those every benchmark needs."""
        needed: set[str] = set()
        if self.regional_offset:
            needed |= {"dual_share_base_year_3", "per_capita_base_year_3", "risk_score_base_year_3"}
        if self.population_cap is not None:
            needed |= {"low_income_share"}
        if self.risk_cap_over == "all":
            needed |= {"demographic_score_base_year_3", "demographic_score"}
        if self.regional_risk_cap is not None:
            needed |= {"regional_risk_growth", "regional_risk_growth_all"}
            needed |= {"regional_demographic_growth_all", "market_share_all"}
        if self.prospective_share:
            needed |= {"prospective_trend"}
            needed |= {"national_per_capita"} if self.prospective_as == "dollars" else set()
        return frozenset(needed)

    def _settle(self, rules: Sequence[Rule], frame: object, facts: Mapping[str, object]) -> Any:  # noqa: ANN401 - a frame of the user's kind
        for rule in rules:
            _ = rule.core  # terms first: facts depend on them
        needed = _by_type.described(rules, self._needed())
        if frame is None:
            return self._statement(rules, _by_type.read_facts(PLACE, facts, needed))
        if facts:
            raise InputError(PLACE, "must be given a frame or facts by name", "both")
        cases = _by_type.read_cases(PLACE, frame, needed)
        return as_frame(PLACE, cases.rows(_lines(rules, cases.facts)), frame, {})

    def _statement(self, rules: Sequence[Rule], cases: _by_type.Cases) -> Statement:
        """Return the statements of all rules as one, each line with its source."""
        known = cases.facts | _lines(rules, cases.facts)
        sources = {row["line"]: row["source"] for row in table("benchmark_lines.csv")}
        shown: dict[str, Line] = {}
        for rule in rules:
            computed = {name for name, *_ in rule.core.lines()}
            for line in rule.statement(**{name: values.item() for name, values in known.items()}).lines:
                source = sources[_by_type.base_name(line.line)[0]] if line.line in computed else ""
                shown.setdefault(line.line, line._replace(source=source))
        return Statement(PLACE, list(shown.values()), (), self.notes)


def _lines(rules: Sequence[Rule], facts: Mapping[str, NDArray[np.float64]]) -> dict[str, NDArray[np.float64]]:
    """Return the lines of all rules; what one computes is a fact of the next."""
    lines: dict[str, NDArray[np.float64]] = {}
    for rule in rules:
        lines |= rule.columns(dict(facts) | lines)
    return lines


def _base_year_weights(start: date, number: int) -> tuple[float, ...]:
    rows = rows_of("historical_benchmark_rules.csv", start)
    (row,) = [row for row in rows if int(row["agreement_from"]) <= number <= float(row["agreement_to"] or "inf")]
    return tuple(float(value(row[f"weight_base_year_{year}"]) or 0.0) for year in (1, 2, 3))


def _rungs(name: str, given: object) -> list[dict[str, Any]]:
    rule = "must be pairs (times, weight)"
    try:
        pairs = [tuple(pair) for pair in given]  # type: ignore[attr-defined]
        return [{"from": term(times), "gives": term(weight)} for times, weight in pairs]
    except (TypeError, ValueError):
        raise InputError(f"{PLACE}.{name}", rule, repr(given)) from None
