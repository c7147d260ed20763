//! Pages of runs, replicates, sweeps and comparisons: whole, small, safe, right; and, where there is a browser, usable.
//!
//! The browser's part needs `node`, Chromium and, in `target/browser`, the npm packages `playwright-core` and `axe-core`
//! (`npm install --prefix target/browser playwright-core axe-core`); it is skipped with a message where one is missing.

mod common;

use assert_cmd::Command;
use common::{browser, reach_over_days, root};
use exodus::storage::Manifest;
use serde_json::json;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// A messenger whose name is trouble for a page that takes it for markup.
const NASTY: &str = "</script><b>";

fn exodus(folder: &Path) -> Command {
    let mut command = Command::cargo_bin("exodus").expect("the command");
    command.current_dir(folder);
    command
}

/// A short run with awkward names and two published figures, in `folder/run`.
fn run(folder: &Path) -> PathBuf {
    let text = std::fs::read_to_string(root().join("tests/scenarios/everything.toml")).expect("a scenario");
    let text = text.replace("\"Green\"", &format!("{NASTY:?}"));
    assert!(text.contains(NASTY));
    std::fs::write(folder.join("nasty.toml"), format!("targets = \"published.csv\"\n{text}")).expect("written");
    let published = format!(
        "month,messenger,column,value_mln,flag,source\n2025-02,{NASTY},monthly_reach,0.5,M,a firm\n\
         2025-03,{NASTY},monthly_reach,0.4,I,\n2025-03,{NASTY},daily_reach,0.3,M,\n2031-01,{NASTY},daily_reach,0.3,M,\n"
    );
    std::fs::write(folder.join("published.csv"), published).expect("written");
    let arguments = ["run", "nasty.toml", "--users", "2000", "--out", "run", "--quiet"];
    exodus(folder).args(arguments).args(["--set", "title=<i>\"Trouble\"</i> & more"]).assert().success();
    folder.join("run")
}

/// What the page holds, as its script reads it.
fn data(page: &str) -> serde_json::Value {
    let (_, rest) = page.split_once("<script type=\"application/json\" id=\"data\">").expect("data");
    let (data, _) = rest.split_once("</script>").expect("an end");
    serde_json::from_str(data).expect("JSON")
}

#[test]
fn a_run_leaves_a_page_that_holds_all_it_needs() {
    let folder = tempfile::tempdir().expect("a folder");
    let run = run(folder.path());
    let page = std::fs::read_to_string(run.join("report.html")).expect("a page");
    assert!(page.len() < 3_000_000, "{} bytes", page.len());
    assert!(!page.contains(NASTY) && !page.contains("<i>"), "a name became markup");
    assert!(page.contains("default-src 'none'"));
    let data = data(&page);
    assert_eq!(data["title"], "<i>\"Trouble\"</i> & more");
    assert!(data["messengers"].as_array().expect("names").iter().any(|name| name == NASTY));
    assert_eq!(data["dates"].as_array().map(Vec::len), Some(120));
    let followed: u64 = data["flows"]["paths"].as_object().expect("paths").values().filter_map(|n| n.as_u64()).sum();
    assert_eq!(followed, 2000, "every followed user takes one path");
    // Made again it is the same; and it can be left out.
    exodus(folder.path()).args(["report", "run"]).assert().success();
    assert_eq!(std::fs::read_to_string(run.join("report.html")).expect("a page"), page);
    let arguments = ["run", "nasty.toml", "--users", "500", "--until", "2025-01-05", "--out", "bare", "--quiet", "--no-report"];
    exodus(folder.path()).args(arguments).assert().success();
    assert!(!folder.path().join("bare/report.html").exists());
}

const EVERYTHING: &str = "tests/scenarios/everything.toml";

/// Three replicates of a scenario with changes, in `folder/out`.
fn replicates(folder: &Path, out: &str, changes: &[&str]) -> PathBuf {
    let scenario = root().join(EVERYTHING).display().to_string();
    let arguments = ["run", &scenario, "--users", "1500", "--replicates", "3", "--out", out, "--quiet"];
    exodus(folder).args(arguments).args(changes.iter().flat_map(|change| ["--set", change])).assert().success();
    folder.join(out)
}

