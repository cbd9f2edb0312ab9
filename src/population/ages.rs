//! What holds from an age on: bands of completed years.

use crate::money::Number;

/// As many ages as eight bits tell apart.
const AGES: usize = 256;

/// The value of each age: that of the last band that begins at or before it, else `outside`.
#[must_use]
pub fn by_age(from: &[Number], values: &[Number], outside: f64) -> Vec<f64> {
    let value = |age: usize| {
        let band = from.iter().rposition(|from| from.0 <= age as f64);
        band.map_or(outside, |band| values[band].0)
    };
    (0..AGES).map(value).collect()
}
