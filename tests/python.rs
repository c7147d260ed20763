//! Reading results in Python as the recipes say, without the package; skipped with a message where pandas, polars or pyarrow are not there.

mod common;

use assert_cmd::Command;
use common::{python, root};
use std::path::Path;

/// What the tutorial has made by then: `islands.toml` and its run folder `first`.
fn tutorial(folder: &Path) {
    for arguments in [&["new", "islands"][..], &["run", "islands.toml", "--users", "2000", "--out", "first", "--quiet"]] {
        Command::cargo_bin("exodus").expect("the command").current_dir(folder).args(arguments).assert().success();
    }
}

#[test]
fn the_recipes_read_a_run() {
    let Some(python) = python("pandas, polars, pyarrow") else { return };
    let folder = tempfile::tempdir().expect("a folder");
    tutorial(folder.path());
    let page = std::fs::read_to_string(root().join("docs/recipes.md")).expect("the page");
    let blocks: Vec<&str> = page.split("```python\n").skip(1).filter_map(|rest| rest.split("```").next()).collect();
    assert!(blocks.len() >= 2, "{} blocks", blocks.len());
    for block in blocks {
        let out = std::process::Command::new(&python).args(["-c", block]).current_dir(folder.path()).output().expect("python");
        assert!(out.status.success(), "{block}\n{}", String::from_utf8_lossy(&out.stderr));
    }
}
