//! Pay for performance: a withhold that is earned back and a bonus pool, both by a quality score.

use serde::Deserialize;

use super::Rule;
use super::figures::figures;
use super::measure_ladder::check_rungs;
use crate::error::{Place, Result};
use crate::money::{Amount, Term};
use crate::terms::{Rung, ladder, slope};

/// What is at stake, and what share of it a score earns.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PayForPerformance {
    /// The part of payments that is withheld.
    withhold_rate: Term,
    /// Dollars a member and month in the bonus pool.
    bonus_pmpm: Term,
    /// The share of what is at stake that a score earns.
    ladder: Vec<Rung>,
    /// Straight lines between the rungs, no steps.
    straight_line: bool,
    /// Scales what is returned so that all that is withheld is paid out.
    returned_scaling: Term,
    /// Scales bonuses so that they add up to their pool.
    bonus_scaling: Term,
}

figures! {
    /// A year of a provider.
    PerformanceFacts {
        score: Rate, "quality score";
        payments: Dollars = 0.0, "payments from which is withheld";
        member_months: MemberMonths = 0.0, "member-months that the bonus pool counts";
    }
}

figures! {
    /// What is kept back, and what is paid.
    PerformanceLines {
        share: Factor, "share of what is at stake that the score earns, by the ladder";
        withheld: Dollars, "withhold_rate × payments";
        returned: Dollars, "share × returned_scaling × withheld";
        bonus_pool: Dollars, "bonus_pmpm × member_months";
        bonus: Dollars, "share × bonus_scaling × bonus_pool";
        net: Dollars, "returned + bonus − withheld";
    }
}

impl Rule for PayForPerformance {
    type Facts<A: Amount> = PerformanceFacts<A>;
    type Lines<A: Amount> = PerformanceLines<A>;

    fn check(&self, place: Place<'_>) -> Result<()> {
        place.rate("withhold_rate", self.withhold_rate.value())?;
        place.within("bonus_pmpm", self.bonus_pmpm.value(), 0.0, 1e6)?;
        check_rungs(place, "ladder", &self.ladder, 10.0)?;
        for (position, rung) in self.ladder.iter().enumerate() {
            Place(&format!("{}[{position}]", place.field("ladder"))).rate("from", rung.from.value())?;
        }
        place.not_negative("returned_scaling", self.returned_scaling.value())?;
        place.not_negative("bonus_scaling", self.bonus_scaling.value())
    }

    fn settle<A: Amount>(&self, facts: &PerformanceFacts<A>) -> PerformanceLines<A> {
        let share = if self.straight_line { slope } else { ladder }(facts.score, &self.ladder);
        let withheld = facts.payments.times(A::term(&self.withhold_rate)).posted();
        let bonus_pool = facts.member_months.times(A::term(&self.bonus_pmpm)).posted();
        let returned = withheld.times(share.times(A::term(&self.returned_scaling))).posted();
        let bonus = bonus_pool.times(share.times(A::term(&self.bonus_scaling))).posted();
        PerformanceLines { share, withheld, returned, bonus_pool, bonus, net: returned + bonus - withheld }
    }
}
