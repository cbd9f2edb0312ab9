//! Medical loss ratio rebate: what of its premiums an insurer gives back that spent too little of them on care.

use serde::Deserialize;

use super::Rule;
use super::figures::figures;
use crate::error::{Place, Result, show};
use crate::money::{Amount, Rounding, Term};
use crate::terms::{Rung, reaches, slope};

/// More than any deductible makes of a credibility adjustment.
const LARGEST_FACTOR: f64 = 10.0;

/// A standard, and how sure a ratio must be.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MedicalLossRatioRebate {
    /// The least part of premiums to be spent on care and its improvement.
    pub standard: Term,
    /// What is added to the ratio of few life-years; fewer than the first row are not credible. Empty: all are.
    pub credibility: Vec<Rung>,
    /// What multiplies that, by the average deductible. Empty: nothing does.
    pub deductible_factors: Vec<Rung>,
    /// Decimals to which the ratio is rounded; by default it is not.
    pub ratio_decimals: Option<u32>,
    /// The premiums of which the shortfall is given back.
    pub rebate_on: RebateOn,
}

/// The premiums of which the shortfall is given back.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RebateOn {
    /// Those of the year less its taxes and fees.
    PremiumLessTaxes,
    /// Those of the year.
    Premium,
}

figures! {
    /// A year of an insurer in a state and market, and the years that are averaged with it.
    RebateFacts {
        claims: Dollars from 0.0, "incurred claims of the year";
        quality_improvement: Dollars from 0.0 = 0.0, "spent in the year to improve the quality of care";
        premium: Dollars above 0.0, "earned premium of the year";
        taxes_and_fees: Dollars = 0.0, "taxes and fees of the year";
        prior_costs: Dollars from 0.0 = 0.0, "claims and quality improvement of earlier years that are averaged with it";
        prior_premium: Dollars from 0.0 = 0.0, "premium less taxes and fees of those years";
        life_years: Count, "member-months / 12, of all years that are averaged";
        average_deductible: Dollars from 0.0 = 0.0, "deductible per person, averaged over those members";
    }
}

figures! {
    /// The ratio and what it costs.
    RebateLines {
        numerator: Dollars, "claims + quality_improvement + prior_costs";
        denominator: Dollars, "premium − taxes_and_fees + prior_premium";
        credible: Flag, "life_years reach the first row of the credibility table";
        base_credibility_factor: Rate, "of the credibility table at life_years, straight lines between its rows";
        deductible_factor: Factor, "of the deductible table at average_deductible, straight lines between its rows";
        credibility_adjustment: Rate, "base_credibility_factor × deductible_factor";
        medical_loss_ratio: Rate, "numerator / denominator + credibility_adjustment, rounded half up to ratio_decimals where there are";
        shortfall: Rate, "standard − medical_loss_ratio, where above 0 and credible";
        rebate_base: Dollars, "premium − taxes_and_fees; premium alone, where the rule says so";
        rebate: Dollars, "shortfall × rebate_base";
    }
}

impl Rule for MedicalLossRatioRebate {
    type Facts<A: Amount> = RebateFacts<A>;
    type Lines<A: Amount> = RebateLines<A>;

    fn check(&self, place: Place<'_>) -> Result<()> {
        place.rate("standard", self.standard.value())?;
        place.within("ratio_decimals", f64::from(self.ratio_decimals.unwrap_or(0)), 0.0, 9.0)?;
        check_rows(Place(&place.field("credibility")), &self.credibility, 1.0)?;
        check_rows(Place(&place.field("deductible_factors")), &self.deductible_factors, LARGEST_FACTOR)
    }

    fn settle<A: Amount>(&self, facts: &RebateFacts<A>) -> RebateLines<A> {
        let numerator = facts.claims + facts.quality_improvement + facts.prior_costs;
        let year = facts.premium - facts.taxes_and_fees;
        let denominator = year + facts.prior_premium;
        let credible = self.credibility.first().is_none_or(|first| reaches(facts.life_years, &first.from));
        let base_credibility_factor = slope(facts.life_years, &self.credibility);
        let deductible_factor = self.deductible_factor(facts.average_deductible);
        let credibility_adjustment = base_credibility_factor.times(deductible_factor);
        let ratio = numerator.over(denominator) + credibility_adjustment;
        let medical_loss_ratio = self.ratio_decimals.map_or(ratio, |decimals| {
            // 45 CFR 158.221(a): 0.7988 is 0.799. What becomes of a half it leaves open.
            ratio.rounded(decimals, Rounding::HalfAwayFromZero)
        });
        let below = (A::term(&self.standard) - medical_loss_ratio).most(A::ZERO);
        let shortfall = if credible { below } else { A::ZERO };
        let rebate_base = match self.rebate_on {
            RebateOn::PremiumLessTaxes => year,
            RebateOn::Premium => facts.premium,
        };
        RebateLines {
            numerator,
            denominator,
            credible: A::term(&i32::from(credible).into()),
            base_credibility_factor,
            deductible_factor,
            credibility_adjustment,
            medical_loss_ratio,
            shortfall,
            rebate_base,
            rebate: rebate_base.most(A::ZERO).times(shortfall).posted(),
        }
    }
}

impl MedicalLossRatioRebate {
    fn deductible_factor<A: Amount>(&self, average_deductible: A) -> A {
        if self.deductible_factors.is_empty() {
            return A::term(&1.into());
        }
        slope(average_deductible.cents(), &self.deductible_factors)
    }
}

/// Refuses rows whose values do not rise, or which give less than nothing or more than the most.
fn check_rows(place: Place<'_>, rows: &[Rung], most: f64) -> Result<()> {
    let mut before = -1.0;
    for (position, row) in rows.iter().enumerate() {
        let path = format!("{}[{position}]", place.0);
        let place = Place(&path);
        place.not_negative("from", row.from.value())?;
        place.within("gives", row.gives.value(), 0.0, most)?;
        if row.from.value() <= before {
            return Err(place.error("from", "must rise from row to row").got(show(row.from.value())).into());
        }
        before = row.from.value();
    }
    Ok(())
}
