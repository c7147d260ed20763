//! Sweeps of the design `threshold`: the levels found are those of a search through all of them, and of arithmetic.

mod common;

use assert_cmd::Command;
use serde_json::Value;
use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

/// Some hold Green, and nobody ever reviews: who holds it on a day is who held it at the start.
const STILL: &str = r#"
name = "still"
start = 2025-01-01
end = 2025-03-31
[population]
people = 1_000_000
users = 4_000
household_sizes = [1.0]
[graph]
mean_degree = 4
[model]
review_rate = 0.0
shock_review_rate = 0.0
warm_up_days = 0
settle_days = 0
[model.vpn]
share = 0.0
[[messenger]]
name = "Green"
reach_by_age = [0.5]
[[messenger]]
name = "Blue"
reach_by_age = [0.4]
[[intervention]]
label = "down"
kind = "outage"
messenger = "Green"
from = 2025-03-01
"#;

const HOLDERS: &str = r#"
[[output]]
name = "Green"
series = "holders"
messenger = "Green"
at = 2025-01-05
[[output]]
name = "Blue"
series = "holders"
messenger = "Blue"
at = 2025-01-05
"#;

fn exodus(folder: &Path, args: &[&str]) -> Command {
    let mut command = Command::cargo_bin("exodus").expect("the command");
    command.args(args).current_dir(folder);
    command
}

/// Writes scenario and sweep, runs it into `out`.
fn swept(folder: &Path, out: &str, text: &str) {
    fs::write(folder.join("still.toml"), STILL).expect("written");
    let file = format!("{out}.toml");
    fs::write(folder.join(&file), format!("name = \"s\"\nscenario = \"still.toml\"\n{text}")).expect("written");
    exodus(folder, &["sweep", &file, "--out", out, "--quiet"]).assert().success();
}

/// Rows of a table, by column.
fn rows(path: &Path) -> Vec<BTreeMap<String, String>> {
    let mut reader = csv::Reader::from_path(path).expect("a table");
    let header = reader.headers().expect("a header").clone();
    let row = |row: csv::Result<csv::StringRecord>| {
        let row = row.expect("a row");
        header.iter().zip(&row).map(|(name, cell)| (name.to_owned(), cell.to_owned())).collect()
    };
    reader.records().map(row).collect()
}

#[test]
fn the_levels_found_are_those_of_a_search_through_all() {
    let folder = tempfile::tempdir().expect("a folder");
    let folder = folder.path();
    let factors = "replicates = 3\n[[factor]]\nname = \"reach\"\nkey = \"messenger.Green.reach_by_age.0\"\nlow = 0.0\nhigh = 0.8\n\
                   [[factor]]\nname = \"rival\"\nkey = \"messenger.Blue.reach_by_age.0\"\nvalues = [0.2, 0.6, 0.9]\n";
    swept(folder, "grid", &format!("design = \"grid\"\nlevels = 33\n{factors}{HOLDERS}"));
    let search = "[search]\nof = \"Green\"\nover = \"Blue\"\nhalvings = 5\n";
    swept(folder, "found", &format!("design = \"threshold\"\n{factors}{HOLDERS}{search}"));
    // By rival and seed, the levels in order with who leads.
    let mut all: BTreeMap<(String, String), Vec<(f64, bool)>> = BTreeMap::new();
    let number = |row: &BTreeMap<String, String>, name: &str| row[name].parse::<f64>().expect("a number");
    for row in rows(&folder.join("grid/results.csv")) {
        let leads = number(&row, "Green") > number(&row, "Blue");
        all.entry((number(&row, "rival").to_string(), row["seed"].clone())).or_default().push((number(&row, "reach"), leads));
    }
    let found = rows(&folder.join("found/searches.csv"));
    assert_eq!((all.len(), found.len()), (9, 9));
    for row in &found {
        let levels = &all[&(number(row, "rival").to_string(), row["seed"].clone())];
        let change = levels.windows(2).find(|pair| pair[0].1 != pair[1].1);
        match change {
            Some(pair) => {
                assert_eq!((number(row, "below"), number(row, "above")), (pair[0].0, pair[1].0), "{row:?}");
                assert_eq!(row["runs"], "7", "two ends, five halvings");
            }
            None => assert!(row["below"].is_empty() && row["runs"] == "2" && row["rival"] == "0.9", "{row:?}"),
        }
    }
    // Holders are drawn user by user with probability `reach`: the threshold is the rival's reach, within four standard errors
    // of the difference of two shares of 4,000 users.
    for row in rows(&folder.join("found/thresholds.csv")) {
        let rival = number(&row, "rival");
        if rival == 0.9 {
            assert!(row["threshold"].is_empty() && row["crossings"] == "0" && row["seeds"] == "3", "{row:?}");
            continue;
        }
        let error = 4.0 * (2.0 * rival * (1.0 - rival) / 4000.0f64).sqrt() + 0.025;
        assert!((number(&row, "threshold") - rival).abs() < error && row["crossings"] == "3", "{row:?}");
        assert!(number(&row, "low") <= number(&row, "threshold") && (number(&row, "resolution") - 0.025).abs() < 1e-9, "{row:?}");
    }
}

