//! Fitting a scenario's numbers to what was measured.
//!
//! A [`Plan`] (a calibration file and what it refers to) says which numbers are free; [`calibrate`] evaluates points, side by
//! side and with the same seeds at all of them, and leaves a folder of tables.

mod cma_es;
mod draws;
mod esmda;
mod evaluate;
mod file;
mod manifest;
mod measured;
mod month;
mod plan;
mod prior;
mod results;
mod screening;
mod targets;
mod watch;
mod worlds;

pub(crate) use draws::Sequence;
pub(crate) use esmda::{Data, moved, sample};
pub(crate) use evaluate::Evaluator;
pub use evaluate::{Evaluation, Point};
pub use file::{Calibration, CmaEs, Confirm, Ensemble, Esmda, Flag, Parameter, Score, Screening, Series, Setting, Take, Variant};
pub use manifest::CalibrationManifest;
pub use measured::Measured;
pub(crate) use month::{month_number, month_of};
pub use plan::{Part, Plan};
pub use prior::{Prior, Scale};
pub use results::Constraint;
pub use screening::Effect;
pub use targets::{Cell, Targets};
pub use watch::{Progress, Watch};
pub use worlds::{Checked, Worlds};

use crate::engine;
use crate::error::{Error, Result};
use crate::files::{self, Lock};
use crate::storage::{FolderKind, Inventory};
use std::path::Path;

/// What a calibration found.
#[derive(Clone, Debug, PartialEq)]
pub struct Fit {
    /// The point of least error, with the users of `confirm` where that is asked for.
    pub best: Evaluation,
    /// The point where the search began, likewise.
    pub start: Evaluation,
    /// Sample of the posterior; empty without the smoother.
    pub posterior: Vec<Evaluation>,
    /// Effects of the parameters; empty without screening.
    pub effects: Vec<Effect>,
    /// Points of near-equal error, the best of the search first.
    pub ensemble: Vec<Evaluation>,
    /// The variants at the best point.
    pub variants: Vec<Evaluation>,
}

/// Removes what a calibration found from its folder, so that the next one there begins with its first point; other files stay, and
/// where there is none nothing happens.
pub fn clear(folder: &Path) -> Result<()> {
    if FolderKind::of(folder) != Some(FolderKind::Calibration) {
        return Ok(());
    }
    let _lock = Lock::take(folder)?;
    Inventory::read(folder)?.remove(&[])?;
    // What is no result is not listed. The manifest stays, as by it the folder is known, and gives way to the next one's.
    ["evaluations.csv", "confirmations.csv"].iter().try_for_each(|name| files::remove(&folder.join(name)))
}

