//! What a finished sweep left: the points, and the outputs at each.

use crate::error::{Error, Result};
use crate::scenario::Date;
use crate::tables::damaged_table;
use serde::Deserialize;
use std::path::{Path, PathBuf};

/// The part of a sweep's `manifest.json` that is needed here.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Described {
    design: String,
    status: String,
    factors: Vec<Factor>,
    outputs: Vec<Output>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Factor {
    name: String,
    values: Vec<String>,
    low: Option<String>,
    high: Option<String>,
    log: bool,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Output {
    name: String,
}

/// A sweep in numbers.
#[derive(Debug)]
pub(super) struct Data {
    pub(super) design: String,
    pub(super) factors: Vec<String>,
    pub(super) outputs: Vec<String>,
    /// By point and factor, from 0 to 1 over its range; in any unit where the design has no ranges.
    pub(super) x: Vec<Vec<f64>>,
    /// By output and point: the mean over replicates; NaN where one of them has none.
    pub(super) y: Vec<Vec<f64>>,
}

impl Data {
    pub(super) fn read(folder: &Path) -> Result<Self> {
        let path = folder.join("manifest.json");
        let text = crate::files::read_text(&path).map_err(|e| Error::io(&path, "reading", e))?;
        let about: Described =
            serde_json::from_str(&text).map_err(|e| Error::corrupt(&path, format!("is no manifest of a sweep: {e}")))?;
        let place = folder.display();
        if about.design.is_empty() {
            return Err(Error::invalid(format!("{place}: found no design in manifest.json; allowed the folder of a sweep")));
        }
        if about.status != "finished" {
            let status = &about.status;
            return Err(Error::invalid(format!("{place}: found a sweep that is {status}; allowed a finished one")));
        }
        let factors: Vec<String> = about.factors.iter().map(|f| f.name.clone()).collect();
        let outputs: Vec<String> = about.outputs.iter().map(|o| o.name.clone()).collect();
        let points = Csv::open(folder.join("points.csv"), &[&["point".to_owned()], &factors[..]].concat())?;
        let mut x = Vec::new();
        for row in points.rows()? {
            let row = row?;
            x.push(about.factors.iter().zip(&row[1..]).map(|(factor, cell)| factor.unit(cell)).collect::<Vec<f64>>());
        }
        let results = Csv::open(folder.join("results.csv"), &[&["point".to_owned()], &outputs[..]].concat())?;
        let mut y = vec![vec![0.0; x.len()]; outputs.len()];
        let mut replicates = vec![0u32; x.len()];
        for row in results.rows()? {
            let row = row?;
            let point = row[0].parse::<usize>().ok().filter(|&p| p < x.len());
            let point = point.ok_or_else(|| results.bad(format!("found point {:?}; points.csv has {}", row[0], x.len())))?;
            replicates[point] += 1;
            for (sums, cell) in y.iter_mut().zip(&row[1..]) {
                // Empty is a figure that the run does not have.
                let number = if cell.is_empty() { Some(f64::NAN) } else { cell.parse().ok() };
                sums[point] += number.ok_or_else(|| results.bad(format!("found {cell:?} where a number is expected")))?;
            }
        }
        if let Some(point) = replicates.iter().position(|&n| n == 0 || n != replicates[0]) {
            return Err(results.bad(format!("found {} runs of point {point}; point 0 has {}", replicates[point], replicates[0])));
        }
        for (sums, n) in y.iter_mut().flat_map(|sums| sums.iter_mut().zip(&replicates)) {
            *sums /= f64::from(*n);
        }
        Ok(Data { design: about.design, factors, outputs, x, y })
    }
}

impl Factor {
    /// Where a value lies in the factor's range, by logarithm where the design spreads that; by place in a list of values.
    /// The number itself without a range; NaN for text.
    fn unit(&self, cell: &str) -> f64 {
        if let Some(at) = self.values.iter().position(|value| value == cell) {
            // Rank correlation takes the order of numbers, not that of the list.
            return number(cell).unwrap_or(at as f64 / (self.values.len() as f64 - 1.0).max(1.0));
        }
        let scale = |x: f64| if self.log { libm::log(x) } else { x };
        let Some(x) = number(cell).map(scale) else { return f64::NAN };
        let end = |end: &Option<String>| end.as_deref().and_then(number).map(scale);
        match (end(&self.low), end(&self.high)) {
            (Some(low), Some(high)) if high > low => (x - low) / (high - low),
            _ => x,
        }
    }
}

/// A number, a day as days since 1970, or 0 and 1 for false and true.
fn number(cell: &str) -> Option<f64> {
    let day = || Some(f64::from(Date::new(1970, 1, 1)?.days_until(cell.parse().ok()?)));
    let flag = || cell.parse::<bool>().ok().map(|flag| f64::from(u8::from(flag)));
    cell.parse().ok().or_else(day).or_else(flag)
}

/// A table of which some columns are wanted.
struct Csv {
    path: PathBuf,
    places: Vec<usize>,
}

impl Csv {
    fn open(path: PathBuf, columns: &[String]) -> Result<Self> {
        let mut csv = Csv { path, places: Vec::new() };
        let mut reader = csv.reader()?;
        let header = reader.headers().map_err(|e| damaged_table(&csv.path, e))?;
        for column in columns {
            let place = header.iter().position(|name| name == column);
            csv.places.push(place.ok_or_else(|| csv.bad(format!("has no column {column}")))?);
        }
        Ok(csv)
    }

    fn reader(&self) -> Result<csv::Reader<crate::files::Lines>> {
        crate::files::open_table(&self.path, &csv::ReaderBuilder::new()).map_err(|e| damaged_table(&self.path, e))
    }

    /// The wanted cells of every row.
    fn rows(&self) -> Result<impl Iterator<Item = Result<Vec<String>>> + '_> {
        let rows = self.reader()?.into_records();
        Ok(rows.map(|row| {
            let row = row.map_err(|e| damaged_table(&self.path, e))?;
            Ok(self.places.iter().map(|&c| row[c].to_owned()).collect())
        }))
    }

    fn bad(&self, what: String) -> Error {
        Error::corrupt(&self.path, what)
    }
}
