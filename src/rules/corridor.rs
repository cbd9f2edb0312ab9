//! Risk corridor: payer and provider share what costs differ from a target, band by band.

use serde::Deserialize;

use super::Rule;
use super::figures::figures;
use crate::error::{Place, Result, show};
use crate::money::Amount;
use crate::terms::{Band, corridor};

/// Bands on both sides of a target.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RiskCorridor {
    /// The shares of costs above the target.
    pub losses: Vec<Band>,
    /// The shares of costs below it; by default those of losses.
    pub gains: Option<Vec<Band>>,
    /// Whose shares they are; the other party bears the rest.
    pub share_of: ShareOf,
}

/// Who shares what the other party's costs differ from the target.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ShareOf {
    /// The provider or plan bears the costs, the payer a share of the difference.
    Payer,
    /// The payer bears the costs, the provider a share of the difference.
    Provider,
}

figures! {
    /// A year of costs.
    CorridorFacts {
        target: Dollars from 0.0, "what costs were expected to be";
        cost: Dollars, "what they came to";
    }
}

figures! {
    /// Who pays whom.
    CorridorLines {
        loss: Dollars, "cost − target, where above 0";
        gain: Dollars, "target − cost, where above 0";
        payer_pays: Dollars, "share of each band × the loss in it; the gain, where shares are the provider's";
        payer_takes: Dollars, "share of each band × the gain in it; the loss, where shares are the provider's";
        settlement: Dollars, "payer_pays − payer_takes: what the provider receives";
    }
}

impl Rule for RiskCorridor {
    type Facts<A: Amount> = CorridorFacts<A>;
    type Lines<A: Amount> = CorridorLines<A>;

    fn check(&self, place: Place<'_>) -> Result<()> {
        check_bands(Place(&place.field("losses")), &self.losses)?;
        check_bands(Place(&place.field("gains")), self.gains.as_deref().unwrap_or_default())
    }

    fn settle<A: Amount>(&self, facts: &CorridorFacts<A>) -> CorridorLines<A> {
        let CorridorFacts { target, cost } = *facts;
        let (loss, gain) = ((cost - target).most(A::ZERO), (target - cost).most(A::ZERO));
        let of_loss = corridor(loss, target, &self.losses).posted();
        let of_gain = corridor(gain, target, self.gains.as_ref().unwrap_or(&self.losses)).posted();
        let (payer_pays, payer_takes) = match self.share_of {
            ShareOf::Payer => (of_loss, of_gain),
            ShareOf::Provider => (of_gain, of_loss),
        };
        CorridorLines { loss, gain, payer_pays, payer_takes, settlement: payer_pays - payer_takes }
    }
}

/// Refuses bands that are out of order, overlap or share more than all.
pub(super) fn check_bands(place: Place<'_>, bands: &[Band]) -> Result<()> {
    let mut before: Option<f64> = Some(0.0);
    for (position, band) in bands.iter().enumerate() {
        let path = format!("{}[{position}]", place.0);
        let place = Place(&path);
        place.rate("share", band.share.value())?;
        place.not_negative("from", band.from.value())?;
        let rule = "must not begin before the band before it ends: bands do not overlap";
        if before.is_none_or(|before| band.from.value() < before) {
            return Err(place.error("from", rule).got(show(band.from.value())).into());
        }
        if let Some(to) = band.to.filter(|to| to.value().is_nan() || to.value() <= band.from.value()) {
            return Err(place.error("to", "must lie above from").got(show(to.value())).into());
        }
        before = band.to.map(|to| to.value());
    }
    Ok(())
}
