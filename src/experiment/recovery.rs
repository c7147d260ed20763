//! Whether a calibration finds again what is known: its method, fitted to what the model itself made.
//!
//! Simulation-based calibration (Talts et al. 2018, arXiv:1804.06788): numbers are drawn from the prior, the model's figures at these numbers, made
//! with other seeds and with errors of the assumed size, are taken for measured, and the smoother gives its posterior sample. Where
//! sample and errors are what they should be, the true number has any rank among the members with the same probability.

use super::calibrate::{Data, Evaluator, Plan, Point, Sequence, Watch, moved};
use crate::error::{Error, Result};
use crate::experiment::study::{Bar, Plot, Study, StudyFigure, StudyFolder, StudyLine, StudyTable};
use crate::observe::{Field, ValueType};
use crate::scenario::Scenario;
use crate::storage::{OutputFile, Table, Value};
use std::path::Path;

/// Columns of `ranks.csv`: a row per draw and parameter.
pub const RANK_FIELDS: &[Field] = &[
    Field::plain("draw", ValueType::Int, "Counted from 0."),
    Field::plain("parameter", ValueType::Text, "Free number of the calibration."),
    Field::plain("truth", ValueType::Float(6), "What it was."),
    Field::plain("rank", ValueType::Int, "Members of the posterior sample below it."),
    Field::plain("members", ValueType::Int, "Members of the sample."),
];

/// Where evaluations are remembered: of the search, and of the truths.
const EVALUATIONS: [&str; 2] = ["evaluations.csv", "truths.csv"];

/// The central intervals whose coverage is told.
const INTERVALS: [f64; 2] = [0.5, 0.9];

/// What was found of all draws.
#[derive(Clone, Debug, PartialEq)]
pub struct Recovery {
    /// Members of each sample.
    pub members: usize,
    /// By draw, then parameter: what it was, and how many members are below it.
    pub ranks: Vec<Vec<(f64, usize)>>,
}

impl Recovery {
    /// Ranks as shares, from 0 to 1, of a parameter or of all.
    fn shares(&self, parameter: Option<usize>) -> Vec<f64> {
        let of = |draw: &Vec<(f64, usize)>| -> Vec<f64> {
            let all = draw.iter().enumerate().filter(|(p, _)| parameter.is_none_or(|of| of == *p));
            all.map(|(_, (_, rank))| (*rank as f64 + 0.5) / (self.members as f64 + 1.0)).collect()
        };
        self.ranks.iter().flat_map(of).collect()
    }

    /// Shares of the true numbers in the central intervals of 50 and 90 %, of a parameter or of all.
    pub fn coverage(&self, parameter: Option<usize>) -> [f64; 2] {
        let shares = self.shares(parameter);
        INTERVALS.map(|p| shares.iter().filter(|share| (*share - 0.5).abs() <= p / 2.0).count() as f64 / shares.len() as f64)
    }
}

/// Takes a folder for the results, as [`Study::begin`], whose evaluations stay there; `made` is the UTC time, RFC 3339.
///
/// Fails where the calibration has no smoother.
pub fn begin(plan: &Plan, folder: &Path, force: bool, made: String) -> Result<StudyFolder> {
    if plan.calibration.esmda.is_none() {
        let place = plan.path.display();
        return Err(Error::invalid(format!("{place}: found no table `esmda`; allowed a calibration file with one")));
    }
    study(plan, made)?.begin(folder, force, &scenario(plan), &[], &EVALUATIONS)
}

/// The scenario as it is simulated.
fn scenario(plan: &Plan) -> Scenario {
    let mut scenario = plan.scenario.clone();
    scenario.population.users = plan.calibration.users;
    scenario
}

/// The study without its results.
fn study(plan: &Plan, made: String) -> Result<Study> {
    let file = plan.path.file_name().unwrap_or_default().to_string_lossy();
    Ok(Study { command: format!("exodus recover {file}"), ..Study::of(&scenario(plan), made)? })
}

/// Draws so many points and fits to each. `None` where the watch said stop; begun again in the folder, it continues.
pub fn recover(plan: &Plan, draws: u32, folder: &StudyFolder, watch: &Watch<'_>) -> Result<Option<Recovery>> {
    let c = &plan.calibration;
    let Some(spec) = &c.esmda else { return Ok(None) };
    crate::engine::plan::check(&plan.scenario, c.users)?;
    watch.stage("making graphs", 0);
    // Other people and other chance than the search has.
    let others = plan.with_other_seeds();
    let of = |plan, name| Error::unless_stopped(Evaluator::new(plan, watch, c.users, c.replicates, folder.path().join(name)));
    let [search, truths] = EVALUATIONS;
    let (Some(mut search), Some(mut truths)) = (of(plan, search)?, of(&others, truths)?) else { return Ok(None) };
    let mut random = Sequence::new(c.seed, 3);
    let mut point = || {
        let values = plan.priors.iter().map(|prior| prior.value(random.normal())).collect();
        Point { variant: None, values }
    };
    let points: Vec<Point> = (0..draws).map(|_| point()).collect();
    watch.stage("truths", points.len());
    let Some(truths_found) = truths.evaluate(&points)? else { return Ok(None) };
    truths.finish()?;
    let members = spec.members as usize;
    // The first sample, of the prior, is that of all draws.
    watch.stage("fits", members * (1 + draws as usize * (spec.steps as usize - 1)));
    let mut found = Recovery { members, ranks: Vec::new() };
    for (draw, truth) in truths_found.iter().enumerate() {
        let mut errors = Sequence::new(c.seed, 4 + draw as u64);
        let mut data = Data::of(plan, spec.noise_factor, |_| true);
        data.measure(&truth.figures, || errors.normal());
        let Some(sample) = moved(plan, spec, &data, spec.steps, &mut search, Some(errors))? else { return Ok(None) };
        let rank = |(p, value): (usize, &f64)| (*value, sample.iter().filter(|member| member.values[p] < *value).count());
        found.ranks.push(truth.point.values.iter().enumerate().map(rank).collect());
    }
    search.finish()?;
    Ok(Some(found))
}

