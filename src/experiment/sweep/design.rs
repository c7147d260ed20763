//! Which points a sweep visits.

use super::factor::Factor;
use super::factor_value::FactorValue;
use super::file::{DesignKind, SweepFile};
use crate::random::{Draws, Purpose};

/// Most points of Sobol' sequence: as far as its crate goes.
pub const MAX_SOBOL: u32 = 1 << 16;
/// Most factors of a Sobol' design, which takes two dimensions for each.
pub const MAX_SOBOL_FACTORS: usize = 128;
/// Most points of any design.
pub const MAX_POINTS: u64 = 100_000_000;
/// Most values, points times factors, of designs that are held in memory: `latin_hypercube` and `list`.
pub const MAX_HELD: u64 = 5_000_000;

/// The points of a sweep, each made when it is asked for.
#[derive(Clone, Debug)]
pub struct Design {
    factors: Vec<Factor>,
    kind: Points,
    points: u64,
}

#[derive(Clone, Debug)]
enum Points {
    /// All combinations; the last factor changes fastest.
    Grid(Vec<Vec<FactorValue>>),
    /// One after another; rows.
    Rows(Vec<Vec<FactorValue>>),
    /// By factor, the stratum of each point.
    Latin(Draws, Vec<Vec<u32>>),
    /// Levels of the grid.
    Morris(Draws, u32),
    /// Seed of the scrambling.
    Sobol(u32),
}

/// What is found and what is allowed where a design has too many points: known before any of them is made. Rows of a list are
/// counted as they are read.
pub(super) fn too_many(file: &SweepFile) -> Option<(String, String)> {
    let (k, n) = (file.factors.len() as u64, u64::from(file.points.unwrap_or(0)));
    let points = match file.design {
        DesignKind::Grid | DesignKind::Threshold => {
            let levels = u64::from(levels_of(file));
            let values = |f: &Factor| if f.values.is_empty() { levels } else { f.values.len() as u64 };
            file.factors.iter().map(values).fold(1, u64::saturating_mul)
        }
        DesignKind::LatinHypercube if n.saturating_mul(k) > MAX_HELD => {
            return Some((format!("{n} points of {k} factors"), format!("{MAX_HELD} values in all")));
        }
        DesignKind::LatinHypercube => n,
        DesignKind::Morris => u64::from(file.trajectories.unwrap_or(0)).saturating_mul(k + 1),
        DesignKind::Sobol => n.saturating_mul(k + 2),
        DesignKind::Zip | DesignKind::List => 0,
    };
    (points > MAX_POINTS).then(|| (format!("{points} points"), format!("{MAX_POINTS}")))
}

/// Levels of a range on a grid, or of that which is searched.
fn levels_of(file: &SweepFile) -> u32 {
    file.search.as_ref().map_or(file.levels.unwrap_or(2), |search| search.levels())
}

impl Design {
    /// The design of a file that was checked; `rows` are those of its list.
    pub(super) fn new(file: &SweepFile, rows: Vec<Vec<FactorValue>>) -> Self {
        let factors = file.factors.clone();
        let draws = Draws::new(file.seed);
        let (k, n) = (factors.len() as u64, u64::from(file.points.unwrap_or(0)));
        let (kind, points) = match file.design {
            DesignKind::Grid | DesignKind::Threshold => {
                let values: Vec<Vec<FactorValue>> = factors.iter().map(|f| f.grid(levels_of(file))).collect();
                let points = values.iter().fold(1u64, |points, values| points.saturating_mul(values.len() as u64));
                (Points::Grid(values), points)
            }
            DesignKind::Zip => {
                let points = factors.iter().map(|f| f.values.len()).min().unwrap_or(0);
                let row = |p: usize| factors.iter().map(|f| f.values[p].clone()).collect();
                (Points::Rows((0..points).map(row).collect()), points as u64)
            }
            DesignKind::List => {
                let points = rows.len() as u64;
                (Points::Rows(rows), points)
            }
            DesignKind::LatinHypercube => {
                let strata = (0..factors.len() as u32).map(|factor| strata(&draws, factor, n as u32)).collect();
                (Points::Latin(draws, strata), n)
            }
            DesignKind::Morris => {
                (Points::Morris(draws, file.levels.unwrap_or(4)), u64::from(file.trajectories.unwrap_or(0)) * (k + 1))
            }
            DesignKind::Sobol => {
                let [low, high] = [file.seed as u32, (file.seed >> 32) as u32];
                (Points::Sobol(low ^ high), n * (k + 2))
            }
        };
        Design { factors, kind, points }
    }

