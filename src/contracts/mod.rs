//! Contracts: what a payer, a provider, a member and a reinsurer owe each other for the facts of a world.
//!
//! A contract is a file with its terms, a check, the services it claims, the views it needs and a settlement.
//! To add one: its file, a `mod` line and a line of the registration list here; in Python its dataclass, its
//! test file and its page of documentation. Contracts draw no random numbers.

mod adjusted_benchmark;
mod administrative_cost;
mod advance_payment;
mod arrangement;
mod before;
mod benchmark;
mod book;
mod bundle_settlement;
mod bundle_terms;
mod capitation;
mod care_cost;
mod care_management_fee;
mod direct_primary_care;
mod episode_baseline;
mod episode_bundle;
mod episode_payments;
mod episode_windows;
mod fee_for_service;
mod financing;
mod incentives;
mod interim;
mod investment;
mod layers;
mod medical_loss_ratio_rebate;
mod order;
mod participants;
mod pay_for_performance;
mod payment_adjustment;
mod pmpm_bands;
mod programmes;
mod quality;
mod quality_score;
mod repayment_mechanism;
mod risk_corridor;
mod risk_pool;
mod savings_settlement;
mod scope;
mod sequestration;
mod settle_month;
mod shared_savings;
mod stop_loss;
mod stop_loss_cover;
mod withhold;

use std::borrow::Cow;

use serde::Deserialize;

pub use arrangement::ReadArrangement;
pub use arrangement::{Arrangement, ArrangementSpec};
pub use book::{ArmBook, Bearer, Bearers, Book, Claims, Line, Priced};
pub use incentives::{Incentives, ResponseSpec};
pub use layers::{Counted, Layers, Part};
pub use scope::Scope;

use crate::error::{Place, Result};
use crate::ledger::{Account, Ledger};
use crate::money::{Amount, Unit};
use crate::rules::{Figure, Figures};
use crate::views::{Facts, ViewPlan, YearFacts};

/// A contract as the user writes it.
pub trait Contract {
    /// What is left of it once its views are declared.
    type Settlement: Settlement;

    /// Refuses terms that break a rule, naming them at `place`.
    fn check(&self, place: Place<'_>, book: &Book) -> Result<()>;

    /// The services this contract is the base payment of; none for contracts that ride on others.
    fn claims(&self, _book: &Book) -> Option<Claims> {
        None
    }

    /// Refuses terms that do not go with who bears the services of its payers, one row for each of them.
    fn check_bearers(&self, _place: Place<'_>, _book: &Book, _bearers: &[Vec<Bearer>]) -> Result<()> {
        Ok(())
    }

    /// The parts of savings and of losses that are shared, where any are.
    fn savings_shares(&self) -> Option<(f64, f64)> {
        None
    }

    /// Names of the episodes that it is the price of.
    fn episodes(&self) -> &[String] {
        &[]
    }

    /// Whether it is a bundle of those episodes whose members are not attributed to the provider.
    fn excludes_attributed(&self) -> bool {
        false
    }

    /// Whether what bundles of episodes pay counts as spending that it looks at.
    fn counts_episodes(&self) -> bool {
        false
    }

    /// Accounts in which it may pay the provider.
    fn pays(&self) -> &'static [Account] {
        &[]
    }

    /// Accounts before it of which it takes a part or is computed; none where it does not depend on what stands before it.
    fn looks_at(&self) -> Vec<Account> {
        Vec::new()
    }

    /// Whether it looks at everything that its arm settles, so that nothing may come after it.
    fn settles_last(&self) -> bool {
        false
    }

    /// Declares the facts it needs, knowing who bears what in its arm.
    fn declare(&self, arm: &ArmBook<'_>, views: &mut ViewPlan) -> Self::Settlement;
}

/// A contract ready to settle a world.
pub trait Settlement {
    /// Posts what is owed for all performance years.
    fn settle<A: Amount>(&self, facts: &Facts<A>, ledger: &mut Ledger<A>) {
        for (months_before, year) in facts.performance_years() {
            self.settle_year(facts, year, months_before, ledger);
        }
    }

    /// Posts what is owed for one performance year, before which there were so many months.
    fn settle_year<A: Amount>(
        &self,
        facts: &Facts<A>,
        year: &YearFacts<A>,
        months_before: usize,
        ledger: &mut Ledger<A>,
    );

    /// The computation of one performance year line by line, for a statement, once the arm is settled.
    fn steps<A: Amount>(&self, facts: &Facts<A>, year: &YearFacts<A>, ledger: &Ledger<A>) -> Vec<Step<A>>;
}

/// One line of a statement.
#[derive(Debug, Clone, PartialEq)]
pub struct Step<A> {
    /// What the line is.
    pub line: Cow<'static, str>,
    /// How it is computed from the lines above and the terms.
    pub formula: &'static str,
    /// Its value.
    pub value: A,
    /// Unit of the value.
    pub unit: Unit,
}

impl<A: Amount> Step<A> {
    /// A line in dollars.
    pub fn dollars(line: &'static str, formula: &'static str, value: A) -> Self {
        Self { line: line.into(), formula, value: value.cents(), unit: Unit::Dollars }
    }

    /// A line of a rule.
    pub fn of(figure: &Figure, value: A) -> Self {
        let value = if figure.unit == Unit::Dollars { value.cents() } else { value };
        Self { line: figure.name.into(), formula: figure.formula, value, unit: figure.unit }
    }

