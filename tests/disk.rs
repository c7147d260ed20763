//! Promise 3: nothing is lost. Disks that are full, cannot be written or are gone, folders in use, Ctrl-C: what the command
//! says, and that the run continues.
#![cfg(target_os = "linux")]

mod common;

use common::{root, skipped};
use exodus::files::Lock;
use exodus::storage::Manifest;
use std::fs;
use std::io::{BufRead, BufReader};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};

fn scenario() -> String {
    root().join("tests/scenarios/everything.toml").display().to_string()
}

/// A run of so many users into a folder.
fn run(users: &str, folder: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_exodus"));
    command.args(["run", &scenario(), "--users", users, "--threads", "1", "--checkpoint-every", "5", "--quiet", "--out"]);
    command.arg(folder).stdout(Stdio::null()).stderr(Stdio::piped());
    command
}

fn resume(folder: &Path) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_exodus"));
    command.arg("resume").arg(folder).args(["--threads", "1", "--quiet"]).output().expect("a run")
}

/// The one line that a failed command says.
fn said(output: &Output, code: i32) -> String {
    let text = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!((output.status.code(), text.lines().count()), (Some(code), 1), "{text}");
    assert!(text.starts_with("error: ") && !text.contains("panicked"), "{text}");
    text
}

fn state(folder: &Path) -> String {
    Manifest::finished(folder).expect("a finished run").state_hash
}

/// Waits until `what` is there, or the run has ended.
fn wait_for(child: &mut Child, what: impl Fn() -> bool) {
    while !what() && child.try_wait().expect("a status").is_none() {
        std::thread::sleep(std::time::Duration::from_millis(2));
    }
}

fn signal(child: &Child, name: &str) {
    Command::new("kill").args([name, &child.id().to_string()]).status().expect("kill");
}

/// A file system of its own; unmounted when dropped.
struct Disk(PathBuf);

impl Disk {
    /// `None`, with a message, where the user may not mount.
    fn mount(folder: &Path, options: &str) -> Option<Self> {
        fs::create_dir_all(folder).expect("a folder");
        let mount = Command::new("mount").args(["-t", "tmpfs", "-o", options, "none"]).arg(folder).output();
        let mounted = mount.is_ok_and(|output| output.status.success());
        if !mounted {
            skipped("file systems can be mounted by root only");
        }
        mounted.then(|| Disk(folder.to_owned()))
    }

    fn remount(&self, options: &str) {
        let options = format!("remount,{options}");
        assert!(Command::new("mount").args(["-o", &options]).arg(&self.0).status().expect("mount").success());
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg(&self.0).status();
    }
}

#[test]
fn a_full_disk_stops_a_run_that_goes_on_when_there_is_room() {
    let folder = tempfile::tempdir().expect("a folder");
    let whole = folder.path().join("whole");
    assert!(run("2000", &whole).status().expect("a run").success());
    // Full at the first checkpoint, in the middle, while tables get their final form.
    for size in ["60k", "300k", "700k"] {
        let Some(disk) = Disk::mount(&folder.path().join(size), &format!("size={size}")) else { return };
        let run_folder = disk.0.join("run");
        let message = said(&run("2000", &run_folder).output().expect("a run"), 1);
        assert!(message.contains("No space left on device") && message.contains(size), "{message}");
        println!("full disk of {size}: {message}");
        if run_folder.join("manifest.json").exists() {
            let message = said(&resume(&run_folder), 1);
            assert!(message.contains("No space left on device"), "{message}");
            disk.remount("size=64m");
            assert!(resume(&run_folder).status.success());
        } else {
            disk.remount("size=64m");
            assert!(run("2000", &run_folder).status().expect("a run").success());
        }
        assert_eq!(state(&run_folder), state(&whole));
    }
}

#[test]
fn what_may_not_be_written_is_told() {
    let folder = tempfile::tempdir().expect("a folder");
    if let Some(disk) = Disk::mount(&folder.path().join("disk"), "size=16m") {
        disk.remount("ro");
        let message = said(&run("500", &disk.0.join("run")).output().expect("a run"), 1);
        assert!(message.contains("creating failed: Read-only file system"), "{message}");
        println!("read-only: {message}");
    }
    // A run whose folder loses its permissions.
    let held = folder.path().join("held");
    assert!(run("500", &held).status().expect("a run").success());
    let root_user = fs::metadata("/proc/self").is_ok_and(|m| std::os::unix::fs::MetadataExt::uid(&m) == 0);
    let program = folder.path().join("exodus");
    fs::copy(env!("CARGO_BIN_EXE_exodus"), &program).expect("copied");
    for path in [folder.path(), &held, &program] {
        fs::set_permissions(path, std::os::unix::fs::PermissionsExt::from_mode(0o555)).expect("permissions");
    }
    let scenario = folder.path().join("held/scenario.toml");
    for (out, doing) in [(held.join("run"), "creating"), (held.clone(), "locking")] {
        let mut command = Command::new(&program);
        command.arg("run").arg(&scenario).args(["--quiet", "--force", "--out"]).arg(&out).current_dir("/");
        if root_user {
            // Nothing is forbidden to root.
            command.uid(65534).gid(65534);
        }
        let message = said(&command.output().expect("a run"), 1);
        assert!(message.contains(&format!("{doing} failed: Permission denied")), "{message}");
        println!("no permission: {message}");
    }
    fs::set_permissions(folder.path(), std::os::unix::fs::PermissionsExt::from_mode(0o755)).expect("permissions");
    fs::set_permissions(&held, std::os::unix::fs::PermissionsExt::from_mode(0o755)).expect("permissions");
}

