"""Scores of value-based purchasing: measures into domains, domains into a total."""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from atrisk import _frames as frames
from atrisk._errors import InputError
from atrisk._figures import Year, note
from atrisk.rules._rule import Rule

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray

PLACE = "hospital.vbp"
LINES = ("achievement", "improvement", "consistency")
RATES = ("performance", "baseline", "threshold", "benchmark", "floor")


class Scores(NamedTuple):
    """Scores of all hospitals, and what is not sure about them."""

    measures: pd.DataFrame
    domains: pd.DataFrame
    hospitals: pd.DataFrame
    notes: list[str]
    confidences: list[str]


@cache
def _file(name: str) -> pd.DataFrame:
    import pandas as pd  # noqa: PLC0415 - keeps the import of atrisk quick

    with files("atrisk.hospital").joinpath(name).open("rb") as stream:
        return pd.read_csv(stream)


def measure_points(figures: Year) -> Rule:
    """Return the rule that gives a measure its points."""
    lines = {line: {part: figures[f"{line}_{part}"] for part in ("factor", "added", "least", "most")} for line in LINES}
    terms = {**lines, "at_benchmark": figures["at_benchmark"]}
    return Rule("measure_points", terms, PLACE)


def score(table: pd.DataFrame, fiscal_year: int, figures: Year) -> Scores:
    """Score measures, domains and hospitals."""
    domains, notes, confidences = _domains_of(fiscal_year)
    measures, more, sure = _known_measures(table, fiscal_year, domains)
    measures = _points(measures, figures)
    scored = _domain_scores(_units(measures), measures, domains, figures.number("at_benchmark"))
    hospitals = _totals(scored, measures["facility_id"].unique(), figures.number("minimum_domains"))
    kept = ["facility_id", "domain", "measure", "achievement_points", "improvement_points", "measure_score"]
    return Scores(measures[kept], scored, hospitals, notes + more, confidences + sure)


def _domains_of(fiscal_year: int) -> tuple[pd.DataFrame, list[str], list[str]]:
    """Return the domains of a year, and notes on those that are not read."""
    rows = _file("vbp_domains.csv")
    rows = rows[(rows["first_year"] <= fiscal_year) & (fiscal_year <= rows["last_year"])].set_index("domain")
    unsure = rows[rows["confidence"] != "read"]
    said = unsure.groupby(["source", "confidence"])["weight"].count()
    notes = [note("weights and minima of domains", *each) for each in said.index]
    return rows, notes, rows["confidence"].tolist()


def _known_measures(
    table: pd.DataFrame, fiscal_year: int, domains: pd.DataFrame
) -> tuple[pd.DataFrame, list[str], list[str]]:
    """Return measures with their rates, completed from the year's national figures."""
    known = _file("vbp_measures.csv")
    known = known[known["fiscal_year"] == fiscal_year].set_index("measure")
    complete = set(table["measure"]) <= set(known.index) if "measure" in table.columns else False
    needed = ["facility_id", "measure", "performance"]
    frames.need(PLACE, table, needed if complete else [*needed, "domain", "threshold", "benchmark"])
    table = table.assign(facility_id=table["facility_id"].astype(str))
    frames.once(PLACE, table, ["facility_id", "measure"])
    for name in RATES:
        given = frames.numbers(PLACE, table, name, -1e6, 1e6)
        national = known[name].reindex(table["measure"]).to_numpy() if name in known.columns else np.nan
        table[name] = np.where(np.isnan(given), national, given)
    for name in ("domain", "combined_as"):
        national = known[name].reindex(table["measure"]).to_numpy(dtype=object)
        table[name] = table[name].where(table[name].notna(), national) if name in table.columns else national
    _check(table, domains)
    table["measure_weight"] = frames.numbers(PLACE, table, "weight", 0.0, 1e9)
    table["combined_score"] = frames.numbers(PLACE, table, "combined_score", 0.0, 10.0)
    return _with_enough_cases(table, known)


def _check(table: pd.DataFrame, domains: pd.DataFrame) -> None:
    """Refuse domains that the year does not have, and measures whose points cannot be computed."""
    unknown = ~table["domain"].isin(domains.index).to_numpy()
    if unknown.any():
        row = int(np.flatnonzero(unknown)[0])
        rule = f"must be one of {', '.join(domains.index)}"
        raise InputError(f"{PLACE}.domain[{row}]", rule, f"{table['domain'][row]} for {table['measure'][row]}")
    for name in ("threshold", "benchmark"):
        frames.refuse_missing(PLACE, name, table[name].to_numpy())
    equal = np.flatnonzero(table["threshold"] == table["benchmark"])
    if len(equal):
        rule = "must differ from threshold: its side says whether more is better"
        raise InputError(f"{PLACE}.benchmark[{equal[0]}]", rule, f"{table['benchmark'][equal[0]]:g}")
    consistent = table["domain"].map(domains["consistency_points"]) > 0
    frames.refuse_missing(PLACE, "floor", table["floor"].where(consistent, 0.0).to_numpy())


