//! Care-management fee: a medical home is paid per member per month on top of a base payment.
//!
//! Beside the fee there may be an incentive that is paid first and earned later, a part of fees that is paid ahead, and
//! visits paid a flat fee. It counts the members who are attributed to the provider.

use serde::Deserialize;

use super::pmpm_bands::{Banded, PaidBands, PmpmBand, check_bands};
use super::settle_month::check_settle_month;
use super::{ArmBook, Bearer, Book, Claims, Contract, Priced, Scope, Settlement, Step};
use crate::error::{Place, Result, show};
use crate::ledger::{Account, Flow, Ledger, Month, Party, Transfer};
use crate::money::{Amount, Term};
use crate::population::MONTHS;
use crate::views::{ByMonth, Exposure, ExposureView, Facts, ViewPlan, YearFacts};

/// Terms of a care-management fee.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CareManagementFee {
    pmpm: Option<Term>,
    #[serde(default)]
    tiers: Vec<PmpmBand>,
    coinsurance: Term,
    prepaid_incentive_pmpm: Term,
    incentive_earned_share: Term,
    prospective_pmpm: Term,
    fee_reduction: Term,
    reduced_scope: Option<Scope>,
    flat_visit_fee: Option<Term>,
    visit_scope: Option<Scope>,
    performance_adjustment: Term,
    settle_month: Term,
    /// What a reader must know of the terms; printed where they are used.
    #[serde(default)]
    #[allow(dead_code, reason = "travels with the specification for those who print it")]
    notes: Vec<String>,
}

impl CareManagementFee {
    fn check_fee(&self, place: Place<'_>) -> Result<()> {
        match (&self.pmpm, self.tiers.as_slice()) {
            (Some(pmpm), []) => place.not_negative("pmpm", pmpm.value()),
            (None, []) => Err(place.error("pmpm", "must be given, or tiers").got("neither").into()),
            (None, tiers) => check_bands("tiers", tiers, place),
            (Some(_), _) => Err(place.error("pmpm", "must not be given beside tiers").got("both").into()),
        }
    }

    fn check_reduction(&self, place: Place<'_>, book: &Book) -> Result<()> {
        let part = self.fee_reduction.value();
        place.rate("fee_reduction", part)?;
        match &self.reduced_scope {
            Some(scope) if part > 0.0 => scope.check_own("reduced_scope", place, book),
            Some(_) => {
                let error = place.error("fee_reduction", "must be above 0 where reduced_scope is given");
                Err(error.got(show(part)).into())
            }
            None if part > 0.0 => {
                let error = place.error("reduced_scope", "must name the services whose fees are reduced");
                Err(error.got("None").into())
            }
            None => Ok(()),
        }
    }

    fn check_visits(&self, place: Place<'_>, book: &Book) -> Result<()> {
        match (&self.flat_visit_fee, &self.visit_scope) {
            (None, None) => Ok(()),
            (Some(fee), Some(visits)) => {
                place.not_negative("flat_visit_fee", fee.value())?;
                visits.check_own("visit_scope", place, book)?;
                let apart =
                    |scope: &Scope| scope.check_apart("reduced_scope", place, ("visit_scope", visits));
                self.reduced_scope.as_ref().map_or(Ok(()), apart)
            }
            (Some(_), None) => {
                let error = place.error("visit_scope", "must name the services that flat_visit_fee is for");
                Err(error.got("None").into())
            }
            (None, Some(_)) => {
                let error = place.error("flat_visit_fee", "must be given where visit_scope is");
                Err(error.got("None").into())
            }
        }
    }
}

impl Contract for CareManagementFee {
    type Settlement = MedicalHome;

    fn check(&self, place: Place<'_>, book: &Book) -> Result<()> {
        self.check_fee(place)?;
        place.rate("coinsurance", self.coinsurance.value())?;
        place.not_negative("prepaid_incentive_pmpm", self.prepaid_incentive_pmpm.value())?;
        place.rate("incentive_earned_share", self.incentive_earned_share.value())?;
        place.not_negative("prospective_pmpm", self.prospective_pmpm.value())?;
        place.within("performance_adjustment", self.performance_adjustment.value(), -1.0, 1.0)?;
        check_settle_month(place, &self.settle_month)?;
        self.check_reduction(place, book)?;
        self.check_visits(place, book)
    }

