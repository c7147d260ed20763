//! What the command does where streams, limits and files are not what they should be: one line, no panic, nothing hangs, no
//! file of others is touched.
#![cfg(target_os = "linux")]

mod common;

use common::root;
use std::fs::{self, File};
use std::os::unix::fs::symlink;
use std::path::Path;
use std::process::{Command, Output, Stdio};

const EXODUS: &str = env!("CARGO_BIN_EXE_exodus");

fn scenario() -> String {
    root().join("tests/scenarios/everything.toml").display().to_string()
}

/// A shell's command line in a folder, ended after half a minute; `$E` is the program and `$S` a scenario.
fn shell(folder: &Path, line: &str) -> Output {
    let mut command = Command::new("timeout");
    command.args(["-s", "KILL", "30", "sh", "-c", line]).current_dir(folder);
    command.env("E", EXODUS).env("S", scenario()).output().expect("a shell")
}

fn said(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

#[test]
fn a_stderr_that_fails_is_no_panic() {
    let folder = tempfile::tempdir().expect("a folder");
    let verbs = [
        "run",
        "resume",
        "fork",
        "compare a",
        "sensitivity",
        "report",
        "watch",
        "snapshot info",
        "sweep",
        "calibrate",
        "score",
        "recover",
        "resilience --on 2025-01-01",
    ];
    for verb in verbs.iter().chain(&["validate", "check", "graph stats", "verify", "sweep merge", "snapshot verify"]) {
        for stream in ["2>/dev/full", "2>&-"] {
            let code = shell(folder.path(), &format!("$E {verb} nothing {stream}")).status.code();
            assert!(matches!(code, Some(1 | 2)), "{verb} {stream}: {code:?}");
        }
    }
    // What was computed is kept.
    let run = "$E run $S --users 300 --until 2025-01-20 --out run --no-report 2>/dev/full";
    assert_eq!(shell(folder.path(), run).status.code(), Some(0));
    assert!(folder.path().join("run/series.csv").exists());
    assert_eq!(shell(folder.path(), "$E check $S > /dev/full").status.code(), Some(1));
}

#[test]
fn limits_of_the_system_are_told_in_a_line() {
    let folder = tempfile::tempdir().expect("a folder");
    let folder = folder.path();
    let run = "exec $E run $S --threads 1 --quiet --no-report --out";
    // The signal of the limit is not ignored here: that is the program's business.
    let output = shell(folder, &format!("ulimit -f 60; {run} small --users 2000"));
    assert_eq!((output.status.code(), said(&output).lines().count()), (Some(1), 1), "{}", said(&output));
    assert!(said(&output).contains("File too large"), "{}", said(&output));
    assert!(shell(folder, "$E resume small --quiet").status.success());
    for limit in ["-v", "-d"] {
        let output =
            shell(folder, &format!("ulimit {limit} 400000; {run} big --users 50000000 --set population.people=50000000"));
        assert_eq!((output.status.code(), said(&output).lines().count()), (Some(1), 1), "{}", said(&output));
        assert!(said(&output).contains("GB of memory") && !said(&output).contains("--users 0)"), "{}", said(&output));
    }
    let output = shell(folder, "ulimit -v 400000; exec $E graph stats $S --users 50000000 --set population.people=50000000");
    assert_eq!((output.status.code(), said(&output).lines().count()), (Some(1), 1), "{}", said(&output));
    assert!(said(&output).contains("GB of memory"), "{}", said(&output));
    let output = shell(folder, "exec $E run $S --quiet --no-report --out many --threads 100000");
    assert_eq!(output.status.code(), Some(2));
    assert!(said(&output).contains("found 100000; allowed at most"), "{}", said(&output));
}

#[test]
fn links_pipes_and_devices_are_refused_and_lead_nowhere() {
    let folder = tempfile::tempdir().expect("a folder");
    let folder = folder.path();
    fs::write(folder.join("mine"), "precious\n").expect("written");
    let run =
        |out: &str| shell(folder, &format!("exec $E run $S --users 300 --until 2025-01-20 --quiet --no-report --out {out}"));
    for (k, (name, to)) in
        [("exodus.lock", "nowhere"), ("exodus.lock", "../mine"), ("exodus.lock", "/dev/null")].into_iter().enumerate()
    {
        let out = format!("locked-{k}");
        fs::create_dir(folder.join(&out)).expect("a folder");
        symlink(to, folder.join(&out).join(name)).expect("a link");
        let output = run(&out);
        assert_eq!((output.status.code(), said(&output).lines().count()), (Some(1), 1), "{to}: {}", said(&output));
        assert!(said(&output).contains("found a link"), "{to}: {}", said(&output));
    }
    // Where we write, a link is replaced, not followed.
    let names = ["manifest.json.tmp", "scenario.toml.tmp", "series.part", "trace.part", "events.part"];
    fs::create_dir(folder.join("linked")).expect("a folder");
    names.iter().for_each(|name| symlink("../mine", folder.join("linked").join(name)).expect("a link"));
    let output = run("linked");
    assert!(output.status.success(), "{}", said(&output));
    assert_eq!(fs::read_to_string(folder.join("mine")).expect("a file"), "precious\n");
    // A link to a folder is the user's; one that leads nowhere is reported.
    fs::create_dir(folder.join("scratch")).expect("a folder");
    symlink("scratch", folder.join("results-here")).expect("a link");
    assert!(run("results-here").status.success());
    symlink("gone", folder.join("dangling")).expect("a link");
    assert!(said(&run("dangling")).contains("found a link to gone, which is not there"));
    // Whatever is read must be a file.
    assert!(Command::new("mkfifo").arg(folder.join("pipe.toml")).status().expect("mkfifo").success());
    for input in ["pipe.toml", "/dev/zero", "."] {
        let verbs = [
            "check",
            "run --out x",
            "sweep",
            "calibrate",
            "validate",
            "snapshot info",
            "fork",
            "score",
            "recover",
            "resilience --on 2025-01-01",
        ];
        for verb in verbs {
            let output = shell(folder, &format!("exec $E {verb} {input}"));
            assert!(matches!(output.status.code(), Some(1 | 2)), "{verb} {input}: {}", said(&output));
            assert!(said(&output).contains("allowed a regular file"), "{verb} {input}: {}", said(&output));
        }
    }
    let output = shell(folder, "exec $E check $S --nodes /dev/zero; exec $E graph stats /dev/zero");
    assert!(said(&output).contains("allowed a regular file"), "{}", said(&output));
    // A line without an end.
    let text = File::create(folder.join("endless.csv")).expect("a file");
    text.set_len(3 << 20).expect("a length");
    let keys = "name = \"t\"\nusers = 300\ndesign = \"list\"\nfile = \"endless.csv\"\n[[factor]]\nkey = \"model.review_rate\"\n";
    let output = "[[output]]\nseries = \"holders\"\nmessenger = \"State\"\nat = 2025-01-31\n";
    fs::write(folder.join("list.toml"), format!("scenario = {:?}\n{keys}{output}", scenario())).expect("written");
    let output = shell(folder, "exec $E sweep list.toml --out y");
    assert!(said(&output).contains("found a line of more than"), "{}", said(&output));
}

#[test]
fn no_text_of_others_commands_the_terminal() {
    let folder = tempfile::tempdir().expect("a folder");
    let hostile = "a\u{1b}[31m\u{202e}\u{2028}b\u{7}";
    fs::write(folder.path().join(format!("{hostile}.toml")), format!("title = \"x\"\n\"{}\" = 1\n", "k\\u001b\\u202e"))
        .expect("written");
    let file = format!("{hostile}.toml");
    let changes = format!("{hostile}=1");
    for args in [vec!["check", &file], vec!["check", &scenario(), "--set", &changes], vec![hostile], vec!["report", hostile]] {
        let output = Command::new(EXODUS).args(&args).current_dir(&folder).stdin(Stdio::null()).output().expect("the command");
        let text = [output.stdout, output.stderr].concat();
        let text = String::from_utf8_lossy(&text);
        assert!(!text.is_empty() && !text.contains(['\u{1b}', '\u{202e}', '\u{2028}', '\u{7}']), "{args:?}: {text:?}");
    }
}
