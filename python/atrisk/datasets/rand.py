"""The RAND Health Insurance Experiment, person by person and year by year."""

from __future__ import annotations

from importlib.resources import files
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pandas as pd

FILE = "rand_hie.csv.gz"


def rand_hie() -> pd.DataFrame:
    """Person-years of the RAND Health Insurance Experiment, 1974-1982.

    Families were assigned by lot to plans that differ in what they pay for care. Compare plans grouped by
    ``coinsurance_percent`` *and* ``individual_deductible``: a coinsurance of 0 is also written for most
    persons of the individual-deductible plans, who are not on the free plan. The free plan is
    ``coinsurance_percent == 0`` with ``individual_deductible == 0``.

    Dollars are those of the 1970s, adjusted neither to today's prices nor to today's care: they tell shape
    (frequencies, spread, concentration), not level.

    Returns
    -------
    pandas.DataFrame
        20,190 person-years of 5,912 persons, sorted by person and year. Of the person:

        - ``person_id``: number of the person; its leading digit is the site
        - ``site``: 1-6, where the person lives
        - ``plan``: 1-19, number of the insurance plan
        - ``coinsurance_percent``: the family's share of medical expense, percent: 0, 25, 50, 95, 100
        - ``individual_deductible``: 1 on a plan with a deductible for each person
        - ``maximum_expenditure``: the most a family had to pay in a year, dollars; missing in 5 rows
        - ``participation_incentive``: dollars a year paid for taking part; missing in 5 rows
        - ``sex``: "female" or "male"
        - ``black``: 1 yes, 0 no; values between are imputed
        - ``income``: family income, dollars a year, as the source has it
        - ``education_years``: schooling of the family's decision maker, years; missing in 4 rows
        - ``baseline_examination``: 1 if the person took the physical examination at the start
        - ``self_rated_health``: "excellent", "good", "fair" or "poor" at the start
        - ``general_health_index``: 0-100 at the start, more is better
        - ``general_health_imputed``: 1 where that index was not measured but imputed
        - ``mental_health_index``: 0-100 at the start, more is better
        - ``chronic_disease_index``: chronic diseases at the start, 0-58.6, more is worse
        - ``physical_limitation``: 1 limited at the start, 0 not; values between are imputed

        Of the year:

        - ``year``: year of the study, 1-5
        - ``enrolled_share``: share of the year in which the person was eligible, 0-1
        - ``age``: years, with decimals
        - ``family_size``: persons
        - ``physician_visits``: visits face to face with a physician, number
        - ``non_physician_visits``: visits face to face with others than physicians, number
        - ``psychotherapy_visits``: outpatient psychotherapy visits, number
        - ``admissions``: hospital admissions, number
        - ``inpatient_charges_missing``: 1 if any inpatient charge of the year is missing
        - ``outpatient_dollars``: all outpatient expense but psychotherapy, drugs and supplies
        - ``drug_dollars``: drugs purchased as an outpatient
        - ``supply_dollars``: supplies purchased as an outpatient
        - ``psychotherapy_dollars``: outpatient psychotherapy
        - ``inpatient_dollars``: hospitals and physicians during admissions
        - ``medical_dollars``: outpatient, drugs, supplies and inpatient; *without* psychotherapy

        Dollars are rounded to a cent, ages to a thousandth of a year.

    Notes
    -----
    Source: ``randhie.csv`` as distributed with statsmodels 0.15.0, where it is stated to be in the public
    domain. Columns left out are functions of these (logarithms, flags of a child or of any expense).

    Examples
    --------
    >>> import atrisk as ar
    >>> person_years = ar.datasets.rand_hie()
    >>> by_plan = person_years.groupby(["coinsurance_percent", "individual_deductible"])
    >>> by_plan["physician_visits"].mean().round(2).to_dict()[(0, 0)]
    3.55
    """
    import pandas as pd  # noqa: PLC0415 - keeps the import of atrisk quick

    with files("atrisk.datasets").joinpath(FILE).open("rb") as stream:
        return pd.read_csv(stream, compression="gzip")
