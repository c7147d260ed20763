//! A scenario that is changed while it is displayed comes to what the same scenario comes to from its beginning: in the library, in
//! the page's WebAssembly under Node, and in a browser.

mod common;

use assert_cmd::Command;
use common::{browser, everything, hashes, root, skipped};
use exodus::engine::Simulation;
use exodus::live::{Live, Session, Which};
use exodus::observe::{Aggregate, Observation};
use exodus::scenario::{self, Scenario};
use serde_json::{Value, json};
use std::path::{Path, PathBuf};

const SMALL: [&str; 3] = ["population.users=1500", "model.warm_up_days=4", "model.settle_days=4"];

/// A session on the scenario with every kind of intervention, which has come to its end.
fn session() -> (Session, Value, String) {
    let text = everything(&SMALL).to_toml().expect("text");
    let mut session = Session::new();
    let begun = ask(&mut session, &json!({ "open": { "scenario": text, "users": 1200, "link": null } }));
    assert_eq!((begun["users"].as_u64(), begun["changed"].as_bool()), (Some(1200), Some(false)));
    ask(&mut session, &json!({ "advance": 10_000 }));
    (session, begun, text)
}

fn ask(session: &mut Session, question: &Value) -> Value {
    let answer: Value = serde_json::from_str(&session.answer(&question.to_string())).expect("an answer");
    assert_eq!(answer.get("error"), None, "{question}");
    answer
}

/// Hash of the final state of a scenario file, from its beginning.
fn final_hash(text: &str) -> String {
    let scenario = scenario::parse(text, "file.toml", &[]).unwrap_or_else(|e| panic!("{e}"));
    hashes(scenario).pop().expect("a day")
}

/// Interventions with one of them changed.
fn with(list: &Value, label: &str, change: impl FnOnce(&mut Value)) -> Value {
    let mut list = list.clone();
    let item = list.as_array_mut().expect("a list").iter_mut().find(|item| item["label"] == label);
    change(item.unwrap_or_else(|| panic!("no {label}")));
    list
}

#[test]
fn every_change_comes_to_what_its_file_comes_to() {
    let (mut session, begun, text) = session();
    let original = begun["original"].clone();
    let labels: Vec<String> =
        original.as_array().expect("a list").iter().map(|i| i["label"].as_str().expect("a label").to_owned()).collect();
    assert!(labels.len() > 8, "{labels:?}");
    let mut later = 0;
    // Each of them moved, left out, and weakened where it can be; then some at once.
    let mut changes: Vec<Value> = Vec::new();
    for label in &labels {
        changes.push(with(&original, label, |i| i["from"] = "2025-03-03".into()));
        changes.push(original.as_array().expect("a list").iter().filter(|i| i["label"] != **label).cloned().collect());
        for number in ["severity", "effectiveness"] {
            if original.as_array().expect("a list").iter().any(|i| i["label"] == **label && i.get(number).is_some()) {
                changes.push(with(&original, label, |i| i[number] = 0.25.into()));
            }
        }
    }
    let mut added = original.clone();
    added.as_array_mut().expect("a list").extend([
        json!({ "label": "Blue blocked", "kind": "block", "messenger": "Blue", "from": "2025-03-20", "severity": 0.9 }),
        json!({ "label": "VPNs", "kind": "vpn", "from": "2025-02-20", "effectiveness": 0.5 }),
    ]);
    changes.push(added.clone());
    for change in &changes {
        // What an intervention cannot be is refused as in a file, and changes nothing.
        let answer: Value =
            serde_json::from_str(&session.answer(&json!({ "interventions": change }).to_string())).expect("an answer");
        if let Some(error) = answer["error"].as_str() {
            assert!(error.contains("your scenario:") && error.contains("found"), "{error}");
            continue;
        }
        let end = ask(&mut session, &json!({ "advance": 10_000 }));
        let file = answer["file"].as_str().expect("a file");
        assert_eq!(end["hash"].as_str(), Some(&*final_hash(file)), "{}", answer["link"]);
        // The link says the same in short.
        let link = answer["link"].as_str().expect("a link");
        assert!(link.len() < 1000, "{link}");
        let again = ask(&mut session, &json!({ "link": link }));
        assert_eq!((&again["file"], &again["interventions"]), (&answer["file"], &answer["interventions"]));
        later += usize::from(answer["from"].as_i64() > Some(0));
    }
    assert!(changes.len() > 20 && later > changes.len() / 2, "{later} of {} changes went on from a state kept", changes.len());
    // With other users, and opened again from the link alone.
    let more = ask(&mut session, &json!({ "users": 1800 }));
    assert_eq!(more["users"], 1800);
    let end = ask(&mut session, &json!({ "advance": 10_000 }));
    assert_eq!(end["hash"].as_str(), Some(&*final_hash(more["file"].as_str().expect("a file"))));
    let mut other = Session::new();
    let opened = ask(&mut other, &json!({ "open": { "scenario": text, "users": 1200, "link": more["link"] } }));
    assert_eq!((opened["users"].as_u64(), &opened["file"]), (Some(1800), &more["file"]));
    // Back again nothing differs, and nothing is left to do.
    let back = ask(&mut session, &json!({ "interventions": original }));
    assert_eq!(
        (back["changed"].as_bool(), ask(&mut session, &json!({ "advance": 1 }))["done"].as_bool()),
        (Some(false), Some(true))
    );
}