def _with_enough_cases(table: pd.DataFrame, known: pd.DataFrame) -> tuple[pd.DataFrame, list[str], list[str]]:
    """Leave out measures without a performance, and where cases are given, with too few of them."""
    available = table["performance"].notna()
    notes, confidences = [], known["confidence"].tolist()
    if "cases" in table.columns:
        cases = frames.numbers(PLACE, table, "cases", 0.0, 1e12)
        minimum = known["minimum_cases"].reindex(table["measure"]).fillna(0).to_numpy()
        available &= np.nan_to_num(cases) >= minimum
        confidences += known["minimum_cases_confidence"].tolist()
        shown = ", ".join(f"{name} {cases}" for name, cases in known["minimum_cases"].items())
        notes = [note(f"minimum_cases {shown}", "42 CFR 412.165", "recalled")] if len(known) else []
    return table[available].reset_index(drop=True), notes, confidences


def _points(measures: pd.DataFrame, figures: Year) -> pd.DataFrame:
    """Give every measure its points."""
    facts: dict[str, NDArray[np.float64]] = {name: measures[name].to_numpy(dtype=np.float64) for name in RATES}
    for name in ("baseline", "floor"):
        facts[f"has_{name}"] = (~np.isnan(facts[name])).astype(np.float64)
        facts[name] = np.nan_to_num(facts[name])
    return measures.assign(**measure_points(figures).columns(facts))


def _units(measures: pd.DataFrame) -> pd.DataFrame:
    """Return what a domain counts: measures, and those that are combined as one of them."""
    unit = measures["combined_as"].where(measures["combined_as"].notna(), measures["measure"])
    measures = measures.assign(unit=unit)
    several = measures.duplicated(["facility_id", "unit"], keep=False)
    combined = measures[several]
    without = combined["combined_score"].isna() & ~(combined["measure_weight"] > 0)
    if without.any():
        row = combined[without].iloc[0]
        rule = f"must be given (predicted infections) where several measures make up {row['unit']}"
        raise InputError(f"{PLACE}.weight", rule, f"none for {row['measure']} of {row['facility_id']}")
    weighted = combined.assign(part=combined["measure_score"] * combined["measure_weight"])
    sums = weighted.groupby(["facility_id", "domain", "unit"], sort=False).agg(
        part=("part", "sum"), weight=("measure_weight", "sum"), published=("combined_score", "first")
    )
    # A combined score is a whole number of points, halves rounded up; a hair below a half is one.
    computed = np.floor(sums["part"] / sums["weight"].where(sums["weight"] > 0) + 0.5 + 1e-9)
    both = sums.assign(measure_score=sums["published"].fillna(computed)).reset_index()
    kept = ["facility_id", "domain", "unit", "measure_score"]
    import pandas as pd  # noqa: PLC0415 - keeps the import of atrisk quick

    return pd.concat([measures.loc[~several, kept], both[kept]], ignore_index=True)


def _domain_scores(
    units: pd.DataFrame, measures: pd.DataFrame, domains: pd.DataFrame, at_benchmark: float
) -> pd.DataFrame:
    """Return the score of each domain of each hospital: points, of those that the available measures could give."""
    keys = ["facility_id", "domain"]
    scored = units.groupby(keys)["measure_score"].agg(measures="count", points="sum").reset_index()
    lowest = measures.groupby(keys)["consistency_points"].min().reset_index()
    scored = scored.merge(lowest, on=keys).merge(domains, left_on="domain", right_index=True)
    consistent = scored["consistency_points_y"]
    scored["consistency_points"] = scored["consistency_points_x"].where(consistent > 0, 0.0)
    possible = at_benchmark * scored["measures"] + consistent
    score = 100.0 * (scored["points"] + scored["consistency_points"]) / possible
    scored["score"] = score.where(scored["measures"] >= scored["minimum_measures"])
    available = scored["weight"].where(scored["score"].notna(), 0.0)
    total = available.groupby(scored["facility_id"]).transform("sum")
    scored["weight"] = available / total.where(total > 0)
    scored["weighted_score"] = scored["score"] * scored["weight"]
    kept = [*keys, "measures", "points", "consistency_points", "score", "weight", "weighted_score"]
    return scored[kept].sort_values(keys, ignore_index=True)


def _totals(scored: pd.DataFrame, facilities: NDArray[np.object_], minimum_domains: float) -> pd.DataFrame:
    """Return the total performance score of each hospital that has enough domains."""
    by = scored.groupby("facility_id").agg(domains=("score", "count"), total=("weighted_score", "sum"))
    by = by.reindex(sorted(facilities))
    total = by["total"].where(by["domains"] >= minimum_domains)
    return by.assign(total_performance_score=total).drop(columns="total").reset_index()
