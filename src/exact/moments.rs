//! Mean and variance in closed form, of a member's year and of the panel's.

use super::specification::Model;

/// Moments of a member-year of weight 1, in the parts that grow differently with weight.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Moments {
    /// Mean, which grows with weight.
    pub mean: f64,
    /// Variance of the luck of events, which grows with weight; infinite where a price has an infinite variance.
    pub luck: f64,
    /// Variance of expected cost between frailties, which grows with the square of weight.
    pub frailty: f64,
    /// Variance of the factor that all members share.
    pub shock: f64,
}

impl Moments {
    /// Of a checked model.
    #[must_use]
    pub fn of(model: &Model) -> Self {
        let expected = |line: &super::specification::Line| line.rate * line.weight * line.law.mean();
        let mean: f64 = model.lines.iter().map(expected).sum();
        let luck = model.lines.iter().map(|line| {
            let (average, variance) = (line.law.mean(), line.law.variance());
            line.rate * line.weight * line.weight * (variance + average * average)
        });
        // Services share the frailty of the member; each one's own adds to its square alone.
        let own: f64 = model
            .lines
            .iter()
            .map(|line| (line.own.second_moment() - 1.0) * expected(line) * expected(line))
            .sum();
        let frailty = model.frailty.second_moment() * (mean * mean + own) - mean * mean;
        Self { mean, luck: luck.sum(), frailty, shock: model.shock.second_moment() - 1.0 }
    }

    /// Variance of one member's year at one value of the shock.
    #[must_use]
    pub fn member_variance(&self, weight: f64) -> f64 {
        weight * self.luck + weight * weight * self.frailty
    }

    /// Variance of the panel's year, from the sums of weights and of their squares.
    #[must_use]
    pub fn panel_variance(&self, sum: f64, squares: f64) -> f64 {
        let expected = self.mean * sum;
        sum * self.luck + (1.0 + self.shock) * squares * self.frailty + self.shock * expected * expected
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::exact::specification::tests::model;

    /// Negative-binomial frequency of mean 2,500 and cv 10 %, log-normal severity of mean 10,000 and cv 1.5.
    #[test]
    fn published_aggregate_claims() {
        let text = r#"{"services": [{"rate": 2500, "price": {"log_normal": {"mean": 10000, "cv": 1.5}}, "weight": 1,
            "frailty": "one"}], "frailty": {"gamma": {"cv": 0.1}}, "weights": [1], "counts": [1]}"#;
        let moments = Moments::of(&model(text));
        assert!((moments.mean - 25e6).abs() < 1e-6);
        assert!((moments.member_variance(1.0) / 7.0625e12 - 1.0).abs() < 1e-12);
    }

    #[test]
    fn a_shock_moves_all_members_together() {
        let text = r#"{"services": [{"rate": 2, "price": 10, "weight": 0.5, "frailty": {"gamma": {"cv": 1}}}],
            "frailty": {"gamma": {"cv": 0.5}}, "weights": [1, 2], "counts": [3, 1],
            "shock": {"nodes": {"values": [0.8, 1.2], "probabilities": [0.5, 0.5]}}}"#;
        let moments = Moments::of(&model(text));
        let frailty = 1.25 * (100.0 + 100.0) - 100.0;
        assert!((moments.frailty - frailty).abs() < 1e-12 && (moments.luck - 50.0).abs() < 1e-12);
        let panel = 5.0 * 50.0 + 1.04 * 7.0 * frailty + 0.04 * 2_500.0;
        assert!((moments.panel_variance(5.0, 7.0) / panel - 1.0).abs() < 1e-12);
    }
}
