//! All mutants are tried with the tests that are no golden files: first with reviews, which catch most in no time, then those left with all others.

use super::mutants::{Mutant, places, plant};
use super::{SWITCH, cargo, copy_sources};
use rayon::prelude::*;
use serde::Deserialize;
use std::collections::{BTreeMap, BTreeSet};
use std::fs::{self, File, OpenOptions};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Mutex;
use std::time::{Duration, Instant};

/// Seconds after which a test ends that takes a few where no mutant is switched on.
const QUICK: u64 = 30;
const LONG: u64 = 90;

/// Mutants that are no other model, or no model at all, and why.
#[derive(Deserialize)]
struct Survivors {
    #[serde(default)]
    survivor: Vec<Survivor>,
}

#[derive(Deserialize)]
struct Survivor {
    name: String,
    why: String,
}

/// A test of a program of tests.
#[derive(Clone)]
struct Test {
    program: PathBuf,
    name: String,
}

impl Test {
    /// Whether it passes with a mutant; `None` where it does not end.
    fn passes(&self, mutant: usize, seconds: u64) -> Option<bool> {
        let mut command = Command::new(&self.program);
        command.args(["--exact", &self.name, "--include-ignored"]).env(SWITCH, mutant.to_string());
        command.env("PROPTEST_MAX_SHRINK_ITERS", "0").env("RAYON_NUM_THREADS", "1");
        let mut child = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().expect("a test starts");
        let start = Instant::now();
        loop {
            if let Some(status) = child.try_wait().expect("a process") {
                return Some(status.success());
            }
            if start.elapsed() > Duration::from_secs(seconds) {
                child.kill().and_then(|()| child.wait()).expect("it is killed");
                return None;
            }
            std::thread::sleep(Duration::from_millis(5));
        }
    }
}

/// Plants what compiles, and compiles it. The programs of tests by name, the mutants, and how many do not compile.
fn build(copy: &Path, part: &str) -> (BTreeMap<String, PathBuf>, Vec<Mutant>, usize) {
    let mut dropped: BTreeSet<String> = BTreeSet::new();
    loop {
        let (mut all, mut by_file) = (Vec::new(), BTreeMap::new());
        copy_sources(copy, |file, source| {
            let is_ours = file.starts_with(part) && file.ends_with(".rs");
            let found = is_ours.then(|| places(source))?;
            let (text, mutants) = plant(source, &found, file, all.len() + 1, &|name| dropped.contains(name));
            all.extend(mutants.iter().cloned());
            by_file.insert(file.to_owned(), mutants);
            Some(text)
        });
        let output = cargo(copy, &["test", "--no-run", "--message-format=json"])
            .args(["--test", "oracle", "--test", "limits"])
            .output()
            .expect("cargo runs");
        let messages = || output.stdout.split(|byte| *byte == b'\n').filter_map(|line| serde_json::from_slice(line).ok());
        if output.status.success() {
            let program = |message: serde_json::Value| {
                let name = message["target"]["name"].as_str()?.to_owned();
                Some((name, PathBuf::from(message["executable"].as_str()?)))
            };
            return (messages().filter_map(program).collect(), all, dropped.len());
        }
        let before = dropped.len();
        for message in messages().filter(|message: &serde_json::Value| message["message"]["level"] == "error") {
            let spans = message["message"]["spans"].as_array().cloned().unwrap_or_default();
            for span in spans.iter().filter(|span| span["is_primary"] == true) {
                let mutants = span["file_name"].as_str().and_then(|file| by_file.get(file)).map_or(&[][..], Vec::as_slice);
                let [start, end] = ["byte_start", "byte_end"].map(|key| span[key].as_u64().unwrap_or(0) as usize);
                let within = |m: &&Mutant| m.range.start <= start && end <= m.range.end;
                let beside = |m: &&Mutant| m.range.start < end && start < m.range.end;
                let mut wrong: Vec<_> = mutants.iter().filter(within).collect();
                if wrong.is_empty() {
                    wrong = mutants.iter().filter(beside).collect();
                }
                dropped.extend(wrong.into_iter().map(|mutant| mutant.name.clone()));
            }
        }
        println!("{} of {} mutants compile", all.len() + before - dropped.len(), all.len() + before);
        assert!(dropped.len() > before, "{}", String::from_utf8_lossy(&output.stderr));
    }
}

