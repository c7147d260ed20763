//! What several tests need.
#![allow(dead_code, unreachable_pub, reason = "every test file uses its own part")]

use exodus::engine::Simulation;
use exodus::scenario::{self, Scenario};
use std::ffi::OsString;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::Command;

/// The project's folder.
pub fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// The scenario with every kind of intervention, with changes.
pub fn everything(changes: &[&str]) -> Scenario {
    load(&root().join("tests/scenarios/everything.toml"), changes)
}

pub fn load(path: &Path, changes: &[&str]) -> Scenario {
    let changes: Vec<String> = changes.iter().map(|c| (*c).to_owned()).collect();
    scenario::load(path, &changes).unwrap_or_else(|e| panic!("{e}"))
}

/// Days on which [`reach_over_days`] looks.
pub const DAYS: [&str; 3] = ["2025-02-28", "2025-03-31", "2025-04-30"];

/// Outputs of a sweep of that scenario: two messengers' monthly reach on these days, called such as `Green 2025-02-28`.
pub fn reach_over_days() -> String {
    let output = |messenger: &str, day: &str| {
        format!("[[output]]\nname = \"{messenger} {day}\"\nseries = \"monthly_reach\"\nmessenger = \"{messenger}\"\nat = {day}\n")
    };
    ["Green", "Blue"].iter().flat_map(|messenger| DAYS.map(|day| output(messenger, day))).collect()
}

/// All scenarios of the gallery, in order of name.
pub fn gallery() -> Vec<PathBuf> {
    let files = std::fs::read_dir(root().join("scenarios")).expect("the gallery is there");
    let mut files: Vec<PathBuf> =
        files.map(|f| f.expect("readable").path()).filter(|p| p.extension().is_some_and(|e| e == "toml")).collect();
    files.sort();
    files
}

/// Runs `work` on so many threads.
pub fn on_threads<T: Send>(threads: usize, work: impl FnOnce() -> T + Send) -> T {
    rayon::ThreadPoolBuilder::new().num_threads(threads).build().expect("a pool").install(work)
}

/// State hashes of every day.
pub fn hashes(scenario: Scenario) -> Vec<String> {
    let mut simulation = Simulation::new(scenario).expect("a simulation");
    let mut hashes = vec![simulation.state().hash()];
    while !simulation.finished() {
        simulation.step().expect("a step");
        hashes.push(simulation.state().hash());
    }
    hashes
}

/// Makes the figures of a folder again, in another process, and holds every file of them to the bytes that it had.
#[allow(clippy::option_env_unwrap, reason = "where there are no pages there is no command, and nobody calls this")]
pub fn figures_stay(folder: &Path) {
    let read = || {
        let entries = std::fs::read_dir(folder.join("figures")).expect("figures").map(|entry| entry.expect("an entry").path());
        entries.map(|path| (path.clone(), std::fs::read(path).expect("a file"))).collect::<std::collections::BTreeMap<_, _>>()
    };
    let before = read();
    for end in ["svg", "pdf", "png", "csv"] {
        assert!(before.keys().any(|path| path.extension().is_some_and(|e| e == end)), "{}: no {end}", folder.display());
    }
    before.keys().for_each(|path| std::fs::remove_file(path).expect("removed"));
    let made = Command::new(option_env!("CARGO_BIN_EXE_exodus").expect("the command"))
        .args(["report", "--figures"])
        .arg(folder)
        .output()
        .expect("the command");
    assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
    let after = read();
    assert!(before.keys().eq(after.keys()), "{:?} and {:?}", before.keys(), after.keys());
    for (path, bytes) in &before {
        assert!(after[path] == *bytes, "{} has other bytes", path.display());
    }
}

/// Says that a test, or a part of one, is skipped, and why: at once, past the harness, which keeps what passing tests say to
/// itself, and in a file whose lines `.ci/run` closes with. Under `CI=true` it fails: there everything can be installed.
#[track_caller]
pub fn skipped(why: &str) {
    assert!(std::env::var("CI").as_deref() != Ok("true"), "skipped under CI=true: {why}");
    absent(why);
}

/// The same for what is not to be installed anywhere: real data beside the project.
#[track_caller]
pub fn absent(why: &str) {
    let place = std::panic::Location::caller();
    let line = format!("skipped: {why} ({}:{})\n", place.file(), place.line());
    // One write each, so that lines of several tests stay whole.
    let _ = std::io::stderr().write_all(line.as_bytes());
    let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join("skipped.txt");
    let file = std::fs::OpenOptions::new().create(true).append(true).open(path);
    let _ = file.and_then(|mut file| file.write_all(line.as_bytes()));
}

/// A Python that can import these modules: the one that `EXODUS_PYTHON` names, else `python3`. `None`, said by [`skipped`],
/// where there is none: the project does not need it.
#[track_caller]
pub fn python(modules: &str) -> Option<OsString> {
    let python = std::env::var_os("EXODUS_PYTHON").unwrap_or_else(|| "python3".into());
    let there = Command::new(&python).args(["-c", &format!("import {modules}")]).output();
    if there.is_ok_and(|out| out.status.success()) {
        return Some(python);
    }
    skipped(&format!("no Python with {modules}; EXODUS_PYTHON names one"));
    None
}

/// Node packages and browser for tests of pages: `playwright-core` and `axe-core` in `target/browser`, and Chromium. `None`, said by
/// [`skipped`], where one is missing.
#[track_caller]
pub fn browser() -> Option<[PathBuf; 2]> {
    let modules = root().join("target/browser/node_modules");
    let packages = ["playwright-core", "axe-core"].iter().all(|package| modules.join(package).exists());
    let node = Command::new("node").arg("--version").output().is_ok_and(|o| o.status.success());
    let chromium = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"].map(PathBuf::from);
    match chromium.into_iter().find(|path| path.exists()) {
        Some(chromium) if packages && node => Some([modules, chromium]),
        _ => {
            skipped("needs node, chromium, and playwright-core and axe-core in target/browser");
            None
        }
    }
}
