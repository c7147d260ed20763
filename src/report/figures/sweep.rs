//! The figures of a sweep: fans of what follows a column over days; heat maps and curves where its points form a grid of two
//! factors, otherwise each output against each factor; parallel coordinates; bars where its sensitivity is known.

use super::bars::{Bar, Bars};
use super::chart::Chart;
use super::heat_map::HeatMap;
use super::marks::Marks;
use super::panel::{Line, Panel, Vertical};
use super::parallel::Parallel;
use super::scatter::{self, Scatter};
use super::x_axis::XAxis;
use super::{Figure, Plot, days};
use crate::error::Result;
use crate::report::fans::{self, Fan};
use crate::report::sweep_results::{Index, MOST_FACTORS, Scale, SweepResults, bands, mean, short};
use crate::scenario;
use std::collections::BTreeMap;
use std::path::Path;

/// Most lines of a panel that can still be distinguished.
const MOST_LINES: usize = 8;
/// Most points that are drawn of a design with more: then every second, every third …
const MOST_POINTS: usize = 1_000;
/// Most axes side by side in a column's width.
const MOST_AXES: usize = 8;

/// None where there is nothing that could be drawn.
pub(super) fn figures(folder: &Path) -> Result<Vec<Figure>> {
    let swept = SweepResults::read(folder)?;
    let SweepResults { factors, outputs, names, points, levels, grid, .. } = &swept;
    let scenario = scenario::load_written(&folder.join("scenario.toml"), &[])?;
    let messengers: Vec<&str> = scenario.messengers.iter().map(|m| m.name.as_str()).collect();
    let fans = fans::fans(&swept);
    let marks = Marks::of(&scenario).without(&swept.varied_interventions());
    let mut figures: Vec<Figure> = fans.iter().map(|of| fan(of, &messengers, marks.clone())).collect();
    let step = points.len().div_ceil(MOST_POINTS).max(1);
    let each = if step == 1 { "each point".to_owned() } else { format!("one point in {step}") };
    let mut shown = fans::by_themselves(&swept, &fans);
    // What no run has, such as a time to what is never reached, cannot be drawn.
    shown.retain(|&o| points.iter().any(|point| !point.outputs[o].is_empty()));
    for &o in &shown {
        let output = &outputs[o];
        let before = figures.len();
        if *grid && factors.len() == 2 {
            let title = format!("{output} over {} and {}", factors[0], factors[1]);
            let plot = Plot::HeatMap(heat_map(&swept, o));
            figures.push(Figure { name: format!("heat-map-{}", plain(&names[o])), title, plot });
        }
        if *grid && factors.len() <= 2 && levels[0].len() > 1 {
            let others = levels.get(1).map_or(1, Vec::len);
            if others <= MOST_LINES {
                let title = format!("{output} against {}: mean, its 95 % interval, 90 % of replicates", factors[0]);
                let plot = Plot::Chart(response(&swept, o));
                figures.push(Figure { name: format!("response-{}", plain(&names[o])), title, plot });
            }
        }
        let scatter = against_factors(&swept, o, step);
        if figures.len() == before && !scatter.panels.is_empty() {
            let title = format!("{output} against each factor: a dot for {each}, and the course of all means");
            let plot = Plot::Scatter(scatter);
            figures.push(Figure { name: format!("scatter-{}", plain(&names[o])), title, plot });
        }
        let mut across = swept.strongest(o, MOST_AXES - 1);
        across.retain(|&factor| swept.scales[factor].is_of_numbers());
        if across.len() > 1 {
            let axes = across.iter().map(|&f| factors[f].clone()).chain([output.clone()]).collect();
            let values = points.iter().step_by(step).map(|point| {
                let levels = across.iter().map(|&f| point.levels[f].parse().unwrap_or(f64::NAN));
                levels.chain([mean(&point.outputs[o])]).collect()
            });
            let log = |&f: &usize| matches!(swept.scales[f], Scale::Logarithms(_));
            let logs = across.iter().map(log).chain([false]).collect();
            let plot = Plot::Parallel(Parallel { axes, logs, points: values.collect() });
            let title = format!("{output} over all factors, a line for {each}");
            figures.push(Figure { name: format!("parallel-{}", plain(&names[o])), title, plot });
        }
    }
    let by_themselves: Vec<&String> = shown.iter().map(|&o| &outputs[o]).collect();
    figures.extend(sensitivity(&swept, swept.sensitivity.iter().filter(|row| by_themselves.contains(&&row.output))));
    Ok(figures)
}

fn heat_map(swept: &SweepResults, output: usize) -> HeatMap {
    let SweepResults { factors, levels, outputs, .. } = swept;
    let row = |up: &String| levels[0].iter().map(|along| mean(swept.at(output, &[along, up]))).collect();
    HeatMap {
        title: outputs[output].clone(),
        factors: [factors[0].clone(), factors[1].clone()],
        cells: levels[1].iter().map(row).collect(),
        levels: [0, 1].map(|f| levels[f].iter().map(|level| short(level)).collect()),
    }
}

