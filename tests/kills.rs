//! Promise 3: nothing is lost. All that writes a folder is killed with SIGKILL at moments spread over its whole length, resumed, killed
//! again while it continues, and so forth until it ends. Then the folder has the files and the bytes of one that was never stopped.
//!
//! `EXODUS_KILLS=10000 cargo test --release --test kills -- --nocapture` is the long version; `EXODUS_KILLED` names another program to
//! kill than the one just built, so that a build meanwhile does not disturb it.
#![cfg(target_os = "linux")]

mod common;

use common::root;
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::os::unix::process::ExitStatusExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::time::{Duration, Instant};

/// Kills of one chain, after which it may end.
const MOST_IN_A_ROW: u32 = 40;
/// One chain in so many leaves page and figures too, which take longer than all else.
const WITH_REPORT: u32 = 20;

/// Something that leaves a folder.
struct Work {
    name: &'static str,
    /// The command, without `--out FOLDER` where `place` says so.
    begin: Vec<String>,
    /// What tells the command its folder: `--out`, or nothing where the folder is its last argument.
    place: Option<&'static str>,
    /// What is in the folder before, if anything is.
    before: Option<PathBuf>,
    /// The file from which on `exodus resume` continues; without one, or every second time where `either`, the same command does.
    resumed_from: Option<&'static str>,
    either: bool,
    /// Whether what was killed begins anew, and `resume` makes but the page of what is finished.
    at_once: bool,
    /// Whether it can be done without page and figures.
    report: bool,
    /// Kills of all hundred.
    share: u32,
}

impl Work {
    fn command(&self, out: &Path, report: bool, k: u32) -> Command {
        let stands = |mark| {
            fs::read_to_string(out.join(mark)).is_ok_and(|text| !self.at_once || text.contains("\"status\": \"finished\""))
        };
        let resumed = self.resumed_from.is_some_and(stands) && !(self.either && k % 2 == 1);
        let mut command = exodus();
        if resumed {
            command.arg("resume").arg(out).arg("--quiet");
        } else {
            command.args(&self.begin).args(self.place).arg(out);
        }
        if resumed || !["merge", "compare", "export", "figures"].contains(&self.name) {
            command.args(["--threads", if k.is_multiple_of(3) { "1" } else { "2" }]);
        }
        if resumed && self.name == "run" {
            command.args(["--checkpoint-every", "3"]);
        }
        if self.report && !report {
            command.arg("--no-report");
        }
        command
    }

    /// An empty folder, or what is to be there before.
    fn lay_out(&self, out: &Path) {
        let _ = fs::remove_dir_all(out);
        if let Some(before) = &self.before {
            for (name, bytes) in contents(before) {
                let path = out.join(name);
                fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
                fs::write(path, bytes).expect("written");
            }
        }
    }
}

fn exodus() -> Command {
    let mut command = Command::new(std::env::var_os("EXODUS_KILLED").unwrap_or_else(|| env!("CARGO_BIN_EXE_exodus").into()));
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::piped());
    command
}

fn done(command: &mut Command) {
    let output = command.output().expect("a process");
    assert!(output.status.success(), "{command:?}: {}", said(&output));
}

fn said(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).trim().to_owned()
}

