//! What Medicare pays a plan of Medicare Advantage for a member and month: its bid, and a rebate where it bids below the
//! benchmark.

use serde::Deserialize;

use super::Rule;
use super::figures::figures;
use crate::error::{Place, Result, show};
use crate::money::Amount;
use crate::terms::{Rung, reaches};

/// Which part of what is bid below the benchmark comes back.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AdvantageBid {
    /// Shares by stars: each from its stars on; nothing below the first.
    rebate_shares: Vec<Rung>,
}

figures! {
    /// A plan, per member and month.
    BidFacts {
        benchmark: Dollars, "benchmark per member and month, at a risk score of 1";
        bid: Dollars, "bid per member and month, at a risk score of 1";
        stars: Points, "quality rating of the plan, in stars";
        risk_score: Factor = 1.0, "payment risk score";
    }
}

figures! {
    /// What is paid, per member and month.
    BidLines {
        savings: Dollars, "(benchmark − bid) × risk_score, where above 0";
        base_payment: Dollars, "(the smaller of bid and benchmark) × risk_score";
        rebate_share: Rate, "of the table by stars";
        rebate: Dollars, "rebate_share × (benchmark − bid) × risk_score, where above 0";
        payment: Dollars, "base_payment + rebate";
        member_premium: Dollars, "bid − benchmark, where above 0: paid by each member";
    }
}

impl Rule for AdvantageBid {
    type Facts<A: Amount> = BidFacts<A>;
    type Lines<A: Amount> = BidLines<A>;

    fn check(&self, place: Place<'_>) -> Result<()> {
        let mut before = f64::NEG_INFINITY;
        for (position, row) in self.rebate_shares.iter().enumerate() {
            let path = place.field(&format!("rebate_shares[{position}]"));
            let place = Place(&path);
            place.not_negative("from", row.from.value())?;
            place.rate("gives", row.gives.value())?;
            if row.from.value() <= before {
                return Err(place
                    .error("from", "must rise from row to row")
                    .got(show(row.from.value()))
                    .into());
            }
            before = row.from.value();
        }
        Ok(())
    }

    fn settle<A: Amount>(&self, facts: &BidFacts<A>) -> BidLines<A> {
        let below = (facts.benchmark - facts.bid).most(A::ZERO).times(facts.risk_score);
        let base_payment = facts.bid.least(facts.benchmark).times(facts.risk_score).posted();
        let row = self.rebate_shares.iter().rev().find(|row| reaches(facts.stars, &row.from));
        let rebate_share = row.map_or(A::ZERO, |row| A::term(&row.gives));
        let rebate = below.times(rebate_share).posted();
        BidLines {
            savings: below.posted(),
            base_payment,
            rebate_share,
            rebate,
            payment: base_payment + rebate,
            member_premium: (facts.bid - facts.benchmark).most(A::ZERO).posted(),
        }
    }
}
