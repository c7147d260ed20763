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

/// On a terminal of its own, what it draws holds no command of the title's.
#[test]
#[cfg(unix)]
fn a_title_commands_no_terminal() {
    use std::process::Stdio;
    let folder = tempfile::tempdir().expect("a folder");
    let scenario = root().join("tests/scenarios/everything.toml").display().to_string();
    let title = "title=\"here\\u001b[31m\\u202eit\\u2028is\\u0007\"";
    let run =
        ["run", &scenario, "--users", "300", "--until", "2025-01-05", "--out", "run", "--quiet", "--no-report", "--set", title];
    exodus(&run).current_dir(&folder).assert().success();
    let exodus = env!("CARGO_BIN_EXE_exodus");
    let mut script = std::process::Command::new("script");
    script.args(["-qec", &format!("stty cols 100 rows 30; {exodus} watch run"), "/dev/null"]).current_dir(&folder);
    let Ok(mut script) = script.env("TERM", "xterm").stdin(Stdio::piped()).stdout(Stdio::piped()).spawn() else {
        common::skipped("no `script` to make a terminal");
        return;
    };
    std::thread::sleep(std::time::Duration::from_millis(1500));
    std::io::Write::write_all(script.stdin.as_mut().expect("a pipe"), b"q").expect("a key");
    let output = script.wait_with_output().expect("it ends");
    let drawn = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(drawn.contains("here\\u001b[31m\\u202eit\\u2028is\\u0007"), "{drawn:?}");
    assert!(!drawn.contains(['\u{202e}', '\u{2028}', '\u{7}']), "{drawn:?}");
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
    // A run that was killed: its manifest says that it continues, and no process holds its folder.
    let manifest = out.join("manifest.json");
    let text = fs::read_to_string(&manifest).expect("a manifest").replace("\"finished\",", "\"running\",");
    fs::write(&manifest, text).expect("a manifest");
    assert!(told(&out).contains("it was killed; to resume: exodus resume"), "{}", told(&out));
    exodus(&["watch", &folder.path().display().to_string()]).assert().code(2);
}
