//! A year of a provider under shared savings: its facts, and the lines of its statement.

use crate::money::{Amount, Term};
use crate::rules::figures::figures;

/// Months of a year.
pub(super) const MONTHS: i32 = 12;

figures! {
    /// A year of a provider.
    SharedSavingsFacts {
        benchmark: Dollars from 0.0, "updated benchmark of all members";
        spending: Dollars, "their spending, on the basis of the benchmark";
        members: Count = 0.0, "heads, for minimum rates by members";
        elected_minimum_rate: Rate or unknown, "minimum rate the provider chose, in place of the terms'";
        quality_score: Rate = 1.0, "score, 0-1";
        met_quality_standard: Flag = 1.0, "whether the quality standard is met";
        met_alternative_quality_standard: Flag = 0.0, "whether only the alternative standard is met";
        final_sharing_rate: Rate or unknown, "sharing rate after quality, in place of the terms'";
        final_loss_rate: Rate or unknown, "loss rate after quality, in place of the terms'";
        low_revenue: Flag = 0.0, "whether participants' revenue is low";
        revenue: Dollars from 0.0 or unknown, "participants' revenue, for the limit of losses";
        revenue_loss_limit: Dollars from 0.0 or unknown, "limit of losses by revenue, where it is known itself";
        guardrail_benchmark: Dollars from 0.0 or unknown, "benchmark without the prospective trend, for losses";
        disaster_share: Rate = 0.0, "part of the months × part of the members in a declared disaster";
        disaster_adjustment: Dollars from 0.0 = 0.0, "what a disaster takes off a loss, where it is known itself";
        months_owed: Count to 12.0 = 12.0, "months of losses owed after an early end";
        advance_balance: Dollars from 0.0 = 0.0, "advance payments not yet repaid";
    }
}

figures! {
    /// The computation.
    SharedSavingsLines {
        savings: Dollars, "benchmark − spending";
        minimum_rate: Rate, "by members, elected, or the terms'";
        minimum: Dollars, "minimum_rate × benchmark; savings and losses count from it on, and then in full";
        sharing_rate: Rate, "after quality; 0 where savings do not reach the minimum";
        shared: Dollars, "sharing_rate × savings";
        sequestered: Dollars, "sequestration_rate × shared";
        payment_limit: Dollars or unknown, "payment_limit_rate × benchmark";
        earned: Dollars, "shared − sequestered, at most payment_limit";
        loss_rate: Rate, "after quality; 0 where losses do not reach the minimum";
        shared_losses: Dollars, "loss_rate × losses";
        loss_limit: Dollars or unknown, "the least of the limits by benchmark and, where revenue is given, by revenue";
        limited_losses: Dollars, "shared_losses, at most loss_limit";
        disaster_reduction: Dollars, "disaster_share × limited_losses, or what is known itself where more";
        owed: Dollars, "(limited_losses − disaster_reduction) × months_owed ÷ 12";
        settlement: Dollars, "earned − owed";
        advance_recouped: Dollars, "advance_balance, at most earned";
        cash: Dollars, "settlement − advance_recouped";
    }
}

impl<A: Amount> SharedSavingsFacts<A> {
    /// A year of which nothing is known but its dollars: all else as where it is not given.
    #[must_use]
    pub fn of(benchmark: A, spending: A) -> Self {
        Self {
            benchmark,
            spending,
            members: A::ZERO,
            elected_minimum_rate: None,
            quality_score: A::ONE,
            met_quality_standard: A::ONE,
            met_alternative_quality_standard: A::ZERO,
            final_sharing_rate: None,
            final_loss_rate: None,
            low_revenue: A::ZERO,
            revenue: None,
            revenue_loss_limit: None,
            guardrail_benchmark: None,
            disaster_share: A::ZERO,
            disaster_adjustment: A::ZERO,
            months_owed: A::term(&Term::from(MONTHS)),
            advance_balance: A::ZERO,
        }
    }
}
