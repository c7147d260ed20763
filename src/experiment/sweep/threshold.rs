//! Where the lead changes hands: the level of the first factor at which one output comes to exceed another, by bisection, for every
//! combination of the other factors and every seed by itself, so that the levels of one search are compared under the same draws.

use super::factor::Factor;
use super::plan::SweepPlan;
use super::remembered::Remembered;
use super::shared::{Recent, Shared};
use super::{FactorValue, Needs, outputs};
use crate::error::Result;
use crate::experiment::side_by_side;
use crate::experiment::statistics::Moments;
use crate::experiment::study::{Bar, Plot, Study, StudyFigure, StudyFolder, StudyLine, StudyTable, known};
use crate::measure::Output;
use crate::observe::{Field, ValueType};
use crate::storage::{Table, Value};
use std::path::Path;
use std::sync::atomic::AtomicBool;

/// What the searches of a sweep found.
#[derive(Clone, Debug, PartialEq)]
pub struct Thresholds {
    /// By combination of the other factors: its levels, and the searches of all seeds.
    pub rows: Vec<Searched>,
}

/// Levels of the factors that are not searched, and what the search of every seed found.
pub type Searched = (Vec<FactorValue>, Vec<TippingPoint>);

/// What a search found.
#[derive(Clone, Debug, PartialEq)]
pub struct TippingPoint {
    /// Seed of its runs.
    pub seed: u64,
    /// By how much the first output leads at the least and at the greatest level; NaN where it has no figure.
    pub leads: [f64; 2],
    /// Neighbouring levels between which the lead changes hands; `None` where it does not from the least to the greatest.
    pub between: Option<[FactorValue; 2]>,
    /// Runs that it took.
    pub runs: u32,
}

/// Columns of `searches.csv` before those of the other factors: a row per combination and seed.
pub const SEARCH_FIELDS: &[Field] = &[
    Field::plain("replicate", ValueType::Int, "Replicate."),
    Field::plain("seed", ValueType::Text, "Its seed."),
    Field::plain("lead_at_low", ValueType::Float(6), "By how much the first output leads at the least level."),
    Field::plain("lead_at_high", ValueType::Float(6), "The same at the greatest."),
    Field::plain("below", ValueType::Text, "Level below the threshold; empty where the lead does not change hands."),
    Field::plain("above", ValueType::Text, "Level above it."),
    Field::plain("runs", ValueType::Int, "Runs of the search."),
];

/// Columns of `thresholds.csv` before those of the other factors: a row per combination.
pub const THRESHOLD_FIELDS: &[Field] = &[
    Field::plain("threshold", ValueType::Float(6), "Mean over the seeds with a threshold; of days, days after the least level."),
    Field::plain("low", ValueType::Float(6), "Lower end of its 95 % interval (Student's t over seeds); empty with one."),
    Field::plain("high", ValueType::Float(6), "Upper end."),
    Field::plain("sd", ValueType::Float(6), "Standard deviation over seeds."),
    Field::plain("resolution", ValueType::Float(6), "Greatest distance between the levels that a search ended with."),
    Field::plain("crossings", ValueType::Int, "Seeds for which the lead changes hands."),
    Field::plain("seeds", ValueType::Int, "Seeds."),
];

impl SweepPlan {
    /// Combinations of the factors that are not searched.
    fn combinations(&self) -> u64 {
        let searched = self.file.search.as_ref().map_or(1, |search| u64::from(search.levels()));
        self.design().points() / searched
    }

    /// Takes a folder for the searches, with the sweep and its scenario, as [`Study::begin`]; `made` is the UTC time, RFC 3339.
    pub fn begin_search(&self, folder: &Path, force: bool, made: String) -> Result<StudyFolder> {
        let text = super::folder::text(self)?;
        self.study(made)?.begin(folder, force, &self.scenario, &[("sweep.toml", text)], &[])
    }

    /// The study of the searches without their results.
    fn study(&self, made: String) -> Result<Study> {
        Ok(Study { command: "exodus sweep sweep.toml".into(), ..Study::of(&self.scenario, made)? })
    }

    /// Searches: one for every combination and seed.
    pub fn searches(&self) -> u64 {
        self.combinations() * u64::from(self.file.replicates)
    }

