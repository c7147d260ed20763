//! One run by several processes gives the bits of one process: here ranks are threads, each with a pool of its own.

mod common;
#[path = "common/folders.rs"]
mod folders;

use common::{everything, load, on_threads};
use exodus::experiment::replicates::{Branching, Plan, Replicates};
use exodus::experiment::sweep::{self, Sweep, SweepPlan};
use exodus::experiment::{Run, RunOptions};
use exodus::peers::Peers;
use exodus::scenario::{Date, Scenario};
use exodus::storage::snapshot::Snapshot;
use exodus::storage::{Curves, Exchange, Manifest};
use folders::assert_same;
use proptest::prelude::*;
use std::fmt::Write;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

/// What every rank of so many, with so many threads each, makes of `work`.
fn on_ranks<T: Send>(ranks: usize, threads: usize, work: impl Fn(Peers) -> T + Sync) -> Vec<T> {
    std::thread::scope(|scope| {
        let work = &work;
        let each = Peers::threads(ranks).into_iter().map(|peers| scope.spawn(move || on_threads(threads, || work(peers))));
        let each: Vec<_> = each.collect();
        each.into_iter().map(|rank| rank.join().expect("a rank")).collect()
    })
}

/// Goes on to the end, or leaves the run to be resumed after so many days of it.
fn go_on(mut run: Run, days: i32) -> Manifest {
    while !run.simulation().finished() && run.simulation().day() + 1 < days {
        run.day().expect("a day");
    }
    if run.simulation().finished() { run.end(String::new()).expect("an end") } else { run.pause().expect("a pause") }
}

fn options(folder: &Path, snapshot_on: Date, peers: Peers) -> RunOptions {
    RunOptions { folder: folder.to_owned(), snapshot_on: vec![snapshot_on], peers, ..RunOptions::default() }
}

const RULES: [&str; 4] = ["portfolio", "logit", "threshold", "hazard"];
const GRAPHS: [&str; 7] =
    ["layered", "erdos_renyi", "watts_strogatz", "barabasi_albert", "configuration", "stochastic_block", "file"];

fn scenario(folder: &Path, [rule, graph]: [&str; 2], packed: bool, chats: bool, users: u32, seed: u32) -> Scenario {
    let memory = if packed { "packed" } else { "plain" };
    let mut keys = vec![
        format!("seed={seed}"),
        format!("population.users={users}"),
        format!("model.rule={rule}"),
        format!("graph.memory={memory}"),
        format!("graph.kind={graph}"),
        // The full block and the shock that it is lie in these days.
        "start=2025-02-25".into(),
        "end=2025-03-12".into(),
        "model.warm_up_days=8".into(),
        "model.settle_days=8".into(),
        "observe.trace=300".into(),
        r#"observe.cohorts=["region","age"]"#.into(),
    ];
    if rule != "portfolio" {
        keys.extend(["messenger.Green.reach_by_age=[0.3,0.3,0.3]".into(), "messenger.Blue.reach_by_age=[0.4,0.4,0.4]".into()]);
    }
    if chats && rule == "portfolio" {
        let size = if graph == "layered" { "" } else { "size = 3, " };
        keys.push(format!(
            "model.chats={{ rate = 0.2, kinds = [{{ name = 'families', {size}share = 0.2 }}, \
             {{ name = 'classes', group = 'pupils', size = 9, share = 0.3 }}] }}"
        ));
        keys.push("intervention.2.chats=0.6".into());
    }
    if graph == "file" {
        let mut text = String::from("a,b\n");
        for i in 0..users {
            for step in [1, 2, 5, 377] {
                writeln!(text, "{i},{}", (i + step) % users).expect("text");
            }
        }
        let path = folder.join("ties.csv");
        std::fs::write(&path, text).expect("written");
        keys.push(format!("graph.path={:?}", path.display().to_string()));
    }
    everything(&keys.iter().map(String::as_str).collect::<Vec<_>>())
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(14) })]

    #[test]
    fn any_number_of_ranks_gives_the_same_bytes(
        rule in prop_oneof![3 => Just("portfolio"), 2 => prop::sample::select(&RULES[1..])],
        graph in prop_oneof![2 => Just("layered"), 3 => prop::sample::select(&GRAPHS[1..])],
        [packed, chats] in any::<[bool; 2]>(),
        // Some ranks have nobody.
        users in 400u32..30_000,
        seed in 0u32..1000,
        ranks in [1usize..10, 1usize..10],
        threads in 1usize..4,
        pause in 0i32..16,
    ) {
        let folder = tempfile::tempdir().expect("a folder");
        let [alone, among, fork_alone, fork_among] = ["a", "b", "c", "d"].map(|name| folder.path().join(name));
        let scenario = scenario(folder.path(), [rule, graph], packed, chats, users, seed);
        let evening: Date = "2025-03-04".parse().expect("a date");
        on_threads(2, || go_on(Run::begin(scenario.clone(), &options(&alone, evening, Peers::alone())).expect("a run"), 99));

        // Stopped on one number of ranks, resumed on another.
        on_ranks(ranks[0], threads, |peers| {
            go_on(Run::begin(scenario.clone(), &options(&among, evening, peers)).expect("a run"), pause)
        });
        let ended = on_ranks(ranks[1], threads, |peers| {
            let run = Run::resume(&among, &RunOptions { peers, ..RunOptions::default() }).expect("it is resumed");
            run.map(|run| go_on(run, 99))
        });
        prop_assert!(ended.iter().all(Option::is_some));
        assert_same(&alone, &among, &format!("{rule} on {graph}, {ranks:?} ranks"));

        // From the snapshot, another future.
        let mut other = scenario;
        other.interventions.retain(|i| i.from <= evening);
        let fork = |folder: &Path, peers: Peers| {
            let snapshot = Snapshot::open(&among.join("snapshots/2025-03-04.exo")).expect("a snapshot");
            let options = options(folder, "2025-03-08".parse().expect("a date"), peers);
            go_on(Run::fork(&snapshot, other.clone(), &options).expect("a fork"), 99)
        };
        on_threads(1, || fork(&fork_alone, Peers::alone()));
        on_ranks(ranks[0], threads, |peers| fork(&fork_among, peers));
        assert_same(&fork_alone, &fork_among, &format!("fork of {rule} on {graph}, {} ranks", ranks[0]));
    }
}

