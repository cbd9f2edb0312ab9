"""Direct primary care: members pay a retainer each month, and for care in the practice there is no claim."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from atrisk._spec import names
from atrisk.contracts._base import Contract
from atrisk.contracts._pmpm_bands import one_or_bands

if TYPE_CHECKING:
    from collections.abc import Sequence

    from atrisk._types import Uncertain
    from atrisk.contracts._pmpm_bands import PmpmBand


@dataclass(frozen=True, kw_only=True)
class DirectPrimaryCare(Contract):
    """A retainer that each member pays every month, whatever care the practice gives.

    For services in scope there is no claim: nothing is allowed, members pay no cost share and the payer nothing, and
    the practice bears what giving them costs. How a panel grows, what it is capped at and who leaves are inputs of the
    :class:`Population`.

    Parameters
    ----------
    retainer_pmpm : float or sequence of (age_from, age_below, dollars)
        Dollars per member per month, at least 0: one figure, or one for each band of age, which rise without gaps
        (``age_below`` None: without end). Members of no band pay nothing.
    scope : sequence of str
        Names of the services in the practice that the retainer is for.
    enrolment_fee : float, default 0
        Dollars, at least 0, once for each member in the month in which its enrolment begins; who was there before the
        first performance year pays none.
    sponsor_share : float, default 0
        The part of the retainer, 0-1, that an employer or payer pays in the member's place.
    pass_through : sequence of str, optional
        Names of services of the practice that members pay at its own cost (laboratory, drugs).
    pass_through_markup : float, default 0
        What is added to that cost, as a part of it, 0-1.
    """

    retainer_pmpm: Uncertain | Sequence[PmpmBand]
    scope: Sequence[str]
    enrolment_fee: Uncertain = 0.0
    sponsor_share: Uncertain = 0.0
    pass_through: Sequence[str] | None = None
    pass_through_markup: Uncertain = 0.0

    def to_spec(self) -> dict[str, Any]:
        """Return the specification the core reads."""
        spec = super().to_spec()["direct_primary_care"]
        spec["retainer_pmpm"] = one_or_bands("retainer_pmpm", self.retainer_pmpm, "age")
        spec["pass_through"] = names(self.pass_through)
        return {"direct_primary_care": spec}
