use super::design::{self, Design, MAX_HELD};
use super::factor::Factor;
use super::factor_value::FactorValue;
use super::file::{Seeds, SweepFile};
use super::interpret;
use super::shared::Shared;
use crate::engine::plan;
use crate::error::{Error, Result};
use crate::experiment::run::same_on_all;
use crate::experiment::{point_seed, replicate_seed};
use crate::measure::measure;
use crate::observe::ValueType;
use crate::peers::Peers;
use crate::scenario::{self, Scenario};
use crate::tables::{self, not_a_table};
use std::path::Path;

/// Points that are tried before anything is run.
const TRIED: u64 = 1000;

/// A sweep that was read and checked, with all it refers to.
#[derive(Clone, Debug)]
pub struct SweepPlan {
    /// The file as it is in the sweep's folder: with the scenario beside it, in which `set`, `users` and `until` are.
    pub file: SweepFile,
    /// The scenario without factors, up to the last day that an output looks at.
    pub scenario: Scenario,
    /// Its text.
    pub(super) text: String,
    design: Design,
    kinds: Vec<ValueType>,
}

/// What a sweep will take.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Needs {
    /// Runs side by side.
    pub at_a_time: usize,
    /// Threads of each.
    pub threads: usize,
    /// Memory of one run (bytes).
    pub bytes: u64,
    /// Time of one run (seconds), within a factor of two or three.
    pub seconds: f64,
}

impl SweepPlan {
    /// Reads a sweep file and all that it refers to. Fails with all problems at once ([`Error::is_invalid`]), or because a
    /// file cannot be read.
    pub fn read(path: &Path) -> Result<Self> {
        Self::read_with(path, &[], None)
    }

    /// The same with changes to the scenario at all points, as `--set` takes them, after those of the file; and with so many
    /// users, where given.
    pub fn read_with(path: &Path, set: &[String], users: Option<u64>) -> Result<Self> {
        let folder = path.parent().unwrap_or(Path::new(""));
        let mut file: SweepFile = scenario::read(path, |root, problems| interpret::check(root, folder, problems))?;
        let own = file.users.take();
        let mut options = interpret::options(&file.set, users.or(own), file.until.take());
        options.extend_from_slice(set);
        let mut scenario = scenario::load(&folder.join(&file.scenario), &options)?;
        if let Some(last) = file.outputs.iter().map(|output| output.last_day(&scenario)).max() {
            scenario.end = last;
        }
        if let Some((found, allowed)) = design::too_many(&file) {
            return Err(Error::invalid(format!("{}: found {found}; allowed {allowed}", path.display())));
        }
        let rows = match &file.file {
            Some(name) => read_list(&folder.join(name), &file.factors)?,
            None => Vec::new(),
        };
        file.scenario = "scenario.toml".into();
        file.set.clear();
        file.file = file.file.map(|_| "points.csv".into());
        for factor in &mut file.factors {
            factor.name = Some(factor.name().to_owned());
        }
        for output in &mut file.outputs {
            output.name = Some(output.name());
        }
        let kind =
            |(f, factor): (usize, &Factor)| factor.kind().unwrap_or_else(|| FactorValue::kind(rows.iter().map(|row| &row[f])));
        let kinds = file.factors.iter().enumerate().map(kind).collect();
        let text = scenario.to_toml()?;
        let design = Design::new(&file, rows);
        let plan = SweepPlan { file, scenario, text, design, kinds };
        plan.check(path)?;
        Ok(plan)
    }

    /// Tries points: each factor was tried alone.
    fn check(&self, path: &Path) -> Result<()> {
        let place = path.display();
        let points = self.design.points();
        if self.runs() > u64::from(u32::MAX) {
            let found = format!("{points} points, {} runs", self.runs());
            return Err(Error::invalid(format!("{place}: found {found}; allowed {} runs", u32::MAX)));
        }
        if points == 0 {
            return Err(Error::invalid(format!("{place}: found a design without a point; allowed at least one")));
        }
        let tried = points.min(TRIED);
        let problems: Vec<String> = (0..tried)
            .map(|k| (k * points / tried) as u32)
            .filter_map(|p| Some(format!("{place}: {}", self.scenario_at(p, 0).err()?)))
            .collect();
        if problems.is_empty() { Ok(()) } else { Err(Error::problems(problems, 0)) }
    }

    /// The points.
    pub fn design(&self) -> &Design {
        &self.design
    }

    /// Kinds of the factors' columns.
    pub(super) fn kinds(&self) -> &[ValueType] {
        &self.kinds
    }

    /// How many runs there are: points times replicates. Run `r` is replicate `r % replicates` of point `r / replicates`.
    pub fn runs(&self) -> u64 {
        self.design.points() * u64::from(self.file.replicates)
    }

    /// Point and replicate of run `r`.
    pub fn run(&self, r: u32) -> (u32, u32) {
        (r / self.file.replicates, r % self.file.replicates)
    }

    /// The number of a run.
    pub fn number(&self, point: u32, replicate: u32) -> u32 {
        point * self.file.replicates + replicate
    }

