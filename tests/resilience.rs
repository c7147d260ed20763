//! `exodus resilience`: known answers, futures that are those of runs from the start, a folder like any other.

mod common;

use assert_cmd::Command;
use common::{everything, load, root};
use exodus::engine::Simulation;
use exodus::experiment::resilience::{FIGURES, How, LossResult, Plan, Resilience, resilience};
use exodus::observe::mutual;
use exodus::scenario::Scenario;
use serde_json::Value;
use std::fs;
use std::path::Path;
use std::sync::atomic::AtomicBool;

fn of(scenario: Scenario, on: &str, days: u32, replicates: u32, how: How) -> Resilience {
    let plan = Plan { scenario, on: on.parse().expect("a date"), days, replicates, how };
    let done = resilience(&plan, [2, 1], &AtomicBool::new(false), &|| ());
    done.expect("results").expect("not stopped")
}

fn loss<'a>(results: &'a Resilience, name: &str) -> &'a LossResult {
    results.losses.iter().find(|result| result.loss.name() == name).unwrap_or_else(|| panic!("no {name}"))
}

/// Everyone holds Green, nobody anything else, and nobody ever reviews.
const STILL: &str = r#"
name = "still"
start = 2025-01-01
end = 2025-03-31

[population]
people = 1_000_000
users = 1_000
household_sizes = [0.0, 1.0]

[graph]
mean_degree = 8

[observe]
tie_panel = 1_000

[model]
review_rate = 0.0
shock_review_rate = 0.0
warm_up_days = 0
settle_days = 0

[model.vpn]
share = SHARE

[[messenger]]
name = "Green"
reach_by_age = [1.0]

[[messenger]]
name = "Blue"
reach_by_age = [0.0]
"#;

fn still(vpn: &str) -> Scenario {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("still.toml");
    fs::write(&path, STILL.replace("SHARE", vpn)).expect("written");
    load(&path, &[])
}

#[test]
fn where_all_hold_one_and_nobody_moves_its_loss_is_everything_and_no_other_is_anything() {
    let results = of(still("0.0"), "2025-02-01", 20, 1, How::Outage);
    let names: Vec<String> = results.losses.iter().map(|result| result.loss.name()).collect();
    assert_eq!(names, ["Green", "Blue", "VPNs"], "of two the two largest are all");
    let green = loss(&results, "Green");
    // All but those without any tie, of whom there are few at a mean degree of 8.
    for figures in &green.daily {
        assert_eq!(figures[3..], [1.0, 1.0], "every tie, every household tie");
        assert!(figures[0] == figures[2] && figures[1] == figures[2] && figures[2] > 990_000.0, "{figures:?}");
    }
    assert!(green.half_recovered.n() == 0 && green.gains().is_empty());
    for name in ["Blue", "VPNs"] {
        assert!(loss(&results, name).daily.iter().all(|figures| *figures == [0.0; 5]), "{name}");
    }
    assert!(results.nothing.iter().all(|figures| *figures == [0.0; 5]));
    // A VPN goes round a block, and not round an outage.
    for (how, lost) in [(How::Block, 0.0), (How::Outage, 1.0)] {
        assert_eq!(loss(&of(still("1.0"), "2025-02-01", 2, 1, how), "Green").daily[1][3], lost, "{how:?}");
    }
}

/// Ties that could talk on the eve and cannot on a day, counted one by one in a run from the start.
fn counted(scenario: Scenario, eve: i32, day: i32) -> [f64; 5] {
    let people = scenario.population.people as f64;
    let mut simulation = Simulation::new(scenario).expect("a simulation");
    let talk = |simulation: &Simulation, i: u32, j: u32| {
        let (state, today) = (simulation.state(), simulation.policy().today());
        mutual(today, state.public_of(i), state.public_of(j)) != 0
    };
    let mut could: Vec<Vec<u32>> = Vec::new();
    while simulation.day() < day {
        simulation.step().expect("a step");
        if simulation.day() == eve {
            let graph = simulation.graph().clone();
            let users = 0..graph.nodes();
            could = users.map(|i| graph.neighbors(i).iter().copied().filter(|&j| talk(&simulation, i, j)).collect()).collect();
        }
    }
    let population = simulation.population();
    let (mut cut, mut ties, mut lost) = ([0u32; 3], [0usize; 2], [0usize; 2]);
    let per_user = people / f64::from(population.users());
    for (i, contacts) in could.iter().enumerate() {
        let i = i as u32;
        let gone: Vec<&u32> = contacts.iter().filter(|&&j| !talk(&simulation, i, j)).collect();
        let share = gone.len() as f64 / (contacts.len() as f64).max(1.0);
        for (cut, least) in cut.iter_mut().zip([0.1, 0.5, 1.0]) {
            *cut += u32::from(!gone.is_empty() && share >= least);
        }
        let home = |j: &u32| population.household(i).contains(j);
        ties[0] += contacts.len();
        ties[1] += contacts.iter().filter(|j| home(j)).count();
        lost[0] += gone.len();
        lost[1] += gone.iter().filter(|j| home(j)).count();
    }
    let share = |k: usize| lost[k] as f64 / ties[k] as f64;
    [f64::from(cut[0]) * per_user, f64::from(cut[1]) * per_user, f64::from(cut[2]) * per_user, share(0), share(1)]
}

