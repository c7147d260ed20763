//! The commands, one file a verb: the only place that prints, reads arguments and exits.

mod bench;
mod calibrate;
mod check;
mod common;
mod compare;
mod completions;
mod fork;
mod graph;
mod live;
mod new;
mod ranks;
mod recover;
mod replicates;
mod report;
mod resilience;
mod resume;
mod run;
mod score;
mod sensitivity;
mod session;
mod snapshot;
mod streams;
mod sweep;
mod validate;
mod verify;
mod watch;

use clap::{CommandFactory, Parser, Subcommand};
use exodus::peers::Peers;
use ranks::Among;
use std::ffi::OsString;
use std::path::PathBuf;
use std::process::ExitCode;
use streams::{print, tell};

/// Who moves when an app is taken away: an agent-based simulator of messenger choice.
#[derive(Debug, Parser)]
#[command(name = "exodus", version, propagate_version = true, max_term_width = 110)]
struct Cli {
    #[command(subcommand)]
    verb: Option<Verb>,
}

/// What `exodus` alone prints.
const FIRST_STEPS: &str = "\
exodus simulates how people choose among messengers when some are blocked, slowed or promoted.

Five commands to start with:
  exodus new my-scenario           write a commented scenario, my-scenario.toml
  exodus check my-scenario.toml    find every error in it; predict memory and run time
  exodus run my-scenario.toml      simulate it; results, report.html and figures go into results/
  exodus compare RUN RUN           how two runs differ, with intervals
  exodus sweep SWEEP.toml          run it many times with other values

All commands: exodus help. Of one command: exodus help run.
";

#[derive(Debug, Subcommand)]
enum Verb {
    /// Simulate a scenario; write tables, figures and a page into a run folder.
    Run(run::Args),
    /// Resume a run, replicates, a sweep or a calibration that was stopped or killed; the results are those of an uninterrupted one.
    Resume(resume::Args),
    /// Check a folder of results against its manifest, and report what differs.
    Verify(verify::Args),
    /// Start a new run from a snapshot, with another future.
    Fork(fork::Args),
    /// Compare runs of the same seeds: differences with intervals, and who moved.
    Compare(compare::Args),
    /// Compute which factors the outputs of a finished sweep depend on.
    Sensitivity(sensitivity::Args),
    /// Regenerate the page of a folder of results, or its figures for print.
    Report(report::Args),
    /// Follow a run in the terminal: curves, speed, time left, last checkpoint.
    Watch(watch::Args),
    /// Describe, export or verify a snapshot.
    Snapshot(snapshot::Args),
    /// Simulate a scenario at many points of a design; write a table of outputs.
    Sweep(sweep::Args),
    /// Fit a scenario's parameters to a table of observed values.
    Calibrate(calibrate::Args),
    /// Test a scenario against published patterns, value by value: pass or fail.
    Validate(validate::Args),
    /// Score forecasts: fit to what was measured up to several months, and compare the forecasts with what was measured afterwards.
    Score(score::Args),
    /// Check a calibration: fit it to what the model itself made, and see whether the known numbers are found again.
    Recover(recover::Args),
    /// Take away each messenger, the two largest together, and VPNs: who is cut off, for how long, and where they go.
    Resilience(resilience::Args),
    /// Check a scenario; print predicted memory, graph size and run time. Nothing is simulated.
    Check(check::Args),
    /// Write a commented scenario to start from.
    New(new::Args),
    /// Make, describe, read and write social graphs.
    Graph(graph::Args),
    /// Measure how fast this machine simulates and what its memory allows; takes about a minute.
    Bench(bench::Args),
    /// Print shell completions.
    Completions(completions::Args),
    /// Print the manual page of the program or of a command.
    Man(completions::ManArgs),
}

/// Why a verb ended without success.
enum Failure {
    /// A message and the exit code it deserves.
    Error(exodus::Error),
    /// Stopped by Ctrl-C; everything has been said.
    Interrupted,
}

impl From<exodus::Error> for Failure {
    fn from(error: exodus::Error) -> Self {
        Failure::Error(error)
    }
}

/// A verb's result.
type Outcome = Result<(), Failure>;

/// The `exodus` command, by the arguments of this process.
pub fn main() -> ExitCode {
    ExitCode::from(run(std::env::current_exe().ok(), std::env::args_os()))
}

