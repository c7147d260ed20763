//! `exodus compare`.

use super::common::{counted, grouped, people_unit};
use super::session::{Ending, seconds_of};
use super::streams::tell;
use super::{Outcome, print, report};
use exodus::Error;
use exodus::experiment::compare::{Comparison, Flows, Measure, Paired, RunSet, compare, write};
use exodus::experiment::statistics::median;
use serde::Serialize;
use std::fmt::Write;
use std::path::{Path, PathBuf};

#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// A run folder, or a folder of replicates; the first is the reference.
    #[arg(value_name = "RUN_DIR", num_args = 2.., required = true)]
    folders: Vec<PathBuf>,
    /// Folder of differences.csv (daily), measures.csv, flows.csv, report.html and figures
    /// [default: results/comparisons/<other>-against-<reference>/<time>]; it must be empty, unless --force.
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
    /// Overwrite a comparison that is in the folder.
    #[arg(long)]
    force: bool,
    /// Print which runs would be compared, and do nothing.
    #[arg(long)]
    dry_run: bool,
    #[command(flatten)]
    ending: Ending,
}

pub(super) fn run(args: Args) -> Outcome {
    if let Some((_, twice)) = args.folders.iter().enumerate().find(|(k, folder)| *k > 1 && args.folders[1..*k].contains(folder)) {
        return Err(Error::invalid(format!("{}: found a second time; allowed folders that differ", twice.display())).into());
    }
    let sides = args.folders.iter().map(|folder| RunSet::open(folder)).collect::<exodus::Result<Vec<_>>>()?;
    let [reference, others @ ..] = sides.as_slice() else { return Ok(()) };
    if args.dry_run {
        return Ok(print(&pairs(reference, others)?)?);
    }
    let comparisons = others.iter().map(|other| compare(reference, other)).collect::<exodus::Result<Vec<_>>>()?;
    for comparison in &comparisons {
        for warning in &comparison.warnings {
            tell!("warning: {}: {warning}", comparison.other);
        }
    }
    let now = jiff::Timestamp::now();
    let folder = args.out.unwrap_or_else(|| {
        let place = format!("{}/{}", what_differs(reference, &others[0]), now.strftime("%Y%m%dT%H%M%SZ"));
        free(Path::new("results").join("comparisons").join(place))
    });
    write(&folder, &sides, &comparisons, seconds_of(now), args.force)?;
    if !args.ending.no_report {
        report::leave(&folder)?;
    }
    if args.ending.output.json {
        let summary: Vec<Summary<'_>> = comparisons.iter().map(|c| Summary::of(c, &folder, comparisons.len())).collect();
        let text = serde_json::to_string_pretty(&summary).map_err(|e| Error::corrupt("comparison", e.to_string()))?;
        return Ok(print(&(text + "\n"))?);
    }
    if args.ending.output.quiet {
        return Ok(());
    }
    let tables: Vec<String> = comparisons.iter().map(table).chain(together(&comparisons)).collect();
    Ok(print(&format!("{}\n{}\n", tables.join("\n"), folder.display()))?)
}

/// Which runs are compared, a line for each of the others.
fn pairs(reference: &RunSet, others: &[RunSet]) -> exodus::Result<String> {
    let seeds = |side: &RunSet| side.runs.iter().map(|(_, manifest)| (manifest.seed, manifest.branch)).collect::<Vec<_>>();
    let ours = seeds(reference);
    let line = |other: &RunSet| {
        let common = seeds(other).iter().filter(|seed| ours.contains(seed)).count();
        let keys = reference.scenario.differences(&other.scenario)?.len();
        let (pairs, keys) = (counted(common as u64, "pair"), counted(keys as u64, "key"));
        Ok(format!(
            "{} against {} (the reference): {pairs} of the same seed; the scenarios differ in {keys}\n",
            other.name, reference.name
        ))
    };
    others.iter().map(line).collect()
}

/// The folder, or the first of `folder-2`, `folder-3`, … that is not there yet: two comparisons may begin in one second.
fn free(folder: PathBuf) -> PathBuf {
    let numbered = (2..).map(|k| PathBuf::from(format!("{}-{k}", folder.display())));
    std::iter::once(folder.clone()).chain(numbered).find(|folder| !folder.exists()).unwrap_or(folder)
}

