//! Outpatient therapy under the physician fee schedule: what is allowed for a line, whether it is covered, who pays it.
//!
//! Between the three steps stand running sums over a patient's year, which are taken outside: charges before a line, and
//! what is left of the deductible.

use serde::Deserialize;

use crate::error::{Place, Result};
use crate::money::Amount;
use crate::rules::Rule;
use crate::rules::figures::figures;

/// What is allowed for a line; all figures are dated facts.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TherapyAllowed {}

figures! {
    /// Units of one code on one day.
    AllowedFacts {
        work: Factor, "relative value units of work";
        practice_expense: Factor, "relative value units of practice expense, outside a facility";
        malpractice: Factor, "relative value units of malpractice";
        work_gpci: Factor, "geographic practice cost index of work";
        practice_expense_gpci: Factor, "geographic practice cost index of practice expense";
        malpractice_gpci: Factor, "geographic practice cost index of malpractice";
        conversion_factor: Dollars, "dollars for a relative value unit";
        units: Count, "units of the line";
        full_units: Count, "units whose practice expense is paid in full";
        practice_expense_factor: Rate, "part of the practice expense that every other unit is paid";
        assistant_factor: Rate, "part that is paid of an assistant's services; 1 for a therapist's";
        charge: Dollars or unknown, "what is charged for the line";
    }
}

figures! {
    /// What is allowed for them.
    AllowedLines {
        fee: Dollars, "(work × work_gpci + practice_expense × practice_expense_gpci + malpractice × malpractice_gpci) × conversion_factor, in cents, for a unit";
        reduced_fee: Dollars, "the same with practice_expense × practice_expense_factor, in cents, for a unit";
        unreduced: Dollars, "units × fee";
        multiple_procedure_reduction: Dollars, "(units − full_units) × (fee − reduced_fee)";
        charge_reduction: Dollars, "what is left above the charge";
        assistant_reduction: Dollars, "(1 − assistant_factor) × what is left; what stays is in cents";
        allowed: Dollars, "unreduced − the three reductions";
    }
}

impl Rule for TherapyAllowed {
    type Facts<A: Amount> = AllowedFacts<A>;
    type Lines<A: Amount> = AllowedLines<A>;

    fn check(&self, _: Place<'_>) -> Result<()> {
        Ok(())
    }

    fn settle<A: Amount>(&self, facts: &AllowedFacts<A>) -> AllowedLines<A> {
        let practice_expense = facts.practice_expense.times(facts.practice_expense_gpci);
        let other = facts.work.times(facts.work_gpci) + facts.malpractice.times(facts.malpractice_gpci);
        let fee = (other + practice_expense).times(facts.conversion_factor).cents();
        let reduced = other + practice_expense.times(facts.practice_expense_factor);
        let reduced_fee = reduced.times(facts.conversion_factor).cents();
        let unreduced = fee.times(facts.units);
        let multiple_procedure_reduction = (fee - reduced_fee).times(facts.units - facts.full_units);
        let scheduled = unreduced - multiple_procedure_reduction;
        let charge_reduction = facts.charge.map_or(A::ZERO, |charge| (scheduled - charge).most(A::ZERO));
        let before = scheduled - charge_reduction;
        let allowed = before.times(facts.assistant_factor).cents();
        AllowedLines {
            fee,
            reduced_fee,
            unreduced,
            multiple_procedure_reduction,
            charge_reduction,
            assistant_reduction: before - allowed,
            allowed,
        }
    }
}

/// Whether a line is covered: above the threshold only with the modifier KX.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TherapyCoverage {}

figures! {
    /// A line in a patient's year.
    CoverageFacts {
        allowed: Dollars, "what is allowed for the line";
        threshold: Dollars, "charges of a year above which lines need the modifier KX";
        review_threshold: Dollars, "charges of a year above which claims may be reviewed";
        charges_before: Dollars, "allowed charges of the patient's year before the line";
        kx_modifier: Flag, "whether the line has the modifier KX: it is medically necessary above the threshold";
    }
}

figures! {
    /// What of it is covered.
    CoverageLines {
        threshold_remaining: Dollars, "threshold − charges_before, at least 0";
        denied: Flag, "whether something is allowed and charges_before + allowed is above the threshold without the modifier KX";
        denied_amount: Dollars, "allowed, where the line is denied";
        covered: Dollars, "allowed − denied_amount";
        targeted_review: Flag, "whether charges_before + allowed is above the review_threshold";
    }
}

impl Rule for TherapyCoverage {
    type Facts<A: Amount> = CoverageFacts<A>;
    type Lines<A: Amount> = CoverageLines<A>;

    fn check(&self, _: Place<'_>) -> Result<()> {
        Ok(())
    }

