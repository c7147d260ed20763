//! Two scenarios under common random numbers: what differs, how sure that is, and who moved.
//!
//! Runs are paired by seed. Every draw of a pair is the same in both runs, so that what is left of their difference is due
//! to the scenarios; its spread over pairs gives the interval. Days are paired by date, and only those that all runs have
//! are compared: a fork has none before the day after its snapshot.

mod flows;
mod manifest;
mod paired;
mod run_set;
mod write;

pub use flows::Flows;
pub use manifest::{ComparedOther, ComparedSide, ComparisonManifest};
pub use paired::Paired;
pub use run_set::RunSet;
pub use write::{DIFFERENCE_FIELDS, FLOW_FIELDS, MEASURE_FIELDS, write};

use super::milestones;
use crate::error::{Error, Result};
use crate::scenario::{Date, Scenario};
use crate::storage::{Curves, POPULATION_FIELDS, SERIES_FIELDS};
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

/// A daily figure: a column of `series.csv` for a messenger, or, where that is empty, of `population.csv`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Figure {
    /// Messenger; empty for a column of `population.csv`.
    pub messenger: String,
    /// Column.
    pub column: &'static str,
}

/// What is taken of a figure's days.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Measure {
    /// Its value on a day of which `what` is to be said: an intervention begins, the end.
    Day {
        /// The day.
        date: Date,
        /// What happens then, and on which side, where it is only one.
        what: String,
    },
    /// Its largest value.
    Peak,
    /// Its mean in a month.
    Month {
        /// Year.
        year: i16,
        /// Month, 1 to 12.
        month: i8,
    },
}

/// Another run, or other replicates, against the reference.
#[derive(Clone, Debug, PartialEq)]
pub struct Comparison {
    /// Folder of the reference.
    pub reference: String,
    /// Folder of the other.
    pub other: String,
    /// What makes differences harder to read, a line each.
    pub warnings: Vec<String>,
    /// Pairs of runs with the same seed.
    pub pairs: usize,
    /// People that the users stand for.
    pub people: u64,
    /// Days that all runs of both sides have, in order, without a gap.
    pub dates: Vec<Date>,
    /// First day on which any figure of any pair differs; `None` where all is the same.
    pub first_difference: Option<Date>,
    /// What is compared.
    pub figures: Vec<Figure>,
    /// By figure, then by day.
    pub daily: Vec<Vec<Paired>>,
    /// What is taken of every figure.
    pub measures: Vec<Measure>,
    /// By figure, then by measure.
    pub measured: Vec<Vec<Paired>>,
    /// Followed users on the last day; none where the runs follow no users in common.
    pub flows: Flows,
}

/// Compares `other` with `reference`, pair by pair: memory does not grow with pairs.
///
/// Fails where they cannot be paired, have no day in common, or a table cannot be read.
pub fn compare(reference: &RunSet, other: &RunSet) -> Result<Comparison> {
    let (pairs, mut warnings) = run_set::pair(reference, other)?;
    let [a, b] = [&reference.scenario, &other.scenario];
    let dates = common_days([reference, other], &pairs, &mut warnings)?;
    let figures = figures(a, b);
    let measures = measures(a, b, &dates);
    let mut names: Vec<String> = a.messengers.iter().map(|m| m.name.clone()).collect();
    names.extend(b.messengers.iter().map(|m| m.name.clone()).filter(|name| a.messenger_index(name).is_none()));
    let mut comparison = Comparison {
        reference: reference.name.clone(),
        other: other.name.clone(),
        warnings,
        pairs: pairs.len(),
        people: a.population.people,
        first_difference: None,
        daily: vec![vec![Paired::default(); dates.len()]; figures.len()],
        measured: vec![vec![Paired::default(); measures.len()]; figures.len()],
        flows: Flows::new(names),
        dates,
        figures,
        measures,
    };
    for pair in pairs {
        comparison.push(&Curves::read(pair[0])?, &Curves::read(pair[1])?);
        if let Some(&evening) = comparison.dates.last() {
            comparison.flows.push(pair, evening)?;
        }
    }
    Ok(comparison)
}

