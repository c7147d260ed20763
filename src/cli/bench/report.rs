//! What is printed and written: the same figures as tables and as JSON. Units are SI: seconds, bytes.

use super::super::common::{bytes, grouped};
use serde::Serialize;
use std::fmt::Write;

#[derive(Debug, Default, Serialize)]
pub(super) struct Report {
    pub exodus: String,
    pub git_commit: String,
    pub rustc: String,
    pub machine: Machine,
    pub scenario: String,
    pub rule: String,
    pub copy: Vec<Copy>,
    pub graphs: Vec<Graph>,
    pub ticks: Vec<Tick>,
    pub snapshots: Vec<Disk>,
    pub peak_rss_bytes: Option<u64>,
    pub seconds: f64,
}

#[derive(Debug, Default, Serialize)]
pub(super) struct Machine {
    pub cpu: String,
    pub cores: usize,
    pub available_bytes: Option<u64>,
}

/// Copying memory: bytes read and written.
#[derive(Debug, Serialize)]
pub(super) struct Copy {
    pub threads: usize,
    pub bytes_per_second: f64,
}

/// Building a graph.
#[derive(Debug, Serialize)]
pub(super) struct Graph {
    pub users: u64,
    pub mean_degree: f64,
    pub threads: usize,
    pub ties: u64,
    pub seconds: f64,
    pub ties_per_second: f64,
    pub bytes_per_tie: f64,
    /// What all rows of this size took.
    pub all_seconds: f64,
}

/// Simulating days.
#[derive(Debug, Serialize)]
pub(super) struct Tick {
    pub users: u64,
    pub mean_degree: f64,
    pub review_rate: f64,
    pub threads: usize,
    pub days: usize,
    /// Median.
    pub day_seconds: f64,
    pub updates_per_second: f64,
    pub reviews_per_second: f64,
    pub tie_reads_per_second: f64,
    /// Tie reads per second of a loop that does nothing else.
    pub gather_limit: f64,
    pub share_of_limit: f64,
    pub state_bytes_per_user: f64,
    pub graph_bytes_per_tie: f64,
    /// State and graph.
    pub bytes_per_user: f64,
}

/// Writing the state to disk.
#[derive(Debug, Serialize)]
pub(super) struct Disk {
    pub users: u64,
    pub bytes: u64,
    pub snapshot_seconds: f64,
    /// As many bytes into a new file, and synced.
    pub plain_seconds: f64,
    pub share_of_plain: f64,
    pub open_seconds: f64,
}

impl Report {
    /// Tables for people. Writing to a string cannot fail.
    pub(super) fn text(&self) -> String {
        let mut out = String::new();
        let memory = self.machine.available_bytes.map(|b| format!(", {} of memory", bytes(b))).unwrap_or_default();
        let _ = writeln!(
            out,
            "exodus {} on {}, {} cores{memory}; scenario {}, rule {}",
            self.exodus, self.machine.cpu, self.machine.cores, self.scenario, self.rule
        );
        let _ = writeln!(out, "\nCopying memory, read and written");
        for row in &self.copy {
            let _ = writeln!(out, "  {:>2} threads  {:>6.1} GB/s", row.threads, row.bytes_per_second / 1e9);
        }
        let _ = writeln!(out, "\nBuilding the graph");
        let _ = writeln!(
            out,
            "{:>13} {:>7} {:>8} {:>15} {:>9} {:>9} {:>9}",
            "users", "degree", "threads", "ties", "s", "M ties/s", "B/tie"
        );
        for row in &self.graphs {
            let _ = writeln!(
                out,
                "{:>13} {:>7.2} {:>8} {:>15} {:>9.2} {:>9.2} {:>9.2}",
                grouped(row.users),
                row.mean_degree,
                row.threads,
                grouped(row.ties),
                row.seconds,
                row.ties_per_second / 1e6,
                row.bytes_per_tie
            );
        }
        let _ = writeln!(out, "\nSimulating days, nothing observed; millions a second");
        let _ = writeln!(
            out,
            "{:>13} {:>7} {:>7} {:>8} {:>9} {:>9} {:>9} {:>10} {:>9} {:>6} {:>7}",
            "users", "degree", "rate", "threads", "ms/day", "updates", "reviews", "tie reads", "limit", "share", "B/user"
        );
        for row in &self.ticks {
            let _ = writeln!(
                out,
                "{:>13} {:>7.2} {:>7} {:>8} {:>9.2} {:>9.2} {:>9.3} {:>10.2} {:>9.2} {:>6.2} {:>7.1}",
                grouped(row.users),
                row.mean_degree,
                row.review_rate,
                row.threads,
                row.day_seconds * 1e3,
                row.updates_per_second / 1e6,
                row.reviews_per_second / 1e6,
                row.tie_reads_per_second / 1e6,
                row.gather_limit / 1e6,
                row.share_of_limit,
                row.bytes_per_user
            );
        }
        if !self.snapshots.is_empty() {
            let _ = writeln!(out, "\nWriting the state: a snapshot, and as many bytes into a plain file, both synced");
            let _ = writeln!(
                out,
                "{:>13} {:>9} {:>11} {:>9} {:>6} {:>9}",
                "users", "size", "snapshot s", "plain s", "share", "open ms"
            );
        }
        for row in &self.snapshots {
            let _ = writeln!(
                out,
                "{:>13} {:>9} {:>11.3} {:>9.3} {:>6.2} {:>9.3}",
                grouped(row.users),
                bytes(row.bytes),
                row.snapshot_seconds,
                row.plain_seconds,
                row.share_of_plain,
                row.open_seconds * 1e3
            );
        }
        let peak = self.peak_rss_bytes.map(|b| format!("; most memory held {}", bytes(b))).unwrap_or_default();
        let _ = writeln!(out, "\n{:.0} s in all{peak}", self.seconds);
        out
    }
}