#[test]
fn a_day_is_found_and_the_folder_is_whole() {
    let folder = tempfile::tempdir().expect("a folder");
    let folder = folder.path();
    let text = "design = \"threshold\"\nreplicates = 2\n[[factor]]\nname = \"day\"\nkey = \"intervention.down.from\"\nlow = 2025-01-10\n\
                high = 2025-03-20\n[[output]]\nname = \"used\"\nseries = \"daily_use\"\nmessenger = \"Green\"\nat = 2025-02-14\n\
                [search]\nof = \"used\"\nvalue = 1\nhalvings = 9\n";
    swept(folder, "out", text);
    // Used on 14 February where it fails from the next day on, or later.
    for row in rows(&folder.join("out/searches.csv")) {
        assert_eq!((row["below"].as_str(), row["above"].as_str()), ("2025-02-14", "2025-02-15"));
    }
    // Half a day after the 35th since 10 January.
    assert_eq!(rows(&folder.join("out/thresholds.csv"))[0]["threshold"], "35.500000");
    for name in ["study.json", "sweep.toml", "scenario.toml", "report.html", "figures/threshold.svg"] {
        assert!(folder.join("out").join(name).exists(), "{name}");
    }
    exodus(folder, &["verify", "out"]).assert().success();
    let refused = |folder: &Path, args: &[&str]| {
        String::from_utf8(exodus(folder, args).assert().failure().get_output().stderr.clone()).expect("text")
    };
    assert!(refused(folder, &["sweep", "out.toml", "--out", "out"]).contains("--force"));
    exodus(folder, &["resume", "out"]).assert().success();
    assert!(refused(folder, &["sweep", "out.toml", "--shard", "1/2"]).contains("--shard"));
    // Its own folder makes it again.
    let inside = folder.join("out");
    let json = exodus(&inside, &["sweep", "sweep.toml", "--out", "../again", "--json", "--quiet"]).assert().success();
    let study: Value = serde_json::from_slice(&json.get_output().stdout).expect("JSON");
    assert_eq!(study["command"], "exodus sweep sweep.toml");
    let read = |place: &str| fs::read(folder.join(place).join("searches.csv")).expect("a table");
    assert_eq!(read("again"), read("out"));
}

#[test]
fn what_a_search_cannot_be_is_told() {
    let folder = tempfile::tempdir().expect("a folder");
    let folder = folder.path();
    fs::write(folder.join("still.toml"), STILL).expect("written");
    let ranged = "[[factor]]\nkey = \"model.review_rate\"\nlow = 0.0\nhigh = 0.1\n";
    let valued = "[[factor]]\nkey = \"model.vpn.share\"\nvalues = [0.1]\n";
    for (text, wanted) in [
        (format!("{ranged}{HOLDERS}"), "search: found nothing"),
        (format!("{valued}{HOLDERS}[search]\nof = \"Green\"\nvalue = 1\n"), "low: found nothing"),
        (format!("{ranged}{HOLDERS}[search]\nof = \"Grene\"\nvalue = 1\n"), "allowed `Green`, `Blue`"),
        (format!("{ranged}{HOLDERS}[search]\nof = \"Green\"\n"), "over: found nothing"),
        (format!("{ranged}{HOLDERS}[search]\nof = \"Green\"\nover = \"Blue\"\nvalue = 1\n"), "`over` and `value`"),
    ] {
        fs::write(folder.join("s.toml"), format!("name = \"s\"\nscenario = \"still.toml\"\ndesign = \"threshold\"\n{text}"))
            .expect("written");
        let output = exodus(folder, &["sweep", "s.toml", "--dry-run"]).assert().code(2).get_output().stderr.clone();
        let message = String::from_utf8(output).expect("text");
        assert!(message.contains(wanted), "{wanted}: {message}");
    }
}

/// What these designs are for does not go with the page.
#[test]
fn a_sweep_without_a_page_leaves_its_sensitivity() {
    let folder = tempfile::tempdir().expect("a folder");
    let folder = folder.path();
    fs::write(folder.join("still.toml"), STILL).expect("written");
    let text = format!(
        "name = \"s\"\nscenario = \"still.toml\"\ndesign = \"morris\"\ntrajectories = 2\nusers = 200\n[[factor]]\nkey = \
         \"messenger.Green.reach_by_age.0\"\nlow = 0.1\nhigh = 0.9\n{HOLDERS}"
    );
    fs::write(folder.join("s.toml"), text).expect("written");
    exodus(folder, &["sweep", "s.toml", "--out", "out", "--quiet", "--no-report"]).assert().success();
    assert!(folder.join("out/sensitivity.csv").exists() && !folder.join("out/report.html").exists());
    exodus(folder, &["verify", "out"]).assert().success();
}