/// A sweep of `design` over two factors, with two outputs.
fn sweep(folder: &Path, design: &str) -> PathBuf {
    let file = format!(
        r#"name = "swept"
        scenario = '{}'
        users = 500
        {design}
        [[factor]]
        name = "reviews a day"
        key = "model.review_rate"
        low = 0.05
        high = 0.2
        [[factor]]
        name = "appeal of <i>Green</i>"
        key = "messenger.Green.appeal"
        low = 0.4
        high = 0.8
        [[output]]
        name = "reach of Green, at the end"
        series = "monthly_reach"
        messenger = "Green"
        at = 2025-04-30
        [[output]]
        name = "VPN, mean"
        population = "vpn_share"
        take = "mean"
        "#,
        root().join(EVERYTHING).display()
    );
    std::fs::write(folder.join("sweep.toml"), file).expect("written");
    exodus(folder).args(["sweep", "sweep.toml", "--out", "swept", "--quiet"]).assert().success();
    folder.join("swept")
}

/// A sweep without a grid, whose outputs follow two messengers over days.
fn points(folder: &Path) -> PathBuf {
    let outputs = reach_over_days();
    let file = format!(
        r#"name = "points"
        scenario = '{}'
        users = 500
        design = "latin_hypercube"
        points = 11
        [[factor]]
        key = "model.review_rate"
        low = 0.05
        high = 0.2
        [[factor]]
        name = "day of the block"
        key = "intervention.full block.from"
        low = 2025-02-01
        high = 2025-03-31
        {outputs}"#,
        root().join(EVERYTHING).display()
    );
    std::fs::write(folder.join("points.toml"), file).expect("written");
    exodus(folder).args(["sweep", "points.toml", "--out", "points", "--quiet"]).assert().success();
    folder.join("points")
}

/// What the page in a folder holds; a page that is small, safe, and the same when it is regenerated.
fn page(folder: &Path) -> serde_json::Value {
    let read = || std::fs::read_to_string(folder.join("report.html")).expect("a page");
    let first = read();
    assert!(first.len() < 3_000_000, "{} bytes", first.len());
    assert!(!first.contains("<i>"), "a name became markup");
    exodus(folder).args(["report", "."]).assert().success();
    assert_eq!(read(), first);
    data(&first)
}

#[test]
fn replicates_end_with_a_page_of_means_and_bands() {
    let folder = tempfile::tempdir().expect("a folder");
    let folder = replicates(folder.path(), "r", &[]);
    let data = page(&folder);
    assert_eq!((data["kind"].as_str(), data["runs"].as_array().map(Vec::len)), (Some("replicates"), Some(3)));
    let mut table = csv::Reader::from_path(folder.join("replicates.csv")).expect("a table");
    let last =
        table.records().map(|row| row.expect("a row")).filter(|row| &row[1] == "Green" && &row[2] == "monthly_reach").last();
    let last = last.expect("a row");
    let place = data["messengers"].as_array().and_then(|m| m.iter().position(|name| name == "Green")).expect("a messenger");
    let curve = &data["curves"]["series"]["monthly_reach"][place];
    let end = |values: &serde_json::Value| values.as_array().and_then(|v| v.last()).and_then(|v| v.as_f64()).expect("a number");
    let near =
        |shown: f64, cell: usize| assert!((shown - last[cell].parse::<f64>().expect("a number")).abs() <= 0.51, "column {cell}");
    near(end(&curve["values"]), 3);
    // The fan, then the mean's interval.
    for (band, cells) in [(0, [7, 9]), (1, [5, 6])] {
        for (end_of, cell) in cells.into_iter().enumerate() {
            near(end(&curve["bands"][band][end_of]), cell);
        }
    }
}

#[test]
fn a_sweep_ends_with_its_page() {
    let folder = tempfile::tempdir().expect("a folder");
    let swept = sweep(folder.path(), "design = \"grid\"\nlevels = 3\nreplicates = 2");
    let data = page(&swept);
    assert_eq!((data["kind"].as_str(), data["grid"].as_bool()), (Some("sweep"), Some(true)));
    let points = data["points"].as_array().expect("points");
    assert_eq!(points.len(), 9);
    let mut table = csv::Reader::from_path(swept.join("results.csv")).expect("a table");
    let rows: Vec<csv::StringRecord> = table.records().map(|row| row.expect("a row")).collect();
    for (k, point) in points.iter().enumerate() {
        let figures: Vec<f64> =
            rows.iter().filter(|row| row[0] == k.to_string()).map(|row| row[5].parse().expect("a number")).collect();
        let mean = figures.iter().sum::<f64>() / 2.0;
        let shown = point["outputs"][0]["mean"].as_f64().expect("a mean");
        assert!(figures.len() == 2 && (shown - mean).abs() < 1e-5 * mean, "point {k}: {shown} instead of {mean}");
    }
    assert_eq!(data["sensitivity"].as_array().map(Vec::len), Some(0));
    // Once sensitivity is taken, the page shows it.
    exodus(folder.path()).args(["sensitivity", "swept"]).assert().success();
    assert_eq!(page(&swept)["sensitivity"].as_array().map(Vec::len), Some(4));
    // A part of a sweep is none.
    let part =
        exodus(folder.path()).args(["sweep", "sweep.toml", "--out", "parts", "--shard", "1/2", "--quiet"]).assert().success();
    drop(part);
    let refused = exodus(folder.path()).args(["report", "parts/shard-1-of-2"]).assert().code(2);
    assert!(String::from_utf8_lossy(&refused.get_output().stderr).contains("shard"));
}