/// Runs replicates with a thread, to the end, or until so many days are done: then whoever is told to stop, all do.
fn run_all(replicates: &Replicates, days: u64) -> bool {
    let (stop, done) = (Arc::new(AtomicBool::new(false)), AtomicU64::new(0));
    let count = |n: u64| stop.store(done.fetch_add(n, Ordering::Relaxed) + n >= days, Ordering::Relaxed);
    replicates.run(1, &stop, &count, &String::new, |_| ()).expect("replicates")
}

#[test]
fn replicates_are_computed_by_all_ranks_together() {
    let folder = tempfile::tempdir().expect("a folder");
    let [alone, among, fork_alone, fork_among] = ["a", "b", "c", "d"].map(|name| folder.path().join(name));
    let evening: Date = "2025-03-04".parse().expect("a date");
    let days = ["start=2025-02-25", "end=2025-03-12", "model.warm_up_days=8", "model.settle_days=8"];
    let scenario = everything(&[&days[..], &["population.users=9000"]].concat());
    let plan = Plan { replicates: 2, snapshot_on: vec![evening], ..Plan::default() };
    let make = |folder: &Path, scenario: &Scenario, plan: &Plan, peers: &Peers| {
        Replicates::create(folder, scenario.clone(), plan.clone(), false, peers).expect("a folder of replicates")
    };
    let assert_all_same = |a: &Path, b: &Path| {
        for replicate in ["replicate-000", "replicate-001"] {
            assert_same(&a.join(replicate), &b.join(replicate), replicate);
        }
        let [x, y] = [a, b].map(|folder| std::fs::read(folder.join("replicates.csv")).expect("a table"));
        assert!(x == y && x.len() > 1000);
    };

    assert!(run_all(&make(&alone, &scenario, &plan, &Peers::alone()), u64::MAX));
    // One rank of three is told to stop in the second replicate; two others finish both.
    let whole = on_ranks(3, 1, |peers| {
        let until = if peers.rank() == 1 { 21 } else { u64::MAX };
        run_all(&make(&among, &scenario, &plan, &peers), until)
    });
    assert_eq!(whole, [false; 3]);
    assert!(
        on_ranks(2, 1, |peers| run_all(&Replicates::resume(&among, &peers).expect("resumed"), u64::MAX)).iter().all(|all| *all)
    );
    assert_all_same(&alone, &among);

    let snapshot = alone.join("replicate-000/snapshots/2025-03-04.exo");
    let state_hash = Snapshot::open(&snapshot).expect("a snapshot").metadata().state_hash.clone();
    let mut other = scenario.clone();
    other.model.review_rate = 0.2;
    let plan = Plan { replicates: 2, from: Some(Branching { snapshot, state_hash }), ..Plan::default() };
    assert!(run_all(&make(&fork_alone, &other, &plan, &Peers::alone()), u64::MAX));
    assert!(on_ranks(3, 1, |peers| run_all(&make(&fork_among, &other, &plan, &peers), u64::MAX)).iter().all(|all| *all));
    assert_all_same(&fork_alone, &fork_among);
}

