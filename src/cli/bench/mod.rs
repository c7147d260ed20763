//! `exodus bench`: how fast this machine simulates, beside what its memory allows.
//!
//! The scenario is the one of Russia, built in, with a shorter start: two days of warm-up in which every user reviews and
//! 20 days of settling, instead of 50 and 60. Speed does not ask for a stationary start, only for one in which users
//! have made up their minds.

mod limits;
mod report;

use super::common::{self, bytes, grouped};
use super::{Outcome, print};
use crate::cli::streams::tell;
use exodus::engine::{Simulation, State, plan, row_type_of};
use exodus::experiment::statistics::median;
use exodus::graph;
use exodus::population::Population;
use exodus::scenario::{self, MAX_USERS, Scenario};
use exodus::storage::machine;
use exodus::storage::snapshot::{self, Metadata, Snapshot};
use exodus::{Error, Result, files};
use rayon::ThreadPool;
use report::{Copy, Disk, Graph, Machine, Report, Tick};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Instant;

const RUSSIA: &str = include_str!("../../../scenarios/russia.toml");

/// Sizes measured if none are asked for; behind them comes what fits into memory and the minute.
const SIZES: [u64; 2] = [1_000_000, 10_000_000];
/// The whole should take about this long (seconds).
const MINUTE: f64 = 60.0;
/// Days timed for each row, at least and at most, and how long they should take together (seconds).
const DAYS: [usize; 2] = [3, 20];
const ROW: f64 = 1.0;
/// States up to this size are written to disk (bytes).
const MOST_WRITTEN: u64 = 512 << 20;

#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Users, one or more numbers [default: 1 and 10 million, and what fits into memory and about a minute].
    #[arg(long, value_name = "N", value_delimiter = ',', value_parser = clap::value_parser!(u64).range(1..=MAX_USERS))]
    users: Vec<u64>,
    /// Threads, one or more numbers [default: 1, 2, 4 … all].
    #[arg(long, value_name = "T", value_delimiter = ',', value_parser = clap::value_parser!(u16).range(1..=1024))]
    threads: Vec<u16>,
    /// Mean number of ties of a user [default: the scenario's, 16].
    #[arg(long, value_name = "K")]
    degree: Option<f64>,
    /// Reviews a day of one user [default: the scenario's, 0.0714].
    #[arg(long, value_name = "P")]
    review_rate: Option<f64>,
    /// A million users only, and few days: a look, in some seconds.
    #[arg(long)]
    quick: bool,
    /// Print JSON instead of tables.
    #[arg(long)]
    json: bool,
    /// Write the JSON to a file too.
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
}

pub(super) fn run(args: Args) -> Outcome {
    let began = Instant::now();
    let cores = common::cores(None)?;
    let threads = if args.threads.is_empty() { doubled(cores) } else { args.threads.iter().map(|&t| t.into()).collect() };
    let pools = threads.iter().map(|&t| pool(t)).collect::<Result<Vec<_>>>()?;
    let most = pools.iter().max_by_key(|pool| pool.current_num_threads()).expect("one pool at least");
    let mut report = Report {
        exodus: env!("CARGO_PKG_VERSION").into(),
        git_commit: machine::BUILT[0].into(),
        rustc: machine::BUILT[1].into(),
        machine: Machine { cpu: machine::cpu(), cores, available_bytes: plan::available_bytes() },
        scenario: "russia".into(),
        rule: "portfolio".into(),
        ..Report::default()
    };
    for pool in &pools {
        let bytes_per_second = pool.install(|| limits::copy(if args.quick { 64 << 20 } else { 256 << 20 }))?;
        report.copy.push(Copy { threads: pool.current_num_threads(), bytes_per_second });
    }
    match &args.users[..] {
        [] => {
            let sizes = if args.quick { &SIZES[..1] } else { &SIZES[..] };
            for &users in sizes {
                if fits(&args, users)? {
                    measure(&args, users, &pools, most, &mut report)?;
                }
            }
            let left = MINUTE - began.elapsed().as_secs_f64();
            if !args.quick
                && let Some(users) = largest(&args, &report, left)?
            {
                measure(&args, users, &pools, most, &mut report)?;
            }
        }
        sizes => {
            for &users in sizes {
                plan::check(&scenario(&args, users)?, users)?;
                measure(&args, users, &pools, most, &mut report)?;
            }
        }
    }
    report.peak_rss_bytes = machine::peak_rss_bytes();
    report.seconds = began.elapsed().as_secs_f64();
    let json = serde_json::to_string_pretty(&report).map_err(|e| Error::corrupt("the report", e.to_string()))?;
    if let Some(path) = &args.out {
        files::write_text(path, &json)?;
    }
    print(&if args.json { json + "\n" } else { report.text() })?;
    Ok(())
}