    fn settle<A: Amount>(&self, facts: &CoverageFacts<A>) -> CoverageLines<A> {
        let charges = (facts.charges_before + facts.allowed).cents();
        let flag = |yes: bool| if yes { A::ONE } else { A::ZERO };
        let denied =
            flag(facts.allowed > A::ZERO && charges > facts.threshold && facts.kx_modifier == A::ZERO);
        let denied_amount = facts.allowed.times(denied);
        CoverageLines {
            threshold_remaining: (facts.threshold - facts.charges_before).most(A::ZERO),
            denied,
            denied_amount,
            covered: facts.allowed - denied_amount,
            targeted_review: flag(charges > facts.review_threshold),
        }
    }
}

/// Who pays what is covered.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TherapyPayment {}

figures! {
    /// A covered line.
    PaymentFacts {
        covered: Dollars, "what is covered of the line";
        deductible_left: Dollars, "what is left of the patient's deductible before the line";
        coinsurance_rate: Rate, "the patient's part above the deductible";
        sequestration_rate: Rate, "part of program payments that is held back on the date";
    }
}

figures! {
    /// Who pays it.
    PaymentLines {
        deductible: Dollars, "covered, at most deductible_left";
        coinsurance: Dollars, "coinsurance_rate × (covered − deductible), in cents";
        program_payment: Dollars, "covered − deductible − coinsurance";
        sequestration: Dollars, "sequestration_rate × program_payment, in cents";
        paid: Dollars, "program_payment − sequestration";
        received: Dollars, "paid + deductible + coinsurance";
    }
}

impl Rule for TherapyPayment {
    type Facts<A: Amount> = PaymentFacts<A>;
    type Lines<A: Amount> = PaymentLines<A>;

    fn check(&self, _: Place<'_>) -> Result<()> {
        Ok(())
    }

    fn settle<A: Amount>(&self, facts: &PaymentFacts<A>) -> PaymentLines<A> {
        let deductible = facts.covered.least(facts.deductible_left);
        let above = facts.covered - deductible;
        let coinsurance = above.times(facts.coinsurance_rate).cents();
        let program_payment = above - coinsurance;
        let sequestration = program_payment.times(facts.sequestration_rate).cents();
        let paid = program_payment - sequestration;
        PaymentLines {
            deductible,
            coinsurance,
            program_payment,
            sequestration,
            paid,
            received: paid + deductible + coinsurance,
        }
    }
}

#[cfg(test)]
mod tests {
    use rust_decimal::Decimal;

    use super::*;

    /// The first line of the manual's example: two units of 7, 10 and 1 dollars, one of them in full.
    fn allowed<A: Amount>(assistant: f64, charge: Option<f64>) -> [A; 4] {
        let lines = TherapyAllowed {}.settle(&AllowedFacts {
            work: A::of(7.0),
            practice_expense: A::of(10.0),
            malpractice: A::ONE,
            work_gpci: A::ONE,
            practice_expense_gpci: A::ONE,
            malpractice_gpci: A::ONE,
            conversion_factor: A::ONE,
            units: A::of(2.0),
            full_units: A::ONE,
            practice_expense_factor: A::of(0.5),
            assistant_factor: A::of(assistant),
            charge: charge.map(A::of),
        });
        [lines.unreduced, lines.multiple_procedure_reduction, lines.assistant_reduction, lines.allowed]
    }

    #[test]
    fn both_arithmetics_allow_the_same() {
        for (assistant, charge, lines) in [
            (1.0, None, [36.0, 5.0, 0.0, 31.0]),
            (0.85, None, [36.0, 5.0, 4.65, 26.35]),
            (0.85, Some(20.1), [36.0, 5.0, 3.01, 17.09]),
        ] {
            let float = allowed::<f64>(assistant, charge).map(|value| (value * 100.0).round() / 100.0);
            assert_eq!(float, lines);
            assert_eq!(allowed::<Decimal>(assistant, charge), lines.map(Decimal::of));
        }
    }

    #[test]
    fn the_threshold_is_met_before_it_is_crossed() {
        for (before, kx_modifier, denied) in [(90.0, 0.0, 0.0), (90.01, 0.0, 1.0), (90.01, 1.0, 0.0)] {
            let (allowed, threshold, review_threshold) = (10.0, 100.0, 3000.0);
            let facts =
                CoverageFacts { allowed, threshold, review_threshold, charges_before: before, kx_modifier };
            let lines = TherapyCoverage {}.settle(&facts);
            assert_eq!((lines.denied, lines.covered), (denied, 10.0 - 10.0 * denied), "{before}");
        }
    }

    /// 100 covered, 20 of the deductible left: 16 of coinsurance, 64 paid less 2 %.
    #[test]
    fn what_is_covered_is_paid_by_someone() {
        let facts = PaymentFacts {
            covered: 100.0,
            deductible_left: 20.0,
            coinsurance_rate: 0.2,
            sequestration_rate: 0.02,
        };
        let lines = TherapyPayment {}.settle(&facts);
        assert_eq!((lines.deductible, lines.coinsurance, lines.program_payment), (20.0, 16.0, 64.0));
        assert_eq!((lines.sequestration, lines.paid, lines.received), (1.28, 62.72, 98.72));
    }
}
