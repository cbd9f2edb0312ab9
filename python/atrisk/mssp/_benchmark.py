"""Historical benchmarks of the Medicare Shared Savings Program, reckoned again from published base years.

The benchmark of a person-year is::

    Σ type  share[type, base year 3] × Σ year  weight[year] × per_capita[type, year] × trend[type, year]
                                               × risk_score[type, base year 3] / risk_score[type, year]

over the enrolment types (end-stage renal disease, disabled, aged with and without dual status) and base years 1-3; the
trend of base year 3 is 1. Weights, and whether trends are those of the nation, follow from the number and start of the
agreement period (``historical_benchmark_rules.csv``).
"""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING, Any

import numpy as np

from atrisk._errors import InputError
from atrisk._frames import read_frame
from atrisk.mssp._rounding import rounding_sd
from atrisk.mssp._tables import table

if TYPE_CHECKING:
    from collections.abc import Iterable

    import pandas as pd
    from numpy.typing import NDArray

TYPES = ("esrd", "disabled", "aged_dual", "aged_non_dual")
TRENDED = (1, 2)
BASE_YEARS = (1, 2, 3)
COHORT = ["performance_year", "agreement_start", "rule"]
#: Trends of (type, base year) in the order of the columns of the least squares.
TERMS = [(kind, year) for kind in TYPES for year in TRENDED]
#: ACOs for each trend of a cohort: with fewer, trends would fit chance.
FEWEST_PER_TREND = 2
FEWEST = FEWEST_PER_TREND * len(TERMS)


def benchmark(frame: pd.DataFrame, *, trends: pd.DataFrame | None = None) -> pd.DataFrame:
    """Reckon the historical benchmark of every ACO again.

    National trends are not in the files. All ACOs of one performance year whose agreement period began on the same day
    share them, so the trends of :func:`benchmark_trends`, two for each enrolment type, are estimated from the published
    benchmarks of all of them together; every other figure is the ACO's own.

    Parameters
    ----------
    frame : pandas.DataFrame
        Rows of :func:`read_puf`, of one year or more. To estimate trends it must be whole, not a choice of ACOs.
    trends : pandas.DataFrame, optional
        Trends to use in place of those that ``frame`` gives, as :func:`benchmark_trends` returns them.

    Returns
    -------
    pandas.DataFrame
        One row for each row of ``frame``, on its index:

        - ``aco_id``, ``performance_year``, ``agreement_start``: which ACO and agreement period
        - ``historical_benchmark``: as reckoned here, dollars of a person-year; missing where it cannot be
        - ``historical_benchmark_published``: as published, dollars of a person-year
        - ``residual``: reckoned / published − 1
        - ``residual_left_out``: the same with trends estimated without this ACO; missing with ``trends`` given
        - ``rounding_sd``: standard deviation of the residual that the rounding of published figures alone gives
        - ``reason``: why it cannot be reckoned, None where it is

    Raises
    ------
    InputError
        If the frame lacks columns (all are named).

    Notes
    -----
    Published figures are rounded: dollars to 1, and in the files since 2016 risk scores to 0.001 and person-years to 1.
    That explains the residuals. Their standard deviation is 0.003 % in the file of 2014 and 0.02-0.03 % in those of
    2016, 2017 and 2021, which is 1.1 times ``rounding_sd``. Since July 2019 trends blend the nation's with those of the
    ACO's own counties, and the benchmark holds a regional adjustment; neither can be reckoned from the files.

    Source: 42 CFR 425.602, 425.603, 425.601 and 425.652.
    """
    import pandas as pd  # noqa: PLC0415 - keeps the import of atrisk quick

    # By position: several files one below the other have no index of their own.
    index = getattr(frame, "index", None)
    frame = read_frame("mssp.benchmark", frame)
    cohorts = _cohorts(frame)
    estimated = benchmark_trends(frame) if trends is None else trends
    reckoned = pd.Series(np.nan, index=frame.index)
    reason = cohorts["reason"].copy()
    for cohort, rows in _groups(cohorts):
        values = _trends_of(estimated, cohort)
        if values is None:
            reason[rows] = f"fewer than {FEWEST} ACOs of its start to estimate {len(TERMS)} trends from"
            continue
        reckoned[rows] = cohorts.loc[rows, "fixed"] + cohorts.loc[rows, _names()].to_numpy() @ values
    published = frame["historical_benchmark"].astype("float64")
    left_out = _left_out(cohorts, published, reckoned) if trends is None else np.nan
    return pd.DataFrame(
        {
            "aco_id": frame["aco_id"],
            "performance_year": frame["performance_year"],
            "agreement_start": frame["agreement_start"],
            "historical_benchmark": reckoned,
            "historical_benchmark_published": published,
            "residual": reckoned / published - 1.0,
            "residual_left_out": left_out,
            "rounding_sd": cohorts["rounding_sd"].where(reckoned.notna()),
            "reason": reason,
        },
    ).set_axis(frame.index if index is None else index)


