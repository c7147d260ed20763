//! `exodus graph`: make, describe, read and write social graphs.

use super::common::{ScenarioArgs, bar, bytes as in_bytes, counted, grouped};
use super::session::Output;
use super::streams::tell;
use super::{Outcome, print};
use exodus::engine::plan;
use exodus::graph::{Graph, GraphStats};
use exodus::population::Population;
use exodus::scenario::Scenario;
use exodus::storage::networks::{self, Comment, Forecast, Format, Labels, Network, Reading, Separator};
use exodus::{Error, Result};
use serde_json::json;
use std::fmt::Write;
use std::path::{Path, PathBuf};

#[derive(Debug, clap::Args)]
pub(super) struct Args {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Debug, clap::Subcommand)]
enum Verb {
    /// Make a scenario's graph and write it, in the format of the name's ending.
    Build {
        #[command(flatten)]
        scenario: ScenarioArgs,
        /// `.csv`, `.tsv`, `.graphml`, `.gml`, `.mtx`, also with `.gz` or `.zst`; `.parquet`, `.npz`.
        #[arg(long, value_name = "FILE")]
        out: PathBuf,
        #[command(flatten)]
        how: Writing,
    },
    /// Describe a graph: a network's file, or that of a scenario (a name that ends in .toml).
    Stats {
        /// Network or scenario.
        #[command(flatten)]
        graph: ScenarioArgs,
        #[command(flatten)]
        reading: ReadingArgs,
        /// Print JSON.
        #[arg(long)]
        json: bool,
    },
    /// Read a network, report what was read, and write it with nodes numbered from 0 and their labels beside it.
    Import {
        /// A list of ties, GraphML, GML, GEXF, Pajek, Matrix Market, METIS or DIMACS, plain or packed.
        file: PathBuf,
        #[command(flatten)]
        reading: ReadingArgs,
        /// The network to write, its format by the ending; labels go to the same name with `.labels.csv` added.
        #[arg(long, value_name = "FILE")]
        out: PathBuf,
        #[command(flatten)]
        how: Writing,
    },
    /// Read a network and write it in another format, by the name's ending.
    Export {
        /// The network to read.
        file: PathBuf,
        #[command(flatten)]
        reading: ReadingArgs,
        /// `.csv`, `.tsv`, `.graphml`, `.gml`, `.mtx`, also with `.gz` or `.zst`; `.parquet`, `.npz`.
        #[arg(long, value_name = "FILE")]
        out: PathBuf,
        #[command(flatten)]
        how: Writing,
    },
}

#[derive(Debug, clap::Args)]
struct Writing {
    /// Overwrite files other than lists that exodus has written, which need no `--force`.
    #[arg(long)]
    force: bool,
    #[command(flatten)]
    output: Output,
}

/// How a network's file is to be read, where it could mean two things.
#[derive(Debug, clap::Args)]
struct ReadingArgs {
    /// Its format [default: by its first bytes, then by its ending].
    #[arg(long, value_name = "FORMAT", value_parser = one_of(Format::ALL.map(|(name, _)| name)))]
    format: Option<String>,
    /// Of a list: what separates columns [default: what separates all lines alike].
    #[arg(long, value_name = "WHAT", value_parser = one_of(Separator::ALL.map(|(name, _)| name)))]
    separator: Option<String>,
    /// Of a list: whether the first line names the columns.
    #[arg(long, value_name = "yes|no", value_parser = one_of(["yes", "no"]))]
    header: Option<String>,
    /// Of a list: the columns of a tie's two ends, by name or number from 1.
    #[arg(long, value_name = "A,B", value_delimiter = ',', num_args = 1..)]
    columns: Vec<String>,
    /// Of a list: what comments begin with, or `none` [default: #, % or //].
    #[arg(long, value_name = "START|none", allow_hyphen_values = true)]
    comment: Option<String>,
}

