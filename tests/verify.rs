//! Promise 3: nothing is lost, and nothing damaged is signed. Folders with files that are gone, changed or never made: what
//! `resume` and `verify` do. Lengths and contents are compared here byte by byte, not by the library's own hashes.

mod common;

use common::{everything, root};
use exodus::experiment::{Run, RunOptions};
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

fn exodus(args: &[&str], folder: &Path) -> Output {
    Command::new(env!("CARGO_BIN_EXE_exodus")).args(args).current_dir(folder).output().expect("the command")
}

fn done(args: &[&str], folder: &Path) -> String {
    let output = exodus(args, folder);
    assert!(output.status.success(), "{args:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8_lossy(&output.stdout).into_owned()
}

/// The one line that a failed command says.
fn refused(args: &[&str], folder: &Path) -> String {
    let output = exodus(args, folder);
    let text = String::from_utf8_lossy(&output.stderr).into_owned();
    let code = output.status.code();
    assert!(matches!(code, Some(1 | 2)) && text.lines().count() == 1, "{args:?}, {code:?}: {text}");
    text
}

/// Paths of all files below a folder, and their bytes.
fn contents(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let mut all = BTreeMap::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(next) = folders.pop() {
        for entry in fs::read_dir(next).expect("a folder") {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                folders.push(path);
            } else {
                let name = path.strip_prefix(folder).expect("below").display().to_string();
                all.insert(name, fs::read(path).expect("a file"));
            }
        }
    }
    all
}

fn copy(from: &Path, to: &Path) {
    for (name, bytes) in contents(from) {
        let path = to.join(name);
        fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
        fs::write(path, bytes).expect("written");
    }
}

/// What two folders of the same run have in common: all but times.
fn results(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let times = ["manifest.json", "ro-crate-metadata.json", "report.html"];
    contents(folder).into_iter().filter(|(name, _)| !times.contains(&name.as_str())).collect()
}

/// Names under which two folders hold different things.
fn unlike<'a>(a: &'a BTreeMap<String, Vec<u8>>, b: &'a BTreeMap<String, Vec<u8>>) -> Vec<&'a String> {
    a.keys().chain(b.keys()).filter(|name| a.get(*name) != b.get(*name)).collect()
}

fn names(folder: &Path) -> Vec<String> {
    contents(folder).into_keys().collect()
}

fn scenario() -> String {
    root().join("tests/scenarios/everything.toml").display().to_string()
}

fn a_run(folder: &Path, out: &str, more: &[&str]) {
    let scenario = scenario();
    done(&[&["run", &scenario, "--users", "500", "--until", "2025-02-10", "--quiet", "--out", out], more].concat(), folder);
}

#[test]
fn a_page_and_figures_cut_short_are_made_when_the_run_is_gone_on_with() {
    let folder = tempfile::tempdir().expect("a folder");
    let folder = folder.path();
    a_run(folder, "whole", &[]);
    let whole = contents(&folder.join("whole"));
    let made: Vec<&String> = whole.keys().filter(|name| *name == "report.html" || name.starts_with("figures/")).collect();
    assert!(made.len() > 20, "{made:?}");
    // What the folder was like after the last day: a manifest that lists none of them yet.
    let manifest = String::from_utf8(whole["manifest.json"].clone()).expect("text");
    let mut after: serde_json::Value = serde_json::from_str(&manifest).expect("JSON");
    let outputs = after["outputs"].as_array_mut().expect("a list");
    outputs.retain(|o| !made.iter().any(|name| o["path"] == **name));
    for (k, cut) in [0, 1, 2, 7, made.len() - 1, made.len()].into_iter().enumerate() {
        let killed = folder.join(format!("killed-{k}"));
        copy(&folder.join("whole"), &killed);
        fs::write(killed.join("manifest.json"), after.to_string()).expect("written");
        made[cut..].iter().for_each(|name| fs::remove_file(killed.join(name)).expect("removed"));
        done(&["resume", &killed.display().to_string()], folder);
        assert_eq!(names(&killed), names(&folder.join("whole")), "cut after {cut}");
        assert_eq!(unlike(&results(&killed), &results(&folder.join("whole"))), Vec::<&String>::new(), "cut after {cut}");
        done(&["verify", &killed.display().to_string()], folder);
    }
    // With the whole manifest, any of them that is gone or changed.
    for name in ["report.html", "figures/reach.svg", "figures/README.txt"] {
        for change in [None, Some("else")] {
            let hurt = folder.join("whole").join(name);
            match change {
                None => fs::remove_file(&hurt).expect("removed"),
                Some(text) => fs::write(&hurt, text).expect("written"),
            }
            let output = exodus(&["verify", "whole"], folder);
            assert_eq!(output.status.code(), Some(1));
            assert!(String::from_utf8_lossy(&output.stdout).starts_with(&format!("{name}: ")), "{name}");
            done(&["resume", "whole"], folder);
            done(&["verify", "whole"], folder);
        }
    }
    // Who asked for none gets none.
    a_run(folder, "plain", &["--no-report"]);
    assert!(done(&["resume", "plain"], folder).contains("nothing to do"));
    assert!(!folder.join("plain/report.html").exists());
}