#[test]
fn runs_of_a_sweep_are_computed_by_all_ranks_together() {
    let folder = tempfile::tempdir().expect("a folder");
    let [alone, among] = ["a", "b"].map(|name| folder.path().join(name));
    // Runs that share their start, or have one of their own; outputs of all users, of panels, and of pairs.
    let text = format!(
        "name = \"ranks\"\nscenario = {:?}\nusers = 9000\ndesign = \"grid\"\nreplicates = 2\nbaseline = [\"remove=*\"]\n\
         set = [\"model.warm_up_days=8\", \"model.settle_days=8\"]\n\
         [[factor]]\nkey = \"intervention.full block.severity\"\nvalues = [0.3, 1.0]\n\
         [[factor]]\nkey = \"model.review_rate\"\nvalues = [0.05, 0.2]\n\
         [[output]]\nseries = \"holders\"\nmessenger = \"State\"\nat = 2025-01-20\n\
         [[output]]\nseries = \"monthly_reach\"\nmessenger = \"Small\"\nat = 2025-01-20\n\
         [[output]]\npopulation = \"connected_ties\"\nat = 2025-01-20\n\
         [[output]]\nseries = \"daily_use\"\nmessenger = \"State\"\nat = 2025-01-20\ndifference = true\n\
         [[output]]\ninstalled_at_least = 2\nat = 2025-01-20\n",
        common::root().join("tests/scenarios/everything.toml").display().to_string()
    );
    let file = folder.path().join("sweep.toml");
    std::fs::write(&file, text).expect("written");
    let plan = SweepPlan::read(&file).expect("a sweep");
    // To the end, or until so many runs are done, as one rank is told: then all stop.
    let simulate = |folder: &Path, peers: &Peers, told: usize, runs: u64| -> bool {
        let needs = plan.needs_of_rank(peers.size(), 1, plan.runs()).expect("it fits");
        let (stop, done) = (AtomicBool::new(false), AtomicU64::new(0));
        let count = || stop.store(done.fetch_add(1, Ordering::Relaxed) + 1 >= runs && told == 0, Ordering::Relaxed);
        let sweep = peers.first_does(|| Sweep::open(plan.clone(), folder, None, false, String::new())).expect("a folder");
        match sweep {
            Some(sweep) => sweep.among(peers).run(&needs, &stop, &count, String::new).expect("runs"),
            None => {
                stop.store(told == peers.rank(), Ordering::Relaxed);
                sweep::assist(&plan, &needs, peers, &stop).expect("runs");
                true
            }
        }
    };
    assert!(simulate(&alone, &Peers::alone(), usize::MAX, u64::MAX));
    assert_eq!(on_ranks(3, 1, |peers| simulate(&among, &peers, 0, 3)), [false, true, true], "the first rank is told to stop");
    let other = on_ranks(2, 1, |peers| simulate(&among, &peers, 1, u64::MAX));
    assert_eq!(other, [false, true], "another one is told to stop");
    for what in ["to its end", "finished already"] {
        assert_eq!(on_ranks(2, 1, |peers| simulate(&among, &peers, usize::MAX, u64::MAX)), [true; 2], "{what}");
    }
    for name in ["results.csv", "results.parquet", "points.csv"] {
        let [x, y] = [&alone, &among].map(|folder| std::fs::read(folder.join(name)).expect("a table"));
        assert!(x == y && !x.is_empty(), "{name} differs");
    }
}

