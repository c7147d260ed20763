//! Flags that several verbs share: which scenario, and what is different about it.

use super::streams::tell;
use exodus::experiment::calibrate::Progress;
use exodus::peers::Peers;
use exodus::scenario::{self, Date, GraphKind, MAX_USERS, Origin as ValueOrigin, Scenario, ScenarioValue};
use exodus::storage::{Cache, Origin};
use exodus::{Error, Result};
use indicatif::{ProgressBar, ProgressStyle};
use std::path::PathBuf;

/// A scenario file and what the command line changes in it.
#[derive(Debug, clap::Args)]
pub(super) struct ScenarioArgs {
    /// The scenario file.
    #[arg(value_name = "SCENARIO.toml")]
    pub(super) path: PathBuf,
    /// Users to simulate, or `full`: as many as there are people.
    #[arg(long, value_name = "N|full")]
    users: Option<Users>,
    /// Change a key of the scenario; items of lists go by name, label or index. May be repeated.
    #[arg(long = "set", value_name = "path.to.key=value")]
    set: Vec<String>,
    /// Table of nodes by label, CSV or Parquet: their ages, regions, households, groups and messengers.
    #[arg(long, value_name = "FILE")]
    nodes: Option<PathBuf>,
    /// Seed of all random draws.
    #[arg(long, value_name = "S")]
    seed: Option<u64>,
    /// Last day to simulate, instead of the scenario's.
    #[arg(long, value_name = "DATE")]
    until: Option<Date>,
}

#[derive(Clone, Copy, Debug)]
enum Users {
    Number(u64),
    Full,
}

impl std::str::FromStr for Users {
    type Err = String;

    fn from_str(text: &str) -> std::result::Result<Self, String> {
        match text {
            "full" => Ok(Users::Full),
            _ => number_of_users(text).map(Users::Number).map_err(|error| format!("{error}, or `full`")),
        }
    }
}

/// A number of users, such as `1_000_000`.
pub(super) fn number_of_users(text: &str) -> std::result::Result<u64, String> {
    let digits: String = text.chars().filter(|&c| c != '_').collect();
    let number = digits.parse().ok().filter(|n| (1..=MAX_USERS).contains(n));
    number.ok_or_else(|| format!("found {text:?}; allowed a number from 1 to {MAX_USERS}"))
}

impl ScenarioArgs {
    /// The scenario as it is to be run.
    pub(super) fn scenario(&self) -> Result<Scenario> {
        Ok(self.read(&Peers::alone())?.0)
    }

    /// The same, with its values and where each comes from. Of several processes that read it the first warns.
    pub(super) fn read(&self, peers: &Peers) -> Result<(Scenario, Vec<ScenarioValue>)> {
        let (mut scenario, mut values) = match self.users {
            None => scenario::load_with_origins(&self.path, &self.set)?,
            // As an option, so that what depends on the number of users is checked, and filled in, for this one.
            Some(Users::Number(n)) => self.with_users(n)?,
            Some(Users::Full) => {
                let people = scenario::load(&self.path, &self.set)?.population.people;
                if people > MAX_USERS {
                    return Err(Error::invalid(format!(
                        "--users full: found {people} people; allowed at most {MAX_USERS} users"
                    )));
                }
                self.with_users(people)?
            }
        };
        if self.users.is_some() && scenario.graph.kind == GraphKind::File {
            return Err(Error::invalid(
                "--users: found with a graph from a file; it cannot be used there, as the file decides the number of users",
            ));
        }
        let mut changed = |key: &str, value: String| {
            for of in values.iter_mut().filter(|of| of.path == key) {
                *of = ScenarioValue { path: key.into(), value: value.clone(), origin: ValueOrigin::Set, mark: None };
            }
        };
        if let Some(nodes) = &self.nodes {
            let path = std::path::absolute(nodes).map_err(|e| Error::io(nodes, "opening", e))?.display().to_string();
            changed("graph.nodes", path.clone());
            scenario.graph.nodes = Some(path);
        }
        if let Some(seed) = self.seed {
            if i64::try_from(seed).is_err() {
                return Err(Error::invalid(format!("--seed: found {seed}; allowed 0 to {}", i64::MAX)));
            }
            changed("seed", seed.to_string());
            scenario.seed = seed;
        }
        // Before the run is cut short, which leaves things outside on purpose.
        if peers.is_first() {
            warn(scenario.warnings());
        }
        if let Some(until) = self.until {
            if until < scenario.start || until > scenario.end {
                let (start, end) = (scenario.start, scenario.end);
                return Err(Error::invalid(format!("--until: found {until}; allowed a day from {start} to {end}")));
            }
            changed("end", until.to_string());
            scenario.end = until;
        }
        Ok((scenario, values))
    }

    fn with_users(&self, users: u64) -> Result<(Scenario, Vec<ScenarioValue>)> {
        let option = format!("population.users={users}");
        scenario::load_with_origins(&self.path, &[&self.set[..], &[option]].concat())
    }
}

/// Says on stderr what is most likely a mistake: never about results, so quiet runs say it too.
pub(super) fn warn(warnings: impl IntoIterator<Item = String>) {
    let mut warnings = warnings.into_iter();
    for warning in warnings.by_ref().take(exodus::MOST_TOLD) {
        tell!("warning: {warning}");
    }
    match warnings.count() {
        0 => {}
        more => tell!("warning: and {more} more like these"),
    }
}

/// Says which days of `--snapshot-on` the run does not have: nothing will be kept of them.
pub(super) fn warn_of_snapshots(days: &[Date], scenario: &Scenario) {
    let (start, end) = (scenario.start, scenario.end);
    let outside = days.iter().filter(|day| **day < start || **day > end);
    warn(outside.map(|day| format!("--snapshot-on: found {day}: no snapshot is kept, as the run goes from {start} to {end}")));
}

