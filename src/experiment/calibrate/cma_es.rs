//! CMA-ES (Hansen, The CMA Evolution Strategy: A Tutorial, arXiv 1604.00772), as a tutor and not a driver: it is asked for
//! points and is given their errors, so that points are evaluated side by side and remembered. (The crate `cmaes` calls the
//! objective itself.)

use super::draws::Sequence;
use nalgebra::{DMatrix, DVector, SymmetricEigen};

/// The state of a search for the least error.
pub(super) struct CmaEs {
    normal: Sequence,
    population: usize,
    weights: Vec<f64>,
    generation: i32,
    mean: DVector<f64>,
    step: f64,
    covariance: DMatrix<f64>,
    /// Paths of evolution, of the step's length and of the covariance.
    paths: [DVector<f64>; 2],
    axes: DMatrix<f64>,
    lengths: DVector<f64>,
}

impl CmaEs {
    /// Begins at `mean` with a first step of length `step`.
    pub(super) fn new(mean: &[f64], step: f64, population: Option<u32>, normal: Sequence) -> Self {
        let n = mean.len();
        let population = population.map_or(4 + (3.0 * libm::log(n as f64)) as usize, |p| p as usize);
        let parents = population / 2;
        let raw: Vec<f64> = (0..parents).map(|k| libm::log((population + 1) as f64 / 2.0) - libm::log((k + 1) as f64)).collect();
        let sum: f64 = raw.iter().sum();
        CmaEs {
            normal,
            population,
            weights: raw.iter().map(|w| w / sum).collect(),
            generation: 0,
            mean: DVector::from_row_slice(mean),
            step,
            covariance: DMatrix::identity(n, n),
            paths: [DVector::zeros(n), DVector::zeros(n)],
            axes: DMatrix::identity(n, n),
            lengths: DVector::from_element(n, 1.0),
        }
    }

    /// The points of the next generation.
    pub(super) fn ask(&mut self) -> Vec<DVector<f64>> {
        let n = self.mean.len();
        (0..self.population)
            .map(|_| {
                let along = DVector::from_fn(n, |k, _| self.lengths[k] * self.normal.normal());
                &self.mean + &self.axes * along * self.step
            })
            .collect()
    }

    /// The errors of the points just asked for.
    pub(super) fn tell(&mut self, points: &[DVector<f64>], errors: &[f64]) {
        let n = self.mean.len() as f64;
        let mut order: Vec<usize> = (0..points.len()).collect();
        order.sort_by(|&a, &b| errors[a].total_cmp(&errors[b]));
        let steps: Vec<DVector<f64>> = order.iter().map(|&k| (&points[k] - &self.mean) / self.step).collect();
        let effective = 1.0 / self.weights.iter().map(|w| w * w).sum::<f64>();
        // Constants of the tutorial's table 1, without negative weights.
        let c_step = (effective + 2.0) / (n + effective + 5.0);
        let damping = 1.0 + 2.0 * (f64::sqrt((effective - 1.0) / (n + 1.0)) - 1.0).max(0.0) + c_step;
        let c_path = (4.0 + effective / n) / (n + 4.0 + 2.0 * effective / n);
        let c_one = 2.0 / ((n + 1.3) * (n + 1.3) + effective);
        let c_mu = (1.0 - c_one).min(2.0 * (effective - 2.0 + 1.0 / effective) / ((n + 2.0) * (n + 2.0) + effective));
        let expected = f64::sqrt(n) * (1.0 - 1.0 / (4.0 * n) + 1.0 / (21.0 * n * n));

        let moved = self.weights.iter().zip(&steps).fold(DVector::zeros(self.mean.len()), |sum, (w, y)| sum + y * *w);
        self.mean += &moved * self.step;
        self.generation += 1;
        let whitened = &self.axes * (self.axes.transpose() * &moved).component_div(&self.lengths);
        let [step_path, path] = &mut self.paths;
        *step_path = &*step_path * (1.0 - c_step) + whitened * f64::sqrt(c_step * (2.0 - c_step) * effective);
        let settled = f64::sqrt(1.0 - libm::pow(1.0 - c_step, 2.0 * f64::from(self.generation)));
        let short = step_path.norm() / settled < (1.4 + 2.0 / (n + 1.0)) * expected;
        let onward = if short { f64::sqrt(c_path * (2.0 - c_path) * effective) } else { 0.0 };
        *path = &*path * (1.0 - c_path) + moved * onward;
        let lost = if short { 0.0 } else { c_one * c_path * (2.0 - c_path) };
        self.covariance *= 1.0 - c_one - c_mu + lost;
        self.covariance += &*path * path.transpose() * c_one;
        for (weight, y) in self.weights.iter().zip(&steps) {
            self.covariance += y * y.transpose() * (c_mu * weight);
        }
        self.step *= libm::exp((c_step / damping * (step_path.norm() / expected - 1.0)).min(1.0));
        let eigen = SymmetricEigen::new(self.covariance.clone());
        self.lengths = eigen.eigenvalues.map(|value| f64::sqrt(value.max(1e-20)));
        self.axes = eigen.eigenvectors;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Errors found after so many generations on a function of `n` numbers.
    fn least(n: usize, generations: u32, error: impl Fn(&DVector<f64>) -> f64) -> f64 {
        let mut search = CmaEs::new(&vec![1.5; n], 0.5, None, Sequence::new(3, 2));
        let mut best = f64::INFINITY;
        for _ in 0..generations {
            let points = search.ask();
            let errors: Vec<f64> = points.iter().map(&error).collect();
            search.tell(&points, &errors);
            best = errors.iter().fold(best, |a, &b| a.min(b));
        }
        best
    }

    #[test]
    fn finds_the_bottom_of_a_bent_valley_and_of_a_long_one() {
        let rosenbrock = |x: &DVector<f64>| {
            (0..x.len() - 1).map(|k| 100.0 * (x[k + 1] - x[k] * x[k]).powi(2) + (1.0 - x[k]).powi(2)).sum::<f64>()
        };
        // From four numbers on it has a second, higher bottom, in which a search may end.
        assert!(least(3, 600, rosenbrock) < 1e-8);
        let ellipsoid = |x: &DVector<f64>| x.iter().enumerate().map(|(k, x)| 10f64.powi(k as i32) * x * x).sum::<f64>();
        assert!(least(6, 400, ellipsoid) < 1e-8);
    }
}
