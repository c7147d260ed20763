//! Figures fit for print: SVG, PDF and PNG, the width of a journal's column, each with the data that it was drawn from.
//!
//! The same results give the same bytes, in every format.

mod axis;
mod bars;
mod calibration;
mod canvas;
mod chart;
mod colour_map;
mod days;
mod font;
mod heat_map;
mod joint;
mod marks;
mod panel;
mod parallel;
mod picture;
mod ranges;
mod scatter;
mod study;
mod style;
mod sweep;
mod x_axis;

use super::kind::{kind_of, kind_to_show, no_page};
use crate::error::Result;
use crate::experiment::Replicates;
use crate::experiment::compare::ComparisonManifest;
use crate::experiment::study::Study;
use crate::experiment::sweep::SweepManifest;
use crate::files;
use crate::scenario::Scenario;
use crate::storage::{FolderKind, Manifest};
use bars::Bars;
use chart::Chart;
use heat_map::HeatMap;
use parallel::Parallel;
use picture::Picture;
use ranges::Ranges;
use scatter::Scatter;
use std::fmt::Write;
use std::path::{Path, PathBuf};

/// What the program that draws takes, with its font (bytes).
const DRAWING: u64 = 2_000_000;

pub(crate) const MM_PER_POINT: f64 = 25.4 / 72.0;

/// How wide a figure is on paper, in millimetres: 40 to 400. 85 fits one column of most journals.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct FigureWidth(f64);

impl Default for FigureWidth {
    fn default() -> Self {
        FigureWidth(85.0)
    }
}

impl std::fmt::Display for FigureWidth {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}mm", self.0)
    }
}

impl std::str::FromStr for FigureWidth {
    type Err = String;

    fn from_str(text: &str) -> std::result::Result<Self, String> {
        let number = text.strip_suffix("mm").unwrap_or(text).trim().parse::<f64>();
        let width = number.ok().filter(|width| (40.0..=400.0).contains(width));
        width.map(FigureWidth).ok_or_else(|| format!("found {text:?}; allowed a width from 40mm to 400mm"))
    }
}

/// A figure that is still to be drawn.
struct Figure {
    name: String,
    title: String,
    plot: Plot,
}

/// The kinds of plot.
enum Plot {
    Chart(Chart),
    HeatMap(HeatMap),
    Parallel(Parallel),
    Scatter(Scatter),
    Bars(Bars),
    Ranges(Ranges),
}

impl Plot {
    fn draw(self, width: f64) -> Picture {
        match self {
            Plot::Chart(plot) => plot.draw(width),
            Plot::HeatMap(plot) => plot.draw(width),
            Plot::Parallel(plot) => plot.draw(width),
            Plot::Scatter(plot) => plot.draw(width),
            Plot::Bars(plot) => plot.draw(width),
            Plot::Ranges(plot) => plot.draw(width),
        }
    }
}

/// Draws all figures of a folder of a run, of replicates, of a sweep, of a comparison, of a calibration or of a study into `figures/` in it; returns the
/// files, none where a sweep has nothing that could be drawn. What is there under their names is replaced.
///
/// Fails where the folder holds no results, or cannot be written.
pub fn write_figures(folder: &Path, width: FigureWidth) -> Result<Vec<PathBuf>> {
    let figures = match kind_to_show(folder)? {
        FolderKind::Run => days::of_run(folder)?,
        FolderKind::Replicates => days::of_replicates(folder)?,
        FolderKind::Sweep => sweep::figures(folder)?,
        FolderKind::Comparison => days::of_comparison(folder)?,
        FolderKind::Calibration => calibration::figures(folder)?,
        FolderKind::Study => study::figures(folder)?,
        FolderKind::Validation => return Err(no_page(folder)),
    };
    if figures.is_empty() {
        return Ok(Vec::new());
    }
    let about = about(folder, width)?;
    let into = folder.join("figures");
    files::create_folder_in(folder, "figures")?;
    let mut readme =
        format!("{about}\n\nEach figure is there as SVG, PDF, PNG (600 dpi) and as the data it was drawn from (CSV).\n\n");
    let mut paths = Vec::new();
    for figure in figures {
        // Writing to a string cannot fail.
        let _ = writeln!(readme, "{}: {}", figure.name, figure.title);
        let picture = figure.plot.draw(width.0 / MM_PER_POINT);
        paths.extend(picture.write(&into, &figure.name, &figure.title, &about)?);
    }
    let path = into.join("README.txt");
    files::write_text(&path, &readme)?;
    paths.push(path);
    Ok(paths)
}

/// Bytes that drawing the figures of a run takes: the pixels of the tallest one, as they are drawn, without opacity, and packed.
pub(super) fn predicted_bytes(scenario: &Scenario) -> u64 {
    // The rest of the figure, and a line for each intervention that begins in the run, in points.
    let interventions = scenario.interventions.iter().filter(|i| i.from > scenario.start && i.from <= scenario.end).count();
    let height = 233.0 + 6.0 * interventions as f64;
    let pixels = height * FigureWidth::default().0 / MM_PER_POINT * (f64::from(picture::DPI) * MM_PER_POINT / 25.4).powi(2);
    (4 + 3 + 1) * pixels as u64 + DRAWING
}

/// What the figures show, and how to make them again; nothing in it differs between runs with equal results.
fn about(folder: &Path, width: FigureWidth) -> Result<String> {
    let again = format!("exodus report --figures --figure-width {width}");
    Ok(match kind_of(folder) {
        FolderKind::Run => {
            let Manifest { scenario_name, users, seed, state_hash, status, .. } = Manifest::read(folder)?;
            let state = if status == "finished" { format!("final state {state_hash}") } else { "not finished".into() };
            format!(
                "{scenario_name}, {users} users, seed {seed}, {state}. To make it again: exodus run scenario.toml --out FOLDER, \
                 then {again} FOLDER."
            )
        }
        FolderKind::Replicates => {
            let replicates = Replicates::open(folder)?;
            let (scenario, count) = (replicates.scenario(), replicates.count());
            format!(
                "{}, {} users, {count} replicates, seeds from {}. To make it again: exodus run scenario.toml --replicates {count} \
                 --out FOLDER, then {again} FOLDER.",
                scenario.name, scenario.population.users, scenario.seed
            )
        }
        FolderKind::Sweep => {
            let SweepManifest { name, scenario_name, users, seed, .. } = SweepManifest::read(folder)?;
            format!(
                "{name}: a sweep of {scenario_name}, {users} users, seeds from {seed}. To make it again: exodus sweep sweep.toml \
                 --out FOLDER, then {again} FOLDER."
            )
        }
        FolderKind::Comparison => {
            let ComparisonManifest { reference, others, .. } = ComparisonManifest::read(folder)?;
            let hashes: Vec<&str> = others.iter().map(|other| other.side.scenario_hash.as_str()).collect();
            format!(
                "Scenarios {} against {}, {} users. To make it again: exodus run reference.toml and the others, exodus compare with \
                 --out FOLDER, then {again} FOLDER.",
                hashes.join(", "),
                reference.scenario_hash,
                reference.users
            )
        }
        FolderKind::Validation => return Err(no_page(folder)),
        FolderKind::Study => {
            let Study { scenario: [name, hash], users, seed, command, .. } = Study::read(folder)?;
            format!(
                "{name}, hash {hash}, {users} users, seeds from {seed}. To make it again: {command} --out FOLDER, then {again} FOLDER."
            )
        }
        FolderKind::Calibration => {
            format!("A calibration. To make it again: exodus calibrate CALIBRATION.toml --out FOLDER, then {again} FOLDER.")
        }
    })
}