    /// The facts or lines of a rule that are known, in their order.
    pub fn all_of<F: Figures<A>>(figures: &F) -> Vec<Self> {
        let mut steps = Vec::with_capacity(F::FIGURES.len());
        figures.visit(|position, value| {
            steps.extend(value.map(|value| Self::of(&F::FIGURES[position], value)));
        });
        steps
    }

    /// A factor.
    pub fn factor(line: &'static str, formula: &'static str, value: A) -> Self {
        Self { line: line.into(), formula, value, unit: Unit::Factor }
    }

    /// A line in member-months.
    pub fn member_months(value: A) -> Self {
        Self {
            line: "member_months".into(),
            formula: "members enrolled, summed over months",
            value,
            unit: Unit::MemberMonths,
        }
    }
}

macro_rules! register {
    ($($module:ident => $Contract:ident,)*) => {
        /// Names of all contracts, as they are written in a specification.
        pub const NAMES: &[&str] = &[$(stringify!($module)),*];

        /// Any contract as the user writes it, tagged with its name.
        #[derive(Debug, Clone, Deserialize)]
        #[serde(rename_all = "snake_case")]
        #[allow(clippy::large_enum_variant, reason = "a handful for each arm, read once a study")]
        pub enum AnyContract {
            $(#[doc = stringify!($Contract)] $Contract($module::$Contract),)*
        }

        /// Any contract ready to settle.
        #[derive(Debug, Clone)]
        #[allow(clippy::large_enum_variant, reason = "a handful for each arm, looked at once a world")]
        pub enum AnySettlement {
            $(#[doc = stringify!($Contract)] $Contract(<$module::$Contract as Contract>::Settlement),)*
        }

        impl AnyContract {
            /// Name of the contract.
            #[must_use]
            pub fn name(&self) -> &'static str {
                match self { $(Self::$Contract(_) => stringify!($module),)* }
            }

            fn check(&self, place: Place<'_>, book: &Book) -> Result<()> {
                match self { $(Self::$Contract(contract) => contract.check(place, book),)* }
            }

            fn claims(&self, book: &Book) -> Option<Claims> {
                match self { $(Self::$Contract(contract) => contract.claims(book),)* }
            }

            fn check_bearers(&self, place: Place<'_>, book: &Book, bearers: &[Vec<Bearer>]) -> Result<()> {
                match self { $(Self::$Contract(contract) => contract.check_bearers(place, book, bearers),)* }
            }

            /// The parts of savings and of losses that are shared, where any are.
            #[must_use]
            pub fn savings_shares(&self) -> Option<(f64, f64)> {
                match self { $(Self::$Contract(contract) => contract.savings_shares(),)* }
            }

            fn episodes(&self) -> &[String] {
                match self { $(Self::$Contract(contract) => contract.episodes(),)* }
            }

            fn excludes_attributed(&self) -> bool {
                match self { $(Self::$Contract(contract) => contract.excludes_attributed(),)* }
            }

            fn counts_episodes(&self) -> bool {
                match self { $(Self::$Contract(contract) => contract.counts_episodes(),)* }
            }

            fn pays(&self) -> &'static [Account] {
                match self { $(Self::$Contract(contract) => contract.pays(),)* }
            }

            fn looks_at(&self) -> Vec<Account> {
                match self { $(Self::$Contract(contract) => contract.looks_at(),)* }
            }

            fn settles_last(&self) -> bool {
                match self { $(Self::$Contract(contract) => contract.settles_last(),)* }
            }

            fn declare(&self, arm: &ArmBook<'_>, views: &mut ViewPlan) -> AnySettlement {
                match self {
                    $(Self::$Contract(contract) => AnySettlement::$Contract(contract.declare(arm, views)),)*
                }
            }
        }

        impl Settlement for AnySettlement {
            fn settle<A: Amount>(&self, facts: &Facts<A>, ledger: &mut Ledger<A>) {
                match self { $(Self::$Contract(settlement) => settlement.settle(facts, ledger),)* }
            }

            fn settle_year<A: Amount>(
                &self,
                facts: &Facts<A>,
                year: &YearFacts<A>,
                months_before: usize,
                ledger: &mut Ledger<A>,
            ) {
                match self {
                    $(Self::$Contract(contract) => contract.settle_year(facts, year, months_before, ledger),)*
                }
            }

            fn steps<A: Amount>(
                &self,
                facts: &Facts<A>,
                year: &YearFacts<A>,
                ledger: &Ledger<A>,
            ) -> Vec<Step<A>> {
                match self { $(Self::$Contract(settlement) => settlement.steps(facts, year, ledger),)* }
            }
        }
    };
}

register! {
    administrative_cost => AdministrativeCost,
    advance_payment => AdvancePayment,
    capitation => Capitation,
    care_management_fee => CareManagementFee,
    direct_primary_care => DirectPrimaryCare,
    episode_bundle => EpisodeBundle,
    fee_for_service => FeeForService,
    financing => Financing,
    investment => Investment,
    medical_loss_ratio_rebate => MedicalLossRatioRebate,
    pay_for_performance => PayForPerformance,
    repayment_mechanism => RepaymentMechanism,
    risk_corridor => RiskCorridor,
    risk_pool => RiskPool,
    sequestration => Sequestration,
    shared_savings => SharedSavings,
    stop_loss => StopLoss,
    withhold => Withhold,
}
