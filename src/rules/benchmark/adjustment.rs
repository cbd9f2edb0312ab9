//! Adjustments of the historical benchmark: regional, for prior savings or for the population served, the best of them.

use serde::Deserialize;

use super::by_type::{ByType, each, figure, figures_by_type, flag, mean};
use super::regional::check_rungs;
use crate::error::{Place, Result};
use crate::money::{Amount, Term};
use crate::rules::Rule;
use crate::terms::{Rung, part_of, share};

/// The adjustments there are.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BenchmarkAdjustment {
    /// Part of the regional difference where the organization spends less than its counties.
    pub(super) regional_weights_lower: Vec<Rung>,
    /// Part of it where the organization spends more.
    pub(super) regional_weights_higher: Vec<Rung>,
    /// The most that the regional adjustment adds, as a part of national spending.
    pub(super) regional_cap: Term,
    /// The most that it takes, likewise.
    pub(super) regional_cap_negative: Term,
    /// Dual status and risk lessen what it takes.
    pub(super) regional_offset: bool,
    /// What it takes over all types is taken; without it, it is left out.
    negative_regional_adjustment: bool,
    /// Part of what was saved in the years before the agreement that is added; none for no such adjustment.
    prior_savings_share: Option<Term>,
    /// The most of it, as a part of national spending.
    prior_savings_cap: Option<Term>,
    /// The most that is added for members with low income, as a part of national spending; none for no such adjustment.
    population_cap: Option<Term>,
    /// The share of such members from which it is added.
    population_floor: Option<Term>,
}

figures_by_type! {
    /// A historical benchmark, its region and its past.
    AdjustmentFacts {
        by_type {
            historical_benchmark: Dollars, "before adjustments, of a person-year";
            regional_per_capita: Dollars, "spending of a person-year in the counties, at the organization's risk";
            national_per_capita: Dollars, "of a person-year of assignable beneficiaries, truncated, base year 3";
            person_years_base_year_3: Count, "assigned person-years of base year 3";
            per_capita_base_year_3: Dollars = 0.0, "spending of a person-year of base year 3, truncated and completed";
            risk_score_base_year_3: Factor = 1.0, "mean risk score of base year 3 over the national mean";
        }
        all {
            regional_adjustments: Count, "which time a regional adjustment is applied: 1, 2, ...; 0 for none";
            dual_share_base_year_3: Rate = 0.0, "assigned person-years with dual status, of all";
            prior_savings_year_1: Dollars = 0.0, "savings (losses below 0) of a person-year three years before the agreement";
            prior_savings_year_2: Dollars = 0.0, "the same two years before";
            prior_savings_year_3: Dollars = 0.0, "the same one year before";
            prior_savings_proration: Rate = 1.0, "less than 1 where more members are assigned than were reconciled";
            low_income_share: Rate = 0.0, "members with low-income subsidy or dual status, performance year";
        }
    }
}

figures_by_type! {
    /// The adjusted benchmark.
    AdjustmentLines {
        by_type {
            regional_difference: Dollars, "regional per capita − historical benchmark";
            regional_adjustment: Dollars, "regional weight × difference, within caps; below 0: × (1 − negative offset)";
            adjustment: Dollars, "regional adjustment of the type, or the flat prior savings or population adjustment";
            adjusted_benchmark: Dollars, "historical benchmark + adjustment";
        }
        all {
            regional_difference_all: Dollars, "mean over types, weights: person-years of base year 3";
            regional_weight: Rate, "by how many times it is applied, and whether the difference is above 0";
            mean_risk_score: Factor, "mean over types, weights: spending of base year 3";
            negative_offset: Rate, "dual share + mean risk score − 1, between 0 and 1";
            regional_adjustment_all: Dollars, "mean over types, weights: person-years of base year 3";
            national_per_capita_all: Dollars, "mean over types, weights: person-years of base year 3";
            mean_prior_savings: Dollars, "mean of the three years before the agreement";
            prior_savings_adjustment: Dollars, "share × mean prior savings × proration, at most the cap; 0 where nothing was saved";
            population_adjustment: Dollars, "low-income share × (cap − the largest of the others); 0 below the floor";
            uses_regional_adjustment: Flag, "it is the highest, and not below 0 where that is left out";
            uses_prior_savings_adjustment: Flag, "it is above the others and above 0";
            uses_population_adjustment: Flag, "it is above the others and above 0";
            adjusted_benchmark_all: Dollars, "mean over types, weights: person-years of base year 3";
        }
    }
}