#[test]
#[ignore = "takes hours"]
fn a_mutant_of_the_model_is_caught() {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR"));
    let part = std::env::var("EXODUS_MUTANTS").unwrap_or_else(|_| "src/policy/".into());
    let (programs, mutants, dropped) = build(&folder.join("mutants"), &part);
    let tests_of = |program: &str| {
        let path = &programs[program];
        let list = Command::new(path).arg("--list").output().expect("a list").stdout;
        let names = String::from_utf8(list).expect("text");
        let names = names.lines().filter_map(|line| line.strip_suffix(": test")).map(str::to_owned);
        names.map(|name| Test { program: path.clone(), name }).collect::<Vec<_>>()
    };
    let (quick, others): (Vec<_>, Vec<_>) = tests_of("oracle").into_iter().partition(|test| test.name.starts_with("review::"));
    let long: Vec<Test> = tests_of("limits").into_iter().chain(others).collect();
    // Those that take long by themselves, or need what is not here, say nothing of a mutant.
    let fit = |tests: Vec<Test>, seconds: u64| -> Vec<Test> {
        tests.into_par_iter().filter(|test| test.passes(0, seconds / 3) == Some(true)).collect()
    };
    let (quick, long) = (fit(quick, QUICK), fit(long, LONG));
    println!("{} mutants, {dropped} do not compile; {} quick tests, {} others", mutants.len(), quick.len(), long.len());

    let path = folder.join("mutants.csv");
    let mut known: BTreeMap<String, String> = BTreeMap::new();
    for line in fs::read_to_string(&path).unwrap_or_default().lines() {
        if let Some((name, outcome)) = line.rsplit_once('\t') {
            known.insert(name.to_owned(), outcome.to_owned());
        }
    }
    let file = Mutex::new(OpenOptions::new().create(true).append(true).open(&path).expect("a file"));
    let note = |file: &Mutex<File>, mutant: &Mutant, outcome: &str| {
        writeln!(file.lock().expect("a file"), "{}\t{outcome}", mutant.name).expect("written");
    };
    for (tests, seconds, left) in [(&quick, QUICK, "left by reviews"), (&long, LONG, "NOT CAUGHT")] {
        let stem = |mutant: &Mutant| {
            mutant.name.split_once(".rs").map_or("", |(file, _)| file.rsplit('/').next().unwrap_or("")).to_owned()
        };
        let is_known =
            |mutant: &Mutant| known.get(&mutant.name).is_some_and(|outcome| outcome != "left by reviews" || seconds == QUICK);
        let todo: Vec<&Mutant> = mutants.iter().filter(|mutant| !is_known(mutant)).collect();
        let found: Vec<(String, String)> = todo
            .into_par_iter()
            .map(|mutant| {
                // The test that is named as the file is comes first.
                let mut order: Vec<&Test> = tests.iter().collect();
                order.sort_by_key(|test| !test.name.contains(&stem(mutant)));
                let caught = order.into_iter().find_map(|test| match test.passes(mutant.number, seconds) {
                    Some(true) => None,
                    Some(false) => Some(format!("caught by {}", test.name)),
                    None => Some(format!("never ends in {}", test.name)),
                });
                let outcome = caught.unwrap_or_else(|| left.to_owned());
                note(&file, mutant, &outcome);
                (mutant.name.clone(), outcome)
            })
            .collect();
        known.extend(found);
    }
    let argued = toml::from_str::<Survivors>(include_str!("survivors.toml")).expect("a list of survivors").survivor;
    let argued: BTreeMap<String, String> = argued.into_iter().map(|survivor| (survivor.name, survivor.why)).collect();
    let survivors: Vec<&str> = mutants
        .iter()
        .filter(|mutant| known[&mutant.name] == "NOT CAUGHT" && !argued.contains_key(&mutant.name))
        .map(|mutant| mutant.name.as_str())
        .collect();
    assert!(survivors.is_empty(), "not caught, and not argued:\n{}", survivors.join("\n"));
}