#[test]
fn a_future_is_that_of_a_run_from_the_start_counted_tie_by_tie() {
    let world = || everything(&["population.users=900", "observe.tie_panel=900"]);
    let (on, days) = ("2025-02-10", 40);
    let results = of(world(), on, days, 2, How::Outage);
    let mut scenario = world();
    let eve = scenario.start.days_until(on.parse().expect("a date")) - 1;
    let intervention = "[[intervention]]\nkind = \"outage\"\nmessenger = \"Green\"\nfrom = 2025-02-10\n";
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("out.toml");
    fs::write(&path, scenario.to_toml().expect("a scenario") + "\n" + intervention).expect("written");
    let mut taken = exodus::scenario::load_written(&path, &[]).expect("a scenario");
    // The second past has the seed of the second replicate.
    let seeds = [0, 1].map(|replicate| exodus::experiment::replicate_seed(scenario.seed, replicate));
    let green = loss(&results, "Green");
    for day in [0, 39] {
        let of_both = seeds.map(|seed| {
            scenario.seed = seed;
            taken.seed = seed;
            [&scenario, &taken].map(|scenario| counted(scenario.clone(), eve, eve + 1 + day))
        });
        for which in 0..FIGURES.len() {
            let mean = |side: usize| (of_both[0][side][which] + of_both[1][side][which]) / 2.0;
            let found = [results.nothing[day as usize][which], green.daily[day as usize][which]];
            let close = |a: f64, b: f64| (a - b).abs() <= 1e-9 * a.abs().max(1.0);
            assert!(close(found[0], mean(0)) && close(found[1], mean(1)), "{day} {}: {found:?}", FIGURES[which].0);
        }
    }
    assert!(green.daily[0][3] > results.nothing[0][3], "something is lost");
}

fn exodus(folder: &Path, args: &[&str]) -> Command {
    let mut command = Command::cargo_bin("exodus").expect("the command");
    command.args(args).current_dir(folder);
    command
}

fn said(folder: &Path, args: &[&str]) -> String {
    String::from_utf8(exodus(folder, args).assert().success().get_output().stdout.clone()).expect("text")
}

fn refused(folder: &Path, args: &[&str]) -> String {
    let output = exodus(folder, args).assert().failure().get_output().stderr.clone();
    String::from_utf8(output).expect("text")
}

#[test]
fn the_folder_is_whole_can_be_verified_and_is_overwritten_only_if_told_to() {
    let folder = tempfile::tempdir().expect("a folder");
    let folder = folder.path();
    let scenario = root().join("tests/scenarios/everything.toml").display().to_string();
    let args = ["resilience", &scenario, "--on", "2025-02-10", "--days", "12", "--replicates", "2", "--users", "600"];
    let with = |more: &[&str]| said(folder, &[&args[..], more].concat());
    let told = with(&["--json", "--out", "one", "--threads", "1"]).replace("\"one\"", "");
    assert_eq!(told, with(&["--json", "--out", "two", "--threads", "2", "--no-report"]).replace("\"two\"", ""));
    let json: Value = serde_json::from_str(&with(&["--json", "--out", "one", "--force"])).expect("JSON");
    assert_eq!(json["losses"].as_array().map(Vec::len), Some(everything(&[]).messengers.len() + 2));
    for name in ["losses.csv", "destinations.csv", "daily.csv", "scenario.toml", "study.json", "report.html"] {
        assert!(folder.join("one").join(name).exists(), "{name}");
    }
    for name in ["cut-off", "recovery", "households"] {
        assert!(folder.join("one/figures").join(format!("{name}.svg")).exists(), "{name}");
    }
    assert!(!folder.join("two/report.html").exists());
    for name in ["losses.csv", "destinations.csv", "daily.csv"] {
        let read = |place: &str| fs::read(folder.join(place).join(name)).expect("a table");
        assert_eq!(read("one"), read("two"), "{name}");
    }
    let daily = fs::read_to_string(folder.join("one/daily.csv")).expect("a table");
    assert_eq!(daily.lines().count(), 1 + 12 * (1 + json["losses"].as_array().expect("losses").len()));
    // As its own page says, it is regenerated.
    said(
        &folder.join("one"),
        &[
            "resilience",
            "scenario.toml",
            "--on",
            "2025-02-10",
            "--days",
            "12",
            "--replicates",
            "2",
            "--by",
            "outage",
            "--out",
            "again",
            "--quiet",
            "--no-report",
        ],
    );
    assert_eq!(
        fs::read(folder.join("one/again/losses.csv")).expect("a table"),
        fs::read(folder.join("one/losses.csv")).expect("a table")
    );
    fs::remove_dir_all(folder.join("one/again")).expect("removed");

    said(folder, &["verify", "one"]);
    said(folder, &["report", "one"]);
    said(folder, &["verify", "one"]);
    assert!(refused(folder, &[&args[..], &["--out", "one"]].concat()).contains("--force"));
    assert!(said(folder, &["resume", "one"]).contains("nothing to do"));
    assert!(refused(folder, &["compare", "one", "two"]).contains("found the folder of a study"));
    fs::create_dir(folder.join("mine")).expect("a folder");
    fs::write(folder.join("mine/losses.csv"), "mine").expect("written");
    assert!(refused(folder, &[&args[..], &["--out", "mine", "--force"]].concat()).contains("a file that no study lists"));
    let text = fs::read_to_string(folder.join("one/losses.csv")).expect("a table");
    fs::write(folder.join("one/losses.csv"), text.replacen('1', "2", 1)).expect("written");
    assert_eq!(exodus(folder, &["verify", "one"]).assert().failure().get_output().status.code(), Some(1));
    assert!(
        refused(folder, &["resilience", &scenario, "--on", "2031-01-01"]).contains("--on: found 2031-01-01; allowed a day from")
    );
    assert!(with(&["--dry-run"]).contains("runs"));
}
