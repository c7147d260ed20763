//! `exodus snapshot`: look into snapshots.

use super::common::{bytes, counted, grouped};
use super::session::Output;
use super::{Outcome, print};
use exodus::Error;
use exodus::storage::snapshot::{Format, Selection, Snapshot, export};
use serde_json::json;
use std::fmt::Write;
use std::path::PathBuf;

#[derive(Debug, clap::Args)]
pub(super) struct Args {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Debug, clap::Subcommand)]
enum Verb {
    /// Describe what a snapshot holds, and where its columns are in the file.
    Info {
        /// The snapshot.
        file: PathBuf,
        /// Print JSON.
        #[arg(long)]
        json: bool,
    },
    /// Write a snapshot's users as a table, or its columns for NumPy.
    Export {
        /// The snapshot.
        file: PathBuf,
        /// Folder for `users.parquet`, `users.csv`, or a `.npy` file for each column.
        #[arg(long, value_name = "DIR")]
        out: PathBuf,
        /// Format.
        #[arg(long, value_enum, default_value = "parquet")]
        format: FormatName,
        /// Only users of this region.
        #[arg(long)]
        region: Option<String>,
        /// Only users of this age band.
        #[arg(long)]
        age: Option<String>,
        /// At most this many users, evenly spread.
        #[arg(long, value_name = "N")]
        sample: Option<u32>,
        /// Overwrite files that are there.
        #[arg(long)]
        force: bool,
        #[command(flatten)]
        output: Output,
    },
    /// Check every byte of a snapshot against its checksums.
    Verify {
        /// The snapshot.
        file: PathBuf,
        #[command(flatten)]
        output: Output,
    },
}

#[derive(Clone, Copy, Debug, clap::ValueEnum)]
enum FormatName {
    Parquet,
    Csv,
    Npy,
}

pub(super) fn run(args: Args) -> Outcome {
    match args.verb {
        Verb::Info { file, json } => {
            let snapshot = Snapshot::open(&file)?;
            Ok(print(&if json { as_json(&snapshot)? } else { as_text(&snapshot) })?)
        }
        Verb::Export { file, out, format, region, age, sample, force, output } => {
            let format = match format {
                FormatName::Parquet => Format::Parquet,
                FormatName::Csv => Format::Csv,
                FormatName::Npy => Format::Numpy,
            };
            let names = export(&Snapshot::open(&file)?, &Selection { region, age, sample }, format, &out, force)?;
            let paths: Vec<PathBuf> = names.iter().map(|name| out.join(name)).collect();
            let lines: String = paths.iter().map(|path| format!("{}\n", path.display())).collect();
            output.print(&json!(paths), &lines)
        }
        Verb::Verify { file, output } => {
            let snapshot = Snapshot::open(&file)?;
            snapshot.verify()?;
            let sections = snapshot.sections().len();
            let line = format!("{}: whole; {}\n", file.display(), counted(sections as u64, "section"));
            output.print(&json!({ "file": file, "whole": true, "sections": sections }), &line)
        }
    }
}

fn as_json(snapshot: &Snapshot) -> exodus::Result<String> {
    let m = snapshot.metadata();
    let sections = snapshot.sections().iter().map(|s| {
        json!({ "name": s.name, "type": s.kind, "width": s.width, "offset": s.offset, "bytes": s.bytes, "xxh3": format!("{:016x}", s.xxh3) })
    });
    let value = json!({
        "format": format!("{}.{}", snapshot.version()[0], snapshot.version()[1]),
        "exodus_version": m.exodus_version,
        "date": m.date,
        "day": m.day,
        "users": m.users,
        "messengers": m.messengers,
        "state_hash": m.state_hash,
        "ties": m.graph[1] / 2,
        "checkpoint": m.run.is_some(),
        "sections": sections.collect::<Vec<_>>(),
        "scenario": m.scenario,
    });
    serde_json::to_string_pretty(&value).map(|text| text + "\n").map_err(|e| Error::corrupt(snapshot.path(), e.to_string()))
}

fn as_text(snapshot: &Snapshot) -> String {
    let m = snapshot.metadata();
    let mut out = String::new();
    // Writing to a string cannot fail.
    let _ = writeln!(out, "format       {}.{}, by exodus {}", snapshot.version()[0], snapshot.version()[1], m.exodus_version);
    let _ = writeln!(out, "evening of   {} (tick {})", m.date, m.day);
    let _ = writeln!(out, "users        {}, {}", grouped(u64::from(m.users)), counted(m.graph[1] / 2, "tie"));
    let _ = writeln!(out, "messengers   {}", m.messengers.join(", "));
    let _ = writeln!(out, "state        {}", m.state_hash);
    let _ = writeln!(out, "purpose      {}", if m.run.is_some() { "checkpoint of a run, to be resumed" } else { "snapshot" });
    let _ = writeln!(out, "{:<16} {:<8} {:>6} {:>14} {:>10}", "section", "type", "width", "offset", "size");
    for s in snapshot.sections() {
        let _ = writeln!(out, "{:<16} {:<8} {:>6} {:>14} {:>10}", s.name, s.kind, s.width, s.offset, bytes(s.bytes));
    }
    out
}
