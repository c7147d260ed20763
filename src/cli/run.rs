//! `exodus run`.

use super::common::{CacheArgs, ScenarioArgs, bytes, counted, grouped, people_unit, tell_origin, warn_of_snapshots};
use super::live::{self, LiveArgs};
use super::session::{Printing, STOP, pool, progress, seconds_of, simulate};
use super::streams::tell;
use super::{Failure, Outcome, check, print, ranks, replicates, report};
use exodus::Error;
use exodus::engine::plan;
use exodus::experiment::replicates::{MAX_REPLICATES, Plan, Replicates};
use exodus::experiment::{Run, RunOptions, milestones};
use exodus::peers::Peers;
use exodus::report::predicted_bytes_of_rank;
use exodus::scenario::{Date, GraphKind, GraphMemory, Scenario};
use exodus::storage::{Curves, Manifest, run_id};
use indicatif::ProgressBar;
use std::fmt::Write;
use std::path::{Path, PathBuf};
use std::sync::Arc;

#[derive(Debug, clap::Args)]
pub(super) struct Args {
    #[command(flatten)]
    scenario: ScenarioArgs,
    /// Threads; they have no influence on results [default: all cores].
    #[arg(long)]
    threads: Option<usize>,
    /// Runs with different seeds, side by side where they are small; they go into one folder.
    #[arg(long, default_value_t = 1, value_name = "R", value_parser = clap::value_parser!(u32).range(1..=MAX_REPLICATES as i64))]
    replicates: u32,
    /// Run folder [default: results/<scenario>/<run id>].
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
    /// Overwrite a run that is in the folder.
    #[arg(long)]
    force: bool,
    /// Print what `exodus check` prints, and do nothing.
    #[arg(long)]
    dry_run: bool,
    /// Days between two checkpoints [default: one every ten minutes].
    #[arg(long, value_name = "DAYS")]
    checkpoint_every: Option<u32>,
    /// Keep a snapshot of the evening of a day; repeatable.
    #[arg(long, value_name = "DATE")]
    snapshot_on: Vec<Date>,
    #[command(flatten)]
    cache: CacheArgs,
    #[command(flatten)]
    live: LiveArgs,
    #[command(flatten)]
    printing: Printing,
}

pub(super) fn run(mut args: Args, peers: &Peers) -> Outcome {
    if args.dry_run {
        ranks::only_alone(peers, "--dry-run")?;
        return check::show(&args.scenario, 1, false, args.printing.output.json, !args.printing.no_report);
    }
    let core = args.live.core()?;
    if core.is_some() && args.replicates > 1 {
        return Err(Error::invalid("--live: found with --replicates; allowed with one run, as a page simulates one").into());
    }
    let (scenario, values) = peers.agree(args.scenario.read(peers))?;
    let report = !args.printing.no_report;
    args.printing = args.printing.of_rank(peers);
    if peers.is_first() {
        warn_of_snapshots(&args.snapshot_on, &scenario);
    }
    let users = scenario.population.users;
    peers.agree(ranks::check(peers, users).and_then(|()| plan::check_rank(&scenario, users, peers.size())))?;
    let predicted = predicted_bytes_of_rank(&scenario, users, peers.size(), plan::available_bytes(), report);
    if !args.printing.output.quiet {
        let available = plan::available_bytes().map(|free| format!(" of {} available", bytes(free))).unwrap_or_default();
        let memory = plan::graph_memory_of_rank(&scenario, users, peers.size(), plan::available_bytes());
        let each = if peers.is_alone() { String::new() } else { format!(" on each of {} ranks", peers.size()) };
        let packed = if memory == GraphMemory::Packed { ", with packed lists of contacts" } else { "" };
        let how_many =
            if scenario.graph.kind == GraphKind::File { "as many users as nodes".into() } else { counted(users, "user") };
        tell!(
            "{}: {how_many}, {} days, about {} of memory{each}{available}{packed}",
            scenario.name,
            scenario.days(),
            bytes(predicted)
        );
    }
    let now = jiff::Timestamp::now();
    let folder = match args.out {
        Some(out) => out,
        None => {
            let id = run_id(&now.strftime("%Y%m%dT%H%M%SZ").to_string(), &scenario)?;
            Path::new("results").join(&scenario.name).join(id)
        }
    };
    if args.replicates > 1 {
        let Args { replicates, checkpoint_every, snapshot_on, .. } = args;
        let plan = Plan { replicates, checkpoint_every, snapshot_on, from: None };
        let replicates = Replicates::create(&folder, scenario, plan, args.force, peers)?;
        return replicates::run(&replicates, args.threads, args.printing);
    }
    let options = RunOptions {
        folder,
        force: args.force,
        report,
        values,
        predicted_bytes: predicted,
        started: seconds_of(now),
        checkpoint_every: args.checkpoint_every,
        snapshot_on: args.snapshot_on,
        cache: args.cache.cache(),
        stop: Arc::clone(&STOP),
        peers: peers.clone(),
    };
    let bar = progress(args.printing, u64::from(scenario.days()));
    pool(args.threads)?.install(|| drive(Run::begin(scenario, &options)?, &bar, args.printing))?;
    let core = core.filter(|_| peers.is_first());
    Ok(core.map_or(Ok(()), |core| live::leave(&options.folder, &core))?)
}

