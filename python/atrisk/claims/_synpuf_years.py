"""Person-years of DE-SynPUF: which are kept, which stays are theirs, and their columns."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from atrisk._errors import InputError
from atrisk.claims._dates import UNKNOWN, as_times
from atrisk.claims._report import CENTS, KEPT, NOTED, SET_ASIDE, ClaimsReport
from atrisk.claims._synpuf_tables import TWELVE, Beneficiaries, Stays, times
from atrisk.claims._texts import together
from atrisk.person_years import Line

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray

BENEFICIARIES, INPATIENT = "beneficiaries", "inpatient"
LINES = (Line("inpatient", counted=True), Line("outpatient", counted=False), Line("carrier", counted=False))
DOLLARS_ONLY = {"outpatient": "OP", "carrier": "CAR"}
SECOND = "second segment of a claim"
LEFT_OUT = "the person-year is left out"
MIDDLE = 7


def kept_years(people: Beneficiaries, report: ClaimsReport, *, keep_hmo: bool) -> NDArray[np.bool_]:
    """Return the person-years that can be used; the dollars told are outpatient's and carrier's."""
    known = np.array([isinstance(sex, str) for sex in people.sex], dtype=bool)
    cents = people.spent("OP") + people.spent("CAR")
    negative = (people.spent("OP") < 0) | (people.spent("CAR") < 0)
    free = np.ones(len(people.year), dtype=bool)
    reasons = {
        "sex or birth date unknown": ~known | (people.birth == UNKNOWN),
        "no month in both Part A and B": people.months == 0,
        "HMO months": people.hmo > 0,
        "dollars of the year below zero": negative,
    }
    if keep_hmo:
        del reasons["HMO months"]
        report.add(
            BENEFICIARIES,
            "HMO months",
            NOTED,
            people.hmo > 0,
            "kept, as asked for",
            cents=cents,
            members=people.member.codes,
        )
    for problem, wrong in reasons.items():
        report.add(BENEFICIARIES, problem, SET_ASIDE, wrong & free, LEFT_OUT, cents=cents, members=people.member.codes)
        free &= ~wrong
    if not free.any():
        raise InputError("claims.synpuf.beneficiaries", "must have a year that can be used", "none")
    return free


def placed_stays(
    people: Beneficiaries, stays: Stays, kept: NDArray[np.bool_], report: ClaimsReport
) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
    """Return the person-year of each stay, and which stays are used, with the account of their cents."""
    _, member, _ = together(people.member, stays.member)
    known = member < len(people.member.words)
    keys = people.member.codes * 10_000 + people.year
    order = np.argsort(keys)
    wanted = member * 10_000 + stays.year
    spot = np.minimum(np.searchsorted(keys[order], wanted), len(keys) - 1)
    at = np.where(known & (keys[order][spot] == wanted), order[spot], -1)
    second = np.ones(len(stays.every), dtype=bool)
    second[stays.rows] = False
    _tell_stays(SECOND, second, stays, report)
    free = np.ones(len(at), dtype=bool)
    for problem, wrong in (
        ("beneficiary or year not in the summaries", at < 0),
        ("person-year left out", ~kept[at]),
        ("dollars of the claim below zero", stays.cents < 0),
    ):
        rows = np.zeros(len(stays.every), dtype=bool)
        rows[stays.rows[wrong & free]] = True
        _tell_stays(problem, rows, stays, report)
        free &= ~wrong
    report.account(KEPT, int(free.sum()), int(stays.cents[free].sum()))
    return at, free


def _tell_stays(problem: str, rows: NDArray[np.bool_], stays: Stays, report: ClaimsReport) -> None:
    members = np.full(len(stays.every), -1)
    members[stays.rows] = stays.member.codes
    report.add(INPATIENT, problem, SET_ASIDE, rows, "left out", cents=stays.every, members=members)
    if rows.any():
        report.account(problem, int(rows.sum()), int(stays.every[rows].sum()))


def frame_of(
    people: Beneficiaries, stays: Stays, kept: NDArray[np.bool_], at: NDArray[np.int64], used: NDArray[np.bool_]
) -> pd.DataFrame:
    """Return the kept person-years in columns."""
    import pandas as pd  # noqa: PLC0415 - keeps the import of atrisk quick

    cents = np.zeros(len(kept), dtype=np.int64)
    np.add.at(cents, at[used], stays.cents[used])
    columns: dict[str, Any] = {
        "member_id": people.member.words[people.member.codes],
        "year": people.year,
        "age": _ages(people),
        "sex": people.sex,
        "risk_score": 1.0,
        "member_months": people.months.astype(np.float64),
        "inpatient_events": np.bincount(at[used], minlength=len(kept)),
        "inpatient_dollars": cents / CENTS,
    }
    columns |= {f"{name}_dollars": people.spent(part) / CENTS for name, part in DOLLARS_ONLY.items()}
    table = pd.DataFrame(columns | people.conditions())[kept]
    return table.sort_values(["member_id", "year"], kind="stable", ignore_index=True)


def _ages(people: Beneficiaries) -> NDArray[np.float64]:
    """Return completed years on 1 July."""
    born = as_times(np.where(people.birth == UNKNOWN, 0, people.birth))
    months = born.astype("datetime64[M]").astype(np.int64)
    after_first = born > born.astype("datetime64[M]").astype("datetime64[D]")
    july = (people.year - 1970) * TWELVE + MIDDLE - 1
    ages = np.maximum((july - months - after_first) // TWELVE, 0)
    return np.asarray(ages, dtype=np.float64)


def events_of(people: Beneficiaries, stays: Stays, at: NDArray[np.int64], used: NDArray[np.bool_]) -> pd.DataFrame:
    """Return the stays that are used, a row each."""
    import pandas as pd  # noqa: PLC0415 - keeps the import of atrisk quick

    return pd.DataFrame(
        {
            "member_id": stays.member.words[stays.member.codes[used]],
            "year": people.year[at[used]],
            "service": LINES[0].name,
            "allowed": stays.cents[used] / CENTS,
            "date": times(stays.first[used]),
            "dollars_known": True,
        }
    )
