//! What all commands that simulate have in common: threads, the bar, Ctrl-C, what is shown at the end.

use super::common::{bar, cores};
use super::{Outcome, print};
use exodus::experiment::Run;
use exodus::peers::Peers;
use exodus::storage::Manifest;
use indicatif::ProgressBar;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, LazyLock, OnceLock};

/// How a result is printed.
#[derive(Clone, Copy, Debug, clap::Args)]
pub(super) struct Output {
    /// Print no progress and no results.
    #[arg(long, short)]
    pub(super) quiet: bool,
    /// Print the results as JSON on stdout instead of text; of a run, its manifest.
    #[arg(long)]
    pub(super) json: bool,
}

impl Output {
    /// Prints a result as it is wanted: as JSON, as text, or not at all.
    pub(super) fn print(self, json: &serde_json::Value, text: &str) -> Outcome {
        match self {
            Output { json: true, .. } => Ok(print(&format!("{json:#}\n"))?),
            Output { quiet: true, .. } => Ok(()),
            Output { .. } => Ok(print(text)?),
        }
    }
}

/// What a run ends with: what is made, what is printed.
#[derive(Clone, Copy, Debug, clap::Args)]
pub(super) struct Printing {
    #[command(flatten)]
    pub(super) output: Output,
    /// Make neither `report.html` nor `figures/`.
    #[arg(long)]
    pub(super) no_report: bool,
    /// Print more: time by stage and, of several processes, how much they exchanged.
    #[arg(long, short)]
    pub(super) verbose: bool,
}

impl Printing {
    /// What one of several processes prints: all but the first nothing, as they have nothing else to say.
    pub(super) fn of_rank(self, peers: &Peers) -> Self {
        let output = Output { quiet: true, json: false };
        if peers.is_first() { self } else { Printing { output, verbose: false, ..self } }
    }
}

impl From<Printing> for Ending {
    fn from(Printing { output, no_report, .. }: Printing) -> Self {
        Ending { no_report, output }
    }
}

/// What a study of several runs ends with: what is made, what is printed.
#[derive(Clone, Copy, Debug, clap::Args)]
pub(super) struct Ending {
    /// Make neither `report.html` nor `figures/`.
    #[arg(long)]
    pub(super) no_report: bool,
    #[command(flatten)]
    pub(super) output: Output,
}

/// The program that this is.
static PROGRAM: OnceLock<PathBuf> = OnceLock::new();

/// Says where the command is found.
pub(super) fn set_program(path: Option<PathBuf>) {
    // A process that calls the command several times is the same program each time.
    let _ = path.map(|path| PROGRAM.set(path));
}

/// Where the command is found, for scripts that call it again.
pub(super) fn program() -> exodus::Result<&'static Path> {
    let unknown = || exodus::Error::io("exodus", "finding", std::io::ErrorKind::NotFound.into());
    PROGRAM.get().map(PathBuf::as_path).ok_or_else(unknown)
}

/// Set by Ctrl-C, SIGTERM and SIGUSR1.
pub(super) static STOP: LazyLock<Arc<AtomicBool>> = LazyLock::new(Arc::default);

/// Simulates to the end, or until Ctrl-C: then the run is left to be resumed. The bar counts the days, earlier ones too.
pub(super) fn simulate(mut run: Run, bar: &ProgressBar) -> exodus::Result<Manifest> {
    bar.inc((run.simulation().day() + 1) as u64);
    // Whoever of several processes is told to stop, all do.
    while !run.simulation().finished() && run.peers().sum_of(u64::from(stopped()))? == 0 {
        run.day()?;
        bar.inc(1);
    }
    if run.simulation().finished() { run.end(seconds_of(jiff::Timestamp::now())) } else { run.pause() }
}

/// Whether runs are to come to an end early.
pub(super) fn stopped() -> bool {
    STOP.load(Ordering::Relaxed)
}

/// Ctrl-C: runs come to an end early; at the second one the program leaves at once.
fn interrupted() {
    if STOP.swap(true, Ordering::Relaxed) {
        std::process::exit(130);
    }
}

/// From now on Ctrl-C, SIGTERM and SIGUSR1 set [`STOP`].
pub(super) fn heed_interrupts() {
    // A second handler cannot be set; there is only this one.
    if ctrlc::set_handler(interrupted).is_ok() {
        // What launchers of several processes pass on at once, where SIGTERM makes them end everything themselves.
        #[cfg(unix)]
        let _ = signal_hook::flag::register(signal_hook::consts::SIGUSR1, Arc::clone(&STOP));
    }
}

/// A pool of so many threads, all cores if none are given; Ctrl-C and SIGTERM are heeded from now on.
pub(super) fn pool(threads: Option<usize>) -> exodus::Result<rayon::ThreadPool> {
    heed_interrupts();
    exodus::experiment::threads::pool(cores(threads)?)
}

/// The progress bar.
pub(super) fn progress(printing: Printing, days: u64) -> ProgressBar {
    let bar = bar(days, printing.output.quiet, "{bar:30} day {pos}/{len}  {per_sec}, ETA {eta} {msg}");
    bar.set_message("making the graph");
    bar.tick();
    bar
}

/// RFC 3339, to the second.
pub(super) fn seconds_of(time: jiff::Timestamp) -> String {
    time.strftime("%Y-%m-%dT%H:%M:%SZ").to_string()
}
