//! `exodus report`.

use super::Outcome;
use super::live::LiveArgs;
use super::session::Output;
use exodus::Error;
use exodus::files::Lock;
use exodus::report::{self, FigureWidth};
pub(super) use exodus::report::{leave, leave_locked};
use exodus::storage::Inventory;
use std::path::{Path, PathBuf};

#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Folder of a run, finished or not: the page then shows the days so far; of finished replicates, of a finished sweep, of
    /// a comparison, or, for figures alone, of a calibration.
    #[arg(value_name = "DIR")]
    folder: PathBuf,
    /// Make the figures for print instead, in `figures/`: SVG, PDF and PNG, each with its data as CSV.
    #[arg(long, conflicts_with = "live")]
    figures: bool,
    /// How wide those are, from 40mm to 400mm; 85mm fits one column of most journals.
    #[arg(long, value_name = "WIDTH", default_value_t, requires = "figures")]
    figure_width: FigureWidth,
    #[command(flatten)]
    live: LiveArgs,
    #[command(flatten)]
    output: Output,
}

pub(super) fn run(args: Args) -> Outcome {
    // A folder that is none of results is reported as such, not as one that cannot be locked.
    let inventory = Inventory::read(&args.folder)?;
    let core = args.live.core()?;
    let _lock = Lock::take(&args.folder)?;
    let paths = match (args.figures, core) {
        (_, Some(core)) => vec![report::write_live_page(&args.folder, &core)?],
        (true, None) => Some(report::write_figures(&args.folder, args.figure_width)?)
            .filter(|paths| !paths.is_empty())
            .ok_or_else(|| Error::invalid(format!("{}: found a sweep with nothing to draw", args.folder.display())))?,
        (false, None) => vec![report::write_page(&args.folder)?],
    };
    inventory.record(&paths)?;
    let lines: String = paths.iter().map(|path| format!("{}\n", path.display())).collect();
    args.output.print(&serde_json::json!(paths), &lines)
}

/// Makes page and figures of finished results, where they are `wanted` and not all there as listed; whether it did.
pub(super) fn complete(folder: &Path, wanted: bool) -> exodus::Result<bool> {
    let inventory = Inventory::read(folder)?;
    let missing = wanted && !inventory.has_figures() || !inventory.differences()?.is_empty();
    if missing {
        leave(folder)?;
    }
    Ok(missing)
}
