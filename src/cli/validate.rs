//! `exodus validate`.

use super::common::{bar, cores, counted, grouped, number_of_users};
use super::session::{Output, STOP, heed_interrupts};
use super::streams::tell;
use super::{Failure, Outcome, print};
use exodus::Error;
use exodus::experiment::validate::{Check, Judged, Plan, Validation, check_folder, patterns_of, validate, write};
use serde::Serialize;
use std::fmt::Write;
use std::path::PathBuf;

#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// A file of patterns (docs/validation.md), or a scenario that has one: `patterns/NAME.toml` beside `NAME.toml`.
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// Users of each run [default: the file's].
    #[arg(long, value_name = "N", value_parser = number_of_users)]
    users: Option<u64>,
    /// Runs of each world, with different seeds [default: the file's].
    #[arg(long, value_name = "R", value_parser = clap::value_parser!(u32).range(1..=1000))]
    replicates: Option<u32>,
    /// Threads of all runs together; they have no influence on results [default: all cores].
    #[arg(long)]
    threads: Option<usize>,
    /// Write checks.csv, patterns.csv and validation.json, which lists them, into this folder.
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
    /// Overwrite an older validation in that folder.
    #[arg(long, requires = "out")]
    force: bool,
    /// Print which runs would be made, and do nothing.
    #[arg(long)]
    dry_run: bool,
    #[command(flatten)]
    output: Output,
}

pub(super) fn run(args: Args) -> Outcome {
    let plan = Plan::read(&patterns_of(&args.file)?, args.users, args.replicates)?;
    let needs = plan.needs(cores(args.threads)?)?;
    if args.dry_run {
        let (runs, patterns, worlds) = (plan.runs(), plan.file.patterns.len(), plan.worlds.len());
        let text = format!(
            "{} of {}: {} in {}, {} at a time\n",
            counted(runs, "run"),
            counted(worlds as u64, "world"),
            counted(patterns as u64, "pattern"),
            args.file.display(),
            needs[0]
        );
        return Ok(print(&text)?);
    }
    if let Some(folder) = &args.out {
        check_folder(folder, args.force)?;
    }
    heed_interrupts();
    let bar = bar(plan.runs(), args.output.quiet, "{bar:30} run {pos}/{len}, ETA {eta}");
    let validation = validate(&plan, needs, &STOP, &|| bar.inc(1));
    bar.finish_and_clear();
    let Some(validation) = validation? else {
        tell!("stopped; an interrupted validation is not saved");
        return Err(Failure::Interrupted);
    };
    if let Some(folder) = &args.out {
        write(folder, &plan, &validation, args.force)?;
    }
    if args.output.json {
        let text = serde_json::to_string_pretty(&summary(&plan, &validation));
        let text = text.map_err(|e| Error::corrupt("validation", e.to_string()))?;
        return Ok(print(&(text + "\n"))?);
    }
    if args.output.quiet { Ok(()) } else { Ok(print(&table(&plan, &validation))?) }
}

/// What `--json` prints. Numbers that cannot be had are null.
#[derive(Serialize)]
struct Summary<'a> {
    replicates: u32,
    users: Vec<u64>,
    passed: usize,
    patterns: Vec<ToldPattern<'a>>,
}

#[derive(Serialize)]
struct ToldPattern<'a> {
    number: u32,
    text: &'a str,
    source: &'a str,
    note: &'a str,
    passes: bool,
    checks: Vec<ToldCheck<'a>>,
}

#[derive(Serialize)]
struct ToldCheck<'a> {
    name: &'a str,
    unit: &'a str,
    published: Option<f64>,
    least: Option<f64>,
    greatest: Option<f64>,
    model: f64,
    low: f64,
    high: f64,
    sd: f64,
    passes: Option<bool>,
    figures: &'a [f64],
}

fn summary<'a>(plan: &'a Plan, validation: &'a Validation) -> Summary<'a> {
    let check = |(check, judged): (&'a Check, &'a Judged)| {
        let moments = judged.moments();
        let (model, half) = (moments.mean(), moments.half_width());
        ToldCheck {
            name: &check.name,
            unit: &check.unit,
            published: check.published,
            least: check.low,
            greatest: check.high,
            model,
            low: model - half,
            high: model + half,
            sd: moments.sd(),
            passes: judged.passes,
            figures: &judged.figures,
        }
    };
    let patterns = plan.file.patterns.iter().zip(&validation.patterns).enumerate().map(|(k, (pattern, judged))| ToldPattern {
        number: pattern.number,
        text: &pattern.text,
        source: &pattern.source,
        note: &pattern.note,
        passes: validation.passes(k),
        checks: pattern.checks.iter().zip(judged).map(check).collect(),
    });
    Summary {
        replicates: plan.file.replicates,
        users: plan.worlds.iter().map(|world| world.population.users).collect(),
        passed: validation.passed(),
        patterns: patterns.collect(),
    }
}

fn table(plan: &Plan, validation: &Validation) -> String {
    let checks = || plan.file.patterns.iter().flat_map(|pattern| &pattern.checks);
    let label =
        |check: &Check| if check.unit.is_empty() { check.name.clone() } else { format!("{}, {}", check.name, check.unit) };
    let width = checks().map(|check| label(check).chars().count()).max().unwrap_or(0);
    let verdict = |passes: bool| if passes { "pass" } else { "FAIL" };
    let mut text = String::new();
    // Writing to a string cannot fail.
    let _ =
        writeln!(text, "{:<6}{:<width$}  {:>9}  {:>17}  {:>9}  {:>19}", "", "", "published", "allowed", "model", "95 % interval");
    for (k, (pattern, judged)) in plan.file.patterns.iter().zip(&validation.patterns).enumerate() {
        let _ = writeln!(text, "{:<6}{}: {}", verdict(validation.passes(k)), pattern.number, pattern.text);
        for (check, judged) in pattern.checks.iter().zip(judged) {
            let moments = judged.moments();
            let (mean, half) = (moments.mean(), moments.half_width());
            let interval = if half.is_nan() { "-".into() } else { format!("{} to {}", shown(mean - half), shown(mean + half)) };
            let allowed = match (check.low, check.high) {
                (Some(low), Some(high)) => format!("{low} to {high}"),
                (Some(low), None) => format!("from {low}"),
                (None, Some(high)) => format!("to {high}"),
                (None, None) => String::new(),
            };
            let published = check.published.map_or("-".into(), |x| x.to_string());
            let _ = writeln!(
                text,
                "{:<6}{:<width$}  {published:>9}  {allowed:>17}  {:>9}  {interval:>19}  {}",
                "",
                label(check),
                shown(mean),
                judged.passes.map_or("", verdict)
            );
        }
        if !pattern.note.is_empty() {
            let _ = writeln!(text, "{:<6}({})", "", pattern.note);
        }
    }
    let mut users: Vec<String> = plan.worlds.iter().map(|world| grouped(world.population.users)).collect();
    users.dedup();
    let (users, replicates) = (users.join(", "), plan.file.replicates);
    let plural = if replicates == 1 { "" } else { "s" };
    let (passed, of) = (validation.passed(), validation.patterns.len());
    let _ = writeln!(text, "{passed} of {of} patterns are reproduced; {users} users, {replicates} seed{plural}");
    text
}

/// A figure, with fewer decimals the larger it is.
fn shown(x: f64) -> String {
    match x.abs() {
        _ if x.is_nan() => "-".into(),
        0.0..10.0 => format!("{x:.2}"),
        10.0..1000.0 => format!("{x:.1}"),
        _ => format!("{x:.0}"),
    }
}
