//! A continuous quantile function compiled into polynomials on knots that thin out by octaves toward both tails.
//!
//! The probability of the nearer tail, t = min(u, 1 − u), is split by its binary exponent into 52 octaves and
//! each octave into equal cells; in every cell a polynomial of `N` coefficients interpolates the quantile at
//! Chebyshev nodes. Exponent and leading mantissa bits of t *are* the number of its cell, so a draw costs one
//! load and one polynomial. The number of cells is the smallest power of two that meets the tolerance, and
//! the largest error seen between the nodes is kept as the table's error bound.

use super::law::Law;

/// Octaves between 2^−53, the smallest probability of a word, and 1/2.
const OCTAVES: usize = 52;
const SMALLEST: u64 = (1023 - 53) << 52;
/// The last number below 1/2: u = 1/2 itself belongs to the last cell.
const LARGEST: u64 = (1022 << 52) - 1;
/// What multiplying by 2^53 adds to the bits of a number: as whole numbers, probabilities begin at 1.
const WHOLE: u64 = 53 << 52;
const ONE: u64 = 1023 << 52;
/// The lower tail, and the upper one: masks over the number of its first cell.
const LOWER: u64 = 0;
const UPPER: u64 = u64::MAX;
const FEWEST_BITS: u32 = 2;
const MOST_BITS: u32 = 10;

/// How much larger an error may be between the points at which it is looked at: what is stated holds there too.
pub(super) const BETWEEN_CHECKS: f64 = 1.5;

/// A compiled quantile function with `N` coefficients in each cell.
#[derive(Debug, Clone)]
pub struct Table<const N: usize> {
    /// Bits of the mantissa that tell where in its cell a probability lies.
    shift: u32,
    /// Mantissa of the middle of a cell, without the bits that tell the cell.
    centre: f64,
    /// Cells of the lower tail in the order of t, then those of the upper tail; powers of the mantissa.
    cells: Vec<[f64; N]>,
    error_bound: f64,
}

impl<const N: usize> Table<N> {
    /// Compiles `quantile` to a relative error of at most `tolerance`, or as near to it as the largest table comes.
    #[must_use]
    pub fn compile(quantile: &(impl Law + ?Sized), tolerance: f64) -> Self {
        let floor = quantile.negligible();
        let mut bits = FEWEST_BITS;
        loop {
            let (mut cells, lower_error) = compile_side::<N>(bits, floor, |t| quantile.lower(t));
            let (upper, upper_error) = compile_side::<N>(bits, floor, |t| quantile.upper(t));
            cells.extend(upper);
            let error_bound = BETWEEN_CHECKS * lower_error.max(upper_error);
            if error_bound <= tolerance || bits == MOST_BITS {
                return Self::of_cells(bits, cells, error_bound);
            }
            bits = (bits + bits_missing(error_bound / tolerance, N)).min(MOST_BITS);
        }
    }

    /// From coefficients in cell widths to coefficients in the mantissa: powers of two, so no digit is lost.
    fn of_cells(bits: u32, mut cells: Vec<[f64; N]>, error_bound: f64) -> Self {
        let cells_an_octave = f64::from(1_u32 << bits);
        for cell in &mut cells {
            let mut scale = 1.0;
            for coefficient in cell {
                *coefficient *= scale;
                scale *= cells_an_octave;
            }
        }
        Self { shift: 52 - bits, centre: 1.0 + 0.5 / cells_an_octave, cells, error_bound }
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
        let (t, tail) = if u < 0.5 { (u, LOWER) } else { (1.0 - u, UPPER) };
        self.in_tail(t.to_bits().min(LARGEST) + WHOLE, tail)
    }

    /// The value at a word of the generator, without a branch: which tail it falls in cannot be predicted.
    #[inline]
    #[must_use]
    pub fn at_word(&self, word: u64) -> f64 {
        // The uniform of a word's complement is one minus the uniform of the word; times 2^53 it is whole and odd.
        let tail = (word.cast_signed() >> 63).cast_unsigned();
        let odd = (word ^ tail) >> 12 << 1 | 1;
        self.in_tail((odd as f64).to_bits(), tail)
    }

    /// The value at a probability of the nearer tail, below 1/2, given by the bits of 2^53 times it.
    #[allow(
        clippy::inline_always,
        reason = "in a loop over words the constants of the table stay in registers"
    )]
    #[inline(always)]
    fn in_tail(&self, bits: u64, tail: u64) -> f64 {
        let Self { shift, centre, .. } = *self;
        let first_of_tail = tail as usize & (self.cells.len() / 2);
        let cell = ((bits - ONE) >> shift) as usize;
        let x = f64::from_bits(ONE | (bits & ((1 << shift) - 1))) - centre;
        self.cells[first_of_tail + cell].iter().rev().fold(0.0, |sum, c| sum * x + c)
    }
}

/// Halving a cell divides the error of a polynomial of `n` coefficients by 2^n.
fn bits_missing(excess: f64, n: usize) -> u32 {
    let gain = (1_u64 << n) as f64;
    let (mut bits, mut left) = (1, excess / gain);
    while left > 1.0 && bits < MOST_BITS {
        left /= gain;
        bits += 1;
    }
    bits
}

