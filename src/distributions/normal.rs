//! Normal distribution; its standard quantile to the last digits and far into both tails.
//!
//! Wichura, "Algorithm AS 241: the percentage points of the normal distribution", Applied Statistics 37
//! (1988) 477-484: rational approximations with a relative error of about 1e-16.

use std::sync::Arc;

use super::fixed::Fixed;
use super::law::Law;
use super::parameters::{check_mean, check_place, is_any, parameters, value, way_of};
use crate::error::{Place, Result};
use crate::math;
use crate::money::LARGEST_TERM;

parameters!(
    /// Normal by (mean, sd) or (mean, cv).
    Spec { mean, sd, cv }
);

impl Spec {
    /// Checks the parameters and makes the law.
    pub fn law(&self, place: Place<'_>) -> Result<Arc<dyn Law>> {
        let by_sd = way_of(place, &self.given(), &[&["mean", "sd"], &["mean", "cv"]])? == 0;
        let mean = value(self.mean);
        if by_sd {
            check_place(place, "mean", mean)?;
            let spread = is_any(place, "sd", value(self.sd), 1e-9, LARGEST_TERM)?;
            return Ok(if spread {
                Arc::new(Normal { mean, sd: value(self.sd) })
            } else {
                Arc::new(Fixed(mean))
            });
        }
        check_mean(place, mean)?;
        let spread = is_any(place, "cv", value(self.cv), 1e-6, 1_000.0)?;
        Ok(if spread { Arc::new(Normal { mean, sd: mean * value(self.cv) }) } else { Arc::new(Fixed(mean)) })
    }
}

/// Normal distribution with a mean and a standard deviation.
#[derive(Debug, Clone, Copy)]
pub struct Normal {
    mean: f64,
    sd: f64,
}

impl Normal {
    fn z(&self, x: f64) -> f64 {
        (x - self.mean) / self.sd
    }
}

impl Law for Normal {
    fn lower(&self, p: f64) -> f64 {
        self.mean + self.sd * lower_quantile(p)
    }

    fn upper(&self, q: f64) -> f64 {
        self.mean - self.sd * lower_quantile(q)
    }

    fn below(&self, x: f64) -> f64 {
        below(self.z(x))
    }

    fn above(&self, x: f64) -> f64 {
        below(-self.z(x))
    }

    fn density(&self, x: f64) -> f64 {
        density(self.z(x)) / self.sd
    }

    fn mean(&self) -> f64 {
        self.mean
    }

    fn variance(&self) -> f64 {
        self.sd * self.sd
    }

    fn support(&self) -> (f64, f64) {
        (f64::NEG_INFINITY, f64::INFINITY)
    }
}

/// The probability of a standard normal value up to `z`.
#[must_use]
pub fn below(z: f64) -> f64 {
    0.5 * math::erfc(-z * std::f64::consts::FRAC_1_SQRT_2)
}

/// The standard normal density at `z`.
#[must_use]
pub fn density(z: f64) -> f64 {
    const INVERSE_ROOT_TWO_PI: f64 = 0.398_942_280_401_432_7;
    INVERSE_ROOT_TWO_PI * math::exp(-0.5 * z * z)
}

/// The standard normal value with probability `u` in (0, 1) below it.
#[must_use]
pub fn quantile(u: f64) -> f64 {
    if u <= 0.5 { lower_quantile(u) } else { -lower_quantile(1.0 - u) }
}

const CENTRE: ([f64; 8], [f64; 8]) = (
    [
        3.387_132_872_796_366_5,
        1.331_416_678_917_843_8e2,
        1.971_590_950_306_551_3e3,
        1.373_169_376_550_946e4,
        4.592_195_393_154_987e4,
        6.726_577_092_700_87e4,
        3.343_057_558_358_813e4,
        2.509_080_928_730_122_7e3,
    ],
    [
        1.0,
        4.231_333_070_160_091e1,
        6.871_870_074_920_579e2,
        5.394_196_021_424_751e3,
        2.121_379_430_158_659_7e4,
        3.930_789_580_009_271e4,
        2.872_908_573_572_194_3e4,
        5.226_495_278_852_854e3,
    ],
);

const TAIL: ([f64; 8], [f64; 8]) = (
    [
        1.423_437_110_749_683_5,
        4.630_337_846_156_546,
        5.769_497_221_460_691,
        3.647_848_324_763_204_5,
        1.270_458_252_452_368_4,
        2.417_807_251_774_506e-1,
        2.272_384_498_926_918_4e-2,
        7.745_450_142_783_414e-4,
    ],
    [
        1.0,
        2.053_191_626_637_759,
        1.676_384_830_183_803_8,
        6.897_673_349_851e-1,
        1.481_039_764_274_800_8e-1,
        1.519_866_656_361_645_7e-2,
        5.475_938_084_995_345e-4,
        1.050_750_071_644_416_9e-9,
    ],
);

const FAR_TAIL: ([f64; 8], [f64; 8]) = (
    [
        6.657_904_643_501_103,
        5.463_784_911_164_114,
        1.784_826_539_917_291_3,
        2.965_605_718_285_048_7e-1,
        2.653_218_952_657_612_4e-2,
        1.242_660_947_388_078_4e-3,
        2.711_555_568_743_487_6e-5,
        2.010_334_399_292_288_1e-7,
    ],
    [
        1.0,
        5.998_322_065_558_88e-1,
        1.369_298_809_227_358e-1,
        1.487_536_129_085_061_5e-2,
        7.868_691_311_456_133e-4,
        1.846_318_317_510_054_8e-5,
        1.421_511_758_316_446e-7,
        2.044_263_103_389_939_8e-15,
    ],
);

fn ratio((numerator, denominator): &([f64; 8], [f64; 8]), x: f64) -> f64 {
    let horner = |coefficients: &[f64; 8]| coefficients.iter().rev().fold(0.0, |sum, c| sum * x + c);
    horner(numerator) / horner(denominator)
}

/// The value with probability `p` below it, for 0 < p ≤ 1/2; never above zero.
#[must_use]
pub fn lower_quantile(p: f64) -> f64 {
    let q = p - 0.5;
    if q.abs() <= 0.425 {
        return q * ratio(&CENTRE, 0.180_625 - q * q);
    }
    let r = (-math::ln(p)).sqrt();
    if r <= 5.0 { -ratio(&TAIL, r - 1.6) } else { -ratio(&FAR_TAIL, r - 5.0) }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Reference values from mpmath at 30 digits.
    #[test]
    fn quantiles_from_the_middle_to_the_far_tail() {
        for (p, expected) in [
            (0.5, 0.0),
            (0.25, -0.674_489_750_196_081_7),
            (0.025, -1.959_963_984_540_054),
            (1e-3, -3.090_232_306_167_813_5),
            (1e-9, -5.997_807_015_007_687),
            (1e-12, -7.034_483_825_301_131),
            (1e-16, -8.222_082_216_130_436),
        ] {
            let error = (lower_quantile(p) - expected).abs();
            assert!(error <= 1e-15 * expected.abs(), "p = {p}: {} {expected}", lower_quantile(p));
        }
    }
}
