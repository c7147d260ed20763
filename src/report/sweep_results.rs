//! A finished sweep as it is shown: its points with the outputs of their replicates, and its sensitivity.

use super::daily::{BANDS, Band};
use super::table::Table;
use crate::error::{Error, Result};
use crate::experiment::statistics::{Moments, quantile};
use crate::experiment::sweep::{OutputEntry, SweepManifest};
use crate::scenario::Date;
use serde::Deserialize;
use std::collections::BTreeMap;
use std::path::Path;

/// Most factors that an output is shown against.
pub(super) const MOST_FACTORS: usize = 12;

/// A sweep.
pub(super) struct SweepResults {
    pub(super) manifest: SweepManifest,
    /// Factors and outputs as figures and pages call them: label or name, and unit.
    pub(super) factors: Vec<String>,
    pub(super) outputs: Vec<String>,
    /// Columns of the outputs.
    pub(super) names: Vec<String>,
    pub(super) points: Vec<Point>,
    /// By factor, all its levels: numbers by size, days in their order, others as they come.
    pub(super) levels: Vec<Vec<String>>,
    /// By factor, what these are.
    pub(super) scales: Vec<Scale>,
    /// Whether there is a point for every combination of levels, and no other.
    pub(super) grid: bool,
    /// Rows of `sensitivity.csv`; none where no sensitivity was taken.
    pub(super) sensitivity: Vec<Index>,
}

/// What all levels of a factor are, in their order.
pub(super) enum Scale {
    Days(Vec<Date>),
    Numbers(Vec<f64>),
    /// Numbers above zero, of which the logarithm is varied.
    Logarithms(Vec<f64>),
    /// Neither.
    Names,
}

impl Scale {
    fn of(levels: &[String], log: bool) -> Self {
        let days: Option<_> = levels.iter().map(|level| level.parse().ok()).collect();
        let numbers = || levels.iter().map(|level| level.parse().ok()).collect::<Option<Vec<f64>>>();
        match days {
            Some(days) => Scale::Days(days),
            None => match numbers() {
                Some(numbers) if log && numbers.iter().all(|&x: &f64| x > 0.0) => Scale::Logarithms(numbers),
                Some(numbers) => Scale::Numbers(numbers),
                None => Scale::Names,
            },
        }
    }

    /// Whether levels are numbers.
    pub(super) fn is_of_numbers(&self) -> bool {
        matches!(self, Scale::Numbers(_) | Scale::Logarithms(_))
    }
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

impl SweepResults {
    /// Labels of the interventions whose days are varied: they are others in every run.
    pub(super) fn varied_interventions(&self) -> Vec<String> {
        let label = |key: &str| match key.strip_prefix("intervention.")?.rsplit_once('.')? {
            (label, "from" | "until") => Some(label.to_owned()),
            _ => None,
        };
        self.manifest.factors.iter().filter_map(|factor| label(&factor.key)).collect()
    }

    pub(super) fn read(folder: &Path) -> Result<Self> {
        // The list of files has the page in it.
        let manifest = SweepManifest { files: Vec::new(), ..SweepManifest::read(folder)? };
        if manifest.status != "finished" || manifest.shard.is_some() {
            let (place, found) = (folder.display(), if manifest.shard.is_some() { "a shard" } else { manifest.status.as_str() });
            return Err(Error::invalid(format!("{place}: found a sweep that is {found}; allowed a finished whole one")));
        }
        let factors: Vec<String> = manifest.factors.iter().map(|factor| factor.name.clone()).collect();
        let outputs: Vec<String> = manifest.outputs.iter().map(|output| output.name.clone()).collect();
        let mut points = points(&folder.join("results.csv"), &factors, &outputs)?;
        let levels: Vec<Vec<String>> = (0..factors.len()).map(|f| levels(points.iter().map(|p| &p.levels[f]))).collect();
        let combinations = levels.iter().map(Vec::len).fold(1usize, usize::saturating_mul);
        let indices = folder.join("sensitivity.csv");
        let mut sensitivity: Vec<Index> = if indices.exists() { Table::all(indices)? } else { Vec::new() };
        let percent: Vec<bool> = manifest.outputs.iter().map(is_share).collect();
        for point in &mut points {
            let shares = point.outputs.iter_mut().zip(&percent).filter(|(_, percent)| **percent);
            shares.flat_map(|(figures, _)| figures).for_each(|x| *x *= 100.0);
        }
        let titles = |o: usize| title(&manifest.outputs[o].name, &manifest.outputs[o].label, unit_of(&manifest.outputs[o]));
        let called: BTreeMap<String, (String, bool)> =
            (0..outputs.len()).map(|o| (outputs[o].clone(), (titles(o), percent[o]))).collect();
        let factor_title = |f: usize| {
            title(&manifest.factors[f].name, &manifest.factors[f].label, manifest.factors[f].unit.as_deref().unwrap_or(""))
        };
        let varied: BTreeMap<String, String> = (0..factors.len()).map(|f| (factors[f].clone(), factor_title(f))).collect();
        for row in &mut sensitivity {
            let Some((title, percent)) = called.get(&row.output) else { continue };
            // Effects are in units of the output, the other indices have none.
            if *percent && ["mu", "mu_star", "sigma"].contains(&row.index.as_str()) {
                [&mut row.value, &mut row.low, &mut row.high].into_iter().flatten().for_each(|x| *x *= 100.0);
            }
            row.output.clone_from(title);
            row.factor = varied.get(&row.factor).unwrap_or(&row.factor).clone();
        }
        let logs: Vec<bool> = manifest.factors.iter().map(|factor| factor.log).collect();
        let names = outputs;
        let outputs = (0..names.len()).map(titles).collect();
        let factors = (0..factors.len()).map(factor_title).collect();
        Ok(SweepResults {
            names,
            grid: points.len() == combinations && !points.is_empty(),
            manifest,
            factors,
            outputs,
            points,
            scales: levels.iter().zip(logs).map(|(levels, log)| Scale::of(levels, log)).collect(),
            levels,
            sensitivity,
        })
    }