/// Changes one digit in the middle of a file.
fn one_digit(path: &Path) {
    let mut bytes = fs::read(path).expect("a file");
    let middle = bytes.len() / 2;
    let at = (middle..bytes.len()).find(|&k| bytes[k].is_ascii_digit()).expect("a digit");
    bytes[at] = if bytes[at] == b'7' { b'3' } else { b'7' };
    fs::write(path, bytes).expect("written");
}

fn paused(folder: &Path) -> PathBuf {
    let changes = ["population.users=500", "end=2025-02-10"];
    let options = RunOptions { folder: folder.join("paused"), ..RunOptions::default() };
    let mut run = Run::begin(everything(&changes), &options).expect("a run");
    for _ in 0..20 {
        run.day().expect("a day");
    }
    run.pause().expect("a checkpoint");
    options.folder
}

#[test]
fn what_was_damaged_beside_a_checkpoint_is_never_taken_over() {
    let folder = tempfile::tempdir().expect("a folder");
    let folder = folder.path();
    a_run(folder, "whole", &["--no-report"]);
    let whole = results(&folder.join("whole"));
    let paused = paused(folder);
    let files = names(&paused);
    let kept = |name: &&String| !matches!(name.as_str(), "checkpoint.exo" | "manifest.json");
    let tables: Vec<&String> = files.iter().filter(kept).collect();
    assert_eq!(tables.len(), 6, "{tables:?}");
    for name in tables {
        let hurt = folder.join(format!("hurt-{name}"));
        copy(&paused, &hurt);
        one_digit(&hurt.join(name));
        let hurt = hurt.display().to_string();
        let before = contents(Path::new(&hurt));
        let output = exodus(&["verify", &hurt], folder);
        assert!(String::from_utf8_lossy(&output.stdout).starts_with(&format!("{name}: ")), "{name}");
        let message = refused(&["resume", &hurt, "--quiet"], folder);
        assert!(message.contains(name.as_str()), "{name}: {message}");
        assert_eq!(unlike(&contents(Path::new(&hurt)), &before), Vec::<&String>::new(), "{name}: a refusal leaves all as it was");
        // Gone, it is refused at once, or regenerated.
        let gone = folder.join(format!("gone-{name}"));
        copy(&paused, &gone);
        fs::remove_file(gone.join(name)).expect("removed");
        let output = exodus(&["resume", &gone.display().to_string(), "--quiet"], folder);
        if name.ends_with(".part") {
            assert_eq!(output.status.code(), Some(1), "{name}");
        } else {
            assert!(output.status.success(), "{name}: {}", String::from_utf8_lossy(&output.stderr));
            assert_eq!(unlike(&results(&gone), &whole), Vec::<&String>::new(), "{name}");
        }
    }
    // Rows that came after the checkpoint are cut off.
    let longer = paused.join("series.part");
    let mut bytes = fs::read(&longer).expect("a table");
    bytes.extend(b"2025-01-21,Green,1,2,3");
    fs::write(&longer, bytes).expect("written");
    done(&["resume", "paused", "--quiet"], folder);
    assert_eq!(unlike(&results(&paused), &whole), Vec::<&String>::new());
}

