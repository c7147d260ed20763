//! `exodus report`.

use super::{Outcome, print};
use exodus::report;
use std::path::PathBuf;

#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Folder of a run, finished or not: the page then shows the days so far.
    #[arg(value_name = "RUN_DIR")]
    folder: PathBuf,
}

pub(super) fn run(args: Args) -> Outcome {
    let path = report::write_page(&args.folder)?;
    Ok(print(&format!("{}\n", path.display()))?)
}
