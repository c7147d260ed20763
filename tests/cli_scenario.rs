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
    assert!(out.starts_with("scenario       mine (") && out.contains("20 000"), "{out}");

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