/// Paths of all files below a folder, and their bytes.
fn contents(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let mut all = BTreeMap::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(next) = folders.pop() {
        for path in fs::read_dir(next).into_iter().flatten().map(|entry| entry.expect("an entry").path()) {
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

/// What two folders of the same work have in common: names of all files; bytes of those without times; state hashes.
fn results(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let state = |bytes: &[u8]| -> Vec<u8> {
        let manifest: serde_json::Value = serde_json::from_slice(bytes).expect("JSON");
        format!("{} {} {}", manifest["status"], manifest["state_hash"], manifest["state_hashes"]).into_bytes()
    };
    let of = |(name, bytes): (String, Vec<u8>)| {
        let kept = match () {
            () if name.ends_with("report.html") => Vec::new(),
            () if name.ends_with(".json") => state(&bytes),
            () => bytes,
        };
        (name, kept)
    };
    contents(folder).into_iter().map(of).collect()
}

/// What differs, by name.
fn unlike(a: &BTreeMap<String, Vec<u8>>, b: &BTreeMap<String, Vec<u8>>) -> Vec<String> {
    let names: BTreeSet<&String> = a.keys().chain(b.keys()).filter(|name| a.get(*name) != b.get(*name)).collect();
    names
        .into_iter()
        .map(|name| format!("{name} ({:?} bytes, {:?})", a.get(name).map(Vec::len), b.get(name).map(Vec::len)))
        .collect()
}

const SWEEP: &str = "name = \"t\"\nusers = 150\n[[output]]\nname = \"holders\"\nseries = \"holders\"\nmessenger = \"State\"\nat = 2025-01-25\n\
    [[output]]\nname = \"Green\"\nseries = \"holders\"\nmessenger = \"Green\"\nat = 2025-01-25\n[[factor]]\nname = \"rate\"\nkey = \"model.review_rate\"\n\
    low = 0.05\nhigh = 0.2\n";

const CALIBRATION: &str = r#"
scenario = "bass.toml"
targets = "targets.csv"
users = 100
replicates = 2
seed = 5
flag = [{ name = "M", weight = 1.0 }]
series = [{ name = "holders", messenger = "Novelty", column = "holders", noise = 0.05, floor = 0.0002 }]
esmda = { members = 8, steps = 1 }
cma_es = { generations = 2 }
ensemble = { members = 4, within = 10.0 }
confirm = { users = 150, candidates = 2 }
variant = [{ name = "without peers", set = ["model.hazard.peer=0"] }]

[score]
origins = ["2025-02", "2025-03"]
horizon = 1
members = 8
steps = 1

[[parameter]]
name = "spontaneous"
meaning = "p (1/day)"
sets = [{ key = "model.hazard.spontaneous" }]
start = 0.004
low = 0.0005
high = 0.02
log = true
"#;

const TARGETS: &str = "month,series,value_mln,flag\n2025-01,holders,0.004,M\n2025-02,holders,0.009,M\n2025-03,holders,0.012,M\n\
    2025-04,holders,0.013,M\n";

const PATTERNS: &str = "users = 150\nreplicates = 2\n[[world]]\nscenario = \"everything.toml\"\noutput = [{ name = \"Green\", series = \"holders\", \
    messenger = \"Green\", at = 2025-01-25 }]\n[[pattern]]\nnumber = 1\ntext = \"many hold Green\"\nsource = \"none\"\n[[pattern.check]]\n\
    name = \"Green\"\nplus = [\"Green\"]\nlow = 1\n";

/// All works, and the files that they need, in a folder.
fn works(folder: &Path) -> Vec<Work> {
    let at = |name: &str| folder.join(name).display().to_string();
    let everything = root().join("tests/scenarios/everything.toml");
    fs::copy(&everything, folder.join("everything.toml")).expect("copied");
    let [scenario, bass] = ["everything.toml", "bass.toml"].map(at);
    let text = fs::read_to_string(root().join("scenarios/bass.toml")).expect("the gallery");
    fs::write(bass, text.replace("mean_degree = 200", "mean_degree = 20")).expect("written");
    let sweep = |name: &str, keys: &str, more: &str| {
        fs::write(folder.join(name), format!("scenario = \"everything.toml\"\n{keys}\n{SWEEP}{more}")).expect("written");
    };
    sweep("sobol.toml", "design = \"sobol\"\npoints = 2\nreplicates = 2", "");
    let search = "[search]\nof = \"Green\"\nover = \"holders\"\nhalvings = 3\n";
    sweep("threshold.toml", "design = \"threshold\"\nreplicates = 2", search);
    fs::write(folder.join("calibration.toml"), CALIBRATION).expect("written");
    fs::write(folder.join("targets.csv"), TARGETS).expect("written");
    fs::write(folder.join("patterns.toml"), PATTERNS).expect("written");
    // What others begin from.
    let begin = |users: &str, more: &[&str]| -> Vec<String> {
        let fixed = ["run", &scenario, "--users", users, "--until", "2025-02-10", "--quiet"];
        fixed.iter().chain(more).map(|arg| (*arg).to_owned()).collect()
    };
    let [first, second] = ["first", "second"].map(at);
    done(exodus().args(begin("300", &["--snapshot-on", "2025-01-15", "--no-report", "--out", &first])));
    done(exodus().args(begin("300", &["--set", "model.review_rate=0.2", "--no-report", "--out", &second])));
    let shards = folder.join("shards");
    for shard in ["1/2", "2/2"] {
        done(exodus().args(["sweep", &at("sobol.toml"), "--shard", shard, "--quiet", "--out"]).arg(&shards));
    }
    let snapshot = at("first/snapshots/2025-01-15.exo");
    let words = |args: &[&str]| args.iter().map(|arg| (*arg).to_owned()).collect::<Vec<String>>();
    let work = |name, share, begin, resumed_from| Work {
        name,
        begin,
        place: Some("--out"),
        before: None,
        resumed_from,
        either: false,
        at_once: ["score", "recover", "compare", "resilience"].contains(&name),
        report: true,
        share,
    };
    let kept = ["--checkpoint-every", "3", "--snapshot-on", "2025-01-20"];
    vec![
        work("run", 40, begin("300", &kept), Some("manifest.json")),
        work(
            "fork",
            5,
            words(&["fork", &snapshot, "--set", "model.vpn.cost=2", "--until", "2025-02-10", "--quiet"]),
            Some("manifest.json"),
        ),
        work("replicates", 10, begin("200", &["--replicates", "2", "--checkpoint-every", "5"]), Some("replicates.toml")),
        Work { either: true, ..work("sweep", 12, words(&["sweep", &at("sobol.toml"), "--quiet"]), Some("sweep.toml")) },
        Work { before: Some(shards), place: None, ..work("merge", 3, words(&["sweep", "merge"]), None) },
        Work {
            either: true,
            ..work("calibrate", 10, words(&["calibrate", &at("calibration.toml"), "--quiet"]), Some("calibration.json"))
        },
        work("score", 4, words(&["score", &at("calibration.toml"), "--quiet"]), Some("study.json")),
        work("recover", 3, words(&["recover", &at("calibration.toml"), "--draws", "3", "--quiet"]), Some("study.json")),
        work("compare", 4, words(&["compare", &first, &second, "--quiet"]), Some("comparison.json")),
        work(
            "resilience",
            3,
            words(&[
                "resilience",
                &scenario,
                "--users",
                "100",
                "--on",
                "2025-01-05",
                "--days",
                "5",
                "--replicates",
                "2",
                "--quiet",
            ]),
            Some("study.json"),
        ),
        work("threshold", 3, words(&["sweep", &at("threshold.toml"), "--quiet"]), Some("study.json")),
        Work { report: false, ..work("validate", 2, words(&["validate", &at("patterns.toml"), "--quiet"]), None) },
        Work { report: false, ..work("export", 2, words(&["snapshot", "export", &snapshot, "--force"]), None) },
        Work {
            report: false,
            place: None,
            before: Some(folder.join("first")),
            ..work("figures", 2, words(&["report", "--quiet", "--figures"]), None)
        },
    ]
}

/// What a work is like when nothing stops it.
struct Whole {
    length: Duration,
    results: BTreeMap<String, Vec<u8>>,
}

fn whole(work: &Work, folder: &Path, report: bool) -> Whole {
    let out = folder.join("whole");
    let mut lengths: Vec<Duration> = (0..3)
        .map(|_| {
            work.lay_out(&out);
            let start = Instant::now();
            done(&mut work.command(&out, report, 1));
            start.elapsed()
        })
        .collect();
    lengths.sort();
    Whole { length: lengths[1], results: results(&out) }
}

/// How a chain ended: kills, and the tenths of the work's length in which they came.
fn chain(
    work: &Work,
    whole: &Whole,
    out: &Path,
    report: bool,
    moments: &mut impl Iterator<Item = f64>,
) -> Result<Vec<f64>, String> {
    work.lay_out(out);
    let mut killed = Vec::new();
    loop {
        let mut command = work.command(out, report, killed.len() as u32);
        let mut child = command.spawn().expect("started");
        let share = moments.next().expect("for ever");
        if killed.len() < MOST_IN_A_ROW as usize {
            std::thread::sleep(whole.length.mul_f64(share));
            child.kill().expect("killed");
        }
        let output = child.wait_with_output().expect("a status");
        let status = output.status;
        match status.signal() {
            Some(9) => killed.push(share),
            _ if status.success() => break,
            _ => return Err(format!("{command:?} after {killed:?}: {status}, {}", said(&output))),
        }
    }
    let differences = unlike(&results(out), &whole.results);
    if !differences.is_empty() {
        return Err(format!("after {killed:?}: {}", differences.join(", ")));
    }
    if work.name != "export" {
        let output = exodus().arg("verify").arg(out).stdout(Stdio::piped()).output().expect("a process");
        if !output.status.success() {
            return Err(format!("after {killed:?}: verify: {} {}", String::from_utf8_lossy(&output.stdout), said(&output)));
        }
    }
    Ok(killed)
}

#[test]
fn whatever_is_killed_at_any_moment_ends_like_what_was_never_stopped() {
    let kills: u64 = std::env::var("EXODUS_KILLS").ok().and_then(|n| n.parse().ok()).unwrap_or(60);
    let only = std::env::var("EXODUS_KILL_ONLY").ok();
    let shm = Path::new("/dev/shm");
    let folder = if shm.is_dir() { tempfile::tempdir_in(shm) } else { tempfile::tempdir() }.expect("a folder");
    let folder = folder.path();
    // Moments that do not repeat and leave no gaps: the fractional parts of multiples of the golden ratio; a tenth beyond the end, as lengths vary.
    let mut moments = (1u32..).map(|n| (f64::from(n) * 0.618_033_988_749_894_9).fract() * 1.1);
    let mut failures = Vec::new();
    println!("| work | killed | chains | moments: kills in each tenth of its length | ms |\n|---|---|---|---|---|");
    for work in works(folder).iter().filter(|work| only.as_deref().is_none_or(|name| name == work.name)) {
        let wholes: Vec<Whole> = [false, true].map(|report| whole(work, folder, report && work.report)).into();
        let (mut killed, mut chains, mut tenths) = (0, 0, [0; 11]);
        while killed < (kills * u64::from(work.share)).div_ceil(100) {
            let report = work.report && chains % WITH_REPORT == WITH_REPORT - 1;
            let out = folder.join(format!("{}-{chains}", work.name));
            chains += 1;
            match chain(work, &wholes[usize::from(report)], &out, report, &mut moments) {
                Ok(moments) => {
                    killed += moments.len() as u64;
                    moments.iter().for_each(|moment| tenths[(moment * 10.0) as usize] += 1);
                    fs::remove_dir_all(&out).expect("removed");
                }
                // Its folder is kept for who looks into it.
                Err(what) => {
                    let kept = std::env::temp_dir().join(format!("exodus-killed-{}-{chains}", work.name));
                    let _ = Command::new("cp").arg("-a").arg(&out).arg(&kept).status();
                    failures.push(format!("{} in {}: {what}", work.name, kept.display()));
                    eprintln!("{}", failures.last().expect("one"));
                    if failures.len() >= 20 {
                        break;
                    }
                }
            }
        }
        println!("| {} | {killed} | {chains} | {tenths:?} | {} |", work.name, wholes[0].length.as_millis());
    }
    assert!(failures.is_empty(), "{} failures:\n{}", failures.len(), failures.join("\n"));
}
