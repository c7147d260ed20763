//! The figures of a sweep: heat maps and curves where its points form a grid, parallel coordinates where they do not, bars
//! where its sensitivity is known.

use super::bars::{Bar, Bars};
use super::chart::{Along, Chart, Line, Panel};
use super::heat_map::HeatMap;
use super::parallel::Parallel;
use super::{Figure, Plot};
use crate::error::Result;
use crate::report::swept::{Index, Swept, bands, mean};
use std::collections::BTreeMap;
use std::path::Path;

/// Most lines of a panel that can still be told apart.
const MOST_LINES: usize = 8;
/// Most axes side by side in a column's width.
const MOST_AXES: usize = 8;

/// None where there is nothing that could be drawn.
pub(super) fn figures(folder: &Path) -> Result<Vec<Figure>> {
    let swept = Swept::read(folder)?;
    let Swept { factors, outputs, points, levels, grid, .. } = &swept;
    let mut figures = Vec::new();
    for (o, output) in outputs.iter().enumerate() {
        if *grid && factors.len() == 2 {
            let title = format!("{output} over {} and {}", factors[0], factors[1]);
            let plot = Plot::HeatMap(heat_map(&swept, o));
            figures.push(Figure { name: format!("heat-map-{}", plain(output)), title, plot });
        }
        if *grid && factors.len() <= 2 && swept.numbers(0) && levels[0].len() > 1 {
            let others = levels.get(1).map_or(1, Vec::len);
            if others <= MOST_LINES {
                let title = format!("{output} against {}: mean, its 95 % interval, 90 % of replicates", factors[0]);
                let plot = Plot::Chart(response(&swept, o));
                figures.push(Figure { name: format!("response-{}", plain(output)), title, plot });
            }
        }
        let shown: Vec<usize> = (0..factors.len()).filter(|&f| swept.numbers(f)).take(MOST_AXES - 1).collect();
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
    figures.extend(sensitivity(swept.sensitivity));
    Ok(figures)
}

fn heat_map(swept: &Swept, output: usize) -> HeatMap {
    let Swept { factors, levels, outputs, .. } = swept;
    let row = |up: &String| levels[0].iter().map(|along| mean(swept.at(output, &[along, up]))).collect();
    HeatMap {
        title: outputs[output].clone(),
        factors: [factors[0].clone(), factors[1].clone()],
        cells: levels[1].iter().map(row).collect(),
        levels: [levels[0].clone(), levels[1].clone()],
    }
}

fn response(swept: &Swept, output: usize) -> Chart {
    let Swept { factors, levels, outputs, .. } = swept;
    let line = |other: Option<&String>| {
        let at = |level| swept.at(output, &std::iter::once(level).chain(other).collect::<Vec<_>>());
        let figures: Vec<&[f64]> = levels[0].iter().map(at).collect();
        Line {
            name: other.cloned().unwrap_or_default(),
            values: figures.iter().map(|figures| mean(figures)).collect(),
            bands: bands(&figures),
            published: Vec::new(),
        }
    };
    let lines = match levels.get(1) {
        Some(others) => others.iter().map(|other| line(Some(other))).collect(),
        None => vec![line(None)],
    };
    let x = levels[0].iter().map(|level| level.parse().unwrap_or(f64::NAN)).collect();
    let by = factors.get(1).map_or(String::new(), |factor| format!(", by {factor}"));
    let panel = Panel { title: format!("{}{by}", outputs[output]), lines, signed: false };
    Chart { along: Along::Numbers(x, factors[0].clone()), panels: vec![panel], marks: Vec::new() }
}

/// Bars for each output and index.
fn sensitivity(rows: Vec<Index>) -> impl Iterator<Item = Figure> {
    let mut all: BTreeMap<(String, String), Vec<Bar>> = BTreeMap::new();
    for row in rows {
        let [value, low, high] = [row.value, row.low, row.high].map(|x| x.unwrap_or(f64::NAN));
        let bar = Bar { name: row.factor, value, interval: [low, high] };
        all.entry((row.output, row.index)).or_default().push(bar);
    }
    all.into_iter().map(|((output, index), bars)| {
        let title = format!("{index}: {output}");
        let name = format!("sensitivity-{}-{}", plain(&index), plain(&output));
        Figure { name, title: title.clone(), plot: Plot::Bars(Bars { title, bars }) }
    })
}

/// A name that any file system takes.
fn plain(name: &str) -> String {
    name.chars().map(|c| if c.is_alphanumeric() || "-_.".contains(c) { c } else { '-' }).collect()
}
