//! Daily figures as they are shown: of a run, of replicates with their bands, of the sides of a comparison.

use super::table::Table;
use crate::error::{Error, Result};
use crate::scenario::Date;
use crate::storage::Curves;
use std::collections::BTreeMap;
use std::path::Path;

/// A band around a curve: names of its lower and upper ends in tables, and these.
pub(super) type Band = ([&'static str; 2], [Vec<f64>; 2]);

/// Ends of bands, as tables call them: 90 % of the replicates, the mean's 95 % interval.
pub(super) const BANDS: [[&str; 2]; 2] = [["q05", "q95"], INTERVAL];
const INTERVAL: [&str; 2] = ["low", "high"];

/// A value a day, NaN where there is none.
#[derive(Clone, Debug, Default)]
pub(super) struct Curve {
    pub(super) values: Vec<f64>,
    /// From the widest to the narrowest.
    pub(super) bands: Vec<Band>,
}

/// Curves by column of `series.csv` and messenger, or, where that is empty, of `population.csv`.
pub(super) struct Daily {
    pub(super) dates: Vec<Date>,
    curves: BTreeMap<(String, String), Curve>,
}

impl Daily {
    /// Of one run, of the days so far.
    pub(super) fn of_run(folder: &Path) -> Result<Self> {
        let read = Curves::read(folder)?;
        let mut curves = BTreeMap::new();
        let mut keep = |column: &str, messenger: &str, values: Option<Vec<f64>>| {
            let curve = Curve { values: values.unwrap_or_default(), bands: Vec::new() };
            curves.insert((column.to_owned(), messenger.to_owned()), curve);
        };
        for messenger in read.messengers() {
            Curves::series_columns().iter().for_each(|column| keep(column, messenger, read.series(column, messenger)));
        }
        Curves::population_columns().iter().for_each(|column| keep(column, "", read.population(column)));
        Ok(Daily { dates: read.dates().to_vec(), curves })
    }

    /// Of finished replicates: their mean, and bands around it.
    pub(super) fn of_replicates(folder: &Path) -> Result<Self> {
        tidy(&folder.join("replicates.csv"), None, "mean", &BANDS)
    }

    /// Of a comparison with `run`: the difference with its interval, where there is one.
    pub(super) fn of_difference(folder: &Path, run: &str) -> Result<Self> {
        tidy(&folder.join("differences.csv"), Some(run), "difference", &[INTERVAL])
    }

    /// Of a comparison with `run`: one of its sides, `a` or `b`.
    pub(super) fn of_side(folder: &Path, run: &str, side: &str) -> Result<Self> {
        tidy(&folder.join("differences.csv"), Some(run), side, &[])
    }

    /// A column of a messenger, or of the people.
    pub(super) fn curve(&self, column: &str, messenger: &str) -> Option<&Curve> {
        self.curves.get(&(column.to_owned(), messenger.to_owned()))
    }

    /// How many bands curves have.
    pub(super) fn bands(&self) -> usize {
        self.curves.values().map(|curve| curve.bands.len()).max().unwrap_or(0)
    }
}

/// A table with a row for every day, messenger and column; of several runs, the rows of one.
fn tidy(path: &Path, run: Option<&str>, value: &str, bands: &[[&'static str; 2]]) -> Result<Daily> {
    let table = Table::open(path.to_owned())?;
    let run = match run {
        Some(run) => Some((table.place("run")?, run)),
        None => None,
    };
    let [date, messenger, column, value] = ["date", "messenger", "column", value].map(|name| table.place(name));
    let (date, messenger, column, value) = (date?, messenger?, column?, value?);
    let ends = bands.iter().flatten().map(|name| table.place(name)).collect::<Result<Vec<_>>>()?;
    let mut curves: BTreeMap<(String, String), Curve> = BTreeMap::new();
    let mut dates: Vec<Date> = Vec::new();
    // Every curve has a value a day; which days these are, the longest says.
    for row in table.rows() {
        let row = row?;
        if run.is_some_and(|(place, run)| row[place] != *run) {
            continue;
        }
        let curve = curves.entry((row[column].to_owned(), row[messenger].to_owned())).or_insert_with(|| Curve {
            values: Vec::new(),
            bands: bands.iter().map(|names| (*names, Default::default())).collect(),
        });
        let day: Date = row[date].parse().map_err(|e: String| Error::corrupt(path, e))?;
        match dates.get(curve.values.len()).copied() {
            Some(known) if known == day => {}
            None => dates.push(day),
            Some(known) => return Err(Error::corrupt(path, format!("found {day} where {known} is expected"))),
        }
        // An empty cell is a figure that there is not.
        let number = |k: usize| row[k].parse().unwrap_or(f64::NAN);
        curve.values.push(number(value));
        for (end, &k) in curve.bands.iter_mut().flat_map(|band| band.1.iter_mut()).zip(&ends) {
            end.push(number(k));
        }
    }
    if curves.values().any(|curve| curve.values.len() != dates.len()) {
        return Err(Error::corrupt(path, "found days without a row for every column"));
    }
    // One replicate, or one pair, has no interval.
    let known = |band: &Band| band.1.iter().flatten().any(|x| x.is_finite());
    curves.values_mut().for_each(|curve| curve.bands.retain(known));
    Ok(Daily { dates, curves })
}
