//! A finished sweep as it is shown: its points with the outputs of their replicates, and its sensitivity.

use super::daily::{BANDS, Band};
use super::table::Table;
use crate::error::{Error, Result};
use crate::experiment::statistics::{Moments, quantile};
use crate::experiment::sweep::SweepManifest;
use crate::scenario::Date;
use serde::Deserialize;
use std::collections::BTreeMap;
use std::path::Path;

/// A sweep.
pub(super) struct Swept {
    pub(super) manifest: SweepManifest,
    pub(super) factors: Vec<String>,
    pub(super) outputs: Vec<String>,
    pub(super) points: Vec<Point>,
    /// By factor, all its levels: numbers by size, days in their order, others as they come.
    pub(super) levels: Vec<Vec<String>>,
    /// Whether there is a point for every combination of levels, and no other.
    pub(super) grid: bool,
    /// Rows of `sensitivity.csv`; none where no sensitivity was taken.
    pub(super) sensitivity: Vec<Index>,
}

/// A point: its levels as written, and by output the figures of its replicates, in order of size.
pub(super) struct Point {
    pub(super) levels: Vec<String>,
    pub(super) outputs: Vec<Vec<f64>>,
}

/// A row of `sensitivity.csv`.
#[derive(Deserialize)]
pub(super) struct Index {
    pub(super) output: String,
    pub(super) factor: String,
    pub(super) index: String,
    pub(super) value: Option<f64>,
    pub(super) low: Option<f64>,
    pub(super) high: Option<f64>,
}

impl Swept {
    pub(super) fn read(folder: &Path) -> Result<Self> {
        let manifest = SweepManifest::read(folder)?;
        if manifest.status != "finished" || manifest.shard.is_some() {
            let (place, found) = (folder.display(), if manifest.shard.is_some() { "a shard" } else { manifest.status.as_str() });
            return Err(Error::invalid(format!("{place}: found a sweep that is {found}; allowed a finished whole one")));
        }
        let factors: Vec<String> = manifest.factors.iter().map(|factor| factor.name.clone()).collect();
        let outputs: Vec<String> = manifest.outputs.iter().map(|output| output.name.clone()).collect();
        let points = points(&folder.join("results.csv"), &factors, &outputs)?;
        let levels: Vec<Vec<String>> = (0..factors.len()).map(|f| levels(points.iter().map(|p| &p.levels[f]))).collect();
        let combinations = levels.iter().map(Vec::len).fold(1usize, usize::saturating_mul);
        let indices = folder.join("sensitivity.csv");
        let sensitivity = if indices.exists() { Table::all(indices)? } else { Vec::new() };
        Ok(Swept {
            grid: points.len() == combinations && !points.is_empty(),
            manifest,
            factors,
            outputs,
            points,
            levels,
            sensitivity,
        })
    }

    /// Whether all levels of a factor are numbers.
    pub(super) fn numbers(&self, factor: usize) -> bool {
        self.levels[factor].iter().all(|level| level.parse::<f64>().is_ok())
    }

    /// The figures of an output where the first factors are at these levels.
    pub(super) fn at(&self, output: usize, levels: &[&String]) -> &[f64] {
        let point = self.points.iter().find(|point| point.levels.iter().zip(levels).all(|(a, b)| a == *b));
        point.map(|point| &point.outputs[output][..]).unwrap_or_default()
    }
}

/// Mean of figures.
pub(super) fn mean(figures: &[f64]) -> f64 {
    figures.iter().copied().collect::<Moments>().mean()
}

/// Bands of figures in order of size, a list for each of many points: 90 % of them, and the mean's interval. None where no
/// point has two.
pub(super) fn bands(points: &[&[f64]]) -> Vec<Band> {
    if points.iter().all(|figures| figures.len() < 2) {
        return Vec::new();
    }
    let moments: Vec<Moments> = points.iter().map(|f| f.iter().copied().collect()).collect();
    let fan = [0.05, 0.95].map(|p| points.iter().map(|figures| quantile(figures, p)).collect());
    let interval = [-1.0, 1.0].map(|side| moments.iter().map(|m| m.mean() + side * m.half_width()).collect());
    BANDS.into_iter().zip([fan, interval]).collect()
}

/// The points in order, replicates gathered.
fn points(path: &Path, factors: &[String], outputs: &[String]) -> Result<Vec<Point>> {
    let table = Table::open(path.to_owned())?;
    let places = |names: &[String]| names.iter().map(|name| table.place(name)).collect::<Result<Vec<_>>>();
    let (factor_places, output_places, point_place) = (places(factors)?, places(outputs)?, table.place("point")?);
    let mut points: BTreeMap<u64, Point> = BTreeMap::new();
    for row in table.rows() {
        let row = row?;
        let number =
            row[point_place].parse().map_err(|_| Error::corrupt(path, format!("found point {:?}", &row[point_place])))?;
        let point = points.entry(number).or_insert_with(|| Point {
            levels: factor_places.iter().map(|&k| row[k].to_owned()).collect(),
            outputs: vec![Vec::new(); outputs.len()],
        });
        for (figures, &k) in point.outputs.iter_mut().zip(&output_places) {
            // An output that a run does not have is empty.
            figures.extend(row[k].parse::<f64>());
        }
    }
    let mut points: Vec<Point> = points.into_values().collect();
    points.iter_mut().flat_map(|point| &mut point.outputs).for_each(|figures| figures.sort_by(f64::total_cmp));
    Ok(points)
}

/// All levels of a factor: numbers by size, days in their order, other levels as they come.
fn levels<'a>(all: impl Iterator<Item = &'a String>) -> Vec<String> {
    let mut seen = std::collections::BTreeSet::new();
    let mut levels: Vec<String> = all.filter(|level| seen.insert(*level)).cloned().collect();
    if levels.iter().all(|level| level.parse::<Date>().is_ok()) {
        levels.sort();
    }
    if levels.iter().all(|level| level.parse::<f64>().is_ok()) {
        levels.sort_by(|a, b| a.parse().unwrap_or(f64::NAN).total_cmp(&b.parse().unwrap_or(f64::NAN)));
    }
    levels
}