/// 1, 2, 4 … and all.
fn doubled(cores: usize) -> Vec<usize> {
    let mut threads: Vec<usize> = std::iter::successors(Some(1), |t| Some(t * 2)).take_while(|&t| t < cores).collect();
    threads.push(cores);
    threads
}

fn pool(threads: usize) -> Result<ThreadPool> {
    exodus::experiment::threads::pool(threads)
}

/// The scenario that is simulated.
fn scenario(args: &Args, users: u64) -> Result<Scenario> {
    let mut changes = vec![
        format!("population.users={users}"),
        "model.warm_up_days=2".into(),
        "model.warm_up_rate=1".into(),
        "model.settle_days=20".into(),
    ];
    if let Some(degree) = args.degree {
        changes.push(format!("graph.mean_degree={degree}"));
    }
    if let Some(rate) = args.review_rate {
        changes.extend([format!("model.review_rate={rate}"), format!("model.shock_review_rate={rate}")]);
    }
    // The published figures lie beside the file, and the program is alone.
    let text: String = RUSSIA.split_inclusive('\n').filter(|line| !line.starts_with("targets = ")).collect();
    scenario::parse(&text, "scenarios/russia.toml", &changes)
}

/// Whether so many users fit into memory.
fn fits(args: &Args, users: u64) -> Result<bool> {
    let available = plan::available_bytes();
    let needed = plan::predicted_bytes(&scenario(args, users)?, users, available);
    let fits = available.is_none_or(|available| needed <= available);
    if !fits {
        tell!("{} users need about {} of memory, which is not there: left out", grouped(users), bytes(needed));
    }
    Ok(fits)
}

/// As many million users as fit into memory and, by the time the last size took, into `seconds`; none where that is not
/// at least half as many again as the last.
fn largest(args: &Args, report: &Report, seconds: f64) -> Result<Option<u64>> {
    let (Some(last), Some(available)) = (report.graphs.last(), plan::available_bytes()) else { return Ok(None) };
    let in_memory = plan::most_users(&scenario(args, last.users)?, available);
    let in_time = (last.users as f64 * seconds / last.all_seconds) as u64;
    let users = in_memory.min(in_time).min(MAX_USERS) / 1_000_000 * 1_000_000;
    if in_time < in_memory {
        tell!("about {} users would fit into memory; the minute decides: see --users", grouped(in_memory));
    }
    Ok((users >= last.users + last.users / 2).then_some(users))
}

