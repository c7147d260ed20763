//! `exodus recover`: whether a calibration's posterior holds known numbers as often as it says.

mod common;

use assert_cmd::Command;
use common::root;
use std::fs;
use std::path::Path;

/// Two numbers that the targets tell, and one that sets nothing; errors of the size that is said, or smaller ones.
fn calibration(noise_factor: f64) -> String {
    format!(
        r#"
scenario = "bass.toml"
targets = "targets.csv"
users = 2000
seed = 5
flag = [{{ name = "M", weight = 1.0 }}]
series = [{{ name = "holders", messenger = "Novelty", column = "holders", noise = 0.1, floor = 0.001 }}]
esmda = {{ members = 64, steps = 2, noise_factor = {noise_factor} }}

[[parameter]]
name = "spontaneous"
meaning = "p (1/day)"
sets = [{{ key = "model.hazard.spontaneous" }}]
start = 0.004
low = 0.002
high = 0.008
log = true
sd = 0.3

[[parameter]]
name = "peer"
meaning = "q (1/day)"
sets = [{{ key = "model.hazard.peer" }}]
start = 0.06
low = 0.02
high = 0.12
sd = 0.01

[[parameter]]
name = "nothing"
meaning = "sets nothing"
sets = []
start = 0.0
low = -4.0
high = 4.0
sd = 1.0
"#
    )
}

fn prepare(folder: &Path) {
    let bass = fs::read_to_string(root().join("scenarios/bass.toml")).expect("the gallery");
    fs::write(folder.join("bass.toml"), bass.replace("mean_degree = 200", "mean_degree = 20")).expect("written");
    // What was measured is not looked at, only of what.
    let months = ["01", "02", "03", "04"].map(|month| format!("2025-{month},holders,0.01,M\n")).concat();
    fs::write(folder.join("targets.csv"), format!("month,series,value_mln,flag\n{months}")).expect("written");
    fs::write(folder.join("right.toml"), calibration(1.0)).expect("written");
    fs::write(folder.join("sure.toml"), calibration(0.01)).expect("written");
}

fn exodus(folder: &Path, args: &[&str]) -> Command {
    let mut command = Command::cargo_bin("exodus").expect("the command");
    command.args(args).current_dir(folder);
    command
}

/// Ranks as shares, by parameter.
fn shares(folder: &Path, parameter: &str) -> Vec<f64> {
    let text = fs::read_to_string(folder.join("ranks.csv")).expect("a table");
    let rows = text.lines().skip(1).map(|line| line.split(',').collect::<Vec<_>>()).filter(|row| row[1] == parameter);
    rows.map(|row| (row[3].parse::<f64>().expect("a rank") + 0.5) / (row[4].parse::<f64>().expect("members") + 1.0)).collect()
}

fn covered(shares: &[f64], p: f64) -> f64 {
    shares.iter().filter(|share| (*share - 0.5).abs() <= p / 2.0).count() as f64 / shares.len() as f64
}

#[test]
fn known_numbers_lie_in_the_posterior_as_often_as_it_says() {
    let folder = tempfile::tempdir().expect("a folder");
    let folder = folder.path();
    prepare(folder);
    let said =
        |args: &[&str]| String::from_utf8(exodus(folder, args).assert().success().get_output().stdout.clone()).expect("text");
    let table = said(&["recover", "right.toml", "--draws", "24", "--out", "right"]);
    assert!(table.contains("peer") && table.contains("all"), "{table}");
    for parameter in ["spontaneous", "peer", "nothing"] {
        let shares = shares(&folder.join("right"), parameter);
        assert_eq!(shares.len(), 24);
        // Of 24 draws 22 are expected in nine tenths; fewer than 18 have a probability of 0.005. The mean has a deviation of 0.06, and the
        // search has one seed, whose chance is in all of them.
        assert!(covered(&shares, 0.9) >= 0.75, "{parameter}: {shares:?}");
        let mean = shares.iter().sum::<f64>() / 24.0;
        assert!((mean - 0.5).abs() < 0.2, "{parameter}: {mean}");
    }
    // Where measurements are taken for a hundred times as good, the chance of so few people, which is in no error, makes the posterior too sure.
    said(&["recover", "sure.toml", "--draws", "16", "--out", "sure", "--quiet", "--no-report"]);
    assert!(covered(&shares(&folder.join("sure"), "peer"), 0.9) <= 0.75, "{:?}", shares(&folder.join("sure"), "peer"));

    for (place, threads) in [("one", "1"), ("two", "2")] {
        said(&["recover", "right.toml", "--draws", "3", "--out", place, "--threads", threads, "--quiet", "--no-report"]);
    }
    for name in ["ranks.csv", "evaluations.csv", "truths.csv"] {
        let [one, two] = ["one", "two"].map(|place| fs::read(folder.join(place).join(name)).expect("a table"));
        assert!(one == two, "{name}: threads have no influence");
    }
    for name in ["report.html", "figures/ranks.svg", "figures/coverage.svg"] {
        assert!(folder.join("right").join(name).exists(), "{name}");
    }
    said(&["verify", "right"]);
    // The sample of the prior, three times a second one, and three truths.
    let dry = said(&["recover", "right.toml", "--draws", "3", "--dry-run"]);
    assert!(dry.contains("259 runs"), "{dry}");
    let refused = exodus(folder, &["recover", "right.toml", "--out", "right"]).assert().code(2).get_output().stderr.clone();
    assert!(String::from_utf8_lossy(&refused).contains("--force"));
    let without = calibration(1.0).replace("esmda = {", "# esmda = {");
    fs::write(folder.join("without.toml"), without).expect("written");
    let refused = exodus(folder, &["recover", "without.toml"]).assert().code(2).get_output().stderr.clone();
    assert!(String::from_utf8_lossy(&refused).contains("found no table `esmda`"));
}
