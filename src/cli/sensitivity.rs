//! `exodus sensitivity`.

use super::session::Ending;
use super::{Outcome, print, report};
use exodus::experiment::sensitivity::{Bootstrap, Sensitivity};
use exodus::files::Lock;
use exodus::storage::{FolderKind, Inventory};
use serde_json::json;
use std::fmt::Write;
use std::path::{Path, PathBuf};

#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Folder of a finished sweep.
    #[arg(value_name = "SWEEP_DIR")]
    folder: PathBuf,
    /// Resamples of the intervals.
    #[arg(long, value_name = "N", default_value_t = Bootstrap::default().resamples, value_parser = clap::value_parser!(u32).range(1..=1_000_000))]
    bootstrap: u32,
    /// Seed of the resamples.
    #[arg(long, value_name = "S", default_value_t = Bootstrap::default().seed)]
    seed: u64,
    #[command(flatten)]
    ending: Ending,
}

/// What `--json` prints. Numbers that cannot be had are null.
fn as_json(sensitivity: &Sensitivity, file: &Path) -> serde_json::Value {
    let number = |x: f64| if x.is_finite() { json!(x) } else { json!(null) };
    let indices = sensitivity.outputs.iter().flat_map(|(output, estimates)| {
        sensitivity.factors.iter().zip(estimates).flat_map(move |(factor, estimates)| {
            sensitivity.indices.iter().zip(estimates).map(move |(index, e)| {
                let [value, low, high] = [e.value, e.low, e.high].map(number);
                json!({ "output": output, "factor": factor, "index": index, "value": value, "low": low, "high": high })
            })
        })
    });
    json!({ "design": sensitivity.design, "file": file, "indices": indices.collect::<Vec<_>>() })
}

pub(super) fn run(args: Args) -> Outcome {
    let bootstrap = Bootstrap { resamples: args.bootstrap, seed: args.seed };
    FolderKind::require(&args.folder, &[FolderKind::Sweep])?;
    let sensitivity = Sensitivity::of(&args.folder, bootstrap)?;
    let lock = Lock::take(&args.folder)?;
    sensitivity.write(&args.folder)?;
    Inventory::read(&args.folder)?.record(&[args.folder.join("sensitivity.csv")])?;
    if !args.ending.no_report && args.folder.join("report.html").exists() {
        report::leave_locked(&args.folder)?;
    }
    drop(lock);
    if args.ending.output.json {
        return Ok(print(&format!("{:#}\n", as_json(&sensitivity, &args.folder.join("sensitivity.csv"))))?);
    }
    if args.ending.output.quiet {
        return Ok(());
    }
    let how = match sensitivity.design.as_str() {
        "sobol" => "Sobol' indices: first order by Saltelli et al. 2010, total by Jansen 1999",
        "morris" => "Morris's elementary effects, by a factor's range, in units of the output",
        _ => "Partial rank correlations",
    };
    // Writing to a string cannot fail.
    let mut text = format!("{how}; of means over replicates, with 95 % bootstrap intervals\n");
    for (output, estimates) in &sensitivity.outputs {
        let _ = write!(text, "\n{output}\n{:<28}", "  factor");
        if estimates.is_empty() {
            let _ = writeln!(text, "no indices: some runs do not have this output");
            continue;
        }
        for index in sensitivity.indices {
            let _ = write!(text, "{index:>32}");
        }
        text.push('\n');
        for (factor, estimates) in sensitivity.factors.iter().zip(estimates) {
            let _ = write!(text, "  {factor:<26}");
            for e in estimates {
                let [value, low, high] = [e.value, e.low, e.high].map(number);
                let _ = write!(text, "{:>32}", format!("{value} [{low}, {high}]"));
            }
            text.push('\n');
        }
    }
    let _ = writeln!(text, "\n{}", args.folder.join("sensitivity.csv").display());
    Ok(print(&text)?)
}

/// Three decimals where there is something to see in them.
fn number(x: f64) -> String {
    match x.abs() {
        _ if x.is_nan() => "-".into(),
        1000.0.. => format!("{x:.0}"),
        _ => format!("{x:.3}"),
    }
}
