//! A quantile function with kinks, jumps and atoms, compiled into polynomials on cells that fit between them.
//!
//! Each half of the distribution is measured in words: y = t × 2^52 with the probability t of its own tail. Cells
//! begin as octaves of y, are cut at every kink, jump and atom, and halved until the polynomial meets the
//! tolerance; an atom's cell is a constant and holds exactly its words. A guide by the leading bits of y leaves a
//! short search for the cell.

use super::law::Law;
use super::segments::{Segment, segments};
use super::solve::Tail;
use super::table::{BETWEEN_CHECKS, extremum, nodes, through};

/// Kinks, jumps and atoms that a table may be cut at.
const MOST_KNOTS: usize = 20_000;

/// Cells that a table may have.
const MOST_CELLS: usize = 1 << 18;

const WORDS: f64 = (1_u64 << 52) as f64;
const HALF: u64 = 1 << 51;
const COEFFICIENTS: usize = 6;

/// Points of a cell at which its error is looked at: between two kinds of cases a quantile function may turn sharply.
const CHECKS: usize = 4 * COEFFICIENTS;

/// So few words have a constant each.
const FEWEST_WORDS: u64 = 32;

/// Leading bits of the mantissa that the guide looks at.
const GUIDE_BITS: u32 = 3;
/// Exponent and leading bits of y = 1/2, the middle of the first word.
const GUIDE_START: u64 = (1022 << 52) >> (52 - GUIDE_BITS);

/// How many words lie at or below probability `p` from the lower end.
#[must_use]
pub fn count_below(p: f64) -> u64 {
    (p * WORDS + 0.5).floor() as u64
}

/// How many words lie strictly nearer to the upper end than probability `q`.
#[must_use]
pub fn count_above(q: f64) -> u64 {
    (q * WORDS - 0.5).ceil().max(0.0) as u64
}

/// One cell: a polynomial in (y − centre) × scale.
#[derive(Debug, Clone, Copy)]
struct Cell {
    centre: f64,
    scale: f64,
    coefficients: [f64; COEFFICIENTS],
}

/// One half of the distribution.
#[derive(Debug, Clone)]
struct Half {
    /// Where cells start, in words.
    starts: Vec<f64>,
    cells: Vec<Cell>,
    guide: Vec<u32>,
}

/// A compiled quantile function with kinks, jumps and atoms.
#[derive(Debug, Clone)]
pub struct Pieces {
    halves: [Half; 2],
    error_bound: f64,
}

impl Pieces {
    /// Compiles a law to a relative error of at most `tolerance`; `None` where it has too many kinks or cells.
    #[must_use]
    pub fn compile(law: &dyn Law, tolerance: f64) -> Option<Self> {
        let floor = law.negligible();
        let mut worst = 0.0_f64;
        let mut half = |tail| {
            let value = |y: f64| match tail {
                Tail::Lower => law.lower(y / WORDS),
                Tail::Upper => law.upper(y / WORDS),
            };
            let mut build = Build {
                value: &value,
                floor,
                tolerance: tolerance / BETWEEN_CHECKS,
                starts: Vec::new(),
                cells: Vec::new(),
                worst: 0.0,
            };
            build.segments(&segments(law, tail, MOST_KNOTS)?, tail)?;
            worst = worst.max(build.worst);
            Some(Half::new(build.starts, build.cells))
        };
        let halves = [half(Tail::Lower)?, half(Tail::Upper)?];
        Some(Self { halves, error_bound: BETWEEN_CHECKS * worst })
    }

    /// Bound of the relative error: half as much again as the largest seen when the table was compiled.
    #[must_use]
    pub fn error_bound(&self) -> f64 {
        self.error_bound
    }

    /// The value at probability `u` in (0, 1).
    #[inline]
    #[must_use]
    pub fn at(&self, u: f64) -> f64 {
        let y = u.min(1.0 - u) * WORDS;
        self.halves[usize::from(u >= 0.5)].at(y)
    }
}

