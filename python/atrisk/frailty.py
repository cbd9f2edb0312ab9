"""Frailty: how members of the same risk score differ in what they use."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from atrisk._errors import InputError
from atrisk._spec import number, plain, text

if TYPE_CHECKING:
    from atrisk.distributions import Distribution


@dataclass(frozen=True, kw_only=True)
class Frailty:
    """A factor of mean 1 for each member, by which its rates are multiplied.

    It is the product of a part that a member keeps and of one that is another in every year. With coefficient of
    variation c and permanent share w, the factors of two years have correlation w, and the counts of a service with
    rate λ have correlation ``λ w c² / (1 + λ c²)`` at every lag.

    Parameters
    ----------
    cv : float
        Coefficient of variation, 0-20.
    family : {"gamma", "log_normal", "two_point"}, default "gamma"
        Of each part. Gamma makes counts negative binomial; "two_point" has members who use nothing
        (:meth:`non_users`).
    permanent_share : float, default 1
        The part that members keep, 0-1, as the correlation of the frailties of two years.
    non_user_share : float, default 0
        The part of the members, from 0 to below 1, who use nothing in a year, others in every year. Those who do use
        1 / (1 − share) as much: it comes on top of ``cv``.
    never_user_share : float, default 0
        The part of the members, from 0 to below 1, who never use anything, likewise.

    Notes
    -----
    With shares y and n without use, 1 + the variance of a year is ``(1 + cv²) / ((1 − y) (1 − n))``, and 1 + the
    covariance of two years ``(1 + permanent_share × cv²) / (1 − n)``.
    """

    cv: float | Distribution
    family: str = "gamma"
    permanent_share: float | Distribution = 1.0
    non_user_share: float | Distribution = 0.0
    never_user_share: float | Distribution = 0.0

    @classmethod
    def non_users(cls, share: float, *, permanent_share: float = 1.0) -> Frailty:
        """Return a two-point frailty: a share of the members (0-1) uses nothing, the others 1 / (1 − share) as much."""
        if not 0.0 <= plain("frailty.non_users", share) < 1.0:
            raise InputError("frailty.non_users", "must be at least 0 and below 1", f"{share}")
        return cls(cv=math.sqrt(share / (1.0 - share)), family="two_point", permanent_share=permanent_share)

    def to_spec(self) -> dict[str, Any]:
        """Return the specification the core reads."""
        family = text("frailty.family", self.family)
        return {
            "family": family,
            "cv": number(self.cv),
            "permanent_share": number(self.permanent_share),
            "non_user_share": number(self.non_user_share),
            "never_user_share": number(self.never_user_share),
        }
