//! `exodus verify`: holds a folder of results against its manifest.

use super::common::counted;
use super::session::Output;
use super::{Failure, Outcome};
use exodus::Error;
use exodus::experiment::verify;
use serde_json::json;
use std::path::PathBuf;

#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Folder of a run, of replicates, of a sweep, of a calibration or of a comparison, finished or not.
    #[arg(value_name = "DIR")]
    folder: PathBuf,
    #[command(flatten)]
    output: Output,
}

pub(super) fn run(args: Args) -> Outcome {
    let verified = verify(&args.folder)?;
    let (place, files, differ) = (args.folder.display(), verified.files, verified.differences.len());
    let found =
        json!({ "folder": args.folder, "files": files, "unfinished": verified.unfinished, "differences": verified.differences });
    let text = if differ > 0 {
        verified.differences.iter().map(|line| format!("{line}\n")).collect()
    } else {
        let more = if verified.unfinished { "; it is not finished" } else { "" };
        let (files, are) = (counted(files as u64, "file"), if files == 1 { "is" } else { "are" });
        format!("{place}: {files} {are} as the manifest says{more}\n")
    };
    // What differs is said all the same.
    Output { quiet: args.output.quiet && differ == 0, ..args.output }.print(&found, &text)?;
    match differ {
        0 => Ok(()),
        _ => Err(Failure::Error(Error::corrupt(
            &args.folder,
            format!("{differ} of {} differ from the manifest", counted(files as u64, "file")),
        ))),
    }
}
