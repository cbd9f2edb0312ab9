//! Many members as few: weights and counts that give the same sums of smooth functions of the weight.

use std::f64::consts::PI;

use crate::math;

/// Part of the values at which interpolation may err.
const ACCURACY: f64 = 1e-11;

/// Most weights that are interpolated between.
const MOST: usize = 160;

/// A weight, and how many members count as having it; counts of interpolation are no whole numbers.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Group {
    /// Exposed risk.
    pub weight: f64,
    /// Number of members.
    pub count: f64,
}

/// The members themselves, equal ones together, or where these are too many the nodes of Chebyshev in ln(weight).
///
/// A transform is analytic in ln(weight) within a strip of π/2 either side whatever the rates, so that the number of
/// nodes depends on the range of weights alone.
#[must_use]
pub fn grouped(members: &[(f64, f64)]) -> Vec<Group> {
    let mut members: Vec<Group> = members
        .iter()
        .filter(|(weight, count)| *weight > 0.0 && *count > 0.0)
        .map(|(weight, count)| Group { weight: *weight, count: *count })
        .collect();
    members.sort_by(|a, b| a.weight.total_cmp(&b.weight));
    members.dedup_by(|later, earlier| {
        let equal = later.weight == earlier.weight;
        earlier.count += if equal { later.count } else { 0.0 };
        equal
    });
    let (Some(first), Some(last)) = (members.first(), members.last()) else { return members };
    let (low, high) = (math::ln(first.weight), math::ln(last.weight));
    let nodes = nodes_needed(0.5 * (high - low));
    if members.len() <= nodes { members } else { interpolated(&members, low, high, nodes) }
}

/// Nodes after which the error ρ^−n is below the accuracy, with the ellipse that touches the strip.
fn nodes_needed(half_width: f64) -> usize {
    let reach = 0.5 * PI / half_width;
    let rho = reach + (1.0 + reach * reach).sqrt();
    ((-math::ln(ACCURACY) / math::ln(rho)).ceil() as usize + 2).min(MOST)
}

/// The counts of the nodes: sums over members of the polynomials that are 1 at one node and 0 at the others.
fn interpolated(members: &[Group], low: f64, high: f64, nodes: usize) -> Vec<Group> {
    let angle = |node: usize| math::sin_cos((2 * node + 1) as f64 * PI / (2 * nodes) as f64);
    let (middle, half) = (0.5 * (low + high), 0.5 * (high - low));
    let at: Vec<f64> = (0..nodes).map(|node| middle - half * angle(node).1).collect();
    let barycentric: Vec<f64> =
        (0..nodes).map(|node| if node % 2 == 0 { angle(node).0 } else { -angle(node).0 }).collect();
    let mut counts = vec![0.0; nodes];
    for member in members {
        let y = math::ln(member.weight);
        if let Some(node) = at.iter().position(|node| *node == y) {
            counts[node] += member.count;
            continue;
        }
        let shares: Vec<f64> = at.iter().zip(&barycentric).map(|(at, b)| b / (y - at)).collect();
        let sum: f64 = shares.iter().sum();
        counts.iter_mut().zip(&shares).for_each(|(count, share)| *count += member.count * share / sum);
    }
    at.iter().zip(counts).map(|(at, count)| Group { weight: math::exp(*at), count }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_members_come_together() {
        let groups = grouped(&[(1.0, 2.0), (0.0, 5.0), (0.5, 1.0), (1.0, 3.0)]);
        assert_eq!(groups, [Group { weight: 0.5, count: 1.0 }, Group { weight: 1.0, count: 5.0 }]);
    }

    #[test]
    fn sums_over_many_members_stay() {
        let members: Vec<(f64, f64)> =
            (0..5_000).map(|index| (0.05 * math::exp(f64::from(index) / 5_000.0 * 4.6), 1.0)).collect();
        let groups = grouped(&members);
        assert!(groups.len() < 80, "{}", groups.len());
        for f in [|w: f64| w, |w: f64| w * w, |w: f64| math::ln_1p(40.0 * w), |w: f64| math::exp(-w)] {
            let exact: f64 = members.iter().map(|member| f(member.0)).sum();
            let sum: f64 = groups.iter().map(|group| group.count * f(group.weight)).sum();
            assert!((sum / exact - 1.0).abs() < 1e-9, "{sum} {exact}");
        }
    }
}
