//! Evaluations: points simulated side by side, each remembered in a file, so that none is made twice.
//!
//! A search that was killed is begun again: it asks for the same points in the same order, and what it had is answered
//! from the file.

use super::plan::{Part, Plan};
use super::watch::Watch;
use crate::engine::Simulation;
use crate::error::{Error, Result};
use crate::experiment::validate::Outputs;
use crate::experiment::{replicate_seed, side_by_side};
use crate::files::{self, Writer};
use crate::graph::Graph;
use crate::measure::{Output, curves_until, measure};
use crate::scenario::Scenario;
use crate::storage::networks;
use std::collections::BTreeMap;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use xxhash_rust::xxh3::xxh3_128;

/// What is simulated: values of the parameters, and what a variant changes besides.
#[derive(Clone, Debug, PartialEq)]
pub struct Point {
    /// Index of a variant.
    pub variant: Option<usize>,
    /// Values of the parameters, in their order.
    pub values: Vec<f64>,
}

/// A point and what came of it.
#[derive(Clone, Debug, PartialEq)]
pub struct Evaluation {
    /// The point.
    pub point: Point,
    /// Weighted error of all cells.
    pub error: f64,
    /// The model's figures, means over the replicates: for all cells (millions of people), then for all checks of other worlds.
    pub figures: Vec<f64>,
}

/// Evaluates points with so many users and seeds.
pub(crate) struct Evaluator<'a> {
    plan: &'a Plan,
    watch: &'a Watch<'a>,
    users: u64,
    /// Seeds and graphs for each replicate: of the scenario, and of other worlds in their order.
    replicates: Vec<Vec<(u64, Arc<Graph>)>>,
    path: PathBuf,
    /// Figures by point, as remembered.
    known: BTreeMap<String, Vec<f64>>,
    /// Points in the order in which they were asked for.
    asked: Vec<Evaluation>,
    growing: Mutex<Writer>,
}

impl<'a> Evaluator<'a> {
    /// Makes the graphs, and reads what the file at `path` remembers.
    pub(crate) fn new(plan: &'a Plan, watch: &'a Watch<'a>, users: u64, replicates: u32, path: PathBuf) -> Result<Self> {
        let worlds = plan.worlds.iter().flat_map(|worlds| &worlds.patterns.worlds);
        let scenarios: Vec<&Scenario> = std::iter::once(&plan.scenario).chain(worlds).collect();
        let seeds = (0..replicates).map(|replicate| {
            let graph = |scenario: &&Scenario| {
                let mut scenario = (*scenario).clone();
                scenario.population.users = users;
                scenario.seed = replicate_seed(scenario.seed, replicate);
                Ok((scenario.seed, Arc::new(networks::of_scenario_until(&scenario, watch.stop)?)))
            };
            scenarios.iter().map(graph).collect::<Result<_>>()
        });
        let replicates: Vec<_> = seeds.collect::<Result<_>>()?;
        let identity = identity(plan, users, replicates.len())?;
        let unfinished = path.with_extension("csv.part");
        let mut known = BTreeMap::new();
        for path in [&path, &unfinished] {
            remember(path, &identity, plan, &mut known)?;
        }
        let growing = open(&unfinished, &identity)?;
        Ok(Evaluator { plan, watch, users, replicates, path, known, asked: Vec::new(), growing: Mutex::new(growing) })
    }

