//! `exodus check` and `exodus new`, as typed.

use assert_cmd::Command;
use std::path::Path;

fn exodus(folder: &Path, args: &[&str]) -> (i32, String, String) {
    let output = Command::cargo_bin("exodus").expect("binary").current_dir(folder).args(args).output().expect("runs");
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    (output.status.code().unwrap_or(-1), text(&output.stdout), text(&output.stderr))
}

fn gallery() -> &'static Path {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/scenarios"))
}

#[test]
fn a_new_scenario_is_valid_and_not_overwritten() {
    let folder = tempfile::tempdir().expect("folder");
    let (code, out, err) = exodus(folder.path(), &["new", "mine"]);
    assert_eq!((code, out.as_str()), (0, ""), "{err}");
    assert!(err.contains("exodus check mine.toml") && err.contains("exodus run mine.toml"), "{err}");
    let path = folder.path().join("mine.toml");
    let text = std::fs::read_to_string(&path).expect("written");
    assert!(text.contains("name = \"mine\"") && !text.contains("NAME"), "{text}");

    let (code, out, _) = exodus(folder.path(), &["check", "mine.toml"]);
    assert_eq!(code, 0);
    assert!(out.starts_with("scenario       mine (") && out.contains("20,000"), "{out}");

    std::fs::write(&path, "changed").expect("written");
    let (code, _, err) = exodus(folder.path(), &["new", "mine"]);
    assert_eq!(code, 2);
    assert!(err.contains("mine.toml is there already") && err.contains("--force"), "{err}");
    assert_eq!(std::fs::read_to_string(&path).expect("kept"), "changed");
    assert_eq!(exodus(folder.path(), &["new", "mine", "--force"]).0, 0);
    assert_eq!(std::fs::read_to_string(&path).expect("replaced"), text);
    assert_eq!(std::fs::read_dir(folder.path()).expect("folder").count(), 1, "nothing else is left");

    assert_eq!(exodus(folder.path(), &["new", "../mine"]).0, 2);
    assert_eq!(exodus(folder.path(), &["new", "mine", "--dir", "nowhere"]).0, 1);
}

#[test]
fn check_tells_what_running_takes() {
    let (code, out, err) =
        exodus(gallery(), &["check", "russia.toml", "--json", "--users", "10_000", "--seed", "5", "--until", "2025-01-31"]);
    assert_eq!(code, 0, "{err}");
    let json: serde_json::Value = serde_json::from_str(&out).expect("json");
    assert_eq!(json["scenario_name"], "russia");
    assert_eq!((json["users"].as_u64(), json["seed"].as_u64(), json["ticks"].as_u64()), (Some(10_000), Some(5), Some(62)));
    assert_eq!((json["end"].as_str(), json["ties"].as_u64()), (Some("2025-01-31"), Some(80_000)));
    assert!(json["predicted_bytes"].as_u64().is_some_and(|b| b > 1_000_000));
    assert!(json["predicted_seconds"].as_f64().is_some_and(|s| s > 0.0));
    // Its values are those of the run, not of the file.
    for (path, value) in [("population.users", "10000"), ("seed", "5"), ("end", "2025-01-31")] {
        let values = json["values"].as_array().expect("values");
        let of = values.iter().find(|of| of["path"] == path).expect(path);
        assert_eq!((of["value"].as_str(), of["origin"].as_str()), (Some(value), Some("--set")), "{path}");
    }

    let (code, out, _) = exodus(gallery(), &["check", "russia.toml", "--users", "full"]);
    assert_eq!(code, 0);
    assert!(out.contains("105,000,000, each for 1.0000 of 105,000,000 people"), "{out}");
}

#[test]
fn check_tells_all_problems_a_line_each() {
    let (code, out, err) = exodus(
        gallery(),
        &["check", "bass.toml", "--set", "graph.kind=erdos", "--set", "model.reviewrate=1", "--set", "end=2024-01-01"],
    );
    assert_eq!((code, out.as_str()), (2, ""));
    assert_eq!(err.lines().count(), 3, "{err}");
    assert!(err.lines().all(|l| l.starts_with("error: --set ")), "{err}");
    assert_eq!(exodus(gallery(), &["check", "none.toml"]).0, 1);
    for wrong in [
        ["--users", "0"],
        ["--users", "many"],
        ["--until", "2030-01-01"],
        ["--until", "soon"],
        ["--seed", "-1"],
        ["--seed", "18446744073709551615"],
    ] {
        assert_eq!(exodus(gallery(), &["check", "bass.toml", wrong[0], wrong[1]]).0, 2, "{wrong:?}");
    }
}

/// `check` and the start of `run` say what is most likely a mistake, `run --quiet` too; threads without end are refused.
#[test]
fn probable_mistakes_are_told_at_the_keyboard() {
    let folder = tempfile::tempdir().expect("a folder");
    let exodus = |args: &[&str]| {
        let output = Command::cargo_bin("exodus").expect("the command").current_dir(folder.path()).args(args).output();
        let output = output.expect("it runs");
        (output.status.code(), String::from_utf8_lossy(&output.stderr).into_owned())
    };
    assert_eq!(exodus(&["new", "mine"]).0, Some(0));
    let late = "messenger.East.launch=2026-01-01";
    let warning = "warning: messenger.East.launch: found 2026-01-01: nobody can install it, as the run goes from 2025-01-01 to 2025-06-30\n";
    let run = ["run", "mine.toml", "--users", "100", "--no-report", "--quiet"];
    let (code, said) = exodus(&["check", "mine.toml", "--set", late, "--set", "messenger.East.reach_by_age=[]"]);
    assert!(code == Some(0) && said == warning, "{said}");
    let (code, said) = exodus(&[&run[..], &["--set", late, "--set", "messenger.East.reach_by_age=[]", "--out", "a"]].concat());
    assert!(code == Some(0) && said == warning, "{said}");
    let snapshots = ["--until", "2025-01-05", "--snapshot-on", "2025-01-03", "--snapshot-on", "2025-01-06", "--out", "b"];
    let (code, said) = exodus(&[&run[..], &snapshots].concat());
    let kept = "warning: --snapshot-on: found 2025-01-06: no snapshot is kept, as the run goes from 2025-01-01 to 2025-01-05\n";
    assert!(code == Some(0) && said == kept, "{said}");
    let (code, said) = exodus(&[&run[..], &["--out", "c", "--threads", "100000"]].concat());
    assert!(code == Some(2) && said.starts_with("error: --threads: found 100000; allowed at most "), "{said}");
    assert!(!folder.path().join("c").exists());
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let (code, said) =
        exodus(&[&run[..], &["--until", "2025-01-05", "--out", "d", "--threads", &(cores + 1).to_string()]].concat());
    assert!(code == Some(0) && said.starts_with(&format!("warning: --threads: found {} for {cores} cores", cores + 1)), "{said}");
}
