"""CMS's synthetic Medicare claims, DE-SynPUF 2008-2010, as claims and memberships or as person-years."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from atrisk.claims._dates import UNKNOWN, as_times
from atrisk.claims._report import CENTS, ClaimsReport
from atrisk.claims._synpuf_tables import TWELVE, Beneficiaries, Stays, read_beneficiaries, read_stays, times
from atrisk.claims._synpuf_years import BENEFICIARIES, INPATIENT, LINES, events_of, frame_of, kept_years, placed_stays
from atrisk.person_years import PersonYears

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray

TYPE_OF_BILL = "11X"  # hospital inpatient; the file tells no more of it


def synpuf(beneficiaries: object, inpatient: object) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return DE-SynPUF's inpatient claims and memberships as :func:`person_years` takes them.

    **The data are synthetic: they show the format, not the care.** DRGs are nearly uniform noise, dollars of 2010 are
    about 40 % low, years of health maintenance organizations (HMO) cost as much as others. Calibrate nothing on them.

    Parameters
    ----------
    beneficiaries : data frame, or mapping of int to data frame
        Beneficiary summary files as published: one frame with the further column ``YEAR``, or year -> its frame.
    inpatient : data frame
        Inpatient claims as published. Of a claim with two segments the first counts, as in the annual figures.

    Returns
    -------
    claims : pandas.DataFrame
        A row for each claim: ``member_id``, ``claim_id``, ``date``, ``thru``, ``allowed`` (dollars by all payers:
        ``CLM_PMT_AMT``, pass-through per diem times days, primary payer, deductible, coinsurance and blood deductible;
        of the first segment), ``paid`` (dollars by Medicare), ``type_of_bill`` ("11X"), ``drg``, ``diagnosis``.
    membership : pandas.DataFrame
        A row for each beneficiary and year with months in both Part A and B: ``member_id``, ``start``, ``end``,
        ``sex``, ``birth_date``, ``death_date``, flags of chronic conditions (1 yes, 0 no). Of a year only the number
        of months is known: they are put at its end where the next year has months and the year before is not full,
        else at its beginning; nothing is after the month of death. Years with HMO months are left out, since their
        claims are not Medicare's; ``attrs["report"]`` says how many.

    Raises
    ------
    InputError
        If a column is missing or a value cannot be.
    """
    people, stays = read_beneficiaries(beneficiaries), read_stays(inpatient)
    return _claims(stays), _membership(people)


def synpuf_person_years(beneficiaries: object, inpatient: object, *, keep_hmo: bool = False) -> PersonYears:
    """Return person-years of DE-SynPUF: inpatient counted from claims, outpatient and carrier dollars by the year.

    **The data are synthetic: they show the format, not the care. Calibrate nothing on them** (see :func:`synpuf`).

    Parameters
    ----------
    beneficiaries, inpatient
        As :func:`synpuf` takes them.
    keep_hmo : bool, default False
        Keep years with months in a health maintenance organization, whose claims Medicare does not have.

    Returns
    -------
    PersonYears
        ``inpatient`` (events and dollars of claims, in the year of their last day, as the annual figures count them),
        ``outpatient`` and ``carrier`` (dollars of the year by Medicare, the beneficiary and a primary payer).
        ``member_months`` are those in both Part A and B, until death; ``age`` is in completed years at mid-year;
        risk scores are 1; flags of conditions are columns. ``report`` tells what was left out.
    """
    people, stays = read_beneficiaries(beneficiaries), read_stays(inpatient)
    report = ClaimsReport()
    report.source(BENEFICIARIES, people.frame)
    report.source(INPATIENT, stays.whole)
    kept = kept_years(people, report, keep_hmo=keep_hmo)
    at, used = placed_stays(people, stays, kept, report)
    report.forget()
    return PersonYears(
        frame=frame_of(people, stays, kept, at, used),
        lines=LINES,
        events=events_of(people, stays, at, used),
        report=report,
    )


def _claims(stays: Stays) -> pd.DataFrame:
    import pandas as pd  # noqa: PLC0415 - keeps the import of atrisk quick

    columns = {
        "member_id": stays.member.words[stays.member.codes],
        "claim_id": stays.claim.words[stays.claim.codes],
        "date": times(stays.first),
        "thru": times(stays.last),
        "allowed": stays.cents / CENTS,
        "paid": stays.reimbursed / CENTS,
        "type_of_bill": TYPE_OF_BILL,
        "drg": stays.frame["CLM_DRG_CD"].to_numpy(),
    }
    if "ICD9_DGNS_CD_1" in stays.frame.columns:
        columns["diagnosis"] = stays.frame["ICD9_DGNS_CD_1"].to_numpy()
    return pd.DataFrame(columns)


def _membership(people: Beneficiaries) -> pd.DataFrame:
    import pandas as pd  # noqa: PLC0415 - keeps the import of atrisk quick

    keep = (people.months > 0) & (people.hmo == 0)
    first = np.where(_at_the_end(people), TWELVE - people.months, 0)
    january = (people.year - 1970) * TWELVE
    starts = (january + first).astype("datetime64[M]").astype("datetime64[D]")
    ends = (january + first + people.months).astype("datetime64[M]").astype("datetime64[D]") - 1
    table = pd.DataFrame(
        {
            "member_id": people.member.words[people.member.codes],
            "start": starts.astype("datetime64[s]"),
            "end": ends.astype("datetime64[s]"),
            "sex": people.sex,
            "birth_date": times(people.birth),
            "death_date": _month_ends(times(people.death)),
        }
        | people.conditions()
    )
    made: pd.DataFrame = table[keep].reset_index(drop=True)
    made.attrs["report"] = {
        "years without months in both Part A and B": int((people.months == 0).sum()),
        "years with HMO months, left out": int(((people.months > 0) & (people.hmo > 0)).sum()),
        "years with some months only, placed as said": int((keep & (people.months < TWELVE)).sum()),
    }
    return made


def _at_the_end(people: Beneficiaries) -> NDArray[np.bool_]:
    """Say whose months stand at the year's end: those who go on and did not have the whole year before."""
    base = int(people.year.min()) - 1
    months = np.zeros((len(people.member.words), int(people.year.max()) - base + 2), dtype=np.int64)
    months[people.member.codes, people.year - base] = people.months
    here = people.year - base
    dies = people.death != UNKNOWN
    year_of_death = as_times(np.where(dies, people.death, 0)).astype("datetime64[Y]").astype(np.int64) + 1970
    goes_on = months[people.member.codes, here + 1] > 0
    was_full = months[people.member.codes, here - 1] == TWELVE
    return np.asarray(goes_on & ~was_full & ~(dies & (year_of_death == people.year)))


def _month_ends(times: NDArray[np.datetime64]) -> NDArray[np.datetime64]:
    """Return the last day of each date's month: of a death only the month is known."""
    return ((times.astype("datetime64[M]") + 1).astype("datetime64[D]") - 1).astype("datetime64[s]")