#[test]
fn designs_for_sensitivity_end_with_it() {
    let folder = tempfile::tempdir().expect("a folder");
    let swept = sweep(folder.path(), "design = \"morris\"\ntrajectories = 3");
    let data = page(&swept);
    let indices = data["sensitivity"].as_array().expect("a list");
    // Three indices of two factors for two outputs.
    assert_eq!((indices.len(), data["grid"].as_bool()), (12, Some(false)));
    assert!(swept.join("figures").read_dir().expect("figures").count() > 4);
    common::figures_stay(&swept);
}

#[test]
fn a_comparison_ends_with_its_page_and_figures() {
    let folder = tempfile::tempdir().expect("a folder");
    let folder = folder.path();
    replicates(folder, "a", &[]);
    replicates(folder, "b", &["intervention.full block.severity=0.3"]);
    exodus(folder).args(["compare", "a", "b", "--out", "c"]).assert().success();
    let compared = folder.join("c");
    let data = page(&compared);
    let other = &data["others"][0];
    assert_eq!((data["kind"].as_str(), other["side"]["pairs"].as_u64()), (Some("comparison"), Some(3)));
    // Nothing differs before the block, which both have, each its own.
    let labels: Vec<&str> =
        other["interventions"].as_array().expect("a list").iter().filter_map(|i| i["label"].as_str()).collect();
    assert!(labels.contains(&"full block (reference only)") && labels.contains(&"full block (other only)"), "{labels:?}");
    let users: u64 = other["flows"].as_array().expect("flows").iter().filter_map(|flow| flow["users"].as_u64()).sum();
    assert_eq!(users, other["side"]["followed"].as_u64().expect("a number"));
    let svg = std::fs::read_to_string(compared.join("figures/difference-reach.svg")).expect("a figure");
    assert!(svg.contains("Difference in monthly reach") && svg.contains("<polygon"), "bands are there");
    common::figures_stay(&compared);
    // Without its runs it can be shown still, from anywhere.
    std::fs::rename(&compared, folder.join("moved")).expect("moved");
    std::fs::remove_dir_all(folder.join("a")).expect("removed");
    page(&folder.join("moved"));
    exodus(folder).args(["report", "--figures", "moved"]).assert().success();
    // It takes nobody's place but its own.
    let refused = exodus(folder).args(["compare", "b", "b", "--out", "b"]).assert().code(2);
    assert!(String::from_utf8_lossy(&refused.get_output().stderr).contains("that no comparison lists"));
    exodus(folder).args(["compare", "b", "b", "--out", "moved", "--no-report", "--force"]).assert().success();
    assert!(!folder.join("moved/report.html").exists() && folder.join("b/replicates.csv").exists());
}

#[test]
fn several_others_are_shown_together() {
    let folder = tempfile::tempdir().expect("a folder");
    let folder = folder.path();
    replicates(folder, "a", &[]);
    replicates(folder, "b", &["intervention.full block.severity=0.3"]);
    replicates(folder, "c", &["intervention.full block.severity=0.6"]);
    exodus(folder).args(["compare", "a", "b", "c", "--out", "all"]).assert().success();
    let all = folder.join("all");
    page(&all);
    common::figures_stay(&all);
    // A bar for each messenger and other, with the numbers of the table.
    let table = |path: &Path| {
        let mut reader = csv::Reader::from_path(path).expect("a table");
        reader.deserialize().collect::<csv::Result<Vec<BTreeMap<String, String>>>>().expect("rows")
    };
    let measures = table(&all.join("measures.csv"));
    let end = measures.iter().filter(|m| m["measure"] == "day").map(|m| &m["date"]).max().expect("a day");
    let wanted: Vec<_> =
        measures.iter().filter(|m| m["measure"] == "day" && m["column"] == "monthly_reach" && m["date"] == *end).collect();
    let bars = table(&all.join("figures/difference-all.csv"));
    assert_eq!(bars.len(), wanted.len());
    for m in wanted {
        let bar = bars.iter().find(|bar| bar["name"] == format!("{}: {}", m["messenger"], m["run"])).expect("a bar");
        for (ours, theirs) in [("value", "difference"), ("low", "low_adjusted"), ("high", "high_adjusted")] {
            let [ours, theirs]: [f64; 2] = [&bar[ours], &m[theirs]].map(|x| x.parse().expect("a number"));
            assert!((ours - theirs / 1e6).abs() < 1e-6, "{bar:?}, {m:?}");
        }
    }
    // Those that begin, and those that end.
    let svg = std::fs::read_to_string(all.join("figures/difference-reach-1.svg")).expect("a figure");
    assert!(svg.contains("end of an intervention") && svg.contains("(until "), "ends are marked and named");
}