/// A name for the comparison: of both scenarios; of two of one name, the first keys in which they differ.
fn what_differs(reference: &RunSet, other: &RunSet) -> String {
    let [a, b] = [&reference.scenario, &other.scenario];
    if a.name != b.name {
        return format!("{}-against-{}", b.name, a.name);
    }
    let differences = a.differences(b).unwrap_or_default();
    let keys = differences.iter().map(|(key, _, _)| key.as_str()).filter(|key| !["title", "seed", "branch"].contains(key));
    let keys: Vec<&str> = keys.take(2).collect();
    let plain = |c: char| if c.is_ascii_alphanumeric() || c == '.' || c == '_' { c } else { '-' };
    let text: String = keys.join("+").chars().map(|c| if c == '+' { '+' } else { plain(c) }).take(80).collect();
    if text.is_empty() { format!("{}-against-itself", a.name) } else { format!("{}-{text}", a.name) }
}

/// What `--json` prints of a comparison.
#[derive(Serialize)]
struct Summary<'a> {
    folder: String,
    reference: &'a str,
    other: &'a str,
    warnings: &'a [String],
    pairs: usize,
    first_difference: Option<String>,
    measures: Vec<ToldMeasure<'a>>,
    flows: &'a Flows,
}

/// Numbers that cannot be had are null.
#[derive(Serialize)]
struct ToldMeasure<'a> {
    messenger: &'a str,
    column: &'a str,
    measure: &'a str,
    date: String,
    what: &'a str,
    a: f64,
    b: f64,
    difference: f64,
    low: f64,
    high: f64,
    /// Of the interval that holds for all others together.
    low_adjusted: f64,
    high_adjusted: f64,
    gain: f64,
    unpaired_replicates: Option<u64>,
}

impl<'a> Summary<'a> {
    fn of(c: &'a Comparison, folder: &Path, comparisons: usize) -> Self {
        let measures = c.figures.iter().zip(&c.measured).flat_map(|(figure, measured)| {
            c.measures.iter().zip(measured).map(|(measure, paired)| {
                let [low, high] = paired.interval();
                let [low_adjusted, high_adjusted] = paired.adjusted_interval(comparisons);
                ToldMeasure {
                    low_adjusted,
                    high_adjusted,
                    messenger: &figure.messenger,
                    column: figure.column,
                    measure: measure.name(),
                    date: measure.date(),
                    what: measure.what(),
                    a: paired.a(),
                    b: paired.b(),
                    difference: paired.difference().mean(),
                    low,
                    high,
                    gain: paired.gain(),
                    unpaired_replicates: paired.unpaired_replicates(),
                }
            })
        });
        Summary {
            folder: folder.display().to_string(),
            reference: &c.reference,
            other: &c.other,
            warnings: &c.warnings,
            pairs: c.pairs,
            first_difference: c.first_difference.map(|date| date.to_string()),
            measures: measures.collect(),
            flows: &c.flows,
        }
    }
}

/// Columns of `population.csv` that the table shows: all but daily counts.
const OF_THE_PEOPLE: [&str; 10] = [
    "vpn_share",
    "mean_installed",
    "connected_ties",
    "connected_ties_without_vpn",
    "lost_household_ties",
    "phone_calls",
    "surveilled_traffic",
    "encrypted_traffic",
    "lost_use",
    "hhi",
];

