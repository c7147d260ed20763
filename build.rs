//! Writes down what the program was built from.

use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::{Path, PathBuf};
use std::process::Command;

/// What the program is made of, as far as it lies here.
const SOURCES: [&str; 7] = ["build.rs", "Cargo.toml", "Cargo.lock", "src", "countries", "scenarios/russia.toml", "CITATION.cff"];
/// Where these name another repository, as they do in its hooks, git would answer for that one.
const ELSEWHERE: [&str; 5] = ["GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_COMMON_DIR", "GIT_PREFIX"];

fn main() {
    let rustc = std::env::var("RUSTC").unwrap_or_else(|_| "rustc".into());
    let version = ask(&rustc, &["--version"]).unwrap_or_else(|| "unknown".into());
    let target = std::env::var("TARGET").unwrap_or_else(|_| "unknown".into());
    let is_ours = is_ours();
    println!("cargo::rustc-env=EXODUS_GIT_COMMIT={}", commit(is_ours).unwrap_or_else(|| "unknown".into()));
    println!("cargo::rustc-env=EXODUS_SOURCES={:016x}", sources());
    println!("cargo::rustc-env=EXODUS_RUSTC={version}");
    println!("cargo::rustc-env=EXODUS_TARGET={target}");
    let moves = is_ours.then(moves).unwrap_or_default();
    for path in SOURCES.iter().map(PathBuf::from).chain([PathBuf::from(PACKED)]).chain(moves).filter(|path| path.exists()) {
        println!("cargo::rerun-if-changed={}", path.display());
    }
}

/// A hash of the names and contents of all sources.
fn sources() -> u64 {
    let mut paths: Vec<PathBuf> = SOURCES.iter().map(PathBuf::from).collect();
    let mut files = Vec::new();
    while let Some(path) = paths.pop() {
        match std::fs::read_dir(&path) {
            Ok(entries) => paths.extend(entries.flatten().map(|entry| entry.path())),
            Err(_) => files.extend(std::fs::read(&path).map(|bytes| (path, bytes))),
        }
    }
    files.sort();
    let mut hasher = DefaultHasher::new();
    files.hash(&mut hasher);
    hasher.finish()
}

/// What `cargo package` writes into a package: the commit that it was made of.
const PACKED: &str = ".cargo_vcs_info.json";

/// Whether there is a repository, and not that of somebody else, in which this folder merely lies.
fn is_ours() -> bool {
    let top = ask("git", &["rev-parse", "--show-toplevel"]).and_then(|top| PathBuf::from(top).canonicalize().ok());
    top.is_some() && top == Path::new(".").canonicalize().ok()
}

/// The commit, with `-dirty` behind it where the sources are not those of the commit. `None` where nobody knows.
fn commit(is_ours: bool) -> Option<String> {
    if let Ok(packed) = std::fs::read_to_string(PACKED) {
        let commit = packed.split('"').skip_while(|word| *word != "sha1").nth(2)?;
        let dirty = packed.split_whitespace().collect::<String>().contains("\"dirty\":true");
        return Some(marked(commit.to_owned(), dirty));
    }
    if !is_ours {
        return None;
    }
    let changes =
        ask("git", &[&["--no-optional-locks", "status", "--porcelain", "--untracked-files=all", "--"][..], &SOURCES].concat())?;
    Some(marked(ask("git", &["rev-parse", "HEAD"])?, !changes.is_empty()))
}

fn marked(commit: String, dirty: bool) -> String {
    if dirty { commit + "-dirty" } else { commit }
}

/// Files of the repository that change with its commit. A worktree has some of its own, and shares the others.
fn moves() -> Vec<PathBuf> {
    let of_git = |name: &&str| ask("git", &["rev-parse", "--git-path", name]).map(PathBuf::from);
    let there = |names: &[&str]| names.iter().filter_map(of_git).filter(|path| path.exists()).collect();
    // Every commit, checkout and reset is a line of this log, unless it is turned off.
    let log: Vec<PathBuf> = there(&["logs/HEAD"]);
    if log.is_empty() { there(&["HEAD", "refs/heads", "packed-refs", "reftable"]) } else { log }
}

/// What a program prints, if it can be asked and succeeds.
fn ask(program: &str, args: &[&str]) -> Option<String> {
    let mut command = Command::new(program);
    command.args(args);
    for name in ELSEWHERE {
        command.env_remove(name);
    }
    let output = command.output().ok().filter(|output| output.status.success())?;
    Some(String::from_utf8_lossy(&output.stdout).trim().to_owned())
}
