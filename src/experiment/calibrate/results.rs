//! The tables a calibration leaves.

use super::Fit;
use super::evaluate::Evaluation;
use super::file::rounded;
use super::measured::Measured;
use super::plan::{Part, Plan};
use super::worlds::Worlds;
use crate::error::{Error, Result};
use crate::experiment::statistics::{Moments, quantile};
use crate::files;
use std::path::{Component, Path, PathBuf};

/// A posterior at least so wide, as a share of the prior's width, says that the targets leave the parameter open.
const OPEN: f64 = 0.8;

/// What is known of a parameter after the calibration.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Constraint {
    /// Quantiles 5, 50 and 95 % of the posterior sample.
    pub quantiles: [f64; 3],
    /// Width of the posterior as a share of the prior's: standard deviations on the scale on which the prior is standard
    /// normal.
    pub width: f64,
}

impl Constraint {
    /// Whether the targets say something about the parameter.
    pub fn is_tight(&self) -> bool {
        self.width < OPEN
    }
}

impl Fit {
    /// Whether a folder has the tables of a finished calibration.
    pub fn is_here(folder: &Path) -> bool {
        folder.join("parameters.csv").exists()
    }

    /// What the posterior says of a parameter; `None` without a sample.
    pub fn constraint(&self, plan: &Plan, parameter: usize) -> Option<Constraint> {
        let mut values: Vec<f64> = self.posterior.iter().map(|e| e.point.values[parameter]).collect();
        if values.len() < 2 {
            return None;
        }
        values.sort_by(f64::total_cmp);
        let z: Moments = values.iter().map(|&x| plan.priors[parameter].z(x)).collect();
        Some(Constraint { quantiles: [0.05, 0.5, 0.95].map(|p| rounded(quantile(&values, p))), width: z.sd() })
    }
}

/// Writes all tables and the best point.
pub(super) fn write(plan: &Plan, found: &Fit, folder: &Path) -> Result<Vec<PathBuf>> {
    let c = &plan.calibration;
    let mut written = Vec::new();
    let mut table = |name: &str, rows: Vec<Vec<String>>| {
        written.push(folder.join(name));
        csv_file(&folder.join(name), rows)
    };
    table("cells.csv", cells(plan, found))?;
    if let Some(worlds) = &plan.worlds {
        table("worlds.csv", checks(plan, worlds, found))?;
    }
    table("error.csv", errors(plan, found))?;
    table("parameters.csv", parameters(plan, found))?;
    table("ensemble.csv", ensemble(plan, found))?;
    if !found.posterior.is_empty() {
        let head = std::iter::once("error".to_owned()).chain(c.parameters.iter().map(|p| p.name.clone())).collect();
        let rows =
            found.posterior.iter().map(|e| std::iter::once(e.error).chain(e.point.values.iter().copied()).map(short).collect());
        table("posterior.csv", std::iter::once(head).chain(rows).collect())?;
    }
    if !c.variants.is_empty() {
        table("variants.csv", variants(plan, found))?;
    }
    written.push(folder.join("best.toml"));
    best(plan, found, &folder.join("best.toml"))?;
    Ok(written)
}

/// The best point as a variation of the scenario, to be run.
fn best(plan: &Plan, found: &Fit, path: &Path) -> Result<()> {
    let scenario = plan.whole_scenario_at(&found.best.point.values, &[])?;
    let base = crate::scenario::load(&plan.scenario_path, &[])?;
    let text = scenario.variation(&base, &relative(path, &plan.scenario_path).display().to_string())?;
    files::write_text(
        path,
        &format!(
            "# Point of least weighted error, {:.3}; where the search began it is {:.3}.\n{text}",
            found.best.error, found.start.error
        ),
    )
}

