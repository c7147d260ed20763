//! `exodus graph`: make, describe, read and write social graphs.

use super::common::{ScenarioArgs, bytes, grouped};
use super::streams::tell;
use super::{Outcome, print};
use exodus::graph::{self, Graph, GraphStats};
use exodus::population::Population;
use exodus::scenario::{GraphKind, Scenario};
use exodus::{Error, Result, files};
use std::fmt::Write;
use std::io::Write as _;
use std::path::{Path, PathBuf};

#[derive(Debug, clap::Args)]
pub(super) struct Args {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Debug, clap::Subcommand)]
enum Verb {
    /// Make a scenario's graph and write it as an edge list.
    Build {
        #[command(flatten)]
        scenario: ScenarioArgs,
        /// The edge list: `.csv`, or anything else for tabs; `.gz` for gzip.
        #[arg(long, value_name = "FILE")]
        out: PathBuf,
    },
    /// Describe a graph: an edge list, or that of a scenario (a name that ends in .toml).
    Stats {
        /// Edge list or scenario.
        #[command(flatten)]
        graph: ScenarioArgs,
        /// Print JSON.
        #[arg(long)]
        json: bool,
    },
    /// Read any edge list, and write it with nodes numbered from 0, and their labels beside it.
    Import {
        /// The edge list to read.
        file: PathBuf,
        /// The edge list to write; labels go to the same name with `.labels.csv` added.
        #[arg(long, value_name = "FILE")]
        out: PathBuf,
    },
    /// Read an edge list and write it in another format, by the name's ending.
    Export {
        /// The edge list to read.
        file: PathBuf,
        /// `.csv`, `.tsv`, `.txt`; `.gz` for gzip.
        #[arg(long, value_name = "FILE")]
        out: PathBuf,
    },
}

pub(super) fn run(args: Args) -> Outcome {
    match args.verb {
        Verb::Build { scenario, out } => {
            let (graph, _) = of_scenario(scenario.scenario()?)?;
            graph::write_edge_list(&graph, &out)?;
            tell!("{}: {} nodes, {} ties", out.display(), grouped(u64::from(graph.nodes())), grouped(graph.ties()));
        }
        Verb::Stats { graph, json } => {
            let stats = if graph.path.extension().is_some_and(|end| end == "toml") {
                let (graph, population) = of_scenario(graph.scenario()?)?;
                GraphStats::new(&graph, Some(&population))
            } else {
                GraphStats::new(&graph::read_edge_list(&graph.path)?.0, None)
            };
            let text = if json {
                serde_json::to_string_pretty(&stats).map_err(|e| Error::invalid(e.to_string()))? + "\n"
            } else {
                text(&stats)
            };
            print(&text)?;
        }
        Verb::Import { file, out } => {
            let (graph, labels) = graph::read_edge_list(&file)?;
            graph::write_edge_list(&graph, &out)?;
            let mut name = out.file_name().unwrap_or_default().to_owned();
            name.push(".labels.csv");
            let beside = out.with_file_name(name);
            files::write(&beside, |out| {
                writeln!(out, "node,label")?;
                labels.iter().enumerate().try_for_each(|(node, label)| writeln!(out, "{node},{}", quoted(label)))
            })?;
            tell!(
                "{}: {} nodes, {} ties; labels in {}",
                out.display(),
                grouped(u64::from(graph.nodes())),
                grouped(graph.ties()),
                beside.display()
            );
        }
        Verb::Export { file, out } => graph::write_edge_list(&read(&file)?, &out)?,
    }
    Ok(())
}

fn read(path: &Path) -> Result<Graph> {
    Ok(graph::read_edge_list(path)?.0)
}

/// The graph of a scenario, and the population over it.
fn of_scenario(scenario: Scenario) -> Result<(Graph, Population)> {
    let users = if scenario.graph.kind == GraphKind::File { 0 } else { scenario.population.users as u32 };
    let graph = graph::generate(&scenario.graph, &Population::new(&scenario, users))?;
    let population = Population::new(&scenario, graph.nodes());
    Ok((graph, population))
}

fn quoted(label: &str) -> String {
    if label.contains(['"', ',', '\n']) { format!("\"{}\"", label.replace('"', "\"\"")) } else { label.to_owned() }
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
    row("memory", bytes(s.bytes));
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
            "{}, the largest with {:.4} of the nodes; {} nodes without ties",
            grouped(u64::from(k.count)),
            k.giant_share,
            grouped(u64::from(k.isolated))
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
