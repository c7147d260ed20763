//! Writes down what the program was built from.

use std::process::Command;

fn main() {
    let ask = |program: &str, args: &[&str]| {
        let output = Command::new(program).args(args).output().ok().filter(|o| o.status.success())?;
        Some(String::from_utf8_lossy(&output.stdout).trim().to_owned()).filter(|text| !text.is_empty())
    };
    let rustc = std::env::var("RUSTC").unwrap_or_else(|_| "rustc".into());
    let commit = ask("git", &["rev-parse", "HEAD"]).unwrap_or_else(|| "unknown".into());
    let version = ask(&rustc, &["--version"]).unwrap_or_else(|| "unknown".into());
    let target = std::env::var("TARGET").unwrap_or_else(|_| "unknown".into());
    println!("cargo::rustc-env=EXODUS_GIT_COMMIT={commit}");
    println!("cargo::rustc-env=EXODUS_RUSTC={version}");
    println!("cargo::rustc-env=EXODUS_TARGET={target}");
    println!("cargo::rerun-if-changed=build.rs");
    // A new commit moves HEAD's log; without a repository there is nothing to watch.
    if std::path::Path::new(".git/logs/HEAD").exists() {
        println!("cargo::rerun-if-changed=.git/logs/HEAD");
    }
}
