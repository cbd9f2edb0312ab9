"""How members differ: the frailty that services share and that of each line, with the parts that members keep."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import numpy as np

from atrisk.fit._mixing import Mixing, split
from atrisk.fit._moments import Moment

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from atrisk.fit._moments import Moments, Used

SMALLEST = 1e-4  # relative variances below count as none: a cv of 0.01
EDGE = 1e-3  # kept shares so near to 0 or 1 are taken as 0 or 1


@dataclass(frozen=True)
class Spread:
    """A frailty as estimated: relative variances of a year and of what is kept, each with its influence.

    Attributes
    ----------
    variance, kept : Moment
        Of one year's frailty, and its covariance between years; ``kept`` is None where no member has two years.
    non_users, never : float
        The parts of the members, 0-1, who use nothing in a year, others in every year, and who never use anything.
    """

    variance: Moment
    kept: Moment | None
    non_users: float = 0.0
    never: float = 0.0

    @property
    def users(self) -> float:
        """The part of the members who use care in a year."""
        return (1.0 - self.non_users) * (1.0 - self.never)

    @property
    def among_users(self) -> float:
        """Relative variance of a year's frailty among those who use care."""
        return (1.0 + self.variance.value) * self.users - 1.0

    @property
    def kept_among_users(self) -> float:
        """Relative variance of the part that members keep, among those who ever use care."""
        return 0.0 if self.kept is None else (1.0 + self.kept.value) * (1.0 - self.never) - 1.0

    @property
    def cv(self) -> float:
        """Coefficient of variation in a year, among those who use care."""
        return float(np.sqrt(self.among_users)) if self.among_users > SMALLEST else 0.0

    @property
    def most_non_users(self) -> float:
        """The largest part without use in a year that what members keep leaves room for."""
        kept = 0.0 if self.kept is None else max(self.kept.value, 0.0)
        return max(1.0 - (1.0 + kept) / (1.0 + self.variance.value), 0.0)

    @property
    def most_never(self) -> float:
        """The largest part who never use anything that what members keep leaves room for."""
        return 0.0 if self.kept is None else max(1.0 - 1.0 / (1.0 + self.kept.value), 0.0)

    @property
    def permanent_share(self) -> float:
        """The part that members keep, 0-1; 1 where nothing tells."""
        if self.kept is None or self.cv == 0.0:
            return 1.0
        share = self.kept_among_users / self.among_users
        return 0.0 if share < EDGE else 1.0 if share > 1.0 - EDGE else float(share)

    def in_two_years(
        self, one: NDArray[np.float64], other: NDArray[np.float64], both: NDArray[np.float64]
    ) -> NDArray[np.float64]:
        """Return the chance of nothing in two years, of chances among those who use care in one, the other and both."""
        use = 1.0 - self.non_users
        some = self.non_users**2 + use * (self.non_users * (one + other) + use * both)
        return self.never + (1.0 - self.never) * some

    @property
    def parts(self) -> tuple[float, float]:
        """Relative variances of the kept factor and of the year's, whose product is the frailty."""
        variance = self.cv**2
        return split(variance, self.permanent_share * variance)


@dataclass(frozen=True)
class Dispersion:
    """The frailties of a fit.

    Attributes
    ----------
    shared : Spread or None
        That of all services; None where there is one line only.
    own : mapping of str to Spread
        That of each line beside it.
    families : mapping of str to str
        Family of each line's own frailty; under an empty name that of the shared one.
    notes : tuple of str
        What could not be told.
    """

    shared: Spread | None
    own: Mapping[str, Spread]
    families: Mapping[str, str] = field(default_factory=dict)
    notes: tuple[str, ...] = ()

    def spread(self, whose: str) -> Spread:
        """Return a line's own frailty; under an empty name the shared one, of nobody where there is none."""
        if whose:
            return self.own[whose]
        return Spread(Moment.nothing(0), None) if self.shared is None else self.shared

    def mixing(self, line: str) -> Mixing:
        """Return the frailty of a line in a year, shared and own."""
        shared, own = self.spread(""), self.own[line]
        parts = [(self.families.get("", "gamma"), part) for part in shared.parts]
        parts += [(self.families[line], part) for part in own.parts]
        return Mixing(tuple(parts), 1.0 - shared.users * own.users)

    def with_own(self, line: str, own: Spread) -> Dispersion:
        """Return the same with another frailty of a line's own."""
        return replace(self, own={**self.own, line: own})

    def with_families(self, families: Mapping[str, str]) -> Dispersion:
        """Return the same with other families."""
        return replace(self, families={**self.families, **families})

    def without_use(self, whose: str, non_users: float, never: float) -> Dispersion:
        """Return the same with parts of members who use nothing in a year, and who never do: of a line or of all."""
        spread = replace(self.spread(whose), non_users=non_users, never=never)
        return replace(self, own={**self.own, whose: spread}) if whose else replace(self, shared=spread)


