//! The figures of a sweep: heat maps and curves where its points form a grid, parallel coordinates where they do not, bars
//! where its sensitivity is known.

use super::bars::{Bar, Bars};
use super::chart::{Along, Chart, Line, Panel};
use super::heat_map::HeatMap;
use super::parallel::Parallel;
use super::{Figure, Plot};
use crate::error::{Error, Result};
use crate::experiment::statistics::{Moments, quantile};
use crate::experiment::sweep::SweepManifest;
use serde::Deserialize;
use std::collections::BTreeMap;
use std::path::Path;

/// Whether a sweep is here.
pub(super) fn is_here(folder: &Path) -> bool {
    folder.join("points.csv").exists()
}

/// A point: its levels as written, and by output the figures of its replicates.
struct Point {
    levels: Vec<String>,
    outputs: Vec<Vec<f64>>,
}

/// Most lines of a panel that can still be told apart.
const MOST_LINES: usize = 8;
/// Most axes side by side in a column's width.
const MOST_AXES: usize = 8;
/// Ends of bands, as in the data: 90 % of the replicates, the mean's 95 % interval.
const BANDS: [[&str; 2]; 2] = [["q05", "q95"], ["low", "high"]];

pub(super) fn figures(folder: &Path) -> Result<Vec<Figure>> {
    let manifest = SweepManifest::read(folder)?;
    let factors: Vec<String> = manifest.factors.into_iter().map(|factor| factor.name).collect();
    let outputs: Vec<String> = manifest.outputs.into_iter().map(|output| output.name).collect();
    let points = points(&folder.join("results.csv"), &factors, &outputs)?;
    let levels: Vec<Vec<String>> = (0..factors.len()).map(|f| levels(points.iter().map(|p| &p.levels[f]))).collect();
    let grid = points.len() == levels.iter().map(Vec::len).product::<usize>() && !points.is_empty();
    let numbers = |f: usize| levels[f].iter().all(|level| level.parse::<f64>().is_ok());
    let mut figures = Vec::new();
    for (o, output) in outputs.iter().enumerate() {
        if grid && factors.len() == 2 {
            let map = heat_map(&points, &factors, &levels, o, output);
            let title = format!("{output} over {} and {}", factors[0], factors[1]);
            figures.push(Figure { name: format!("heat-map-{}", plain(output)), title, plot: Plot::HeatMap(map) });
        }
        if grid && factors.len() <= 2 && numbers(0) && levels[0].len() > 1 {
            let others = levels.get(1).map_or(1, Vec::len);
            if others <= MOST_LINES {
                let chart = response(&points, &factors, &levels, o, output);
                let title = format!("{output} against {}: mean, its 95 % interval, 90 % of replicates", factors[0]);
                figures.push(Figure { name: format!("response-{}", plain(output)), title, plot: Plot::Chart(chart) });
            }
        }
        let shown: Vec<usize> = (0..factors.len()).filter(|&f| numbers(f)).take(MOST_AXES - 1).collect();
        if shown.len() > 1 {
            let axes = shown.iter().map(|&f| factors[f].clone()).chain([output.clone()]).collect();
            let values = points.iter().map(|point| {
                let levels = shown.iter().map(|&f| point.levels[f].parse().unwrap_or(f64::NAN));
                levels.chain([mean(&point.outputs[o])]).collect()
            });
            let plot = Plot::Parallel(Parallel { axes, points: values.collect() });
            let title = format!("{output} over all factors, a line a point");
            figures.push(Figure { name: format!("parallel-{}", plain(output)), title, plot });
        }
    }
    figures.extend(sensitivity(&folder.join("sensitivity.csv"))?);
    match figures.is_empty() {
        true => Err(Error::invalid(format!("{}: found a sweep with nothing to draw", folder.display()))),
        false => Ok(figures),
    }
}

/// The points in order, replicates gathered.
fn points(path: &Path, factors: &[String], outputs: &[String]) -> Result<Vec<Point>> {
    let (header, rows) = table(path)?;
    let place = |name: &String| {
        header.iter().position(|h| h == name).ok_or_else(|| Error::corrupt(path, format!("found no column {name}")))
    };
    let factor_places = factors.iter().map(place).collect::<Result<Vec<_>>>()?;
    let output_places = outputs.iter().map(place).collect::<Result<Vec<_>>>()?;
    let point_place = place(&"point".to_owned())?;
    let mut points: BTreeMap<u64, Point> = BTreeMap::new();
    for row in rows {
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
    Ok(points.into_values().collect())
}

fn table(path: &Path) -> Result<(csv::StringRecord, Vec<csv::StringRecord>)> {
    let bad = |e: csv::Error| match e.into_kind() {
        csv::ErrorKind::Io(e) => Error::io(path, "reading", e),
        other => Error::corrupt(path, format!("{other:?}")),
    };
    let mut table = csv::Reader::from_path(path).map_err(bad)?;
    let header = table.headers().map_err(bad)?.clone();
    Ok((header, table.records().collect::<csv::Result<Vec<_>>>().map_err(bad)?))
}

/// All levels of a factor: numbers by size, other levels as they come.
fn levels<'a>(all: impl Iterator<Item = &'a String>) -> Vec<String> {
    let mut levels: Vec<String> = Vec::new();
    for level in all {
        if !levels.contains(level) {
            levels.push(level.clone());
        }
    }
    if levels.iter().all(|level| level.parse::<f64>().is_ok()) {
        levels.sort_by(|a, b| a.parse().unwrap_or(f64::NAN).total_cmp(&b.parse().unwrap_or(f64::NAN)));
    }
    levels
}