def benchmark_trends(frame: pd.DataFrame) -> pd.DataFrame:
    """Estimate the national trends that lead base years 1 and 2 to base year 3.

    Least squares of relative differences from the published benchmarks, in units of what rounding makes of them, one
    trend for each performance year, start of the agreement period, enrolment type and base year.

    Parameters
    ----------
    frame : pandas.DataFrame
        Rows of :func:`read_puf`, of one year or more, all ACOs of each.

    Returns
    -------
    pandas.DataFrame
        - ``performance_year``, ``agreement_start``: whose trends; ``rule``: row of ``historical_benchmark_rules.csv``
        - ``enrolment_type``: "esrd", "disabled", "aged_dual" or "aged_non_dual"
        - ``base_year``: 1 or 2
        - ``trend``: growth factor to base year 3, a ratio
        - ``acos``: number of ACOs it is estimated from, 16 or more

    Raises
    ------
    InputError
        If the frame lacks columns (all are named).

    Notes
    -----
    Trends of types with few members (end-stage renal disease) are uncertain, the benchmarks they lead to are not.
    """
    import pandas as pd  # noqa: PLC0415 - keeps the import of atrisk quick

    cohorts = _cohorts(frame)
    estimates = []
    for cohort, rows in _groups(cohorts):
        design, target = _equations(cohorts.loc[rows], frame.loc[rows, "historical_benchmark"])
        if len(target) < FEWEST:
            continue
        trends, *_ = np.linalg.lstsq(design, target, rcond=None)
        estimates += [
            dict(zip(COHORT, cohort, strict=True))
            | {"enrolment_type": kind, "base_year": year, "trend": float(trend), "acos": len(target)}
            for (kind, year), trend in zip(TERMS, trends, strict=True)
        ]
    return pd.DataFrame(estimates, columns=[*COHORT, "enrolment_type", "base_year", "trend", "acos"])


def _names() -> list[str]:
    return [f"{kind} {year}" for kind, year in TERMS]


def _cohorts(frame: pd.DataFrame) -> pd.DataFrame:
    """Return each ACO's rule, what its trends multiply, the part without trend, and why it has none."""
    import pandas as pd  # noqa: PLC0415 - keeps the import of atrisk quick

    _need(frame)
    rule, reason = _rules(frame)
    person_years = frame[[f"person_years_{kind}_base_year_3" for kind in TYPES]].fillna(0.0).to_numpy()
    total = person_years.sum(axis=1)
    shares = np.divide(person_years, total[:, None], out=np.full_like(person_years, np.nan), where=total[:, None] > 0.0)
    columns: dict[str, Any] = {}
    fixed = _adjustment(frame, rule)
    for position, kind in enumerate(TYPES):
        for year in BASE_YEARS:
            weighted = _weight(rule, year) * shares[:, position] * _at_base_year_3(frame, kind, year)
            # A type without members counts nothing, whatever is missing of it.
            product = np.where(shares[:, position] == 0.0, 0.0, weighted)
            if year in TRENDED:
                columns[f"{kind} {year}"] = product
            else:
                fixed = fixed + product
    parts = pd.DataFrame(columns, index=frame.index)
    missing = parts.isna().any(axis="columns") | np.isnan(fixed)
    reason = reason.mask(reason.isna() & missing, "a figure of its base years is missing")
    keys = {name: frame[name] for name in COHORT if name != "rule"}
    rounding = pd.Series(np.nan, index=frame.index)
    for rows in frame.groupby("performance_year").groups.values():
        rounding[rows] = rounding_sd(frame.loc[rows], parts.loc[rows], TYPES)
    return pd.DataFrame(keys | {"rule": rule, "reason": reason, "fixed": fixed, "rounding_sd": rounding}).join(parts)


