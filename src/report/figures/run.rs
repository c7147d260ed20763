//! The figures of a run, or of replicates with their bands.

use super::chart::{Along, Band, Chart, Line, Panel};
use super::{Figure, Plot};
use crate::error::{Error, Result};
use crate::experiment::{Replicates, marks};
use crate::scenario::{Date, Scenario};
use crate::storage::Curves;
use std::collections::BTreeMap;
use std::path::Path;

/// Daily figures by column and messenger (empty for columns of `population`).
pub(super) struct Daily {
    dates: Vec<Date>,
    columns: BTreeMap<(String, String), Line>,
}

/// Ends of bands, as `replicates.csv` and the data of figures call them: 90 % of the replicates, the mean's 95 % interval.
const BANDS: [[&str; 2]; 2] = [["q05", "q95"], ["low", "high"]];

impl Daily {
    /// Of one run.
    pub(super) fn of_run(folder: &Path) -> Result<Self> {
        let curves = Curves::read(folder)?;
        let mut columns = BTreeMap::new();
        let mut keep = |column: &str, messenger: &str, values: Option<Vec<f64>>| {
            if let Some(values) = values {
                let line = Line { name: messenger.to_owned(), values, bands: Vec::new() };
                columns.insert((column.to_owned(), messenger.to_owned()), line);
            }
        };
        for column in BY_MESSENGER.iter().map(|f| f.column) {
            for messenger in curves.messengers() {
                keep(column, messenger, curves.series(column, messenger));
            }
        }
        for column in OF_ALL.iter().flat_map(|f| f.panels).flat_map(|p| p.lines).map(|line| line.0) {
            keep(column, "", curves.population(column));
        }
        Ok(Daily { dates: curves.dates().to_vec(), columns })
    }

    /// Of finished replicates: their mean, and bands around it.
    pub(super) fn of_replicates(folder: &Path) -> Result<Self> {
        let path = folder.join("replicates.csv");
        let bad = |e: csv::Error| match e.into_kind() {
            csv::ErrorKind::Io(e) => Error::io(&path, "reading", e),
            other => Error::corrupt(&path, format!("{other:?}")),
        };
        let mut table = csv::Reader::from_path(&path).map_err(bad)?;
        let names: Vec<String> = table.headers().map_err(bad)?.iter().map(str::to_owned).collect();
        let place = |name: &str| {
            let place = names.iter().position(|n| n == name);
            place.ok_or_else(|| Error::corrupt(&path, format!("found no column {name}")))
        };
        let [date, messenger, column, mean] = ["date", "messenger", "column", "mean"].map(place);
        let (date, messenger, column, mean) = (date?, messenger?, column?, mean?);
        let ends = BANDS.iter().flatten().map(|name| place(name)).collect::<Result<Vec<_>>>()?;
        let mut daily = Daily { dates: Vec::new(), columns: BTreeMap::new() };
        for record in table.records() {
            let record = record.map_err(bad)?;
            let day: Date = record[date].parse().map_err(|e| Error::corrupt(&path, e))?;
            if daily.dates.last().is_none_or(|&last| last < day) {
                daily.dates.push(day);
            }
            let key = (record[column].to_owned(), record[messenger].to_owned());
            let line = daily.columns.entry(key).or_insert_with_key(|key| {
                let band = |names| -> Band { (names, Default::default()) };
                Line { name: key.1.clone(), values: Vec::new(), bands: BANDS.map(band).to_vec() }
            });
            // An empty cell is a figure that there is not.
            let number = |k: usize| record[k].parse().unwrap_or(f64::NAN);
            line.values.push(number(mean));
            for (end, &k) in line.bands.iter_mut().flat_map(|band| band.1.iter_mut()).zip(&ends) {
                end.push(number(k));
            }
        }
        let days = daily.dates.len();
        match daily.columns.values().all(|line| line.values.len() == days) {
            true => Ok(daily),
            false => Err(Error::corrupt(&path, "found days without a row for every column")),
        }
    }

    fn line(&self, column: &str, messenger: &str, name: &str, scale: f64) -> Option<Line> {
        let mut line = self.columns.get(&(column.to_owned(), messenger.to_owned()))?.clone();
        line.name = name.to_owned();
        let all = line.bands.iter_mut().flat_map(|band| band.1.iter_mut()).chain([&mut line.values]);
        all.flatten().for_each(|x| *x /= scale);
        Some(line)
    }

    fn chart(&self, panels: Vec<Panel>, marks: Vec<(Date, String)>) -> Chart {
        Chart { along: Along::Days(self.dates.clone()), panels, marks }
    }
}