#[test]
fn a_finished_run_that_was_damaged_is_told_and_one_that_lost_a_table_makes_it_again() {
    let folder = tempfile::tempdir().expect("a folder");
    let folder = folder.path();
    a_run(folder, "whole", &["--no-report"]);
    let whole = results(&folder.join("whole"));
    for name in whole.keys().filter(|name| !name.ends_with(".parquet")) {
        let hurt = folder.join(format!("hurt-{name}"));
        copy(&folder.join("whole"), &hurt);
        one_digit(&hurt.join(name));
        let message = refused(&["resume", &hurt.display().to_string()], folder);
        assert!(message.contains(name.as_str()), "{name}: {message}");
    }
    for name in ["series.csv", "trace.parquet", "events.csv"] {
        let gone = folder.join(format!("gone-{name}"));
        copy(&folder.join("whole"), &gone);
        fs::remove_file(gone.join(name)).expect("removed");
        done(&["resume", &gone.display().to_string(), "--quiet"], folder);
        assert_eq!(unlike(&results(&gone), &whole), Vec::<&String>::new(), "{name}");
    }
}

/// Killed in its first moment, there is nothing or a run to resume: every state that the order of writing allows.
#[test]
fn a_manifest_alone_is_a_run_to_go_on_with() {
    let folder = tempfile::tempdir().expect("a folder");
    let folder = folder.path();
    a_run(folder, "whole", &["--no-report"]);
    let whole = results(&folder.join("whole"));
    // The manifest of a run that continues, in a folder of its own.
    let changes = ["population.users=500", "end=2025-02-10"];
    let options = RunOptions { folder: folder.join("begun"), ..RunOptions::default() };
    drop(Run::begin(everything(&changes), &options).expect("a run"));
    let begun = contents(&options.folder);
    let parts = ["scenario.toml", "events.csv", "series.part", "population.part", "cohorts.part", "trace.part"];
    for n in 0..=parts.len() {
        let killed = folder.join(format!("killed-{n}"));
        fs::create_dir(&killed).expect("a folder");
        for name in ["manifest.json"].iter().chain(&parts[..n]) {
            fs::write(killed.join(name), &begun[*name]).expect("written");
        }
        fs::write(killed.join("exodus.lock"), "").expect("written");
        done(&["resume", &killed.display().to_string(), "--quiet"], folder);
        assert_eq!(unlike(&results(&killed), &whole), Vec::<&String>::new(), "after {n} files");
    }
    // Before it there is nothing: the same command begins.
    fs::create_dir(folder.join("nothing")).expect("a folder");
    fs::write(folder.join("nothing/exodus.lock"), "").expect("written");
    fs::write(folder.join("nothing/manifest.json.tmp"), "{").expect("written");
    a_run(folder, "nothing", &["--no-report"]);
    assert_eq!(unlike(&results(&folder.join("nothing")), &whole), Vec::<&String>::new());
}

#[test]
fn force_removes_what_the_manifest_names_and_nothing_else() {
    let folder = tempfile::tempdir().expect("a folder");
    let folder = folder.path();
    a_run(folder, "run", &[]);
    let mine = ["series-mine.csv", "report-final.html", "figures/mine.svg", "manifest-copy.json", "events-2.csv", "trace.xlsx"];
    mine.iter().for_each(|name| fs::write(folder.join("run").join(name), "mine").expect("written"));
    let scenario = scenario();
    done(&["run", &scenario, "--users", "400", "--out", "run", "--force", "--quiet", "--no-report"], folder);
    for name in mine {
        assert_eq!(fs::read_to_string(folder.join("run").join(name)).ok().as_deref(), Some("mine"), "{name}");
    }
    assert!(!folder.join("run/report.html").exists() && !folder.join("run/figures/reach.svg").exists());
    // Comparisons and exports overwrite only what they may.
    a_run(folder, "other", &["--no-report", "--snapshot-on", "2025-01-20"]);
    a_run(folder, "third", &["--no-report", "--set", "model.review_rate=0.2"]);
    let compare = ["compare", "other", "third", "--out", "compared"];
    done(&compare, folder);
    fs::write(folder.join("compared/figures/mine.svg"), "mine").expect("written");
    let before = contents(&folder.join("compared"));
    assert!(refused(&compare, folder).contains("--force"));
    assert_eq!(unlike(&contents(&folder.join("compared")), &before), Vec::<&String>::new());
    done(&[&compare[..], &["--force"]].concat(), folder);
    assert_eq!(fs::read_to_string(folder.join("compared/figures/mine.svg")).expect("kept"), "mine");
    done(&["verify", "compared"], folder);
    one_digit(&folder.join("compared/measures.csv"));
    assert_eq!(exodus(&["verify", "compared"], folder).status.code(), Some(1));
    for format in ["csv", "parquet", "npy"] {
        let export = ["snapshot", "export", "other/snapshots/2025-01-20.exo", "--format", format, "--out", "users"];
        done(&export, folder);
        assert!(refused(&export, folder).contains("--force"), "{format}");
        done(&[&export[..], &["--force"]].concat(), folder);
    }
    // A page is not written under the hands of who writes.
    fs::write(folder.join("other/exodus.lock"), "").expect("written");
    let held = fs::File::open(folder.join("other/exodus.lock")).expect("a lock");
    held.lock().expect("locked");
    assert!(refused(&["report", "other"], folder).contains("writing into it"));
    drop(held);
    done(&["report", "other"], folder);
    done(&["verify", "other"], folder);
}

