//! `exodus resume`.

use super::common::GraphCacheArgs;
use super::run::drive;
use super::session::{Printing, STOP, pool, progress};
use super::{Outcome, calibrate, print, replicates, report, sweep};
use exodus::Error;
use exodus::experiment::calibrate::CalibrationManifest;
use exodus::experiment::study::Study;
use exodus::experiment::{Replicates, Run, RunOptions};
use exodus::storage::{FolderKind, GraphCache, Manifest};
use std::path::{Path, PathBuf};
use std::sync::Arc;

#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Folder of a run, of replicates, of a sweep (or a shard of one), or of a calibration, that was stopped or killed.
    #[arg(value_name = "DIR")]
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
    printing: Printing,
}

pub(super) fn run(args: Args) -> Outcome {
    let Args { folder, threads, printing, .. } = args;
    match FolderKind::of(&folder) {
        Some(FolderKind::Replicates) => replicates::run(&Replicates::resume(&folder)?, threads, printing),
        Some(FolderKind::Sweep) => sweep::resume(&folder, threads, [printing.quiet, printing.json, printing.no_report]),
        Some(FolderKind::Calibration) => {
            let manifest = CalibrationManifest::read(&folder)?;
            calibrate::drive(&manifest.plan(&folder)?, &folder, threads, [printing.quiet, printing.json, printing.no_report])
        }
        Some(FolderKind::Comparison) => {
            let place = folder.display();
            let again = "which is regenerated with `exodus compare … --force`, and its page with `exodus report`";
            Err(Error::invalid(format!(
                "{place}: found a comparison, {again}; allowed a run, replicates, a sweep or a calibration"
            ))
            .into())
        }
        Some(FolderKind::Validation) => {
            let place = folder.display();
            let again = "which is regenerated with `exodus validate … --force`";
            Err(Error::invalid(format!(
                "{place}: found a validation, {again}; allowed a run, replicates, a sweep or a calibration"
            ))
            .into())
        }
        Some(FolderKind::Study) => {
            let (place, again) = (folder.display(), Study::read(&folder)?.command);
            Err(Error::invalid(format!(
                "{place}: found a study, which is regenerated with `{again}`; allowed a run, replicates, a sweep or a calibration"
            ))
            .into())
        }
        Some(FolderKind::Run) | None => a_run(&folder, args.checkpoint_every, args.graphs.cache(), threads, printing),
    }
}

fn a_run(
    folder: &Path,
    checkpoint_every: Option<u32>,
    graphs: Option<GraphCache>,
    threads: Option<usize>,
    printing: Printing,
) -> Outcome {
    if let Some(shard) = sweep::a_shard(folder) {
        let (place, shard) = (folder.display(), shard.display());
        return Err(Error::invalid(format!(
            "{place}: found a sweep in shards; allowed one of them, such as {shard}, and when all are finished: exodus sweep merge {place}"
        ))
        .into());
    }
    // A folder that is no run is told before threads are started.
    let manifest = Manifest::read(folder)?;
    let options = RunOptions {
        predicted_bytes: manifest.predicted_bytes,
        checkpoint_every,
        graphs,
        stop: Arc::clone(&STOP),
        ..RunOptions::default()
    };
    let bar = progress(printing, 0);
    pool(threads)?.install(|| match Run::resume(folder, &options)? {
        Some(run) => {
            bar.set_length(u64::from(run.simulation().scenario().days()));
            drive(run, &bar, printing)
        }
        None => {
            bar.finish_and_clear();
            let made = !printing.no_report && report::complete(folder)?;
            let what = if made { "page and figures are regenerated" } else { "nothing to do" };
            Ok(print(&format!("{}: the run is finished; {what}\n", folder.display()))?)
        }
    })
}
