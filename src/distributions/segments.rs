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

/// Mean and variance by integrating the quantile function; infinite where a tail is that heavy.
#[must_use]
pub fn moments(law: &dyn Law) -> (f64, f64) {
    let whole = || vec![Segment { from: 0.0, to: 0.5, atom: None }];
    let halves =
        [Tail::Lower, Tail::Upper].map(|tail| (tail, segments(law, tail, MOST_KNOTS).unwrap_or_else(whole)));
    let integrate = |f: &dyn Fn(f64) -> f64| -> f64 {
        halves
            .iter()
            .map(|(tail, half)| half.iter().map(|each| integral(law, *tail, *each, f)).sum::<f64>())
            .sum()
    };
    let centre = law.quantile(0.5, 0.5);
    let mean = centre + integrate(&|x| x - centre);
    if !mean.is_finite() {
        return (mean, f64::INFINITY);
    }
    let scale =
        (law.upper(0.25) - law.lower(0.25)).max(law.upper(1e-3) - law.lower(1e-3)).max(f64::MIN_POSITIVE);
    let variance = integrate(&|x| ((x - mean) / scale) * ((x - mean) / scale));
    (mean, variance * scale * scale)
}

fn integral(law: &dyn Law, tail: Tail, segment: Segment, f: &dyn Fn(f64) -> f64) -> f64 {
    if let Some(x) = segment.atom {
        return (segment.to - segment.from) * f(x);
    }
    let value = |t: f64| f(if tail == Tail::Lower { law.lower(t) } else { law.upper(t) });
    if segment.from > 0.0 {
        return adaptive(&value, segment.from, segment.to, gauss(&value, segment.from, segment.to), 40);
    }
    let (mut sum, mut last, mut ratio) = (0.0_f64, 0.0_f64, 0.0_f64);
    let mut to = segment.to;
    while to > 1e-290 {
        let from = 0.5 * to;
        let part = adaptive(&value, from, to, gauss(&value, from, to), 40);
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

/// Halves an interval until its integral no longer changes.
fn adaptive(f: &dyn Fn(f64) -> f64, from: f64, to: f64, whole: f64, depth: u32) -> f64 {
    let middle = 0.5 * (from + to);
    let (left, right) = (gauss(f, from, middle), gauss(f, middle, to));
    let both = left + right;
    if depth == 0 || !both.is_finite() || (both - whole).abs() <= 1e-13 * (left.abs() + right.abs()) {
        return both;
    }
    adaptive(f, from, middle, left, depth - 1) + adaptive(f, middle, to, right, depth - 1)
}

/// Ten nodes of Gauss and Legendre (Abramowitz and Stegun 25.4.30, table 25.4).
fn gauss(f: &dyn Fn(f64) -> f64, from: f64, to: f64) -> f64 {
    const NODES: [(f64, f64); 5] = [
        (0.148_874_338_981_631_22, 0.295_524_224_714_752_87),
        (0.433_395_394_129_247_2, 0.269_266_719_309_996_35),
        (0.679_409_568_299_024_4, 0.219_086_362_515_982_04),
        (0.865_063_366_688_984_5, 0.149_451_349_150_580_6),
        (0.973_906_528_517_171_7, 0.066_671_344_308_688_14),
    ];
    let (centre, half) = (0.5 * (from + to), 0.5 * (to - from));
    half * NODES.iter().map(|(x, weight)| weight * (f(centre - half * x) + f(centre + half * x))).sum::<f64>()
}
