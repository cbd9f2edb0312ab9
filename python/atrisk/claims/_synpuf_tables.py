"""The two tables of CMS's DE-SynPUF as published, read into columns."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from atrisk._errors import InputError
from atrisk._frames import known_numbers, need, once, read_frame
from atrisk.claims._amounts import read_amounts
from atrisk.claims._dates import UNKNOWN, as_times, read_dates
from atrisk.claims._texts import Texts, read_texts

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray

PATH = "claims.synpuf"
TWELVE = 12
PARTS = ("IP", "OP", "CAR")
BENEFICIARY = (
    "DESYNPUF_ID",
    "BENE_BIRTH_DT",
    "BENE_DEATH_DT",
    "BENE_SEX_IDENT_CD",
    "BENE_HI_CVRAGE_TOT_MONS",
    "BENE_SMI_CVRAGE_TOT_MONS",
    "BENE_HMO_CVRAGE_TOT_MONS",
    *(f"{kind}_{part}" for part in PARTS for kind in ("MEDREIMB", "BENRES", "PPPYMT")),
)
#: Column -> its name here; 1 where a member has the condition, else 0.
CONDITIONS = {
    "SP_ALZHDMTA": "alzheimers",
    "SP_CHF": "heart_failure",
    "SP_CHRNKIDN": "chronic_kidney_disease",
    "SP_CNCR": "cancer",
    "SP_COPD": "copd",
    "SP_DEPRESSN": "depression",
    "SP_DIABETES": "diabetes",
    "SP_ISCHMCHT": "ischemic_heart_disease",
    "SP_OSTEOPRS": "osteoporosis",
    "SP_RA_OA": "arthritis",
    "SP_STRKETIA": "stroke",
}
YES = "1"
INPATIENT = (
    "DESYNPUF_ID",
    "CLM_ID",
    "SEGMENT",
    "CLM_FROM_DT",
    "CLM_THRU_DT",
    "NCH_BENE_DSCHRG_DT",
    "CLM_PMT_AMT",
    "CLM_PASS_THRU_PER_DIEM_AMT",
    "CLM_UTLZTN_DAY_CNT",
    "NCH_PRMRY_PYR_CLM_PD_AMT",
    "NCH_BENE_IP_DDCTBL_AMT",
    "NCH_BENE_PTA_COINSRNC_LBLTY_AM",
    "NCH_BENE_BLOOD_DDCTBL_LBLTY_AM",
    "CLM_DRG_CD",
)
SHARES = (
    "NCH_PRMRY_PYR_CLM_PD_AMT",
    "NCH_BENE_IP_DDCTBL_AMT",
    "NCH_BENE_PTA_COINSRNC_LBLTY_AM",
    "NCH_BENE_BLOOD_DDCTBL_LBLTY_AM",
)


@dataclass(eq=False)
class Beneficiaries:
    """A row for each beneficiary and year."""

    frame: pd.DataFrame
    member: Texts
    year: NDArray[np.int64]
    months: NDArray[np.int64]
    hmo: NDArray[np.int64]
    birth: NDArray[np.int64]
    death: NDArray[np.int64]
    sex: NDArray[Any]

    def cents(self, kind: str, part: str) -> NDArray[np.int64]:
        """Return annual cents of a kind of payment and a part."""
        return read_amounts(self.frame[f"{kind}_{part}"]).cents

    def spent(self, part: str) -> NDArray[np.int64]:
        """Return annual cents of a part by all payers: Medicare, the beneficiary and a primary payer."""
        return sum(
            (self.cents(kind, part) for kind in ("MEDREIMB", "BENRES", "PPPYMT")), np.zeros(len(self.year), np.int64)
        )

    def conditions(self) -> dict[str, NDArray[np.int64]]:
        """Return the flags of chronic conditions that the frame has."""
        found = {here: read_texts(self.frame[there]).texts for there, here in CONDITIONS.items() if there in self.frame}
        return {
            name: np.append(np.array([word == YES for word in of.words], np.int64), 0)[of.codes]
            for name, of in found.items()
        }


@dataclass(eq=False)
class Stays:
    """A row for each inpatient claim: its first segment; ``whole`` and ``every`` are of all rows of the frame."""

    whole: pd.DataFrame
    every: NDArray[np.int64]
    rows: NDArray[np.int64]
    member: Texts
    claim: Texts
    first: NDArray[np.int64]
    last: NDArray[np.int64]
    reimbursed: NDArray[np.int64]
    cents: NDArray[np.int64]

    @property
    def frame(self) -> pd.DataFrame:
        """The first segments."""
        return self.whole.iloc[self.rows]

    @property
    def year(self) -> NDArray[np.int64]:
        """Year of the last day, to which the annual figures of the beneficiaries count a claim; 0 where unknown."""
        known = self.last != UNKNOWN
        years = as_times(np.where(known, self.last, 0)).astype("datetime64[Y]").astype(np.int64) + 1970
        return np.where(known, years, 0)


def read_beneficiaries(given: object) -> Beneficiaries:
    """Read beneficiary summaries: one frame with ``YEAR``, or a mapping of years to frames as published."""
    frame = _with_years(given)
    path = f"{PATH}.beneficiaries"
    need(path, frame, ["YEAR", *BENEFICIARY])
    once(path, frame, ["DESYNPUF_ID", "YEAR"])
    member = read_texts(frame["DESYNPUF_ID"]).texts
    year = known_numbers(path, frame, "YEAR", 1990, 2100).astype(np.int64)
    parts = [known_numbers(path, frame, f"BENE_{part}_CVRAGE_TOT_MONS", 0, TWELVE) for part in ("HI", "SMI", "HMO")]
    death = read_dates(frame["BENE_DEATH_DT"]).days
    months = np.minimum(parts[0], parts[1]).astype(np.int64)
    dates = as_times(np.where(death == UNKNOWN, 0, death))
    dies = (death != UNKNOWN) & (dates.astype("datetime64[Y]").astype(np.int64) + 1970 == year)
    months = np.where(dies, np.minimum(months, dates.astype("datetime64[M]").astype(np.int64) % TWELVE + 1), months)
    return Beneficiaries(
        frame=frame,
        member=member,
        year=year,
        months=months,
        hmo=parts[2].astype(np.int64),
        birth=read_dates(frame["BENE_BIRTH_DT"]).days,
        death=death,
        sex=frame["BENE_SEX_IDENT_CD"].astype(str).str.strip().map({"1": "male", "2": "female"}).to_numpy(dtype=object),
    )


def read_stays(given: object) -> Stays:
    """Read inpatient claims by their first segments: a second repeats, and the annual figures leave it out."""
    path = f"{PATH}.inpatient"
    frame = read_frame(path, given)
    need(path, frame, list(INPATIENT))
    claim, member = read_texts(frame["CLM_ID"]).texts, read_texts(frame["DESYNPUF_ID"]).texts
    days = read_amounts(frame["CLM_UTLZTN_DAY_CNT"]).cents // 100
    reimbursed = read_amounts(frame["CLM_PMT_AMT"]).cents
    reimbursed = reimbursed + days * read_amounts(frame["CLM_PASS_THRU_PER_DIEM_AMT"]).cents
    cents = sum((read_amounts(frame[name]).cents for name in SHARES), reimbursed)
    rows = _first_segments(claim, known_numbers(path, frame, "SEGMENT", 1, 9))
    discharge, thru = read_dates(frame["NCH_BENE_DSCHRG_DT"]).days, read_dates(frame["CLM_THRU_DT"]).days
    return Stays(
        whole=frame,
        every=cents,
        rows=rows,
        member=Texts(member.codes[rows], member.words),
        claim=Texts(claim.codes[rows], claim.words),
        first=read_dates(frame["CLM_FROM_DT"]).days[rows],
        last=np.where(discharge == UNKNOWN, thru, discharge)[rows],
        reimbursed=reimbursed[rows],
        cents=cents[rows],
    )


def times(days: NDArray[np.int64]) -> NDArray[np.datetime64]:
    """Return days as dates, missing where unknown."""
    times = as_times(np.where(days == UNKNOWN, 0, days)).astype("datetime64[s]")
    times[days == UNKNOWN] = np.datetime64("NaT")
    return times


def _first_segments(claim: Texts, segment: NDArray[np.float64]) -> NDArray[np.int64]:
    """Return the row of each claim's lowest segment, in the order of the frame."""
    order = np.argsort(segment, kind="stable")[::-1]
    first = np.full(len(claim.words), -1)
    first[claim.codes[order]] = order
    return np.sort(first)


def _with_years(given: object) -> pd.DataFrame:
    import pandas as pd  # noqa: PLC0415 - keeps the import of atrisk quick

    path = f"{PATH}.beneficiaries"
    if isinstance(given, Mapping) and all(isinstance(key, (int, np.integer)) for key in given):
        if not given:
            raise InputError(path, "must have a year", "none")
        parts = [read_frame(f"{path}[{year}]", frame).assign(YEAR=int(year)) for year, frame in given.items()]
        return pd.concat(parts, ignore_index=True)
    return read_frame(path, given)