    /// Runs; the most that there may be, where each search decides which come next.
    pub fn most_runs(&self) -> u64 {
        self.file.search.as_ref().map_or(self.runs(), |search| self.searches() * (u64::from(search.halvings) + 2))
    }
}

/// Searches all thresholds; `done` hears of every search that ends. Runs are remembered in the folder, so that what was interrupted is
/// resumed. `None` where `stop` was set before the last ended.
pub fn thresholds(
    plan: &SweepPlan,
    folder: &StudyFolder,
    needs: &Needs,
    stop: &AtomicBool,
    on_progress: &(dyn Fn() + Sync),
) -> Result<Option<Thresholds>> {
    let remembered = Remembered::open(folder.path(), plan)?;
    let starts = plan.file.factors.iter().any(|factor| factor.key.starts_with("intervention"));
    let shared = Shared::new(needs.at_a_time, starts, stop);
    let baselines = Recent::new(plan.file.replicates as usize);
    let combinations = plan.combinations() as u32;
    // One replicate after another: what its runs share is made once, and not kept for long.
    let searches: Vec<(u32, u32)> =
        (0..plan.file.replicates).flat_map(|replicate| (0..combinations).map(move |c| (replicate, c))).collect();
    let found = side_by_side(&searches, [needs.at_a_time, needs.threads], stop, |&(replicate, combination)| {
        // The last factor changes fastest: the searched one, the first, changes slowest.
        let point = |level: u32| level * combinations + combination;
        let found = search(plan, replicate, &point, &|point| {
            remembered.outputs(point, replicate, || outputs(plan, &shared, &baselines, point, replicate))
        })?;
        on_progress();
        Ok(found)
    })?;
    let Some(found) = found else { return Ok(None) };
    let row = |c: u32| {
        let of_all = (0..plan.file.replicates).map(|replicate| found[(replicate * combinations + c) as usize].clone());
        (plan.design().point(c)[1..].to_vec(), of_all.collect())
    };
    Ok(Some(Thresholds { rows: (0..combinations).map(row).collect() }))
}

/// Bisects the levels of the first factor.
fn search(
    plan: &SweepPlan,
    replicate: u32,
    point: &dyn Fn(u32) -> u32,
    run: &dyn Fn(u32) -> Result<Vec<f64>>,
) -> Result<TippingPoint> {
    let seed = plan.seed(point(0), replicate);
    let Some(search) = &plan.file.search else { return Ok(TippingPoint { seed, leads: [f64::NAN; 2], between: None, runs: 0 }) };
    let names: Vec<String> = plan.file.outputs.iter().map(|output| output.name()).collect();
    let place = |name: &str| names.iter().position(|other| other == name);
    let lead = |level: u32| -> Result<f64> {
        let outputs = run(point(level))?;
        let of = |name: &str| place(name).map_or(f64::NAN, |k| outputs[k]);
        Ok(of(&search.of) - search.over.as_deref().map_or(search.value.unwrap_or(f64::NAN), of))
    };
    let level = |k: u32| plan.design().point(point(k)).swap_remove(0);
    let (mut below, mut above) = (0, search.levels() - 1);
    let leads = [lead(below)?, lead(above)?];
    let mut runs = 2;
    if leads.iter().any(|x| x.is_nan()) || (leads[0] > 0.0) == (leads[1] > 0.0) {
        return Ok(TippingPoint { seed, leads, between: None, runs });
    }
    while above - below > 1 {
        let middle = below.midpoint(above);
        // Of days and whole numbers there may be fewer than levels.
        if [below, above].iter().any(|&k| level(k) == level(middle)) {
            break;
        }
        runs += 1;
        if (lead(middle)? > 0.0) == (leads[0] > 0.0) { below = middle } else { above = middle }
    }
    Ok(TippingPoint { seed, leads, between: Some([level(below), level(above)]), runs })
}