/// Path of a file as seen from the folder of another.
pub(super) fn relative(from: &Path, to: &Path) -> PathBuf {
    let parts = |path: &Path| {
        std::path::absolute(path).map(|path| path.components().map(|c| c.as_os_str().to_owned()).collect::<Vec<_>>())
    };
    let (Ok(mut from), Ok(to)) = (parts(from), parts(to)) else { return to.to_owned() };
    from.pop();
    let common = from.iter().zip(&to).take_while(|(a, b)| a == b).count();
    let up = from[common..].iter().map(|_| Component::ParentDir.as_os_str().to_owned());
    up.chain(to[common..].iter().cloned()).collect()
}

fn cells(plan: &Plan, found: &Fit) -> Vec<Vec<String>> {
    let head = [
        "month",
        "series",
        "flag",
        "weight",
        "target_mln",
        "model_mln",
        "posterior_5",
        "posterior_95",
        "deviation_percent",
        "tolerance_mln",
        "hit",
    ];
    let rows = plan.targets.cells.iter().enumerate().map(|(k, cell)| {
        let figure = found.best.figures[k];
        let Measured { value, weight, .. } = cell.measured;
        let [low, high] = band(found, k);
        let deviation = if value > 0.0 { format!("{:.1}", 100.0 * (figure / value - 1.0)) } else { String::new() };
        vec![
            cell.month_name(),
            plan.calibration.series[cell.series].name.clone(),
            cell.flag.clone(),
            weight.to_string(),
            value.to_string(),
            short(figure),
            low,
            high,
            deviation,
            cell.measured.allowed.map_or(String::new(), |[_, most]| short(most - value)),
            word(cell.measured.hit(figure)),
        ]
    });
    headed(&head, rows)
}

/// What came out of the checks of other worlds.
fn checks(plan: &Plan, worlds: &Worlds, found: &Fit) -> Vec<Vec<String>> {
    let head = ["world", "check", "unit", "weight", "published", "low", "high", "model", "posterior_5", "posterior_95", "hit"];
    let first = plan.targets.cells.len();
    let rows = worlds.checks.iter().enumerate().map(|(k, checked)| {
        let (check, figure, measured) = (worlds.text(checked), found.best.figures[first + k], &checked.measured);
        let mut row = vec![worlds.name(checked.world).to_owned(), check.name.clone(), check.unit.clone()];
        row.extend([measured.weight, measured.value].map(|x| x.to_string()));
        row.extend(measured.allowed.map_or([String::new(), String::new()], |allowed| allowed.map(short)));
        row.push(short(figure));
        row.extend(band(found, first + k));
        row.push(word(measured.hit(figure)));
        row
    });
    headed(&head, rows)
}

/// 5 and 95 % of the posterior sample's figures; nothing without a sample.
fn band(found: &Fit, k: usize) -> [String; 2] {
    let mut sample: Vec<f64> = found.posterior.iter().map(|e| e.figures[k]).collect();
    sample.sort_by(f64::total_cmp);
    [0.05, 0.95].map(|p| if sample.is_empty() { String::new() } else { short(quantile(&sample, p)) })
}

fn word(hit: Option<bool>) -> String {
    hit.map_or("", |hit| if hit { "yes" } else { "no" }).to_owned()
}

/// The parts of the error, with their names: the series, then other worlds.
fn parts(plan: &Plan) -> Vec<(String, Part)> {
    let series = plan.calibration.series.iter().enumerate().map(|(k, series)| (series.name.clone(), Part::Series(k)));
    let worlds = plan.worlds.iter().flat_map(|w| (0..w.patterns.worlds.len()).map(|k| (w.name(k).to_owned(), Part::World(k))));
    series.chain(worlds).collect()
}

fn errors(plan: &Plan, found: &Fit) -> Vec<Vec<String>> {
    let row = |(name, part)| {
        let [hits, judged] = plan.hits(&found.best.figures, part);
        let [start, best] = [&found.start, &found.best].map(|e| short(plan.error(&e.figures, part)));
        vec![name, start, best, hits.to_string(), judged.to_string()]
    };
    let all = parts(plan).into_iter().chain([("all".to_owned(), Part::All)]);
    headed(&["series", "error_at_start", "error", "hits", "judged"], all.map(row))
}

