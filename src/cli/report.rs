//! `exodus report`.

use super::{Outcome, print};
use exodus::report::{self, FigureWidth};
use exodus::{Error, files};
use std::path::{Path, PathBuf};

#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Folder of a run, finished or not: the page then shows the days so far; of finished replicates, of a finished sweep, of
    /// a comparison, or, for figures alone, of a calibration.
    #[arg(value_name = "DIR")]
    folder: PathBuf,
    /// Make the figures for print instead, in `figures/`: SVG, PDF and PNG, each with its data as CSV.
    #[arg(long)]
    figures: bool,
    /// How wide those are, from 40mm to 400mm; 85mm fits one column of most journals.
    #[arg(long, value_name = "WIDTH", default_value_t, requires = "figures")]
    figure_width: FigureWidth,
}

pub(super) fn run(args: Args) -> Outcome {
    let paths = match args.figures {
        true => Some(report::write_figures(&args.folder, args.figure_width)?)
            .filter(|paths| !paths.is_empty())
            .ok_or_else(|| Error::invalid(format!("{}: found a sweep with nothing to draw", args.folder.display())))?,
        false => vec![report::write_page(&args.folder)?],
    };
    let lines: String = paths.iter().map(|path| format!("{}\n", path.display())).collect();
    Ok(print(&lines)?)
}

/// What experiments end with: the page and the figures.
pub(super) fn leave(folder: &Path) -> exodus::Result<()> {
    report::write_page(folder)?;
    report::write_figures(folder, FigureWidth::default()).map(|_| ())
}

/// Makes page and figures of a finished run again, where a kill cut their making short.
pub(super) fn mend(folder: &Path) -> exodus::Result<()> {
    let cut_short = files::unfinished(folder) || files::unfinished(&folder.join("figures"));
    if cut_short { leave(folder) } else { Ok(()) }
}