/// The days that all runs of all pairs have; says where a run has others.
fn common_days(sides: [&RunSet; 2], pairs: &[[&Path; 2]], warnings: &mut Vec<String>) -> Result<Vec<Date>> {
    let mut spans: [Option<[Date; 2]>; 2] = [None; 2];
    let mut differ = false;
    for pair in pairs {
        for (side, folder) in spans.iter_mut().zip(pair) {
            let Some([first, last]) = Curves::span(folder)? else { continue };
            differ |= side.is_some_and(|side| side != [first, last]);
            let [from, to] = side.unwrap_or([first, last]);
            *side = Some([from.max(first), to.min(last)]);
        }
    }
    let said = |[first, last]: [Date; 2]| format!("{first} to {last}");
    let [Some(a), Some(b)] = spans else {
        return Err(Error::invalid(format!("{}: found no day; allowed runs with at least one", sides[1].name)));
    };
    let [first, last] = [a[0].max(b[0]), a[1].min(b[1])];
    if first > last {
        let (name, reference) = (&sides[1].name, &sides[0].name);
        return Err(Error::invalid(format!(
            "{name}: found the days {}; allowed some of those of {reference}, {}",
            said(b),
            said(a)
        )));
    }
    let both = said([first, last]);
    if a != b {
        warnings.push(format!(
            "compared on the days that both have, {both}: the reference has {}, the other {}",
            said(a),
            said(b)
        ));
    } else if differ {
        warnings.push(format!("compared on the days that all runs have, {both}"));
    }
    Ok((0..=first.days_until(last)).map(|day| first.plus(day)).collect())
}

impl Comparison {
    fn push(&mut self, a: &Curves, b: &Curves) {
        for (k, figure) in self.figures.iter().enumerate() {
            let of = |curves: &Curves| match figure.messenger.as_str() {
                "" => curves.population(figure.column),
                name => curves.series(figure.column, name),
            };
            let days = |curves: &Curves| {
                let first = curves.index(*self.dates.first()?)?;
                Some(of(curves)?.get(first..first + self.dates.len())?.to_vec())
            };
            let (Some(a), Some(b)) = (days(a), days(b)) else { continue };
            for (day, (a, b)) in a.iter().zip(&b).enumerate() {
                self.daily[k][day].push(*a, *b);
                if a != b && !(a.is_nan() && b.is_nan()) {
                    let date = self.dates[day];
                    self.first_difference = Some(self.first_difference.map_or(date, |first| first.min(date)));
                }
            }
            for (measure, paired) in self.measures.iter().zip(&mut self.measured[k]) {
                paired.push(measure.of(&self.dates, &a), measure.of(&self.dates, &b));
            }
        }
    }
}

impl Measure {
    /// Of a value a day; NaN where there is none.
    fn of(&self, dates: &[Date], values: &[f64]) -> f64 {
        let days = dates.iter().zip(values).filter(|(_, value)| !value.is_nan());
        match self {
            Measure::Day { date, .. } => {
                dates.binary_search(date).ok().and_then(|day| values.get(day).copied()).unwrap_or(f64::NAN)
            }
            Measure::Peak => days.map(|(_, value)| *value).fold(f64::NAN, f64::max),
            Measure::Month { year, month } => {
                let (n, sum) = days
                    .filter(|(date, _)| (date.year(), date.month()) == (*year, *month))
                    .fold((0.0, 0.0), |(n, sum), (_, value)| (n + 1.0, sum + value));
                sum / n
            }
        }
    }
}

/// All columns of messengers that both have, and of the people.
fn figures(a: &Scenario, b: &Scenario) -> Vec<Figure> {
    let common = a.messengers.iter().filter(|m| b.messenger_index(&m.name).is_some());
    let series = common.flat_map(|m| SERIES_FIELDS[2..].iter().map(|f| Figure { messenger: m.name.clone(), column: f.name }));
    series.chain(POPULATION_FIELDS[1..].iter().map(|f| Figure { messenger: String::new(), column: f.name })).collect()
}

/// Marked days of either within the common ones, the peak, and the months.
fn measures(a: &Scenario, b: &Scenario, dates: &[Date]) -> Vec<Measure> {
    let (Some(&first), Some(&last)) = (dates.first(), dates.last()) else { return Vec::new() };
    let marked = |scenario: &Scenario| {
        let mut scenario = scenario.clone();
        scenario.end = last;
        milestones(&scenario, first)
    };
    let [ours, theirs] = [marked(a), marked(b)];
    let said = |date: &Date| {
        let of = |milestones: &BTreeMap<Date, Vec<String>>| milestones.get(date).cloned().unwrap_or_default();
        let (ours, theirs) = (of(&ours), of(&theirs));
        let yours: Vec<String> = theirs.iter().filter(|what| !ours.contains(what)).cloned().collect();
        let (both, mine): (Vec<String>, Vec<String>) = ours.into_iter().partition(|what| theirs.contains(what));
        let sides =
            [("", both), ("reference only: ", mine), ("other only: ", yours)].into_iter().filter(|side| !side.1.is_empty());
        sides.map(|(whose, what)| format!("{whose}{}", what.join(", "))).collect::<Vec<_>>().join("; ")
    };
    let marked: BTreeSet<Date> = ours.keys().chain(theirs.keys()).copied().collect();
    let days = marked.into_iter().map(|date| Measure::Day { date, what: said(&date) });
    let months: BTreeSet<(i16, i8)> = dates.iter().map(|date| (date.year(), date.month())).collect();
    let months = months.into_iter().map(|(year, month)| Measure::Month { year, month });
    days.chain([Measure::Peak]).chain(months).collect()
}
