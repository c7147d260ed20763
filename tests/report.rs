//! The page of a run: whole, small, safe, right for the days so far; and, where there is a browser, usable.
//!
//! The browser's part needs `node`, Chromium and, in `target/browser`, the npm packages `playwright-core` and `axe-core`
//! (`npm install --prefix target/browser playwright-core axe-core`); it is skipped with a message where one is missing.

mod common;

use assert_cmd::Command;
use common::root;
use std::path::{Path, PathBuf};

/// A messenger whose name is trouble for a page that takes it for markup.
const NASTY: &str = "</script><b>";

fn exodus(folder: &Path) -> Command {
    let mut command = Command::cargo_bin("exodus").expect("the command");
    command.current_dir(folder);
    command
}

/// A short run with awkward names, in `folder/run`.
fn run(folder: &Path) -> PathBuf {
    let text = std::fs::read_to_string(root().join("tests/scenarios/everything.toml")).expect("a scenario");
    let text = text.replace("\"Green\"", &format!("{NASTY:?}"));
    assert!(text.contains(NASTY));
    std::fs::write(folder.join("nasty.toml"), text).expect("written");
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

#[test]
fn a_folder_without_a_run_is_refused() {
    let folder = tempfile::tempdir().expect("a folder");
    let refused = exodus(folder.path()).args(["report", "."]).assert().code(1);
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
    let days = data["series"]["monthly_reach"][place].as_array().expect("figures");
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
    while !run.join("series.csv.part").exists() && child.try_wait().expect("a status").is_none() {
        std::thread::sleep(std::time::Duration::from_millis(5));
    }
    Command::new("kill").args(["-INT", &child.id().to_string()]).status().expect("kill");
    assert_eq!(child.wait().expect("a status").code(), Some(130));
    exodus(folder.path()).args(["report", "run"]).assert().success();
    let data = data(&std::fs::read_to_string(run.join("report.html")).expect("a page"));
    let rows = std::fs::read_to_string(run.join("population.csv.part")).expect("a table").lines().count();
    assert_eq!(data["dates"].as_array().map(Vec::len), Some(rows - 1));
    assert_eq!(data["manifest"]["status"], "stopped");
    // The last day of a stopped run is in all of its tables.
    assert_eq!(data["dates"].as_array().and_then(|d| d.last()), data["cohorts"]["dates"].as_array().and_then(|d| d.last()));
}

#[test]
fn a_reader_can_use_it() {
    let modules = root().join("target/browser/node_modules");
    let asked = |program: &str| std::process::Command::new(program).arg("--version").output().is_ok_and(|o| o.status.success());
    let chromium =
        ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"].into_iter().find(|p| Path::new(p).exists());
    let packages = ["playwright-core", "axe-core"].iter().all(|package| modules.join(package).exists());
    let (Some(chromium), true, true) = (chromium, packages, asked("node")) else {
        eprintln!("skipped: needs node, chromium, and playwright-core and axe-core in target/browser");
        return;
    };
    let folder = tempfile::tempdir().expect("a folder");
    let run = run(folder.path());
    let screenshots = root().join("target/browser/screenshots");
    std::fs::create_dir_all(&screenshots).expect("a folder");
    let output = std::process::Command::new("node")
        .arg(root().join("tests/browser/report.cjs"))
        .args([&modules, Path::new(chromium), &run, &screenshots])
        .output()
        .expect("node");
    let said = String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr);
    println!("{said}");
    assert!(output.status.success(), "{said}");
}
