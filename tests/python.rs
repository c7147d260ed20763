//! Reading results in Python: the notebook of `examples/`, and what the recipes say. Each part is skipped with a message
//! where its packages are not there.

mod common;

use assert_cmd::Command;
use common::{python, root};
use exodus::storage::Curves;
use std::path::Path;

/// What the tutorial has made by then: `islands.toml` and its run folder `first`.
fn tutorial(folder: &Path) {
    for arguments in [&["new", "islands"][..], &["run", "islands.toml", "--users", "2000", "--out", "first", "--quiet"]] {
        Command::cargo_bin("exodus").expect("the command").current_dir(folder).args(arguments).assert().success();
    }
}

const EXECUTE: &str = "
import sys, nbformat
from nbclient import NotebookClient
notebook = nbformat.read(sys.argv[1], 4)
NotebookClient(notebook, timeout=100, kernel_name='python3').execute()
sys.stdout.write(nbformat.writes(notebook))
";

#[test]
fn the_notebook_remakes_two_figures() {
    let path = root().join("examples/results.ipynb");
    let committed: serde_json::Value = serde_json::from_slice(&std::fs::read(&path).expect("a notebook")).expect("JSON");
    let cells = committed["cells"].as_array().expect("cells");
    assert!(cells.iter().all(|cell| cell["outputs"].as_array().is_none_or(Vec::is_empty)), "a notebook without outputs");

    let Some(python) = python("exodus, matplotlib, nbclient, ipykernel, pandas") else { return };
    let folder = tempfile::tempdir().expect("a folder");
    tutorial(folder.path());
    let mut command = std::process::Command::new(python);
    command.args(["-c", EXECUTE]).arg(&path).current_dir(folder.path());
    let out = command.env("EXODUS_RUN", folder.path().join("first")).output().expect("python");
    assert!(out.status.success(), "{}", String::from_utf8_lossy(&out.stderr));
    let done: serde_json::Value = serde_json::from_slice(&out.stdout).expect("JSON");
    let outputs: Vec<&serde_json::Value> =
        done["cells"].as_array().expect("cells").iter().filter_map(|cell| cell["outputs"].as_array()).flatten().collect();
    assert!(outputs.iter().all(|output| output["output_type"] != "error"));
    assert_eq!(outputs.iter().filter(|output| output["data"]["image/png"].is_string()).count(), 2, "two figures");
    // The table's last row is that of `series.csv`.
    let table = outputs.iter().find(|output| output["output_type"] == "execute_result").expect("a table");
    let row = table["data"]["text/plain"].as_array().and_then(|lines| lines.last()?.as_str()).expect("a row");
    let told: Vec<f64> = row.split_whitespace().skip(1).flat_map(str::parse).collect();
    let curves = Curves::read(&folder.path().join("first")).expect("a run");
    let last = |name: &String| curves.series("monthly_reach", name)?.last().map(|people| people / 1e6);
    let ours: Vec<f64> = curves.messengers().iter().filter_map(last).collect();
    let same = ours.iter().zip(&told).all(|(a, b)| (a - b).abs() < 0.006);
    assert!(ours.len() == 3 && told.len() == 3 && same, "{ours:?}, in the notebook {row:?}");
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