/// A figure with a line for each messenger.
struct ByMessenger {
    name: &'static str,
    title: &'static str,
    column: &'static str,
    people: bool,
    marks: bool,
}

const BY_MESSENGER: [ByMessenger; 4] = [
    ByMessenger { name: "reach", title: "Monthly reach", column: "monthly_reach", people: true, marks: true },
    ByMessenger { name: "daily-reach", title: "Daily reach", column: "daily_reach", people: true, marks: false },
    ByMessenger { name: "main-app", title: "Main app", column: "main_share", people: false, marks: false },
    ByMessenger { name: "traffic", title: "Share of traffic", column: "traffic_share", people: false, marks: false },
];

/// A figure of columns of `population`.
struct OfAll {
    name: &'static str,
    title: &'static str,
    panels: &'static [PanelOfAll],
}

struct PanelOfAll {
    title: &'static str,
    people: bool,
    /// Columns and what the lines are called.
    lines: &'static [(&'static str, &'static str)],
}

const OF_ALL: [OfAll; 2] = [
    OfAll {
        name: "vpn",
        title: "VPNs",
        panels: &[
            PanelOfAll { title: "People with a VPN", people: false, lines: &[("vpn_share", "")] },
            PanelOfAll {
                title: "Starts and stops a day",
                people: true,
                lines: &[("vpn_starts", "starts"), ("vpn_stops", "stops")],
            },
        ],
    },
    OfAll {
        name: "ties",
        title: "Ties that can still talk",
        panels: &[PanelOfAll {
            title: "Ties with a working app in common",
            people: false,
            lines: &[("connected_ties", "with VPN"), ("connected_ties_without_vpn", "without VPN")],
        }],
    },
];

/// All figures.
pub(super) fn figures(folder: &Path) -> Result<Vec<Figure>> {
    let scenario_path = folder.join("scenario.toml");
    let scenario = crate::scenario::load(&scenario_path, &[])?;
    let daily = if Replicates::is_here(folder) { Daily::of_replicates(folder)? } else { Daily::of_run(folder)? };
    if daily.dates.is_empty() {
        return Err(Error::invalid(format!("{}: found a run without a day so far; allowed one with days", folder.display())));
    }
    let of = if Replicates::is_here(folder) { "; mean, its 95 % interval, 90 % of replicates" } else { "" };
    let mut figures = Vec::new();
    for figure in &BY_MESSENGER {
        let names = scenario.messengers.iter().map(|m| &m.name);
        let lines = |scale| names.clone().filter_map(|m| daily.line(figure.column, m, m, scale)).collect::<Vec<_>>();
        let (unit, scale) = unit(figure.people, &lines(1.0));
        let panel = Panel { title: format!("{} ({unit})", figure.title), lines: lines(scale) };
        let marks = if figure.marks { marked(&scenario, &daily) } else { Vec::new() };
        let title = format!("{} by messenger{of}", figure.title);
        figures.push(Figure { name: figure.name.into(), title, plot: Plot::Chart(daily.chart(vec![panel], marks)) });
    }
    for figure in &OF_ALL {
        let panel = |panel: &PanelOfAll| {
            let lines =
                |scale| panel.lines.iter().filter_map(|(column, name)| daily.line(column, "", name, scale)).collect::<Vec<_>>();
            let (unit, scale) = unit(panel.people, &lines(1.0));
            Panel { title: format!("{} ({unit})", panel.title), lines: lines(scale) }
        };
        let plot = Plot::Chart(daily.chart(figure.panels.iter().map(panel).collect(), Vec::new()));
        figures.push(Figure { name: figure.name.into(), title: format!("{}{of}", figure.title), plot });
    }
    Ok(figures)
}

/// Unit of a panel, and how much one of it is.
fn unit(people: bool, lines: &[Line]) -> (&'static str, f64) {
    let largest = lines.iter().flat_map(|line| &line.values).copied().filter(|x| x.is_finite()).fold(0.0f64, f64::max);
    match people {
        false => ("%", 0.01),
        true if largest >= 1e6 => ("million people", 1e6),
        true if largest >= 1e4 => ("thousand people", 1e3),
        true => ("people", 1.0),
    }
}

/// Days on which interventions begin, between the first day shown and the last.
fn marked(scenario: &Scenario, daily: &Daily) -> Vec<(Date, String)> {
    let shown = |date: &Date| Some(date) > daily.dates.first() && Some(date) < daily.dates.last();
    marks(scenario).into_iter().filter(|(date, _)| shown(date)).map(|(date, labels)| (date, labels.join("; "))).collect()
}