def dispersion(
    moments: Moments, lines: Sequence[Used], dollars: Mapping[str, NDArray[np.float64]], severity: Moment
) -> Dispersion:
    """Estimate the frailties of lines from their second moments; those of lines of dollars are left to any use.

    Parameters
    ----------
    moments : Moments
        Of the person-years.
    lines : sequence of Used
        The lines.
    dollars : mapping of str to numpy.ndarray
        Dollars of each line, by person-year: pairs of lines count by the dollars that their covariance moves.
    severity : Moment
        Relative variance of the factor on a member's prices, which dollars of uncounted lines carry.
    """
    shared, notes = _shared(moments, lines, dollars, severity)
    own = {
        line.name: _own(moments, line, shared)
        if line.counted
        else Spread(Moment.nothing(len(severity.influence)), None)
        for line in lines
    }
    for name, spread in own.items():
        if spread.variance.value < -2.0 * _error(spread.variance):
            notes.append(f"{name} varies less than the frailty that all services share: it is given none of its own")
    return Dispersion(shared=shared, own=own, notes=tuple(notes))


def _shared(
    moments: Moments, lines: Sequence[Used], dollars: Mapping[str, NDArray[np.float64]], severity: Moment
) -> tuple[Spread | None, list[str]]:
    if len(lines) == 1:
        return None, ["with one service line its frailty is its own, and none is shared"]
    weight = {line.name: moments.weight(line, dollars[line.name]) for line in lines}
    pairs = [(one, other) for place, one in enumerate(lines) for other in lines[:place]]
    weights = [weight[one.name] * weight[other.name] for one, other in pairs]
    same = [_of_counts(moments.same_year(*pair), pair, severity) for pair in pairs]
    variance = moments.pooled(list(zip(weights, same, strict=True)))
    later = [(weight, pair, moments.other_years(*pair)) for weight, pair in zip(weights, pairs, strict=True)]
    known = [(weight, _of_counts(moment, pair, severity)) for weight, pair, moment in later if moment is not None]
    kept = moments.pooled(known) if known else None
    notes = [] if kept is not None else ["no member has two years: every frailty is taken as kept for good"]
    if variance.value <= SMALLEST:
        notes.append("lines do not vary together: no frailty is shared")
        nothing = Moment.nothing(len(severity.influence))
        return Spread(nothing, None if kept is None else nothing), notes
    return Spread(variance, kept), notes


def _of_counts(moment: Moment, pair: tuple[Used, Used], severity: Moment) -> Moment:
    """Take a member's prices out of what two lines of dollars have in common."""
    if pair[0].counted or pair[1].counted:
        return moment
    return _without(moment, severity)


def _own(moments: Moments, line: Used, shared: Spread | None) -> Spread:
    """Take what is shared out of a line's relative variances: ``1 + own = (1 + all) / (1 + shared)``."""
    variance = _without(moments.same_year(line, line), None if shared is None else shared.variance)
    later = moments.other_years(line, line)
    return Spread(variance, None if later is None else _without(later, None if shared is None else shared.kept))


def _without(all_of_it: Moment, shared: Moment | None) -> Moment:
    if shared is None:
        return all_of_it
    ratio = (1.0 + all_of_it.value) / (1.0 + shared.value)
    influence = (all_of_it.influence - ratio * shared.influence) / (1.0 + shared.value)
    return Moment(ratio - 1.0, influence)


def _error(moment: Moment) -> float:
    return float(np.sqrt(moment.influence @ moment.influence))