fn table(c: &Comparison) -> String {
    let pairs = counted(c.pairs as u64, "pair");
    let mut text = format!("{} against {} (the reference): {pairs} of the same seed", c.other, c.reference);
    if let [first, .., last] | [first @ last] = c.dates.as_slice() {
        // Writing to a string cannot fail.
        let _ = write!(text, ", {first} to {last}");
    }
    let _ = match c.first_difference {
        Some(date) if Some(&date) == c.dates.first() => writeln!(text, "\ndifferent from the first day on"),
        Some(date) => writeln!(text, "\nequal in every figure before {date}"),
        None => writeln!(text, "\nequal in every figure on every day"),
    };
    if c.pairs == 1 {
        text.push_str("with one pair there is no interval; compare replicates (exodus run --replicates) to get one\n");
    }
    let reach: Vec<(&str, &Vec<Paired>)> = c
        .figures
        .iter()
        .zip(&c.measured)
        .filter(|(figure, _)| figure.column == "monthly_reach")
        .map(|(figure, measured)| (figure.messenger.as_str(), measured))
        .collect();
    let largest = reach.iter().flat_map(|(_, measured)| measured.iter().map(Paired::a)).fold(0.0, f64::max);
    let (unit, scale) = people_unit(largest);
    let end = c.measures.iter().rposition(|m| m.name() == "day").unwrap_or(0);
    let peak = c.measures.iter().position(|m| *m == Measure::Peak).unwrap_or(0);

    for (k, when) in [(end, format!("at the end, {}", c.measures[end].date())), (peak, "peak".into())] {
        let _ = write!(text, "\nMonthly reach {when}, {unit}\n{}", HEAD);
        for (messenger, measured) in &reach {
            row(&mut text, messenger, &measured[k], scale, 2);
        }
    }
    let _ = write!(text, "\nThe people at the end\n{}", HEAD);
    for (figure, measured) in c.figures.iter().zip(&c.measured) {
        if figure.messenger.is_empty() && OF_THE_PEOPLE.contains(&figure.column) {
            row(&mut text, figure.column, &measured[end], 1.0, 4);
        }
    }
    gains(&mut text, c, &reach.iter().map(|(_, measured)| measured[end]).collect::<Vec<_>>());

    if c.first_difference.is_some() {
        marked_days(&mut text, c, &reach, unit, scale);
    }
    flows(&mut text, c, unit, scale);
    text
}

/// Of several others: all against the reference in one table, with intervals that hold for all of them together.
fn together(all: &[Comparison]) -> Option<String> {
    let [first, _, ..] = all else { return None };
    let mut text = format!(
        "All {} against {} (the reference): difference in monthly reach at the end, million people, with 95 % intervals adjusted for \
         {0} comparisons (Bonferroni)\n",
        all.len(),
        first.reference
    );
    let end = |c: &Comparison| c.measures.iter().rposition(|m| m.name() == "day").unwrap_or(0);
    for figure in first.figures.iter().filter(|figure| figure.column == "monthly_reach") {
        // Writing to a string cannot fail.
        let _ = writeln!(text, "{}", figure.messenger);
        for c in all {
            let place = c.figures.iter().position(|f| f.column == figure.column && f.messenger == figure.messenger);
            let Some(paired) = place.map(|place| &c.measured[place][end(c)]) else { continue };
            let [low, high] = paired.adjusted_interval(all.len()).map(|x| signed(x / 1e6, 2));
            let interval = if paired.difference().n() < 2 { "-".to_owned() } else { format!("{low} to {high}") };
            let _ = writeln!(text, "  {:<40}{:>10}{interval:>21}", c.other, signed(paired.difference().mean() / 1e6, 2));
        }
    }
    Some(text)
}

/// Differences in monthly reach when interventions begin, by messenger.
fn marked_days(text: &mut String, c: &Comparison, reach: &[(&str, &Vec<Paired>)], unit: &str, scale: f64) {
    // Writing to a string cannot fail.
    let _ = write!(text, "\nDifference in monthly reach, {unit}");
    let _ = writeln!(text, "{}", if c.pairs == 1 { "" } else { " (± half of the 95 % interval)" });
    let widths: Vec<usize> = reach.iter().map(|(name, _)| name.chars().count().max(13) + 2).collect();
    let _ = write!(text, "{:<10}", "date");
    for ((messenger, _), width) in reach.iter().zip(&widths) {
        let _ = write!(text, "{messenger:>width$}");
    }
    text.push('\n');
    // Days before anything differs are all zeros.
    let shows = |m: &Measure| matches!(m, Measure::Day { date, .. } if c.first_difference.is_some_and(|first| *date >= first));
    for (k, measure) in c.measures.iter().enumerate().filter(|(_, m)| shows(m)) {
        let _ = write!(text, "{:<10}", measure.date());
        for ((_, measured), width) in reach.iter().zip(&widths) {
            let difference = measured[k].difference();
            let half = difference.half_width();
            let half = if half.is_nan() { String::new() } else { format!(" ±{:.2}", half / scale) };
            let _ = write!(text, "{:>width$}", format!("{}{half}", signed(difference.mean() / scale, 2)));
        }
        let _ = writeln!(text, "  {}", measure.what());
    }
}