/// Days before the change are as they were, days after it as those of the changed scenario from its beginning.
#[test]
fn its_days_are_those_of_a_run() {
    let original = everything(&SMALL);
    let mut changed = original.clone();
    changed.interventions.retain(|i| i.label.as_deref() != Some("full block"));
    assert!(changed.interventions.len() + 1 == original.interventions.len());
    let mut live = Live::new(original.clone()).expect("a simulation");
    let mut days = Vec::new();
    while let Some(day) = live.step().expect("a day") {
        days.push(day);
    }
    let change = live.change(changed.clone()).expect("a change");
    assert!(change.from > 0 && change.of == Which::Original, "{change:?}");
    days.truncate(change.from as usize);
    while let Some(day) = live.step().expect("a day") {
        assert_eq!(day.differences.len(), original.messengers.len());
        days.push(day);
    }
    let [before, after] = [original, changed].map(observed);
    assert_eq!(days.len(), after.len());
    for (k, day) in days.iter().enumerate() {
        assert_eq!(format!("{:?}", day.series), after[k].0, "day {k}");
        // Pairs add up to the difference of the curves.
        for (m, difference) in day.differences.iter().enumerate() {
            assert!((difference.people - (after[k].1[m] - before[k].1[m])).abs() < 1e-3, "day {k}, messenger {m}");
        }
    }
    let end = &days.last().expect("a day").differences;
    assert!(end.iter().any(|d| d.people != 0.0 && d.error > 0.0), "{end:?}");
}

/// By day all figures of the messengers, as text, for they may be NaN, and monthly reach.
fn observed(scenario: Scenario) -> Vec<(String, Vec<f64>)> {
    let mut simulation = Simulation::new(scenario).expect("a simulation");
    let mut observation = Observation::new(&simulation).expect("an observation");
    let mut days = Vec::new();
    while !simulation.finished() {
        simulation.step().expect("a day");
        let series = Aggregate::all(observation.observe(&simulation).expect("a look"), simulation.scenario()).series();
        days.push((format!("{series:?}"), series.iter().map(|row| row.monthly_reach).collect()));
    }
    days
}

