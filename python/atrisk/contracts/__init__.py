"""Contracts: the terms on which a provider is paid, one file each, as in the core."""

from typing import TYPE_CHECKING

from atrisk._lazily import lazily
from atrisk.contracts._base import Contract

if TYPE_CHECKING:
    from atrisk.contracts.administrative_cost import AdministrativeCost
    from atrisk.contracts.advance_payment import AdvancePayment
    from atrisk.contracts.capitation import Capitation
    from atrisk.contracts.care_management_fee import CareManagementFee
    from atrisk.contracts.direct_primary_care import DirectPrimaryCare
    from atrisk.contracts.episode_bundle import EpisodeBundle
    from atrisk.contracts.fee_for_service import FeeForService
    from atrisk.contracts.financing import Financing
    from atrisk.contracts.investment import Investment
    from atrisk.contracts.medical_loss_ratio_rebate import MedicalLossRatioRebate
    from atrisk.contracts.pay_for_performance import PayForPerformance
    from atrisk.contracts.repayment_mechanism import RepaymentMechanism
    from atrisk.contracts.risk_corridor import RiskCorridor
    from atrisk.contracts.risk_pool import RiskPool
    from atrisk.contracts.sequestration import Sequestration
    from atrisk.contracts.shared_savings import SharedSavings
    from atrisk.contracts.stop_loss import StopLoss
    from atrisk.contracts.withhold import Withhold

__getattr__, __dir__ = lazily(
    "atrisk.contracts",
    {
        "AdministrativeCost": "atrisk.contracts.administrative_cost",
        "AdvancePayment": "atrisk.contracts.advance_payment",
        "Capitation": "atrisk.contracts.capitation",
        "CareManagementFee": "atrisk.contracts.care_management_fee",
        "DirectPrimaryCare": "atrisk.contracts.direct_primary_care",
        "EpisodeBundle": "atrisk.contracts.episode_bundle",
        "FeeForService": "atrisk.contracts.fee_for_service",
        "Financing": "atrisk.contracts.financing",
        "Investment": "atrisk.contracts.investment",
        "MedicalLossRatioRebate": "atrisk.contracts.medical_loss_ratio_rebate",
        "PayForPerformance": "atrisk.contracts.pay_for_performance",
        "RepaymentMechanism": "atrisk.contracts.repayment_mechanism",
        "RiskCorridor": "atrisk.contracts.risk_corridor",
        "RiskPool": "atrisk.contracts.risk_pool",
        "Sequestration": "atrisk.contracts.sequestration",
        "SharedSavings": "atrisk.contracts.shared_savings",
        "StopLoss": "atrisk.contracts.stop_loss",
        "Withhold": "atrisk.contracts.withhold",
    },
)

__all__ = [
    "AdministrativeCost",
    "AdvancePayment",
    "Capitation",
    "CareManagementFee",
    "Contract",
    "DirectPrimaryCare",
    "EpisodeBundle",
    "FeeForService",
    "Financing",
    "Investment",
    "MedicalLossRatioRebate",
    "PayForPerformance",
    "RepaymentMechanism",
    "RiskCorridor",
    "RiskPool",
    "Sequestration",
    "SharedSavings",
    "StopLoss",
    "Withhold",
]
