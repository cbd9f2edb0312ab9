//! A distribution cut at its kinks, jumps and atoms, half by half; and its moments by integration over these cuts.

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

/// Knots that an integration may be cut at.
const MOST_KNOTS: usize = 1 << 21;

/// What is integrated: a value, and what the last digits of a quantile make of it.
type Integrand<'a> = &'a dyn Fn(f64) -> [f64; 2];

/// A quantile is known to this part of itself, at worst.
const DIGITS: f64 = 64.0 * f64::EPSILON;

/// Mean and variance by integrating the quantile function; infinite where a tail is that heavy.
#[must_use]
pub fn moments(law: &dyn Law) -> (f64, f64) {
    let whole = || vec![Segment { from: 0.0, to: 0.5, atom: None }];
    let halves =
        [Tail::Lower, Tail::Upper].map(|tail| (tail, segments(law, tail, MOST_KNOTS).unwrap_or_else(whole)));
    let integrate = |f: Integrand<'_>| -> f64 {
        halves
            .iter()
            .map(|(tail, half)| half.iter().map(|each| integral(law, *tail, *each, f)).sum::<f64>())
            .sum()
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

fn integral(law: &dyn Law, tail: Tail, segment: Segment, f: Integrand<'_>) -> f64 {
    if let Some(x) = segment.atom {
        return (segment.to - segment.from) * f(x)[0];
    }
    let value = |t: f64| f(if tail == Tail::Lower { law.lower(t) } else { law.upper(t) });
    let between = |from, to| adaptive(&value, from, to, gauss(&value, from, to), DEEPEST);
    if segment.from > 0.0 {
        return between(segment.from, segment.to);
    }
    let (mut sum, mut last, mut ratio) = (0.0_f64, 0.0_f64, 0.0_f64);
    let mut to = segment.to;
    while to > 1e-290 {
        let from = 0.5 * to;
        let part = between(from, to);
        sum += part;
        ratio = part / last;
        if !sum.is_finite() || part.abs() <= 1e-18 * sum.abs() {
            return sum;
        }
        last = part;
        to = from;
    }
    // What is left of a power tail is a geometric series of octaves.
    if ratio < 1.0 - 1e-9 { sum + last * ratio / (1.0 - ratio) } else { last.signum() * f64::INFINITY }
}

/// A part that no moment feels, in units of the distribution's spread.
const NOTHING: f64 = 1e-16;

/// How often an interval is halved at most.
const DEEPEST: u32 = 40;

/// Halves an interval until its integral no longer changes by more than its digits can tell.
fn adaptive(f: Integrand<'_>, from: f64, to: f64, whole: [f64; 2], depth: u32) -> f64 {
    let middle = 0.5 * (from + to);
    let (left, right) = (gauss(f, from, middle), gauss(f, middle, to));
    let both = left[0] + right[0];
    let known = 1e-13 * (left[0].abs() + right[0].abs()) + left[1] + right[1] + NOTHING;
    if depth == 0 || !both.is_finite() || (both - whole[0]).abs() <= known {
        return both;
    }
    adaptive(f, from, middle, left, depth - 1) + adaptive(f, middle, to, right, depth - 1)
}

/// Ten nodes of Gauss and Legendre (Abramowitz and Stegun 25.4.30, table 25.4).
fn gauss(f: Integrand<'_>, from: f64, to: f64) -> [f64; 2] {
    const NODES: [(f64, f64); 5] = [
        (0.148_874_338_981_631_22, 0.295_524_224_714_752_87),
        (0.433_395_394_129_247_2, 0.269_266_719_309_996_35),
        (0.679_409_568_299_024_4, 0.219_086_362_515_982_04),
        (0.865_063_366_688_984_5, 0.149_451_349_150_580_6),
        (0.973_906_528_517_171_7, 0.066_671_344_308_688_14),
    ];
    let (centre, half) = (0.5 * (from + to), 0.5 * (to - from));
    NODES.iter().fold([0.0; 2], |sum, (x, weight)| {
        let (left, right) = (f(centre - half * x), f(centre + half * x));
        std::array::from_fn(|k| sum[k] + half * weight * (left[k] + right[k]))
    })
}