#[test]
fn sweeps_sign_nothing_that_was_damaged_and_are_resumed_by_their_folder() {
    let folder = tempfile::tempdir().expect("a folder");
    let folder = folder.path();
    let keys = "name = \"t\"\nusers = 300\ndesign = \"grid\"\nreplicates = 2\n";
    let factor = "[[factor]]\nkey = \"model.review_rate\"\nvalues = [0.05, 0.1, 0.2]\n";
    let output = "[[output]]\nseries = \"holders\"\nmessenger = \"State\"\nat = 2025-01-31\n";
    fs::write(folder.join("s.toml"), format!("{keys}scenario = {:?}\n{factor}{output}", scenario())).expect("written");
    let sweep = ["sweep", "s.toml", "--out", "whole", "--threads", "1", "--quiet", "--no-report"];
    done(&sweep, folder);
    done(&["verify", "whole"], folder);
    // As it is before its last run: rows of the runs, and a manifest that says so. Its rows come from a shard.
    for k in 1..=2 {
        let shard = format!("{k}/2");
        let sweep = ["sweep", "s.toml", "--out", "parts", "--threads", "1", "--quiet", "--shard", &shard];
        done(&sweep, folder);
    }
    done(&["verify", "parts"], folder);
    for name in ["rows-0.csv", "points.csv", "scenario.toml", "sweep.toml"] {
        let hurt = folder.join(format!("hurt-{name}"));
        copy(&folder.join("parts"), &hurt);
        one_digit(&hurt.join("shard-1-of-2").join(name));
        let hurt = hurt.display().to_string();
        let output = exodus(&["verify", &hurt], folder);
        assert_eq!(output.status.code(), Some(1), "{name}");
        assert!(String::from_utf8_lossy(&output.stdout).contains(name), "{name}");
        assert!(refused(&["sweep", "merge", &hurt], folder).contains(name), "{name}");
    }
    assert!(refused(&["resume", "parts"], folder).contains("sweep merge parts"));
    done(&["sweep", "merge", "parts", "--no-report"], folder);
    let csv = |out: &str| fs::read(folder.join(out).join("results.csv")).expect("results");
    assert_eq!(csv("parts"), csv("whole"));
    // One of the shards, less some of its rows, is resumed by its folder.
    let shard = folder.join("hurt-points.csv/shard-2-of-2");
    let rows = fs::read_to_string(shard.join("rows-0.csv")).expect("rows");
    fs::write(shard.join("rows-0.csv"), rows.lines().take(2).map(|l| format!("{l}\n")).collect::<String>()).expect("written");
    let manifest = fs::read_to_string(shard.join("manifest.json")).expect("a manifest");
    fs::write(shard.join("manifest.json"), manifest.replace("\"finished\",", "\"stopped\",")).expect("written");
    done(&["resume", &shard.display().to_string(), "--quiet", "--threads", "1"], folder);
    assert_eq!(fs::read_to_string(shard.join("rows-0.csv")).expect("rows"), rows);
    // A finished one is complete again with its page.
    fs::remove_file(folder.join("whole/results.parquet")).expect("removed");
    assert!(refused(&["resume", "whole", "--quiet"], folder).contains("results.parquet: is missing"));
}

