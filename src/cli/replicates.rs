//! Runs of one scenario with different seeds: what `exodus run --replicates` and `exodus resume` do.

use super::common::{cores, grouped, people_unit};
use super::session::{Printing, STOP, heed_interrupts, progress, seconds_of};
use super::streams::tell;
use super::{Failure, Outcome, print, report};
use exodus::Error;
use exodus::experiment::{Replicates, milestones};
use exodus::scenario::Date;
use serde::Serialize;
use std::collections::BTreeMap;
use std::fmt::Write;

/// Runs what is missing, then says what the replicates have in common.
pub(super) fn run(replicates: &Replicates, threads: Option<usize>, printing: Printing) -> Outcome {
    let scenario = replicates.scenario();
    heed_interrupts();
    let mut rows: Vec<(Date, Reach)> = Vec::new();
    let bar = progress(printing, u64::from(scenario.days()) * u64::from(replicates.count()));
    bar.set_message(format!("{} replicates", replicates.count()));
    let whole = replicates.run(cores(threads)?, &STOP, &|days| bar.inc(days), &|| seconds_of(jiff::Timestamp::now()), |figure| {
        if figure.column == "monthly_reach" {
            let (mean, half) = (figure.moments.mean(), figure.moments.half_width());
            let [q05, q50, q95] = figure.quantiles;
            let (date, messenger) = (figure.date.to_string(), figure.messenger.to_owned());
            let (low, high, sd) = (mean - half, mean + half, figure.moments.sd());
            rows.push((figure.date, Reach { date, messenger, mean, sd, low, high, q05, q50, q95 }));
        }
    });
    bar.finish_and_clear();
    let (whole, is_first) = (whole?, replicates.peers().is_first());
    if !whole {
        if is_first {
            tell!("stopped; to resume: exodus resume {}", replicates.folder().display());
        }
        return Err(Failure::Interrupted);
    }
    if !is_first {
        return Ok(());
    }
    if !printing.no_report {
        report::leave_locked(replicates.folder())?;
    }
    let first = rows.iter().map(|(date, _)| *date).min().unwrap_or(scenario.start);
    let milestones = milestones(scenario, first);
    rows.retain(|(date, _)| milestones.contains_key(date));
    summary(replicates, &milestones, rows, printing)
}

/// Monthly reach of a messenger on a day of the table at the end.
#[derive(Serialize)]
struct Reach {
    date: String,
    messenger: String,
    mean: f64,
    sd: f64,
    low: f64,
    high: f64,
    q05: f64,
    q50: f64,
    q95: f64,
}

/// What `--json` prints.
#[derive(Serialize)]
struct Summary {
    folder: String,
    replicates: u32,
    seeds: Vec<u64>,
    state_hashes: Vec<String>,
    monthly_reach: Vec<Reach>,
}

fn summary(
    replicates: &Replicates,
    milestones: &BTreeMap<Date, Vec<String>>,
    rows: Vec<(Date, Reach)>,
    printing: Printing,
) -> Outcome {
    let scenario = replicates.scenario();
    let manifests = replicates.manifests()?;
    if printing.output.json {
        let summary = Summary {
            folder: replicates.folder().display().to_string(),
            replicates: replicates.count(),
            seeds: manifests.iter().map(|m| m.seed).collect(),
            state_hashes: manifests.iter().map(|m| m.state_hash.clone()).collect(),
            monthly_reach: rows.into_iter().map(|(_, reach)| reach).collect(),
        };
        let text = serde_json::to_string_pretty(&summary).map_err(|e| Error::corrupt("figures", e.to_string()))?;
        return Ok(print(&(text + "\n"))?);
    }
    if printing.output.quiet {
        return Ok(());
    }
    let (unit, scale) = people_unit(rows.iter().fold(0.0f64, |a, (_, reach)| a.max(reach.mean)));
    // Writing to a string cannot fail.
    let mut text = format!("Monthly reach, {unit}: mean of {} replicates, 95 % interval of the mean\n", replicates.count());
    let widths: Vec<usize> = scenario.messengers.iter().map(|m| m.name.chars().count().max(12) + 2).collect();
    let _ = write!(text, "{:<10}", "date");
    for (messenger, width) in scenario.messengers.iter().zip(&widths) {
        let _ = write!(text, "{:>width$}", messenger.name);
    }
    text.push('\n');
    for day in rows.chunk_by(|a, b| a.0 == b.0) {
        let (date, what) = (day[0].0, milestones.get(&day[0].0).map_or(String::new(), |what| what.join(", ")));
        let _ = write!(text, "{date:<10}", date = date.to_string());
        for ((_, reach), width) in day.iter().zip(&widths) {
            let cell = format!("{:.2} ±{:.2}", reach.mean / scale, (reach.high - reach.mean) / scale);
            let _ = write!(text, "{cell:>width$}");
        }
        let _ = writeln!(text, "  {what}");
    }
    let seconds: f64 = manifests.iter().map(|m| m.seconds.total).sum();
    let users = scenario.population.users;
    let _ = writeln!(text, "{} users; {seconds:.1} s of runs; seeds from {}", grouped(users), scenario.seed);
    let _ = writeln!(text, "{}", replicates.folder().display());
    Ok(print(&text)?)
}
