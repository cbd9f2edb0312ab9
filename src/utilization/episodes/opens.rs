//! What opens an episode: the events of a service, or a condition that a member has in a year.

use crate::error::{Place, Result};
use crate::population::{Condition, Population};

/// What opens an episode.
#[derive(Debug, Clone)]
pub(super) enum Opens {
    /// Each event of the service of this index.
    Event(usize),
    /// Each year in which a member has a condition.
    Condition(OfCondition),
}

/// A condition and those of its states that count.
#[derive(Debug, Clone)]
pub(super) struct OfCondition {
    name: String,
    /// Names of the states; all but the first where none are named.
    states: Option<Vec<String>>,
    /// Index of the condition, and whether each of its states counts; found when the panel is known.
    index: usize,
    counts: Vec<bool>,
}

impl Opens {
    /// The service whose events open it.
    pub fn trigger(&self) -> Option<usize> {
        match self {
            Self::Event(service) => Some(*service),
            Self::Condition(_) => None,
        }
    }
}

impl OfCondition {
    /// A condition that is yet to be found.
    pub fn named(name: &str, states: Option<Vec<String>>) -> Self {
        Self { name: name.to_owned(), states, index: 0, counts: Vec::new() }
    }

    /// Finds the condition and its states among those of a panel.
    pub fn find(&mut self, place: Place<'_>, conditions: &[Condition]) -> Result<()> {
        let index = conditions.iter().position(|known| known.name == self.name).ok_or_else(|| {
            let error = place.error("condition", "must be a condition of the study");
            let known: Vec<&str> = conditions.iter().map(|known| known.name.as_str()).collect();
            let hint = match known[..] {
                [] => "there are none: Population.from_frame(frame, conditions=[Condition(...)])".to_owned(),
                _ => format!("the conditions are {}", known.join(", ")),
            };
            error.got(format!("{:?}", self.name)).hint(hint)
        })?;
        let known = &conditions[index].states;
        let named = self.states.as_deref();
        for (position, state) in named.unwrap_or_default().iter().enumerate() {
            let twice = named.is_some_and(|states| states[..position].contains(state));
            if twice || !known.contains(state) {
                let error = place.error("states", "must be different states of the condition");
                let hint = format!("the states are {}", known.join(", "));
                return Err(error.got(format!("{state:?}")).hint(hint).into());
            }
        }
        if named.is_some_and(<[String]>::is_empty) {
            return Err(place.error("states", "must name at least one state").got("none").into());
        }
        let counts = |(state, name)| named.map_or(state > 0, |states| states.contains(name));
        self.counts = known.iter().enumerate().map(counts).collect();
        self.index = index;
        Ok(())
    }

    /// A state that counts here and for another kind of episodes.
    pub fn shared_with<'a>(&self, other: &Self, conditions: &'a [Condition]) -> Option<&'a str> {
        let states = conditions[self.index].states.iter();
        let both = self.counts.iter().zip(&other.counts).map(|(here, there)| *here && *there);
        let shared = states.zip(both).find(|(_, both)| self.index == other.index && *both);
        shared.map(|(state, _)| state.as_str())
    }

    /// Whether a member in its states of conditions has it.
    pub fn has(&self, states: &[Vec<u8>], member: usize) -> bool {
        self.counts[usize::from(states[self.index][member])]
    }

    /// How many members of a batch have states.
    pub fn members(&self, states: &[Vec<u8>]) -> usize {
        states[self.index].len()
    }

    /// The chance that each member of a panel has it in a year, by row.
    pub fn chances<'a>(
        &'a self,
        conditions: &'a [Condition],
        population: &'a Population,
        year: i8,
    ) -> impl Iterator<Item = f64> + 'a {
        let of_state = |state: usize| f64::from(u8::from(self.counts[state]));
        conditions[self.index].means(population, year, of_state)
    }
}
