//! A distribution cut at its kinks, jumps and atoms, half by half; and its moments by integration over these cuts.

use std::cell::Cell;

use super::law::Law;
use super::solve::Tail;

/// A part of one half of a distribution, by the probabilities of its ends, measured from the half's own end.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Segment {
    /// Probability where it starts.
    pub from: f64,
    /// Probability where it ends, at most 1/2.
    pub to: f64,
    /// Its one value, where it is an atom.
    pub atom: Option<f64>,
}

/// The segments of one half in the order of probability; `None` where there are too many knots.
#[must_use]
pub fn segments(law: &dyn Law, tail: Tail, most: usize) -> Option<Vec<Segment>> {
    let mut knots = law.knots(most)?;
    let at = law.at_knots(&knots);
    let mut cuts: Vec<(f64, f64, f64)> = knots
        .drain(..)
        .zip(at)
        .map(|(x, (below, above))| match (tail, law.mass(x)) {
            (Tail::Lower, 0.0) => (below, below, x),
            (Tail::Lower, _) => (law.below(x.next_down()), below, x),
            (Tail::Upper, 0.0) => (above, above, x),
            (Tail::Upper, _) => (above, law.above(x.next_down()), x),
        })
        .collect();
    if tail == Tail::Upper {
        cuts.reverse();
    }
    let mut segments = Vec::with_capacity(2 * cuts.len() + 1);
    let mut start = 0.0;
    for (from, to, x) in cuts {
        if start >= 0.5 {
            break;
        }
        let from = from.clamp(start, 0.5);
        let to = to.clamp(from, 0.5);
        segments.push(Segment { from: start, to: from, atom: None });
        segments.push(Segment { from, to, atom: Some(x) });
        start = to;
    }
    segments.push(Segment { from: start, to: 0.5, atom: None });
    segments.retain(|segment| segment.to > segment.from);
    Some(segments)
}

/// What is integrated: a value, and what the last digits of a quantile make of it.
type Integrand<'a> = &'a dyn Fn(f64) -> [f64; 2];

/// A quantile is known to this part of itself, at worst.
const DIGITS: f64 = 64.0 * f64::EPSILON;

/// Mean and variance of a law without atoms by integrating the quantile function; infinite where a tail is that heavy.
///
/// Each of the two integrals halves no interval any more when it has asked for `evaluations` quantiles; ten nodes in
/// every octave of both tails are then what the rest is summed by.
#[must_use]
pub fn moments(law: &dyn Law, evaluations: u32) -> (f64, f64) {
    let halves = [Tail::Lower, Tail::Upper].map(|tail| (tail, smooth_segments(law, tail)));
    let integrate = |f: Integrand<'_>| -> f64 {
        let left = Cell::new(evaluations);
        let parts = halves.iter().flat_map(|(tail, half)| half.iter().map(move |each| (*tail, *each)));
        parts.map(|(tail, each)| Integration { law, tail, f, left: &left }.over(each)).sum()
    };
    let centre = law.quantile(0.5, 0.5);
    let scale =
        (law.upper(0.25) - law.lower(0.25)).max(law.upper(1e-3) - law.lower(1e-3)).max(f64::MIN_POSITIVE);
    let mean = centre + scale * integrate(&|x| [(x - centre) / scale, DIGITS * (x / scale).abs()]);
    if !mean.is_finite() {
        return (mean, f64::INFINITY);
    }
    let variance = integrate(&|x| {
        let z = (x - mean) / scale;
        [z * z, 2.0 * z.abs() * DIGITS * (x / scale).abs()]
    });
    (mean, variance * scale * scale)
}

/// Kinks and jumps of a law without atoms are few.
const MOST_KINKS: usize = 1_000;

fn smooth_segments(law: &dyn Law, tail: Tail) -> Vec<Segment> {
    segments(law, tail, MOST_KINKS).unwrap_or_else(|| vec![Segment { from: 0.0, to: 0.5, atom: None }])
}

/// A part that no moment feels, in units of the distribution's spread.
const NOTHING: f64 = 1e-16;

/// How often an interval is halved at most.
const DEEPEST: u32 = 40;

/// An integral over probabilities of one tail.
struct Integration<'a> {
    law: &'a dyn Law,
    tail: Tail,
    f: Integrand<'a>,
    /// Quantiles that may still be asked for.
    left: &'a Cell<u32>,
}

impl Integration<'_> {
    fn over(&self, segment: Segment) -> f64 {
        let Segment { from: start, to: mut end, .. } = segment;
        if start > 0.0 {
            return self.between(start, end);
        }
        let (mut sum, mut last, mut ratio) = (0.0_f64, 0.0_f64, 0.0_f64);
        while end > 1e-290 {
            let from = 0.5 * end;
            let part = self.between(from, end);
            sum += part;
            ratio = part / last;
            if !sum.is_finite() || part.abs() <= 1e-18 * sum.abs() {
                return sum;
            }
            last = part;
            end = from;
        }
        // What is left of a power tail is a geometric series of octaves.
        if ratio < 1.0 - 1e-9 { sum + last * ratio / (1.0 - ratio) } else { last.signum() * f64::INFINITY }
    }

    fn between(&self, from: f64, to: f64) -> f64 {
        let whole = self.gauss(from, to);
        if self.left.get() == 0 { whole[0] } else { self.adaptive(from, to, whole, DEEPEST) }
    }

    /// Halves an interval until its integral no longer changes by more than its digits can tell.
    fn adaptive(&self, from: f64, to: f64, whole: [f64; 2], depth: u32) -> f64 {
        let middle = 0.5 * (from + to);
        let (left, right) = (self.gauss(from, middle), self.gauss(middle, to));
        let both = left[0] + right[0];
        let known = 1e-13 * (left[0].abs() + right[0].abs()) + left[1] + right[1] + NOTHING;
        if depth == 0 || self.left.get() == 0 || !both.is_finite() || (both - whole[0]).abs() <= known {
            return both;
        }
        self.adaptive(from, middle, left, depth - 1) + self.adaptive(middle, to, right, depth - 1)
    }

    fn gauss(&self, from: f64, to: f64) -> [f64; 2] {
        self.left.set(self.left.get().saturating_sub(10));
        gauss_points(from, to).fold([0.0; 2], |sum, (t, weight)| {
            let value =
                (self.f)(if self.tail == Tail::Lower { self.law.lower(t) } else { self.law.upper(t) });
            std::array::from_fn(|k| sum[k] + weight * value[k])
        })
    }
}

/// Ten nodes of Gauss and Legendre with their weights (Abramowitz and Stegun 25.4.30, table 25.4).
pub(super) fn gauss_points(from: f64, to: f64) -> impl Iterator<Item = (f64, f64)> {
    const NODES: [(f64, f64); 5] = [
        (0.148_874_338_981_631_22, 0.295_524_224_714_752_87),
        (0.433_395_394_129_247_2, 0.269_266_719_309_996_35),
        (0.679_409_568_299_024_4, 0.219_086_362_515_982_04),
        (0.865_063_366_688_984_5, 0.149_451_349_150_580_6),
        (0.973_906_528_517_171_7, 0.066_671_344_308_688_14),
    ];
    let (centre, half) = (0.5 * (from + to), 0.5 * (to - from));
    NODES
        .iter()
        .flat_map(move |(x, weight)| [(centre - half * x, half * weight), (centre + half * x, half * weight)])
}