#[test]
fn what_ranks_tell_each_other_is_counted() {
    let folder = tempfile::tempdir().expect("a folder");
    // Eight bytes for each change, as the table of days counts them, and on every rank every day the same sums of eight bytes.
    let sums_of_a_day = [2, 4].map(|ranks| {
        let path = folder.path().join(ranks.to_string());
        let scenario = everything(&["population.users=17000", "start=2025-02-25", "end=2025-03-12", "model.settle_days=8"]);
        let pause = |peers| go_on(Run::begin(scenario.clone(), &options(&path, scenario.start, peers)).expect("a run"), 9);
        on_ranks(ranks, 1, pause);
        let ended = on_ranks(ranks, 1, |peers| {
            let run = Run::resume(&path, &RunOptions { peers, ..RunOptions::default() }).expect("it is resumed");
            go_on(run.expect("not finished"), 99)
        });
        let found = ended[0].exchange.expect("several ranks");
        assert!(ended.iter().all(|other| other.exchange.expect("several ranks").day_bytes == found.day_bytes));
        let Exchange { days, day_bytes, most_bytes_of_a_day, state_bytes, start_bytes, .. } = found;
        assert_eq!((found.ranks, days), (ranks, 16));
        let changes = Curves::read(&path).expect("tables").population("changes").expect("a column");
        let told = 8.0 * changes.iter().sum::<f64>();
        let most = 8.0 * changes.iter().fold(0.0f64, |a, &b| a.max(b));
        let of_each = (day_bytes as f64 - told) / (16 * ranks) as f64;
        assert!((most_bytes_of_a_day as f64 - most - of_each * ranks as f64).abs() < 0.5, "{most_bytes_of_a_day}, {most}");
        // A snapshot and the checkpoint have the rows of all ranks but the first; on the eve everybody's public state is told.
        let rows = 17_000 * (ranks - 1) / ranks * 32;
        assert!(state_bytes > 2 * rows as u64 && start_bytes > 17_000 * 4, "{state_bytes}, {start_bytes}");
        of_each
    });
    assert_eq!(sums_of_a_day[0], sums_of_a_day[1]);
    assert_eq!(sums_of_a_day[0] % 8.0, 0.0);
}

#[test]
fn hubs_and_complete_graphs_are_divided_too() {
    let hash = |kind: &str, peers: Peers| {
        let folder = tempfile::tempdir().expect("a folder");
        let keys = [format!("graph.kind={kind}"), "population.users=9000".into(), "graph.mean_degree=4".into()];
        let keys: Vec<&str> = keys.iter().map(String::as_str).chain(["end=2025-01-02", "model.settle_days=2"]).collect();
        let options = RunOptions { folder: folder.path().join("r"), peers, ..RunOptions::default() };
        let run = Run::begin(everything(&keys), &options).expect("a run");
        (run.simulation().graph().common_fingerprint().expect("a fingerprint"), run.simulation().hash().expect("a hash"))
    };
    for kind in ["complete", "barabasi_albert"] {
        let alone = hash(kind, Peers::alone());
        assert_eq!(vec![alone; 3], on_ranks(3, 1, |peers| hash(kind, peers)), "{kind}");
    }
}

#[test]
fn a_start_that_settles_further_is_the_same() {
    // What most hold has been throttled for a while.
    let eve = |peers: Peers| {
        let folder = tempfile::tempdir().expect("a folder");
        let scenario = everything(&["population.users=13000", "start=2025-02-25", "model.settle_days=40"]);
        let options = RunOptions { folder: folder.path().join("r"), peers, ..RunOptions::default() };
        let run = Run::begin(scenario, &options).expect("a run");
        let simulation = run.simulation();
        (simulation.settled_days(), simulation.start_drift(), simulation.hash().expect("a hash"))
    };
    let alone = eve(Peers::alone());
    assert!(alone.0 > 40, "{alone:?}");
    assert_eq!(vec![alone; 4], on_ranks(4, 1, eve));
}

#[test]
fn the_gallery_runs_on_three_ranks() {
    for path in common::gallery() {
        let folder = tempfile::tempdir().expect("a folder");
        let scenario = load(&path, &["population.users=9000", "model.settle_days=5", "model.warm_up_days=5"]);
        let evening = scenario.date(3);
        let scenario = Scenario { end: scenario.date(9), targets: Vec::new(), ..scenario };
        let [alone, among] = ["a", "b"].map(|name| folder.path().join(name));
        on_threads(1, || go_on(Run::begin(scenario.clone(), &options(&alone, evening, Peers::alone())).expect("a run"), 99));
        on_ranks(3, 1, |peers| go_on(Run::begin(scenario.clone(), &options(&among, evening, peers)).expect("a run"), 99));
        assert_same(&alone, &among, &path.display().to_string());
    }
}

