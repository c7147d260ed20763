//! One run by several processes of MPI, and what becomes of it when one of them ends. Run by hand (docs/cluster.md): `EXODUS_MPI` is an
//! `exodus` built for it, `EXODUS_MPIRUN` its launcher, `EXODUS_KILLS` how many ranks are killed.

mod common;
#[path = "common/folders.rs"]
mod folders;

use common::root;
use exodus::storage::Manifest;
use folders::assert_same;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

/// No process outlives another by more than this, on a machine that others use too.
const SOON: Duration = Duration::from_secs(20);

/// Enough to be killed in, with a checkpoint every other day.
const USERS: &str = "200000 --checkpoint-every 2";

/// A folder to work in, and what was asked for there.
struct Place(tempfile::TempDir);

impl Place {
    fn new() -> Self {
        Place(tempfile::tempdir().expect("a folder"))
    }

    fn at(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    /// `exodus` with these words, by so many ranks; each does `first`, for a shell, in which `$RANK` is its number.
    fn ranks(&self, ranks: usize, first: &str, words: &str) -> Command {
        let exodus = std::env::var("EXODUS_MPI").expect("EXODUS_MPI: an exodus built with --features mpi");
        let launcher = std::env::var("EXODUS_MPIRUN").unwrap_or_else(|_| "mpirun".into());
        let shell = format!(
            "RANK=${{OMPI_COMM_WORLD_RANK:-$PMI_RANK}}; echo $$ > pid-$RANK; EXODUS={exodus:?}; {first}\nexec $EXODUS \"$@\""
        );
        let mut command = Command::new(launcher);
        // Open MPI asks twice before it runs as root; more ranks than cores have to be asked for.
        command.env("OMPI_ALLOW_RUN_AS_ROOT", "1").env("OMPI_ALLOW_RUN_AS_ROOT_CONFIRM", "1");
        command.env("OMPI_MCA_rmaps_base_oversubscribe", "1");
        command.args(["-n", &ranks.to_string(), "sh", "-c", &shell, "rank"]).args(words.split_whitespace());
        command.current_dir(self.0.path()).stdout(Stdio::piped()).stderr(Stdio::piped());
        command
    }

    /// One process, of a build without MPI.
    fn alone(&self, words: &str) {
        let mut command = Command::new(env!("CARGO_BIN_EXE_exodus"));
        let output = command.args(words.split_whitespace()).current_dir(self.0.path()).output().expect("started");
        assert!(output.status.success(), "{words}: {}", String::from_utf8_lossy(&output.stderr));
    }

    fn done(&self, ranks: usize, words: &str) {
        let output = ended(self.ranks(ranks, "", words).spawn().expect("a launcher"), 60 * SOON);
        assert!(output.status.success(), "{words}: {}", said(&output));
    }

    /// What it says where it must fail; one line of it is the error.
    fn refused(&self, ranks: usize, first: &str, words: &str) -> String {
        let output = ended(self.ranks(ranks, first, words).spawn().expect("a launcher"), 60 * SOON);
        let text = said(&output);
        let errors: Vec<&str> = text.lines().filter(|line| line.contains("error: ")).collect();
        assert!(!output.status.success() && errors.len() == 1, "{words}: {text}");
        errors[0].to_owned()
    }

    /// Signals one of the ranks, which is exodus by then.
    fn signal(&self, rank: usize, signal: &str) {
        let id = fs::read_to_string(self.at(&format!("pid-{rank}"))).expect("an id");
        Command::new("kill").args([signal, id.trim()]).status().expect("kill");
    }
}

/// A run of all kinds of interventions, with so many users.
fn a_run(users: &str, out: &str) -> String {
    let scenario = root().join("tests/scenarios/everything.toml");
    let days = "--set model.warm_up_days=8 --set model.settle_days=20 --snapshot-on 2025-03-04";
    format!("run {} --users {users} {days} --threads 1 --no-report --quiet --out {out}", scenario.display())
}

fn resume(out: &str) -> String {
    format!("resume {out} --threads 1 --no-report --quiet")
}

/// What a launcher and its ranks said, once all have ended, within so much time.
fn ended(mut child: Child, within: Duration) -> Output {
    let patience = Instant::now() + within;
    while child.try_wait().expect("its state").is_none() {
        if Instant::now() > patience {
            let _ = child.kill();
            panic!("it hangs: {}", said(&child.wait_with_output().expect("what it said")));
        }
        sleep(Duration::from_millis(20));
    }
    child.wait_with_output().expect("what it said")
}

fn said(output: &Output) -> String {
    format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
}

fn status(folder: &Path) -> String {
    Manifest::read(folder).map_or_else(|_| "none".into(), |manifest| manifest.status)
}

/// Waits until a run has simulated some days.
fn days_of(folder: &Path) {
    let patience = Instant::now() + 6 * SOON;
    while !folder.join("checkpoint.exo").exists() {
        assert!(Instant::now() < patience, "no day is simulated in {}", folder.display());
        sleep(Duration::from_millis(20));
    }
}

fn host() -> String {
    let output = Command::new("hostname").output().expect("a name");
    String::from_utf8_lossy(&output.stdout).trim().to_owned()
}

#[test]
#[ignore = "needs a build with MPI"]
fn the_bytes_are_those_of_one_process() {
    let place = Place::new();
    place.alone(&a_run("9000", "one"));
    place.done(3, &a_run("9000", "three"));
    assert_same(&place.at("one"), &place.at("three"), "three ranks");

    let fork = "fork one/snapshots/2025-03-04.exo --set model.review_rate=0.2 --threads 1 --no-report --quiet --out";
    place.alone(&format!("{fork} fork-one"));
    place.done(3, &format!("{fork} fork-three"));
    assert_same(&place.at("fork-one"), &place.at("fork-three"), "a fork by three ranks");

    for [name, words] in [["many", &a_run("9000", "")], ["branches", fork]] {
        place.alone(&format!("{words} {name}-one --replicates 2"));
        place.done(2, &format!("{words} {name}-two --replicates 2"));
        let [one, two] = ["one", "two"].map(|ranks| place.at(&format!("{name}-{ranks}")));
        for replicate in ["replicate-000", "replicate-001"] {
            assert_same(&one.join(replicate), &two.join(replicate), replicate);
        }
        let tables = [one, two].map(|folder| fs::read(folder.join("replicates.csv")).expect("a table"));
        assert!(tables[0] == tables[1] && tables[0].len() > 1000);
    }
}

#[test]
#[ignore = "needs a build with MPI"]
fn what_cannot_be_is_refused_once() {
    let place = Place::new();
    let refused = |first: &str, words: &str| place.refused(3, first, words);
    assert!(refused("", "run no-such-file.toml").contains("no-such-file.toml"));
    assert!(refused("", &a_run("5000", "few")).contains("found 3 ranks; allowed at most 2 for 5000 users"));
    let scenario = root().join("tests/scenarios/everything.toml");
    assert!(refused("", &format!("check {}", scenario.display())).contains("allowed one"));
    let other = refused("[ $RANK = 2 ] && set -- \"$@\" --set seed=8", &a_run("20000", "other"));
    assert!(other.contains("rank 2 on") && other.contains("found another scenario than that of rank 0"), "{other}");
    // A file that one host does not have: there, as root can have it, another folder lies over its own.
    fs::create_dir(place.at("data")).expect("a folder");
    fs::write(place.at("data/ties.csv"), "a,b\n0,1\n1,2\n12287,3\n").expect("written");
    let there = a_run("12288", "gone").replace("--users 12288", "--set graph.kind=file --set graph.path=data/ties.csv");
    let hidden =
        r#"if [ $RANK = 1 ]; then exec unshare --mount sh -c 'mount -t tmpfs none data && exec "$@"' rank $EXODUS "$@"; fi"#;
    let gone = refused(hidden, &there);
    assert!(gone.contains("rank 1 on") && gone.contains("ties.csv"), "{gone}");
    // The launcher of another MPI: what it tells its processes says nothing to theirs, for which each is alone.
    let stranger = r"unset $(env | sed -n 's/^\(OMPI_[^=]*\|PMIX_[^=]*\|PMI_[^=]*\)=.*/\1/p'); export MPI_LOCALNRANKS=3 MPI_LOCALRANKID=$RANK";
    assert!(refused(stranger, &a_run("20000", "strange")).contains("found one process where 3 were started"));
    // A build without MPI.
    let plain = format!("exec {:?} \"$@\"", env!("CARGO_BIN_EXE_exodus"));
    assert!(refused(&plain, &a_run("20000", "plain")).contains("--features mpi"));
}

#[test]
#[ignore = "needs a build with MPI"]
fn a_killed_rank_ends_all_and_the_folder_resumes() {
    let place = Place::new();
    place.alone(&a_run(USERS, "one"));
    for rank in 0..3 {
        let out = format!("killed-{rank}");
        let child = place.ranks(3, "", &a_run(USERS, &out)).spawn().expect("a launcher");
        days_of(&place.at(&out));
        place.signal(rank, "-KILL");
        let killed = Instant::now();
        let output = ended(child, SOON);
        assert!(!output.status.success() && status(&place.at(&out)) == "running", "{}", said(&output));
        assert!(said(&output).contains(&host()), "the host: {}", said(&output));
        println!("rank {rank} of 3 killed, all ended after {:.1} s: {}", killed.elapsed().as_secs_f32(), said(&output));
        place.done(2, &resume(&out));
        assert_same(&place.at("one"), &place.at(&out), &out);
    }
}

#[test]
#[ignore = "needs a build with MPI"]
fn a_rank_without_memory_ends_all() {
    let place = Place::new();
    let error = place.refused(3, "if [ $RANK = 1 ]; then ulimit -v 350000; fi", &a_run("8000000", "out"));
    assert!(error.contains("rank 1 on") && error.contains(&host()), "{error}");
    assert!(!place.at("out").join("manifest.json").exists());
}

#[test]
#[ignore = "needs a build with MPI"]
fn a_full_disk_ends_all_and_the_folder_resumes() {
    let place = Place::new();
    place.alone(&a_run("20000", "one"));
    let disk = place.at("disk");
    fs::create_dir(&disk).expect("a folder");
    let mount = |options: &str| Command::new("mount").args(["-t", "tmpfs", "-o", options, "none"]).arg(&disk).status();
    if !mount("size=600k").is_ok_and(|status| status.success()) {
        common::skipped("file systems can be mounted by root only");
        return;
    }
    let words = format!("{} --checkpoint-every 3", a_run("20000", "disk/out"));
    let error = std::panic::catch_unwind(|| place.refused(3, "", &words));
    let enlarged = mount("remount,size=64m").expect("mount").success();
    let resumed = std::panic::catch_unwind(|| {
        place.done(2, &resume("disk/out"));
        assert_same(&place.at("one"), &disk.join("out"), "after a full disk");
    });
    Command::new("umount").arg(&disk).status().expect("umount");
    let error = error.expect("it ends");
    assert!(error.contains("No space left on device"), "{error}");
    assert!(enlarged && resumed.is_ok());
}

#[test]
#[ignore = "needs a build with MPI"]
fn a_signal_leaves_a_checkpoint() {
    let place = Place::new();
    // Enough to go on for longer than a launcher waits.
    let run = |out: &str| a_run("1000000 --checkpoint-every 2", out);
    place.alone(&run("one"));
    // The launcher is told, by what it passes on at once or by what makes it end all itself, some seconds later here; and a single rank.
    for (out, signal, rank) in [("passed-on", "-USR1", None), ("ended", "-TERM", None), ("one-told", "-TERM", Some(2))] {
        let mut command = place.ranks(3, "", &run(out));
        let child = command.env("OMPI_MCA_odls_base_sigkill_timeout", "4").spawn().expect("a launcher");
        days_of(&place.at(out));
        match rank {
            None => drop(Command::new("kill").args([signal, &child.id().to_string()]).status().expect("kill")),
            Some(rank) => place.signal(rank, signal),
        }
        let output = ended(child, 2 * SOON);
        assert_eq!(status(&place.at(out)), "stopped", "{out}: {}", said(&output));
        assert!(place.at(out).join("checkpoint.exo").exists());
        place.done(2, &resume(out));
        assert_same(&place.at("one"), &place.at(out), out);
    }
}

/// Kills ranks at random moments, each time resumed by another number of them, until so many were killed.
#[test]
#[ignore = "needs a build with MPI"]
fn killed_at_any_moment_nothing_hangs() {
    let kills: u32 = std::env::var("EXODUS_KILLS").ok().and_then(|kills| kills.parse().ok()).unwrap_or(5);
    let place = Place::new();
    place.alone(&a_run(USERS, "one"));
    // Draws of a small generator; a failure names its number.
    let mut draw = 88_172_645_463_325_252_u64;
    let mut random = |below: u64| {
        draw ^= draw << 13;
        draw ^= draw >> 7;
        draw ^= draw << 17;
        draw % below
    };
    let (mut killed, mut runs, mut longest) = (0, 0, Duration::ZERO);
    while killed < kills {
        let out = format!("run-{runs}");
        runs += 1;
        while status(&place.at(&out)) != "finished" {
            let ranks = 2 + random(3) as usize;
            let words = match status(&place.at(&out)).as_str() {
                "none" => format!("{} --force", a_run(USERS, &out)),
                _ => format!("{} --checkpoint-every 2", resume(&out)),
            };
            for rank in 0..ranks {
                let _ = fs::remove_file(place.at(&format!("pid-{rank}")));
            }
            let child = place.ranks(ranks, "", &words).spawn().expect("a launcher");
            if killed == kills {
                let output = ended(child, 6 * SOON);
                assert!(output.status.success(), "run {runs}: {}", said(&output));
                break;
            }
            sleep(Duration::from_millis(200 + random(4000)));
            let rank = random(ranks as u64);
            let id = fs::read_to_string(place.at(&format!("pid-{rank}"))).unwrap_or_default();
            let begun = Instant::now();
            let was_there = !id.is_empty() && Command::new("kill").args(["-KILL", id.trim()]).status().expect("kill").success();
            let output = ended(child, if was_there { SOON } else { 6 * SOON });
            if was_there && !output.status.success() {
                killed += 1;
                longest = longest.max(begun.elapsed());
                println!("kill {killed}, rank {rank} of {ranks}: all ended after {:.1} s", begun.elapsed().as_secs_f32());
            }
        }
        // One that was killed while it tidied up is tidied by that.
        place.done(2, &resume(&out));
        assert_same(&place.at("one"), &place.at(&out), &out);
    }
    println!("{killed} kills in {runs} runs; all had ended {:.1} s later at most", longest.as_secs_f32());
}
