"""Person-years of the RAND Health Insurance Experiment by plan."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from atrisk._errors import InputError
from atrisk.claims._report import NOTED, SET_ASIDE, ClaimsReport
from atrisk.person_years import Line, PersonYears

if TYPE_CHECKING:
    import pandas as pd

PATH = "claims.rand_person_years"
TABLE = "person-years"
COUNTED = {
    "physician visits": ("physician_visits", "outpatient_dollars"),
    "psychotherapy": ("psychotherapy_visits", "psychotherapy_dollars"),
    "admissions": ("admissions", "inpatient_dollars"),
}
DOLLARS_ONLY = {"drugs": "drug_dollars", "supplies": "supply_dollars"}
NO_CHARGES = "inpatient_charges_missing"
FREE = "free"


def rand_person_years(
    *,
    coinsurance_percent: int | None = None,
    individual_deductible: int | None = None,
    full_years: bool = True,
) -> PersonYears:
    """Return the person-years of :func:`atrisk.datasets.rand_hie` with its service lines.

    Events are counted of physician visits (with all outpatient dollars but psychotherapy, drugs and supplies),
    psychotherapy and admissions; of drugs and supplies the dollars alone are known. Dollars are those of the 1970s.

    Parameters
    ----------
    coinsurance_percent : int, optional
        The family's share, percent: 0, 25, 50, 95 or 100. By default all.
    individual_deductible : int, optional
        1 for plans with a deductible for each person, 0 for others. By default both. The free plan is
        ``coinsurance_percent=0, individual_deductible=0``.
    full_years : bool, default True
        Only years in which the person was eligible throughout; otherwise ``member_months`` are 12 times the share.

    Returns
    -------
    PersonYears
        With the columns of the data that are no events or dollars, and ``plan_name``: "free", "25 %",
        "individual deductible, 100 %" and so on, by the two columns that tell plans apart. ``report`` counts years set
        aside, years with dollars but no event of a line, and those with missing inpatient charges.

    Raises
    ------
    InputError
        If no plan is so.

    Examples
    --------
    >>> import atrisk as ar
    >>> len(ar.claims.rand_person_years(coinsurance_percent=0, individual_deductible=0))
    6811
    """
    from atrisk.datasets import rand_hie  # noqa: PLC0415 - read where it is asked for

    table = _chosen(rand_hie(), coinsurance_percent, individual_deductible)
    report = ClaimsReport()
    report.source(TABLE, table)
    partial = (table["enrolled_share"] < 1.0) if full_years else (table["enrolled_share"] <= 0.0)
    members = table["person_id"].to_numpy()
    report.add(TABLE, "not the whole year", SET_ASIDE, partial.to_numpy(), "left out", members=members)
    _tell(table, ~partial.to_numpy(), report)
    report.forget()
    kept = table[~partial]
    return PersonYears(
        frame=_frame(kept), lines=tuple(Line(name, name in COUNTED) for name in _dollars()), report=report
    )


def plan_names(table: pd.DataFrame) -> pd.Series[str]:
    """Name each row's plan by its coinsurance and whether it has an individual deductible."""
    percent = table["coinsurance_percent"].astype(int).astype(str) + " %"
    plain = percent.where(table["coinsurance_percent"] != 0, FREE)
    return plain.where(table["individual_deductible"] == 0, "individual deductible, " + percent)


def _dollars() -> dict[str, str]:
    return {name: dollars for name, (_, dollars) in COUNTED.items()} | DOLLARS_ONLY


def _chosen(table: pd.DataFrame, percent: int | None, deductible: int | None) -> pd.DataFrame:
    for name, value in (("coinsurance_percent", percent), ("individual_deductible", deductible)):
        if value is not None:
            known = sorted(int(each) for each in table[name].unique())
            if isinstance(value, bool) or value not in known:
                raise InputError(f"{PATH}.{name}", f"must be one of {', '.join(map(str, known))}", repr(value))
            table = table[table[name] == value]
    if table.empty:
        given = f"{percent} % with individual_deductible {deductible}"
        raise InputError(PATH, "must be a plan of the experiment", given, "see docs/datasets.md for the plans")
    return table.reset_index(drop=True)


def _tell(table: pd.DataFrame, kept: np.ndarray[tuple[int], np.dtype[np.bool_]], report: ClaimsReport) -> None:
    members = table["person_id"].to_numpy()
    for name, (events, dollars) in COUNTED.items():
        cents = np.round(table[dollars].to_numpy() * 100).astype(np.int64)
        rows = kept & (table[events].to_numpy() == 0) & (cents > 0)
        done = "kept: dollars of a line without an event in the year"
        report.add(TABLE, f"{name}: dollars without an event", NOTED, rows, done, cents=cents, members=members)
    rows = kept & (table[NO_CHARGES].to_numpy() == 1)
    done = "kept: admissions count, with the dollars that are known"
    report.add(TABLE, "inpatient charges missing", NOTED, rows, done, members=members)


def _frame(table: pd.DataFrame) -> pd.DataFrame:
    import pandas as pd  # noqa: PLC0415 - keeps the import of atrisk quick

    columns = {
        "member_id": table["person_id"].astype(str).to_numpy(dtype=object),
        "year": table["year"].to_numpy(),
        "age": table["age"].to_numpy(),
        "sex": table["sex"].to_numpy(dtype=object),
        "risk_score": np.ones(len(table)),
        "member_months": 12.0 * table["enrolled_share"].to_numpy(),
    }
    for name, dollars in _dollars().items():
        line = Line(name, name in COUNTED)
        if line.counted:
            columns[line.events] = table[COUNTED[name][0]].to_numpy(dtype=np.int64)
        columns[line.dollars] = table[dollars].to_numpy()
    columns["plan_name"] = plan_names(table).to_numpy(dtype=object)
    used = {"person_id", "year", "age", "sex", "enrolled_share", "medical_dollars", *_dollars().values()}
    used |= {events for events, _ in COUNTED.values()}
    columns |= {name: table[name].to_numpy() for name in table.columns if name not in used}
    return pd.DataFrame(columns).sort_values(["member_id", "year"], kind="stable", ignore_index=True)
