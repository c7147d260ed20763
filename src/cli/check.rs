//! `exodus check`: what a scenario is, and what running it will take.

use super::common::{ScenarioArgs, bytes, cores, counted, duration, grouped};
use super::{Outcome, print};
use exodus::engine::plan;
use exodus::peers::Peers;
use exodus::report::predicted_bytes_of_rank;
use exodus::scenario::{Basis, GraphKind, GraphMemory, Origin, Scenario, ScenarioValue};
use exodus::storage::networks::{self, Forecast, Reading, Uses};
use serde_json::json;
use std::collections::BTreeMap;
use std::fmt::Write;
use std::path::Path;

#[derive(Debug, clap::Args)]
pub(super) struct Args {
    #[command(flatten)]
    scenario: ScenarioArgs,
    /// Processes that are to compute the run together, each on a machine such as this one.
    #[arg(long, default_value_t = 1, value_name = "R", value_parser = clap::value_parser!(u32).range(1..=1_000_000))]
    ranks: u32,
    /// List all values, each with where it comes from.
    #[arg(long)]
    values: bool,
    /// Print JSON.
    #[arg(long)]
    json: bool,
}

pub(super) fn run(args: Args) -> Outcome {
    show(&args.scenario, args.ranks, args.values, args.json, true)
}

/// Prints what a scenario is and what running it will take, with page and figures or without; with `values`, where each value comes from.
pub(super) fn show(args: &ScenarioArgs, ranks: u32, values: bool, json: bool, report: bool) -> Outcome {
    let (scenario, origins) = args.read(&Peers::alone())?;
    let mut plan = Plan::new(&scenario, ranks, report)?;
    plan.values = origins;
    let mut text = if json { format!("{:#}\n", plan.json(&scenario)) } else { plan.text(&scenario) };
    if values && !json {
        text.push('\n');
        text.extend(plan.values.iter().map(value_text));
    }
    Ok(print(&text)?)
}

/// Prints what running a scenario will take, where nothing is known of its file.
pub(super) fn print_plan(scenario: &Scenario, ranks: u32, json: bool, report: bool) -> Outcome {
    let plan = Plan::new(scenario, ranks, report)?;
    Ok(print(&if json { format!("{:#}\n", plan.json(scenario)) } else { plan.text(scenario) })?)
}

/// A value, where it comes from and what it rests on.
fn value_text(v: &ScenarioValue) -> String {
    let interval = |[low, high]: [f64; 2]| format!(", {low} to {high}");
    let mark = v.mark.as_ref().map(|mark| format!("; {}{}", mark.basis.name(), mark.interval.map_or(String::new(), interval)));
    format!("{} = {}  [{}{}]\n", v.path, v.value, v.origin, mark.unwrap_or_default())
}

/// What a user takes, ties apart.
fn bytes_per_user(scenario: &Scenario) -> u64 {
    let mut lone = scenario.clone();
    lone.graph.mean_degree = 0.0;
    let of = |users| plan::predicted_bytes(&lone, users, None);
    (of(2_000_000) - of(1_000_000)) / 1_000_000
}

/// What a run will take.
struct Plan {
    hash: String,
    users: u64,
    ranks: u32,
    /// Of a file, about.
    ties: Option<u64>,
    threads: usize,
    memory: u64,
    /// What reading a graph from a file will take, where its start tells.
    file: Option<Forecast>,
    graph: GraphMemory,
    available: Option<u64>,
    seconds: f64,
    values: Vec<ScenarioValue>,
    /// What the table of nodes says, where there is one.
    nodes: Option<Uses>,
}

impl Plan {
    fn new(scenario: &Scenario, ranks: u32, report: bool) -> exodus::Result<Self> {
        let users = scenario.population.users;
        let (threads, available) = (cores(None)?, plan::available_bytes());
        let file = scenario.graph.path.as_ref().filter(|_| scenario.graph.kind == GraphKind::File);
        let file = file.map(|path| networks::forecast(Path::new(path), &Reading::default())).transpose()?.flatten();
        Ok(Plan {
            hash: scenario.hash()?,
            users,
            ranks,
            ties: plan::expected_ties(&scenario.graph, users).or(file.map(|file| file.ties)),
            file,
            threads,
            memory: predicted_bytes_of_rank(scenario, users, ranks as usize, available, report),
            graph: plan::graph_memory_of_rank(scenario, users, ranks as usize, available),
            available,
            seconds: plan::predicted_seconds(scenario, users, threads * ranks as usize),
            values: Vec::new(),
            nodes: scenario.graph.nodes.as_ref().map(|path| networks::uses(Path::new(path), scenario)).transpose()?,
        })
    }

    fn json(&self, s: &Scenario) -> serde_json::Value {
        json!({
            "scenario_name": s.name,
            "scenario_hash": self.hash,
            "title": s.title,
            "start": s.start.to_string(),
            "end": s.end.to_string(),
            "ticks": s.days(),
            "seed": s.seed,
            "people": s.population.people,
            "users": self.users,
            "rule": s.model.rule,
            "messengers": s.messengers.iter().map(|m| &m.name).collect::<Vec<_>>(),
            "regions": s.population.regions.len(),
            "ages": s.population.ages.len(),
            "groups": s.population.groups.len(),
            "interventions": s.interventions.iter().map(|i| json!({ "label": i.label, "kind": i.effect.name(), "from": i.from.to_string() })).collect::<Vec<_>>(),
            "access_classes": s.access_classes(),
            "graph": s.graph.kind,
            "ties": self.ties,
            "threads": self.threads,
            "graph_memory": self.graph,
            "ranks": self.ranks,
            "predicted_bytes": (s.graph.kind != GraphKind::File).then_some(self.memory),
            "predicted_bytes_of_ties": self.file.map(|file| file.bytes),
            "predicted_bytes_per_user": bytes_per_user(s),
            "available_bytes": self.available,
            "predicted_seconds": self.seconds,
            "values": self.values,
        })
    }