    /// By point that has the output: the number of its level of a factor, and the mean over replicates.
    pub(super) fn across(&self, factor: usize, output: usize) -> Vec<(usize, f64)> {
        let numbers: BTreeMap<&String, usize> = self.levels[factor].iter().enumerate().map(|(k, level)| (level, k)).collect();
        let points = self.points.iter().map(|point| (numbers[&point.levels[factor]], mean(&point.outputs[output])));
        points.filter(|(_, y)| y.is_finite()).collect()
    }

    /// Of the factors that vary, those over which the mean of an output ranges most, so many at most; in their own order.
    pub(super) fn strongest(&self, output: usize, most: usize) -> Vec<usize> {
        let range = |factor: usize| {
            let means = self.means(factor, output).into_iter().map(|mean| mean.1);
            means.clone().fold(f64::NEG_INFINITY, f64::max) - means.fold(f64::INFINITY, f64::min)
        };
        let varied = (0..self.factors.len()).filter(|&f| self.levels[f].len() > 1);
        let mut ranges: Vec<(usize, f64)> = varied.map(|factor| (factor, range(factor))).collect();
        ranges.sort_by(|a, b| b.1.total_cmp(&a.1));
        ranges.truncate(most);
        let mut strongest: Vec<usize> = ranges.into_iter().map(|(factor, _)| factor).collect();
        strongest.sort_unstable();
        strongest
    }

    /// The course of an output's mean over a factor: at each level of few, else over parts of as many points each. Levels are
    /// numbers, days since the first, or their order.
    pub(super) fn means(&self, factor: usize, output: usize) -> Vec<(f64, f64)> {
        let mut points = self.across(factor, output);
        points.sort_by_key(|point| point.0);
        let place = |level: usize| match &self.scales[factor] {
            Scale::Days(days) => f64::from(days[0].days_until(days[level])),
            Scale::Numbers(numbers) => numbers[level],
            Scale::Logarithms(numbers) => libm::log(numbers[level]),
            Scale::Names => level as f64,
        };
        let parts = (points.len() / FEWEST_OF_A_PART).clamp(1, MOST_PARTS);
        let parts: Vec<&[(usize, f64)]> = if self.levels[factor].len() <= MOST_PARTS {
            points.chunk_by(|a, b| a.0 == b.0).collect()
        } else {
            (0..parts).map(|k| &points[k * points.len() / parts..(k + 1) * points.len() / parts]).collect()
        };
        let of = |part: &[(usize, f64)]| {
            let moments = |number: &dyn Fn(&(usize, f64)) -> f64| part.iter().map(number).collect::<Moments>().mean();
            let along = moments(&|point| place(point.0));
            (
                if matches!(self.scales[factor], Scale::Logarithms(_)) { libm::exp(along) } else { along },
                moments(&|point| point.1),
            )
        };
        parts.into_iter().filter(|part| !part.is_empty()).map(of).collect()
    }

    /// The figures of an output where the first factors are at these levels.
    pub(super) fn at(&self, output: usize, levels: &[&String]) -> &[f64] {
        let point = self.points.iter().find(|point| point.levels.iter().zip(levels).all(|(a, b)| a == *b));
        point.map(|point| &point.outputs[output][..]).unwrap_or_default()
    }
}

/// Label or name, and unit.
fn title(name: &str, label: &Option<String>, unit: &str) -> String {
    let label = label.as_deref().unwrap_or(name);
    if unit.is_empty() { label.to_owned() } else { format!("{label} ({unit})") }
}

/// Columns that are shares; they are shown in per cent, unless the sweep names a unit.
fn is_share(output: &OutputEntry) -> bool {
    const SHARES: [&str; 9] = [
        "main_share",
        "traffic_share",
        "vpn_share",
        "connected_ties",
        "connected_ties_without_vpn",
        "phone_calls",
        "surveilled_traffic",
        "encrypted_traffic",
        "lost_household_ties",
    ];
    let share = SHARES.contains(&output.column.as_str()) || output.column.starts_with("installed_at_least_");
    share && output.unit.is_none() && !output.figure.starts_with("time_to") && output.figure != "integral"
}

/// The unit of an output: its own, or that of its column.
fn unit_of(output: &OutputEntry) -> &str {
    const PEOPLE: [&str; 5] = ["monthly_reach", "daily_reach", "holders", "vpn_starts", "vpn_stops"];
    match &output.unit {
        Some(unit) => unit,
        None if output.figure.starts_with("time_to") => "days",
        None if output.figure == "integral" => "",
        None if is_share(output) => {
            if output.difference {
                "percentage points"
            } else {
                "%"
            }
        }
        None if PEOPLE.contains(&output.column.as_str()) => "people",
        None => "",
    }
}

/// A level as it is shown: of a number, six digits.
pub(super) fn short(level: &str) -> String {
    match level.parse::<f64>() {
        Ok(x) if level.len() > 8 => format!("{x:.5e}").parse::<f64>().map_or(level.to_owned(), |x| x.to_string()),
        _ => level.to_owned(),
    }
}

/// Most means of a course, and fewest points that one is of where levels are many.
const MOST_PARTS: usize = 10;
const FEWEST_OF_A_PART: usize = 5;

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
