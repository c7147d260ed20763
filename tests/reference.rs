//! The committed results of the gallery: monthly tables, small enough for every check at 2000 users, and at the size of
//! `results/` by
//!
//! `cargo test --release --test reference -- --ignored`
//!
//! With `EXODUS_BLESS=1` before them these commands regenerate the tables, the second also the figures.

mod common;

use assert_cmd::Command;
use common::{gallery, load, root};
use exodus::storage::Curves;
use std::fmt::Write;
use std::fs;
use std::path::Path;

const OF_MESSENGERS: [&str; 4] = ["monthly_reach", "daily_reach", "main_share", "traffic_share"];
const OF_ALL: [&str; 3] = ["vpn_share", "connected_ties", "lost_use"];
const FIGURES: [&str; 3] = ["reach", "main-app", "vpn"];

/// The first day, the first of every month, and the last day of a run.
fn monthly(curves: &Curves) -> String {
    let mut text = format!("date,messenger,{},{}\n", OF_MESSENGERS.join(","), OF_ALL.join(","));
    let last = curves.dates().len() - 1;
    let of_all: Vec<Vec<f64>> = OF_ALL.iter().map(|column| curves.population(column).expect("a column")).collect();
    for messenger in curves.messengers() {
        let own = OF_MESSENGERS.iter().map(|column| curves.series(column, messenger).expect("a column"));
        let columns: Vec<Vec<f64>> = own.chain(of_all.iter().cloned()).collect();
        for (day, date) in curves.dates().iter().enumerate().filter(|(day, date)| date.day() == 1 || [0, last].contains(day)) {
            let _ = write!(text, "{date},{messenger}");
            for column in &columns {
                let _ = if column[day].is_nan() { write!(text, ",") } else { write!(text, ",{}", column[day]) };
            }
            text.push('\n');
        }
    }
    text
}

/// Runs the gallery at `users`, or fewer where a scenario has fewer, and holds its tables against those of `place`.
fn tables_are(users: u64, table_of: impl Fn(&str) -> std::path::PathBuf, figures: bool) {
    let bless = std::env::var_os("EXODUS_BLESS").is_some();
    let folder = tempfile::tempdir().expect("a folder");
    for path in gallery() {
        let scenario = load(&path, &[]);
        let out = folder.path().join(&scenario.name);
        let users = users.min(scenario.population.users).to_string();
        let mut run = Command::cargo_bin("exodus").expect("the command");
        run.arg("run").arg(&path).args(["--users", &users, "--quiet", "--no-report", "--out"]).arg(&out).assert().success();
        let table = table_of(&scenario.name);
        let found = monthly(&Curves::read(&out).expect("curves"));
        if bless {
            let into = table.parent().expect("a folder");
            fs::create_dir_all(into).expect("a folder");
            fs::write(&table, &found).expect("the table is written");
            if figures {
                exodus::report::write_figures(&out, Default::default()).expect("figures");
                for name in FIGURES.map(|name| format!("{name}.svg")) {
                    fs::copy(out.join("figures").join(&name), into.join(&name)).expect("the figure is written");
                }
            }
        }
        let known = fs::read_to_string(&table).expect("the table is there");
        same(&known, &found, &table);
    }
}

fn same(known: &str, found: &str, table: &Path) {
    let differing = known.lines().zip(found.lines()).find(|(a, b)| a != b);
    let (place, count) = (table.display(), (known.lines().count(), found.lines().count()));
    assert!(
        differing.is_none() && count.0 == count.1,
        "{place}: results have changed ({differing:?}, {count:?} lines); if that is meant, make the tables anew and say so in CHANGELOG.md"
    );
}

#[test]
fn small_tables_come_out_the_same() {
    tables_are(2000, |name| root().join(format!("tests/golden/monthly/{name}.csv")), false);
}

#[test]
#[ignore = "minutes: 200,000 users for each scenario"]
fn reference_tables_come_out_the_same() {
    tables_are(200_000, |name| root().join(format!("results/{name}/monthly.csv")), true);
}
