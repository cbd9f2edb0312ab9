"""Care-management fee: a medical home is paid per member per month on top of a base payment."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from atrisk._errors import InputError
from atrisk._spec import names, texts
from atrisk.contracts._base import Contract
from atrisk.contracts._pmpm_bands import pmpm_bands

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from atrisk._types import Uncertain
    from atrisk.contracts._pmpm_bands import PmpmBand


@dataclass(frozen=True, kw_only=True)
class CareManagementFee(Contract):
    """A medical home's payment per member per month, on top of a base payment.

    It counts the members who are attributed to the provider. Beside the fee there may be an incentive that is paid
    first and earned later, a part of fees that is paid ahead, and visits that are paid a flat fee.

    Parameters
    ----------
    pmpm : float, optional
        Dollars per member per month, at least 0; this or ``tiers``.
    tiers : sequence of (risk_from, risk_below, dollars)
        Dollars per member per month by the risk score that is paid for, in bands that rise without gaps
        (``risk_below`` None: without end). Members of no band bring no fee.
    coinsurance : float, default 0
        The part of the fee, 0-1, that members pay; it counts toward no deductible and no maximum.
    prepaid_incentive_pmpm : float, default 0
        Dollars per member per month that are paid before they are earned.
    incentive_earned_share : float, default 1
        The part of it, 0-1, that is earned; the rest is paid back in ``settle_month``.
    prospective_pmpm : float, default 0
        Dollars per member per month paid ahead for care whose fees are reduced.
    fee_reduction : float, default 0
        The part, 0-1, that is taken off what the payer pays for ``reduced_scope``; what members pay stays.
    reduced_scope : sequence of str, optional
        Names of the services whose fees are reduced.
    flat_visit_fee : float, optional
        Dollars that the payer pays for each event of ``visit_scope``, whatever its price; members pay what they pay.
    visit_scope : sequence of str, optional
        Names of the services that the flat fee is for; no other base payment may claim them.
    performance_adjustment : float, default 0
        What performance adds to the year's fees and flat visit fees in ``settle_month``, as a part of them, -1 to 1;
        below 0 it is taken off.
    settle_month : int, default 18
        Month in which the incentive and the adjustment are settled, 12-60, counted from the start of the year.
    notes : sequence of str
        What a reader must know of the terms, such as figures not checked against a text; printed on statements.
    """

    pmpm: Uncertain | None = None
    tiers: Sequence[PmpmBand] = ()
    coinsurance: Uncertain = 0.0
    prepaid_incentive_pmpm: Uncertain = 0.0
    incentive_earned_share: Uncertain = 1.0
    prospective_pmpm: Uncertain = 0.0
    fee_reduction: Uncertain = 0.0
    reduced_scope: Sequence[str] | None = None
    flat_visit_fee: Uncertain | None = None
    visit_scope: Sequence[str] | None = None
    performance_adjustment: Uncertain = 0.0
    settle_month: int = 18
    notes: Sequence[str] = ()

    def to_spec(self) -> dict[str, Any]:
        """Return the specification the core reads."""
        spec = super().to_spec()["care_management_fee"]
        spec["tiers"] = pmpm_bands("tiers", self.tiers, "risk")
        spec["reduced_scope"] = names(self.reduced_scope)
        spec["visit_scope"] = names(self.visit_scope)
        spec["notes"] = texts("notes", self.notes)
        return {"care_management_fee": spec}

    @classmethod
    def cpc_plus(
        cls,
        track: int,
        *,
        year: int,
        risk_cut_points: Sequence[float],
        **terms: Any,  # noqa: ANN401 - terms
    ) -> CareManagementFee:
        """Return the fee of Comprehensive Primary Care Plus: tiers by HCC score and a prepaid incentive.

        Parameters
        ----------
        track : {1, 2}
            Track.
        year : int
            Performance year, 2017-2021.
        risk_cut_points : sequence of float
            Risk scores between the tiers, rising: the quartiles of the region's reference population, and for track 2
            its 90th percentile too. They are in no public table.
        **terms
            Any other term, or one in place of the preset's: ``incentive_earned_share``; of track 2
            ``prospective_pmpm``, ``fee_reduction`` and ``reduced_scope`` (the hybrid payment).
        """
        from atrisk.contracts._medical_home import cpc_plus_terms  # noqa: PLC0415 - keeps the import of atrisk quick

        return _with(cls, "cpc_plus", cpc_plus_terms(track, year, risk_cut_points), terms)

    @classmethod
    def primary_care_first(
        cls,
        risk_group: int,
        *,
        year: int,
        visit_scope: Sequence[str],
        **terms: Any,  # noqa: ANN401 - terms
    ) -> CareManagementFee:
        """Return the payment of Primary Care First: per member per month by practice, and a flat visit fee.

        Parameters
        ----------
        risk_group : {1, 2, 3, 4}
            Group of the practice, by the mean HCC score of its members: below 1.2, 1.5, 2.0, or above.
        year : int
            Performance year that the table has: 2021. Its figures are recalled and before the geographic adjustment.
        visit_scope : sequence of str
            Names of the services that are paid the flat fee.
        **terms
            Any other term, or one in place of the preset's: ``performance_adjustment``.
        """
        from atrisk.contracts._medical_home import primary_care_first_terms  # noqa: PLC0415 - keeps the import of atrisk quick

        return _with(
            cls, "primary_care_first", primary_care_first_terms(risk_group, year) | {"visit_scope": visit_scope}, terms
        )

    @classmethod
    def chronic_care(
        cls,
        shares: Mapping[str, float],
        *,
        year: int,
        eligible_share: float = 1.0,
        **terms: Any,  # noqa: ANN401 - terms
    ) -> CareManagementFee:
        """Return what the monthly codes of chronic care management come to: share of eligible members × rate.

        Parameters
        ----------
        shares : mapping of str to float
            By code (99490, 99439, 99487, 99489): services in a month for each eligible member, at least 0.
        year : int
            Calendar year that the table has: 2024. A rate that changes in the year is weighed by days.
        eligible_share : float, default 1
            The part of the attributed members, 0-1, who are eligible.
        **terms
            Any other term, or one in place of the preset's; Medicare members owe a ``coinsurance`` of these codes.
        """
        from atrisk.contracts._medical_home import chronic_care_terms  # noqa: PLC0415 - keeps the import of atrisk quick

        return _with(cls, "chronic_care", chronic_care_terms(shares, year, eligible_share), terms)


def _with(cls: type[CareManagementFee], name: str, preset: dict[str, Any], terms: dict[str, Any]) -> CareManagementFee:
    """Return the contract of a preset, with a user's own terms in place of its own."""
    try:
        return cls(**(preset | terms))
    except TypeError as error:
        path = f"CareManagementFee.{name}"
        raise InputError(path, "must be given terms of CareManagementFee", str(error)) from None