/// Calibrates, and writes the tables into a folder. Begun again in the same folder, it continues where it was.
///
/// `None` where the watch said stop.
pub fn calibrate(plan: &Plan, folder: &Path, watch: &Watch<'_>) -> Result<Option<Fit>> {
    let c = &plan.calibration;
    let most_users = c.users.max(c.confirm.as_ref().map_or(0, |confirm| confirm.users));
    let worlds = plan.worlds.iter().flat_map(|worlds| &worlds.patterns.worlds);
    std::iter::once(&plan.scenario).chain(worlds).try_for_each(|scenario| engine::plan::check(scenario, most_users).map(drop))?;
    // One that is there is resumed, whatever has changed of it.
    FolderKind::Calibration.check_place(folder, true)?;
    files::create_folder(folder)?;
    let _lock = Lock::take(folder)?;
    let mut manifest = CalibrationManifest::new(plan, folder)?;
    manifest.write(folder)?;

    watch.stage("making graphs", 0);
    let search = Evaluator::new(plan, watch, c.users, c.replicates, folder.join("evaluations.csv"));
    let Some(mut search) = Error::unless_stopped(search)? else { return Ok(None) };
    let start = Point { variant: None, values: c.parameters.iter().map(|p| p.start).collect() };
    if search.evaluate(std::slice::from_ref(&start))?.is_none() {
        return Ok(None);
    }
    let mut effects = Vec::new();
    if let Some(spec) = &c.screening {
        watch.stage("screening", spec.trajectories as usize * (c.parameters.len() + 1));
        match screening::effects(plan, spec, &mut search)? {
            Some(found) => effects = found,
            None => return Ok(None),
        }
    }
    let mut posterior = Vec::new();
    if let Some(spec) = &c.esmda {
        watch.stage("ESMDA", spec.members as usize * (spec.steps as usize + 1));
        // In all steps together the targets count once.
        match esmda::sample(plan, spec, &Data::of(plan, spec.noise_factor, |_| true), spec.steps, &mut search)? {
            Some(found) => posterior = found,
            None => return Ok(None),
        }
    }
    if let Some(spec) = &c.cma_es {
        let best = search.best().map_or(&start, |best| &best.point);
        let z: Vec<f64> = plan.priors.iter().zip(&best.values).map(|(prior, &value)| prior.z(value)).collect();
        let mut method = cma_es::CmaEs::new(&z, spec.step, spec.population, draws::Sequence::new(c.seed, 2));
        for generation in 0..spec.generations {
            let points = method.ask();
            if generation == 0 {
                watch.stage("CMA-ES", spec.generations as usize * points.len());
            }
            let asked: Vec<Point> = points.iter().map(|z| point(plan, z.as_slice())).collect();
            let Some(evaluations) = search.evaluate(&asked)? else { return Ok(None) };
            method.tell(&points, &evaluations.iter().map(|e| e.error).collect::<Vec<_>>());
        }
    }
    let Some(ensemble) = ensemble(plan, &search) else { return Ok(None) };

    // The best few again, with more users, or else by what the search found.
    let mut best_first: Vec<Point> = ranked(&search).into_iter().map(|e| e.point.clone()).collect();
    let mut larger = match &c.confirm {
        Some(spec) => {
            watch.stage("confirming", spec.candidates as usize + 1 + c.variants.len());
            best_first.truncate(spec.candidates as usize);
            let larger = Evaluator::new(plan, watch, spec.users, spec.replicates, folder.join("confirmations.csv"));
            let Some(larger) = Error::unless_stopped(larger)? else { return Ok(None) };
            Some(larger)
        }
        None => {
            watch.stage("variants", c.variants.len());
            best_first.truncate(1);
            None
        }
    };
    let last = larger.as_mut().unwrap_or(&mut search);
    best_first.push(start.clone());
    let Some(mut looked_at) = last.evaluate(&best_first)? else { return Ok(None) };
    let Some(start) = looked_at.last().cloned() else { return Ok(None) };
    looked_at.sort_by(|a, b| a.error.total_cmp(&b.error));
    let best = looked_at.swap_remove(0);
    let variants: Vec<Point> =
        (0..c.variants.len()).map(|v| Point { variant: Some(v), values: best.point.values.clone() }).collect();
    let Some(variants) = last.evaluate(&variants)? else { return Ok(None) };

    let found = Fit { best, start, posterior, effects, ensemble, variants };
    let mut written = results::write(plan, &found, folder)?;
    written.push(search.finish()?);
    if let Some(larger) = larger {
        written.push(larger.finish()?);
    }
    manifest.status = "finished".into();
    manifest.write(folder)?;
    Inventory::read(folder)?.record(&written)?;
    Ok(Some(found))
}

/// The point at standard normal numbers.
fn point(plan: &Plan, z: &[f64]) -> Point {
    Point { variant: None, values: plan.priors.iter().zip(z).map(|(prior, &z)| prior.value(z)).collect() }
}

/// Evaluations by error, the least first.
fn ranked<'a>(search: &'a Evaluator<'_>) -> Vec<&'a Evaluation> {
    let mut all: Vec<&Evaluation> = search.asked().collect();
    all.sort_by(|a, b| a.error.total_cmp(&b.error));
    all
}

/// The best point, and one after the other the point furthest from those chosen, among those of near-equal error.
/// Distance is in standard deviations of the prior.
fn ensemble(plan: &Plan, search: &Evaluator<'_>) -> Option<Vec<Evaluation>> {
    let spec = &plan.calibration.ensemble;
    let all = ranked(search);
    let most = all.first()?.error * (1.0 + spec.within);
    let z = |e: &Evaluation| -> Vec<f64> { plan.priors.iter().zip(&e.point.values).map(|(prior, &x)| prior.z(x)).collect() };
    let near: Vec<(&Evaluation, Vec<f64>)> = all.into_iter().filter(|e| e.error <= most).map(|e| (e, z(e))).collect();
    let apart = |a: &[f64], b: &[f64]| a.iter().zip(b).map(|(a, b)| (a - b) * (a - b)).sum::<f64>();
    let mut chosen = vec![0];
    while chosen.len() < spec.members as usize {
        let distance = |k: usize| chosen.iter().map(|&c| apart(&near[c].1, &near[k].1)).fold(f64::INFINITY, f64::min);
        let furthest = (0..near.len()).map(|k| (distance(k), k)).max_by(|a, b| a.0.total_cmp(&b.0));
        match furthest {
            Some((distance, k)) if distance > 0.0 => chosen.push(k),
            _ => break,
        }
    }
    Some(chosen.into_iter().map(|k| near[k].0.clone()).collect())
}
