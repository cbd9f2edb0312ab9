"""Prices inpatient stays: words to numbers, figures of the year, then the rule of the core."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from atrisk._errors import InputError
from atrisk._payment import _dated
from atrisk._payment._cases import read_cases, refuse_frames, years
from atrisk._payment._checks import refuse_columns
from atrisk._payment._priced import Cases
from atrisk.drg import _hospital, _weights
from atrisk.rules._rule import Rule

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from atrisk.statement import Statement

PLACE = "drg"
NEEDED = (
    "drg",
    "length_of_stay",
    "charges",
    "discharge",
    "wage_index",
    "operating_cost_to_charge_ratio",
    "capital_cost_to_charge_ratio",
)
KNOWN = tuple(
    dict.fromkeys(
        [*NEEDED, "fiscal_year", "hospital_type", "location", "beds", *_hospital.RANGES, *_hospital.FLAGS],
    )
)
TERMS = (
    "teaching_multiplier",
    "teaching_exponent",
    "geographic_exponent",
    "capital_living_part",
    "capital_base",
    "capital_share_coefficient",
    "capital_teaching_coefficient",
    "capital_teaching_most",
    "share_from",
    "share_base",
    "share_slope",
    "share_steep_from",
    "share_steep_base",
    "share_steep_slope",
    "share_cap",
    "share_paid_part",
    "transfer_extra_days",
    "special_pay_part",
    "conditions_rate",
)
WATERFALL = (
    "operating_payment",
    "teaching_payment",
    "disproportionate_share_payment",
    "uncompensated_care_payment",
    "new_technology_payment",
    "capital_payment",
    "capital_teaching_payment",
    "capital_disproportionate_share_payment",
    "operating_outlier",
    "capital_outlier",
    "hospital_specific_payment",
    "low_volume_payment",
    "readmissions_adjustment",
    "value_based_adjustment",
    "conditions_adjustment",
    "other_payments",
    "payment",
)
POLICIES = np.array(["none", "per_diem", "special_pay"])


def price(frame: object = None, /, *, fiscal_year: object = None, weights: object = None, **facts: Any) -> Any:  # noqa: ANN401 - facts and frames of the user's kind
    """Price inpatient stays as Medicare's inpatient pricer does, every step a column.

    Parameters
    ----------
    frame : data frame or mapping, optional
        A row for each stay, with the facts below as columns (pandas, polars, Arrow, or a mapping of columns).
    fiscal_year : int or column
        Federal fiscal year of discharge, 2014-2026; may be a column of the frame.
    weights : data frame or mapping, optional
        Groups with ``drg``, ``weight``, ``geometric_mean_length_of_stay`` (days), ``post_acute`` and ``special_pay``
        (true or false, Y or N), and ``fiscal_year`` where it holds several years; by default the table of 2021.
    **facts : values or columns
        Facts by name; a single value holds for every stay. Needed: ``drg``, ``length_of_stay`` (days), ``charges``
        (dollars), ``discharge`` (``home``, also any other that is no transfer, ``acute_transfer`` or ``post_acute``),
        ``wage_index``, ``operating_cost_to_charge_ratio``, ``capital_cost_to_charge_ratio``. Others, and all their
        units, are listed in ``docs/payment/drg.md``.

    Returns
    -------
    data frame
        Of the kind that was given: ``transfer_policy``, the figures looked up, every line of the payment in dollars,
        and ``confidence`` (how sure the least sure figure is), a row for each stay in the order given.

    Raises
    ------
    InputError
        Missing, unknown or impossible facts; a year without figures (with those that have them); an unknown group.

    Notes
    -----
    42 CFR 412.60-412.92 (operating), 412.300-412.374 (capital), 412.4 (transfers), 412.80-412.86 (outliers). Operating
    and capital parts are held with nine decimals and paid in cents, as in the pricer.

    Examples
    --------
    >>> import atrisk as ar
    >>> stays = {"drg": [470, 481], "length_of_stay": [2, 2], "discharge": ["home", "post_acute"], "charges": 0}
    >>> ratios = {"operating_cost_to_charge_ratio": 0.25, "capital_cost_to_charge_ratio": 0.02}
    >>> ar.drg.price(stays, fiscal_year=2021, wage_index=[1.05, 0.95], **ratios)["payment"].tolist()
    [12628.54, 11075.08]
    """
    return _cases(frame, fiscal_year, weights, facts).frame(frame)


def explain(case: object = None, /, *, fiscal_year: object = None, weights: object = None, **facts: Any) -> Statement:  # noqa: ANN401 - numbers and words
    """Explain one inpatient stay line by line.

    Parameters
    ----------
    case : mapping or row, optional
        One stay with its hospital: facts as in :func:`price`.
    fiscal_year : int
        Federal fiscal year of discharge.
    weights : data frame or mapping, optional
        Weights of the year, as in :func:`price`.
    **facts : values
        Facts by name.

    Returns
    -------
    Statement
        Facts, figures and every step with its formula and source; notes name the figures that nobody read in a text;
        its waterfall adds up to the payment.

    Raises
    ------
    InputError
        As in :func:`price`, and for a frame.

    Examples
    --------
    >>> import atrisk as ar
    >>> stay = {"drg": 291, "length_of_stay": 1, "discharge": "post_acute", "charges": 0, "wage_index": 0.95}
    >>> ratios = {"operating_cost_to_charge_ratio": 0.25, "capital_cost_to_charge_ratio": 0.02}
    >>> statement = ar.drg.explain(stay, fiscal_year=2021, **ratios)
    >>> statement["transfer_fraction"], statement["payment"]
    (Decimal('0.5'), Decimal('4174.65'))
    """
    refuse_frames(PLACE, case)
    cases = _cases(case, fiscal_year, weights, facts)
    refuse_columns(PLACE, cases.given)
    group = _weights.groups_of(f"{PLACE}.drg", cases.given["drg"])[0][0]
    return cases.statement().titled(f"{PLACE} {group}, transfer policy: {cases.found['transfer_policy']}")


def _cases(frame: object, fiscal_year: object, weights: object, facts: dict[str, Any]) -> Cases:
    facts = facts if fiscal_year is None else {**facts, "fiscal_year": fiscal_year}
    given = read_cases(PLACE, frame, facts, KNOWN, ("fiscal_year", *NEEDED))
    dated = _dated.read("atrisk.drg")
    look = _dated.Lookup(PLACE, dated, years(f"{PLACE}.fiscal_year", given["fiscal_year"], dated.years))
    table = _weights.shipped() if weights is None else _weights.given(weights)
    groups, of = _weights.groups_of(f"{PLACE}.drg", given["drg"])
    in_year = np.array(dated.years)[look.position]
    rows = table.rows(groups, of, in_year)
    numbers = _hospital.checked(given)
    exempt, burn = (np.isin(groups, list(_weights.listed(name)))[of] for name in ("transfer_exempt", "burn"))
    policy = _hospital.transfer(given, table, rows, exempt)
    found = {
        "weight": table.weight[rows],
        "geometric_mean_length_of_stay": table.mean[rows],
        "per_diem_transfer": (policy == 1).astype(float),
        "special_pay_transfer": (policy > 1).astype(float),
        **_figures(numbers, look, burn),
        **_hospital.of_hospital(given, numbers, look),
    }
    _refuse_impossible(numbers, look)
    terms = {name: dated.term(name) for name in TERMS}
    source = "42 CFR part 412; CMS inpatient pricer for fiscal year 2021"
    waterfall = [(line, 1) for line in WATERFALL]
    rule = Rule("drg", terms, PLACE, waterfall=waterfall, notes=look.notes, source=source)
    named = {name: value for name, value in numbers.items() if name not in {"covid_diagnosis", "no_cost_product"}}
    words = {"transfer_policy": POLICIES[policy]}
    return Cases(rule, given, named | found, words, look.confidence)


def _figures(
    numbers: Mapping[str, NDArray[np.float64]], look: _dated.Lookup, burn: NDArray[np.bool_]
) -> dict[str, Any]:
    """Return the figures of the year of each stay, and those that the user gives in their place."""
    above = numbers["wage_index"] > 1
    new_technology = numbers.get("new_technology_maximum", np.asarray(0.0)) > 0
    by_wages = ("labor_amount", "nonlabor_amount", "labor_share")
    found: dict[str, Any] = {
        name: _by(look, name, above, "above_one", "up_to_one") for name in by_wages if name not in numbers
    }
    if "outlier_part" not in numbers:
        found["outlier_part"] = _by(look, "outlier_part", burn, "of_burns", "of_most")
    for name in ("fixed_loss_threshold", "capital_rate"):
        if name not in numbers:
            found[name] = look.figure(name)
    if "new_technology_part" not in numbers:
        found["new_technology_part"] = np.nan_to_num(look.figure("new_technology_part", new_technology))
    look.note("new_technology_base", new_technology)
    for flag, name in (("covid_diagnosis", "covid_factor"), ("no_cost_product", "no_cost_factor")):
        if name in numbers and flag not in numbers:
            raise InputError(f"{PLACE}.{name}", f"must come with {flag}, which says what stays it holds for")
        applies = numbers.get(flag, np.asarray(0.0)) == 1
        factor = numbers[name] if name in numbers else look.figure(name, applies)
        found[name] = np.where(applies, factor, 1.0)
    return found


def _by(look: _dated.Lookup, name: str, which: NDArray[np.bool_], yes: str, no: str) -> NDArray[np.float64]:
    """Return one of two figures for each case."""
    return np.where(which, look.figure(f"{name}_{yes}", which, name), look.figure(f"{name}_{no}", ~which, name))


def _refuse_impossible(numbers: Mapping[str, NDArray[np.float64]], look: _dated.Lookup) -> None:
    """Refuse factors beyond what the law allows in the year."""
    least = {"readmissions_factor": "readmissions_floor", "value_based_factor": "value_based_floor"}
    for name, floor in least.items():
        if name in numbers:
            low = look.figure(floor)
            _refuse(name, numbers[name] < low, numbers[name], low, "at least")
    if "low_volume_rate" in numbers:
        most = look.figure("low_volume_most")
        _refuse("low_volume_rate", numbers["low_volume_rate"] > most, numbers["low_volume_rate"], most, "at most")
    if "worst_quartile" in numbers:
        look.figure("conditions_rate", numbers["worst_quartile"] == 1, "worst_quartile")


def _refuse(
    name: str, wrong: NDArray[np.bool_], values: NDArray[np.float64], bound: NDArray[np.float64], word: str
) -> None:
    for row in np.flatnonzero(np.atleast_1d(wrong))[:1]:
        value, limit = (np.broadcast_to(each, np.shape(wrong)).ravel()[row] for each in (values, bound))
        at = f"[{row}]" if np.ndim(wrong) else ""
        raise InputError(f"{PLACE}.{name}{at}", f"must be {word} {limit:g} in its fiscal year", f"{value:g}")