/// All rows of one size.
fn measure(args: &Args, users: u64, pools: &[ThreadPool], most: &ThreadPool, report: &mut Report) -> Result<()> {
    let began = Instant::now();
    let scenario = scenario(args, users)?;
    let (degree, rate) = (scenario.graph.mean_degree, scenario.model.review_rate);
    tell!("{} users, mean degree {degree}, review rate {rate}", grouped(users));

    let start = Instant::now();
    let population = Population::new(&scenario, users as u32);
    let graph = most.install(|| graph::generate(&scenario.graph, &population))?;
    let seconds = start.elapsed().as_secs_f64();
    let mut row = Graph {
        users,
        mean_degree: graph.mean_degree(),
        threads: most.current_num_threads(),
        ties: graph.ties(),
        seconds,
        ties_per_second: graph.ties() as f64 / seconds,
        bytes_per_tie: graph.bytes() as f64 / graph.ties().max(1) as f64,
        all_seconds: 0.0,
    };
    let state_bytes = State::bytes_per_user(row_type_of(&scenario));
    let start = Instant::now();
    let mut simulation = most.install(|| Simulation::on_graph(scenario, Arc::new(graph)))?;
    row.all_seconds = start.elapsed().as_secs_f64();

    for pool in pools {
        let (days, counts) = pool.install(|| step(&mut simulation, if args.quick { ROW / 4.0 } else { ROW }))?;
        let day = median(days.iter().copied());
        let gather = pool.install(|| limits::gather(&simulation, rate));
        let per_second = |count: u64| count as f64 / days.len() as f64 / day;
        report.ticks.push(Tick {
            users,
            mean_degree: simulation.graph().mean_degree(),
            review_rate: rate,
            threads: pool.current_num_threads(),
            days: days.len(),
            day_seconds: day,
            updates_per_second: users as f64 / day,
            reviews_per_second: per_second(counts[0]),
            tie_reads_per_second: per_second(counts[1]),
            gather_limit: gather,
            share_of_limit: per_second(counts[1]) / gather,
            state_bytes_per_user: state_bytes as f64,
            graph_bytes_per_tie: row.bytes_per_tie,
            bytes_per_user: state_bytes as f64 + simulation.graph().bytes() as f64 / users as f64,
        });
    }
    if users * state_bytes <= MOST_WRITTEN {
        report.snapshots.push(write(&simulation, if args.quick { 1 } else { 7 })?);
    }
    row.all_seconds = began.elapsed().as_secs_f64();
    report.graphs.push(row);
    Ok(())
}

/// Steps through one day untimed, then some timed: the seconds of each; reviews and tie reads of all of them.
fn step(simulation: &mut Simulation, seconds: f64) -> Result<(Vec<f64>, [u64; 2])> {
    simulation.step()?;
    let counts = |simulation: &Simulation| [simulation.counters().review_count, simulation.counters().tie_reads];
    let before = counts(simulation);
    let mut days: Vec<f64> = Vec::new();
    while days.len() < DAYS[0] || days.len() < DAYS[1] && days.iter().sum::<f64>() < seconds {
        let start = Instant::now();
        simulation.step()?;
        days.push(start.elapsed().as_secs_f64());
    }
    let after = counts(simulation);
    Ok((days, [after[0] - before[0], after[1] - before[1]]))
}

/// Writes the state as a snapshot, and as many bytes plainly, in turn; opens the snapshot.
fn write(simulation: &Simulation, times: usize) -> Result<Disk> {
    let folder = tempfolder()?;
    let (path, plain) = (folder.0.join("bench.exo"), folder.0.join("plain"));
    let data = snapshot::state_columns(simulation.state());
    let metadata = Metadata { users: simulation.state().users(), day: simulation.day(), ..Metadata::default() };
    let (mut ours, mut plainly, mut opening) = (Vec::new(), Vec::new(), Vec::new());
    for _ in 0..times {
        let start = Instant::now();
        snapshot::write(&path, &metadata, &[], simulation.state().row_type(), &data)?;
        ours.push(start.elapsed().as_secs_f64());
        plainly.push(limits::write(&plain, &data.iter().map(|column| column.bytes).collect::<Vec<_>>())?);
        let start = Instant::now();
        Snapshot::open(&path)?;
        opening.push(start.elapsed().as_secs_f64());
        // Like the plain file: to take the place of an older one would cost more.
        std::fs::remove_file(&path).map_err(|e| Error::io(&path, "removing", e))?;
    }
    let (snapshot_seconds, plain_seconds) = (median(ours), median(plainly));
    Ok(Disk {
        users: simulation.state().users().into(),
        bytes: data.iter().map(|column| column.bytes.len() as u64).sum(),
        snapshot_seconds,
        plain_seconds,
        share_of_plain: plain_seconds / snapshot_seconds,
        open_seconds: median(opening),
    })
}

/// A folder that goes away with all that is in it.
struct TempFolder(PathBuf);

impl Drop for TempFolder {
    fn drop(&mut self) {
        // Nothing can be done about a folder that will not go.
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

/// Where runs go, so that it is the disk that snapshots meet.
fn tempfolder() -> Result<TempFolder> {
    let path = PathBuf::from("results").join(format!(".bench-{}", std::process::id()));
    std::fs::create_dir_all(&path).map_err(|e| Error::io(&path, "making the folder", e))?;
    Ok(TempFolder(path))
}