fn parameters(plan: &Plan, found: &Fit) -> Vec<Vec<String>> {
    let head = [
        "parameter",
        "start",
        "best",
        "low",
        "high",
        "posterior_5",
        "posterior_50",
        "posterior_95",
        "posterior_width",
        "constrained",
        "effect",
        "effect_spread",
        "meaning",
    ];
    let rows = plan.calibration.parameters.iter().enumerate().map(|(k, parameter)| {
        let constraint = found.constraint(plan, k);
        let known = |f: &dyn Fn(super::results::Constraint) -> String| constraint.map(f).unwrap_or_default();
        let effect = found.effects.get(k);
        let mut row = vec![
            parameter.name.clone(),
            short(parameter.start),
            short(found.best.point.values[k]),
            short(parameter.low),
            short(parameter.high),
        ];
        row.extend((0..3).map(|q| known(&|c| short(c.quantiles[q]))));
        row.push(known(&|c| format!("{:.2}", c.width)));
        row.push(known(&|c| if c.is_tight() { "yes" } else { "no" }.into()));
        row.push(effect.map_or(String::new(), |e| short(e.mean_size)));
        row.push(effect.map_or(String::new(), |e| short(e.spread)));
        row.push(parameter.meaning.clone());
        row
    });
    headed(&head, rows)
}

/// A column for every key, a row for every member.
fn ensemble(plan: &Plan, found: &Fit) -> Vec<Vec<String>> {
    let settings = |e: &Evaluation| plan.settings(&e.point.values, None);
    let split = |setting: String, first: bool| {
        setting.rsplit_once('=').map(|(key, value)| if first { key } else { value }.to_owned()).unwrap_or_default()
    };
    let row = |e: &Evaluation, first: bool| settings(e).into_iter().map(|setting| split(setting, first)).collect();
    std::iter::once(row(&found.best, true)).chain(found.ensemble.iter().map(|e| row(e, false))).collect()
}

fn variants(plan: &Plan, found: &Fit) -> Vec<Vec<String>> {
    let parts = parts(plan);
    let row = |name: &str, e: &Evaluation| {
        let [hits, judged] = plan.hits(&e.figures, Part::All);
        let errors = parts.iter().map(|(_, part)| short(plan.error(&e.figures, *part)));
        [name.to_owned(), short(e.error), hits.to_string(), judged.to_string()].into_iter().chain(errors).collect()
    };
    let head: Vec<String> = ["variant", "error", "hits", "judged"]
        .into_iter()
        .map(str::to_owned)
        .chain(parts.iter().map(|(name, _)| name.clone()))
        .collect();
    let all = std::iter::once(row("as calibrated", &found.best));
    let rows = all.chain(plan.calibration.variants.iter().zip(&found.variants).map(|(variant, e)| row(&variant.name, e)));
    std::iter::once(head).chain(rows).collect()
}

fn headed(head: &[&str], rows: impl Iterator<Item = Vec<String>>) -> Vec<Vec<String>> {
    std::iter::once(head.iter().map(|name| (*name).to_owned()).collect()).chain(rows).collect()
}

fn short(x: f64) -> String {
    format!("{:.4}", x)
        .parse::<f64>()
        .map_or_else(|_| x.to_string(), |short| if short.abs() < 0.1 { rounded(x) } else { short }.to_string())
}

fn csv_file(path: &Path, rows: Vec<Vec<String>>) -> Result<()> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    let written = rows.iter().try_for_each(|row| writer.write_record(row));
    let text = written.map_err(|e| e.to_string()).and_then(|()| writer.into_inner().map_err(|e| e.to_string()));
    let bytes = text.map_err(|what| Error::corrupt(path, what))?;
    files::write_text(path, &String::from_utf8_lossy(&bytes))
}
