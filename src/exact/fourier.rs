//! Fourier transforms of masses on a grid, at the frequencies from zero to the highest.

use std::sync::Arc;

use realfft::{ComplexToReal, RealFftPlanner, RealToComplex};

use super::complex::Complex;

/// Transforms of a fixed length, both ways.
#[derive(Clone)]
pub struct Fourier {
    forward: Arc<dyn RealToComplex<f64>>,
    inverse: Arc<dyn ComplexToReal<f64>>,
    cells: usize,
}

impl Fourier {
    /// Prepares transforms of `cells` masses, a power of two.
    #[must_use]
    pub fn new(cells: usize) -> Self {
        let mut planner = RealFftPlanner::new();
        Self { forward: planner.plan_fft_forward(cells), inverse: planner.plan_fft_inverse(cells), cells }
    }

    /// Number of cells.
    #[must_use]
    pub fn cells(&self) -> usize {
        self.cells
    }

    /// Number of frequencies: half the cells, and zero.
    #[must_use]
    pub fn frequencies(&self) -> usize {
        self.cells / 2 + 1
    }

    /// Σ mass × e^(−iωx) at every frequency; missing cells are empty.
    ///
    /// # Panics
    ///
    /// If there are more masses than cells.
    #[must_use]
    pub fn transform(&self, mass: &[f64]) -> Vec<Complex> {
        let mut padded = vec![0.0; self.cells];
        padded[..mass.len()].copy_from_slice(mass);
        let mut transform = self.forward.make_output_vec();
        self.forward.process(&mut padded, &mut transform).expect("buffers of the length that was planned");
        transform
    }

    /// The masses of a transform.
    ///
    /// # Panics
    ///
    /// If the length is not the number of frequencies.
    #[must_use]
    pub fn masses(&self, mut transform: Vec<Complex>) -> Vec<f64> {
        // Of a real sequence both ends are real; rounding may have left a trace.
        transform[0].im = 0.0;
        transform[self.cells / 2].im = 0.0;
        let mut mass = self.inverse.make_output_vec();
        self.inverse.process(&mut transform, &mut mass).expect("buffers of the length that was planned");
        let scale = 1.0 / self.cells as f64;
        for mass in &mut mass {
            *mass *= scale;
        }
        mass
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn there_and_back() {
        let fourier = Fourier::new(16);
        let mass = [0.5, 0.25, 0.0, 0.25];
        let transform = fourier.transform(&mass);
        assert_eq!(transform.len(), fourier.frequencies());
        assert!((transform[0].re - 1.0).abs() < 1e-15);
        for (index, back) in fourier.masses(transform).into_iter().enumerate() {
            assert!((back - mass.get(index).unwrap_or(&0.0)).abs() < 1e-16);
        }
    }
}