#[test]
fn a_folder_of_another_kind_is_told_what_it_is() {
    let folder = tempfile::tempdir().expect("a folder");
    let folder = folder.path();
    let kinds = [
        ("replicates", "replicates.toml"),
        ("a sweep", "sweep.toml"),
        ("a comparison", "comparison.json"),
        ("a calibration", "calibration.json"),
    ];
    for (kind, mark) in kinds {
        let path = folder.join(kind.replace(' ', "-"));
        fs::create_dir(&path).expect("a folder");
        fs::write(path.join(mark), "").expect("written");
        fs::write(path.join("manifest.json"), "{}").expect("written");
        let path = path.display().to_string();
        for verb in [&["watch", &path][..], &["compare", &path, &path], &["sensitivity", &path]] {
            if verb[0] == "sensitivity" && kind == "a sweep" || verb[0] == "compare" && kind == "replicates" {
                continue;
            }
            let message = refused(verb, folder);
            assert!(message.contains(&format!("found the folder of {kind}; allowed that of ")), "{verb:?}: {message}");
        }
    }
}

/// Comparisons, validations and studies are made in one go: one that was killed is known as such, and the same command starts over; of a
/// finished one `resume` makes page and figures, where they are not there.
#[test]
fn what_is_made_in_one_go_begins_anew_or_gets_its_page() {
    let folder = tempfile::tempdir().expect("a folder");
    let folder = folder.path();
    a_run(folder, "one", &["--no-report"]);
    a_run(folder, "two", &["--no-report", "--set", "model.review_rate=0.2"]);
    let patterns = root().join("scenarios/russia.toml").display().to_string();
    let scenario = scenario();
    let works = [
        ("comparison.json", vec!["compare", "one", "two", "--no-report"]),
        ("validation.json", vec!["validate", &patterns, "--users", "1000", "--replicates", "1"]),
        ("study.json", vec!["resilience", &scenario, "--users", "300", "--on", "2025-01-10", "--days", "3", "--no-report"]),
    ];
    for (manifest, work) in works {
        let out = work[0];
        let command = [&work[..], &["--quiet", "--out", out]].concat();
        done(&command, folder);
        let whole = results(&folder.join(out));
        let text = fs::read_to_string(folder.join(out).join(manifest)).expect("a manifest");
        // Killed while it wrote its tables.
        let mut running: serde_json::Value = serde_json::from_str(&text).expect("JSON");
        assert_eq!(running["status"], "finished");
        running["status"] = "running".into();
        running["files"] = serde_json::json!([]);
        fs::write(folder.join(out).join(manifest), running.to_string()).expect("written");
        assert!(done(&["verify", out], folder).contains("not finished"));
        assert!(refused(&["resume", out], folder).contains(&format!("`exodus {out}")), "{out}");
        if out != "validate" {
            assert!(refused(&["report", out], folder).contains("not finished"), "{out}");
        }
        done(&command, folder);
        let again = results(&folder.join(out));
        let differs: Vec<&String> = unlike(&whole, &again).into_iter().filter(|name| *name != manifest).collect();
        assert_eq!(differs, Vec::<&String>::new());
        // Killed before its page, or at its very end.
        fs::write(folder.join(out).join("exodus.lock"), "").expect("written");
        let made = if out == "validate" { "nothing to do" } else { "page and figures are regenerated" };
        assert!(done(&["resume", out], folder).contains(made), "{out}");
        assert_eq!(folder.join(out).join("report.html").exists(), out != "validate");
        assert!(!folder.join(out).join("exodus.lock").exists(), "{out}");
        assert!(done(&["resume", out], folder).contains("nothing to do"), "{out}");
        done(&["verify", out], folder);
        let table = whole.keys().find(|name| name.ends_with(".csv")).expect("a table");
        one_digit(&folder.join(out).join(table));
        assert!(refused(&["resume", out], folder).contains(table.as_str()), "{out}");
    }
}

