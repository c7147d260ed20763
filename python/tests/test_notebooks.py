"""The notebooks of `examples/` run from top to bottom, and draw what they say."""

import csv
import subprocess
import sys

import pytest
from conftest import ROOT


def execute(name, folder):
    """Runs a notebook in a folder; gives its outputs."""
    nbformat, client = pytest.importorskip("nbformat"), pytest.importorskip("nbclient")
    pytest.importorskip("ipykernel")
    [pytest.importorskip(module) for module in ("pandas", "matplotlib", "networkx", "numba")]
    notebook = nbformat.read(ROOT / "examples" / f"{name}.ipynb", 4)
    assert not any(cell.get("outputs") for cell in notebook.cells), "a notebook without outputs"
    client.NotebookClient(notebook, timeout=200, kernel_name="python3", resources={"metadata": {"path": str(folder)}}).execute()
    return [output for cell in notebook.cells for output in cell.get("outputs", [])]


def figures(outputs):
    return sum("image/png" in output.get("data", {}) for output in outputs)


@pytest.mark.parametrize(("name", "expected"), [("ten_minutes", 2), ("sweep_figure", 1), ("own_rule", 1)])
def test_a_notebook(name, expected, tmp_path, monkeypatch):
    monkeypatch.setenv("EXODUS_SCENARIO", str(ROOT / "scenarios/watts-cascade.toml"))
    assert figures(execute(name, tmp_path)) >= expected


def test_results(tmp_path, monkeypatch):
    """The notebook that reads a run of the command: its table's last row is that of `series.csv`, in millions."""
    for arguments in (["new", "islands"], ["run", "islands.toml", "--users", "2000", "--out", "first", "--quiet"]):
        subprocess.run([sys.executable, "-m", "exodus", *arguments], cwd=tmp_path, check=True)
    monkeypatch.setenv("EXODUS_RUN", str(tmp_path / "first"))
    outputs = execute("results", tmp_path)
    assert figures(outputs) == 2
    table = next(output for output in outputs if output["output_type"] == "execute_result")
    told = [float(word) for word in table["data"]["text/plain"].splitlines()[-1].split()[1:] if word.replace(".", "").isdigit()]
    with (tmp_path / "first/series.csv").open() as file:
        rows = [row for row in csv.DictReader(file) if row["messenger"]]
    reach = [float(row["monthly_reach"]) / 1e6 for row in rows if row["date"] == rows[-1]["date"]]
    assert len(told) == len(reach) == 3
    assert told == pytest.approx(reach, abs=0.006)