    fn claims(&self, book: &Book) -> Option<Claims> {
        let (fee, visits) = (self.flat_visit_fee?, self.visit_scope.as_ref()?);
        Some(Claims { field: "visit_scope", bearer: Bearer::FlatFee(fee), services: visits.own(book) })
    }

    fn pays(&self) -> &'static [Account] {
        &[Account::CareManagementFee, Account::Capitation, Account::Claim, Account::QualityPayment]
    }

    fn declare(&self, arm: &ArmBook<'_>, views: &mut ViewPlan) -> MedicalHome {
        let bands = self.pmpm.map_or_else(|| self.tiers.clone(), |pmpm| vec![PmpmBand::everybody(pmpm)]);
        let lines = arm.priced(views);
        let of = |scope: &Option<Scope>| {
            let services = scope.as_ref().map(|scope| scope.own(arm.book)).unwrap_or_default();
            let inside = |line: &&Priced| services.get(line.service) == Some(&true);
            lines.iter().filter(inside).cloned().collect::<Vec<_>>()
        };
        let mut reduced = of(&self.reduced_scope);
        reduced.retain(|line| line.attributed && line.bearer.has_fee());
        MedicalHome {
            fees: PaidBands::new(&bands, Banded::Risk, arm.attributed(), views),
            members: views.exposure(Exposure::of(arm.attributed())),
            coinsurance: self.coinsurance,
            incentive_pmpm: self.prepaid_incentive_pmpm,
            earned_share: self.incentive_earned_share,
            prospective_pmpm: self.prospective_pmpm,
            fee_reduction: self.fee_reduction,
            reduced,
            visit_fee: self.flat_visit_fee.unwrap_or_else(|| Term::from(0)),
            visits: of(&self.visit_scope),
            adjustment: self.performance_adjustment,
            settle_month: self.settle_month.value() as Month,
        }
    }
}

/// What a medical home is paid and pays back.
#[derive(Debug, Clone)]
pub struct MedicalHome {
    fees: PaidBands,
    members: ExposureView,
    coinsurance: Term,
    incentive_pmpm: Term,
    earned_share: Term,
    prospective_pmpm: Term,
    fee_reduction: Term,
    reduced: Vec<Priced>,
    visit_fee: Term,
    visits: Vec<Priced>,
    adjustment: Term,
    settle_month: Month,
}

const FEE: Flow = Flow(Party::Payer, Party::Provider, Account::CareManagementFee);
const COST_SHARE: Flow = Flow(Party::Member, Party::Provider, Account::CostShare);
const PROSPECTIVE: Flow = Flow(Party::Payer, Party::Provider, Account::Capitation);
const VISIT: Flow = Flow(Party::Payer, Party::Provider, Account::Claim);
const REDUCTION: Flow = Flow(Party::Provider, Party::Payer, Account::Claim);
const EARNED: Flow = Flow(Party::Payer, Party::Provider, Account::QualityPayment);
const RETURNED: Flow = Flow(Party::Provider, Party::Payer, Account::QualityPenalty);

impl MedicalHome {
    /// So many dollars for each member of each month, as they are posted.
    fn paid<A: Amount>(&self, pmpm: &Term, year: &YearFacts<A>) -> ByMonth<A> {
        year.exposure(self.members).map(|members| members.times(A::term(pmpm)).posted())
    }

    /// The part of the year's incentive that was not earned.
    fn returned<A: Amount>(&self, year: &YearFacts<A>) -> A {
        sum(self.paid(&self.incentive_pmpm, year)).times(A::ONE - A::term(&self.earned_share))
    }

    /// What the payer owes for visits of a line: the flat fee, and for members of no medical home the price.
    fn visit_fees<A: Amount>(&self, line: &Priced, year: &YearFacts<A>) -> ByMonth<A> {
        let fee = A::term(&self.visit_fee);
        line.lines(year).map(|month| if line.attributed { month.events.times(fee) } else { month.paid })
    }