#[test]
fn a_run_shows_what_its_numbers_rest_on() {
    let folder = tempfile::tempdir().expect("a folder");
    let folder = folder.path();
    let scenario = root().join("scenarios/russia.toml").display().to_string();
    let args = [
        "run",
        &scenario,
        "--users",
        "300",
        "--until",
        "2025-01-10",
        "--out",
        "run",
        "--quiet",
        "--set",
        "messenger.Max.offset=-6",
    ];
    exodus(folder).args(args).assert().success();
    let marked = page(&folder.join("run"))["marked"].as_array().expect("a list").clone();
    let of = |path: &str| marked.iter().find(|value| value["path"] == path);
    // As scenarios/russia.toml and countries/ have it, in a comment beside the number.
    let appeal = of("messenger.Telegram.appeal").expect("it is marked");
    assert_eq!((&appeal["basis"], &appeal["interval"]), (&json!("fitted"), &json!([0.307, 0.458])));
    assert_eq!(of("model.vpn.share").expect("it is marked")["basis"], "measured");
    assert_eq!(of("intervention.WhatsApp blocked.salience").expect("it is marked")["basis"], "assumed");
    let rate = of("model.opening.rate").expect("its table is marked");
    assert_eq!((&rate["basis"], &rate["interval"]), (&json!("fitted"), &json!([6.47, 7.81])));
    // What was set is no longer what was fitted; a name is no number.
    assert!(of("messenger.Max.offset").is_none() && of("population.regions.Central.name").is_none());
    // Resumed, a run knows it still; a scenario without marks has none.
    assert!(Manifest::read(&folder.join("run")).expect("a manifest").marked.len() > 100);
}

#[test]
fn published_figures_go_with_the_run() {
    let folder = tempfile::tempdir().expect("a folder");
    let run = run(folder.path());
    let targets = |folder: &Path| page(folder)["targets"].as_array().expect("a list").clone();
    let shown = targets(&run);
    // Those within the run, in order of time: a mean of days in the middle of its month.
    let days: Vec<&str> = shown.iter().filter_map(|target| target["date"].as_str()).collect();
    assert_eq!(days, ["2025-02-28", "2025-03-15", "2025-03-31"]);
    assert_eq!((shown[0]["people"].as_f64(), shown[2]["measured"].as_bool()), (Some(500_000.0), Some(false)));
    let svg = std::fs::read_to_string(run.join("figures/reach.svg")).expect("a figure");
    // Two on the plot, two that say what they mean.
    assert_eq!(svg.matches("<circle").count(), 4);
    let table = std::fs::read_to_string(run.join("figures/daily-reach.csv")).expect("data");
    assert!(table.lines().any(|line| line.starts_with("2025-03-15,") && line.contains(", published")), "it is in the data");
    // The table is not needed any more, wherever the folder goes.
    std::fs::remove_file(folder.path().join("published.csv")).expect("removed");
    let moved = folder.path().join("moved");
    std::fs::rename(&run, &moved).expect("moved");
    assert_eq!(targets(&moved), shown);
    let again = ["run", "moved/scenario.toml", "--until", "2025-03-31", "--out", "again", "--quiet"];
    exodus(folder.path()).args(again).assert().success();
    assert_eq!(targets(&folder.path().join("again")), shown);
}

#[test]
fn a_folder_without_a_run_is_refused() {
    let folder = tempfile::tempdir().expect("a folder");
    let refused = exodus(folder.path()).args(["report", "."]).assert().code(2);
    assert!(String::from_utf8_lossy(&refused.get_output().stderr).contains("manifest.json"));
    assert!(!folder.path().join("report.html").exists());
}

