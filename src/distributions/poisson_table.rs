//! Poisson quantiles by looking them up: a grid of rates and uniforms whose cells mostly know their only answer.
//!
//! The quantile grows with the rate and with the uniform, so a cell whose lowest and highest corner agree has one
//! answer inside, and holds it. In a cell that one step crosses (one draw in ten at rates of some events) the uniform
//! is compared with the probability of the lower answer; others are searched as [`poisson::quantile`] does, whose sums
//! the comparison takes too: the table changes how long an answer takes and never the answer.

use std::sync::LazyLock;

use super::poisson;
use crate::rng::open_uniform;

/// Rows for each unit of the root of the rate: steps of a Poisson lie as far apart as its root grows.
const ROWS_A_UNIT: f64 = 96.0;

/// Root of the highest rate in the table, 100 events.
const HIGHEST_ROOT: f64 = 10.0;

/// Uniforms are cut into as many cells as the first eight bits of their word tell apart.
const BUCKETS: usize = 256;

/// Marks a cell that one step crosses, beside the lower of its two answers.
const STEP: u8 = 0x80;

/// A cell that several steps cross, or of answers too large to hold.
const CROSSED: u8 = u8::MAX;

/// Relative room on both sides of a row: the root that chooses the row is rounded.
const ROOM: f64 = 1e-12;

/// The table, the same for every study; made when it is first asked for.
static TABLE: LazyLock<PoissonTable> = LazyLock::new(PoissonTable::compile);

/// Poisson quantiles on a grid.
#[derive(Debug)]
pub struct PoissonTable {
    /// Answers by row of rates and bucket of uniforms.
    cells: Vec<u8>,
}

impl PoissonTable {
    /// The table, compiled at the first call (some milliseconds).
    #[must_use]
    pub fn shared() -> &'static Self {
        &TABLE
    }

    fn compile() -> Self {
        let rows = (HIGHEST_ROOT * ROWS_A_UNIT) as usize;
        Self { cells: (0..rows).flat_map(row).collect() }
    }

    /// The count at a word for a rate of 0 to 1,000,000; `root` is the square root of the rate, rounded.
    #[inline]
    #[must_use]
    pub fn at_word(&self, word: u64, rate: f64, root: f64) -> u32 {
        let cell = (root * ROWS_A_UNIT) as usize * BUCKETS + (word >> 56) as usize;
        match self.cells.get(cell) {
            Some(&count) if count < STEP => u32::from(count),
            Some(&step) if step != CROSSED => {
                let lower = u32::from(step - STEP);
                lower + u32::from(poisson::at_or_below(lower, rate) < open_uniform(word))
            }
            _ => search(word, rate),
        }
    }
}

#[cold]
#[inline(never)]
fn search(word: u64, rate: f64) -> u32 {
    poisson::quantile(open_uniform(word), rate)
}

/// The cells of one row of rates.
fn row(row: usize) -> impl Iterator<Item = u8> {
    let edge = |row: usize, room: f64| {
        let root = row as f64 / ROWS_A_UNIT * (1.0 + room);
        root * root
    };
    let (lowest, highest) = (edge(row, -ROOM), edge(row + 1, ROOM));
    (0..BUCKETS as u64).map(move |bucket| {
        let (least, most) = (search(bucket << 56, lowest), search(bucket << 56 | ((1 << 56) - 1), highest));
        match (u8::try_from(least), most - least) {
            (Ok(count), 0) if count < STEP => count,
            // Near 1 a sum has not the digits to compare: the last bucket is searched.
            (Ok(count), 1) if count < CROSSED - STEP && bucket + 1 < BUCKETS as u64 => STEP + count,
            _ => CROSSED,
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rng::philox;

    #[test]
    fn looking_up_is_searching() {
        let table = PoissonTable::shared();
        let mut crossed = 0;
        for i in 0..200_000_u64 {
            let words = philox([i, 0, 0, 0], [11, 13]);
            let root = open_uniform(words[1]) * 1.05 * HIGHEST_ROOT;
            let rate = root * root;
            assert_eq!(table.at_word(words[0], rate, root), search(words[0], rate), "rate {rate}");
            let cell = (root * ROWS_A_UNIT) as usize * BUCKETS + (words[0] >> 56) as usize;
            crossed += u32::from(table.cells.get(cell).is_none_or(|cell| *cell >= STEP));
        }
        // Between a tenth and a third: the table decides most draws, and the search is tried too.
        assert!((20_000..66_000).contains(&crossed), "{crossed}");
    }

    /// At the edges of rows and buckets, where a cell that knows too much would show.
    #[test]
    fn looking_up_is_searching_at_the_edges() {
        let table = PoissonTable::shared();
        for row in 0..(HIGHEST_ROOT * ROWS_A_UNIT) as usize {
            let root = row as f64 / ROWS_A_UNIT;
            for root in [root.next_down().max(0.0), root, root.next_up()] {
                for word in (0..BUCKETS as u64).flat_map(|b| [b << 56, (b << 56).wrapping_sub(1)]) {
                    let rate = root * root;
                    assert_eq!(
                        table.at_word(word, rate, root),
                        search(word, rate),
                        "rate {rate}, word {word}"
                    );
                }
            }
        }
    }

    #[test]
    fn rates_beyond_the_table_are_searched() {
        let table = PoissonTable::shared();
        for rate in [100.0, 745.0, 746.0, 2_500.0, 1e6_f64] {
            assert_eq!(table.at_word(u64::MAX / 3, rate, rate.sqrt()), search(u64::MAX / 3, rate));
        }
        assert_eq!(table.at_word(u64::MAX, 0.0, 0.0), 0);
    }
}