/// Parses, dispatches, and turns errors into messages and exit codes: 0 done, 1 failed, 2 wrong usage, 130 interrupted.
///
/// `program` is where the command is found by scripts that are to call it again; the first of the `arguments` is its name.
/// Ctrl-C and SIGTERM are heeded from the first verb that simulates on, to the end of the process.
pub fn run(program: Option<PathBuf>, arguments: impl IntoIterator<Item = OsString>) -> u8 {
    heed_limits();
    session::set_program(program);
    let verb = match Cli::try_parse_from(arguments) {
        Ok(Cli { verb: Some(verb) }) => verb,
        Ok(Cli { verb: None }) => return u8::from(print(FIRST_STEPS).is_err()),
        Err(wrong) => return ranks::first_says(|| usage(&wrong)),
    };
    // Ranks leave together, when all have said what they had to say: the guard is dropped last.
    let (_guard, peers) = match ranks::among(&verb) {
        Among::Peers(guard, peers) => (guard, peers),
        Among::Refused(error) => {
            return ranks::first_says(|| {
                tell!("error: {error}");
                2
            });
        }
    };
    let outcome = match verb {
        Verb::Run(args) => run::run(args, &peers),
        Verb::Resume(args) => resume::run(args, &peers),
        Verb::Verify(args) => verify::run(args),
        Verb::Fork(args) => fork::run(args, &peers),
        Verb::Compare(args) => compare::run(args),
        Verb::Sensitivity(args) => sensitivity::run(args),
        Verb::Report(args) => report::run(args),
        Verb::Watch(args) => watch::run(args),
        Verb::Snapshot(args) => snapshot::run(args),
        Verb::Sweep(args) => sweep::run(args, &peers),
        Verb::Calibrate(args) => calibrate::run(args),
        Verb::Validate(args) => validate::run(args),
        Verb::Score(args) => score::run(args),
        Verb::Recover(args) => recover::run(args),
        Verb::Resilience(args) => resilience::run(args),
        Verb::Check(args) => check::run(args),
        Verb::New(args) => new::run(args),
        Verb::Graph(args) => graph::run(args),
        Verb::Bench(args) => bench::run(args),
        Verb::Completions(args) => completions::run(args, &mut Cli::command()),
        Verb::Man(args) => completions::man(&args, Cli::command()),
    };
    match outcome {
        Ok(()) => 0,
        Err(Failure::Interrupted) => 130,
        Err(Failure::Error(error)) => report_error(&error, &peers),
    }
}

/// Says what failed, and the exit code it deserves. Where several processes failed together one says it; one that failed alone takes the
/// others with it.
fn report_error(error: &exodus::Error, peers: &Peers) -> u8 {
    let code = match () {
        () if error.is_stopped() => 130,
        () if error.is_invalid() => 2,
        () => 1,
    };
    let is_mine = !peers.is_alone() && !peers.has_failed();
    let place = if is_mine { format!("{}: ", peers.name()) } else { String::new() };
    if is_mine || peers.is_first() {
        if error.is_stopped() {
            tell!("{place}stopped before the first day");
        } else {
            // An invalid scenario has a line for each of its problems.
            error.to_string().lines().for_each(|line| tell!("error: {place}{line}"));
        }
    }
    if is_mine {
        peers.abort(code.into());
    }
    code
}

/// Says what is wrong with a command line, or what was asked for by `--help`, and the exit code: 2 for wrong usage, 0 after `--help`.
fn usage(wrong: &clap::Error) -> u8 {
    let text = wrong.to_string();
    if !wrong.use_stderr() || streams::escaped(&text) == text {
        // Nothing can be reported where it cannot be printed.
        let _ = wrong.print();
    } else {
        streams::say(&text);
    }
    u8::try_from(wrong.exit_code()).unwrap_or(2)
}

/// A file that reaches the limit on its size is to be a failed write, not the end of the process.
#[cfg(unix)]
fn heed_limits() {
    // The number is the same on all systems but some of MIPS; none of our own is named by a handler that only sets a flag.
    const SIGXFSZ: i32 = 25;
    let _ = signal_hook::flag::register(SIGXFSZ, Default::default());
}

#[cfg(not(unix))]
fn heed_limits() {}
