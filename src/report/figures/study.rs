//! The figures of a study, as its manifest has them.

use super::bars::{Bar, Bars};
use super::chart::Chart;
use super::heat_map::HeatMap;
use super::marks::Marks;
use super::panel::{Line, Panel, Published, Vertical};
use super::x_axis::XAxis;
use super::{Figure, Plot};
use crate::error::Result;
use crate::experiment::study::{self, Study, StudyFigure, StudyLine};
use crate::scenario::{self, Date};
use std::path::Path;

pub(super) fn figures(folder: &Path) -> Result<Vec<Figure>> {
    let marks = Marks::of(&scenario::load_written(&folder.join("scenario.toml"), &[])?);
    Ok(Study::read(folder)?.figures.into_iter().map(|of| figure(of, &marks)).collect())
}

/// On paper people are in millions, shares in per cent.
fn scale(unit: &str) -> (f64, &'static str) {
    match unit {
        "people" => (1e-6, ", million people"),
        "share" => (100.0, " (%)"),
        _ => (1.0, ""),
    }
}

fn figure(StudyFigure { name, title, plot, .. }: StudyFigure, marks: &Marks) -> Figure {
    let number = |x: Option<f64>| x.unwrap_or(f64::NAN);
    let plot = match plot {
        study::Plot::Bars { unit, bars } => {
            let (scale, said) = scale(&unit);
            let bar = |bar: study::Bar| Bar {
                name: bar.name,
                value: number(bar.value) * scale,
                interval: bar.interval.map(|end| number(end) * scale),
            };
            Plot::Bars(Bars::longest_first(format!("{title}{said}"), bars.into_iter().map(bar).collect()))
        }
        study::Plot::Lines { unit, what, along, lines } => {
            let (scale, said) = scale(&unit);
            let line = |(style, line): (usize, StudyLine)| {
                let numbers = |values: Vec<Option<f64>>| values.into_iter().map(|x| number(x) * scale).collect::<Vec<_>>();
                let band = line.band.iter().all(|end| !end.is_empty());
                let points = line.points.iter();
                let published = points.map(|&(day, value)| Published { day, value: value * scale, measured: true }).collect();
                let bands = if band { vec![(["low", "high"], line.band.map(numbers))] } else { Vec::new() };
                Line { name: line.name, style, values: numbers(line.values), bands, published }
            };
            let lines: Vec<Line> = lines.into_iter().enumerate().map(line).collect();
            let panel = Panel { title: format!("{title}{said}"), lines, vertical: Vertical::FromZero };
            Plot::Chart(Chart { x_axis: places(along), what, panels: vec![panel], marks: marks.clone() })
        }
        study::Plot::Map { factors, levels, cells } => Plot::HeatMap(HeatMap {
            title: title.clone(),
            factors,
            levels,
            cells: cells.into_iter().map(|row| row.into_iter().map(number).collect()).collect(),
        }),
    };
    Figure { name, title, plot }
}

/// Days where all are, else numbers, else names.
fn places(along: Vec<String>) -> XAxis {
    if let Ok(days) = along.iter().map(|x| x.parse()).collect::<std::result::Result<Vec<Date>, _>>() {
        return XAxis::Days(days);
    }
    match along.iter().map(|x| x.parse()).collect::<std::result::Result<Vec<f64>, _>>() {
        Ok(numbers) => XAxis::Numbers(numbers),
        Err(_) => XAxis::Names(along),
    }
}
