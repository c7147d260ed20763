//! Figures over days: of a run, of replicates with their bands, of a comparison.

use super::chart::Chart;
use super::marks::Marks;
use super::panel::{Line, Panel, Published, Vertical};
use super::x_axis::XAxis;
use super::{Figure, Plot, joint};
use crate::error::{Error, Result};
use crate::experiment::compare::ComparisonManifest;
use crate::report::daily::{Curve, Daily};
use crate::scenario::{self, Scenario, Target};
use std::path::Path;

/// A figure with a line for each messenger.
struct ByMessenger {
    name: &'static str,
    title: &'static str,
    column: &'static str,
    people: bool,
}

const BY_MESSENGER: [ByMessenger; 4] = [
    ByMessenger { name: "reach", title: "Monthly reach", column: "monthly_reach", people: true },
    ByMessenger { name: "daily-reach", title: "Daily reach", column: "daily_reach", people: true },
    ByMessenger { name: "main-app", title: "Main app", column: "main_share", people: false },
    ByMessenger { name: "traffic", title: "Share of traffic", column: "traffic_share", people: false },
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

/// What is drawn.
struct Shown {
    daily: Daily,
    messengers: Vec<String>,
    targets: Vec<Target>,
    /// What is marked over days.
    marks: Marks,
    /// Whether values are differences.
    signed: bool,
    /// What the lines and their bands are.
    of: String,
}

/// Of a run, of the days so far.
pub(super) fn of_run(folder: &Path) -> Result<Vec<Figure>> {
    figures(folder, Shown::new(&load(folder, "scenario.toml")?, Daily::of_run(folder)?, ""))
}

/// Of finished replicates.
pub(super) fn of_replicates(folder: &Path) -> Result<Vec<Figure>> {
    let of = "; mean, its 95 % interval, 90 % of replicates";
    figures(folder, Shown::new(&load(folder, "scenario.toml")?, Daily::of_replicates(folder)?, of))
}

/// Of a comparison: differences, for each run that is compared with the reference.
pub(super) fn of_comparison(folder: &Path) -> Result<Vec<Figure>> {
    let manifest = ComparisonManifest::read(folder)?;
    let reference = load(folder, &manifest.reference.scenario)?;
    let others = manifest.others.iter().map(|other| load(folder, &other.side.scenario)).collect::<Result<Vec<_>>>()?;
    let mut every: Vec<Figure> = joint::figure(folder, &manifest, &reference, &others)?.into_iter().collect();
    for (k, (other, scenario)) in manifest.others.iter().zip(&others).enumerate() {
        let run = &other.side.folder;
        let new = Shown::new(&reference, Daily::of_difference(folder, run)?, "");
        let mut shown = Shown { targets: Vec::new(), signed: true, ..new };
        let interval = if other.pairs > 1 { "; mean over pairs and its 95 % interval" } else { "" };
        shown.of = format!(", {} minus {}{interval}", scenario.name, reference.name);
        shown.marks = Marks::of_both(&reference, scenario);
        let mut figures = figures(folder, shown)?;
        if manifest.others.len() > 1 {
            figures.iter_mut().for_each(|figure| figure.name.push_str(&format!("-{}", k + 1)));
        }
        every.extend(figures);
    }
    Ok(every)
}

fn load(folder: &Path, name: &str) -> Result<Scenario> {
    scenario::load_written(&folder.join(name), &[])
}

fn figures(folder: &Path, shown: Shown) -> Result<Vec<Figure>> {
    if shown.daily.dates.is_empty() {
        return Err(Error::invalid(format!("{}: found a run without a day so far; allowed one with days", folder.display())));
    }
    let mut figures = Vec::new();
    for figure in &BY_MESSENGER {
        let line = |(style, name): (usize, &String)| shown.line(figure.column, name, name, style);
        let lines = shown.messengers.iter().enumerate().filter_map(line);
        let panel = shown.panel(figure.title, figure.people, lines.collect());
        figures.push(shown.figure(figure.name, &format!("{} by messenger", figure.title), vec![panel]));
    }
    for figure in &OF_ALL {
        let panel = |panel: &PanelOfAll| {
            let lines = panel.lines.iter().enumerate().filter_map(|(style, (column, name))| shown.line(column, "", name, style));
            shown.panel(panel.title, panel.people, lines.collect())
        };
        figures.push(shown.figure(figure.name, figure.title, figure.panels.iter().map(panel).collect()));
    }
    Ok(figures)
}

impl Shown {
    fn new(scenario: &Scenario, daily: Daily, of: &str) -> Self {
        Shown {
            daily,
            messengers: scenario.messengers.iter().map(|m| m.name.clone()).collect(),
            targets: scenario.targets.clone(),
            marks: Marks::of(scenario),
            signed: false,
            of: of.into(),
        }
    }

    /// A line of a column, in the unit of the tables.
    fn line(&self, column: &str, messenger: &str, name: &str, style: usize) -> Option<Line> {
        let Curve { values, bands } = self.daily.curve(column, messenger)?.clone();
        let of = self.targets.iter().filter(|target| target.messenger == messenger && target.column.name() == column);
        let published = of.filter_map(|target| {
            let day = self.daily.dates.binary_search(&target.date).ok()?;
            Some(Published { day, value: target.people, measured: target.measured })
        });
        Some(Line { name: name.to_owned(), style, values, bands, published: published.collect() })
    }

    /// A panel of lines, in a unit that suits their size.
    fn panel(&self, title: &str, people: bool, mut lines: Vec<Line>) -> Panel {
        let unit = match (people, self.signed) {
            (true, _) => in_people(&mut lines),
            (false, true) => scaled(&mut lines, "percentage points", 0.01),
            (false, false) => scaled(&mut lines, "%", 0.01),
        };
        let vertical = if self.signed { Vertical::AroundZero } else { Vertical::FromZero };
        Panel { title: format!("{} ({unit})", self.called(title)), lines, vertical }
    }

    fn called(&self, title: &str) -> String {
        let (first, rest) = title.split_at(1);
        if self.signed { format!("Difference in {}{rest}", first.to_lowercase()) } else { title.to_owned() }
    }

    fn figure(&self, name: &str, title: &str, panels: Vec<Panel>) -> Figure {
        Figure {
            name: if self.signed { format!("difference-{name}") } else { name.into() },
            title: format!("{}{}", self.called(title), self.of),
            plot: Plot::Chart(Chart {
                x_axis: XAxis::Days(self.daily.dates.clone()),
                what: String::new(),
                panels,
                marks: self.marks.clone(),
            }),
        }
    }
}

/// Counts lines of people in a unit that suits their size; returns that.
pub(super) fn in_people(lines: &mut [Line]) -> &'static str {
    let sizes = lines.iter().flat_map(|line| &line.values).map(|x| x.abs()).filter(|x| x.is_finite());
    match sizes.fold(0.0f64, f64::max) {
        largest if largest >= 1e6 => scaled(lines, "million people", 1e6),
        largest if largest >= 1e4 => scaled(lines, "thousand people", 1e3),
        _ => "people",
    }
}

fn scaled(lines: &mut [Line], unit: &'static str, scale: f64) -> &'static str {
    for line in lines {
        let bands = line.bands.iter_mut().flat_map(|band| band.1.iter_mut()).flatten();
        let published = line.published.iter_mut().map(|p| &mut p.value);
        line.values.iter_mut().chain(bands).chain(published).for_each(|x| *x /= scale);
    }
    unit
}