fn compile_side<const N: usize>(bits: u32, floor: f64, value: impl Fn(f64) -> f64) -> (Vec<[f64; N]>, f64) {
    let cells = 1_usize << bits;
    let mut pieces = Vec::with_capacity(OCTAVES * cells);
    let mut worst = 0.0_f64;
    for octave in 0..OCTAVES {
        let start = f64::from_bits(SMALLEST + ((octave as u64) << 52));
        let width = start / cells as f64;
        for cell in 0..cells {
            let left = start + cell as f64 * width;
            let at = |x: f64| value(left + (x + 0.5) * width);
            let piece = interpolate::<N>(at);
            worst = worst.max(error_between_nodes(&piece, floor, at));
            pieces.push(piece);
        }
    }
    (pieces, worst)
}

/// Chebyshev nodes of the interval (−1/2, 1/2).
pub(super) fn nodes<const N: usize>() -> [f64; N] {
    std::array::from_fn(|k| 0.5 * cosine_of_turns((2 * k + 1) as f64 / (4 * N) as f64))
}

/// cos(2π `turns`) for 0 ≤ turns ≤ 1/2 by its power series: platform-free bits, a handful of calls a table.
fn cosine_of_turns(turns: f64) -> f64 {
    let angle = std::f64::consts::TAU * (0.25 - turns);
    let square = angle * angle;
    let (mut term, mut sum) = (angle, angle);
    for k in 1..14 {
        term *= -square / f64::from(2 * k * (2 * k + 1));
        sum += term;
    }
    sum
}

/// Coefficients in powers of x of the polynomial through the nodes, by Newton's divided differences.
fn interpolate<const N: usize>(at: impl Fn(f64) -> f64) -> [f64; N] {
    let x = nodes::<N>();
    through(&x, x.map(at))
}

/// Coefficients of the polynomial with values `divided` at `x`.
pub(super) fn through<const N: usize>(x: &[f64; N], mut divided: [f64; N]) -> [f64; N] {
    for order in 1..N {
        for i in (order..N).rev() {
            divided[i] = (divided[i] - divided[i - 1]) / (x[i] - x[i - order]);
        }
    }
    let mut coefficients = [0.0; N];
    for i in (0..N).rev() {
        for power in (1..N).rev() {
            coefficients[power] = coefficients[power - 1] - x[i] * coefficients[power];
        }
        coefficients[0] = divided[i] - x[i] * coefficients[0];
    }
    coefficients
}

/// Largest relative error at the ends of the cell and between the nodes, where an interpolation errs most.
pub(super) fn error_between_nodes<const N: usize>(
    piece: &[f64; N],
    floor: f64,
    at: impl Fn(f64) -> f64,
) -> f64 {
    let error = |x: f64| {
        let (exact, got) = (at(x), piece.iter().rev().fold(0.0, |sum, c| sum * x + c));
        (got - exact).abs() / exact.abs().max(floor)
    };
    (0..=N).map(|k| error(extremum::<N>(k))).fold(0.0, f64::max)
}

/// Where a polynomial through the nodes errs most; 0 and N are the ends of the cell.
pub(super) fn extremum<const N: usize>(k: usize) -> f64 {
    0.5 * cosine_of_turns(k as f64 / (2 * N) as f64)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::distributions::gamma::Gamma;
    use crate::distributions::log_normal::LogNormal;

    /// Errors at a million probabilities that are no nodes, spread over all octaves of both tails.
    fn worst_error<const N: usize>(quantile: &impl Law, table: &Table<N>) -> f64 {
        let floor = quantile.negligible();
        let mut worst = 0.0_f64;
        for i in 0..20_000_u32 {
            let octave = f64::from(i % 50) + 1.0;
            let t = crate::math::pow(0.5, octave) * (0.500_01 + 0.499 * f64::from(i) / 20_000.0);
            let pairs =
                [(table.at(t), quantile.lower(t)), (table.at(1.0 - t), quantile.upper(1.0 - (1.0 - t)))];
            for (got, exact) in pairs {
                worst = worst.max((got - exact).abs() / exact.abs().max(floor));
            }
        }
        worst
    }

    #[test]
    fn tables_keep_the_error_they_state() {
        for cv in [0.1, 0.5, 1.0, 1.3, 3.0] {
            let exact = LogNormal::new(15_000.0, cv);
            let table = Table::<4>::compile(&exact, 1e-7);
            assert!(table.error_bound() <= 1e-7);
            assert!(worst_error(&exact, &table) <= table.error_bound(), "log-normal, cv {cv}");
        }
        for cv in [0.1, 0.5, 1.0, 1.2, 3.0] {
            let exact = Gamma::new(1.0, cv);
            let table = Table::<8>::compile(&exact, 1e-11);
            assert!(table.error_bound() <= 1e-11, "gamma, cv {cv}: {}", table.error_bound());
            assert!(worst_error(&exact, &table) <= table.error_bound(), "gamma, cv {cv}");
        }
    }

    #[test]
    fn the_last_word_of_each_tail_and_the_middle_have_a_cell() {
        let exact = LogNormal::new(1.0, 1.0);
        let table = Table::<4>::compile(&exact, 1e-7);
        let smallest = crate::rng::open_uniform(0);
        for (u, expected) in [(smallest, exact.lower(smallest)), (0.5, exact.lower(0.5))] {
            assert!((table.at(u) / expected - 1.0).abs() < 1e-7);
        }
        assert!((table.at(1.0 - smallest) / exact.upper(smallest) - 1.0).abs() < 1e-7);
    }
}