fn response(swept: &SweepResults, output: usize) -> Chart {
    let SweepResults { factors, levels, outputs, .. } = swept;
    let line = |other: Option<&String>| {
        let at = |level| swept.at(output, &std::iter::once(level).chain(other).collect::<Vec<_>>());
        let figures: Vec<&[f64]> = levels[0].iter().map(at).collect();
        Line {
            name: other.map(|level| short(level)).unwrap_or_default(),
            style: 0,
            values: figures.iter().map(|figures| mean(figures)).collect(),
            bands: bands(&figures),
            published: Vec::new(),
        }
    };
    let lines = match levels.get(1) {
        Some(others) => others.iter().enumerate().map(|(style, other)| Line { style, ..line(Some(other)) }).collect(),
        None => vec![line(None)],
    };
    let by = factors.get(1).map_or(String::new(), |factor| format!(", by {factor}"));
    let panel = Panel { title: format!("{}{by}", outputs[output]), lines, vertical: Vertical::AsValues };
    Chart { x_axis: along(swept, 0), what: factors[0].clone(), panels: vec![panel], marks: Marks::default() }
}

/// The levels of a factor as an axis.
fn along(swept: &SweepResults, factor: usize) -> XAxis {
    match &swept.scales[factor] {
        Scale::Days(days) => XAxis::Days(days.clone()),
        Scale::Numbers(numbers) => XAxis::Numbers(numbers.clone()),
        Scale::Logarithms(numbers) => XAxis::Logarithms(numbers.clone()),
        Scale::Names => XAxis::Names(swept.levels[factor].clone()),
    }
}

/// An output against the factors that it depends on most.
fn against_factors(swept: &SweepResults, output: usize, step: usize) -> Scatter {
    let panels = swept.strongest(output, MOST_FACTORS).into_iter().map(|factor| {
        let dots = swept.across(factor, output).into_iter().step_by(step).collect();
        let means = swept.means(factor, output);
        scatter::Panel { factor: swept.factors[factor].clone(), x_axis: along(swept, factor), dots, means }
    });
    Scatter { title: swept.outputs[output].clone(), panels: panels.collect() }
}

/// All runs of all points together, a line and its bands for each messenger.
fn fan(fan: &Fan, messengers: &[&str], marks: Marks) -> Figure {
    let line = |line: &fans::FanLine| Line {
        name: line.messenger.clone(),
        style: messengers.iter().position(|name| *name == line.messenger).unwrap_or(0),
        values: line.curve.values.clone(),
        bands: line.curve.bands.clone(),
        published: Vec::new(),
    };
    let mut lines: Vec<Line> = fan.lines.iter().map(line).collect();
    let unit = if fan.people { format!(" ({})", days::in_people(&mut lines)) } else { String::new() };
    let mut title = format!("{}{unit}", fan.name);
    if let Some(first) = title.get_mut(..1) {
        first.make_ascii_uppercase();
    }
    let vertical = if fan.difference { Vertical::AroundZero } else { Vertical::FromZero };
    Figure {
        name: format!("fan-{}", plain(&fan.name)),
        title: format!("{title}: median of all runs, half and 90 % of them"),
        plot: Plot::Chart(Chart {
            x_axis: XAxis::Days(fan.dates.clone()),
            what: String::new(),
            panels: vec![Panel { title, lines, vertical }],
            marks,
        }),
    }
}

/// Bars for each output and index.
fn sensitivity<'a>(swept: &SweepResults, rows: impl Iterator<Item = &'a Index>) -> impl Iterator<Item = Figure> {
    let mut all: BTreeMap<(String, String), Vec<Bar>> = BTreeMap::new();
    for row in rows {
        let [value, low, high] = [row.value, row.low, row.high].map(|x| x.unwrap_or(f64::NAN));
        let bar = Bar { name: row.factor.clone(), value, interval: [low, high] };
        all.entry((row.output.clone(), row.index.clone())).or_default().push(bar);
    }
    all.into_iter().map(move |((output, index), bars)| {
        let title = format!("{}: {output}", index_called(&index));
        // Files go by columns, not by titles.
        let column = swept.outputs.iter().position(|title| *title == output).map_or(&output, |o| &swept.names[o]);
        let name = format!("sensitivity-{}-{}", plain(&index), plain(column));
        Figure { name, title: title.clone(), plot: Plot::Bars(Bars::longest_first(title, bars)) }
    })
}

/// What an index of `sensitivity.csv` is called on paper.
fn index_called(index: &str) -> &str {
    match index {
        "first_order" => "First-order index",
        "total" => "Total index",
        "mu" => "\u{3bc}",
        "mu_star" => "\u{3bc}*",
        "sigma" => "\u{3c3}",
        "prcc" => "Partial rank correlation",
        other => other,
    }
}

/// A name that any file system takes.
fn plain(name: &str) -> String {
    name.chars().map(|c| if c.is_alphanumeric() || "-_.".contains(c) { c } else { '-' }).collect()
}
