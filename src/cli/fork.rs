//! `exodus fork`.

use super::common::{CacheArgs, counted};
use super::run::drive;
use super::session::{Printing, STOP, pool, progress, seconds_of};
use super::{Outcome, check, print, ranks, replicates};
use exodus::Error;
use exodus::experiment::replicates::{Branching, Plan, Replicates};
use exodus::experiment::{Run, RunOptions, check_fork};
use exodus::peers::Peers;
use exodus::scenario::{self, Date, MAX_BRANCH, Scenario, ScenarioValue};
use exodus::storage::{run_id, snapshot::Snapshot};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Start a new run from a snapshot, with another future.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "A fork may change name, title, end, branch, interventions from the day after the snapshot on, model (but for model.rule), \
observe.cohorts, observe.trace, and the messengers' rates; not start, seed, population, graph, or who the messengers are."
)]
pub(super) struct Args {
    /// The snapshot (`.exo`).
    snapshot: PathBuf,
    /// Change a key of the scenario. May be repeated.
    #[arg(long = "set", value_name = "path.to.key=value")]
    set: Vec<String>,
    /// A scenario to continue under, instead of the snapshot's.
    #[arg(long, value_name = "SCENARIO.toml")]
    scenario: Option<PathBuf>,
    /// Last day to simulate.
    #[arg(long, value_name = "DATE")]
    until: Option<Date>,
    /// Threads; they have no influence on results [default: all cores].
    #[arg(long)]
    threads: Option<usize>,
    /// Runs that branch from the snapshot, each with its own draws from then on; they go into one folder.
    #[arg(long, default_value_t = 1, value_name = "R", value_parser = clap::value_parser!(u32).range(1..=MAX_BRANCH as i64))]
    replicates: u32,
    /// Run folder [default: results/<scenario>/<run id>].
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
    /// Overwrite a run that is in the folder.
    #[arg(long)]
    force: bool,
    /// Print what would be simulated and what it takes, and do nothing.
    #[arg(long)]
    dry_run: bool,
    #[command(flatten)]
    cache: CacheArgs,
    #[command(flatten)]
    printing: Printing,
}

/// The snapshot, the scenario under which it continues, and of a scenario's file where its values come from.
fn asked_for(args: &Args) -> exodus::Result<(Snapshot, Scenario, Vec<ScenarioValue>)> {
    let snapshot = Snapshot::open(&args.snapshot)?;
    let (mut scenario, values) = match &args.scenario {
        Some(path) => {
            let (mut scenario, values) = scenario::load_with_origins(path, &args.set)?;
            scenario.population.users = u64::from(snapshot.metadata().users);
            (scenario, values)
        }
        None => (scenario::parse_written(&snapshot.metadata().scenario, &args.snapshot, &args.set)?, Vec::new()),
    };
    scenario.end = args.until.unwrap_or(scenario.end);
    Ok((snapshot, scenario, values))
}

/// Prints what the fork would be.
fn plan(args: &Args, snapshot: &Snapshot, scenario: Scenario, ranks: usize) -> Outcome {
    check_fork(snapshot, &scenario)?;
    let days = (snapshot.metadata().date.parse::<Date>().map_err(Error::invalid)?.plus(1), scenario.end);
    check::print_plan(&scenario, ranks as u32, args.printing.output.json, !args.printing.no_report)?;
    if !args.printing.output.json {
        print(&format!("{:<14} {} to {}, {}\n", "the fork", days.0, days.1, counted(args.replicates.into(), "run")))?;
    }
    Ok(())
}

pub(super) fn run(args: Args, peers: &Peers) -> Outcome {
    let (snapshot, scenario, values) = peers.agree(asked_for(&args))?;
    peers.agree(ranks::check(peers, scenario.population.users))?;
    if args.dry_run {
        return if peers.is_first() { plan(&args, &snapshot, scenario, peers.size()) } else { Ok(()) };
    }
    let now = jiff::Timestamp::now();
    let id = run_id(&now.strftime("%Y%m%dT%H%M%SZ").to_string(), &scenario)?;
    let folder = args.out.clone().unwrap_or_else(|| Path::new("results").join(&scenario.name).join(id));
    let printing = args.printing.of_rank(peers);
    if args.replicates > 1 {
        let absolute = std::path::absolute(&args.snapshot).map_err(|e| Error::io(&args.snapshot, "finding", e))?;
        let from = Branching { snapshot: absolute, state_hash: snapshot.metadata().state_hash.clone() };
        let plan = Plan { replicates: args.replicates, from: Some(from), ..Plan::default() };
        let replicates = Replicates::create(&folder, scenario, plan, args.force, peers)?;
        return replicates::run(&replicates, args.threads, printing);
    }
    let options = RunOptions {
        folder,
        force: args.force,
        report: !args.printing.no_report,
        values,
        started: seconds_of(now),
        cache: args.cache.cache(),
        stop: Arc::clone(&STOP),
        peers: peers.clone(),
        ..RunOptions::default()
    };
    let bar = progress(printing, u64::from(scenario.days()));
    pool(args.threads)?.install(|| drive(Run::fork(&snapshot, scenario, &options)?, &bar, printing))
}