#[test]
fn ranks_of_different_scenarios_are_refused_by_all() {
    let folder = tempfile::tempdir().expect("a folder");
    let errors = on_ranks(3, 1, |peers| {
        let seed = if peers.rank() == 2 { "seed=8" } else { "seed=7" };
        let options = RunOptions { folder: folder.path().join("r"), peers, ..RunOptions::default() };
        Run::begin(everything(&["population.users=900", seed]), &options).expect_err("another scenario").to_string()
    });
    let expected = "rank 2 on a thread: found another scenario than that of rank 0; allowed the same on all ranks";
    assert_eq!(errors, [expected; 3]);
    assert!(!folder.path().join("r").exists());
}

#[test]
fn what_goes_wrong_on_one_rank_all_say() {
    let folder = tempfile::tempdir().expect("a folder");
    let errors = on_ranks(3, 1, |peers| {
        let options = RunOptions { folder: folder.path().join("r"), peers, ..RunOptions::default() };
        let keys = ["population.users=9000", "model.settle_days=1", "model.warm_up_days=1"];
        let mut run = Run::begin(everything(&keys), &options).expect("a run");
        run.day().expect("a day");
        if options.peers.is_first() {
            // The first rank has nowhere to write the checkpoint, while the others are about to send it.
            std::fs::remove_dir_all(&options.folder).expect("removed");
        }
        run.pause().expect_err("no folder").to_string()
    });
    assert!(errors[0].contains("checkpoint.next.exo"), "{errors:?}");
    assert!(errors.iter().all(|error| *error == errors[0]), "{errors:?}");
}

#[test]
fn a_rank_that_ends_ends_the_others() {
    let folder = tempfile::tempdir().expect("a folder");
    let simulated = on_ranks(3, 1, |peers| {
        let options = RunOptions { folder: folder.path().join("r"), peers, ..RunOptions::default() };
        let rank = options.peers.rank();
        let mut run = Run::begin(everything(&["population.users=900"]), &options).expect("a run");
        drop(options);
        run.day().expect("a day");
        if rank == 1 { None } else { Some(run.day().expect_err("rank 1 is gone").to_string()) }
    });
    assert!(simulated[0].as_ref().is_some_and(|error| error.contains("rank 1")), "{simulated:?}");
    assert!(simulated[2].is_some());
}

#[test]
fn check_tells_what_ranks_do_with_a_file() {
    let folder = tempfile::tempdir().expect("a folder");
    std::fs::write(folder.path().join("ties.csv"), "a,b\n0,1\n1,2\n").expect("written");
    let check = |ranks: &str| {
        let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_exodus"));
        command.arg("check").arg(common::root().join("scenarios/russia.toml")).args(["--ranks", ranks]);
        command
            .args([
                "--set",
                "graph.kind=file",
                "--set",
                "graph.path=ties.csv",
                "--set",
                "model.chats.kinds=[]",
                "--set",
                "remove=chats told to move",
            ])
            .current_dir(folder.path());
        String::from_utf8_lossy(&command.output().expect("exodus").stdout).into_owned()
    };
    assert!(check("4").contains("every rank reads the whole graph"), "{}", check("4"));
    assert!(!check("1").contains("every rank"));
}

/// Processes that have not joined, as those of a build without MPI: the first says it and fails. The others do neither, as a launcher ends
/// all when one fails, be it before the first has spoken.
#[test]
#[cfg(not(feature = "mpi"))]
fn of_processes_that_cannot_join_the_first_speaks_and_fails() {
    let ended = |rank: &str, words: &[&str]| {
        let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_exodus"));
        let output = command.args(words).envs([("PMI_SIZE", "3"), ("PMI_RANK", rank)]).output().expect("exodus");
        (output.status.code(), String::from_utf8_lossy(&output.stderr).into_owned())
    };
    // Each of these has a folder of its own, and is no part of the others.
    let (code, said) = ended("1", &["sweep", "none.toml", "--shard", "2/3"]);
    assert!(code > Some(0) && said.contains("none.toml") && !said.contains("mpi"), "{said}");
    for (words, expected) in [
        (["run", "mine.toml"], "--features mpi"),
        (["sweep", "mine.toml"], "--features mpi"),
        (["run", "--nonsense"], "unexpected argument"),
    ] {
        let (code, said) = ended("0", &words);
        assert!(code == Some(2) && said.contains(expected), "{said}");
        for rank in ["1", "2"] {
            assert_eq!(ended(rank, &words), (Some(0), String::new()), "rank {rank}: {words:?}");
        }
    }
}
