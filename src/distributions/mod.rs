//! Distributions: one uniform in the open interval makes one value through a quantile function.
//!
//! A distribution is written as a [`Distribution`], checked and made into a [`law::Law`], which knows its exact
//! quantiles and probabilities, and compiled once per study into a [`Sampler`], which is quick.

pub mod beta;
mod components;
pub mod counted;
pub mod counts;
pub mod empirical;
pub mod fixed;
pub mod frailty;
pub mod gamma;
pub mod incomplete_beta;
pub mod incomplete_gamma;
pub mod inverse_gaussian;
pub mod law;
pub mod log_normal;
pub mod mixture;
mod mixture_parts;
pub mod normal;
pub mod parameters;
pub mod pareto;
pub mod pieces;
pub mod poisson;
pub mod poisson_table;
pub mod sampler;
pub mod segments;
pub mod solve;
mod specification;
pub mod spliced;
pub mod steps;
pub mod table;
pub mod truncated;
pub mod uniform;
pub mod weibull;

pub use frailty::{Family, Frailty};
pub use sampler::Sampler;
pub use specification::{Distribution, KINDS};

/// Relative error of a compiled severity.
pub const AMOUNT_TOLERANCE: f64 = 1e-7;

/// Relative error of compiled frailty, which moves counts and not only dollars.
pub const FRAILTY_TOLERANCE: f64 = 1e-11;