fn mean(figures: &[f64]) -> f64 {
    figures.iter().copied().collect::<Moments>().mean()
}

fn at<'a>(points: &'a [Point], output: usize, levels: &[&String]) -> &'a [f64] {
    let point = points.iter().find(|point| point.levels.iter().zip(levels).all(|(a, b)| a == *b));
    point.map(|point| &point.outputs[output][..]).unwrap_or_default()
}

fn heat_map(points: &[Point], factors: &[String], levels: &[Vec<String>], output: usize, title: &str) -> HeatMap {
    let row = |up: &String| levels[0].iter().map(|along| mean(at(points, output, &[along, up]))).collect();
    HeatMap {
        title: title.to_owned(),
        factors: [factors[0].clone(), factors[1].clone()],
        cells: levels[1].iter().map(row).collect(),
        levels: [levels[0].clone(), levels[1].clone()],
    }
}

fn response(points: &[Point], factors: &[String], levels: &[Vec<String>], output: usize, title: &str) -> Chart {
    let line = |other: Option<&String>| {
        let figures: Vec<Vec<f64>> = levels[0]
            .iter()
            .map(|level| {
                let mut figures = at(points, output, &std::iter::once(level).chain(other).collect::<Vec<_>>()).to_vec();
                figures.sort_by(f64::total_cmp);
                figures
            })
            .collect();
        let moments: Vec<Moments> = figures.iter().map(|f| f.iter().copied().collect()).collect();
        let fan = [0.05, 0.95].map(|p| figures.iter().map(|f| quantile(f, p)).collect());
        let mean_interval = [-1.0, 1.0].map(|side| moments.iter().map(|m| m.mean() + side * m.half_width()).collect());
        let several = figures.iter().any(|f| f.len() > 1);
        Line {
            name: other.cloned().unwrap_or_default(),
            values: moments.iter().map(Moments::mean).collect(),
            bands: if several { BANDS.into_iter().zip([fan, mean_interval]).collect() } else { Vec::new() },
        }
    };
    let lines = match levels.get(1) {
        Some(others) => others.iter().map(|other| line(Some(other))).collect(),
        None => vec![line(None)],
    };
    let x = levels[0].iter().map(|level| level.parse().unwrap_or(f64::NAN)).collect();
    let by = factors.get(1).map_or(String::new(), |factor| format!(", by {factor}"));
    let panel = Panel { title: format!("{title}{by}"), lines };
    Chart { along: Along::Numbers(x, factors[0].clone()), panels: vec![panel], marks: Vec::new() }
}

/// Columns of `sensitivity.csv`.
#[derive(Deserialize)]
struct Row {
    output: String,
    factor: String,
    index: String,
    value: Option<f64>,
    low: Option<f64>,
    high: Option<f64>,
}

/// Bars for each output and index; none where no sensitivity was taken.
fn sensitivity(path: &Path) -> Result<Vec<Figure>> {
    if !path.exists() {
        return Ok(Vec::new());
    }
    let (header, rows) = table(path)?;
    let mut all: BTreeMap<(String, String), Vec<Bar>> = BTreeMap::new();
    for row in rows {
        let row: Row = row.deserialize(Some(&header)).map_err(|e| Error::corrupt(path, e.to_string()))?;
        let [value, low, high] = [row.value, row.low, row.high].map(|x| x.unwrap_or(f64::NAN));
        let bar = Bar { name: row.factor, value, interval: [low, high] };
        all.entry((row.output, row.index)).or_default().push(bar);
    }
    let figure = |((output, index), bars): ((String, String), Vec<Bar>)| {
        let title = format!("{index}: {output}");
        let name = format!("sensitivity-{}-{}", plain(&index), plain(&output));
        Figure { name, title: title.clone(), plot: Plot::Bars(Bars { title, bars }) }
    };
    Ok(all.into_iter().map(figure).collect())
}

/// A name that any file system takes.
fn plain(name: &str) -> String {
    name.chars().map(|c| if c.is_alphanumeric() || "-_.".contains(c) { c } else { '-' }).collect()
}