def _rules(frame: pd.DataFrame) -> tuple[pd.Series[int], pd.Series[str]]:
    """Return the row of the rules that holds for each ACO, -1 for none, and the reason for none."""
    import pandas as pd  # noqa: PLC0415 - keeps the import of atrisk quick

    number, start = _agreement_number(frame), frame["agreement_start"]
    rule = pd.Series(-1, index=frame.index)
    reason = pd.Series("the number or start of its agreement period is unknown", index=frame.index, dtype=object)
    for position, row in enumerate(table("historical_benchmark_rules.csv")):
        last_number = float(row["agreement_to"] or "inf")
        last_start = pd.Timestamp(row["last_start"]) if row["last_start"] else pd.Timestamp.max
        holds = number.between(float(row["agreement_from"]), last_number)
        holds &= start.between(pd.Timestamp(row["first_start"]), last_start)
        if row["trend"] == "national":
            rule[holds], reason[holds] = position, None
        else:
            reason[holds] = "trends of the region and the regional adjustment by enrolment type are not published"
    return rule, reason


def _agreement_number(frame: pd.DataFrame) -> pd.Series[float]:
    """Return the number of the agreement period; years without any number or kind know only the first."""
    number, kind = frame["agreement_number"], frame["agreement_kind"]
    told = (number.notna() | kind.notna()).groupby(frame["performance_year"]).transform("any")
    initial = kind.astype("string").str.lower().eq("initial").fillna(value=False)
    return number.mask(number.isna() & (initial | ~told), 1.0)


def _weight(rule: pd.Series[int], year: int) -> NDArray[np.float64]:
    weights = [float(Fraction(row[f"weight_base_year_{year}"])) for row in table("historical_benchmark_rules.csv")]
    return np.append(weights, np.nan)[rule.to_numpy()]


def _at_base_year_3(frame: pd.DataFrame, kind: str, year: int) -> NDArray[np.float64]:
    """Return per-capita spending of a base year at the risk of base year 3."""
    risk = frame[f"risk_score_{kind}_base_year_3"] / frame[f"risk_score_{kind}_base_year_{year}"]
    return (frame[f"per_capita_{kind}_base_year_{year}"] * risk).to_numpy("float64")


def _adjustment(frame: pd.DataFrame, rule: pd.Series[int]) -> NDArray[np.float64]:
    """Return the prior savings adjustment where the rule has one."""
    has = np.array([row["adjustment"] == "prior_savings" for row in table("historical_benchmark_rules.csv")] + [False])
    return np.where(has[rule.to_numpy()], frame["prior_savings_adjustment"].fillna(0.0), 0.0)


def _groups(cohorts: pd.DataFrame) -> Iterable[tuple[tuple[Any, ...], pd.Index[Any]]]:
    for cohort, rows in cohorts[cohorts["reason"].isna()].groupby(COHORT):
        yield cohort, rows.index


def _equations(rows: pd.DataFrame, published: pd.Series[float]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return design and target of the least squares: relative to the published benchmark, in units of rounding."""
    known = published.notna()
    divisor = (published[known] * rows.loc[known, "rounding_sd"]).to_numpy("float64")
    design = rows.loc[known, _names()].to_numpy("float64") / divisor[:, None]
    return design, (published[known] - rows.loc[known, "fixed"]).to_numpy("float64") / divisor


def _trends_of(trends: pd.DataFrame, cohort: tuple[Any, ...]) -> NDArray[np.float64] | None:
    chosen = trends[(trends[COHORT] == list(cohort)).all(axis="columns")]
    if chosen.empty:
        return None
    return chosen.set_index(["enrolment_type", "base_year"])["trend"].loc[TERMS].to_numpy("float64")


def _left_out(cohorts: pd.DataFrame, published: pd.Series[float], reckoned: pd.Series[float]) -> pd.Series[float]:
    """Return the residuals that trends estimated without the ACO itself would leave: r / (1 − leverage)."""
    residual = reckoned / published - 1.0
    for _, rows in _groups(cohorts):
        known = rows[residual[rows].notna()]
        if not len(known):
            continue
        design, _ = _equations(cohorts.loc[known], published[known])
        leverage = np.einsum("ij,ji->i", design, np.linalg.pinv(design))
        residual[known] /= 1.0 - leverage
    return residual


def _need(frame: pd.DataFrame) -> None:
    of_types = [
        f"{what}_{kind}_base_year_{year}"
        for what in ("per_capita", "risk_score", "person_years")
        for kind in TYPES
        for year in (BASE_YEARS if what != "person_years" else (3,))
    ]
    own = ["aco_id", "performance_year", "agreement_number", "agreement_kind", "agreement_start"]
    needed = [*own, "historical_benchmark", "prior_savings_adjustment", *of_types]
    missing = [name for name in needed if name not in frame.columns]
    if missing:
        raise InputError("benchmark.frame", "must have the columns of read_puf()", f"no {', '.join(missing)}")
