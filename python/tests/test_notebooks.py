"""The notebooks of `examples/` run from top to bottom, and draw what they say."""

import pytest
from conftest import ROOT


@pytest.mark.parametrize(("name", "figures"), [("ten_minutes", 2), ("sweep_figure", 1), ("own_rule", 1)])
def test_a_notebook(name, figures, tmp_path, monkeypatch):
    nbformat, client = pytest.importorskip("nbformat"), pytest.importorskip("nbclient")
    pytest.importorskip("ipykernel")
    [pytest.importorskip(module) for module in ("pandas", "matplotlib", "networkx", "numba")]
    monkeypatch.setenv("EXODUS_SCENARIO", str(ROOT / "scenarios/watts-cascade.toml"))
    notebook = nbformat.read(ROOT / "examples" / f"{name}.ipynb", 4)
    assert not any(cell.get("outputs") for cell in notebook.cells), "a notebook without outputs"
    client.NotebookClient(notebook, timeout=200, kernel_name="python3", resources={"metadata": {"path": str(tmp_path)}}).execute()
    outputs = [output for cell in notebook.cells for output in cell.get("outputs", [])]
    assert sum("image/png" in output.get("data", {}) for output in outputs) >= figures