#[test]
fn a_file_that_grows_too_large_is_told() {
    let folder = tempfile::tempdir().expect("a folder");
    let out = folder.path().join("run");
    // The shell's limit on the size of a file, in half kilobytes; its signal ignored, writes fail instead.
    let script = "trap '' XFSZ; ulimit -f 60; exec \"$0\" \"$@\"";
    let inner = run("2000", &out);
    let mut command = Command::new("sh");
    command.args(["-c", script]).arg(inner.get_program()).args(inner.get_args());
    let message = said(&command.output().expect("a run"), 1);
    assert!(message.contains("File too large"), "{message}");
    println!("limit on files: {message}");
    assert!(resume(&out).status.success());
    let whole = folder.path().join("whole");
    assert!(run("2000", &whole).status().expect("a run").success());
    assert_eq!(state(&out), state(&whole));
}

#[test]
fn a_folder_that_vanishes_is_told() {
    let folder = tempfile::tempdir().expect("a folder");
    let out = folder.path().join("run");
    let mut child = run("100000", &out).spawn().expect("started");
    wait_for(&mut child, || out.join("checkpoint.exo").exists());
    fs::remove_dir_all(&out).or_else(|_| fs::remove_dir_all(&out)).expect("removed");
    let message = said(&child.wait_with_output().expect("a run"), 1);
    assert!(message.contains("No such file or directory") && message.contains("run/"), "{message}");
    println!("vanished folder: {message}");
    assert!(!out.exists(), "it is not made again");
}

#[test]
fn two_runs_never_write_into_one_folder() {
    let folder = tempfile::tempdir().expect("a folder");
    let out = folder.path().join("run");
    let mut child = run("100000", &out).spawn().expect("started");
    wait_for(&mut child, || out.join("checkpoint.exo").exists());
    signal(&child, "-STOP");
    for second in [resume(&out), run("100000", &out).arg("--force").output().expect("a run")] {
        let message = said(&second, 2);
        assert!(message.contains(&format!("found process {} on ", child.id())), "{message}");
        println!("in use: {message}");
    }
    assert!(out.join("checkpoint.exo").exists());
    // A lock whose process was killed is none.
    child.kill().expect("killed");
    child.wait().expect("a status");
    assert!(out.join(Lock::NAME).exists());
    let mut child =
        Command::new(env!("CARGO_BIN_EXE_exodus")).arg("resume").arg(&out).stderr(Stdio::piped()).spawn().expect("started");
    let mine = format!("process {} on ", child.id());
    wait_for(&mut child, || fs::read_to_string(out.join(Lock::NAME)).is_ok_and(|text| text.starts_with(&mine)));
    assert!(child.try_wait().expect("a status").is_none(), "it goes on");
    child.kill().expect("killed");
    child.wait().expect("a status");
}

#[test]
fn a_signal_leaves_a_checkpoint_and_says_how_to_go_on() {
    let folder = tempfile::tempdir().expect("a folder");
    let whole = folder.path().join("whole");
    assert!(run("20000", &whole).status().expect("a run").success());
    for name in ["-INT", "-TERM"] {
        let out = folder.path().join(&name[1..]);
        let mut child = run("20000", &out).spawn().expect("started");
        wait_for(&mut child, || out.join("series.part").exists());
        signal(&child, name);
        let output = child.wait_with_output().expect("a run");
        let text = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(130), "{text}");
        assert!(text.contains(&format!("to resume: exodus resume {}", out.display())), "{text}");
        assert!(out.join("checkpoint.exo").exists() && !out.join(Lock::NAME).exists());
        assert!(resume(&out).status.success());
        assert_eq!(state(&out), state(&whole));
    }
}

#[test]
fn the_second_ctrl_c_leaves_at_once() {
    let folder = tempfile::tempdir().expect("a folder");
    let out = folder.path().join("run");
    // So large that it is still making its graph.
    let mut command = run("20000000", &out);
    let mut child = command.arg("--verbose").spawn().expect("started");
    let status = format!("/proc/{}/status", child.id());
    let caught = || {
        let text = fs::read_to_string(&status).unwrap_or_default();
        let mask = text.lines().find_map(|l| l.strip_prefix("SigCgt:")).and_then(|m| u64::from_str_radix(m.trim(), 16).ok());
        mask.is_some_and(|mask| mask >> 1 & 1 == 1)
    };
    wait_for(&mut child, caught);
    signal(&child, "-INT");
    signal(&child, "-TERM");
    // Two that come in the same moment may count as one.
    wait_for(&mut child, || {
        std::thread::sleep(std::time::Duration::from_millis(50));
        Command::new("kill").args(["-INT", status.split('/').nth(2).expect("a number")]).status().is_err()
    });
    let mut lines = BufReader::new(child.stderr.take().expect("stderr")).lines();
    assert_eq!(child.wait().expect("a status").code(), Some(130));
    // But for the warning that there are more users than people.
    let said = lines.find(|line| !line.as_ref().is_ok_and(|line| line.starts_with("warning: ")));
    assert!(said.is_none() && !out.exists(), "it did not wait for the graph, nor write anything");
}
