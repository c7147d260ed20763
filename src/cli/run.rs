//! `exodus run`.

use super::common::{ScenarioArgs, bytes, grouped};
use super::{Failure, Outcome, print};
use exodus::Error;
use exodus::engine::plan;
use exodus::experiment::{Run, RunOptions, Status, replicate_seed};
use exodus::observe::{Of, events};
use exodus::scenario::{Date, Scenario};
use exodus::storage::{Manifest, run_id};
use indicatif::{ProgressBar, ProgressStyle};
use std::collections::BTreeMap;
use std::fmt::Write;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};

#[derive(Debug, clap::Args)]
pub(super) struct Args {
    #[command(flatten)]
    scenario: ScenarioArgs,
    /// Threads; they have no influence on results [default: all cores].
    #[arg(long)]
    threads: Option<usize>,
    /// Runs with different seeds, one after the other.
    #[arg(long, default_value_t = 1, value_name = "R")]
    replicates: u32,
    /// Run folder [default: results/<scenario>/<run id>].
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
    /// Overwrite a run that is in the folder.
    #[arg(long)]
    force: bool,
    /// No progress, no table.
    #[arg(long, short)]
    quiet: bool,
    /// Print the manifest as JSON on stdout instead of a table.
    #[arg(long)]
    json: bool,
    /// Say more: time by stage.
    #[arg(long, short)]
    verbose: bool,
}

/// Set by Ctrl-C and SIGTERM.
static STOP: AtomicBool = AtomicBool::new(false);

pub(super) fn run(args: Args) -> Outcome {
    let scenario = args.scenario.scenario()?;
    let users = scenario.population.users;
    let predicted = plan::check(&scenario, users)?;
    if !args.quiet {
        let available = plan::available_bytes().map(|free| format!(" of {} available", bytes(free))).unwrap_or_default();
        eprintln!(
            "{}: {} users, {} days, about {} of memory{available}",
            scenario.name,
            grouped(users),
            scenario.days(),
            bytes(predicted)
        );
    }
    // A second handler cannot be set; there is only this one.
    let _ = ctrlc::set_handler(|| STOP.store(true, Ordering::Relaxed));
    let pool = rayon::ThreadPoolBuilder::new().num_threads(args.threads.unwrap_or(0)).build();
    let pool = pool.map_err(|e| Error::invalid(format!("--threads: {e}")))?;
    for replicate in 0..args.replicates {
        let mut scenario = scenario.clone();
        scenario.seed = replicate_seed(scenario.seed, replicate);
        let now = jiff::Timestamp::now();
        let id = run_id(&now.strftime("%Y%m%dT%H%M%SZ").to_string(), &scenario)?;
        let folder = match &args.out {
            Some(out) if args.replicates == 1 => out.clone(),
            Some(out) => out.join(id),
            None => Path::new("results").join(&scenario.name).join(id),
        };
        let options = RunOptions { folder, force: args.force, predicted_bytes: predicted, started: seconds_of(now) };
        pool.install(|| one(&args, scenario, &options))?;
    }
    Ok(())
}

fn one(args: &Args, scenario: Scenario, options: &RunOptions) -> Outcome {
    let bar = progress(args, &scenario);
    bar.set_message("making the graph");
    bar.tick();
    let mut run = Run::begin(scenario, options)?;
    bar.set_message("");
    bar.reset();
    let mut table = Reach::new(run.simulation().scenario());
    while !run.simulation().finished() && !STOP.load(Ordering::Relaxed) {
        let tally = run.day()?.clone();
        table.day(run.simulation().day(), &Of::all(&tally, run.simulation().scenario()), run.simulation().date());
        bar.inc(1);
    }
    bar.finish_and_clear();
    let status = if run.simulation().finished() { Status::Finished } else { Status::Stopped };
    let (folder, scenario) = (run.folder().to_owned(), run.simulation().scenario().clone());
    let manifest = run.end(status, seconds_of(jiff::Timestamp::now()))?;
    if args.json {
        let text = serde_json::to_string_pretty(&manifest).map_err(|e| Error::corrupt("manifest", e.to_string()))?;
        print(&(text + "\n"))?;
    } else if !args.quiet {
        print(&summary(&scenario, &manifest, &table, &folder, args.verbose))?;
    }
    match status {
        Status::Finished => Ok(()),
        Status::Stopped => {
            eprintln!("stopped after {}; the days so far are in {}", scenario.date(manifest.ticks as i32 - 1), folder.display());
            Err(Failure::Interrupted)
        }
    }
}