impl TippingPoint {
    /// Where the lead changes hands: the middle between both levels, and how far they are apart. Of days, days after the factor's
    /// least level. NaN where it does not.
    pub fn at(&self, factor: &Factor) -> [f64; 2] {
        let Some([below, above]) = &self.between else { return [f64::NAN; 2] };
        let number = |level: &FactorValue| match (level, &factor.low) {
            (FactorValue::Date(day), Some(FactorValue::Date(first))) => f64::from(first.days_until(*day)),
            _ => level.number().unwrap_or(f64::NAN),
        };
        let [a, b] = [number(below), number(above)];
        [if factor.log { (a * b).sqrt() } else { f64::midpoint(a, b) }, b - a]
    }
}

impl Thresholds {
    /// By combination: the thresholds of the seeds that have one, and the greatest distance between two levels.
    pub fn moments<'a>(&'a self, plan: &'a SweepPlan) -> impl Iterator<Item = (Moments, f64)> + 'a {
        let factor = &plan.file.factors[0];
        self.rows.iter().map(|(_, found)| {
            let at = || found.iter().map(|found| found.at(factor));
            (at().map(|[middle, _]| middle).collect(), at().map(|[_, apart]| apart).fold(f64::NAN, f64::max))
        })
    }

    /// Writes both tables, and what page and figures say, into the folder that [`SweepPlan::begin_search`] took; `made` is the UTC time,
    /// RFC 3339.
    pub fn write(&self, folder: &StudyFolder, plan: &SweepPlan, made: String) -> Result<()> {
        let study = self.study(plan, made)?;
        study.end(folder, |folder| {
            let tables = vec![self.thresholds_table(folder, plan)?, self.searches_table(folder, plan)?];
            // They are in the tables.
            Remembered::remove(folder)?;
            Ok(tables)
        })
    }

    fn thresholds_table(&self, folder: &Path, plan: &SweepPlan) -> Result<Table> {
        let mut table = Table::create(folder, "thresholds", THRESHOLD_FIELDS, &others(plan))?;
        for ((levels, found), (moments, apart)) in self.rows.iter().zip(self.moments(plan)) {
            let (mean, half) = (moments.mean(), moments.half_width());
            let numbers = [mean, mean - half, mean + half, moments.sd(), apart].map(Value::Float);
            let counts = [moments.n() as usize, found.len()].map(|n| Value::Int(n as i64));
            let levels: Vec<String> = levels.iter().map(ToString::to_string).collect();
            table.row(numbers.into_iter().chain(counts).chain(levels.iter().map(|level| Value::Text(level))))?;
        }
        Ok(table)
    }

    fn searches_table(&self, folder: &Path, plan: &SweepPlan) -> Result<Table> {
        let mut table = Table::create(folder, "searches", SEARCH_FIELDS, &others(plan))?;
        for (levels, found) in &self.rows {
            let levels: Vec<String> = levels.iter().map(ToString::to_string).collect();
            for (replicate, found) in found.iter().enumerate() {
                let seed = found.seed.to_string();
                let between = [0, 1].map(|end| found.between.as_ref().map_or(String::new(), |ends| ends[end].to_string()));
                let head = [Value::Int(replicate as i64), Value::Text(&seed)];
                let tail = [Value::Text(&between[0]), Value::Text(&between[1]), Value::Int(i64::from(found.runs))];
                let row = head.into_iter().chain(found.leads.map(Value::Float)).chain(tail);
                table.row(row.chain(levels.iter().map(|level| Value::Text(level))))?;
            }
        }
        Ok(table)
    }

    /// A row of the table in words, and what heads it.
    pub fn table(&self, plan: &SweepPlan) -> (Vec<String>, Vec<Vec<String>>) {
        let factor = &plan.file.factors[0];
        let said = |x: f64| match (x.is_nan(), &factor.low) {
            (true, _) => String::new(),
            (_, Some(FactorValue::Date(first))) => first.plus(x.round() as i32).to_string(),
            _ => format!("{x:.4}"),
        };
        let row = |((levels, found), (moments, _)): (&Searched, (Moments, f64))| {
            let (mean, half) = (moments.mean(), moments.half_width());
            let interval = if half.is_nan() { String::new() } else { format!("{} to {}", said(mean - half), said(mean + half)) };
            let who = |leads: bool| found.iter().filter(|f| f.between.is_none() && (f.leads[0] > 0.0) == leads).count();
            let throughout = match (who(true), who(false)) {
                (0, 0) => String::new(),
                (first, second) => format!("throughout: first {first}, other {second}"),
            };
            let crossings = format!("{} of {}", moments.n(), found.len());
            let name = if levels.is_empty() { "all".into() } else { named(plan, levels) };
            vec![name, said(mean), interval, crossings, throughout]
        };
        let head = ["Others", factor.title(), "95 % interval", "seeds", "no change of lead"].map(str::to_owned).to_vec();
        (head, self.rows.iter().zip(self.moments(plan)).map(row).collect())
    }

