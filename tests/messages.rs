//! What the most likely mistakes are answered with: one clear line each, held word by word. `…` stands for any text.

use assert_cmd::Command;
use std::path::Path;

/// A mistake in a file: how it was written, how it should have been.
const WRITTEN: [(&str, &str, &str, &str); 8] = [
    (
        "a misspelt key",
        "vpn = { share = 0.2 }",
        "vpn = { shaer = 0.2 }",
        "error: mine.toml:…: model.vpn.shaer: found an unknown key; allowed `share`, …(did you mean `share`?)",
    ),
    (
        "a messenger that there is not",
        "messenger = \"East\"",
        "messenger = \"Eest\"",
        "error: mine.toml:…: intervention.East campaign.messenger: found \"Eest\"; allowed `North`, `South`, `East` (did you mean \
         `East`?)",
    ),
    (
        "a share in per cent",
        "reach_by_age = [0.7, 0.5, 0.3]",
        "reach_by_age = [70, 0.5, 0.3]",
        "error: mine.toml:…: messenger.South.reach_by_age.0: found 70; allowed a number from 0 to 1 (did you mean `0.7`?)",
    ),
    (
        "a messenger twice",
        "name = \"South\"",
        "name = \"North\"",
        "error: mine.toml:…: messenger.North.name: found \"North\" a second time; allowed names that differ",
    ),
    (
        "an end before the start",
        "end = 2025-06-30",
        "end = 2024-06-30",
        "error: mine.toml:…: end: found 2024-06-30; allowed a day not before `start`, 2025-01-01\n",
    ),
    (
        "a day that there is not",
        "from = 2025-03-15",
        "from = 2025-02-30",
        "error: mine.toml:…: column …: not TOML: invalid date, expected day between 01 and 28\n",
    ),
    (
        "an intervention in the wrong year",
        "from = 2025-03-15",
        "from = 2026-03-15",
        "warning: \"North blocked\": no effect, as the run goes from 2025-01-01 to 2025-06-30\n",
    ),
    (
        "too few numbers for the age bands",
        "reach_by_age = [0.7, 0.5, 0.3]",
        "reach_by_age = [0.7, 0.5]",
        "error: mine.toml:…: messenger.South.reach_by_age: found a list of 2; allowed 3 numbers, one for each age band\n",
    ),
];

/// A mistake in a command, and what it is answered with.
const TYPED: [(&[&str], i32, &str); 15] = [
    (&["run", "moin.toml"], 1, "error: moin.toml: reading failed: No such file or directory (os error 2)\n"),
    (&["run", "binary.toml"], 2, "error: binary.toml:2: found bytes that are not text; allowed TOML in UTF-8\n"),
    (
        &["run", "mine.toml", "--out", "taken"],
        2,
        "…error: taken: found a folder with files in it; give an empty one, or --force to overwrite a run\n",
    ),
    (
        &["run", "mine.toml", "--users", "4_000_000_000", "--set", "graph.mean_degree=500"],
        1,
        "warning: population.users: found 4000000000 for 10000000 people: a user stands for less than one of them\n\
         error: the run needs about … GB of memory and … GB are available; about … users would fit (--users …)\n",
    ),
    (
        &["run", "mine.toml", "--until", "2026-01-01"],
        2,
        "error: --until: found 2026-01-01; allowed a day from 2025-01-01 to 2025-06-30\n",
    ),
    (
        &["run", "mine.toml", "--set", "messenger.Noth.appeal=1"],
        2,
        "error: --set messenger.Noth.appeal=1: messenger.Noth: found no such item; allowed `North`, `South`, `East` or a number \
         from 0 to 2 (did you mean `North`?)\n",
    ),
    (
        &["run", "mine.toml", "--set", "model.review_rate 0.1"],
        2,
        "error: --set model.review_rate 0.1: found no value; allowed path.to.key=value\n",
    ),
    (&["run", "mine.toml", "--user", "100"], 2, "error: unexpected argument '--user' found\n\n  tip: …'--users'…"),
    (&["run", "mine.toml", "--users", "few"], 2, "error: invalid value 'few' for '--users <N|full>': found \"few\"; allowed a …"),
    (&["rum", "mine.toml"], 2, "error: unrecognized subcommand 'rum'\n\n  tip: …'run'…"),
    (&["resume", "nowhere"], 2, "error: nowhere: found no such folder; allowed the folder of a run\n"),
    (
        &["resume", "results/mine"],
        2,
        "error: results/mine: found no manifest.json; allowed the folder of a run (did you mean `results/mine/…`?)\n",
    ),
    (
        &["compare", "results/mine", "taken"],
        2,
        "error: results/mine: found no manifest.json or replicates.toml; allowed the folder of a run, or of replicates (did you mean \
         `results/mine/…`?)\n",
    ),
    (
        &["graph", "stats", "columns.csv"],
        1,
        "error: columns.csv: line 1: found the columns `id, label`, a table of nodes; allowed a list of ties (--nodes takes such a table, --columns says \
         which columns are ends)\n",
    ),
    (&["graph", "stats", "nodes.csv"], 1, "error: nodes.csv: line 3: found `3`, of 1 fields; allowed 2, as in the first line…"),
];