#[test]
fn flows_and_cohorts_are_those_of_the_tables() {
    use exodus::storage::{COHORT_FIELDS, read_columns};
    let folder = tempfile::tempdir().expect("a folder");
    let run = run(folder.path());
    let data = data(&std::fs::read_to_string(run.join("report.html")).expect("a page"));
    // Reach by age, weighted by people, adds up to everyone's.
    let mut reach = 0.0;
    let last = data["dates"].as_array().and_then(|d| d.last()).and_then(|d| d.as_str()).expect("a day").to_owned();
    let epoch = exodus::scenario::Date::new(1970, 1, 1).expect("a day");
    let last = f64::from(epoch.days_until(last.parse().expect("a day")));
    read_columns(&run, "cohorts", COHORT_FIELDS, &["date", "cohort", "messenger", "monthly_reach"], |columns| {
        for row in 0..columns[0].numbers().len() {
            if columns[0].numbers()[row] == last && columns[1].texts()[row] == "age" && columns[2].texts()[row] == NASTY {
                reach += columns[3].numbers()[row];
            }
        }
        Ok(())
    })
    .expect("a table");
    let place = data["messengers"].as_array().and_then(|m| m.iter().position(|name| name == NASTY)).expect("a messenger");
    let days = data["curves"]["series"]["monthly_reach"][place]["values"].as_array().expect("figures");
    let shown = days.last().and_then(serde_json::Value::as_f64).expect("a figure");
    assert!(reach > 0.0 && (reach - shown).abs() < 2.0, "{reach} by age, {shown} in all");
}

#[cfg(unix)]
#[test]
fn the_page_of_a_run_that_goes_on_shows_the_days_so_far() {
    use std::process::{Command, Stdio};
    let folder = tempfile::tempdir().expect("a folder");
    let scenario = root().join("scenarios/russia.toml");
    let arguments = ["run", scenario.to_str().expect("a path"), "--users", "50000", "--out", "run", "--quiet"];
    let mut child = Command::new(assert_cmd::cargo::cargo_bin!("exodus"))
        .current_dir(folder.path())
        .args(arguments)
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .expect("started");
    let run = folder.path().join("run");
    while !run.join("series.part").exists() && child.try_wait().expect("a status").is_none() {
        std::thread::sleep(std::time::Duration::from_millis(5));
    }
    Command::new("kill").args(["-INT", &child.id().to_string()]).status().expect("kill");
    assert_eq!(child.wait().expect("a status").code(), Some(130));
    exodus(folder.path()).args(["report", "run"]).assert().success();
    let data = data(&std::fs::read_to_string(run.join("report.html")).expect("a page"));
    let mut grown = exodus::storage::Growing::open(&run.join("population.part")).expect("a table");
    let days = grown.rows(usize::MAX).expect("rows").map_or(0, |columns| columns[0].len());
    assert_eq!(data["dates"].as_array().map(Vec::len), Some(days));
    assert_eq!(data["manifest"]["status"], "stopped");
    // The last day of a stopped run is in all of its tables.
    assert_eq!(data["dates"].as_array().and_then(|d| d.last()), data["cohorts"]["dates"].as_array().and_then(|d| d.last()));
}

#[test]
fn a_reader_can_use_it() {
    let Some([modules, chromium]) = browser() else { return };
    let folder = tempfile::tempdir().expect("a folder");
    let folder = folder.path();
    let run = run(folder);
    let [a, ..] =
        ["a", "b"].map(|out| replicates(folder, out, if out == "b" { &["intervention.full block.severity=0.3"] } else { &[] }));
    replicates(folder, "c", &["intervention.full block.severity=0", "title=Nothing blocked"]);
    exodus(folder).args(["compare", "a", "b", "c", "--out", "compared"]).assert().success();
    let swept = sweep(folder, "design = \"grid\"\nlevels = 3\nreplicates = 2");
    exodus(folder).args(["sensitivity", "swept"]).assert().success();
    let compared = folder.join("compared");
    let points = points(folder);
    let screenshots = root().join("target/browser/screenshots");
    std::fs::create_dir_all(&screenshots).expect("a folder");
    let output = std::process::Command::new("node")
        .arg(root().join("tests/browser/report.cjs"))
        .args([&modules, &chromium, &screenshots, &run, &a, &swept, &compared, &points])
        .output()
        .expect("node");
    let said = String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr);
    println!("{said}");
    assert!(output.status.success(), "{said}");
}