fn one_of<const N: usize>(names: [&'static str; N]) -> clap::builder::PossibleValuesParser {
    clap::builder::PossibleValuesParser::new(names)
}

/// What a list calls by this name.
fn named<T: Copy>(all: &[(&str, T)], name: Option<&String>) -> Option<T> {
    all.iter().find(|(known, _)| name.is_some_and(|name| name == known)).map(|(_, one)| *one)
}

impl ReadingArgs {
    fn reading(&self) -> Result<Reading> {
        let columns = match &self.columns[..] {
            [] => None,
            [a, b] if a != b => Some([a.clone(), b.clone()]),
            other => {
                return Err(Error::invalid(format!("--columns: found {:?}; allowed two columns, such as 1,2", other.join(","))));
            }
        };
        Ok(Reading {
            format: named(&Format::ALL, self.format.as_ref()),
            separator: named(&Separator::ALL, self.separator.as_ref()),
            header: named(&[("yes", true), ("no", false)], self.header.as_ref()),
            columns,
            comment: self.comment.as_ref().map(|c| if c == "none" { Comment::None } else { Comment::Start(c.clone()) }),
        })
    }

    /// Reads a network, with a bar where it takes long.
    fn read(&self, path: &Path) -> Result<Network> {
        let bytes = std::fs::metadata(path).map_or(0, |m| m.len());
        let reading = self.reading()?;
        if bytes >= BAR
            && let Some(Forecast { ties, bytes: memory }) = networks::forecast(path, &reading)?
        {
            let (name, memory) = (path.display(), in_bytes(memory));
            let labels = "and labels where they are text";
            tell!("{name}: about {}, {memory} of memory at the most, {labels}", counted(ties, "tie"));
        }
        let bar = bar(bytes, bytes < BAR, "{bar:40} {bytes} of {total_bytes}, {eta} to go");
        let network = networks::read_watched(path, &reading, &|read| bar.set_position(read));
        bar.finish_and_clear();
        network
    }
}

/// Bytes from which reading takes long enough for a bar.
const BAR: u64 = 32 << 20;

pub(super) fn run(args: Args) -> Outcome {
    match args.verb {
        Verb::Build { scenario, out, how } => {
            networks::check_target(&out, how.force)?;
            let (graph, _) = of_scenario(scenario.scenario()?)?;
            networks::write(&out, &graph, &Labels::range(0, graph.nodes()))?;
            let made = json!({ "written": out, "nodes": graph.nodes(), "isolated": isolated(&graph), "ties": graph.ties() });
            how.output.print(&made, &line(&out, &graph))
        }
        Verb::Stats { graph, reading, json } => {
            let stats = if graph.path.extension().is_some_and(|end| end == "toml") {
                let (graph, population) = of_scenario(graph.scenario()?)?;
                GraphStats::new(&graph, Some(&population))?
            } else {
                GraphStats::new(&reading.read(&graph.path)?.graph, None)?
            };
            let text = if json {
                serde_json::to_string_pretty(&stats).map_err(|e| Error::invalid(e.to_string()))? + "\n"
            } else {
                text(&stats)
            };
            Ok(print(&text)?)
        }
        Verb::Import { file, reading, out, how } => {
            let network = copy(&file, &reading, &out, how.force)?;
            how.output.print(&as_json(&file, &out, &network), &taken(&file, &out, &network))
        }
        Verb::Export { file, reading, out, how } => {
            let network = copy(&file, &reading, &out, how.force)?;
            how.output.print(&as_json(&file, &out, &network), &line(&out, &network.graph))
        }
    }
}

/// What was written.
fn line(out: &Path, graph: &Graph) -> String {
    format!("{}: {}, {}\n", out.display(), counted(u64::from(graph.nodes()), "node"), counted(graph.ties(), "tie"))
}

/// Reads a network and writes it.
fn copy(file: &Path, reading: &ReadingArgs, out: &Path, force: bool) -> Result<Network> {
    networks::check_target(out, force)?;
    let network = reading.read(file)?;
    networks::write(out, &network.graph, &network.labels)?;
    Ok(network)
}

fn isolated(graph: &Graph) -> u64 {
    (0..graph.nodes()).filter(|&node| graph.degree(node) == 0).count() as u64
}

/// The file of labels that was written beside a network, if one was.
fn labels_of(out: &Path, labels: &Labels) -> Option<PathBuf> {
    Some(networks::labels_path(out)).filter(|beside| !labels.are_node_numbers() && beside.exists())
}

fn as_json(file: &Path, out: &Path, network: &Network) -> serde_json::Value {
    let Network { graph, labels, summary } = network;
    json!({
        "read": file,
        "format": summary.format,
        "ends_of_ties": summary.columns,
        "nodes": graph.nodes(),
        "isolated": isolated(graph),
        "ties": graph.ties(),
        "duplicates": summary.duplicates,
        "loops": summary.loops,
        "directed": summary.directed,
        "ignored": summary.ignored,
        "first_ties": summary.shown,
        "notes": summary.notes,
        "written": out,
        "labels": labels_of(out, labels),
    })
}

/// What was read from a file.
fn taken(file: &Path, out: &Path, network: &Network) -> String {
    let Network { graph, labels, summary } = network;
    let mut text = String::new();
    let mut row = |key: &str, value: String| {
        // Writing to a string cannot fail.
        let _ = writeln!(text, "{key:<14} {value}");
    };
    row("read", format!("{}: {}", file.display(), summary.format));
    if !summary.columns.is_empty() {
        row("ends of ties", summary.columns.clone());
    }
    row("nodes", format!("{}, of which {} without ties", grouped(u64::from(graph.nodes())), grouped(isolated(graph))));
    row("ties", grouped(graph.ties()));
    row("dropped", format!("{} given again, {} of a node to itself", grouped(summary.duplicates), grouped(summary.loops)));
    if summary.directed {
        row("directions", "ignored: a tie is there where the file has one in either direction".into());
    }
    row("ignored", if summary.ignored.is_empty() { "nothing".into() } else { escaped(&summary.ignored.join(", ")) });
    for (k, [a, b]) in summary.shown.iter().enumerate() {
        row(if k == 0 { "first ties" } else { "" }, format!("{} - {}", escaped(a), escaped(b)));
    }
    for note in &summary.notes {
        row("note", escaped(note));
    }
    row("written", out.display().to_string());
    if let Some(beside) = labels_of(out, labels) {
        row("labels", beside.display().to_string());
    }
    text
}

/// Text from a file, without what would move a terminal's cursor.
fn escaped(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { '\u{FFFD}' } else { c }).collect()
}

