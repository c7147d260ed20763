//! `exodus resume`.

use super::common::CacheArgs;
use super::run::drive;
use super::session::{Printing, STOP, pool, progress};
use super::{Outcome, calibrate, ranks, replicates, report, sweep};
use exodus::Error;
use exodus::experiment::calibrate::CalibrationManifest;
use exodus::experiment::study::Study;
use exodus::experiment::{Replicates, Run, RunOptions};
use exodus::files::Lock;
use exodus::peers::Peers;
use exodus::storage::{Cache, FolderKind, Inventory, Manifest};
use serde_json::json;
use std::path::{Path, PathBuf};
use std::sync::Arc;

#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Folder of a run, of replicates, of a sweep (or a shard of one), or of a calibration, that was stopped or killed; of a comparison or
    /// a study, whose page and figures are completed.
    #[arg(value_name = "DIR")]
    folder: PathBuf,
    /// Threads; they have no influence on results [default: all cores].
    #[arg(long)]
    threads: Option<usize>,
    /// Days between two checkpoints [default: one every ten minutes; replicates keep to those of `run`].
    #[arg(long, value_name = "DAYS")]
    checkpoint_every: Option<u32>,
    #[command(flatten)]
    cache: CacheArgs,
    #[command(flatten)]
    printing: Printing,
}

pub(super) fn run(args: Args, peers: &Peers) -> Outcome {
    let Args { folder, threads, printing, .. } = args;
    let kind = FolderKind::of(&folder);
    if !matches!(kind, Some(FolderKind::Run | FolderKind::Replicates | FolderKind::Sweep) | None) {
        ranks::only_alone(peers, "this folder")?;
    }
    match kind {
        Some(FolderKind::Replicates) => replicates::run(&Replicates::resume(&folder, peers)?, threads, printing.of_rank(peers)),
        Some(FolderKind::Sweep) => sweep::resume(&folder, threads, printing.of_rank(peers).into(), peers),
        Some(FolderKind::Calibration) => {
            let manifest = CalibrationManifest::read(&folder)?;
            calibrate::drive(&manifest.plan(&folder)?, &folder, threads, printing.into())
        }
        Some(FolderKind::Comparison) => at_once(&folder, "exodus compare", printing),
        Some(FolderKind::Validation) => at_once(&folder, "exodus validate", printing),
        Some(FolderKind::Study) if sweep::has_searches(&folder) && Inventory::read(&folder)?.is_unfinished() => {
            sweep::resume_search(&folder, threads, printing.into())
        }
        Some(FolderKind::Study) => at_once(&folder, &Study::read(&folder)?.command, printing),
        Some(FolderKind::Run) | None => {
            a_run(&folder, args.checkpoint_every, args.cache.cache(), threads, printing.of_rank(peers), peers)
        }
    }
}

/// Of what is computed in one go by a command there is but page and figures to complete.
fn at_once(folder: &Path, command: &str, printing: Printing) -> Outcome {
    let (inventory, place) = (Inventory::read(folder)?, folder.display());
    let again = format!("`{command}` with this folder as --out starts over");
    let (what, has_page) = match FolderKind::of(folder) {
        Some(kind) => (kind.name(), kind != FolderKind::Validation),
        None => ("nothing", false),
    };
    if inventory.is_unfinished() {
        return Err(Error::invalid(format!("{place}: found {what} that was stopped or killed; {again}")).into());
    }
    // Nobody else writes there, and the lock that a killed process left goes.
    drop(Lock::take(folder)?);
    let changed = inventory.differences()?.into_iter().find(|difference| !Inventory::is_made_from_results(&difference.path));
    if let Some(difference) = changed {
        return Err(Error::corrupt(folder, format!("{difference}; {again}, if given --force")).into());
    }
    let made = !printing.no_report && has_page && report::complete(folder, true)?;
    finished(folder, made, printing)
}

/// What is said of work that was finished before.
fn finished(folder: &Path, made: bool, printing: Printing) -> Outcome {
    let what = if made { "page and figures are regenerated" } else { "nothing to do" };
    let line = format!("{}: finished; {what}\n", folder.display());
    printing.output.print(&json!({ "folder": folder, "finished": true, "regenerated": made }), &line)
}

fn a_run(
    folder: &Path,
    checkpoint_every: Option<u32>,
    cache: Option<Cache>,
    threads: Option<usize>,
    printing: Printing,
    peers: &Peers,
) -> Outcome {
    if let Some(shard) = sweep::a_shard(folder) {
        let (place, shard) = (folder.display(), shard.display());
        return Err(Error::invalid(format!(
            "{place}: found a sweep in shards; allowed one of them, such as {shard}, and when all are finished: exodus sweep merge {place}"
        ))
        .into());
    }
    // A folder that is no run is reported before threads are started.
    let manifest = peers.agree(Manifest::read(folder))?;
    peers.agree(ranks::check(peers, manifest.users))?;
    let options = RunOptions {
        predicted_bytes: manifest.predicted_bytes,
        checkpoint_every,
        cache,
        stop: Arc::clone(&STOP),
        peers: peers.clone(),
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
            if !peers.is_first() {
                return Ok(());
            }
            let made = !printing.no_report && report::complete(folder, manifest.report)?;
            finished(folder, made, printing)
        }
    })
}