/// Which adjustment is applied.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Choice {
    None,
    Regional,
    PriorSavings,
    Population,
}

impl Rule for BenchmarkAdjustment {
    type Facts<A: Amount> = AdjustmentFacts<A>;
    type Lines<A: Amount> = AdjustmentLines<A>;

    fn check(&self, place: Place<'_>) -> Result<()> {
        check_rungs(place, "regional_weights_lower", &self.regional_weights_lower)?;
        check_rungs(place, "regional_weights_higher", &self.regional_weights_higher)?;
        place.rate("regional_cap", self.regional_cap.value())?;
        place.rate("regional_cap_negative", self.regional_cap_negative.value())?;
        let optional = [
            ("prior_savings_share", &self.prior_savings_share),
            ("prior_savings_cap", &self.prior_savings_cap),
            ("population_cap", &self.population_cap),
            ("population_floor", &self.population_floor),
        ];
        for (field, term) in optional {
            place.rate(field, term.map_or(0.0, |term| term.value()))?;
        }
        Ok(())
    }

    fn settle<A: Amount>(&self, facts: &AdjustmentFacts<A>) -> AdjustmentLines<A> {
        let person_years = &facts.person_years_base_year_3;
        let regional = self.regional(facts);
        let national = mean(&facts.national_per_capita, person_years);
        let mean_prior_savings =
            (facts.prior_savings_year_1 + facts.prior_savings_year_2 + facts.prior_savings_year_3)
                .over(A::of(3.0));
        let prior = self.prior_savings(mean_prior_savings.times(facts.prior_savings_proration), national);
        let population =
            self.population(facts.low_income_share, national, regional.adjustment_all.most(prior));
        let choice = self.choice(regional.adjustment_all, prior, population);
        let adjustment = match choice {
            Choice::None => [A::ZERO; 4],
            Choice::Regional => regional.adjustment,
            Choice::PriorSavings => [prior; 4],
            Choice::Population => [population; 4],
        };
        let adjusted_benchmark: ByType<A> = each(|k| facts.historical_benchmark[k] + adjustment[k]);
        AdjustmentLines {
            regional_difference: regional.difference,
            regional_adjustment: regional.adjustment,
            adjustment,
            adjusted_benchmark,
            regional_difference_all: regional.difference_all,
            regional_weight: regional.weight,
            mean_risk_score: regional.mean_risk_score,
            negative_offset: regional.offset,
            regional_adjustment_all: regional.adjustment_all,
            national_per_capita_all: national,
            mean_prior_savings,
            prior_savings_adjustment: prior,
            population_adjustment: population,
            uses_regional_adjustment: flag(choice == Choice::Regional),
            uses_prior_savings_adjustment: flag(choice == Choice::PriorSavings),
            uses_population_adjustment: flag(choice == Choice::Population),
            adjusted_benchmark_all: mean(&adjusted_benchmark, person_years),
        }
    }
}

impl BenchmarkAdjustment {
    fn prior_savings<A: Amount>(&self, saved: A, national: A) -> A {
        let cap = part_of(national, self.prior_savings_cap.as_ref());
        self.prior_savings_share.map_or(A::ZERO, |part| share(saved, A::term(&part), cap))
    }

    fn population<A: Amount>(&self, low_income_share: A, national: A, largest: A) -> A {
        let floor = self.population_floor.map_or(A::ZERO, |floor| A::term(&floor));
        match part_of(national, self.population_cap.as_ref()) {
            Some(cap) if low_income_share >= floor => {
                (cap - largest.most(A::ZERO)).most(A::ZERO).times(low_income_share)
            }
            _ => A::ZERO,
        }
    }

    /// The highest above 0; else the regional one where it takes and that is applied.
    fn choice<A: Amount>(&self, regional: A, prior: A, population: A) -> Choice {
        let best = regional.most(prior).most(population);
        if best > A::ZERO {
            return match best {
                best if best == regional => Choice::Regional,
                best if best == prior => Choice::PriorSavings,
                _ => Choice::Population,
            };
        }
        if regional < A::ZERO && self.negative_regional_adjustment { Choice::Regional } else { Choice::None }
    }
}