    fn study(&self, plan: &SweepPlan, made: String) -> Result<Study> {
        let file = &plan.file;
        let factor = &file.factors[0];
        let begun = plan.study(made)?;
        let Some(search) = &file.search else { return Ok(begun) };
        let called = |name: &str| file.outputs.iter().find(|o| o.name() == name).map_or_else(|| name.to_owned(), Output::title);
        let of = called(&search.of);
        let other = search.over.as_deref().map_or_else(|| search.value.unwrap_or(f64::NAN).to_string(), called);
        let unit = match factor.low {
            Some(FactorValue::Date(first)) => format!("days after {first}"),
            _ => factor.unit.clone().unwrap_or_default(),
        };
        let what = if unit.is_empty() { factor.title().to_owned() } else { format!("{} ({unit})", factor.title()) };
        let title = format!("Threshold: {what} at which {of} exceeds {other}");
        let text = "Mean over seeds, with its 95 % interval.".to_owned();
        let ends = |moments: &Moments, sign: f64| known(moments.mean() + sign * moments.half_width());
        let moments: Vec<Moments> = self.moments(plan).map(|(moments, _)| moments).collect();
        let plot = if file.factors.len() == 2 && self.rows.len() > 1 {
            let line = StudyLine {
                name: String::new(),
                values: moments.iter().map(|m| known(m.mean())).collect(),
                band: [-1.0, 1.0].map(|sign| moments.iter().map(|m| ends(m, sign)).collect()),
                points: Vec::new(),
            };
            let along = self.rows.iter().map(|(levels, _)| levels[0].to_string()).collect();
            Plot::Lines { unit: "number".into(), what: file.factors[1].title().to_owned(), along, lines: vec![line] }
        } else {
            let bar = |((levels, _), m): (&Searched, &Moments)| Bar {
                name: if levels.is_empty() { factor.title().to_owned() } else { named(plan, levels) },
                value: known(m.mean()),
                interval: [ends(m, -1.0), ends(m, 1.0)],
            };
            Plot::Bars { unit: "number".into(), bars: self.rows.iter().zip(&moments).map(bar).collect() }
        };
        let (head, rows) = self.table(plan);
        let runs: u32 = self.rows.iter().flat_map(|(_, found)| found).map(|found| found.runs).sum();
        Ok(Study {
            title: format!("{}: {what} at which {of} exceeds {other}", file.name),
            text: format!(
                "For each of {} seeds{} this study searches for the level of {} at which {of} comes to exceed {other}, by bisection of {} \
                 levels. The runs of a search have the same seed, so the change of lead is due to the level alone. {runs} runs. \
                 If the lead changes more than once, one of the changes is found.",
                file.replicates,
                if self.rows.len() > 1 {
                    format!(" and {} combinations of the other factors", self.rows.len())
                } else {
                    String::new()
                },
                factor.title(),
                search.levels(),
            ),
            numbers: StudyTable { note: format!("{title}. {text}"), head, rows },
            figures: vec![StudyFigure { name: "threshold".into(), title, text, plot }],
            ..begun
        })
    }
}

/// Columns of the factors that are not searched.
fn others(plan: &SweepPlan) -> Vec<(String, ValueType)> {
    plan.file.factors[1..].iter().map(|factor| (factor.name().to_owned(), ValueType::Text)).collect()
}

/// A combination in words.
fn named(plan: &SweepPlan, levels: &[FactorValue]) -> String {
    let parts = plan.file.factors[1..].iter().zip(levels).map(|(factor, level)| format!("{} {level}", factor.title()));
    parts.collect::<Vec<_>>().join(", ")
}
