//! `exodus calibrate`.

use super::common::{bar, cores, counted, number_of_users, show_points};
use super::session::{Ending, Output, STOP, heed_interrupts};
use super::streams::tell;
use super::{Failure, Outcome, print};
use exodus::experiment::calibrate::{Fit, Measured, Part, Plan, Progress, Watch, calibrate, clear};
use serde_json::json;
use std::fmt::Write;
use std::path::{Path, PathBuf};

#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// The calibration file: what is free, what it is fitted to, and how (docs/calibration.md).
    #[arg(value_name = "CALIBRATION.toml")]
    file: PathBuf,
    /// Simulations side by side; they have no influence on results [default: all cores].
    #[arg(long)]
    threads: Option<usize>,
    /// Folder for the results; an interrupted calibration there is resumed [default: results/<file>-calibration].
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
    /// Overwrite a calibration that is in the folder.
    #[arg(long)]
    force: bool,
    /// Users of each run of the search, instead of the file's.
    #[arg(long, value_name = "N", value_parser = number_of_users)]
    users: Option<u64>,
    /// Leave out what is known of this world, by the name of its scenario: it is judged all the same. May be repeated.
    #[arg(long, value_name = "WORLD")]
    leave_out: Vec<String>,
    /// Print what would be fitted, and do nothing.
    #[arg(long)]
    dry_run: bool,
    #[command(flatten)]
    ending: Ending,
}

pub(super) fn run(args: Args) -> Outcome {
    let plan = Plan::read(&args.file)?.with_users(args.users).leave_out(&args.leave_out)?;
    let stem = args.file.file_stem().unwrap_or_default().to_string_lossy().into_owned();
    let folder = args.out.unwrap_or_else(|| Path::new("results").join(format!("{stem}-calibration")));
    if args.dry_run {
        let c = &plan.calibration;
        let worlds = plan.worlds.as_ref().map(|worlds| {
            let worlds = [(worlds.checks.len(), "check"), (worlds.patterns.worlds.len(), "other world")];
            let [checks, worlds] = worlds.map(|(n, what)| counted(n as u64, what));
            format!(" and {checks} of {worlds}")
        });
        let text = format!(
            "{}: {} fitted to {} of {}{}, by runs of {} and {} for each point; results go into {}\n",
            args.file.display(),
            counted(c.parameters.len() as u64, "parameter"),
            counted(plan.targets.cells.len() as u64, "value"),
            format_args!("{} series", c.series.len()),
            worlds.unwrap_or_default(),
            counted(c.users, "user"),
            counted(u64::from(c.replicates), "seed"),
            folder.display()
        );
        return Ok(print(&text)?);
    }
    if args.force {
        clear(&folder)?;
    }
    drive(&plan, &folder, args.threads, args.ending)
}

/// Calibrates, or resumes where it was interrupted.
pub(super) fn drive(plan: &Plan, folder: &Path, threads: Option<usize>, ending: Ending) -> Outcome {
    let Ending { output: Output { quiet, json }, no_report } = ending;
    heed_interrupts();
    let bar = bar(0, quiet, "{msg:16} {bar:30} {pos}/{len} points, least error {prefix}, ETA {eta}");
    let on_progress = |progress: &Progress| {
        show_points(&bar, progress);
        bar.set_prefix(format!("{:.3}", progress.best));
    };
    let watch = Watch::new(cores(threads)?, &STOP, &on_progress);
    let found = calibrate(plan, folder, &watch)?;
    bar.finish_and_clear();
    let Some(found) = found else {
        tell!("stopped; to resume: exodus resume {}", folder.display());
        return Err(Failure::Interrupted);
    };
    if !no_report {
        super::report::leave(folder)?;
    }
    if json {
        print(&format!("{:#}\n", as_json(plan, &found, folder)))?;
    } else if !quiet {
        print(&summary(plan, &found, folder))?;
    }
    Ok(())
}