/// The error that stands beside a difference is how far it scatters from seed to seed. That of a messenger with few users is not:
/// how its growth begins is chance that all users of a run share, of which one run cannot tell.
#[test]
fn the_error_of_a_difference_is_its_spread_over_seeds() {
    let pairs: Vec<Vec<(f64, f64)>> = (0..20)
        .map(|seed| {
            let seed = format!("seed={}", 1000 + seed);
            let original = everything(&[&SMALL[1..], &["population.users=3000", &seed]].concat());
            let mut changed = original.clone();
            changed.interventions.retain(|i| i.label.as_deref() != Some("full block"));
            let mut live = Live::new(original).expect("a simulation");
            live.change(changed).expect("a change");
            let mut last = Vec::new();
            while let Some(day) = live.step().expect("a day") {
                last = day.differences.iter().map(|d| (d.people, d.error)).collect();
            }
            last
        })
        .collect();
    let n = pairs.len() as f64;
    let names: Vec<String> = everything(&[]).messengers.iter().map(|m| m.name.clone()).collect();
    for (m, name) in names.iter().enumerate() {
        let mean = pairs.iter().map(|p| p[m].0).sum::<f64>() / n;
        let spread = (pairs.iter().map(|p| (p[m].0 - mean).powi(2)).sum::<f64>() / (n - 1.0)).sqrt();
        let told = (pairs.iter().map(|p| p[m].1.powi(2)).sum::<f64>() / n).sqrt();
        println!("{name}: difference {mean:.0}, spread {spread:.0}, told {told:.0}");
        let well = (0.6..1.7).contains(&(told / spread));
        assert!(well || name == "Small", "{name}: told {told:.0}, spread {spread:.0}");
    }
}

#[test]
fn what_cannot_be_is_refused_and_changes_nothing() {
    let (mut session, begun, _) = session();
    let refused = |session: &mut Session, question: &str| -> String {
        let answer: Value = serde_json::from_str(&session.answer(question)).expect("an answer");
        answer["error"].as_str().unwrap_or_else(|| panic!("{question} was answered")).to_owned()
    };
    for (question, part) in [
        (json!("advance").to_string(), "question"),
        ("{".into(), "question"),
        (json!({ "interventions": [{ "kind": "blok", "from": "2025-03-01" }] }).to_string(), "did you mean `block`"),
        (json!({ "interventions": [{ "kind": "block", "messenger": "Green", "from": "2025-02-31" }] }).to_string(), "2025-02-31"),
        (json!({ "link": "base = \"scenario.toml\"\nseed = 99" }).to_string(), "random draws"),
        (json!({ "link": "base = \"scenario.toml\"\nend = 2025-03-01" }).to_string(), "other days"),
        (json!({ "link": "base = \"other.toml\"" }).to_string(), "other.toml"),
        (json!({ "link": "base = \"scenario.toml\"\n[population]\nusers = 4_000_000_000" }).to_string(), "at most 1000000"),
        (json!({ "users": 4_000_000_000u64 }).to_string(), "at most 1000000"),
    ] {
        let error = refused(&mut session, &question);
        assert!(error.contains(part), "{question}: {error}");
    }
    let still = ask(&mut session, &json!({ "interventions": begun["original"] }));
    assert_eq!((&still["file"], still["changed"].as_bool()), (&begun["file"], Some(false)));
    assert!(refused(&mut Session::new(), "{\"advance\": 1}").contains("before `open`"));
}

/// What pages simulate with, where it has been built (`.ci/core`).
fn core() -> Option<PathBuf> {
    let path = root().join("target/wasm32-wasip1/live/examples/live.wasm");
    if !path.exists() {
        skipped("no core of pages that simulate: .ci/core builds it");
    }
    Some(path).filter(|path| path.exists())
}

fn exodus(folder: &Path) -> Command {
    let mut command = Command::cargo_bin("exodus").expect("the command");
    command.current_dir(folder);
    command
}

/// A page in the folder of a run of that scenario.
fn page(folder: &Path, scenario: &str, more: &[&str], core: &Path) -> PathBuf {
    let scenario = root().join(scenario).display().to_string();
    let live = ["--live", "--core", core.to_str().expect("a path")];
    exodus(folder).args(["run", &scenario, "--out", "run", "--force", "--quiet"]).args(more).args(live).assert().success();
    folder.join("run/live.html")
}

fn state_hash(folder: &Path) -> String {
    let text = std::fs::read_to_string(folder.join("manifest.json")).expect("a manifest");
    serde_json::from_str::<Value>(&text).expect("JSON")["state_hash"].as_str().expect("a hash").to_owned()
}