    /// How many points there are.
    pub fn points(&self) -> u64 {
        self.points
    }

    /// The factors, in the order of the values of a point.
    pub fn factors(&self) -> &[Factor] {
        &self.factors
    }

    /// The values of point `p`, which is below [`Design::points`].
    pub fn point(&self, p: u32) -> Vec<FactorValue> {
        match &self.kind {
            Points::Rows(rows) => rows[p as usize].clone(),
            Points::Grid(values) => {
                let mut left = p as usize;
                let mut point: Vec<FactorValue> = values
                    .iter()
                    .rev()
                    .map(|values| {
                        let level = values[left % values.len()].clone();
                        left /= values.len();
                        level
                    })
                    .collect();
                point.reverse();
                point
            }
            _ => (0..self.factors.len()).map(|f| self.factors[f].at(self.coordinate(p, f))).collect(),
        }
    }

    /// Where point `p` lies along factor `f`, from 0 to 1.
    fn coordinate(&self, p: u32, f: usize) -> f64 {
        let k = self.factors.len() as u32;
        match &self.kind {
            Points::Latin(draws, strata) => {
                let stratum = strata[f][p as usize];
                let [_, _, a, b] = draws.block(Purpose::Design, stratum, f as i32, 0);
                // 52 bits: less than 1 in any arithmetic.
                let within = ((u64::from(a) << 32 | u64::from(b)) >> 12) as f64 / (1u64 << 52) as f64;
                (f64::from(stratum) + within) / self.points as f64
            }
            Points::Morris(draws, levels) => morris(draws, *levels, k, p, f as u32),
            Points::Sobol(seed) => {
                let (i, row) = (p / (k + 2), p % (k + 2));
                // A, then A with one column after another from B, then B.
                let from_b = row == k + 1 || row == f as u32 + 1;
                f64::from(sobol_burley::sample(i, f as u32 + if from_b { k } else { 0 }, *seed))
            }
            Points::Grid(_) | Points::Rows(_) => 0.0,
        }
    }
}

/// A random order of `n` strata (McKay, Beckman and Conover 1979).
fn strata(draws: &Draws, factor: u32, n: u32) -> Vec<u32> {
    let key = |stratum: &u32| {
        let [a, b, ..] = draws.block(Purpose::Design, *stratum, factor as i32, 0);
        (a, b)
    };
    let mut strata: Vec<u32> = (0..n).collect();
    strata.sort_by_cached_key(key);
    strata
}

/// Trajectories of Morris (1991): from a random point of a grid, each of `k` factors moves once, in random order, by half
/// the grid's levels up or down, which is p / (2 (p - 1)) of the way.
fn morris(draws: &Draws, levels: u32, k: u32, p: u32, f: u32) -> f64 {
    let (trajectory, step) = (p / (k + 1), p % (k + 1));
    let of = |factor: u32| draws.block(Purpose::Design, trajectory, factor as i32, 1);
    let [base, up, a, b] = of(f);
    let turn = |factor: u32| {
        let [_, _, a, b] = of(factor);
        (a, b, factor)
    };
    let rank = (0..k).filter(|&other| turn(other) < (a, b, f)).count() as u32;
    let half = levels / 2;
    // As a share of the words, so that no level is favoured.
    let low = (u64::from(base) * u64::from(half) >> 32) as u32;
    let (moved, rises) = (rank < step, up & 1 == 1);
    f64::from(if moved == rises { low + half } else { low }) / f64::from(levels - 1)
}
