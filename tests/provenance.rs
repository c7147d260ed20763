//! What the manifest says that a program was built from. The build script is compiled and run by itself, in repositories made
//! for it; which commit is right, git says.

mod common;

use common::{root, skipped};
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// A build script by itself, and a folder to make repositories in.
struct Script {
    folder: tempfile::TempDir,
    program: PathBuf,
}

impl Script {
    /// `None` where there is no git.
    fn new() -> Option<Self> {
        if !Command::new("git").arg("--version").output().is_ok_and(|output| output.status.success()) {
            skipped("no git");
            return None;
        }
        let folder = tempfile::tempdir().expect("a folder");
        let program = folder.path().join("build-script");
        let rustc = std::env::var_os("RUSTC").unwrap_or_else(|| "rustc".into());
        let mut compile = Command::new(rustc);
        compile.args(["--edition", "2024", "-o"]).arg(&program).arg(root().join("build.rs"));
        assert!(compile.status().expect("a compiler").success());
        Some(Script { folder, program })
    }

    /// A folder with a package in it.
    fn package(&self, name: &str) -> PathBuf {
        let package = self.folder.path().join(name);
        for (path, text) in [("src/lib.rs", "//! Nothing."), ("Cargo.toml", "[package]"), ("docs/words.md", "words")] {
            let path = package.join(path);
            fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
            fs::write(path, text).expect("written");
        }
        package
    }

    /// What it prints there: the commit, and what is to be watched.
    fn run(&self, package: &Path) -> (String, Vec<PathBuf>) {
        let output = Command::new(&self.program).current_dir(package).env("GIT_DIR", "/nowhere").output().expect("it runs");
        let text = String::from_utf8(output.stdout).expect("text");
        let after = |start| text.lines().filter_map(move |line: &str| line.strip_prefix(start));
        let commit = after("cargo::rustc-env=EXODUS_GIT_COMMIT=").next().expect("a commit").to_owned();
        (commit, after("cargo::rerun-if-changed=").map(|path| package.join(path)).collect())
    }
}

fn git(folder: &Path, args: &[&str]) -> String {
    let who = ["-c", "user.name=A", "-c", "user.email=a@example.org"];
    let output = Command::new("git").args(who).args(args).current_dir(folder).output().expect("git");
    assert!(output.status.success(), "{args:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8_lossy(&output.stdout).trim().to_owned()
}

fn commit_all(folder: &Path) -> String {
    git(folder, &["add", "--all"]);
    git(folder, &["commit", "--quiet", "--allow-empty", "-m", "a change"]);
    git(folder, &["rev-parse", "HEAD"])
}

fn repository(folder: &Path) -> String {
    git(folder, &["init", "--quiet"]);
    commit_all(folder)
}

/// Contents of all files at or below these paths.
fn contents(paths: &[PathBuf]) -> BTreeMap<PathBuf, Vec<u8>> {
    let mut all = BTreeMap::new();
    let mut left = paths.to_vec();
    while let Some(path) = left.pop() {
        if path.is_dir() {
            left.extend(fs::read_dir(&path).expect("a folder").map(|entry| entry.expect("an entry").path()));
        } else {
            all.insert(path.clone(), fs::read(&path).expect("a file"));
        }
    }
    all
}

#[test]
fn the_commit_is_that_of_the_sources() {
    let Some(script) = Script::new() else { return };
    let package = script.package("own");
    assert_eq!(script.run(&package).0, "unknown", "no repository");
    let commit = repository(&package);
    assert_eq!(script.run(&package).0, commit);
    // What the program is not made of does not matter; everything else does, whether git knows it or not.
    fs::write(package.join("docs/words.md"), "others").expect("written");
    assert_eq!(script.run(&package).0, commit);
    for (path, text) in [("src/lib.rs", "//! Something."), ("src/more/new.rs", ""), ("Cargo.lock", "")] {
        fs::create_dir_all(package.join("src/more")).expect("a folder");
        fs::write(package.join(path), text).expect("written");
        assert_eq!(script.run(&package).0, format!("{commit}-dirty"), "{path}");
        git(&package, &["add", path]);
        assert_eq!(script.run(&package).0, format!("{commit}-dirty"), "{path}, staged");
        git(&package, &["reset", "--quiet", "--hard"]);
        git(&package, &["clean", "--quiet", "-fd"]);
        assert_eq!(script.run(&package).0, commit, "{path}, taken back");
    }
}

#[test]
fn a_repository_around_it_is_another_one() {
    let Some(script) = Script::new() else { return };
    let package = script.package("theirs/vendor/exodus");
    let theirs = script.folder.path().join("theirs");
    repository(&theirs);
    assert_eq!(script.run(&package).0, "unknown", "kept in it");
    fs::write(theirs.join(".gitignore"), "vendor").expect("written");
    git(&theirs, &["rm", "-r", "--quiet", "--cached", "vendor"]);
    commit_all(&theirs);
    assert_eq!(script.run(&package).0, "unknown", "ignored by it");
    // With one of its own, that counts.
    assert_eq!(script.run(&package).0, "unknown");
    let own = repository(&package);
    assert_eq!(script.run(&package).0, own);
}

#[test]
fn a_package_carries_its_commit_with_it() {
    let Some(script) = Script::new() else { return };
    let package = script.package("theirs/exodus-0.1.0");
    repository(&script.folder.path().join("theirs"));
    let sha = "0123456789abcdef0123456789abcdef01234567";
    let packed = package.join(".cargo_vcs_info.json");
    // As cargo writes it.
    fs::write(&packed, format!("{{\n  \"git\": {{\n    \"sha1\": \"{sha}\"\n  }},\n  \"path_in_vcs\": \"\"\n}}"))
        .expect("written");
    assert_eq!(script.run(&package).0, sha);
    let dirty = format!("{{\n  \"git\": {{\n    \"sha1\": \"{sha}\",\n    \"dirty\": true\n  }},\n  \"path_in_vcs\": \"\"\n}}");
    fs::write(&packed, dirty).expect("written");
    assert_eq!(script.run(&package).0, format!("{sha}-dirty"));
}

/// Cargo runs the script again when something changes that the script names: so whatever moves the commit must.
#[test]
fn a_new_commit_is_noticed() {
    let Some(script) = Script::new() else { return };
    for (name, in_worktree, log) in
        [("main", false, true), ("tree", true, true), ("bare", false, false), ("bare tree", true, false)]
    {
        let mut package = script.package(name);
        git(&package, &["init", "--quiet"]);
        git(&package, &["config", "core.logAllRefUpdates", if log { "true" } else { "false" }]);
        commit_all(&package);
        if in_worktree {
            let tree = script.folder.path().join(format!("{name} of it"));
            git(&package, &["worktree", "add", "--quiet", "-b", "other", &tree.display().to_string()]);
            package = tree;
        }
        let (commit, watched) = script.run(&package);
        assert_eq!(commit, git(&package, &["rev-parse", "HEAD"]), "{name}");
        assert!(watched.iter().all(|path| path.exists()), "{name}: cargo takes what is missing for changed");
        let before = contents(&watched);
        let next = commit_all(&package);
        assert_ne!(contents(&watched), before, "{name}");
        assert_eq!(script.run(&package).0, next, "{name}");
    }
}
