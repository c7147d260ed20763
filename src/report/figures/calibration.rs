//! Figures of a calibration: how well it fits, and what the data say of each parameter.

use super::chart::Chart;
use super::marks::Marks;
use super::panel::{Line, Panel, Published, Vertical};
use super::ranges::{Range, Ranges};
use super::x_axis::XAxis;
use super::{Figure, Plot};
use crate::error::{Error, Result};
use crate::report::table::Table;
use crate::scenario::{self, Date};
use serde::Deserialize;
use std::path::Path;

/// A row of `cells.csv`.
#[derive(Deserialize)]
struct Cell {
    month: String,
    series: String,
    weight: f64,
    target_mln: f64,
    model_mln: f64,
    posterior_5: Option<f64>,
    posterior_95: Option<f64>,
}

/// A row of `parameters.csv`.
#[derive(Deserialize)]
struct Parameter {
    parameter: String,
    start: f64,
    best: f64,
    low: f64,
    high: f64,
    posterior_5: Option<f64>,
    posterior_95: Option<f64>,
}

/// Both figures of a calibration's folder.
pub(super) fn figures(folder: &Path) -> Result<Vec<Figure>> {
    Ok(vec![fit(folder)?, posterior(folder)?])
}

/// A panel a series: the model at the best point, the posterior around it, and the targets.
fn fit(folder: &Path) -> Result<Figure> {
    let path = folder.join("cells.csv");
    let cells: Vec<Cell> = Table::all(path.clone())?;
    let month = |cell: &Cell| {
        let first: std::result::Result<Date, _> = format!("{}-01", cell.month).parse();
        first.map_err(|_| Error::corrupt(&path, format!("found {:?} where a month is expected", cell.month)))
    };
    let months: Vec<Date> = cells.iter().map(month).collect::<Result<_>>()?;
    let mut x_axis = months.clone();
    x_axis.sort();
    x_axis.dedup();
    let mut panels: Vec<Panel> = Vec::new();
    for (cell, month) in cells.iter().zip(&months) {
        let title = format!("{}, million people", cell.series);
        let place = panels.iter().position(|panel| panel.title == title).unwrap_or(panels.len());
        if place == panels.len() {
            let none = || vec![f64::NAN; x_axis.len()];
            let bands = vec![(["posterior 5 %", "posterior 95 %"], [none(), none()])];
            let line = Line { name: String::new(), style: 0, values: none(), bands, published: Vec::new() };
            panels.push(Panel { title, lines: vec![line], vertical: Vertical::AsValues });
        }
        let line = &mut panels[place].lines[0];
        let Ok(day) = x_axis.binary_search(month) else { continue };
        line.values[day] = cell.model_mln;
        for (end, value) in line.bands[0].1.iter_mut().zip([cell.posterior_5, cell.posterior_95]) {
            end[day] = value.unwrap_or(f64::NAN);
        }
        line.published.push(Published { day, value: cell.target_mln, measured: cell.weight >= 1.0 });
    }
    // The scenario at the best point, which older folders may not have in a form that is read today.
    let marks = scenario::load(&folder.join("best.toml"), &[]).map(|best| Marks::of(&best)).unwrap_or_default();
    let chart = Chart { x_axis: XAxis::Days(x_axis), what: String::new(), panels, marks };
    Ok(Figure {
        name: "fit".into(),
        title: "The targets, the model at the best point, and 5 to 95 % of the posterior sample".into(),
        plot: Plot::Chart(chart),
    })
}

/// A row a parameter: where in its range the posterior lies, and the best point.
fn posterior(folder: &Path) -> Result<Figure> {
    let parameters: Vec<Parameter> = Table::all(folder.join("parameters.csv"))?;
    let range = |p: Parameter| Range {
        name: p.parameter,
        ends: [p.low, p.high],
        start: p.start,
        best: p.best,
        posterior: p.posterior_5.zip(p.posterior_95).map(|(low, high)| [low, high]),
    };
    Ok(Figure {
        name: "posterior".into(),
        title: "What the targets say about each parameter".into(),
        plot: Plot::Ranges(Ranges { ranges: parameters.into_iter().map(range).collect() }),
    })
}