/// The graph of a scenario, and the population over it.
fn of_scenario(scenario: Scenario) -> Result<(Graph, Population)> {
    plan::check(&scenario, scenario.population.users)?;
    let graph = networks::of_scenario(&scenario)?;
    let population = Population::with(&scenario, graph.nodes(), graph.known().cloned());
    Ok((graph, population))
}

fn text(s: &GraphStats) -> String {
    let mut out = String::new();
    let mut row = |key: &str, value: String| {
        // Writing to a string cannot fail.
        let _ = writeln!(out, "{key:<20} {value}");
    };
    let number = |x: Option<f64>| x.map_or("undefined".to_owned(), |x| format!("{x:.4}"));
    row("nodes", grouped(u64::from(s.nodes)));
    row("ties", grouped(s.ties));
    row("memory", in_bytes(s.bytes));
    let d = &s.degree;
    row("degree", format!("mean {:.3}, variance {:.1}", d.mean, d.variance));
    row("", format!("min {}, median {}, 99 % {}, 99.9 % {}, max {}", d.min, d.median, d.p99, d.p999, d.max));
    row("degree assortativity", number(d.assortativity));
    for bin in &d.distribution {
        let range = if bin.from == bin.to { bin.from.to_string() } else { format!("{}-{}", bin.from, bin.to) };
        row("", format!("{range:>15}  {:>12}  {:.4}", grouped(bin.nodes), bin.nodes as f64 / f64::from(s.nodes.max(1))));
    }
    let c = &s.clustering;
    let error = if c.standard_error > 0.0 {
        format!(" ± {:.4} (a sample of {} nodes)", c.standard_error, grouped(u64::from(c.sample)))
    } else {
        String::new()
    };
    let of_transitivity = if error.is_empty() { String::new() } else { format!(" ± {:.4}", c.transitivity_error) };
    row("clustering", format!("mean local {:.4}{error}, transitivity {:.4}{of_transitivity}", c.mean_local, c.transitivity));
    if let Some(triangles) = c.triangles {
        row("triangles", grouped(triangles));
    }
    let k = &s.components;
    row(
        "components",
        format!(
            "{}, the largest with {:.4} of the nodes; {} without ties",
            grouped(u64::from(k.count)),
            k.giant_share,
            counted(u64::from(k.isolated), "node")
        ),
    );
    let d = &s.distance;
    let from = match d.standard_error {
        Some(error) if error > 0.0 => format!(" ± {error:.4} (a sample of {} nodes)", grouped(u64::from(d.sources))),
        None if d.mean.is_some() => " (from one node)".to_owned(),
        _ => String::new(),
    };
    row("distance", format!("mean {}{from}, largest seen {}", number(d.mean), d.largest_seen));
    if let Some(h) = &s.homophily {
        row("age assortativity", format!("{}, same band {:.4}", number(h.age_assortativity), h.same_age));
        row("region assortativity", format!("{}, same region {:.4}", number(h.region_assortativity), h.same_region));
        for (kind, share) in h.layers.iter().flatten() {
            row("", format!("{:>15}  {share:.4}", format!("{kind:?}").to_lowercase()));
        }
    }
    out
}