fn progress(args: &Args, scenario: &Scenario) -> ProgressBar {
    if args.quiet {
        return ProgressBar::hidden();
    }
    // indicatif draws on stderr, and only where that is a terminal.
    let bar = ProgressBar::new(u64::from(scenario.days()));
    let style = ProgressStyle::with_template("{bar:30} day {pos}/{len}  {per_sec}, ETA {eta} {msg}");
    bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()));
    bar
}

/// Monthly reach on the days that the table at the end shows: the first, those of interventions, the last.
struct Reach {
    /// Interventions by day.
    marks: BTreeMap<i32, Vec<String>>,
    rows: Vec<(Date, String, Vec<f64>)>,
    last: i32,
}

impl Reach {
    fn new(scenario: &Scenario) -> Self {
        let mut marks: BTreeMap<i32, Vec<String>> = BTreeMap::new();
        let last = scenario.days() as i32 - 1;
        for event in events(scenario).iter().filter(|e| e.day > 0 && e.day < last && e.what.name() == "begins") {
            marks.entry(event.day).or_default().push(scenario.label(event.intervention));
        }
        Reach { marks, rows: Vec::new(), last }
    }

    fn day(&mut self, day: i32, all: &Of<'_>, date: Date) {
        let what = match day {
            0 => "start".to_owned(),
            _ if day == self.last => "end".to_owned(),
            _ => match self.marks.get(&day) {
                Some(labels) => labels.join(", "),
                None => return,
            },
        };
        self.rows.push((date, what, all.series().iter().map(|row| row.monthly_reach).collect()));
    }
}

fn summary(scenario: &Scenario, manifest: &Manifest, reach: &Reach, folder: &Path, verbose: bool) -> String {
    let largest = reach.rows.iter().flat_map(|(_, _, reach)| reach).fold(0.0f64, |a, &b| a.max(b));
    let (unit, scale) = match largest {
        x if x >= 1e6 => ("million people", 1e6),
        x if x >= 1e4 => ("thousand people", 1e3),
        _ => ("people", 1.0),
    };
    let mut text = format!("Monthly reach, {unit}\n");
    // Writing to a string cannot fail.
    let widths: Vec<usize> = scenario.messengers.iter().map(|m| m.name.chars().count().max(6) + 2).collect();
    let _ = write!(text, "{:<12}", "date");
    for (messenger, width) in scenario.messengers.iter().zip(&widths) {
        let _ = write!(text, "{:>width$}", messenger.name);
    }
    text.push('\n');
    for (date, what, reach) in &reach.rows {
        let _ = write!(text, "{:<12}", date.to_string());
        for (value, width) in reach.iter().zip(&widths) {
            let _ = write!(text, "{:>width$.2}", value / scale);
        }
        let _ = writeln!(text, "  {what}");
    }
    let _ =
        writeln!(text, "seed {}, {} users for {} people, {} ties", manifest.seed, manifest.users, manifest.people, manifest.ties);
    let _ = writeln!(text, "state {}", manifest.state_hash);
    let _ = writeln!(
        text,
        "{:.1} s: {:.1} M updates/s, {:.2} M reviews/s",
        manifest.seconds.total,
        manifest.user_updates_per_second / 1e6,
        manifest.reviews_per_second / 1e6
    );
    if verbose {
        let s = &manifest.seconds;
        let _ = writeln!(
            text,
            "graph {:.2} s, population {:.2} s, policy {:.2} s, reviews {:.2} s, commit {:.2} s, observe {:.2} s, output {:.2} s",
            s.graph, s.population, s.policy, s.reviews, s.commit, s.observe, s.output
        );
    }
    let _ = writeln!(text, "{}", folder.display());
    text
}

fn seconds_of(time: jiff::Timestamp) -> String {
    time.strftime("%Y-%m-%dT%H:%M:%SZ").to_string()
}
