//! Always the same value.

use std::sync::Arc;

use super::law::{Form, Law};
use super::parameters::check_place;
use crate::error::{Place, Result};
use crate::money::Number;
use serde::Deserialize;

/// Always the same value.
#[derive(Debug, Clone, Copy, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Spec {
    pub(super) value: Number,
}

impl Spec {
    /// Checks the value and makes the law.
    pub fn law(&self, place: Place<'_>) -> Result<Fixed> {
        check_place(place, "value", self.value.0)?;
        Ok(Fixed(self.value.0))
    }
}

/// One value.
#[derive(Debug, Clone, Copy)]
pub struct Fixed(pub f64);

impl Law for Fixed {
    fn lower(&self, _p: f64) -> f64 {
        self.0
    }

    fn upper(&self, _q: f64) -> f64 {
        self.0
    }

    fn below(&self, x: f64) -> f64 {
        f64::from(u8::from(x >= self.0))
    }

    fn above(&self, x: f64) -> f64 {
        f64::from(u8::from(x < self.0))
    }

    fn density(&self, _x: f64) -> f64 {
        0.0
    }

    fn mass(&self, x: f64) -> f64 {
        f64::from(u8::from(x == self.0))
    }

    fn mean(&self) -> f64 {
        self.0
    }

    fn variance(&self) -> f64 {
        0.0
    }

    fn support(&self) -> (f64, f64) {
        (self.0, self.0)
    }

    fn form(&self) -> Form {
        Form::Atom(self.0)
    }

    fn knots(&self, _most: usize) -> Option<Vec<f64>> {
        Some(vec![self.0])
    }

    fn within(&self, from: f64, to: f64) -> Option<Arc<dyn Law>> {
        (self.0 > from && self.0 <= to).then(|| Arc::new(*self) as Arc<dyn Law>)
    }
}
