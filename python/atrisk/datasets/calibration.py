"""What a study needs and person-years can tell: rates, dollars and spread of service lines, risk, frailty."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from atrisk._errors import InputError

if TYPE_CHECKING:
    from collections.abc import Iterable

    import pandas as pd

#: Service line -> its column of events and its column of dollars.
COUNTED = {
    "physician visits": ("physician_visits", "outpatient_dollars"),
    "psychotherapy visits": ("psychotherapy_visits", "psychotherapy_dollars"),
    "hospital admissions": ("admissions", "inpatient_dollars"),
}
#: Service line -> its column of dollars, where no events are counted.
ANNUAL = {"drugs, any use in a year": "drug_dollars", "supplies, any use in a year": "supply_dollars"}
DOLLARS = tuple(dollars for _, dollars in COUNTED.values()) + tuple(ANNUAL.values())
PLAN = ["coinsurance_percent", "individual_deductible"]

PER_EVENT = "dollars per event"
PER_USER_YEAR = "any use \u00d7 annual dollars if any"
AGE_BANDS = (0, 5, 18, 25, 35, 45, 55, 66)  # years, lower bound included; the oldest in the data is 64
FEWEST = 2  # person-years from which a cv can be computed


def full_years(person_years: pd.DataFrame) -> pd.DataFrame:
    """Person-years in which the person was eligible from the first day to the last.

    Parameters
    ----------
    person_years : pandas.DataFrame
        Rows of :func:`atrisk.datasets.rand_hie`.

    Returns
    -------
    pandas.DataFrame
        The rows with an ``enrolled_share`` of 1.
    """
    _need(person_years, ["enrolled_share"])
    return person_years[person_years["enrolled_share"] == 1.0]


def total_dollars(person_years: pd.DataFrame) -> pd.Series[float]:
    """Dollars of each person-year: outpatient, psychotherapy, inpatient, drugs and supplies.

    Parameters
    ----------
    person_years : pandas.DataFrame
        Rows of :func:`atrisk.datasets.rand_hie`.

    Returns
    -------
    pandas.Series
        Named ``total_dollars``, 1970s dollars a year, on the index of the rows: ``medical_dollars`` with
        psychotherapy, up to cents and two rows of the source that do not add up.
    """
    _need(person_years, DOLLARS)
    return person_years[list(DOLLARS)].sum(axis="columns").rename("total_dollars")


def service_lines(person_years: pd.DataFrame) -> pd.DataFrame:
    """Rate, mean dollars and cv of each service line, from the full-year persons of one plan.

    Parameters
    ----------
    person_years : pandas.DataFrame
        Rows of :func:`atrisk.datasets.rand_hie`, of one (``coinsurance_percent``, ``individual_deductible``).
        Only full years are used.

    Returns
    -------
    pandas.DataFrame
        Indexed by ``service``:

        - ``per_1000``: events per 1,000 member-years, at the sample's mean risk score of 1
        - ``mean_dollars``: 1970s dollars per event
        - ``cv``: coefficient of variation of the dollars of one event
        - ``person_years``: person-years the rate rests on
        - ``users``: those of them with any event
        - ``events``: events the mean rests on
        - ``cv_person_years``: person-years the cv rests on; with fewer than two the cv is missing
        - ``basis``: kind of estimate

        Where events are counted, the mean is all dollars of the line over all its events, and the cv is that
        among person-years with exactly one event and no missing inpatient charges. Of drugs and supplies only
        annual dollars are known: an event is a year with any, its price their sum. Summed over lines,
        ``per_1000`` / 1000 times ``mean_dollars`` is the sample's mean dollars per person-year.

    Raises
    ------
    InputError
        If the rows are of several plans, hold no full year, or lack a column.
    """
    import pandas as pd  # noqa: PLC0415 - keeps the import of atrisk quick

    sample = _one_plan(person_years)
    lines = [_counted(sample, service, *columns) for service, columns in COUNTED.items()]
    lines += [_annual(sample, service, dollars) for service, dollars in ANNUAL.items()]
    table = pd.DataFrame(lines).set_index("service")
    undefined = table["cv"].isna()
    if undefined.any():
        table["cv"] = table["cv"].astype("Float64")
        table.attrs["missing"] = f"too few person-years for the cv of {', '.join(table.index[undefined])}"
    return table


def risk_score(person_years: pd.DataFrame) -> pd.Series[float]:
    """Score of each row: mean dollars of its age band and sex over mean dollars of the sample.

    Parameters
    ----------
    person_years : pandas.DataFrame
        Rows of :func:`atrisk.datasets.rand_hie`.

    Returns
    -------
    pandas.Series
        Named ``risk_score``, a ratio with mean 1 over the sample, on the index of the rows. Dollars are those
        of all five kinds; ages 0-4, 5-17, 18-24, 25-34, 35-44, 45-54, 55 and over. A person's own dollars
        are in the mean of the cell.
    """
    import pandas as pd  # noqa: PLC0415 - keeps the import of atrisk quick

    _need(person_years, ["age", "sex"])
    dollars = total_dollars(person_years)
    band = pd.cut(person_years["age"], list(AGE_BANDS), right=False, labels=False)
    cell_mean = dollars.groupby([band, person_years["sex"]]).transform("mean")
    return (cell_mean / dollars.mean()).rename("risk_score")


def frailty_cv(person_years: pd.DataFrame) -> float:
    """Spread of the need for care between persons of the same risk score, from physician visits.

    Parameters
    ----------
    person_years : pandas.DataFrame
        Rows of :func:`atrisk.datasets.rand_hie`, of one plan; only full years are used.

    Returns
    -------
    float
        Coefficient of variation, a ratio: the relative variance of visits net of Poisson,
        v = max((variance - mean) / mean², 0), less what :func:`risk_score` explains:
        (1 + v) = (1 + v of risk) (1 + v of frailty). 0 where nothing is left.

    Notes
    -----
    It is the spread of one year: whether a member stays frail next year, it does not tell.
    """
    sample = _one_plan(person_years)
    visits = sample["physician_visits"]
    mean = float(visits.mean())
    if mean <= 0.0:
        raise InputError("frailty_cv.person_years", "must have physician visits", "none")
    v_total = max((float(visits.var()) - mean) / mean**2, 0.0)
    v_risk = float(risk_score(sample).var())
    return math.sqrt(max((1.0 + v_total) / (1.0 + v_risk) - 1.0, 0.0))


def _counted(sample: pd.DataFrame, service: str, events: str, dollars: str) -> dict[str, Any]:
    complete = sample["inpatient_charges_missing"] == 0
    single = sample.loc[(sample[events] == 1) & complete, dollars]
    n_events = int(sample[events].sum())
    return {
        "service": service,
        "per_1000": 1_000.0 * n_events / len(sample),
        "mean_dollars": float(sample[dollars].sum()) / max(n_events, 1),
        "cv": _cv(single),
        "person_years": len(sample),
        "users": int((sample[events] > 0).sum()),
        "events": n_events,
        "cv_person_years": len(single),
        "basis": PER_EVENT,
    }


def _annual(sample: pd.DataFrame, service: str, dollars: str) -> dict[str, Any]:
    used = sample.loc[sample[dollars] > 0, dollars]
    return {
        "service": service,
        "per_1000": 1_000.0 * len(used) / len(sample),
        "mean_dollars": float(used.sum()) / max(len(used), 1),
        "cv": _cv(used),
        "person_years": len(sample),
        "users": len(used),
        "events": len(used),
        "cv_person_years": len(used),
        "basis": PER_USER_YEAR,
    }


def _cv(dollars: pd.Series[float]) -> float | None:
    if len(dollars) < FEWEST or float(dollars.mean()) <= 0.0:
        return None
    return float(dollars.std()) / float(dollars.mean())


def _one_plan(person_years: pd.DataFrame) -> pd.DataFrame:
    events = [column for column, _ in COUNTED.values()]
    _need(person_years, [*PLAN, *events, *DOLLARS, "inpatient_charges_missing", "age", "sex"])
    plans = person_years[PLAN].drop_duplicates()
    if len(plans) != 1:
        hint = "group by coinsurance_percent and individual_deductible"
        raise InputError("person_years", "must be of one plan", f"{len(plans)} plans", hint)
    sample = full_years(person_years)
    if sample.empty:
        raise InputError("person_years", "must hold full years", "none")
    return sample


def _need(person_years: pd.DataFrame, columns: Iterable[str]) -> None:
    missing = [column for column in columns if column not in person_years.columns]
    if missing:
        raise InputError("person_years", "must have the columns of rand_hie()", f"no {', '.join(missing)}")