const HEAD: &str =
    "                             reference       other  difference      95 % interval        gain  unpaired replicates\n";

fn row(text: &mut String, name: &str, paired: &Paired, scale: f64, decimals: usize) {
    let plain = |x: f64| if x.is_nan() { "-".into() } else { format!("{:.decimals$}", x / scale) };
    let [low, high] = paired.interval().map(|x| signed(x / scale, decimals));
    let interval = if paired.difference().n() < 2 { "-".into() } else { format!("{low} to {high}") };
    // Of a figure that hardly changes the gain says nothing.
    let tells = paired.difference().mean() != 0.0 && paired.gain() <= 999.0;
    let gain = if tells { format!("{:.1}", paired.gain()) } else { "-".into() };
    let needed = paired.unpaired_replicates().filter(|_| tells).map_or("-".into(), |n| n.to_string());
    let difference = signed(paired.difference().mean() / scale, decimals);
    let (a, b) = (plain(paired.a()), plain(paired.b()));
    // Writing to a string cannot fail.
    let _ = writeln!(text, "  {name:<26}{a:>10}{b:>12}{difference:>12}{interval:>21}{gain:>10}{needed:>21}");
}

/// With a sign, but for what is zero in these decimals.
fn signed(x: f64, decimals: usize) -> String {
    let text = format!("{x:+.decimals$}");
    match () {
        () if x.is_nan() => "-".into(),
        () if text.bytes().all(|c| !c.is_ascii_digit() || c == b'0') => text[1..].to_owned(),
        () => text,
    }
}

/// What common random numbers are worth, in the median of figures.
fn gains(text: &mut String, c: &Comparison, reach: &[Paired]) {
    let gains: Vec<(f64, u64)> = reach.iter().filter_map(|p| Some((p.gain(), p.unpaired_replicates()?))).collect();
    if gains.is_empty() {
        return;
    }
    let gain = median(gains.iter().map(|(gain, _)| *gain));
    let needed = median(gains.iter().map(|(_, needed)| *needed as f64)).ceil();
    // Writing to a string cannot fail.
    let _ = writeln!(
        text,
        "\nCommon random numbers: the variance of a difference in monthly reach at the end is {gain:.1} times smaller than between\n\
         runs of different seeds (median of messengers); without them, {needed} replicates of each would be needed instead of {}",
        c.pairs
    );
}

fn flows(text: &mut String, c: &Comparison, unit: &str, scale: f64) {
    let f = &c.flows;
    // Writing to a string cannot fail.
    if f.followed == 0 {
        let _ = writeln!(text, "\nThe runs follow no users in common (observe.trace), so who moved is not known");
        return;
    }
    let share = |n: u64| 100.0 * n as f64 / f.followed as f64;
    let _ = writeln!(
        text,
        "\nOf {} users followed in both, {} ({:.2} %) end with another main app, {} ({:.2} %) hold other messengers,\n\
         {} ({:.2} %) have a VPN on one side only",
        grouped(f.followed),
        grouped(f.main_differs),
        share(f.main_differs),
        grouped(f.holdings_differ),
        share(f.holdings_differ),
        grouped(f.vpn_differs),
        share(f.vpn_differs)
    );
    if f.main_differs == 0 {
        return;
    }
    let _ = writeln!(text, "Main app at the end, {unit}: in the reference (rows), in the other (columns)");
    let all = 0..f.names.len();
    let used = |k: usize| all.clone().any(|other| f.users[k][other] + f.users[other][k] > 0);
    let used: Vec<usize> = all.clone().filter(|&k| used(k)).collect();
    let _ = write!(text, "  {:<14}", "");
    let width = |k: usize| f.names[k].chars().count().max(8) + 2;
    for &to in &used {
        let _ = write!(text, "{:>width$}", f.names[to], width = width(to));
    }
    text.push('\n');
    for &from in &used {
        let _ = write!(text, "  {:<14}", f.names[from]);
        for &to in &used {
            let people = f.users[from][to] as f64 * c.people_per_followed() / scale;
            let cell = if f.users[from][to] == 0 { "-".into() } else { format!("{people:.2}") };
            let _ = write!(text, "{cell:>width$}", width = width(to));
        }
        text.push('\n');
    }
}
