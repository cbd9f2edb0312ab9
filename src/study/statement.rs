//! The statement of one arm in one world: settled again in decimal, line by line, in cents that add up.

use rust_decimal::Decimal;

use super::Study;
use crate::contracts::{Step, Unit};
use crate::error::{Error, InputError, Result};
use crate::ledger::{Ledger, Transfer};
use crate::rng::World;
use crate::utilization::events::Draws;

/// What one arm owes and is owed in one world.
#[derive(Debug, Clone)]
pub struct Statement {
    /// The computation of each contract.
    pub steps: Vec<StatementLine>,
    /// Every transfer, in cents.
    pub transfers: Vec<Transfer<Decimal>>,
}

/// One line of a computation.
#[derive(Debug, Clone)]
pub struct StatementLine {
    /// Position of the contract in its arm.
    pub position: usize,
    /// Name of the contract.
    pub contract: &'static str,
    /// The line.
    pub step: Step<Decimal>,
}

impl Study {
    /// Settles one arm of one world in decimal; `stopped` is asked every millisecond or so.
    pub fn statement(&self, arm: usize, world: World, stopped: impl Fn() -> bool) -> Result<Statement> {
        let arrangement =
            self.arms.get(arm).ok_or_else(|| InputError::new("arm", "must be an arm of the study"))?;
        let mut filler = self.filler(true);
        if !self.fill(&mut filler, &mut Draws::default(), world, &stopped) {
            return Err(Error::Interrupted);
        }
        let facts = filler.facts().to_decimal()?;
        let mut ledger = Ledger::default();
        arrangement.settle(&facts, &mut ledger);
        let contracts = arrangement.steps(&facts).into_iter().enumerate();
        let lines = |(position, (contract, steps)): (usize, (&'static str, Vec<Step<Decimal>>))| {
            steps.into_iter().map(move |step| StatementLine { position, contract, step })
        };
        Ok(Statement { steps: contracts.flat_map(lines).collect(), transfers: ledger.transfers().to_vec() })
    }
}

impl Unit {
    /// The word used in tables.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Dollars => "dollars",
            Self::MemberMonths => "member_months",
        }
    }
}