/// What `--json` prints.
fn as_json(plan: &Plan, found: &Fit, folder: &Path) -> serde_json::Value {
    let [hits, tested] = plan.hits(&found.best.figures, Part::All);
    let parameters = plan.calibration.parameters.iter().enumerate().map(|(k, parameter)| {
        let constraint = found.constraint(plan, k);
        json!({
            "parameter": parameter.name,
            "start": parameter.start,
            "best": found.best.point.values[k],
            "quantiles_5_50_95": constraint.map(|c| c.quantiles),
            "identified": constraint.map(|c| c.is_tight()),
        })
    });
    json!({
        "folder": folder,
        "hits": hits,
        "tested": tested,
        "error": found.best.error,
        "error_at_start": found.start.error,
        "parameters": parameters.collect::<Vec<_>>(),
    })
}

fn summary(plan: &Plan, found: &Fit, folder: &Path) -> String {
    // Writing to a string cannot fail.
    let mut text = String::new();
    let calibration = &plan.calibration;
    let _ = writeln!(text, "{:<8} {:<18} {:>10} {:>10} {:>8}", "month", "series", "target", "model", "hit");
    for (cell, figure) in plan.targets.cells.iter().zip(&found.best.figures) {
        let Some(hit) = cell.measured.hit(*figure) else { continue };
        let (name, hit) = (&calibration.series[cell.series].name, if hit { "yes" } else { "no" });
        let _ = writeln!(text, "{:<8} {name:<18} {:>10.2} {figure:>10.2} {hit:>8}", cell.month_name(), cell.measured.value);
    }
    if let Some(worlds) = &plan.worlds {
        let _ = writeln!(text, "\n{:<66} {:>10} {:>10} {:>8}", "other worlds", "published", "model", "hit");
        for (checked, figure) in worlds.checks.iter().zip(&found.best.figures[plan.targets.cells.len()..]) {
            let Measured { value, .. } = checked.measured;
            let hit = if checked.measured.hit(*figure) == Some(true) { "yes" } else { "no" };
            let name = format!("{}: {}", worlds.name(checked.world), worlds.text(checked).name);
            let _ = writeln!(text, "{name:<66} {value:>10.2} {figure:>10.2} {hit:>8}");
        }
    }
    let [hits, judged] = plan.hits(&found.best.figures, Part::All);
    let _ = writeln!(
        text,
        "Measured values hit: {hits} of {judged}; weighted error {:.3}, at the start {:.3}.",
        found.best.error, found.start.error
    );
    let _ = writeln!(text, "\n{:<24} {:>12} {:>12} {:>12} {:>12}", "parameter", "start", "best", "5 %", "95 %");
    let mut open = Vec::new();
    for (k, parameter) in calibration.parameters.iter().enumerate() {
        let constraint = found.constraint(plan, k);
        let [low, high] = [0, 2].map(|q| constraint.map_or(String::new(), |c| c.quantiles[q].to_string()));
        let best = found.best.point.values[k];
        let _ = writeln!(text, "{:<24} {:>12} {best:>12} {low:>12} {high:>12}", parameter.name, parameter.start);
        if constraint.is_some_and(|c| !c.is_tight()) {
            open.push(parameter.name.as_str());
        }
    }
    if !open.is_empty() {
        let _ = writeln!(text, "Not constrained by the targets: {}.", open.join(", "));
    }
    if !found.variants.is_empty() {
        let _ = writeln!(text, "\n{:<40} {:>10} {:>10}", "variant", "error", "hits");
    }
    for (variant, evaluation) in calibration.variants.iter().zip(&found.variants) {
        let [hits, judged] = plan.hits(&evaluation.figures, Part::All);
        let _ = writeln!(text, "{:<40} {:>10.3} {:>10}", variant.name, evaluation.error, format!("{hits}/{judged}"));
    }
    let _ = writeln!(text, "\nTables and the best point, best.toml, are in {}.", folder.display());
    text
}