    /// Evaluates points, in order; those that are remembered take no time. `None` where the watch said stop.
    pub(crate) fn evaluate(&mut self, points: &[Point]) -> Result<Option<Vec<Evaluation>>> {
        let mut new: Vec<&Point> = Vec::new();
        for point in points {
            if !self.known.contains_key(&key(point)) && !new.contains(&point) {
                new.push(point);
            }
        }
        self.watch.evaluated(points.len() - new.len());
        let tasks: Vec<(usize, usize)> = (0..new.len()).flat_map(|p| (0..self.replicates.len()).map(move |r| (p, r))).collect();
        // Figures of the points under way, by replicate.
        let under_way: Mutex<Vec<BTreeMap<usize, Vec<f64>>>> = Mutex::new(vec![BTreeMap::new(); new.len()]);
        let finished = side_by_side(&tasks, [self.watch.threads, 1], self.watch.stop, |&(p, r)| {
            let figures = self.simulate(new[p], r)?;
            let mut under_way = under_way.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
            under_way[p].insert(r, figures);
            if under_way[p].len() == self.replicates.len() {
                self.append(new[p], &mean(&under_way[p]))?;
                self.watch.evaluated(1);
            }
            Ok(())
        })?;
        let under_way = under_way.into_inner().unwrap_or_else(|poisoned| poisoned.into_inner());
        for (point, figures) in new.iter().zip(&under_way).filter(|(_, figures)| figures.len() == self.replicates.len()) {
            self.known.insert(key(point), mean(figures));
        }
        if finished.is_none() {
            return Ok(None);
        }
        let evaluations: Vec<Evaluation> = points.iter().filter_map(|point| self.recall(point)).collect();
        for evaluation in &evaluations {
            if !self.asked.iter().any(|old| old.point == evaluation.point) {
                self.asked.push(evaluation.clone());
            }
        }
        self.watch.found(self.asked.iter().map(|e| e.error).fold(f64::INFINITY, f64::min));
        Ok(Some(evaluations))
    }

    fn recall(&self, point: &Point) -> Option<Evaluation> {
        let figures = self.known.get(&key(point))?.clone();
        Some(Evaluation { point: point.clone(), error: self.plan.error(&figures, Part::All), figures })
    }

    /// One replicate of a point.
    fn simulate(&self, point: &Point, replicate: usize) -> Result<Vec<f64>> {
        let (plan, stop) = (self.plan, self.watch.stop);
        let begin = |mut scenario: Scenario, world: usize| {
            let (seed, graph) = &self.replicates[replicate][world];
            scenario.seed = *seed;
            scenario.population.users = self.users;
            Simulation::begin_until(scenario, graph.clone(), None, stop)
        };
        let scenario = plan.scenario_at(&point.values, plan.changes(point.variant, None))?;
        let mut figures = plan.targets.figures(&curves_until(begin(scenario, 0)?, stop)?);
        let Some(worlds) = &plan.worlds else { return Ok(figures) };
        let mut outputs = Outputs::new();
        for (k, world) in worlds.patterns.file.worlds.iter().enumerate() {
            let name = Some(worlds.name(k));
            let mut changes = plan.settings(&point.values, name);
            changes.extend_from_slice(plan.changes(point.variant, name));
            let scenario = worlds.patterns.scenario_at(k, &changes)?;
            let taken = measure(&world.outputs, scenario, stop, |scenario| begin(scenario, k + 1))?;
            outputs.extend(world.outputs.iter().map(Output::name).zip(taken));
        }
        figures.extend(worlds.figures(&outputs));
        Ok(figures)
    }

    /// All evaluations asked for so far, in the order of asking, without the variants.
    pub(super) fn asked(&self) -> impl Iterator<Item = &Evaluation> {
        self.asked.iter().filter(|evaluation| evaluation.point.variant.is_none())
    }

    /// The one of least error.
    pub(super) fn best(&self) -> Option<&Evaluation> {
        self.asked().min_by(|a, b| a.error.total_cmp(&b.error))
    }

    fn append(&self, point: &Point, figures: &[f64]) -> Result<()> {
        let mut line = self.record(point, figures);
        line.push('\n');
        let mut file = self.growing.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
        // In one piece and at once, so that a kill costs only what was under way.
        file.write_all(line.as_bytes()).and_then(|()| file.flush()).map_err(|e| Error::io(&self.path, "writing", e))
    }

    fn record(&self, point: &Point, figures: &[f64]) -> String {
        let variant = point.variant.map_or(String::new(), |v| v.to_string());
        let numbers = point.values.iter().chain(figures).map(f64::to_string);
        crate::tables::checked(&std::iter::once(variant).chain(numbers).collect::<Vec<_>>().join(","))
    }

    /// Writes the table of all that was asked for, in order, under its final name.
    pub(crate) fn finish(self) -> Result<PathBuf> {
        let mut text = format!("# {}\n{}\n", identity(self.plan, self.users, self.replicates.len())?, header(self.plan));
        for evaluation in &self.asked {
            text.push_str(&self.record(&evaluation.point, &evaluation.figures));
            text.push('\n');
        }
        files::write_text(&self.path, &text)?;
        files::remove(&self.path.with_extension("csv.part"))?;
        Ok(self.path)
    }
}

