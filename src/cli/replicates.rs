//! Runs of one scenario with different seeds: what `exodus run --replicates` and `exodus resume` do.

use super::common::{cores, people_unit};
use super::session::{Printing, pool, progress, seconds_of, simulate, stop, stopped};
use super::streams::tell;
use super::{Failure, Outcome, print, report};
use exodus::Error;
use exodus::engine::plan;
use exodus::experiment::{Replicates, milestones, threads};
use exodus::scenario::Date;
use exodus::storage::Inventory;
use serde::Serialize;
use std::fmt::Write;
use std::sync::atomic::{AtomicU32, Ordering};
use std::thread;

/// Runs what is missing, then says what the replicates have in common.
pub(super) fn run(replicates: &Replicates, threads: Option<usize>, printing: Printing) -> Outcome {
    let scenario = replicates.scenario();
    let memory = plan::available_bytes().unwrap_or(u64::MAX);
    let [at_a_time, threads] = plan::side_by_side(scenario, replicates.count().into(), cores(threads)?, memory);
    let bar = progress(printing, u64::from(scenario.days()) * u64::from(replicates.count()));
    let next = AtomicU32::new(0);
    let work = || -> exodus::Result<()> {
        let pool = pool(Some(threads))?;
        loop {
            let replicate = next.fetch_add(1, Ordering::Relaxed);
            if replicate >= replicates.count() || stopped() {
                return Ok(());
            }
            // The others pause too where one fails.
            pool.install(|| match replicates.run(replicate, seconds_of(jiff::Timestamp::now()))? {
                Some(run) => simulate(run, &bar).map(|_| ()),
                None => {
                    bar.inc(u64::from(scenario.days()));
                    Ok(())
                }
            })
            .inspect_err(|_| stop())?;
        }
    };
    bar.set_message(format!("{} replicates", replicates.count()));
    let done: exodus::Result<()> = thread::scope(|scope| {
        let workers: Vec<_> = (0..at_a_time).map(|_| threads::spawn(scope, work).inspect_err(|_| stop())).collect();
        let join = |w: exodus::Result<thread::ScopedJoinHandle<'_, exodus::Result<()>>>| {
            w.and_then(|w| w.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)))
        };
        let all: Vec<_> = workers.into_iter().map(join).collect();
        all.into_iter().collect()
    });
    bar.finish_and_clear();
    done?;
    if stopped() {
        tell!("stopped; to resume: exodus resume {}", replicates.folder().display());
        return Err(Failure::Interrupted);
    }
    summary(replicates, printing)
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

fn summary(replicates: &Replicates, printing: Printing) -> Outcome {
    let scenario = replicates.scenario();
    let milestones = milestones(scenario);
    let mut rows: Vec<(Date, Reach)> = Vec::new();
    replicates.summarise(|figure| {
        if figure.column == "monthly_reach" && milestones.contains_key(&figure.date) {
            let (mean, half) = (figure.moments.mean(), figure.moments.half_width());
            let [q05, q50, q95] = figure.quantiles;
            let (date, messenger) = (figure.date.to_string(), figure.messenger.to_owned());
            let (low, high, sd) = (mean - half, mean + half, figure.moments.sd());
            rows.push((figure.date, Reach { date, messenger, mean, sd, low, high, q05, q50, q95 }));
        }
    })?;
    let folder = replicates.folder();
    let own = ["scenario.toml", "replicates.toml", "replicates.csv"].map(|name| folder.join(name));
    Inventory::read(folder)?.record(&own)?;
    if !printing.no_report {
        report::leave_locked(folder)?;
    }
    let manifests = replicates.manifests()?;
    if printing.json {
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
    if printing.quiet {
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
    for (day, (date, what)) in rows.chunk_by(|a, b| a.0 == b.0).zip(&milestones) {
        let _ = write!(text, "{date:<10}", date = date.to_string());
        for ((_, reach), width) in day.iter().zip(&widths) {
            let cell = format!("{:.2} ±{:.2}", reach.mean / scale, (reach.high - reach.mean) / scale);
            let _ = write!(text, "{cell:>width$}");
        }
        let _ = writeln!(text, "  {}", what.join(", "));
    }
    let seconds: f64 = manifests.iter().map(|m| m.seconds.total).sum();
    let users = scenario.population.users;
    let _ = writeln!(text, "{users} users; {seconds:.1} s of runs; seeds from {}", scenario.seed);
    let _ = writeln!(text, "{}", replicates.folder().display());
    Ok(print(&text)?)
}
