//! Small inputs that failed once, kept beside the project (`../shared/cases`, or `$EXODUS_SHARED/cases`): the command of each is run, and
//! what it must do now stands here, after its `expected`. Without them the test is left out with a message; every kind of them
//! has a test of the project's own.
#![cfg(unix)]

mod common;

use common::{absent, root};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

/// The folder of a case, copied to where it can write; `None` where there is none.
fn case(name: &str, into: &Path) -> Option<PathBuf> {
    let shared = std::env::var_os("EXODUS_SHARED").map_or_else(|| root().join("../shared"), PathBuf::from);
    let from = shared.join("cases").join(name);
    if !from.is_dir() {
        absent(&format!("no {}", from.display()));
        return None;
    }
    let to = into.join(name);
    fs::create_dir(&to).expect("a folder");
    for entry in fs::read_dir(from).expect("a case") {
        let path = entry.expect("an entry").path();
        fs::write(to.join(path.file_name().expect("a name")), fs::read(&path).expect("a file")).expect("written");
    }
    Some(to)
}

fn shell(folder: &Path, line: &str) -> Output {
    let programs = Path::new(env!("CARGO_BIN_EXE_exodus")).parent().expect("a folder").display().to_string();
    let path = format!("{programs}:{}", std::env::var("PATH").unwrap_or_default());
    Command::new("sh").args(["-c", line]).current_dir(folder).env("PATH", path).output().expect("a shell")
}

/// What the command of a case prints, on both streams.
fn of(name: &str) -> Option<(String, tempfile::TempDir)> {
    let base = tempfile::tempdir().expect("a folder");
    let folder = case(name, base.path())?;
    let output = shell(&folder, "sh ./cmd");
    Some((String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned(), base))
}

/// A case, and what must be, and must not be, in what it prints.
fn says(name: &str, must: &[&str], never: &[&str]) {
    let Some((text, _folder)) = of(name) else { return };
    must.iter().for_each(|part| assert!(text.contains(part), "{name}: no {part:?} in {text}"));
    never.iter().for_each(|part| assert!(!text.contains(part), "{name}: {part:?} in {text}"));
}

#[test]
fn inputs_that_failed_once_do_not_any_more() {
    // NetworkX: 1.3333, 1.2500, 2.4082.
    says("12-distance-small", &["1.3333", "1.2500", "2.4082"], &[]);
    says("14-median-of-gains", &[], &["46 replicates"]);
    says("15-slurm-space", &["SBATCH --output=\""], &[]);
    says("18-csv-debug-message", &["pts.csv:2: found 1 cell; allowed 2"], &["UnequalLengths"]);
    says("19-list-dup-column", &["pts.csv:1", "second time"], &[]);
    says("20-same-values", &["a second time"], &[]);
    says("21-launch-after-end", &["warning: messenger.", "warning: "], &[]);
    says("24-dangling-symlink", &["found a link to nowhere, which is not there"], &["File exists"]);
}

#[test]
fn few_users_are_run_and_run_again() {
    let Some((text, base)) = of("13-few-users") else { return };
    assert!(text.contains("rc 0"), "{text}");
    let folder = base.path().join("13-few-users");
    assert!(folder.join("o/report.html").exists(), "{text}");
    let output = shell(&folder, "exodus run o/scenario.toml --out again -q && exodus verify again");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}

#[test]
fn killed_early_there_is_nothing_or_a_run_to_go_on_with() {
    let base = tempfile::tempdir().expect("a folder");
    let Some(folder) = case("16-early-kill", base.path()) else { return };
    for wait in ["0", "0.02", "0.05", "0.1", "0.2", "0.4", "0.8"] {
        let run = "exodus run demo.toml --users 4000 --out k --no-report";
        shell(&folder, &format!("rm -rf k; {run} & P=$!; sleep {wait}; kill -KILL $P; wait $P"));
        let goes_on = if folder.join("k/manifest.json").exists() { "exodus resume k -q" } else { run };
        let output = shell(&folder, &format!("{goes_on} && exodus verify k"));
        assert!(output.status.success(), "{wait} s: {}", String::from_utf8_lossy(&output.stderr));
    }
}

#[test]
fn networks_are_read_as_they_are_meant() {
    let Some((text, base)) = of("01-import-labels-renumbered") else { return };
    let read = |name: &str| fs::read_to_string(base.path().join("01-import-labels-renumbered").join(name)).expect("a list");
    assert_eq!(read("perm.tsv"), read("again.tsv"), "{text}");
    assert!(text.contains("3,carl"), "{text}");
    says("02-isolated-lost", &["nodes                2,000", "2,000 users"], &["1,578"]);
    says("03-names-with-spaces", &["nodes                3", "ties                 3"], &["error"]);
    says(
        "05-bom",
        &["nodes                3", "ties                 3"],
        &["error", "nodes                4", "nodes                5"],
    );
    says("06-empty-field", &["line 3", "target"], &["nodes"]);
    says("07-other-formats", &["nodes                34", "ties                 78", "4 rows and 6 columns"], &[]);
    says("09-cr-only", &["nodes                34", "ties                 78"], &[]);
    let Some((text, base)) = of("23-export-format") else { return };
    let read = |name: &str| fs::read_to_string(base.path().join("23-export-format").join(name)).expect("a file");
    assert!(read("x.graphml").contains("<graphml") && read("x.gml").starts_with("graph ["), "{text}");
}
