//! Bounded memory for any input: files made to fill it are refused in a line, by a process that the system gives no more than
//! a fixed amount.
#![cfg(unix)]

mod common;

use common::root;
use std::fmt::Write;
use std::fs;
use std::path::Path;
use std::process::{Command, Output};

/// Runs the command with so much address space (kB), which the shell asks the system for.
fn within(kilobytes: u64, folder: &Path, args: &str) -> Output {
    let line = format!("ulimit -v {kilobytes}; exec {} {args}", env!("CARGO_BIN_EXE_exodus"));
    Command::new("sh").args(["-c", &line]).current_dir(folder).output().expect("a shell")
}

fn said(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

fn scenario() -> String {
    root().join("tests/scenarios/everything.toml").display().to_string()
}

const GIGABYTE: u64 = 1 << 20;

fn sweep(folder: &Path, design: &str, factors: usize) {
    let mut text = format!("name = \"t\"\nusers = 300\nscenario = {:?}\n{design}\n", scenario());
    for messenger in ["Green", "Blue", "State"].iter().take(factors) {
        let _ = writeln!(text, "[[factor]]\nkey = \"messenger.{messenger}.appeal\"\nlow = 0.1\nhigh = 0.9");
    }
    text += "[[output]]\nseries = \"holders\"\nmessenger = \"State\"\nat = 2025-01-31\n";
    fs::write(folder.join("s.toml"), text).expect("written");
}

#[test]
fn designs_are_counted_before_they_are_made() {
    let folder = tempfile::tempdir().expect("a folder");
    let folder = folder.path();
    // What is found is what the file says, multiplied out here.
    for (design, found) in [
        ("design = \"latin_hypercube\"\npoints = 4294967295", "4294967295 points of 3 factors"),
        ("design = \"latin_hypercube\"\npoints = 1666667", "1666667 points of 3 factors"),
        ("design = \"grid\"\nlevels = 1000", "1000000000 points"),
        ("design = \"morris\"\ntrajectories = 4294967295", "17179869180 points"),
    ] {
        sweep(folder, design, 3);
        let output = within(GIGABYTE, folder, "sweep s.toml --dry-run");
        let text = said(&output);
        assert_eq!((output.status.code(), text.lines().count()), (Some(2), 1), "{design}: {text}");
        assert!(text.contains(&format!("found {found}; allowed ")), "{design}: {text}");
    }
    sweep(folder, "design = \"latin_hypercube\"\npoints = 1000", 3);
    let output = within(4 * GIGABYTE, folder, "sweep s.toml --dry-run");
    assert!(output.status.success(), "{}", said(&output));
    // A list is counted while it is read.
    let rows: String = (0..2_600_000).map(|k| format!("0.{:07},0.5\n", k + 1)).collect();
    fs::write(folder.join("points.csv"), format!("messenger.Green.appeal,messenger.Blue.appeal\n{rows}")).expect("written");
    let text = fs::read_to_string(folder.join("s.toml")).expect("a sweep");
    let text = text.replace("design = \"latin_hypercube\"\npoints = 1000", "design = \"list\"\nfile = \"points.csv\"");
    let two: Vec<&str> = text.split("[[factor]]").collect();
    let output = two[3].split_once("[[output]]").expect("an output").1;
    let text = format!("{}[[factor]]{}[[factor]]{}[[output]]{output}", two[0], two[1], two[2]);
    fs::write(folder.join("s.toml"), text.replace("low = 0.1\n", "").replace("high = 0.9\n", "")).expect("written");
    let output = within(4 * GIGABYTE, folder, "sweep s.toml --dry-run");
    assert!(said(&output).contains("points.csv:2500002: found one more point; allowed 5000000"), "{}", said(&output));
}

#[test]
fn a_million_published_figures_are_too_many() {
    let folder = tempfile::tempdir().expect("a folder");
    let folder = folder.path();
    let rows = "2025-02,Green,monthly_reach,0.1,M\n".repeat(1_000_000);
    fs::write(folder.join("figures.csv"), format!("month,messenger,column,value_mln,flag\n{rows}")).expect("written");
    let text = fs::read_to_string(scenario()).expect("a scenario");
    fs::write(folder.join("s.toml"), format!("targets = \"figures.csv\"\n{text}")).expect("written");
    let output = within(4 * GIGABYTE, folder, "check s.toml");
    let text = said(&output);
    assert_eq!((output.status.code(), text.lines().count()), (Some(2), 1), "{text}");
    assert!(text.contains("figures.csv:50002: targets: found one more row; allowed 50000"), "{text}");
    // In the scenario itself.
    let target = "[[target]]\nmessenger = \"Green\"\ncolumn = \"monthly_reach\"\ndate = 2025-02-28\npeople = 1\n".repeat(60_000);
    fs::write(folder.join("t.toml"), format!("{}\n{target}", fs::read_to_string(scenario()).expect("text"))).expect("written");
    let text = said(&within(4 * GIGABYTE, folder, "check t.toml"));
    assert!(text.contains("target: found a list of 60000; allowed 0 to 50000 items"), "{text}");
    fs::write(folder.join("u.toml"), "# x\n".repeat(5 << 20)).expect("written");
    let text = said(&within(4 * GIGABYTE, folder, "check u.toml"));
    assert!(
        text.contains("u.toml:1: not TOML that could be a scenario: found 20971520 bytes; allowed at most 16777216")
            && text.lines().count() == 1,
        "{text}"
    );
}

#[test]
fn of_many_problems_the_first_and_the_number_are_told() {
    let folder = tempfile::tempdir().expect("a folder");
    let folder = folder.path();
    let text = fs::read_to_string(scenario()).expect("a scenario");
    // Each is one problem, in a line of its own.
    let wrong: String = (0..100_000).map(|k| format!("u{k} = 1\n")).collect();
    fs::write(folder.join("t.toml"), format!("{wrong}{text}")).expect("written");
    let told = said(&within(4 * GIGABYTE, folder, "check t.toml"));
    let lines: Vec<&str> = told.lines().collect();
    assert!(lines.len() == 51 && lines[50].ends_with("and 99950 more like these"), "{}: {:?}", lines.len(), lines.last());
    assert!(lines[0].contains("t.toml:1: u0: ") && lines[49].contains("t.toml:50: u49: "), "{}", lines[0]);
    // Warnings too: each figure is outside the run.
    let target = "[[target]]\nmessenger = \"Green\"\ncolumn = \"monthly_reach\"\npeople = 1\n";
    let targets: String = (0..300).map(|k| format!("{target}date = {}-{:02}-01\n", 2030 + k / 12, 1 + k % 12)).collect();
    fs::write(folder.join("w.toml"), format!("{text}\n{targets}")).expect("written");
    let told = said(&within(4 * GIGABYTE, folder, "check w.toml"));
    assert_eq!((told.lines().count(), told.lines().last()), (51, Some("warning: and 250 more like these")), "{told}");
}

#[test]
fn interventions_have_a_limit() {
    let folder = tempfile::tempdir().expect("a folder");
    let folder = folder.path();
    let text = fs::read_to_string(scenario()).expect("a scenario");
    let one = "kind = \"throttle\"\nmessenger = \"Green\"\nseverity = 0.1\nservices = [\"calls\"]\nfrom = 2025-02-01\nuntil = 2025-03-01";
    let many = |n: usize| (0..n).map(|k| format!("\n[[intervention]]\nlabel = \"number {k}\"\n{one}\n")).collect::<String>();
    fs::write(folder.join("s.toml"), format!("{text}\n{}", many(10_001))).expect("written");
    assert!(said(&within(4 * GIGABYTE, folder, "check s.toml")).contains("allowed 0 to 10000 items"));
    fs::write(folder.join("s.toml"), format!("{text}\n{}", many(8000))).expect("written");
    let output = within(4 * GIGABYTE, folder, "check s.toml");
    assert!(output.status.success(), "{}", said(&output));
}

#[test]
fn lists_of_sweeps_and_calibrations_have_a_limit() {
    let folder = tempfile::tempdir().expect("a folder");
    let folder = folder.path();
    let head = format!("scenario = {:?}\nusers = 300\n", scenario());
    let output = "[[output]]\nname = \"N\"\nseries = \"holders\"\nmessenger = \"State\"\nat = 2025-01-31\n";
    let factor = "[[factor]]\nname = \"N\"\nkey = \"model.review_rate\"\nvalues = [0.1]\n";
    let values: String = (1..=10_001).map(|k| format!("0.{k:05},")).collect();
    let sweep = format!("name = \"t\"\ndesign = \"grid\"\n{head}");
    let parameter = "[[parameter]]\nname = \"N\"\nmeaning = \"x\"\nsets = [{ key = \"model.review_rate\" }]\nstart = 0.1\nlow = 0.0\nhigh = 0.2\n";
    let series = "[[series]]\nname = \"N\"\nmessenger = \"State\"\ncolumn = \"holders\"\nnoise = 0.1\n";
    let calibration = format!("{head}targets = \"none.csv\"\n");
    let months = "\"2025-02\",".repeat(1001);
    let times = |text: &str, n: usize| (0..n).map(|k| text.replace("\"N\"", &format!("\"{k}\""))).collect::<String>();
    for (verb, text, key, allowed) in [
        ("sweep", format!("{sweep}{output}{}", times(factor, 1001)), "factor", 1000),
        ("sweep", format!("{sweep}{factor}{}", times(output, 10_001)), "output", 10_000),
        ("sweep", format!("{sweep}{output}{}", factor.replace("[0.1]", &format!("[{values}]"))), "values", 10_000),
        ("calibrate", format!("{calibration}{series}{}", times(parameter, 1001)), "parameter", 1000),
        ("calibrate", format!("{calibration}{parameter}{}", times(series, 1001)), "series", 1000),
        (
            "calibrate",
            format!("{calibration}{parameter}{series}{}", times("[[variant]]\nname = \"N\"\nset = []\n", 1001)),
            "variant",
            1000,
        ),
        ("score", format!("{calibration}{parameter}{series}[score]\norigins = [{months}]\nhorizon = 1\n"), "origins", 1000),
    ] {
        fs::write(folder.join("f.toml"), text).expect("written");
        let output = within(2 * GIGABYTE, folder, &format!("{verb} f.toml --dry-run"));
        let text = said(&output);
        assert_eq!(output.status.code(), Some(2), "{key}: {text}");
        let found = format!("{key}: found a list of {}; allowed at most {allowed} items", allowed + 1);
        assert!(text.contains(&found), "{key}: {text}");
    }
}

#[test]
fn names_that_are_formulas_or_turn_the_line_are_refused() {
    let folder = tempfile::tempdir().expect("a folder");
    let folder = folder.path();
    let keys =
        ["messenger.Green.name", "population.regions.West.name", "population.ages.young.name", "population.groups.pupils.name"];
    for key in keys.iter().chain(&["intervention.full block.label"]) {
        for name in ["=1+1", "+7", "-x", "@you", " =HYPERLINK(1)", "a\\u202eb", "a\\u2028b", "a\\u2066b", "a\\u001bb", ""] {
            let set = format!("{key}=\"{name}\"");
            let output = Command::new(env!("CARGO_BIN_EXE_exodus"))
                .args(["check", &scenario(), "--set", &set])
                .output()
                .expect("the command");
            assert!(output.status.code() == Some(2) && said(&output).contains("allowed a name "), "{set}: {}", said(&output));
        }
    }
    sweep(folder, "design = \"grid\"\nlevels = 2", 1);
    let text = fs::read_to_string(folder.join("s.toml")).expect("a sweep");
    for place in ["[[factor]]", "[[output]]"] {
        fs::write(folder.join("f.toml"), text.replace(place, &format!("{place}\nname = \"=1\""))).expect("written");
        let output = within(4 * GIGABYTE, folder, "sweep f.toml --dry-run");
        assert!(
            output.status.code() == Some(2) && said(&output).contains("which spreadsheets take for a formula"),
            "{}",
            said(&output)
        );
    }
}

#[test]
fn tables_of_nodes_have_no_endless_rows() {
    let folder = tempfile::tempdir().expect("a folder");
    let folder = folder.path();
    fs::write(folder.join("g.csv"), "a,b\nb,c\n").expect("written");
    for (k, text) in ["x".repeat(3 << 20), format!("\"{}", "y\n".repeat(2 << 20))].iter().enumerate() {
        fs::write(folder.join("nodes.csv"), format!("label,age\n{text}")).expect("written");
        let args = format!(
            "run {} --out x --set 'graph={{kind=\"file\",path=\"{}\"}}' --nodes nodes.csv",
            scenario(),
            folder.join("g.csv").display()
        );
        let output = within(4 * GIGABYTE, folder, &args);
        assert!(said(&output).contains("nodes.csv") && said(&output).contains("1048576 bytes"), "{k}: {}", said(&output));
    }
}

/// Four bytes an arc: 4 x 4,294,967,294 x 4,294,967,293 bytes are more than 64 bits count.
#[test]
fn a_complete_graph_of_all_users_is_told_as_too_large() {
    let scenario = root().join("scenarios/russia.toml").display().to_string();
    let folder = tempfile::tempdir().expect("a folder");
    let graph = [
        "--set",
        "graph={kind=\"complete\"}",
        "--set",
        "model.chats.kinds=[]",
        "--set",
        "remove=chats told to move",
        "--set",
        "population.people=6000000000",
        "--users",
        "4294967294",
    ];
    let exodus = |verb: &str, more: &[&str]| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_exodus"));
        command.arg(verb).arg(&scenario).args(graph).args(more).current_dir(&folder).output().expect("the command")
    };
    let output = exodus("check", &["--json"]);
    let told: serde_json::Value = serde_json::from_slice(&output.stdout).expect("JSON");
    let bytes = told["predicted_bytes"].as_f64().expect("a number");
    assert!(bytes >= 1.8e19, "{bytes}: the arcs alone are 7.4e19, and 1.8e19 the most that can be counted");
    let output = exodus("run", &["--out", "never"]);
    assert!(said(&output).contains("GB of memory and") && output.status.code() == Some(1), "{}", said(&output));
    assert!(!folder.path().join("never").exists());
}