    /// The seed of a run.
    pub fn seed(&self, point: u32, replicate: u32) -> u64 {
        match self.file.seeds {
            Seeds::Common => replicate_seed(self.scenario.seed, replicate),
            Seeds::Independent => point_seed(self.scenario.seed, point, replicate),
        }
    }

    /// The scenario of a run. Fails where the point's values do not go together; the message names the point.
    pub fn scenario_at(&self, point: u32, replicate: u32) -> Result<Scenario> {
        let values = self.design.point(point);
        let options: Vec<String> =
            self.design.factors().iter().zip(&values).map(|(f, value)| format!("{}={value}", f.key)).collect();
        self.with(&options, self.seed(point, replicate)).map_err(|error| {
            let why = error.to_string();
            let why = why.lines().next().unwrap_or_default();
            Error::invalid(format!("point {point} ({}), of which: {why}", options.join(", ")))
        })
    }

    /// The scenario of the baseline under a seed.
    pub(super) fn baseline(&self, seed: u64) -> Result<Scenario> {
        self.with(self.file.baseline.as_deref().unwrap_or_default(), seed)
    }

    fn with(&self, options: &[String], seed: u64) -> Result<Scenario> {
        let mut scenario = scenario::parse_written(&self.text, "scenario.toml", options)?;
        scenario.seed = seed;
        Ok(scenario)
    }

    /// Refuses ranks of which one is of another build, or was given another sweep.
    pub(super) fn same_on_all(&self, peers: &Peers) -> Result<()> {
        same_on_all(peers, &format!("{}{}", super::folder::text(self)?, self.text))
    }

    /// Simulates; the outputs, NaN where there is none.
    pub(super) fn outputs(&self, shared: &Shared<'_>, scenario: Scenario) -> Result<Vec<f64>> {
        measure(&self.file.outputs, scenario, shared.stop, |scenario| shared.simulation(scenario))
    }

    /// Whether a baseline is needed.
    pub(super) fn compares(&self) -> bool {
        self.file.outputs.iter().any(|output| output.difference)
    }

    /// What it will take, with at most so many threads.
    ///
    /// Fails where not even one run fits into memory.
    pub fn needs(&self, threads: usize, runs: u64) -> Result<Needs> {
        self.needs_of_rank(1, threads, runs)
    }

    /// The same of each of so many ranks that compute every run together.
    pub fn needs_of_rank(&self, ranks: usize, threads: usize, runs: u64) -> Result<Needs> {
        // Points may differ in size; a few show how much.
        let points = self.design.points();
        let some = points.min(16);
        let mut largest = self.scenario_at(0, 0)?;
        for k in 1..some {
            let other = self.scenario_at((k * (points - 1) / (some - 1)) as u32, 0)?;
            let size = |s: &Scenario| plan::predicted_bytes(s, s.population.users, None);
            if size(&other) > size(&largest) {
                largest = other;
            }
        }
        let users = largest.population.users;
        let threads = self.file.max_threads.map_or(threads, |most| threads.min(most as usize)).max(1);
        let available = plan::available_bytes().unwrap_or(u64::MAX);
        let memory = self.file.max_memory.map_or(available, |gb| available.min((gb * 1e9) as u64));
        let bytes = plan::predicted_bytes_of_rank(&largest, users, ranks, Some(memory));
        if bytes > memory {
            return Err(Error::memory(bytes, memory, plan::most_users_of_ranks(&largest, ranks, memory)));
        }
        let [at_a_time, threads] = match ranks {
            1 => plan::side_by_side(&largest, runs, threads, memory),
            _ => [1, threads],
        };
        let seconds = plan::predicted_seconds(&largest, users, threads * ranks);
        Ok(Needs { at_a_time, threads, bytes, seconds })
    }
}

/// Points from a CSV file.
fn read_list(path: &Path, factors: &[Factor]) -> Result<Vec<Vec<FactorValue>>> {
    let place = path.display();
    let bad = |error| not_a_table(path, error);
    let mut reader = crate::files::open_table(path, &csv::ReaderBuilder::new()).map_err(bad)?;
    let header = reader.headers().map_err(bad)?.clone();
    let names: Vec<&str> = factors.iter().map(Factor::name).collect();
    let columns = tables::columns(path, &header, &names)?;
    let mut rows: Vec<Vec<FactorValue>> = Vec::new();
    let mut seen = std::collections::BTreeSet::new();
    let mut problems = Vec::new();
    for record in reader.records() {
        let record = record.map_err(bad)?;
        let row: Vec<FactorValue> = columns.iter().map(|&c| FactorValue::of_cell(record[c].trim())).collect();
        // 0.1 and 0.10 are one point.
        if !seen.insert(row.iter().map(FactorValue::plain).collect::<Vec<_>>()) {
            let line = record.position().map_or(0, csv::Position::line);
            problems.push(format!("{place}:{line}: found a point a second time; allowed each once (`replicates` repeats it)"));
        }
        if (rows.len() + 1) * factors.len().max(1) > MAX_HELD as usize {
            let line = record.position().map_or(0, csv::Position::line);
            return Err(Error::invalid(format!("{place}:{line}: found one more point; allowed {MAX_HELD} values in all")));
        }
        rows.push(row);
    }
    if problems.is_empty() { Ok(rows) } else { Err(Error::problems(problems, 0)) }
}