/// Where large graphs and starts are kept.
#[derive(Clone, Debug, clap::Args)]
pub(super) struct CacheArgs {
    /// Folder in which large graphs and starts are kept, to be used again by later runs [default: the user's cache folder].
    #[arg(long, value_name = "DIR", alias = "graph-cache")]
    cache: Option<PathBuf>,
    /// Most gigabytes that these may take together; the least recently used are removed. 0 keeps none.
    #[arg(long, value_name = "GB", default_value_t = 16, alias = "graph-cache-limit")]
    cache_limit: u64,
}

impl CacheArgs {
    /// The cache, unless none is wanted or there is no folder for it.
    pub(super) fn cache(&self) -> Option<Cache> {
        let own = || Some(dirs::cache_dir()?.join("exodus").join("graphs"));
        let folder = self.cache.clone().or_else(own).filter(|_| self.cache_limit > 0)?;
        Some(Cache::new(folder, self.cache_limit.saturating_mul(1_000_000_000)))
    }
}

/// Says on stderr where a graph or a start came from, if it is worth a word.
pub(super) fn tell_origin(what: &str, origin: &Origin) {
    match origin {
        Origin::Made => {}
        Origin::Kept(path) => tell!("{what}: kept for later runs in {} (--cache-limit 0 keeps none)", path.display()),
        Origin::Reused(path) => tell!("{what}: from {}", path.display()),
        Origin::NotKept(error) => tell!("{what}: not kept for later runs: {error}"),
    }
}

/// Threads to use: as asked, or all cores. More threads than cores are slower; of many more, none would come to an end.
pub(super) fn cores(threads: Option<usize>) -> Result<usize> {
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let threads = threads.filter(|&n| n > 0).unwrap_or(cores);
    match threads {
        n if n > MOST_THREADS * cores => {
            let most = MOST_THREADS * cores;
            Err(Error::invalid(format!("--threads: found {n}; allowed at most {most}, {MOST_THREADS} for each of {cores} cores")))
        }
        n if n > cores => {
            warn([format!("--threads: found {n} for {cores} cores: more threads than cores are slower")]);
            Ok(n)
        }
        n => Ok(n),
    }
}

/// Most threads for each core.
const MOST_THREADS: usize = 4;

/// A bar of so many steps on stderr, where that is a terminal; `template` is indicatif's.
pub(super) fn bar(steps: u64, quiet: bool, template: &str) -> ProgressBar {
    let bar = if quiet { ProgressBar::hidden() } else { ProgressBar::new(steps) };
    bar.set_style(ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar()));
    bar
}

/// Shows on a bar which points of a calibration's stage have been evaluated.
pub(super) fn show_points(bar: &ProgressBar, progress: &Progress) {
    if bar.message() != progress.stage {
        bar.reset();
        bar.set_length(progress.of);
        bar.set_message(progress.stage);
    }
    bar.set_position(progress.evaluated);
}

/// A number and what is counted: `1 node`, `1,234 nodes`.
pub(super) fn counted(n: u64, one: &str) -> String {
    format!("{} {one}{}", grouped(n), if n == 1 { "" } else { "s" })
}

/// A number in groups of three digits, as pages have it: 1_234_567 as `1,234,567`.
pub(super) fn grouped(n: u64) -> String {
    let digits = n.to_string();
    let mut out = String::new();
    for (k, c) in digits.chars().enumerate() {
        if k > 0 && (digits.len() - k).is_multiple_of(3) {
            out.push(',');
        }
        out.push(c);
    }
    out
}

/// A table in columns as wide as their widest cell: the first to the left, the others to the right.
pub(super) fn columns(head: &[String], rows: &[Vec<String>]) -> String {
    let lines = || std::iter::once(head).chain(rows.iter().map(Vec::as_slice));
    let width = |k: usize| lines().filter_map(|line| line.get(k)).map(|cell| cell.chars().count()).max().unwrap_or(0);
    let widths: Vec<usize> = (0..head.len()).map(width).collect();
    let line = |line: &[String]| {
        let cell = |(k, (cell, width)): (usize, (&String, &usize))| {
            if k == 0 { format!("{cell:<width$}") } else { format!("  {cell:>width$}") }
        };
        let text: String = line.iter().zip(&widths).enumerate().map(cell).collect();
        text.trim_end().to_owned() + "\n"
    };
    lines().map(line).collect()
}

/// The unit to give numbers of people in, and how many people it is, where the largest number is `largest`.
pub(super) fn people_unit(largest: f64) -> (&'static str, f64) {
    match largest {
        x if x >= 1e6 => ("million people", 1e6),
        x if x >= 1e4 => ("thousand people", 1e3),
        _ => ("people", 1.0),
    }
}

/// Bytes in words: `1.2 GB`.
pub(super) fn bytes(n: u64) -> String {
    match n {
        0..1_000 => format!("{n} B"),
        1_000..1_000_000 => format!("{:.0} kB", n as f64 / 1e3),
        1_000_000..1_000_000_000 => format!("{:.0} MB", n as f64 / 1e6),
        _ => format!("{:.1} GB", n as f64 / 1e9),
    }
}

/// Seconds in words: `12 s`, `3 min`, `2.5 h`.
pub(super) fn duration(seconds: f64) -> String {
    match seconds {
        s if s < 1.0 => "under 1 s".into(),
        s if s < 90.0 => format!("{s:.0} s"),
        s if s < 5400.0 => format!("{:.0} min", s / 60.0),
        s => format!("{:.1} h", s / 3600.0),
    }
}
