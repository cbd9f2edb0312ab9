//! Distributions of cost without simulation: a member's year and the panel's, from Fourier transforms.
//!
//! Events of a service are Poisson given the frailty of the member; each price is a law times a constant. The
//! transform of a member's year is the Laplace transform of frailty at Σ rate × (1 − transform of the price);
//! members multiply. Prices are rounded down and up to a grid, which brackets every figure that grows with cost.

pub mod complex;
pub mod compound;
pub mod evaluate;
pub mod fourier;
pub mod grid;
pub mod layer;
pub mod member;
pub mod mixing;
pub mod moments;
pub mod outcome;
pub mod panel;
pub mod relative;
pub mod sizing;
pub mod smooth;
pub mod specification;
pub mod weights;

pub use evaluate::{Answer, Bracket, evaluate};
pub use specification::{Model, NAMES, Specification};
