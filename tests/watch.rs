//! `exodus watch` where there is no terminal: a line on where the run stands.

mod common;

use assert_cmd::Command;
use common::root;
use std::fs;
use std::path::Path;

fn exodus(args: &[&str]) -> Command {
    let mut command = Command::cargo_bin("exodus").expect("the command");
    command.args(args);
    command
}

#[test]
fn watching_tells_in_a_line_where_there_is_no_terminal() {
    let folder = tempfile::tempdir().expect("a folder");
    let out = folder.path().join("run");
    let scenario = root().join("tests/scenarios/everything.toml").display().to_string();
    let dir = out.display().to_string();
    exodus(&["run", &scenario, "--users", "1000", "--out", &dir, "--quiet", "--no-report"]).assert().success();
    let told = |dir: &Path| {
        let said = exodus(&["watch", &dir.display().to_string()]).assert().success();
        String::from_utf8(said.get_output().stdout.clone()).expect("text")
    };
    assert!(told(&out).starts_with("everything: finished, day 120 of 120 (2025-04-30), "), "{}", told(&out));
    // A run that was killed: its manifest says that it goes on, and no process holds its folder.
    let manifest = out.join("manifest.json");
    let text = fs::read_to_string(&manifest).expect("a manifest").replace("\"finished\",", "\"running\",");
    fs::write(&manifest, text).expect("a manifest");
    assert!(told(&out).contains("it was killed; to go on: exodus resume"), "{}", told(&out));
    exodus(&["watch", &folder.path().display().to_string()]).assert().code(2);
}
