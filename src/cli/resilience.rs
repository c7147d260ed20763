//! `exodus resilience`.

use super::common::{ScenarioArgs, bar, cores, counted};
use super::session::{Ending, STOP, heed_interrupts, seconds_of};
use super::streams::tell;
use super::{Failure, Outcome, print, report};
use exodus::experiment::resilience::{FIGURES, HEAD, How, LossResult, Plan, Resilience, resilience};
use exodus::scenario::Date;
use serde_json::{Value, json};
use std::path::{Path, PathBuf};

#[derive(Debug, clap::Args)]
pub(super) struct Args {
    #[command(flatten)]
    scenario: ScenarioArgs,
    /// The day on which something is taken away.
    #[arg(long, value_name = "DATE")]
    on: Date,
    /// Days to look at, that day included; they may go beyond the scenario's end.
    #[arg(long, value_name = "N", default_value_t = 91, value_parser = clap::value_parser!(u32).range(1..=3650))]
    days: u32,
    /// How messengers are taken away: `outage`, against which no VPN helps, or `block`.
    #[arg(long, value_name = "HOW", default_value = "outage", value_parser = how)]
    by: How,
    /// Pasts with different seeds; with two or more, figures have intervals.
    #[arg(long, default_value_t = 5, value_name = "R", value_parser = clap::value_parser!(u32).range(1..=1000))]
    replicates: u32,
    /// Threads of all runs together; they have no influence on results [default: all cores].
    #[arg(long)]
    threads: Option<usize>,
    /// Folder of losses.csv, destinations.csv, daily.csv, report.html and figures [default: results/resilience/<scenario>/<time>].
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
    /// Overwrite an older study in that folder.
    #[arg(long)]
    force: bool,
    /// Print which runs would be made, and do nothing.
    #[arg(long)]
    dry_run: bool,
    #[command(flatten)]
    ending: Ending,
}

fn how(text: &str) -> Result<How, String> {
    let found = How::ALL.into_iter().find(|how| how.name() == text);
    found.ok_or_else(|| format!("found {text:?}; allowed outage or block"))
}

pub(super) fn run(args: Args) -> Outcome {
    let scenario = args.scenario.scenario()?;
    let plan = Plan { scenario, on: args.on, days: args.days, replicates: args.replicates, how: args.by };
    plan.check()?;
    let needs = plan.needs(cores(args.threads)?)?;
    if args.dry_run {
        let text = format!(
            "{}: {} pasts of {}, {} at a time\n",
            counted(plan.runs(), "run"),
            plan.replicates,
            plan.scenario.name,
            needs[0]
        );
        return Ok(print(&text)?);
    }
    let now = jiff::Timestamp::now();
    let default = || Path::new("results/resilience").join(&plan.scenario.name).join(now.strftime("%Y%m%dT%H%M%SZ").to_string());
    let folder = args.out.clone().unwrap_or_else(default);
    let place = plan.begin(&folder, args.force, seconds_of(now))?;
    heed_interrupts();
    let bar = bar(plan.runs(), args.ending.output.quiet, "{bar:30} run {pos}/{len}, ETA {eta}");
    let results = resilience(&plan, needs, &STOP, &|| bar.inc(1));
    bar.finish_and_clear();
    let Some(results) = results? else {
        tell!("stopped; what was simulated is not saved, and the same command starts over");
        return Err(Failure::Interrupted);
    };
    results.write(&place, &plan, seconds_of(now))?;
    drop(place);
    if !args.ending.no_report {
        report::leave(&folder)?;
    }
    if args.ending.output.json {
        return Ok(print(&format!("{:#}\n", as_json(&results, &folder)))?);
    }
    if args.ending.output.quiet {
        return Ok(());
    }
    let rows: Vec<Vec<String>> = results.worst_first().into_iter().map(|result| results.row(result, args.days - 1)).collect();
    let head = format!(
        "{} on {} by {}: people cut off and household ties lost on the first evening, what follows in {} days\n",
        plan.scenario.name,
        args.on,
        args.by.name(),
        args.days - 1
    );
    Ok(print(&format!("{head}{}{}\n", super::common::columns(&HEAD.map(str::to_owned), &rows), folder.display()))?)
}

/// What `--json` prints. Numbers that cannot be had are null.
fn as_json(results: &Resilience, folder: &Path) -> Value {
    let number = |x: f64| if x.is_finite() { json!(x) } else { json!(null) };
    let loss = |result: &LossResult| {
        let figures = result.figures.iter().map(|figure| {
            let (name, unit) = FIGURES[figure.which];
            let [low, high] = figure.paired.interval().map(number);
            let [without, with] = [figure.paired.a(), figure.paired.b()].map(number);
            json!({ "figure": name, "unit": unit, "day": figure.day, "without": without, "with": with,
                "difference": number(figure.paired.difference().mean()), "low": low, "high": high })
        });
        let destinations = results.destinations.iter().zip(&result.main).map(|(messenger, paired)| {
            let [low, high] = paired.interval().map(number);
            json!({ "messenger": messenger, "without": number(paired.a()), "with": number(paired.b()),
                "difference": number(paired.difference().mean()), "low": low, "high": high })
        });
        json!({
            "loss": result.loss.name(),
            "figures": figures.collect::<Vec<_>>(),
            "half_recovered": { "days": number(result.half_recovered.mean()), "pasts": result.half_recovered.n() },
            "destinations": destinations.collect::<Vec<_>>(),
        })
    };
    json!({
        "folder": folder,
        "on": results.on,
        "replicates": results.replicates,
        "losses": results.losses.iter().map(loss).collect::<Vec<_>>(),
    })
}
