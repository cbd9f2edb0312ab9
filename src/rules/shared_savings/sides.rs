//! Both sides of shared savings: what is earned of savings, and owed of losses, step by step.

use super::case::{MONTHS, SharedSavingsFacts};
use super::{Quality, SharedSavings};
use crate::money::{Amount, Term};
use crate::terms::{clamp, gate, part_of};

/// What is earned, step by step.
pub(super) struct Earned<A> {
    pub rate: A,
    pub shared: A,
    pub sequestered: A,
    pub limit: Option<A>,
    pub paid: A,
}

/// What is owed, step by step.
pub(super) struct Lost<A> {
    pub rate: A,
    pub shared: A,
    pub limit: Option<A>,
    pub limited: A,
    pub disaster: A,
    pub owed: A,
}

impl SharedSavings {
    pub(super) fn earn<A: Amount>(&self, facts: &SharedSavingsFacts<A>, savings: A, minimum: A) -> Earned<A> {
        let rate = self.final_sharing_rate(facts).times(self.part_shared(facts, savings, minimum));
        let shared = savings.most(A::ZERO).times(rate);
        let sequestered = shared.times(A::term(&self.sequestration_rate));
        let limit = part_of(facts.benchmark, self.payment_limit_rate.as_ref());
        let after = shared - sequestered;
        let paid = limit.map_or(after, |limit| after.least(limit)).posted();
        Earned { rate, shared, sequestered, limit, paid }
    }

    /// How much of the sharing rate holds: all where savings reach the minimum, a part for low-revenue providers, else nothing.
    fn part_shared<A: Amount>(&self, facts: &SharedSavingsFacts<A>, savings: A, minimum: A) -> A {
        if gate(savings, minimum) {
            return A::ONE;
        }
        match &self.reduced_sharing {
            Some([factor, members])
                if gate(savings, A::ZERO) && is(facts.low_revenue) && facts.members >= A::term(members) =>
            {
                A::term(factor)
            }
            _ => A::ZERO,
        }
    }

    pub(super) fn lose<A: Amount>(&self, facts: &SharedSavingsFacts<A>, losses: A, minimum: A) -> Lost<A> {
        let reached = gate(losses, minimum);
        let rate = if reached { self.final_loss_rate(facts) } else { A::ZERO };
        let guarded =
            facts.guardrail_benchmark.map_or(losses, |benchmark| losses.least(facts.spending - benchmark));
        let shared = guarded.most(A::ZERO).times(rate);
        let limit = self.loss_limit(facts);
        let limited = limit.map_or(shared, |limit| shared.least(limit));
        let disaster = limited.times(facts.disaster_share).most(facts.disaster_adjustment).least(limited);
        let owed = of_months(limited - disaster, facts.months_owed).posted();
        Lost { rate, shared, limit, limited, disaster, owed }
    }

    fn loss_limit<A: Amount>(&self, facts: &SharedSavingsFacts<A>) -> Option<A> {
        let by_benchmark = part_of(facts.benchmark, self.loss_limit_rate.as_ref());
        let by_revenue =
            facts.revenue.and_then(|revenue| part_of(revenue, self.loss_limit_revenue_rate.as_ref()));
        [by_benchmark, by_revenue, facts.revenue_loss_limit].into_iter().flatten().reduce(A::least)
    }

    pub(super) fn final_sharing_rate<A: Amount>(&self, facts: &SharedSavingsFacts<A>) -> A {
        let met = is(facts.met_quality_standard);
        let factor = match self.quality_rule {
            Quality::None => A::ONE,
            Quality::TimesScore if met => facts.quality_score,
            Quality::AllOrNothing | Quality::FullOrAlternative if met => A::ONE,
            Quality::FullOrAlternative if is(facts.met_alternative_quality_standard) => facts.quality_score,
            _ => A::ZERO,
        };
        facts.final_sharing_rate.unwrap_or_else(|| A::term(&self.sharing_rate).times(factor))
    }

    pub(super) fn final_loss_rate<A: Amount>(&self, facts: &SharedSavingsFacts<A>) -> A {
        let by_quality = self.loss_rate_by_quality.as_ref().map(|[least, most]| {
            let alternative = self.quality_rule == Quality::FullOrAlternative;
            let met =
                is(facts.met_quality_standard) || alternative && is(facts.met_alternative_quality_standard);
            let score = if met { facts.quality_score } else { A::ZERO };
            let rate = A::ONE - A::term(&self.sharing_rate).times(score);
            clamp(rate, A::term(least), A::term(most))
        });
        facts.final_loss_rate.or(by_quality).unwrap_or_else(|| A::term(&self.loss_rate))
    }
}

/// The part of a year's amount that so many months owe.
fn of_months<A: Amount>(amount: A, months: A) -> A {
    let year = A::term(&Term::from(MONTHS));
    // All of it, to the last bit, for a whole year; else multiplied before it is divided: a twelfth has no last decimal,
    // and halves of a cent would go astray.
    if months == year { amount } else { amount.times(months).over(year) }
}

/// Whether a flag is set.
fn is<A: Amount>(flag: A) -> bool {
    flag > A::ZERO
}