impl Half {
    fn new(starts: Vec<f64>, cells: Vec<Cell>) -> Self {
        let last = guide_index(HALF as f64) + 1;
        let starts_in = |index: u64| f64::from_bits((GUIDE_START + index) << (52 - GUIDE_BITS));
        let guide = (0..=last as u64 + 1).map(|index| {
            (starts.partition_point(|start| *start <= starts_in(index)) as u32).saturating_sub(1)
        });
        Self { guide: guide.collect(), starts, cells }
    }

    #[inline]
    fn at(&self, y: f64) -> f64 {
        let index = guide_index(y);
        let (from, to) = (self.guide[index] as usize, self.guide[index + 1] as usize + 1);
        let found = from + self.starts[from..to].partition_point(|start| *start <= y);
        let cell = &self.cells[found.saturating_sub(1)];
        let x = (y - cell.centre) * cell.scale;
        cell.coefficients.iter().rev().fold(0.0, |sum, c| sum * x + c)
    }
}

#[inline]
fn guide_index(y: f64) -> usize {
    (y.max(0.5).to_bits() >> (52 - GUIDE_BITS)).saturating_sub(GUIDE_START) as usize
}

struct Build<'a> {
    value: &'a dyn Fn(f64) -> f64,
    floor: f64,
    tolerance: f64,
    starts: Vec<f64>,
    cells: Vec<Cell>,
    worst: f64,
}

impl Build<'_> {
    fn segments(&mut self, segments: &[Segment], tail: Tail) -> Option<()> {
        let words = |t: f64| if tail == Tail::Lower { count_below(t) } else { count_above(t) }.min(HALF);
        let mut start = 0;
        for (index, segment) in segments.iter().enumerate() {
            let end = if index + 1 == segments.len() { HALF } else { words(segment.to) };
            if end <= start {
                continue;
            }
            match segment.atom {
                Some(x) => self.push(start, 0.0, 0.0, constant(x)),
                None => self.smooth(start, end)?,
            }
            start = end;
        }
        Some(())
    }

    /// Cells from word `from` up to word `to`, cut first where octaves begin.
    fn smooth(&mut self, from: u64, to: u64) -> Option<()> {
        let mut start = from;
        while start < to {
            let octave = if start == 0 { 1 } else { 1_u64 << (64 - start.leading_zeros()) };
            let end = octave.min(to);
            self.fit(start, end)?;
            start = end;
        }
        Some(())
    }

    /// One cell if a polynomial is near enough, else two halves.
    ///
    /// Only the middles of words are looked at: none lies beyond a jump, and all are exact numbers, however near to a
    /// jump a quantile function is steep.
    fn fit(&mut self, from: u64, to: u64) -> Option<()> {
        if self.cells.len() > MOST_CELLS {
            return None;
        }
        if to - from <= FEWEST_WORDS {
            for word in from..to {
                self.push(word, 0.0, 0.0, constant((self.value)(word as f64 + 0.5)));
            }
            return Some(());
        }
        let (first, last) = (from as f64 + 0.5, to as f64 - 0.5);
        let (centre, width) = (0.5 * (first + last), last - first);
        let word = |x: f64| (((centre + x * width) as u64) as f64 + 0.5).clamp(first, last);
        let place = |y: f64| (y - centre) / width;
        let at = nodes::<COEFFICIENTS>().map(word);
        let piece = through(&at.map(place), at.map(self.value));
        let error = |y: f64| {
            let (exact, got) = ((self.value)(y), piece.iter().rev().fold(0.0, |sum, c| sum * place(y) + c));
            (got - exact).abs() / exact.abs().max(self.floor)
        };
        let error = (0..=CHECKS).map(|k| error(word(extremum::<CHECKS>(k)))).fold(0.0, f64::max);
        if error <= self.tolerance {
            self.worst = self.worst.max(error);
            self.push(from, centre, 1.0 / width, piece);
            return Some(());
        }
        let middle = from + (to - from) / 2;
        self.fit(from, middle)?;
        self.fit(middle, to)
    }

    fn push(&mut self, start: u64, centre: f64, scale: f64, coefficients: [f64; COEFFICIENTS]) {
        self.starts.push(start as f64);
        self.cells.push(Cell { centre, scale, coefficients });
    }
}

fn constant(value: f64) -> [f64; COEFFICIENTS] {
    let mut coefficients = [0.0; COEFFICIENTS];
    coefficients[0] = value;
    coefficients
}