impl Recovery {
    /// Writes the results into the folder that [`begin`] took; `made` is the UTC time, RFC 3339.
    pub fn write(&self, folder: &StudyFolder, plan: &Plan, made: String) -> Result<()> {
        let mut study = self.study(plan, made)?;
        for name in EVALUATIONS {
            study.files.push(OutputFile::of(folder.path(), name)?);
        }
        study.end(folder, |folder| {
            let mut table = Table::create(folder, "ranks", RANK_FIELDS, &[])?;
            for (draw, of_draw) in self.ranks.iter().enumerate() {
                for (parameter, (truth, rank)) in plan.calibration.parameters.iter().zip(of_draw) {
                    let counts = [*rank, self.members].map(|n| Value::Int(n as i64));
                    let head = [Value::Int(draw as i64), Value::Text(&parameter.name), Value::Float(*truth)];
                    table.row(head.into_iter().chain(counts))?;
                }
            }
            Ok(vec![table])
        })
    }

    /// What is said of every parameter, in words; and what heads it.
    pub fn table(&self, plan: &Plan) -> (Vec<String>, Vec<Vec<String>>) {
        let row = |name: &str, parameter| {
            let percent = self.coverage(parameter).map(|x| format!("{:.0} %", 100.0 * x));
            let shares = self.shares(parameter);
            let mean = shares.iter().sum::<f64>() / shares.len() as f64;
            [name.to_owned()].into_iter().chain(percent).chain([format!("{mean:.2}")]).collect()
        };
        let parameters = plan.calibration.parameters.iter().enumerate().map(|(k, parameter)| row(&parameter.name, Some(k)));
        let head = ["Parameter", "in 50 %", "in 90 %", "mean rank"].map(str::to_owned).to_vec();
        (head, parameters.chain([row("all", None)]).collect())
    }

    fn study(&self, plan: &Plan, made: String) -> Result<Study> {
        const BINS: usize = 10;
        let name = plan.path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        let (head, rows) = self.table(plan);
        let shares = self.shares(None);
        let in_bin = |bin: usize| shares.iter().filter(|share| ((*share * BINS as f64) as usize).min(BINS - 1) == bin).count();
        let ranks = StudyFigure {
            name: "ranks".into(),
            title: "Where true numbers lie in the posterior".into(),
            text: "Share of the true numbers, of all parameters and draws, by their rank among the members; where the posterior is right, each share is a \
                   tenth. High at both ends: the posterior is too narrow; high in the middle: too wide."
                .into(),
            plot: Plot::Lines {
                unit: "share".into(),
                what: "rank".into(),
                along: (0..BINS).map(|bin| format!("{:.2}", (bin as f64 + 0.5) / BINS as f64)).collect(),
                lines: vec![StudyLine {
                    name: "all parameters".into(),
                    values: (0..BINS).map(|bin| Some(in_bin(bin) as f64 / shares.len().max(1) as f64)).collect(),
                    band: Default::default(),
                    points: Vec::new(),
                }],
            },
        };
        let bar = |(k, parameter): (usize, &super::calibrate::Parameter)| Bar {
            name: parameter.name.clone(),
            value: Some(self.coverage(Some(k))[1]),
            interval: [None; 2],
        };
        let coverage = StudyFigure {
            name: "coverage".into(),
            title: "True numbers in the interval of 90 %".into(),
            text: format!(
                "Share of {} draws in which the central interval of 90 % of the posterior holds the true number.",
                self.ranks.len()
            ),
            plot: Plot::Bars { unit: "share".into(), bars: plan.calibration.parameters.iter().enumerate().map(bar).collect() },
        };
        Ok(Study {
            title: format!("{name}: are known numbers found again?"),
            text: format!(
                "{} points drawn from the prior; what the model makes of each, with other people, other chance and errors of the assumed size, is \
                 fitted to by the smoother ({} members) as if it were measured (simulation-based calibration). Where the posterior is right, half of the true \
                 numbers lie in its central 50 % and nine tenths in its 90 %.",
                self.ranks.len(),
                self.members
            ),
            numbers: StudyTable {
                note: "Coverage by parameter, and the mean rank, which is 0.5 without bias.".into(),
                head,
                rows,
            },
            figures: vec![ranks, coverage],
            ..study(plan, made)?
        })
    }
}
