//! A fault in any equation of the ODD protocol is caught by tests that are no golden files. `faults.toml` has the faults. They are planted in
//! a copy of the sources, all in one program that switches them on by number:
//! `cargo test --release --test equations fault -- --ignored --nocapture`, some fifteen minutes on two cores.
//!
//! So are mutants of the sources whose path begins with `EXODUS_MUTANTS`, `src/policy/` where it is not set (`mutants.rs`): `EXODUS_MUTANTS=src/model/chats.rs
//! cargo test --release --test equations mutant -- --ignored --nocapture`. What was tried is in `target/tmp/mutants.csv`, and not tried again until that
//! file is removed. All of `src/model/` at once takes the compiler more than half an hour.

mod mutants;
mod tried;

#[path = "../common/mod.rs"]
mod common;

use common::root;
use serde::Deserialize;
use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};

#[derive(Deserialize)]
struct Faults {
    fault: Vec<Fault>,
}

/// An expression or a statement of a source file, and what becomes of it.
#[derive(Deserialize)]
struct Fault {
    equation: u32,
    file: String,
    right: String,
    wrong: String,
}

fn faults() -> Vec<Fault> {
    toml::from_str::<Faults>(include_str!("faults.toml")).expect("a list of faults").fault
}

/// The numbers in section 7 of the document.
fn equations() -> BTreeSet<u32> {
    let document = fs::read_to_string(root().join("docs/odd.md")).expect("the document");
    let numbers = document.lines().filter_map(|line| line.strip_prefix("* (")?.split_once(')')?.0.parse().ok());
    numbers.collect()
}

#[test]
fn every_equation_has_a_fault_that_can_be_planted() {
    let faults = faults();
    let planted: BTreeSet<u32> = faults.iter().map(|fault| fault.equation).collect();
    assert_eq!(planted, equations());
    for Fault { equation, file, right, wrong } in &faults {
        let text = fs::read_to_string(root().join(file)).expect("a source");
        assert_eq!(text.matches(right.as_str()).count(), 1, "({equation}) {file}: {right}");
        assert_ne!(right, wrong);
    }
}

/// Which fault is switched on, in the program that has them all.
const SWITCH: &str = "EXODUS_FAULT";
const SWITCHED: &str = "
#[inline]
pub(crate) fn fault(number: usize) -> bool {
    use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
    static ON: AtomicUsize = AtomicUsize::new(usize::MAX);
    #[cold]
    fn read() -> usize {
        let on = std::env::var(\"EXODUS_FAULT\").map_or(0, |text| text.parse().expect(\"a number\"));
        ON.store(on, Relaxed);
        on
    }
    let on = ON.load(Relaxed);
    number == if on == usize::MAX { read() } else { on }
}
";

/// Copies the sources, changed by `change` of a file's name and text.
fn copy_sources(copy: &Path, mut change: impl FnMut(&str, &str) -> Option<String>) {
    let files = Command::new("git").args(["ls-files", "-z"]).current_dir(root()).output().expect("git runs").stdout;
    for file in String::from_utf8(files).expect("names of files").split_terminator('\0') {
        let mut text = fs::read(root().join(file)).expect("a file");
        if file == "src/lib.rs" {
            text.extend_from_slice(SWITCHED.as_bytes());
        } else if let Some(changed) = str::from_utf8(&text).ok().and_then(|source| change(file, source)) {
            text = changed.into_bytes();
        }
        let to = copy.join(file);
        fs::create_dir_all(to.parent().expect("a folder")).expect("a folder");
        // What is the same keeps its time, and is not compiled again.
        if fs::read(&to).ok().as_ref() != Some(&text) {
            fs::write(&to, text).expect("written");
        }
    }
}

/// The sources as they are, with all faults in them.
fn plant(copy: &Path, faults: &[Fault]) {
    copy_sources(copy, |file, source| {
        let here = faults.iter().enumerate().filter(|(_, fault)| fault.file == file);
        let mut places: Vec<_> = here.map(|(k, fault)| (source.find(&fault.right).expect("it is there"), k + 1, fault)).collect();
        places.sort_by_key(|place| place.0);
        let (mut planted, mut at) = (String::new(), 0);
        for &(place, number, Fault { right, wrong, .. }) in &places {
            planted.push_str(&source[at..place]);
            let [open, close] = if right.ends_with(';') { ["", ""] } else { ["(", ")"] };
            planted.push_str(&format!("{open}if crate::fault({number}) {{ {wrong} }} else {{ {right} }}{close}"));
            at = place + right.len();
        }
        (!places.is_empty()).then(|| planted + &source[at..])
    });
}

/// `cargo`, as it works on a copy; warnings are not of interest there.
fn cargo(copy: &Path, args: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO"));
    command.args(args).args(["--release", "--locked", "--no-default-features", "--features", "files"]);
    command.current_dir(copy).env("CARGO_TARGET_DIR", copy.join("target")).env("RUSTFLAGS", "-A warnings");
    command
}

/// Runs tests of the copy with one fault, or none (0); whether they pass.
fn pass(copy: &Path, tests: &[&str], fault: usize) -> bool {
    let mut command = cargo(copy, &["test", "--quiet"]);
    command.args(tests).env(SWITCH, fault.to_string()).env("PROPTEST_MAX_SHRINK_ITERS", "0");
    command.stdout(Stdio::null()).stderr(Stdio::null()).status().expect("cargo runs").success()
}

#[test]
#[ignore = "builds a copy, and takes minutes"]
fn a_fault_in_any_equation_is_caught() {
    let copy = Path::new(env!("CARGO_TARGET_TMPDIR")).join("equations");
    let faults = faults();
    plant(&copy, &faults);
    // Most are caught by single reviews, in a second or two; the others by whole runs, and limit cases.
    let tests: [&[&str]; 3] = [&["--test", "oracle", "--", "review::"], &["--test", "oracle"], &["--lib", "--test", "limits"]];
    assert!(tests.iter().all(|tests| pass(&copy, tests, 0)), "the tests pass where no fault is switched on");

    let mut survivors = Vec::new();
    for (number, Fault { equation, file, right, wrong }) in (1..).zip(&faults) {
        let caught = tests.iter().find(|tests| !pass(&copy, tests, number)).map(|tests| tests.join(" "));
        println!("({equation}) {file}: `{right}` -> `{wrong}`: {}", caught.as_deref().unwrap_or("NOT CAUGHT"));
        if caught.is_none() {
            survivors.push(*equation);
        }
    }
    assert!(survivors.is_empty(), "not caught in {survivors:?}");
}
