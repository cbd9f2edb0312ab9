"""Second opinion on responses: how much the incentives of an arm change the volume of each service."""

import math
from collections.abc import Sequence

import numpy as np

from oracle_earned import MET, sharing_rates
from oracle_lines import delivered_by, own_cost, services_of
from oracle_quantiles import mean_of, number_of
from oracle_random import Terms
from oracle_terms import (
    Signed,
    bearers_of,
    contracts_of,
    cost_sharing_of,
    fee_level_of,
    term_of_service,
    terms_of_payer,
)


def mean_price(service: Terms) -> float:
    """Mean price of an event of a line."""
    return mean_of(service["allowed"]) * number_of(service, "price_level", 1.0)


def mean_case_cost(service: Terms) -> float:
    """Mean of what giving a listed case costs in the first performance year, dollars."""
    if service.get("case_costs") is None:
        return 0.0
    weights = service["allowed"]["empirical"]["weights"]
    grown = 1.0 + number_of(service, "own_cost_trend", 0.0)
    return float(np.average(service["case_costs"], weights=weights)) * grown


def shared_part(arm: Terms, chances: Sequence[float]) -> float:
    """The part of a dollar of spending that an arm's shared savings give up, at chances of earning and of owing."""
    earning, owing = chances
    return math.fsum(
        earning * sharing_rates(terms, MET)[0] + owing * sharing_rates(terms, MET)[1]
        for _, terms in contracts_of(arm, "shared_savings")
    )


def margin_of(service: Terms, bearer: Signed | None) -> float:
    """What one more event of a line leaves under the base payment of one payer, dollars."""
    price, coinsurance = mean_price(service), number_of(service, "coinsurance", 0.0)
    kind = None if bearer is None else bearer.kind
    if delivered_by(service) != "provider":
        return -(1.0 - coinsurance) * price if kind == "capitation" else 0.0
    revenue = price
    if bearer is not None:
        revenue = coinsurance * price if kind == "capitation" else fee_level_of(bearer) * price
        if kind == "care_management_fee":
            revenue = coinsurance * price + number_of(bearer.terms, "flat_visit_fee")
    return revenue - own_cost(service, 1) - mean_case_cost(service)


def marginal_revenue(spec: Terms, arm: Terms, index: int, payers: Sequence[str], chances: Sequence[float]) -> float:
    """Net marginal revenue of one more event of a line, averaged over the payers, as a part of its mean price."""
    services = services_of(spec)
    service, bearers = services[index], bearers_of(arm, services, payers)
    price = mean_price(service)
    margin = math.fsum(margin_of(service, row[index]) for row in bearers) / len(payers)
    return (margin - shared_part(arm, chances) * price) / price


def members_price(spec: Terms, arm: Terms, index: int, payers: Sequence[str]) -> float:
    """What members pay of a dollar of a line after any deductible, averaged over the payers."""
    services = services_of(spec)
    service, bearers = services[index], bearers_of(arm, services, payers)
    price, own = mean_price(service), number_of(service, "coinsurance", 0.0)
    parts = []
    for payer, row in zip(payers, bearers, strict=True):
        bearer, terms = row[index], terms_of_payer(cost_sharing_of(spec, arm), payer)
        if bearer is not None and bearer.kind == "direct_primary_care":
            parts.append(0.0)
        elif terms is None:
            parts.append(own)
        else:
            copay = min(term_of_service(terms.get("copay"), service, 0.0), price)
            coinsurance = term_of_service(terms.get("coinsurance"), service, own)
            parts.append((copay + coinsurance * (price - copay)) / price)
    return math.fsum(parts) / len(parts)


def response_factor(spec: Terms, arm: Terms, index: int, payers: Sequence[str]) -> float:
    """What an arm's response multiplies the volume of a line by."""
    response, service = arm.get("response"), services_of(spec)[index]
    if response is None:
        return 1.0
    (reference,) = [each for each in spec["arms"] if each["name"] == response["reference"]]
    chances = response.get("chances") or {}
    gained, earned = (
        marginal_revenue(spec, each, index, payers, chances.get(each["name"], (0.0, 0.0))) for each in (arm, reference)
    )
    new, old = (members_price(spec, each, index, payers) for each in (arm, reference))
    dearer = 0.0 if new + old == 0.0 else 2.0 * (new - old) / (new + old)
    of_provider = term_of_service(response["provider"], service, 0.0) * (gained - earned)
    of_members = term_of_service(response["member"], service, 0.0) * dearer
    cap = number_of(response, "cap")
    return min(max(math.exp(of_provider + of_members), 1.0 / cap), cap)
