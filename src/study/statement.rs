//! The statement of one arm in one world: settled again in decimal, line by line, in cents that add up.

use rust_decimal::Decimal;

use super::Study;
use crate::contracts::Step;
use crate::error::{Error, InputError, Result};
use crate::ledger::{Ledger, Transfer};
use crate::rng::World;
use crate::utilization::events::Draws;

/// What one arm owes and is owed in one world.
#[derive(Debug, Clone)]
pub struct Statement {
    /// Paths of the arm's contracts, by their position.
    pub contracts: Vec<String>,
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
    /// Number of the performance year.
    pub year: i8,
    /// The line.
    pub step: Step<Decimal>,
}

impl Study {
    /// Settles one arm of one world in decimal; `stopped` is asked every millisecond or so.
    pub fn statement(
        &self,
        arm: usize,
        world: World,
        values: Option<&[f64]>,
        stopped: impl Fn() -> bool,
    ) -> Result<Statement> {
        let drawn = values.map(|values| self.model_at(values, &mut self.tables.clone())).transpose()?;
        let model = drawn.as_ref().unwrap_or(&self.model);
        let arrangement =
            model.arms.get(arm).ok_or_else(|| InputError::new("arm", "must be an arm of the study"))?;
        let mut filler = self.filler(model, true);
        if !self.fill(model, &mut filler, &mut Draws::default(), world, &stopped) {
            return Err(Error::Interrupted);
        }
        let facts = filler.facts().to_decimal()?;
        let mut ledger = Ledger::default();
        arrangement.settle(&facts, &mut ledger);
        let mut steps = Vec::new();
        for (_, year) in facts.performance_years() {
            let label = model.horizon.label(year.position);
            for (position, (contract, lines)) in
                arrangement.steps(&facts, year, &mut ledger).into_iter().enumerate()
            {
                let line = |step| StatementLine { position, contract, year: label, step };
                steps.extend(lines.into_iter().map(line));
            }
        }
        let contracts = arrangement.paths().into_iter().map(str::to_owned).collect();
        Ok(Statement { contracts, steps, transfers: ledger.transfers().to_vec() })
    }
}
