//! `exodus verify`: holds a folder of results against its manifest.

use super::{Failure, Outcome, print};
use exodus::Error;
use exodus::experiment::verify;
use std::path::PathBuf;

#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Folder of a run, of replicates, of a sweep, of a calibration or of a comparison, finished or not.
    #[arg(value_name = "DIR")]
    folder: PathBuf,
}

pub(super) fn run(args: Args) -> Outcome {
    let verified = verify(&args.folder)?;
    let mut text: String = verified.differences.iter().map(|line| format!("{line}\n")).collect();
    let (place, files) = (args.folder.display(), verified.files);
    if verified.differences.is_empty() {
        let more = if verified.unfinished { "; it is not finished" } else { "" };
        text += &format!("{place}: {files} files are as the manifest says{more}\n");
        return Ok(print(&text)?);
    }
    print(&text)?;
    let count = verified.differences.len();
    Err(Failure::Error(Error::corrupt(&args.folder, format!("{count} of {files} files differ from the manifest"))))
}