/// What no manifest lists is somebody's, whatever its name.
#[test]
fn files_of_others_are_never_taken_for_ours() {
    let folder = tempfile::tempdir().expect("a folder");
    let folder = folder.path();
    a_run(folder, "one", &["--no-report"]);
    a_run(folder, "two", &["--no-report", "--set", "model.review_rate=0.2"]);
    let keys = "name = \"t\"\nusers = 300\ndesign = \"grid\"\n";
    let factor = "[[factor]]\nkey = \"model.review_rate\"\nvalues = [0.05, 0.1, 0.2]\n";
    let output = "[[output]]\nseries = \"holders\"\nmessenger = \"State\"\nat = 2025-01-31\n";
    let scenario = scenario();
    fs::write(folder.join("s.toml"), format!("{keys}scenario = {scenario:?}\n{factor}{output}")).expect("written");
    let calibration = root().join("calibrations/russia.toml").display().to_string();
    let works = [
        (vec!["sweep", "s.toml"], &["scenario.toml", "points.csv", "results.csv", "report.html", "sensitivity.csv"][..]),
        (vec!["compare", "one", "two"], &["flows.csv", "reference.toml", "other-mine.toml", "differences.part"]),
        (
            vec!["resilience", &scenario, "--users", "300", "--on", "2025-01-10"],
            &["losses.csv", "scenario.toml", "evaluations.csv"],
        ),
        (vec!["run", &scenario, "--users", "300", "--replicates", "2"], &["scenario.toml", "replicates.csv"]),
        (vec!["run", &scenario, "--users", "300"], &["scenario.toml", "series.csv", "report.html"]),
        (vec!["calibrate", &calibration], &["best.toml", "cells.csv", "evaluations.csv"]),
    ];
    for (work, names) in works {
        for name in names {
            for force in [&[][..], &["--force"]] {
                let force = if work[0] == "calibrate" { &[] } else { force };
                let out = folder.join("mine");
                fs::create_dir(&out).expect("a folder");
                fs::write(out.join(name), "mine").expect("written");
                refused(&[&work[..], &["--quiet", "--out", "mine"], force].concat(), folder);
                assert_eq!(contents(&out), BTreeMap::from([((*name).to_owned(), b"mine".to_vec())]), "{work:?} {force:?}");
                fs::remove_dir_all(&out).expect("removed");
            }
        }
    }
    // A sweep's folder is not a run's, though both have a manifest of one name.
    done(&["sweep", "s.toml", "--out", "swept", "--quiet", "--no-report"], folder);
    let before = contents(&folder.join("swept"));
    let message = refused(&["run", &scenario, "--users", "300", "--out", "swept", "--force", "--quiet"], folder);
    assert!(message.contains("the folder of a sweep"), "{message}");
    assert_eq!(contents(&folder.join("swept")), before);
    // In the folder of a replicate too.
    let replicates = ["run", &scenario, "--users", "300", "--until", "2025-01-10", "--replicates", "2", "--quiet", "--out", "r"];
    done(&replicates, folder);
    fs::write(folder.join("r/replicate-001/notes.txt"), "mine").expect("written");
    assert!(refused(&[&replicates[..], &["--force"]].concat(), folder).contains("replicate-001"));
    assert_eq!(fs::read_to_string(folder.join("r/replicate-001/notes.txt")).expect("kept"), "mine");
}

#[test]
fn a_validation_is_listed_verified_and_overwritten_only_if_told_to() {
    let folder = tempfile::tempdir().expect("a folder");
    let folder = folder.path();
    let patterns = root().join("scenarios/russia.toml").display().to_string();
    let validate = ["validate", &patterns, "--users", "1000", "--replicates", "1", "--quiet", "--out", "v"];
    done(&validate, folder);
    assert_eq!(names(&folder.join("v")), ["checks.csv", "patterns.csv", "validation.json"]);
    done(&["verify", "v"], folder);
    let before = contents(&folder.join("v"));
    assert!(refused(&validate, folder).contains("--force"));
    assert_eq!(unlike(&contents(&folder.join("v")), &before), Vec::<&String>::new());
    fs::write(folder.join("v/mine.csv"), "mine").expect("written");
    one_digit(&folder.join("v/checks.csv"));
    let output = exodus(&["verify", "v"], folder);
    assert!(output.status.code() == Some(1) && String::from_utf8_lossy(&output.stdout).starts_with("checks.csv: "));
    done(&[&validate[..], &["--force"]].concat(), folder);
    done(&["verify", "v"], folder);
    assert_eq!(fs::read(folder.join("v/checks.csv")).expect("checks"), before["checks.csv"]);
    assert_eq!(fs::read_to_string(folder.join("v/mine.csv")).expect("kept"), "mine");
    for verb in ["watch", "report"] {
        assert!(refused(&[verb, "v"], folder).contains("a validation"), "{verb}");
    }
    assert!(done(&["resume", "v"], folder).contains("nothing to do"));
    // Tables that no validation lists are somebody's.
    fs::remove_file(folder.join("v/validation.json")).expect("removed");
    for more in [&[][..], &["--force"]] {
        assert!(refused(&[&validate[..], more].concat(), folder).contains("a file that no validation lists"));
    }
}
