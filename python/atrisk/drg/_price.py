"""Prices inpatient stays: words to numbers, figures of the year, then the rule of the core."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from atrisk._errors import InputError
from atrisk._payment import _dated
from atrisk._payment._cases import read_cases, refuse_frames
from atrisk._payment._checks import refuse_columns
from atrisk._payment._priced import Cases
from atrisk._payment._year_figures import YearFigures, described, read_years, single, with_year
from atrisk.drg import _hospital, _weights, _year
from atrisk.rules._rule import Rule

if TYPE_CHECKING:
    from collections.abc import Mapping

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
        [
            *(*NEEDED, "fiscal_year", "hospital_type", "location", "beds"),
            *(*_hospital.RANGES, *_hospital.FIGURES, *_hospital.FLAGS),
        ]
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
# What every stay needs, with a figure of the years that have it; some figures depend on the wage index.
OF_THE_YEAR = {
    "labor_amount": "labor_amount_above_one",
    "nonlabor_amount": "nonlabor_amount_above_one",
    "labor_share": "labor_share_above_one",
    "fixed_loss_threshold": "fixed_loss_threshold",
    "capital_rate": "capital_rate",
    "outlier_part": "outlier_part_of_most",
}
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
    return _cases(frame, weights, with_year(facts, "fiscal_year", fiscal_year))[0].frame(frame)


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
        Facts, figures and every step with its formula; notes name every figure with its source and how sure it is; its
        waterfall adds up to the payment.

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
    cases, look = _cases(case, weights, with_year(facts, "fiscal_year", fiscal_year))
    refuse_columns(PLACE, cases.given)
    group = _weights.groups_of(f"{PLACE}.drg", cases.given["drg"])[0][0]
    year = look.dated.years[single(look.position)]
    policy = single(cases.found["transfer_policy"])
    title = f"{PLACE} {group}, fiscal year {year}, transfer policy: {policy}"
    notes = look.notes if weights is not None else [_weights.note(group), *look.notes]
    return described(cases.statement(), title, notes)


def _cases(frame: object, weights: object, facts: dict[str, Any]) -> tuple[Cases, YearFigures]:
    given = read_cases(PLACE, frame, facts, KNOWN, ())
    if "fiscal_year" not in given:
        _refuse_missing(given, ["fiscal_year"])
    dated, position = read_years(PLACE, "fiscal_year", given["fiscal_year"], _dated.read("atrisk.drg"))
    look = YearFigures(PLACE, dated, position, given=given)
    in_year = np.array(dated.years)[position]
    table = _weights.shipped() if weights is None else _weights.given(weights)
    _refuse_missing(given, [], look, lacks_weights=weights is None and not table.has_all(in_year))
    groups, of = _weights.groups_of(f"{PLACE}.drg", given["drg"])
    rows = table.rows(groups, of, in_year)
    numbers = _hospital.checked(given)
    exempt, burn = (np.isin(groups, list(_weights.listed(name)))[of] for name in ("transfer_exempt", "burn"))
    policy = _hospital.transfer(given, table, rows, exempt)
    found = {
        "weight": table.weight[rows],
        "geometric_mean_length_of_stay": table.mean[rows],
        "per_diem_transfer": (policy == 1).astype(float),
        "special_pay_transfer": (policy > 1).astype(float),
        **_year.figures(numbers, look, burn),
        **_hospital.of_hospital(given, numbers, look),
    }
    _year.refuse_impossible(numbers, look)
    uses = _year.uses(numbers, policy)
    for name in TERMS:
        look.note(name, next((where for start, where in uses.items() if name.startswith(start)), True))
    look.refuse_lacking()
    terms = {name: dated.term(name) for name in TERMS}
    waterfall = [(line, 1) for line in WATERFALL]
    source = "42 CFR part 412; steps of the CMS inpatient pricer"
    rule = Rule("drg", terms, PLACE, waterfall=waterfall, source=source)
    named = {name: value for name, value in numbers.items() if name not in {"covid_diagnosis", "no_cost_product"}}
    words = {"transfer_policy": POLICIES[policy]}
    return Cases(rule, look.shown, named | found, words, look.confidence), look


def _refuse_missing(
    given: Mapping[str, Any], missing: list[str], look: YearFigures | None = None, *, lacks_weights: bool = False
) -> None:
    """Refuse cases without what all need, naming facts, figures that no table has for a year, and weights at once."""
    missing += [name for name in NEEDED if name not in given]
    hint = None
    if look is not None:
        of = {name: np.isnan(look.dated.values(figure)[look.position]) for name, figure in OF_THE_YEAR.items()}
        lacking = [name for name, lacks in of.items() if name not in given and lacks.any()]
        lacking += ["weights"] if lacks_weights else []
        if not missing and len(lacking) <= 1:
            return
        # One figure alone is named with its row where it is looked up.
        missing += lacking
        hint = f"no table has {', '.join(lacking)} for every fiscal year given" if lacking else None
    if missing:
        only = f"only {', '.join(given)}" if given else "none"
        raise InputError(PLACE, f"must be given {', '.join(missing)}", only, hint)