    /// What performance adds to the year's fees and flat visit fees, below zero what it takes off.
    fn adjustment<A: Amount>(&self, year: &YearFacts<A>) -> A {
        let own = self.visits.iter().filter(|line| line.attributed);
        let visits = own.fold(A::ZERO, |total, line| total + sum(self.visit_fees(line, year)));
        let fees = sum(self.fees.dollars(year).map(Amount::posted));
        (fees + visits).times(A::term(&self.adjustment))
    }
}

fn sum<A: Amount>(months: ByMonth<A>) -> A {
    months.into_iter().fold(A::ZERO, |sum, dollars| sum + dollars)
}

impl Settlement for MedicalHome {
    fn settle_year<A: Amount>(
        &self,
        _facts: &Facts<A>,
        year: &YearFacts<A>,
        months_before: usize,
        ledger: &mut Ledger<A>,
    ) {
        for (month, fee) in self.fees.dollars(year).into_iter().enumerate() {
            let share = fee.times(A::term(&self.coinsurance)).posted();
            ledger.post(COST_SHARE, None, months_before + month, share);
            ledger.post(FEE, None, months_before + month, fee.posted() - share);
        }
        for (flow, pmpm) in [(EARNED, &self.incentive_pmpm), (PROSPECTIVE, &self.prospective_pmpm)] {
            for (month, dollars) in self.paid(pmpm, year).into_iter().enumerate() {
                ledger.post(flow, None, months_before + month, dollars);
            }
        }
        let reduction = A::term(&self.fee_reduction);
        for line in &self.reduced {
            for (month, dollars) in line.lines(year).iter().enumerate() {
                line.bill(REDUCTION, months_before + month, dollars.paid.times(reduction), ledger);
            }
        }
        for line in &self.visits {
            for (month, due) in self.visit_fees(line, year).into_iter().enumerate() {
                line.bill(VISIT, months_before + month, due, ledger);
            }
        }
        let before = months_before as Month;
        let months = (before + MONTHS as Month, before + self.settle_month);
        ledger.settle(RETURNED, None, months, self.returned(year));
        let adjustment = self.adjustment(year);
        let flow = if adjustment < A::ZERO { RETURNED } else { EARNED };
        ledger.settle(flow, None, months, adjustment.most(-adjustment));
    }

    fn steps<A: Amount>(&self, facts: &Facts<A>, year: &YearFacts<A>, ledger: &Ledger<A>) -> Vec<Step<A>> {
        let posted = |party: Party| {
            let claim = |transfer: &Transfer<A>| transfer.from == party && transfer.account == Account::Claim;
            ledger.own_sum(facts.months_before(year), claim)
        };
        let fees = sum(self.fees.dollars(year).map(Amount::posted));
        let incentive = sum(self.paid(&self.incentive_pmpm, year));
        let prospective = sum(self.paid(&self.prospective_pmpm, year));
        let (returned, adjustment) = (self.returned(year).cents(), self.adjustment(year).cents());
        let (visits, reduction) = (posted(Party::Payer), posted(Party::Provider));
        let total = fees + incentive - returned + prospective - reduction + visits + adjustment;
        let lines = [
            ("care_management_fees", "pmpm of the tier × attributed members, by month", fees),
            ("prepaid_incentive", "prepaid_incentive_pmpm × attributed members, by month", incentive),
            ("incentive_returned", "(1 − incentive_earned_share) × prepaid_incentive", returned),
            ("prospective", "prospective_pmpm × attributed members, by month", prospective),
            ("fee_reduction", "fee_reduction × paid for reduced_scope", reduction),
            ("visit_fees", "flat_visit_fee × visits, less denials", visits),
            (
                "performance_adjustment",
                "performance_adjustment × (care_management_fees + visit fees)",
                adjustment,
            ),
        ];
        let used = lines.into_iter().filter(|(name, _, value)| *name == lines[0].0 || *value != A::ZERO);
        let used = used.map(|(name, formula, value)| Step::dollars(name, formula, value));
        let total = Step::dollars("medical_home", "all that is paid less what is taken back", total);
        [Step::member_months(year.member_months(self.members))]
            .into_iter()
            .chain(used)
            .chain([total])
            .collect()
    }
}