#[test]
fn without_its_core_there_is_no_page() {
    let folder = tempfile::tempdir().expect("a folder");
    let folder = folder.path();
    let scenario = root().join("scenarios/bass.toml").display().to_string();
    exodus(folder).args(["run", &scenario, "--users", "300", "--out", "run", "--quiet", "--no-report"]).assert().success();
    let refused = |arguments: &[&str], part: &str| {
        let assert = exodus(folder).args(arguments).assert().failure();
        let said = String::from_utf8_lossy(&assert.get_output().stderr).into_owned();
        assert!(said.lines().count() == 1 && said.contains(part), "{said}");
        assert!(!folder.join("run/live.html").exists());
    };
    refused(&["report", "--live", "run", "--core", "no.wasm"], "no.wasm: reading failed");
    std::fs::write(folder.join("no.wasm"), b"\0asm\x01\0\0\0\x01").expect("written");
    refused(&["report", "--live", "run", "--core", "no.wasm"], "found something else; allowed WebAssembly of exodus live core");
    std::fs::write(folder.join("no.wasm"), b"\0asm\x01\0\0\0 exodus live core 0.0.0").expect("written");
    refused(&["report", "--live", "run", "--core", "no.wasm"], "another version");
    // Where the command stands alone, the message says how to make the core.
    let alone = folder.join("exodus");
    std::fs::copy(assert_cmd::cargo::cargo_bin!("exodus"), &alone).expect("copied");
    let said = std::process::Command::new(&alone).args(["report", "--live", "run"]).current_dir(folder).output().expect("run");
    let said = String::from_utf8_lossy(&said.stderr).into_owned();
    assert!(said.lines().count() == 1 && said.contains("exodus.wasm") && said.contains(".ci/core"), "{said}");
    // Nothing is begun that could not be ended.
    refused(&["run", &scenario, "--out", "other", "--live", "--core", "no.wasm"], "another version");
    assert!(!folder.join("other").exists());
}

/// The page's own worker and core, in Node: the bits of the command.
#[test]
fn webassembly_comes_to_the_state_of_the_command() {
    let Some(core) = core() else { return };
    let node = std::process::Command::new("node").arg("--version").output().is_ok_and(|o| o.status.success());
    if !node {
        skipped("needs node");
        return;
    }
    for scenario in ["scenarios/russia.toml", "scenarios/instagram-2022.toml", "tests/scenarios/everything.toml"] {
        let folder = tempfile::tempdir().expect("a folder");
        let folder = folder.path();
        let page = page(folder, scenario, &["--users", "3000", "--no-report"], &core);
        assert!(std::fs::metadata(&page).expect("a page").len() < 3_000_000);
        let changed = folder.join("changed.toml");
        let out = std::process::Command::new("node")
            .arg("--no-warnings")
            .arg(root().join("tests/wasm/live.mjs"))
            .args([&page, &changed])
            .output()
            .expect("node");
        let said = String::from_utf8_lossy(&out.stdout).into_owned();
        assert!(out.status.success(), "{said}{}", String::from_utf8_lossy(&out.stderr));
        exodus(folder).args(["run", "changed.toml", "--out", "changed", "--quiet", "--no-report"]).assert().success();
        let hashes: Vec<&str> = said.lines().collect();
        assert_eq!(hashes, [state_hash(&folder.join("run")), state_hash(&folder.join("changed"))], "{scenario}");
        assert_ne!(hashes[0], hashes[1]);
    }
}

#[test]
fn a_reader_can_change_it() {
    let (Some(core), Some([modules, chromium])) = (core(), browser()) else { return };
    let folder = tempfile::tempdir().expect("a folder");
    page(folder.path(), "tests/scenarios/everything.toml", &["--users", "2000"], &core);
    let screenshots = root().join("target/browser/screenshots");
    std::fs::create_dir_all(&screenshots).expect("a folder");
    let command = PathBuf::from(assert_cmd::cargo::cargo_bin!("exodus"));
    let output = std::process::Command::new("node")
        .arg(root().join("tests/browser/live.cjs"))
        .args([&modules, &chromium, &screenshots, &command, &folder.path().join("run")])
        .output()
        .expect("node");
    let said = String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr);
    println!("{said}");
    assert!(output.status.success(), "{said}");
}
