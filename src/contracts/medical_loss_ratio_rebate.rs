//! Medical loss ratio rebate: what of its capitation a provider gives back that spent too little of it on care.

use serde::Deserialize;

use super::before::{capitation, net};
use super::care_cost::{CareCost, OwnServicesAt};
use super::settle_month::check_settle_month;
use super::{ArmBook, Book, Contract, Settlement, Step};
use crate::error::{Place, Result};
use crate::ledger::{Account, Flow, Ledger, Month, Party};
use crate::money::{Amount, Term};
use crate::population::MONTHS;
use crate::rules::medical_loss_ratio_rebate::{MedicalLossRatioRebate as Standard, RebateFacts, RebateOn};
use crate::rules::{Figures, Rule};
use crate::terms::Rung;
use crate::views::{ExposureView, Facts, ViewPlan, YearFacts};

/// Terms of a medical loss ratio rebate.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MedicalLossRatioRebate {
    standard: Term,
    credibility: Vec<Rung>,
    deductible_factors: Vec<Rung>,
    ratio_decimals: Option<u32>,
    rebate_on: RebateOn,
    value_own_services_at: OwnServicesAt,
    settle_month: Term,
    /// What says so, and what a reader must know of the terms; printed where they are used.
    #[serde(default)]
    #[allow(dead_code, reason = "travels with the specification for those who print it")]
    notes: Vec<String>,
}

impl MedicalLossRatioRebate {
    /// The rule that compares with the standard.
    fn rule(&self) -> Standard {
        Standard {
            standard: self.standard,
            credibility: self.credibility.clone(),
            deductible_factors: self.deductible_factors.clone(),
            ratio_decimals: self.ratio_decimals,
            rebate_on: self.rebate_on,
        }
    }
}

impl Contract for MedicalLossRatioRebate {
    type Settlement = Rebate;

    fn check(&self, place: Place<'_>, _book: &Book) -> Result<()> {
        self.rule().check(place)?;
        check_settle_month(place, &self.settle_month)
    }

    fn looks_at(&self) -> Vec<Account> {
        vec![Account::Capitation]
    }

    fn declare(&self, arm: &ArmBook<'_>, views: &mut ViewPlan) -> Rebate {
        Rebate {
            rule: self.rule(),
            care: CareCost::borne_by_provider(arm, self.value_own_services_at, views),
            exposure: arm.exposure(views),
            settle_month: self.settle_month.value() as Month,
        }
    }
}

/// The standard, and the care that is compared with it.
#[derive(Debug, Clone)]
pub struct Rebate {
    rule: Standard,
    care: CareCost,
    exposure: ExposureView,
    settle_month: Month,
}

impl Rebate {
    /// What the rule looks at: care less what corridors gave for it, over the capitation.
    fn facts<A: Amount>(
        &self,
        year: &YearFacts<A>,
        months_before: usize,
        ledger: &Ledger<A>,
    ) -> RebateFacts<A> {
        let claims = self.care.dollars(year) - Self::corridor(months_before, ledger);
        RebateFacts {
            claims: claims.most(A::ZERO),
            quality_improvement: A::ZERO,
            premium: capitation(ledger, months_before),
            taxes_and_fees: A::ZERO,
            prior_costs: A::ZERO,
            prior_premium: A::ZERO,
            life_years: year.member_months(self.exposure).over(A::of(MONTHS as f64)),
            average_deductible: A::ZERO,
        }
    }

    /// What corridors before it paid, less what they took.
    fn corridor<A: Amount>(months_before: usize, ledger: &Ledger<A>) -> A {
        let of = |account| matches!(account, Account::CorridorReceipt | Account::CorridorPayment);
        net(ledger.before(), months_before, Party::Provider, of)
    }
}

impl Settlement for Rebate {
    fn settle_year<A: Amount>(
        &self,
        _facts: &Facts<A>,
        year: &YearFacts<A>,
        months_before: usize,
        ledger: &mut Ledger<A>,
    ) {
        let lines = self.rule.settle(&self.facts(year, months_before, ledger));
        let before = months_before as Month;
        let months = (before + MONTHS as Month, before + self.settle_month);
        ledger.settle(Flow(Party::Provider, Party::Payer, Account::Rebate), None, months, lines.rebate);
    }

    fn steps<A: Amount>(&self, facts: &Facts<A>, year: &YearFacts<A>, ledger: &Ledger<A>) -> Vec<Step<A>> {
        let months_before = facts.months_before(year);
        let looked_at = self.facts(year, months_before, ledger);
        let corridor = Self::corridor(months_before, ledger);
        let mut steps = vec![Step::member_months(year.member_months(self.exposure))];
        steps.extend(self.care.steps(year));
        steps.extend([
            Step::dollars(
                "corridor",
                "received from corridors before this contract, less what they took",
                corridor,
            ),
            Step::dollars("claims", "care_by_others + own_services − corridor, at least 0", looked_at.claims),
            Step::dollars("premium", "capitation paid before this contract", looked_at.premium),
        ]);
        if !self.rule.credibility.is_empty() {
            let figures = RebateFacts::<A>::FIGURES;
            let life_years = figures.iter().find(|figure| figure.name == "life_years");
            steps.extend(life_years.map(|figure| Step::of(figure, looked_at.life_years)));
        }
        let lines = self.rule.settle(&looked_at);
        steps.extend(Step::all_of(&lines));
        steps
    }
}
