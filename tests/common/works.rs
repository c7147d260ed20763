//! Everything that writes a folder, small, each to be begun and resumed by one call: for tests that let it fail on the way.

use crate::common::{everything, root};
use exodus::Result;
use exodus::experiment::calibrate::{self, Watch, calibrate};
use exodus::experiment::compare::{RunSet, compare, write};
use exodus::experiment::replicates::Plan;
use exodus::experiment::sweep::{Sweep, SweepPlan, thresholds};
use exodus::experiment::{Replicates, Run, RunOptions, verify};
use exodus::peers::Peers;
use exodus::storage::snapshot::{Format, Selection, Snapshot, export};
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

/// A work, begun or resumed, to its end, in a folder; what it needs of files is in another one.
pub(crate) type Work = fn(&Path, &Path) -> Result<()>;

/// All of them.
pub(crate) const WORKS: [(&str, Work); 8] = [
    ("run", |folder, _| a_run(&folder.join("run"), &["end=2025-01-07"], Some("2025-01-05"))),
    ("replicates", a_replicates),
    ("sweep", a_sweep),
    ("threshold", a_threshold),
    ("calibration", a_calibration),
    ("comparison", a_comparison),
    ("validation", a_validation),
    ("export", an_export),
];

const CHANGES: [&str; 3] = ["population.users=200", "observe.audience_panel=50", "observe.tie_panel=20"];

fn a_run(folder: &Path, changes: &[&str], kept: Option<&str>) -> Result<()> {
    let scenario = everything(&[&CHANGES, changes].concat());
    let snapshot_on = kept.map(|date| date.parse().expect("a date")).into_iter().collect();
    let options = RunOptions { folder: folder.to_owned(), checkpoint_every: Some(2), snapshot_on, ..RunOptions::default() };
    let run = match folder.join("manifest.json").exists() {
        true => Run::resume(folder, &options)?,
        false => Some(Run::begin(scenario, &options)?),
    };
    run.map_or(Ok(()), to_the_end)
}

fn to_the_end(mut run: Run) -> Result<()> {
    while !run.simulation().finished() {
        run.day()?;
    }
    run.end(String::new()).map(|_| ())
}

fn a_replicates(folder: &Path, _: &Path) -> Result<()> {
    let folder = folder.join("replicates");
    let plan = Plan { replicates: 2, checkpoint_every: Some(2), ..Plan::default() };
    let replicates = match Replicates::is_here(&folder) {
        true => Replicates::resume(&folder, &Peers::alone())?,
        false => {
            Replicates::create(&folder, everything(&[&CHANGES[..], &["end=2025-01-04"]].concat()), plan, false, &Peers::alone())?
        }
    };
    replicates.run(1, &Arc::new(AtomicBool::new(false)), &|_| (), &String::new, |_| ()).map(|_| ())
}

/// A sweep's file, with the scenario of all kinds of interventions.
fn sweep_plan(inputs: &Path, name: &str, more: &str) -> SweepPlan {
    let output =
        |name: &str| format!("[[output]]\nname = {name:?}\nseries = \"holders\"\nmessenger = {name:?}\nat = 2025-01-03\n");
    let factor = "[[factor]]\nname = \"rate\"\nkey = \"model.review_rate\"\nlow = 0.05\nhigh = 0.2\n";
    let scenario = root().join("tests/scenarios/everything.toml");
    let text = format!(
        "name = \"t\"\nusers = 150\nreplicates = 2\nscenario = {scenario:?}\n{more}{}{}{factor}",
        output("Green"),
        output("Blue")
    );
    let path = inputs.join(name);
    fs::write(&path, text).expect("written");
    SweepPlan::read(&path).unwrap_or_else(|e| panic!("{e}"))
}

/// Whether what is made in one go was made.
fn is_finished(folder: &Path) -> bool {
    verify(folder).is_ok_and(|found| !found.unfinished && found.differences.is_empty())
}

fn a_sweep(folder: &Path, inputs: &Path) -> Result<()> {
    let plan = sweep_plan(inputs, "s.toml", "design = \"grid\"\nlevels = 2\n");
    let needs = plan.needs(1, plan.runs())?;
    let sweep = Sweep::open(plan, &folder.join("sweep"), None, false, String::new())?;
    sweep.run(&needs, &AtomicBool::new(false), &|| (), String::new).map(|_| ())
}