    fn text(&self, s: &Scenario) -> String {
        let p = &s.population;
        let mut out = String::new();
        let mut row = |key: &str, value: String| {
            // Writing to a string cannot fail.
            let _ = writeln!(out, "{key:<14} {value}");
        };
        row("scenario", format!("{} ({})", s.name, self.hash));
        if !s.title.is_empty() {
            row("title", s.title.clone());
        }
        row("days", format!("{} to {}: {}", s.start, s.end, counted(u64::from(s.days()), "tick")));
        row("users", self.users_text(s));
        row(
            "population",
            [(p.regions.len(), "region"), (p.ages.len(), "age band"), (p.groups.len(), "group")]
                .map(|(n, one)| counted(n as u64, one))
                .join(", "),
        );
        if !self.values.is_empty() {
            row("values", self.values_text());
        }
        if self.values.iter().any(|value| value.mark.is_some()) {
            row("they rest on", self.marks_text());
        }
        row("messengers", s.messengers.iter().map(|m| m.name.as_str()).collect::<Vec<_>>().join(", "));
        row("rule", json!(s.model.rule).as_str().unwrap_or_default().to_string());
        row("interventions", self.interventions_text(s));
        row("access classes", s.access_classes().to_string());
        let is_file = s.graph.kind == GraphKind::File;
        let ties = match self.ties {
            None => "as the file says".into(),
            Some(ties) if is_file => format!("about {}", counted(ties, "tie")),
            Some(ties) => format!("{}, about {}", counted(self.users, "node"), counted(ties, "tie")),
        };
        row("graph", format!("{}: {ties}", json!(s.graph.kind).as_str().unwrap_or_default()));
        if let Some(uses) = &self.nodes {
            let list = |names: &[String]| if names.is_empty() { "nothing".into() } else { names.join(", ") };
            row("table of nodes", format!("says {}", list(&uses.given)));
            row("", format!("drawn: {}; ignored: {}", list(&uses.drawn), list(&uses.ignored)));
        }
        let available = self.available.map(|a| format!(" of {} available", bytes(a))).unwrap_or_default();
        let packed = if self.graph == GraphMemory::Packed { ", with packed lists of contacts" } else { "" };
        let each = if self.ranks > 1 { format!(" on each of {} ranks", self.ranks) } else { String::new() };
        let memory = match self.file {
            _ if !is_file => format!("about {}", bytes(self.memory)),
            file => {
                let ties = file.map_or("as the file's ties take".into(), |file| format!("about {} for ties", bytes(file.bytes)));
                format!("{ties}, and {} bytes a user", bytes_per_user(s))
            }
        };
        row("memory", format!("{memory}{each}{available}{packed}"));
        if self.ranks > 1 && is_file {
            row("", "more before: every rank reads the whole graph, as one process does, and keeps the rows of its users".into());
        }
        row("run time", format!("{} on {}{each}, roughly", duration(self.seconds), counted(self.threads as u64, "thread")));
        match self.available {
            Some(available) if available < self.memory && !is_file => {
                let most = plan::most_users_of_ranks(s, self.ranks as usize, available);
                row("", format!("this will not fit; --users {most} would"));
            }
            _ => {}
        }
        out
    }

    /// How many values come from where.
    fn values_text(&self) -> String {
        let mut counts: BTreeMap<&Origin, usize> = BTreeMap::new();
        for value in &self.values {
            *counts.entry(&value.origin).or_default() += 1;
        }
        let from = |(origin, n): (&Origin, usize)| match origin {
            Origin::Scenario => format!("{n} in the file"),
            Origin::Base(file) => format!("{n} from {file}"),
            Origin::Set => format!("{n} by options"),
            Origin::Default => format!("{n} neutral defaults (`--values` lists them)"),
        };
        counts.into_iter().map(from).collect::<Vec<_>>().join(", ")
    }

    /// How many values rest on what, as far as the files say.
    fn marks_text(&self) -> String {
        let of = |basis: Basis| self.values.iter().filter(|v| v.mark.as_ref().is_some_and(|mark| mark.basis == basis)).count();
        Basis::ALL.map(|basis| format!("{} {}", of(basis), basis.name())).join(", ")
    }

    fn users_text(&self, s: &Scenario) -> String {
        let people = s.population.people;
        if s.graph.kind == GraphKind::File {
            return format!("as many as the graph has nodes, for {} people", grouped(people));
        }
        let each = people as f64 / self.users as f64;
        format!("{}, each for {each:.4} of {} people; seed {}", grouped(self.users), grouped(people), s.seed)
    }

    fn interventions_text(&self, s: &Scenario) -> String {
        let days = s.interventions.iter().map(|i| i.from);
        match (days.clone().min(), days.max()) {
            (Some(first), Some(last)) => format!("{}, from {first} to {last}", s.interventions.len()),
            _ => "none".into(),
        }
    }
}