/// Runs to the end, or until Ctrl-C; says how it went.
pub(super) fn drive(run: Run, bar: &ProgressBar, printing: Printing) -> Outcome {
    bar.set_message("");
    if !printing.output.quiet {
        bar.suspend(|| {
            tell_origin("graph", run.graph_origin());
            tell_origin("start", run.start_origin());
            let (simulation, settle_days) = (run.simulation(), run.simulation().scenario().model.settle_days);
            if let Some(drift) = simulation.start_drift() {
                let settled = simulation.settled_days();
                let further = if settled > settle_days {
                    format!("settled for {settled} days, not {settle_days}; ")
                } else {
                    String::new()
                };
                tell!("start: {further}{:.1} % of all use would move within a month if nothing were done", 100.0 * drift);
            }
        });
    }
    bar.reset();
    let scenario = run.simulation().scenario().clone();
    let (folder, is_first) = (run.folder().to_owned(), run.peers().is_first());
    let simulated = simulate(run, bar);
    bar.finish_and_clear();
    let mut manifest = simulated?;
    if manifest.status != "finished" {
        let date = scenario.date(manifest.ticks as i32 - 1);
        if is_first {
            tell!("stopped after {date}; to resume: exodus resume {}", folder.display());
        }
        return Err(Failure::Interrupted);
    }
    if !is_first {
        return Ok(());
    }
    // Of a run that is resumed, the first command's word counts too.
    if manifest.report && !printing.no_report {
        report::leave(&folder)?;
        manifest = Manifest::read(&folder)?;
    }
    if printing.output.json {
        let text = serde_json::to_string_pretty(&manifest).map_err(|e| Error::corrupt("manifest", e.to_string()))?;
        print(&(text + "\n"))?;
    } else if !printing.output.quiet {
        print(&summary(&scenario, &manifest, &Reach::read(&scenario, &folder)?, &folder, printing.verbose))?;
    }
    Ok(())
}

/// Monthly reach on the days that the table at the end shows: the first, those of interventions, the last.
struct Reach(Vec<(Date, String, Vec<f64>)>);

impl Reach {
    /// From the run's `series.csv`.
    fn read(scenario: &Scenario, folder: &Path) -> exodus::Result<Self> {
        let curves = Curves::read(folder)?;
        let reach: Vec<Vec<f64>> =
            curves.messengers().iter().filter_map(|messenger| curves.series("monthly_reach", messenger)).collect();
        let first = curves.dates().first().copied().unwrap_or(scenario.start);
        let rows = milestones(scenario, first).into_iter().filter_map(|(date, labels)| {
            let day = curves.index(date)?;
            Some((date, labels.join(", "), reach.iter().map(|r| r[day]).collect()))
        });
        Ok(Reach(rows.collect()))
    }
}

fn summary(scenario: &Scenario, manifest: &Manifest, reach: &Reach, folder: &Path, verbose: bool) -> String {
    let largest = reach.0.iter().flat_map(|(_, _, reach)| reach).fold(0.0f64, |a, &b| a.max(b));
    let (unit, scale) = people_unit(largest);
    let mut text = format!("Monthly reach, {unit}\n");
    // Writing to a string cannot fail.
    let widths: Vec<usize> = scenario.messengers.iter().map(|m| m.name.chars().count().max(6) + 2).collect();
    let _ = write!(text, "{:<12}", "date");
    for (messenger, width) in scenario.messengers.iter().zip(&widths) {
        let _ = write!(text, "{:>width$}", messenger.name);
    }
    text.push('\n');
    for (date, what, reach) in &reach.0 {
        let _ = write!(text, "{:<12}", date.to_string());
        for (value, width) in reach.iter().zip(&widths) {
            let _ = write!(text, "{:>width$.2}", value / scale);
        }
        let _ = writeln!(text, "  {what}");
    }
    let [users, people, ties] = [manifest.users, manifest.people, manifest.ties].map(grouped);
    let _ = writeln!(text, "seed {}, {users} users for {people} people, {ties} ties", manifest.seed);
    let panel = &manifest.panel_error;
    if u64::from(panel.audience_panel) < manifest.users {
        let most = panel.monthly_reach.values().fold(0.0f64, |a, &b| a.max(b)) / scale;
        let _ = writeln!(
            text,
            "reach from a panel of {} users: standard error at most {most:.2} {unit}",
            grouped(panel.audience_panel.into())
        );
    }
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
        if let Some(e) = &manifest.exchange {
            let mean = e.day_bytes / u64::from(e.days.max(1));
            let [mean, most, start, state] = [mean, e.most_bytes_of_a_day, e.start_bytes, e.state_bytes].map(bytes);
            let _ = writeln!(
                text,
                "{} ranks exchanged {mean} a day, {most} at most, in {:.2} s; {start} before the first day, {state} of states",
                e.ranks, e.seconds
            );
        }
    }
    let _ = writeln!(text, "{}", folder.display());
    text
}