/// By which a point is known: its numbers in full.
fn key(point: &Point) -> String {
    format!("{:?} {:?}", point.variant, point.values)
}

fn mean(replicates: &BTreeMap<usize, Vec<f64>>) -> Vec<f64> {
    let cells = replicates.values().next().map_or(0, Vec::len);
    (0..cells).map(|k| replicates.values().map(|figures| figures[k]).sum::<f64>() / replicates.len() as f64).collect()
}

/// What evaluations depend on besides the point: the file is of no use to another scenario, or to other parameters.
fn identity(plan: &Plan, users: u64, replicates: usize) -> Result<String> {
    let c = &plan.calibration;
    let sets: Vec<_> = c.parameters.iter().map(|p| &p.sets).collect();
    let variants: Vec<_> = c.variants.iter().map(|v| (&v.world, &v.set)).collect();
    let cells: Vec<_> = plan.targets.cells.iter().map(|cell| (cell.month, cell.series)).collect();
    let series: Vec<_> = c.series.iter().map(|s| (&s.messenger, &s.column, s.take)).collect();
    let rest = format!("{users} {replicates} {} {sets:?} {variants:?} {cells:?} {series:?}", plan.scenario.seed);
    let text = format!("{} {rest} {}", plan.hash()?, env!("CARGO_PKG_VERSION"));
    Ok(format!("{:032x} {users} users, {replicates} seeds", xxh3_128(text.as_bytes())))
}

fn header(plan: &Plan) -> String {
    let names = plan.calibration.parameters.iter().map(|p| p.name.clone());
    let cells = plan.targets.cells.iter();
    let cells = cells.map(|cell| format!("{} {}", plan.calibration.series[cell.series].name, cell.month_name()));
    let worlds = plan.worlds.iter();
    let checks =
        worlds.flat_map(|worlds| worlds.checks.iter().map(|c| format!("{}: {}", worlds.name(c.world), worlds.text(c).name)));
    let columns = std::iter::once("variant".to_owned()).chain(names).chain(cells).chain(checks).chain(["check".to_owned()]);
    let mut writer = csv::Writer::from_writer(Vec::new());
    // Writing into memory cannot fail.
    let _ = writer.write_record(columns);
    String::from_utf8_lossy(&writer.into_inner().unwrap_or_default()).trim_end().to_owned()
}

/// Reads what a file remembers; nothing where there is none, or it is of something else.
fn remember(path: &Path, identity: &str, plan: &Plan, known: &mut BTreeMap<String, Vec<f64>>) -> Result<()> {
    let text = match files::read_text(path) {
        Ok(text) => text,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(()),
        Err(error) => return Err(Error::io(path, "reading", error)),
    };
    if text.lines().next() != Some(&format!("# {identity}")) {
        return Ok(());
    }
    let (parameters, values) = (plan.calibration.parameters.len(), plan.measured().count());
    // The last line may have been cut off by a kill.
    let whole = text.rfind('\n').map_or("", |end| &text[..end]);
    for line in whole.lines().skip(1) {
        // A damaged row is as good as none: its point is evaluated again.
        let Some((variant, rest)) = crate::tables::unchecked(line).and_then(|row| row.split_once(',')) else { continue };
        let numbers: Option<Vec<f64>> = rest.split(',').map(|cell| cell.parse().ok()).collect();
        // The header is of no interest.
        let Some(numbers) = numbers.filter(|numbers| numbers.len() == parameters + values) else { continue };
        let (values, figures) = numbers.split_at(parameters);
        known.insert(key(&Point { variant: variant.parse().ok(), values: values.to_vec() }), figures.to_vec());
    }
    Ok(())
}

/// The file that grows: what it has is kept if it is of the same thing, but for a line cut off.
fn open(path: &Path, identity: &str) -> Result<Writer> {
    let first = format!("# {identity}\n");
    let kept = files::read_text(path).ok().filter(|text| text.starts_with(&first));
    if let Some(end) = kept.and_then(|text| text.rfind('\n')) {
        return Writer::reopen(path, end as u64 + 1);
    }
    let mut file = Writer::create(path)?;
    file.write_all(first.as_bytes()).map_err(|e| Error::io(path, "writing", e))?;
    Ok(file)
}
