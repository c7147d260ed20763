//! `exodus sweep --slurm` on a real Slurm, started here (Debian's `slurm-wlm` and `munge`, as root), and the line for GNU
//! Parallel it prints; each skipped where the tool is missing.

mod common;
#[path = "common/folders.rs"]
mod folders;

use common::{root, skipped};
use exodus::storage::Manifest;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

/// Daemons that are stopped by the ids in their files.
struct Cluster {
    folder: PathBuf,
}

impl Drop for Cluster {
    fn drop(&mut self) {
        for name in ["slurmd", "slurmctld", "munged"] {
            if let Ok(id) = fs::read_to_string(self.folder.join(format!("{name}.pid"))) {
                let _ = Command::new("kill").arg(id.trim()).status();
            }
        }
    }
}

fn installed(program: &str) -> bool {
    let path = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&path).chain([PathBuf::from("/usr/sbin")]).any(|folder| folder.join(program).exists())
}

fn said(command: &mut Command) -> String {
    let output = command.output().expect("started");
    assert!(output.status.success(), "{command:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8_lossy(&output.stdout).trim().to_owned()
}

impl Cluster {
    /// A cluster of this machine alone; why not, where there can be none.
    fn start(folder: &Path) -> Result<Self, String> {
        for program in ["slurmctld", "slurmd", "sbatch", "squeue", "munged", "mungekey"] {
            if !installed(program) {
                return Err(format!("{program} is not installed"));
            }
        }
        if said(Command::new("id").arg("-u")) != "0" {
            return Err("only root can start a cluster".into());
        }
        let cluster = Cluster { folder: folder.to_owned() };
        let at = |name: &str| folder.join(name).display().to_string();
        // Munge as root with a key and a socket of its own: the machine's is left alone.
        said(Command::new("mungekey").args(["--create", "--keyfile", &at("munge.key")]));
        let munged = [
            "--force".to_owned(),
            format!("--key-file={}", at("munge.key")),
            format!("--socket={}", at("munge.socket")),
            format!("--pid-file={}", at("munged.pid")),
            format!("--log-file={}", at("munged.log")),
            format!("--seed-file={}", at("munge.seed")),
        ];
        said(Command::new("munged").args(munged));
        let host = said(Command::new("hostname").arg("-s"));
        for name in ["state", "spool"] {
            fs::create_dir(folder.join(name)).expect("made");
        }
        let configuration = format!(
            "ClusterName=test\nSlurmctldHost={host}(127.0.0.1)\nSlurmUser=root\nSlurmdUser=root\nAuthType=auth/munge\n\
             AuthInfo=socket={}\nStateSaveLocation={}\nSlurmdSpoolDir={}\nSlurmctldPidFile={}\nSlurmdPidFile={}\n\
             SlurmctldPort=16817\nSlurmdPort=16818\nProctrackType=proctrack/linuxproc\nTaskPlugin=task/none\n\
             ReturnToService=2\nSelectType=select/cons_tres\nSelectTypeParameters=CR_Core\nMpiDefault=none\n\
             NodeName={host} NodeAddr=127.0.0.1 CPUs=2 RealMemory=4000 State=UNKNOWN\n\
             PartitionName=main Nodes=ALL Default=YES MaxTime=INFINITE State=UP\n",
            at("munge.socket"),
            at("state"),
            at("spool"),
            at("slurmctld.pid"),
            at("slurmd.pid")
        );
        fs::write(folder.join("slurm.conf"), configuration).expect("written");
        for daemon in ["slurmctld", "slurmd"] {
            let mut command = Command::new(daemon);
            command.args(["-f", &at("slurm.conf"), "-L", &at(&format!("{daemon}.log"))]);
            let status = command.stdout(Stdio::null()).stderr(Stdio::null()).status().expect("started");
            if !status.success() {
                let log = fs::read_to_string(folder.join(format!("{daemon}.log"))).unwrap_or_default();
                return Err(format!("{daemon} does not start here: {}", log.lines().last().unwrap_or_default()));
            }
        }
        let patience = Instant::now() + Duration::from_secs(30);
        while !said(cluster.command("sinfo").args(["-h", "-o", "%t"])).contains("idle") {
            if Instant::now() > patience {
                return Err("the node does not become idle".into());
            }
            sleep(Duration::from_millis(200));
        }
        Ok(cluster)
    }

    /// A cluster; where none can be had, `None`, and the closing lines say why.
    fn or_skip(folder: &Path) -> Option<Self> {
        Self::start(folder).map_err(|why| skipped(&why)).ok()
    }

    fn command(&self, program: &str) -> Command {
        let mut command = Command::new(program);
        command.env("SLURM_CONF", self.folder.join("slurm.conf")).current_dir(&self.folder);
        command
    }
}

#[test]
fn an_array_of_jobs_does_a_sweep() {
    let folder = tempfile::tempdir().expect("a folder");
    let Some(cluster) = Cluster::or_skip(folder.path()) else { return };
    let sweep = sweep_file(folder.path());
    let exodus = || cluster.command(&assert_cmd::cargo::cargo_bin("exodus").display().to_string());
    let [whole, parts] = ["whole", "50% of my jobs"].map(|name| folder.path().join(name));
    said(exodus().arg("sweep").arg(&sweep).arg("--out").arg(&whole).arg("--quiet"));
    let commands = said(exodus().arg("sweep").arg(&sweep).arg("--out").arg(&parts).args(["--slurm", "4"]));
    // The commands that it prints, as they stand, up to those for GNU Parallel.
    let slurm = commands.split("# GNU Parallel").next().unwrap_or_default();
    said(cluster.command("sh").args(["-ec", slurm]));
    let patience = Instant::now() + Duration::from_secs(240);
    while !parts.join("results.parquet").exists() && Instant::now() < patience {
        sleep(Duration::from_millis(200));
    }
    while !said(cluster.command("squeue").arg("-h")).is_empty() && Instant::now() < patience {
        sleep(Duration::from_millis(200));
    }
    assert_same(&whole, &parts);
    for name in ["slurm-1.log", "slurm-2.log", "slurm-3.log", "slurm-4.log", "slurm-merge.log"] {
        assert!(parts.join(name).exists(), "{name} is kept");
    }
    let merged = fs::read_to_string(parts.join("slurm-merge.log")).expect("readable");
    assert!(merged.contains("runs at"), "what the merge printed: {merged:?}");
    eprintln!("{} jobs ran; {}", 4, logs(&parts));
}

#[test]
#[ignore = "needs a build with MPI"]
fn srun_starts_one_run_by_several_processes() {
    let folder = tempfile::tempdir().expect("a folder");
    let Some(cluster) = Cluster::or_skip(folder.path()) else { return };
    let variable = |name: &str| std::env::var(name).unwrap_or_else(|_| panic!("{name} is to be given"));
    let (exodus, mpi) = (variable("EXODUS_MPI"), variable("EXODUS_SRUN"));
    let scenario = root().join("tests/scenarios/everything.toml").display().to_string();
    let days = ["--set", "model.settle_days=20", "--snapshot-on", "2025-03-04", "--users", "200000", "--checkpoint-every", "2"];
    let alone = [&["--threads", "1", "--no-report", "--quiet"][..], &days].concat();
    let at = |name: &str| folder.path().join(name);
    said(
        cluster
            .command(&assert_cmd::cargo::cargo_bin("exodus").display().to_string())
            .args(["run", &scenario, "--out", "one"])
            .args(&alone),
    );
    // More tasks than there are cores; one that is killed takes the others with it.
    let srun = |ranks: &str, words: &[&str]| {
        let mut command = cluster.command("srun");
        command.args(["--overcommit", "--kill-on-bad-exit=1", "--job-name=exodus", &format!("--mpi={mpi}"), "-n", ranks]);
        command.arg(&exodus).args(words);
        command
    };
    let run = |out: &'static str| srun("3", &[&["run", &scenario, "--out", out], &alone[..]].concat());
    let resume = |out: &str| said(&mut srun("2", &["resume", out, "--threads", "1", "--no-report", "--quiet"]));
    said(&mut run("three"));
    folders::assert_same(&at("one"), &at("three"), "three tasks");

    // As before the time is up: all tasks are told, and there is a checkpoint.
    for (out, signal, status) in [("told", "TERM", "stopped"), ("killed", "KILL", "running")] {
        let mut child = run(out).spawn().expect("srun");
        let patience = Instant::now() + Duration::from_secs(120);
        while !at(out).join("checkpoint.exo").exists() {
            assert!(Instant::now() < patience, "no day is simulated");
            sleep(Duration::from_millis(20));
        }
        let steps = said(cluster.command("squeue").args(["-h", "-s", "-o", "%i"]));
        let step = steps.lines().find(|step| step.ends_with(".0")).expect("a step");
        said(cluster.command("scancel").args([&format!("--signal={signal}"), step]));
        assert!(!child.wait().expect("its end").success());
        assert_eq!(Manifest::read(&at(out)).expect("a manifest").status, status, "{out}");
        resume(out);
        folders::assert_same(&at("one"), &at(out), out);
    }
}

/// Here the nodes of a run are two tasks on the one that there is.
#[test]
#[ignore = "needs a build with MPI"]
fn jobs_of_several_tasks_do_a_sweep() {
    let folder = tempfile::tempdir().expect("a folder");
    let Some(cluster) = Cluster::or_skip(folder.path()) else { return };
    let variable = |name: &str| std::env::var(name).unwrap_or_else(|_| panic!("{name} is to be given"));
    let (exodus, mpi) = (variable("EXODUS_MPI"), variable("EXODUS_SRUN"));
    let sweep = sweep_file(folder.path());
    let text = fs::read_to_string(&sweep).expect("readable").replace("users = 1000", "users = 9000");
    fs::write(&sweep, text).expect("written");
    let [whole, parts] = ["whole", "parts"].map(|name| folder.path().join(name));
    said(cluster.command(&exodus).arg("sweep").arg(&sweep).arg("--out").arg(&whole).arg("--quiet"));
    let mut write = cluster.command(&exodus);
    said(write.arg("sweep").arg(&sweep).arg("--out").arg(&parts).args(["--slurm", "2", "--nodes", "2", "--threads", "1"]));
    let script = parts.join("slurm.sh");
    let text = fs::read_to_string(&script).expect("a script");
    for line in ["#SBATCH --nodes=2\n#SBATCH --ntasks-per-node=1\n#SBATCH --cpus-per-task=1\n", "exec srun --kill-on-bad-exit=1 "]
    {
        assert!(text.contains(line), "{line:?} is not in {text}");
    }
    let here = "--nodes=1\n#SBATCH --ntasks-per-node=2\n";
    fs::write(&script, text.replace("--nodes=2\n#SBATCH --ntasks-per-node=1\n", here)).expect("written");
    said(cluster.command("sbatch").arg("--wait").env("SLURM_MPI_TYPE", &mpi).arg(&script));
    said(cluster.command(&exodus).args(["sweep", "merge"]).arg(&parts).arg("--quiet"));
    assert_same(&whole, &parts);
}

#[test]
fn the_line_for_gnu_parallel_does_a_sweep() {
    // moreutils has another program of that name.
    let version = Command::new("parallel").arg("--version").output().map(|output| output.stdout).unwrap_or_default();
    if !version.starts_with(b"GNU parallel") {
        skipped("GNU Parallel is not installed");
        return;
    }
    let folder = tempfile::tempdir().expect("a folder");
    let sweep = sweep_file(folder.path());
    let exodus = || Command::new(assert_cmd::cargo::cargo_bin("exodus"));
    let [whole, parts] = ["whole", "50% of my jobs"].map(|name| folder.path().join(name));
    said(exodus().arg("sweep").arg(&sweep).arg("--out").arg(&whole).arg("--quiet"));
    let commands = said(exodus().arg("sweep").arg(&sweep).arg("--out").arg(&parts).args(["--slurm", "4"]));
    let line = commands.split("# GNU Parallel").nth(1).and_then(|text| text.lines().nth(1)).expect("a line");
    said(Command::new("sh").args(["-ec", line]).env("HOME", folder.path()));
    assert!(parts.join("shard-4-of-4").is_dir());
    assert_same(&whole, &parts);
}

/// Eight runs.
fn sweep_file(folder: &Path) -> PathBuf {
    let sweep = folder.join("sweep.toml");
    let scenario = root().join("tests/scenarios/everything.toml").display().to_string();
    let text = format!(
        "name = \"array\"\nscenario = {scenario:?}\nusers = 1000\ndesign = \"grid\"\nlevels = 4\nreplicates = 2\n\
         [[factor]]\nkey = \"model.review_rate\"\nlow = 0.05\nhigh = 0.2\n\
         [[output]]\nseries = \"holders\"\nmessenger = \"State\"\nat = 2025-02-15\n"
    );
    fs::write(&sweep, text).expect("written");
    sweep
}

fn assert_same(whole: &Path, parts: &Path) {
    for name in ["results.csv", "results.parquet"] {
        let [x, y] = [whole, parts].map(|folder| fs::read(folder.join(name)).unwrap_or_default());
        assert!(!x.is_empty() && x == y, "{name} differs; the jobs said {}", logs(parts));
    }
}

/// What jobs wrote.
fn logs(folder: &Path) -> String {
    let files = fs::read_dir(folder).into_iter().flatten().filter_map(|file| Some(file.ok()?.path()));
    let logs = files.filter(|path| path.extension().is_some_and(|end| end == "log"));
    logs.map(|path| format!("{:?}: {}", path.file_name().unwrap_or_default(), fs::read_to_string(&path).unwrap_or_default()))
        .collect()
}
