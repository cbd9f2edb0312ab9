"""Where a contract of a random list may stand: after some of what it is computed from, as docs/order.md says."""

import atrisk as ar

#: Accounts in which a contract may pay the provider.
PAYS = {
    ar.Capitation: {"capitation"},
    ar.CareManagementFee: {"care_management_fee", "capitation", "claim", "quality_payment"},
    ar.FeeForService: {"claim"},
    ar.PayForPerformance: {"quality_payment", "withhold_returned"},
    ar.RiskCorridor: {"corridor_receipt"},
    ar.RiskPool: {"pool_surplus"},
    ar.SharedSavings: {"shared_savings"},
    ar.Withhold: {"withhold_returned"},
}


def looks_at(contract):
    """Return the accounts that a contract is computed from."""
    if isinstance(contract, (ar.Withhold, ar.Sequestration)):
        return set(contract.accounts)
    if isinstance(contract, ar.AdvancePayment):
        given = contract.recouped_from
        return {given} if isinstance(given, str) else set(given)
    if isinstance(contract, ar.PayForPerformance):
        return {"claim", "capitation"}
    needs_premium = isinstance(contract, ar.RiskCorridor) and contract.target_loss_ratio is not None
    return {"capitation"} if needs_premium or isinstance(contract, ar.MedicalLossRatioRebate) else set()


def seen_too_late(contracts):
    """Return the places of a contract that sees nothing it is computed from, and of the first that comes later."""
    for place, contract in enumerate(contracts):
        pays = [bool(looks_at(contract) & PAYS.get(type(other), set())) for other in contracts]
        if not any(pays[:place]) and any(pays[place + 1 :]):
            return place, place + 1 + pays[place + 1 :].index(True)
    return None


def put_in_order(contracts):
    """Return the contracts, each that would see nothing behind the first that it could see."""
    ordered = list(contracts)
    while (found := seen_too_late(ordered)) is not None:
        place, later = found
        ordered.insert(later, ordered.pop(place))
    return ordered
