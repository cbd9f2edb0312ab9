"""Contracts: the terms on which a provider is paid, one file each, as in the core."""

from atrisk.contracts._base import Contract
from atrisk.contracts.administrative_cost import AdministrativeCost
from atrisk.contracts.advance_payment import AdvancePayment
from atrisk.contracts.capitation import Capitation
from atrisk.contracts.fee_for_service import FeeForService
from atrisk.contracts.financing import Financing
from atrisk.contracts.investment import Investment
from atrisk.contracts.repayment_mechanism import RepaymentMechanism
from atrisk.contracts.shared_savings import SharedSavings
from atrisk.contracts.stop_loss import StopLoss

__all__ = [
    "AdministrativeCost",
    "AdvancePayment",
    "Capitation",
    "Contract",
    "FeeForService",
    "Financing",
    "Investment",
    "RepaymentMechanism",
    "SharedSavings",
    "StopLoss",
]
