//! The risk score at which Medicare Advantage pays: raw scores normalised, adjusted for coding and blended over models.

use serde::Deserialize;

use super::Rule;
use super::figures::figures;
use crate::error::{InputError, Place, Result, show};
use crate::money::{Amount, Rounding, Term};

/// How a payment year makes one score of those of its models; a year without a phase-in has one model.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RiskScore {
    /// What scores lose because plans code more than fee-for-service, a part.
    coding_adjustment: Term,
    /// The model CMS-HCC V24.
    v24: Option<Model>,
    /// The model CMS-HCC V28.
    v28: Option<Model>,
}

/// A model in a payment year.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Model {
    /// Its part of the blend.
    weight: Term,
    /// What its raw scores are divided by.
    normalization: Term,
}

figures! {
    /// A member, or a plan on average.
    ScoreFacts {
        raw_v24: Factor or unknown, "raw score of the model CMS-HCC V24";
        raw_v28: Factor or unknown, "raw score of the model CMS-HCC V28";
    }
}

figures! {
    /// Its scores, step by step.
    ScoreLines {
        normalised_v24: Factor or unknown, "raw_v24 ÷ normalization, to three decimals, halves away from zero";
        adjusted_v24: Factor or unknown, "normalised_v24 × (1 − coding_adjustment), to three decimals, halves away from zero";
        normalised_v28: Factor or unknown, "raw_v28 ÷ normalization, to three decimals, halves away from zero";
        adjusted_v28: Factor or unknown, "normalised_v28 × (1 − coding_adjustment), to three decimals, halves away from zero";
        blended: Factor or unknown, "weights × adjusted scores, summed, to three decimals, halves away from zero";
    }
}

impl Rule for RiskScore {
    type Facts<A: Amount> = ScoreFacts<A>;
    type Lines<A: Amount> = ScoreLines<A>;

    fn check(&self, place: Place<'_>) -> Result<()> {
        place.rate("coding_adjustment", self.coding_adjustment.value())?;
        let mut weights = 0.0;
        for (name, model) in [("v24", &self.v24), ("v28", &self.v28)] {
            let Some(model) = model else { continue };
            let path = place.field(name);
            let place = Place(&path);
            place.rate("weight", model.weight.value())?;
            // Below it a score could outgrow what a score may be.
            place.within(
                "normalization",
                model.normalization.value(),
                LEAST_NORMALIZATION,
                MOST_NORMALIZATION,
            )?;
            weights += model.weight.value();
        }
        if (weights - 1.0).abs() > WEIGHTS_HAIR {
            let rule = "must have weights that add up to 1 over its models";
            return Err(InputError::new(place.0, rule).got(show(weights)).into());
        }
        Ok(())
    }

    fn settle<A: Amount>(&self, facts: &ScoreFacts<A>) -> ScoreLines<A> {
        let v24 = self.score(self.v24.as_ref(), facts.raw_v24);
        let v28 = self.score(self.v28.as_ref(), facts.raw_v28);
        let parts = part(self.v24.as_ref(), v24).zip(part(self.v28.as_ref(), v28));
        ScoreLines {
            normalised_v24: v24.map(|score| score.normalised),
            adjusted_v24: v24.map(|score| score.adjusted),
            normalised_v28: v28.map(|score| score.normalised),
            adjusted_v28: v28.map(|score| score.adjusted),
            blended: parts.map(|(v24, v28)| to_thousandths(v24 + v28)),
        }
    }
}

const LEAST_NORMALIZATION: f64 = 0.1;
const MOST_NORMALIZATION: f64 = 10.0;

/// What the weights of a blend may miss of 1: nothing but what sums of floats lose.
const WEIGHTS_HAIR: f64 = 1e-9;

#[derive(Clone, Copy)]
struct Score<A> {
    normalised: A,
    adjusted: A,
}

impl RiskScore {
    /// The score by a model; `None` where the year does without the model or the raw score is not known.
    fn score<A: Amount>(&self, model: Option<&Model>, raw: Option<A>) -> Option<Score<A>> {
        let normalised = to_thousandths(raw?.over(A::term(&model?.normalization)));
        let adjusted = to_thousandths(normalised.times(A::ONE - A::term(&self.coding_adjustment)));
        Some(Score { normalised, adjusted })
    }
}

/// What a model adds to the blend; `None` where its raw score is not known.
fn part<A: Amount>(model: Option<&Model>, score: Option<Score<A>>) -> Option<A> {
    model.map_or(Some(A::ZERO), |model| score.map(|score| score.adjusted.times(A::term(&model.weight))))
}

/// Scores have three decimals after each step: secondary sources on the announcement of 2024. What becomes of a half they
/// leave open.
fn to_thousandths<A: Amount>(score: A) -> A {
    score.rounded(3, Rounding::HalfAwayFromZero)
}

#[cfg(test)]
mod tests {
    use rust_decimal::Decimal;
    use serde_json::json;

    use super::*;
    use crate::money::{decimal_of, float_of};
    use crate::rules::Figures;

    #[test]
    fn both_arithmetics_give_the_same_scores() {
        let rule: RiskScore = serde_json::from_value(json!({"coding_adjustment": "0.059",
            "v24": {"weight": "0.67", "normalization": "1.146"}, "v28": {"weight": "0.33", "normalization": "1.015"}}))
        .unwrap();
        for thousandths in 0..20_000 {
            let raw = [f64::from(thousandths) / 1e3, f64::from(thousandths * 7 % 20_000) / 1e3];
            let floats = rule.settle(&ScoreFacts::from_slice(&raw.map(Some)));
            let decimals = rule.settle::<Decimal>(&ScoreFacts::from_slice(&raw.map(decimal_of)));
            let mut expected = Vec::new();
            decimals.visit(|_, value| expected.push(value.map(float_of)));
            floats.visit(|line, value: Option<f64>| assert_eq!(value, expected[line], "{raw:?}"));
        }
    }
}