/// Whether a text is what a pattern says.
fn fits(text: &str, pattern: &str) -> bool {
    let (first, rest) = pattern.split_once('…').map_or((pattern, None), |(first, rest)| (first, Some(rest)));
    let Some(after) = text.strip_prefix(first) else { return false };
    match rest {
        None => after.is_empty(),
        Some(rest) => after.char_indices().map(|(at, _)| at).chain([after.len()]).any(|at| fits(&after[at..], rest)),
    }
}

/// Exit code and what is said on stderr.
fn said(folder: &Path, arguments: &[&str]) -> (Option<i32>, String) {
    let output =
        Command::cargo_bin("exodus").expect("the command").current_dir(folder).args(arguments).output().expect("it runs");
    (output.status.code(), String::from_utf8_lossy(&output.stderr).into_owned())
}

#[test]
fn mistakes_in_a_scenario_are_told() {
    let folder = tempfile::tempdir().expect("a folder");
    let folder = folder.path();
    assert_eq!(said(folder, &["new", "mine"]).0, Some(0));
    let good = std::fs::read_to_string(folder.join("mine.toml")).expect("written");
    for (mistake, right, wrong, message) in WRITTEN {
        assert!(good.contains(right), "{mistake}: {right}");
        std::fs::write(folder.join("mine.toml"), good.replacen(right, wrong, 1)).expect("written");
        let (code, text) = said(folder, &["check", "mine.toml"]);
        let expected = if message.starts_with("warning") { 0 } else { 2 };
        assert_eq!(code, Some(expected), "{mistake}: {text}");
        assert!(fits(text.trim_end(), message.trim_end()), "{mistake}:\n{text}{message}");
    }
}

#[test]
fn mistakes_in_a_command_are_told() {
    let folder = tempfile::tempdir().expect("a folder");
    let folder = folder.path();
    std::fs::write(folder.join("binary.toml"), b"name = \"x\"\n\xff\xfe\x00").expect("written");
    std::fs::write(folder.join("columns.csv"), "id,label\n1,Ann\n2,Bo\n").expect("written");
    std::fs::write(folder.join("nodes.csv"), "1,2\n2,3\n3\n").expect("written");
    assert_eq!(said(folder, &["new", "mine"]).0, Some(0));
    let short = ["run", "mine.toml", "--users", "200", "--until", "2025-01-05", "--quiet", "--no-report"];
    for run in [&short[..], &[&short[..], &["--out", "taken"]].concat()] {
        assert_eq!(said(folder, run).0, Some(0));
    }
    for (arguments, expected, message) in TYPED {
        let (code, text) = said(folder, arguments);
        assert!(code == Some(expected) && fits(&text, message), "{arguments:?} gave {code:?}\n{text}{message}");
    }
}
