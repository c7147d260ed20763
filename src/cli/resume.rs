//! `exodus resume`.

use super::common::GraphCacheArgs;
use super::run::{Look, drive, pool, progress};
use super::{Outcome, print, replicates, report};
use exodus::experiment::{Replicates, Run, RunOptions};
use exodus::storage::Manifest;
use std::path::PathBuf;

#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Folder of a run, or of replicates, that was stopped or killed.
    #[arg(value_name = "RUN_DIR")]
    folder: PathBuf,
    /// Threads; they have no influence on results [default: all cores].
    #[arg(long)]
    threads: Option<usize>,
    /// Days between two checkpoints [default: one every ten minutes; replicates keep to those of `run`].
    #[arg(long, value_name = "DAYS")]
    checkpoint_every: Option<u32>,
    #[command(flatten)]
    graphs: GraphCacheArgs,
    #[command(flatten)]
    look: Look,
}

pub(super) fn run(args: Args) -> Outcome {
    if Replicates::is_here(&args.folder) {
        return replicates::run(&Replicates::resume(&args.folder)?, args.threads, args.look);
    }
    // A folder that is no run is told before threads are started.
    let manifest = Manifest::read(&args.folder)?;
    let options = RunOptions {
        predicted_bytes: manifest.predicted_bytes,
        checkpoint_every: args.checkpoint_every,
        graphs: args.graphs.cache(),
        ..RunOptions::default()
    };
    let bar = progress(args.look, 0);
    pool(args.threads)?.install(|| match Run::resume(&args.folder, &options)? {
        Some(run) => {
            bar.set_length(u64::from(run.simulation().scenario().days()));
            drive(run, &bar, args.look)
        }
        None => {
            bar.finish_and_clear();
            report::mend(&args.folder)?;
            Ok(print(&format!("{}: the run is finished; nothing to do\n", args.folder.display()))?)
        }
    })
}
