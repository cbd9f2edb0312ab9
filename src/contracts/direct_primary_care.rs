//! Direct primary care: members pay a retainer each month, and for care in the practice there is no claim.

use serde::Deserialize;

use super::pmpm_bands::{Banded, PaidBands, PmpmBand, check_bands};
use super::{ArmBook, Bearer, Book, Claims, Contract, Priced, Scope, Settlement, Step};
use crate::error::{Place, Result};
use crate::ledger::{Account, Flow, Ledger, Party};
use crate::money::{Amount, Term};
use crate::views::{Entrants, EntrantsView, ExposureView, Facts, ViewPlan, YearFacts};

/// Terms of direct primary care.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DirectPrimaryCare {
    retainer_pmpm: Vec<PmpmBand>,
    enrolment_fee: Term,
    sponsor_share: Term,
    scope: Option<Scope>,
    pass_through: Option<Scope>,
    pass_through_markup: Term,
}

impl Contract for DirectPrimaryCare {
    type Settlement = Membership;

    fn check(&self, place: Place<'_>, book: &Book) -> Result<()> {
        check_bands("retainer_pmpm", &self.retainer_pmpm, place)?;
        place.not_negative("enrolment_fee", self.enrolment_fee.value())?;
        place.rate("sponsor_share", self.sponsor_share.value())?;
        place.rate("pass_through_markup", self.pass_through_markup.value())?;
        let Some(scope) = &self.scope else {
            let error = place.error("scope", "must name the services that the retainer is for");
            return Err(error.got("None").into());
        };
        scope.check_own("scope", place, book)?;
        let Some(pass_through) = &self.pass_through else { return Ok(()) };
        pass_through.check_own("pass_through", place, book)?;
        pass_through.check_apart("pass_through", place, ("scope", scope))
    }

    fn claims(&self, book: &Book) -> Option<Claims> {
        let mut services = vec![false; book.services.len()];
        for scope in [&self.scope, &self.pass_through].into_iter().flatten() {
            services.iter_mut().zip(scope.own(book)).for_each(|(claimed, own)| *claimed |= own);
        }
        Some(Claims { field: "scope", bearer: Bearer::Retainer, services })
    }

    fn declare(&self, arm: &ArmBook<'_>, views: &mut ViewPlan) -> Membership {
        let passed = self.pass_through.as_ref().map(|scope| scope.own(arm.book)).unwrap_or_default();
        let mut passed_through = arm.priced(views);
        passed_through.retain(|line| passed.get(line.service) == Some(&true));
        Membership {
            retainers: PaidBands::new(&self.retainer_pmpm, Banded::Age, arm.members(), views),
            members: arm.exposure(views),
            entrants: views.entrants(Entrants(arm.members())),
            enrolment_fee: self.enrolment_fee,
            sponsor_share: self.sponsor_share,
            passed_through,
            markup: self.pass_through_markup,
        }
    }
}

/// What members pay the practice, and what their sponsor pays of it.
#[derive(Debug, Clone)]
pub struct Membership {
    retainers: PaidBands,
    members: ExposureView,
    entrants: EntrantsView,
    enrolment_fee: Term,
    sponsor_share: Term,
    passed_through: Vec<Priced>,
    markup: Term,
}

const RETAINER: Flow = Flow(Party::Member, Party::Provider, Account::Retainer);
const SPONSORED: Flow = Flow(Party::Payer, Party::Provider, Account::Retainer);
const ENROLMENT: Flow = Flow(Party::Member, Party::Provider, Account::EnrolmentFee);
const AT_COST: Flow = Flow(Party::Member, Party::Provider, Account::CostShare);

impl Settlement for Membership {
    fn settle_year<A: Amount>(
        &self,
        _facts: &Facts<A>,
        year: &YearFacts<A>,
        months_before: usize,
        ledger: &mut Ledger<A>,
    ) {
        for (month, retainers) in self.retainers.dollars(year).into_iter().enumerate() {
            let sponsored = retainers.times(A::term(&self.sponsor_share)).posted();
            ledger.post(RETAINER, None, months_before + month, retainers.posted() - sponsored);
            ledger.post(SPONSORED, None, months_before + month, sponsored);
        }
        for (month, members) in year.entrants(self.entrants).iter().enumerate() {
            let fee = members.times(A::term(&self.enrolment_fee));
            ledger.post(ENROLMENT, None, months_before + month, fee);
        }
        let price = A::ONE + A::term(&self.markup);
        for line in &self.passed_through {
            for (month, dollars) in line.lines(year).iter().enumerate() {
                let due = dollars.own_cost.times(price);
                ledger.post(AT_COST, Some(line.payer), months_before + month, due);
            }
        }
    }

    fn steps<A: Amount>(&self, facts: &Facts<A>, year: &YearFacts<A>, ledger: &Ledger<A>) -> Vec<Step<A>> {
        let posted = |from: Option<Party>, account: Account| {
            ledger.own_sum(facts.months_before(year), |transfer| {
                transfer.account == account && from.is_none_or(|party| transfer.from == party)
            })
        };
        let retainers = posted(None, Account::Retainer);
        let fees = posted(None, Account::EnrolmentFee);
        let at_cost = posted(None, Account::CostShare);
        let mut steps = vec![
            Step::member_months(year.member_months(self.members)),
            Step::dollars("retainers", "retainer_pmpm of the age × members enrolled, by month", retainers),
        ];
        let sponsored = posted(Some(Party::Payer), Account::Retainer);
        let others = [
            ("sponsored", "sponsor_share × retainers, paid by the sponsor", sponsored),
            ("enrolment_fees", "enrolment_fee × members who enter", fees),
            ("passed_through", "own cost of pass_through × (1 + pass_through_markup)", at_cost),
        ];
        let used = others.into_iter().filter(|(.., value)| *value != A::ZERO);
        steps.extend(used.map(|(name, formula, value)| Step::dollars(name, formula, value)));
        let total = retainers + fees + at_cost;
        steps.push(Step::dollars("received", "retainers + enrolment_fees + passed_through", total));
        steps
    }
}