fn a_threshold(folder: &Path, inputs: &Path) -> Result<()> {
    let folder = folder.join("threshold");
    if is_finished(&folder) {
        return Ok(());
    }
    let plan =
        sweep_plan(inputs, "t.toml", "design = \"threshold\"\nsearch = { of = \"Green\", over = \"Blue\", halvings = 2 }\n");
    let needs = plan.needs(1, 8)?;
    let place = plan.begin_search(&folder, false, String::new())?;
    let found = thresholds(&plan, &place, &needs, &AtomicBool::new(false), &|| ())?;
    found.expect("not stopped").write(&place, &plan, String::new())
}

const CALIBRATION: &str = r#"
scenario = "bass.toml"
targets = "targets.csv"
users = 100
replicates = 1
seed = 5
flag = [{ name = "M", weight = 1.0 }]
series = [{ name = "holders", messenger = "Novelty", column = "holders", noise = 0.05, floor = 0.0002 }]
esmda = { members = 8, steps = 1 }
confirm = { users = 150, candidates = 2 }
[[parameter]]
name = "spontaneous"
meaning = "p (1/day)"
sets = [{ key = "model.hazard.spontaneous" }]
start = 0.004
low = 0.0005
high = 0.02
"#;

fn a_calibration(folder: &Path, inputs: &Path) -> Result<()> {
    let bass = fs::read_to_string(root().join("scenarios/bass.toml")).expect("the gallery");
    fs::write(inputs.join("bass.toml"), bass.replace("mean_degree = 200", "mean_degree = 20")).expect("written");
    fs::write(inputs.join("targets.csv"), "month,series,value_mln,flag\n2025-01,holders,0.004,M\n").expect("written");
    fs::write(inputs.join("c.toml"), CALIBRATION).expect("written");
    let plan = calibrate::Plan::read(&inputs.join("c.toml"))?;
    calibrate(&plan, &folder.join("calibration"), &Watch::new(1, &AtomicBool::new(false), &|_| ())).map(|_| ())
}

fn a_comparison(folder: &Path, inputs: &Path) -> Result<()> {
    for (name, rate) in [("a", "model.review_rate=0.05"), ("b", "model.review_rate=0.2")] {
        a_run(&inputs.join(name), &["end=2025-01-04", rate], Some("2025-01-03"))?;
    }
    let folder = folder.join("comparison");
    if is_finished(&folder) {
        return Ok(());
    }
    let sides = [RunSet::open(&inputs.join("a"))?, RunSet::open(&inputs.join("b"))?];
    write(&folder, &sides, &[compare(&sides[0], &sides[1])?], String::new(), false)
}

fn a_validation(folder: &Path, inputs: &Path) -> Result<()> {
    use exodus::experiment::validate::{Plan, validate, write};
    let folder = folder.join("validation");
    if is_finished(&folder) {
        return Ok(());
    }
    let scenario = root().join("tests/scenarios/everything.toml");
    let text = format!(
        "users = 150\nreplicates = 1\n[[world]]\nscenario = {scenario:?}\noutput = [{{ name = \"Green\", series = \"holders\", \
         messenger = \"Green\", at = 2025-01-03 }}]\n[[pattern]]\nnumber = 1\ntext = \"many hold it\"\nsource = \"none\"\n\
         [[pattern.check]]\nname = \"Green\"\nplus = [\"Green\"]\nlow = 1\n"
    );
    fs::write(inputs.join("patterns.toml"), text).expect("written");
    let plan = Plan::read(&inputs.join("patterns.toml"), None, None)?;
    let found = validate(&plan, plan.needs(1)?, &AtomicBool::new(false), &|| ())?;
    write(&folder, &plan, &found.expect("not stopped"), false)
}

fn an_export(folder: &Path, inputs: &Path) -> Result<()> {
    a_run(&inputs.join("a"), &["end=2025-01-04"], Some("2025-01-03"))?;
    let snapshot = Snapshot::open(&inputs.join("a/snapshots/2025-01-03.exo"))?;
    for format in [Format::Parquet, Format::Csv, Format::Numpy] {
        export(&snapshot, &Selection::default(), format, &folder.join("export"), true)?;
    }
    Ok(())
}

/// What two works of the same must have in common; of what has times and hardware, states.
pub(crate) fn results(folder: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let mut all = BTreeMap::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(next) = folders.pop() {
        for path in fs::read_dir(next).expect("a folder").map(|entry| entry.expect("an entry").path()) {
            if path.is_dir() {
                folders.push(path);
                continue;
            }
            let mut bytes = fs::read(&path).expect("a file");
            if path.extension().is_some_and(|end| end == "json") {
                let manifest: serde_json::Value = serde_json::from_slice(&bytes).expect("JSON");
                bytes = format!("{} {}", manifest["status"], manifest["state_hash"]).into_bytes();
            }
            all.insert(path.strip_prefix(folder).expect("below").to_owned(), bytes);
        }
    }
    all
}
