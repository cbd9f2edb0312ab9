//! Chances that depend on a member's risk score: who is sicker leaves more often, or less.

use super::Population;
use crate::error::{Place, Result, show};

/// The largest of a rate that depends on the risk score, which may not be above 1.
pub(super) fn check_selected(
    place: Place<'_>,
    (field, rate): (&str, f64),
    (name, selection): (&str, f64),
    population: &Population,
) -> Result<()> {
    place.within(name, selection, -5.0, 5.0)?;
    let wrong =
        population.members().iter().position(|member| selected(rate, selection, member.risk_score) > 1.0);
    wrong.map_or(Ok(()), |row| {
        let got = show(selected(rate, selection, population.members()[row].risk_score));
        let hint = format!("for the risk score {} of row {row}", population.members()[row].risk_score);
        Err(place.error(field, "must be at most 1 for every member").got(got).hint(hint).into())
    })
}

/// A rate of a member: times its risk score to a power, 0 where that cannot be computed.
pub(super) fn selected(rate: f64, selection: f64, risk_score: f64) -> f64 {
    if selection == 0.0 {
        rate
    } else if risk_score == 0.0 {
        if selection > 0.0 { 0.0 } else { rate }
    } else {
        rate * crate::math::pow(risk_score, selection)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rates_may_depend_on_risk() {
        assert_eq!(selected(0.1, 0.0, 3.0), 0.1);
        assert_eq!(selected(0.1, 1.0, 3.0), 0.1 * 3.0);
        assert_eq!((selected(0.1, 1.0, 0.0), selected(0.1, -1.0, 0.0)), (0.0, 0.1));
    }
}
