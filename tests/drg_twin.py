"""Inpatient payment once more, in Python's decimals from the formulas: slow and plain."""

from decimal import ROUND_HALF_UP, Decimal

from mpmath import mp, mpf

mp.dps = 40
D = Decimal


def rounded(value, places):
    return D(value).quantize(D(1).scaleb(-places), ROUND_HALF_UP)


def power(base, exponent):
    return D(mp.nstr(mpf(str(base)) ** mpf(str(exponent)), 30))


def share_factor(low_income, capped):
    if low_income < D("0.15"):
        factor = D(0)
    elif low_income < D("0.202"):
        factor = D("0.025") + D("0.65") * (low_income - D("0.15"))
    else:
        factor = D("0.0588") + D("0.825") * (low_income - D("0.202"))
    return rounded(min(factor, D("0.12")) if capped else factor, 4)


def fraction(case, row, mean):
    """Return the part of a stay that is paid, for one that ends in a transfer."""
    post_acute = case["discharge"] == "post_acute" and row["post_acute"]
    special = post_acute and row["special_pay"]
    days = max(case["length_of_stay"], 1) + 1
    moved = post_acute or case["discharge"] == "acute_transfer"
    if case["drg"] == "789" or not moved or days >= mean:
        return D(1)
    return min(rounded(D("0.5") + D("0.5") * days / mean if special else days / mean, 4), D(1))


def twin(case, weights):  # noqa: PLR0915 - the formulas in their order
    """Return the lines of a stay of fiscal year 2021."""
    row = weights[case["drg"]]
    weight, mean = (D(str(row[name])) for name in ("weight", "geometric_mean_length_of_stay"))
    case = {name: value if isinstance(value, str) else D(str(float(value))) for name, value in case.items()}
    wages, living = case["wage_index"], case["cost_of_living_factor"]
    above = wages > 1
    labor, nonlabor = (D("4071.57"), D("1889.74")) if above else (D("3696.01"), D("2265.30"))
    share = D("0.683") if above else D("0.62")
    kind, urban, beds = case["hospital_type"], case["location"] == "urban", case["beds"]
    exempt = kind in {"rural_referral", "medicare_dependent"}
    small = beds < 100 if urban else beds < 500 or kind == "sole_community"
    low_income = case["ssi_ratio"] + case["medicaid_ratio"]
    paid_fraction = fraction(case, row, mean)
    covid = D("1.2") if case["covid_diagnosis"] else D(1)
    free = D("0.17") if case["no_cost_product"] else D(1)

    operating = rounded((labor * wages + nonlabor * living) * weight * paid_fraction * covid * free, 9)
    teaching = rounded(D("1.35") * (power(1 + case["residents_to_beds"], "0.405") - 1), 9)
    disproportionate = share_factor(low_income, small and not exempt)
    geographic = rounded(power(wages, "0.6848"), 4)
    capital_living = rounded(D("0.3152") * (living - 1) + 1, 3)
    capital = weight * rounded(D("466.21") * geographic, 2) * capital_living * paid_fraction * free
    capital = rounded(capital, 9)
    large_urban = urban and beds >= 100
    capital_share = rounded(power("2.7183", D("0.2025") * low_income) - 1, 4) if large_urban else D(0)
    residents = min(D("1.5"), case["residents_to_average_daily_census"])
    capital_teaching = rounded(power("2.7183", D("0.2822") * residents) - 1, 9)

    operating_ratio, capital_ratio = case["operating_cost_to_charge_ratio"], case["capital_cost_to_charge_ratio"]
    operating_cost, capital_cost = (rounded(case["charges"] * each, 9) for each in (operating_ratio, capital_ratio))
    on_teaching = rounded(operating * teaching, 9)
    on_share = rounded(operating * disproportionate * D("0.25"), 9)
    in_cents = {
        "operating_payment": rounded(operating, 2),
        "teaching_payment": rounded(on_teaching, 2),
        "disproportionate_share_payment": rounded(on_share, 2),
        "uncompensated_care_payment": case["uncompensated_care"],
        "capital_payment": rounded(capital, 2),
        "capital_teaching_payment": rounded(capital * capital_teaching, 2),
        "capital_disproportionate_share_payment": rounded(capital * capital_share, 2),
    }
    base = operating + on_teaching + on_share
    technology = max(D(0), min(case["new_technology_maximum"], D("0.65") * (operating_cost - base)))
    technology = in_cents["new_technology_payment"] = rounded(technology, 2)

    fixed = D(29064) * paid_fraction
    both = operating_ratio + capital_ratio
    fixed_operating = (fixed * share * wages + fixed * (1 - share) * living) * rounded(operating_ratio / both, 9)
    fixed_capital = fixed * geographic * capital_living * rounded(capital_ratio / both, 9)
    operating_threshold = operating * (1 + teaching + disproportionate * D("0.25")) + fixed_operating
    operating_threshold += case["uncompensated_care"] + technology
    capital_threshold = capital * (1 + capital_teaching + capital_share) + fixed_capital
    part = D("0.9") if case["drg"] in {"927", "928", "929", "933", "934", "935"} else D("0.8")
    if case["without_outlier"] or operating_cost + capital_cost < operating_threshold + capital_threshold:
        part = D(0)
    outlier = rounded(part * max(D(0), operating_cost - operating_threshold), 9)
    in_cents["operating_outlier"] = rounded(outlier, 2)
    in_cents["capital_outlier"] = rounded(part * max(D(0), capital_cost - capital_threshold), 2)

    own = case["hospital_specific_rate"] * weight * covid * free
    excess = max(D(0), own - base - outlier - case["uncompensated_care"])
    own_part = {"medicare_dependent": D("0.75"), "sole_community": D(1), "essential_access": D(1)}.get(kind, D(0))
    in_cents["hospital_specific_payment"] = rounded(own_part * excess, 2)
    in_cents["low_volume_payment"] = rounded(case["low_volume_rate"] * sum(in_cents.values()), 2)
    moved = in_cents["operating_payment"] + technology
    in_cents["readmissions_adjustment"] = rounded((case["readmissions_factor"] - 1) * moved, 2)
    in_cents["value_based_adjustment"] = rounded((case["value_based_factor"] - 1) * moved, 2)
    subtotal = sum(in_cents.values())
    conditions = -rounded(subtotal * D("0.01"), 2) if case["worst_quartile"] else D(0)
    return {
        **in_cents,
        "transfer_fraction": paid_fraction,
        "geographic_factor": geographic,
        "teaching_factor": teaching,
        "disproportionate_share_factor": disproportionate,
        "capital_teaching_factor": capital_teaching,
        "capital_disproportionate_share_factor": capital_share,
        "subtotal": subtotal,
        "conditions_adjustment": conditions,
        "payment": subtotal + conditions + case["pass_through"],
    }
