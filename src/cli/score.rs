//! `exodus score`.

use super::common::{bar, columns, cores, counted, number_of_users, show_points};
use super::session::{Ending, STOP, heed_interrupts, seconds_of};
use super::streams::tell;
use super::{Failure, Outcome, print, report};
use exodus::Error;
use exodus::experiment::calibrate::{Plan, Progress, Watch};
use exodus::experiment::score::{begin, score};
use exodus::experiment::study::Study;
use std::path::{Path, PathBuf};

#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// A calibration file with a table `score` (docs/validation.md).
    #[arg(value_name = "CALIBRATION.toml")]
    file: PathBuf,
    /// Users of each run [default: the file's].
    #[arg(long, value_name = "N", value_parser = number_of_users)]
    users: Option<u64>,
    /// Simulations side by side; they have no influence on results [default: all cores].
    #[arg(long)]
    threads: Option<usize>,
    /// Folder of scores.csv, summary.csv, origins.csv, forecasts.csv, evaluations.csv, report.html and figures; what was interrupted there is resumed
    /// [default: results/<file>-score].
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
    /// Overwrite an older study in that folder.
    #[arg(long)]
    force: bool,
    /// Print how many runs would be made, and do nothing.
    #[arg(long)]
    dry_run: bool,
    #[command(flatten)]
    ending: Ending,
}

pub(super) fn run(args: Args) -> Outcome {
    let (plan, spec) = Plan::read(&args.file)?.for_score(args.users)?;
    let stem = args.file.file_stem().unwrap_or_default().to_string_lossy().into_owned();
    let folder = args.out.unwrap_or_else(|| Path::new("results").join(format!("{stem}-score")));
    if args.dry_run {
        // The first sample is that of all origins.
        let ahead = u64::from(spec.until.is_some());
        let points = u64::from(spec.members) * (1 + spec.origins.len() as u64 * u64::from(spec.steps) + ahead);
        let text = format!(
            "{}: {} with {} each, from {}; results go into {}\n",
            args.file.display(),
            counted(points * u64::from(plan.calibration.replicates), "run"),
            counted(plan.calibration.users, "user"),
            counted(spec.origins.len() as u64, "origin"),
            folder.display()
        );
        return Ok(print(&text)?);
    }
    let now = || seconds_of(jiff::Timestamp::now());
    let place = begin(&plan, &folder, args.force, now())?;
    heed_interrupts();
    let bar = bar(0, args.ending.output.quiet, "{msg:16} {bar:30} {pos}/{len} points, ETA {eta}");
    let on_progress = |progress: &Progress| show_points(&bar, progress);
    let watch = Watch::new(cores(args.threads)?, &STOP, &on_progress);
    let found = score(&plan, &spec, &place, &watch)?;
    bar.finish_and_clear();
    let Some(scores) = found else {
        tell!("stopped; the same command resumes");
        return Err(Failure::Interrupted);
    };
    scores.write(&place, &plan, &spec, now())?;
    drop(place);
    if !args.ending.no_report {
        report::leave(&folder)?;
    }
    if args.ending.output.json {
        let study = Study::read(&folder)?;
        let text = serde_json::to_string_pretty(&study).map_err(|e| Error::corrupt(&folder, e.to_string()))?;
        return Ok(print(&(text + "\n"))?);
    }
    if args.ending.output.quiet {
        return Ok(());
    }
    let (head, rows) = scores.table(&plan);
    Ok(print(&format!("{}{}\n", columns(&head, &rows), folder.display()))?)
}
