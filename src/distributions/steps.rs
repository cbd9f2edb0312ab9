//! A distribution of atoms alone, compiled into steps that are found by exact search.

use super::law::Law;
use super::pieces::{count_above, count_below};

/// Words have 52 bits that matter.
const WORDS: u64 = 1 << 52;

/// Atoms that a table may hold.
pub const MOST_ATOMS: usize = 1 << 20;

/// A step function: every atom has its probability to the resolution of a word.
#[derive(Debug, Clone)]
pub struct Steps {
    /// For each atom, how many of all words give it or a smaller one.
    ends: Vec<u64>,
    values: Vec<f64>,
    /// For each value of a word's first bits, the first atom they can mean.
    guide: Vec<u32>,
    shift: u32,
}

impl Steps {
    /// Compiles the atoms of a law; `None` where they are too many.
    #[must_use]
    pub fn compile(law: &dyn Law) -> Option<Self> {
        let atoms = law.knots(MOST_ATOMS)?;
        let (mut ends, mut values) = (Vec::with_capacity(atoms.len()), Vec::with_capacity(atoms.len()));
        for (x, (below, above)) in atoms.iter().zip(law.at_knots(&atoms)) {
            let end = if below <= 0.5 { count_below(below) } else { WORDS - count_above(above) };
            if end > ends.last().copied().unwrap_or(0) {
                ends.push(end);
                values.push(*x);
            }
        }
        // What no word can reach belongs to the last atom that one can.
        if let Some(last) = ends.last_mut() {
            *last = WORDS;
        }
        let bits = (usize::BITS - values.len().leading_zeros()).clamp(1, 16);
        let shift = 52 - bits;
        let guide =
            (0..=1_u64 << bits).map(|first| ends.partition_point(|end| *end <= first << shift) as u32);
        Some(Self { guide: guide.collect(), ends, values, shift })
    }

    /// The atom at probability `u` in (0, 1).
    #[inline]
    #[must_use]
    pub fn at(&self, u: f64) -> f64 {
        let word = ((u * WORDS as f64) as u64).min(WORDS - 1);
        let first = (word >> self.shift) as usize;
        let (from, to) =
            (self.guide[first] as usize, (self.guide[first + 1] as usize + 1).min(self.values.len()));
        let steps = self.ends[from..to].partition_point(|end| *end <= word);
        self.values[from + steps]
    }
}
