//! Formats that name every node before, or after, its ties: GraphML, GEXF and GML.

use super::ImportSummary;
use super::collect::Collector;
use super::input::shown;
use super::labels::{Interner, Labels};

/// Nodes by id, with further names; ties between ids, of which some may be declared later.
pub(super) struct Declared {
    ties: Collector,
    waiting: Vec<(u64, [String; 2])>,
    /// What else nodes are called, by kind of name: those asked for.
    names: Vec<(&'static str, Vec<Option<String>>)>,
    nodes: usize,
    /// Whether ids are `n0`, `n1` …, or numbers, which say nothing of their own.
    made_up: bool,
}

impl Declared {
    /// `names` are the kinds of names, the better ones first.
    pub(super) fn new(names: &[&'static str]) -> Self {
        let names = names.iter().map(|&kind| (kind, Vec::new())).collect();
        Declared { ties: Collector::in_order(), waiting: Vec::new(), names, nodes: 0, made_up: true }
    }

    pub(super) fn node(&mut self, id: &str, names: Vec<Option<String>>) -> Result<(), String> {
        if id.is_empty() {
            return Err("found a node whose id is empty; allowed some text".into());
        }
        if !self.ties.node(id)? {
            return Err(format!("found the node `{}` a second time; allowed each once", shown(id.as_bytes())));
        }
        self.made_up &= id.strip_suffix(".0").unwrap_or(id).parse::<u64>().is_ok()
            || id.strip_prefix('n').is_some_and(|n| n.parse() == Ok(self.nodes));
        for ((_, all), own) in self.names.iter_mut().zip(names) {
            all.push(own);
        }
        self.nodes += 1;
        Ok(())
    }

    pub(super) fn tie(&mut self, line: u64, a: String, b: String) -> Result<(), String> {
        if self.ties.has(&a) && self.ties.has(&b) {
            return self.ties.tie(&a, &b);
        }
        self.waiting.push((line, [a, b]));
        Ok(())
    }

    /// The ties, and labels where they are not the ids, said in the summary. An error comes with its line.
    pub(super) fn finish(mut self, summary: &mut ImportSummary) -> Result<(Collector, Option<Labels>), (u64, String)> {
        for (line, [a, b]) in self.waiting {
            if let Some(unknown) = [&a, &b].into_iter().find(|id| !self.ties.has(id)) {
                let id = shown(unknown.as_bytes());
                return Err((line, format!("found a tie to the node `{id}`, which is not there; allowed nodes of this file")));
            }
            self.ties.tie(&a, &b).map_err(|what| (line, what))?;
        }
        for (kind, names) in self.names.iter().filter(|_| self.made_up && self.nodes > 0) {
            let mut labels = Interner::default();
            let named: Vec<&str> = names.iter().flatten().map(String::as_str).filter(|name| !name.is_empty()).collect();
            let twice = named.iter().find(|name| labels.intern(name).is_none_or(|(_, new)| !new));
            if let Some(name) = twice {
                let name = shown(name.as_bytes());
                summary.notes.push(format!("two nodes have the {kind} `{name}`: nodes are called by their ids"));
            } else if named.len() == self.nodes {
                summary.columns = format!("labels from `{kind}`");
                return Ok((self.ties, Some(labels.finish())));
            }
        }
        summary.columns = "labels from `id`".into();
        Ok((self.ties, None))
    }
}
