"""Shared savings: a year's spending against a benchmark, and a share of what was saved or overspent."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

from atrisk._errors import InputError
from atrisk._spec import names, pair, term, texts
from atrisk.contracts._base import Contract
from atrisk.contracts._flow import with_flow
from atrisk.rules._rule import Rule
from atrisk.rules._tables import table_bands
from atrisk.statement import Statement

if TYPE_CHECKING:
    from collections.abc import Sequence

    from atrisk._types import Uncertain
    from atrisk.benchmark import Benchmark

#: A band of a table of rates by members: from, to (None: without end), rate at its first and at its last member.
Band = tuple[float, float | None, float, float]

#: What the rule that shares looks at; all else is about where benchmark and spending come from.
SHARING = (
    "sharing_rate",
    "loss_rate",
    "loss_rate_by_quality",
    "quality_rule",
    "minimum_savings_rate",
    "minimum_loss_rate",
    "minimum_rate_table",
    "table_below_members",
    "payment_limit_rate",
    "loss_limit_rate",
    "loss_limit_revenue_rate",
    "reduced_sharing",
    "sequestration_rate",
)
#: What only a study settles.
OF_STUDIES = (
    "quality_measures",
    "discount_rate",
    "quality_withhold_rate",
    "distributed_share",
    "recovered_share",
    "interim_share",
)
WATERFALL = (("benchmark", 1), ("spending", -1), ("savings", 1))
SOURCE = "42 CFR 425.605, 425.610"


@dataclass(frozen=True, kw_only=True)
class SharedSavings(Contract):
    """A share of savings, and in a two-sided contract of losses, against a benchmark.

    The benchmark of a year is its dollars per member per month × member-months, of the members attributed to the
    provider; savings = benchmark − spending over all services. Minimum rates are met by meeting them; sharing is from
    the first dollar; sequestration is taken off before the payment limit holds: the order of 42 CFR 425.605, 425.610.

    Terms are checked when a study is built, whose errors name the arm and the contract's place in it, or when a user's
    own figures are settled.

    Parameters
    ----------
    benchmark_pmpm : float, optional
        Dollars per member per month, above 0; fixed, that is, known without error. This or ``benchmark``.
    benchmark : Benchmark, optional
        One that is computed from base years, with errors of its own.
    basis : {"allowed", "paid"}, default "paid"
        What spending and benchmark measure: allowed amounts at the arm's prices, or those less the members'
        cost share.
    sharing_rate : float
        The provider's share of savings, 0-1.
    loss_rate : float, default 0
        The provider's share of losses, 0-1; 0 is one-sided.
    minimum_savings_rate, minimum_loss_rate : float, default 0
        Part of the benchmark, 0-1, that must be saved or lost before anything is shared.
    payment_limit_rate, loss_limit_rate : float, optional
        The most that can be earned or owed, as a part of the benchmark, 0-1; by default no limit.
    quality_score : float, default 1
        What quality comes to, 0-1.
    quality_rule : {"none", "times_score", "all_or_nothing", "full_or_alternative"}, default "none"
        What quality does to the sharing rate: nothing; the rate times the score; all of it where the standard is met;
        or, where only the alternative standard is met, times the score.
    quality_measures : sequence of str, default ()
        Measures of the study whose scores, by weight, make the score of each year, in place of ``quality_score``; one
        without eligible members does not count.
    loss_rate_by_quality : (float, float), optional
        Losses are shared at 1 − ``sharing_rate`` × ``quality_score``, at least the first and at most the second.
    minimum_rate_table : sequence of (from, to, low, high), optional
        Minimum rates by members: bands from and to which members (None: without end) the rate falls in a straight line
        from low to high. In a study, members are member-months / 12.
    table_below_members : float, optional
        The table holds only below so many members, whatever was elected; by default always.
    loss_limit_revenue_rate : float, optional
        The most that can be owed, as a part of the provider's revenue, 0-1; in a study that of these members' care.
    reduced_sharing : (float, float), optional
        Low-revenue providers whose savings do not reach the minimum get this factor of the sharing rate, from so many
        members on.
    sequestration_rate : float, default 0
        What is taken off a payment, 0-1; off losses nothing.
    discount_rate : float, default 0
        The part of the benchmark, 0-1, that is taken off it for the payer; all that follows is of what is left.
    quality_withhold_rate : float, default 0
        The part of the discounted benchmark, 0-1, that is taken off too and comes back times the quality score.
    distributed_share : float, default 0
        The part of what is earned, 0-1, that the provider, an organization, passes on to its participants, which are
        other providers.
    recovered_share : float, default 0
        The part of what is owed, 0-1, that participants bear.
    truncation : float, optional
        Dollars that a member's year counts for at most; by default all of them.
    benchmark_truncated : bool, default False
        Says that ``benchmark_pmpm`` was computed from truncated spending; without it truncation is refused. A
        ``benchmark`` of base years is truncated as spending is.
    interim_share : float, default 0
        The part, 0-1, of what the first months of the year would earn that is paid before the final settlement, which
        takes it back: what is paid in both is what is earned, and what was too much is clawed back.
    interim_claims_months : int, default 12
        The first months of the year, 1-12, whose members and claims the interim settlement looks at; rates, quality
        and the dollars of the benchmark for each of their member-months are as at the end of the year.
    interim_month : int, optional
        Month in which it is paid, from 12 on and before ``settle_month``; with ``interim_share``.
    episode_payments : {"counted", "apart"}, default "counted"
        In an arm, where the same members' episodes are in an :class:`EpisodeBundle` before this contract: whether what
        bundles pay for them, less what they take, is spending of the year, so that what is saved is shared once; or
        left aside, so that both share it. Of interim settlements it is no part.
    settle_month : int, default 21
        Month in which the cash moves, 12-60, counted from the start of the year.
    notes : sequence of str
        What a reader must know of the terms, such as figures not checked against a text; printed on statements.
    """

    benchmark_pmpm: Uncertain | None = None
    benchmark: Benchmark | None = None
    basis: str = "paid"
    sharing_rate: Uncertain
    loss_rate: Uncertain = 0.0
    minimum_savings_rate: Uncertain = 0.0
    minimum_loss_rate: Uncertain = 0.0
    payment_limit_rate: Uncertain | None = None
    loss_limit_rate: Uncertain | None = None
    quality_score: Uncertain = 1.0
    quality_rule: str = "none"
    quality_measures: Sequence[str] = ()
    loss_rate_by_quality: tuple[float, float] | None = None
    minimum_rate_table: Sequence[Band] = field(default=(), repr=False)
    table_below_members: float | None = None
    loss_limit_revenue_rate: Uncertain | None = None
    reduced_sharing: tuple[float, float] | None = None
    sequestration_rate: Uncertain = 0.0
    discount_rate: Uncertain = 0.0
    quality_withhold_rate: Uncertain = 0.0
    distributed_share: Uncertain = 0.0
    recovered_share: Uncertain = 0.0
    truncation: Uncertain | None = None
    benchmark_truncated: bool = False
    interim_share: Uncertain = 0.0
    interim_claims_months: int = 12
    interim_month: int | None = None
    episode_payments: Literal["counted", "apart"] = "counted"
    settle_month: int = 21
    notes: Sequence[str] = ()

    @classmethod
    def mssp(cls, track: str, *, year: int, agreement_year: int = 1, **terms: Any) -> SharedSavings:  # noqa: ANN401 - terms
        """Return the terms of a track of the Medicare Shared Savings Program in a performance year.

        Parameters
        ----------
        track : str
            ``"BASIC A"`` to ``"BASIC E"``, ``"ENHANCED"``, ``"Track 1"``, ``"Track 1+"``, ``"Track 2"``, ``"Track 3"``.
        year : int
            Performance year, 2012-2026.
        agreement_year : int, default 1
            Year of the agreement period, on which some limits depend.
        **terms
            Any other term, in place of the track's: ``benchmark_pmpm``, or the minimum rates that the provider elected
            (``minimum_savings_rate=0.02, minimum_loss_rate=0.02``; by default 2 % each where the track lets it elect,
            and always the table by members below 5,000). Without a benchmark it is computed from three base years, 10,
            30 and 60 % and trended nationally.

        Raises
        ------
        InputError
            If there is no such track or the year has no row; the years that exist are named.
        """
        from atrisk.mssp._tracks import sharing_terms  # noqa: PLC0415 - knows contracts

        return sharing_terms(cls, track, year, agreement_year, terms)

    def to_spec(self) -> dict[str, Any]:
        """Return the specification the core reads."""
        spec = super().to_spec()["shared_savings"]
        spec |= self._structured()
        spec["quality_measures"] = names(self.quality_measures)
        spec["notes"] = texts("notes", self.notes)
        return {"shared_savings": spec}

    def _structured(self) -> dict[str, Any]:
        return {
            "loss_rate_by_quality": pair("loss_rate_by_quality", self.loss_rate_by_quality),
            "reduced_sharing": pair("reduced_sharing", self.reduced_sharing),
            "minimum_rate_table": table_bands("minimum_rate_table", self.minimum_rate_table),
        }

    def rule(self) -> Rule:
        """Return the rule that shares, without any study."""
        of_studies = next((name for name in OF_STUDIES if getattr(self, name)), None)
        if of_studies is not None:
            rule = "must be left out where own figures are settled: the benchmark and score given are final"
            raise InputError(f"SharedSavings.{of_studies}", rule, repr(getattr(self, of_studies)))
        terms = {name: term(getattr(self, name)) for name in SHARING} | self._structured()
        uncertain = next((name for name, value in terms.items() if isinstance(value, dict)), None)
        if uncertain is not None:
            raise InputError(f"SharedSavings.{uncertain}", "must be a number", repr(getattr(self, uncertain)))
        # Minimum rates by members need their number; without a table it is not looked at.
        needed = ("members",) if self.minimum_rate_table else ()
        return Rule("shared_savings", terms, "SharedSavings", WATERFALL, tuple(self.notes), SOURCE, needed=needed)

    def settle(self, frame: object = None, /, **facts: object) -> Any:  # noqa: ANN401 - a frame of the user's kind
        """Settle a user's own figures.

        Parameters
        ----------
        frame : data frame, optional
            Providers' years in rows. Columns: ``benchmark`` and ``spending``, dollars, and where they matter
            ``members``, ``elected_minimum_rate``, ``quality_score``, ``met_quality_standard``,
            ``met_alternative_quality_standard``, ``low_revenue``, ``revenue``, ``guardrail_benchmark``,
            ``disaster_share``, ``disaster_adjustment``, ``months_owed``, ``advance_balance``;
            ``final_sharing_rate``, ``final_loss_rate`` and ``revenue_loss_limit`` where they are known themselves.
        **facts
            The same by name: numbers give a :class:`Statement`, arrays a frame.

        Returns
        -------
        Statement or data frame
            Line by line from ``savings`` to ``settlement`` (earned, or below 0 owed) and ``cash`` (less advances). A
            statement also says what the payer keeps or bears, and draws how savings or losses become what is paid.
        """
        given = facts if _has(frame, "quality_score") else {"quality_score": self.quality_score} | facts
        settled = self.rule().settle(frame, **given)
        return with_flow(settled) if isinstance(settled, Statement) else settled


def _has(frame: object, column: str) -> bool:
    """Return whether a mapping or data frame (pandas, polars, Arrow) has a column."""
    if isinstance(frame, Mapping):
        return column in frame
    return column in getattr(frame, "column_names", getattr(frame, "columns", ()))
