"""Random arguments for every public callable, and for what lies beneath: a result, or an exception that says what is wrong.

`EXODUS_FUZZ=2000 pytest -k fuzz` is the long version.
"""

import datetime
import inspect
import io
import itertools
import os
import warnings

import exodus
import numpy as np
import pytest
from exodus import _exodus

hypothesis = pytest.importorskip("hypothesis")
st = hypothesis.strategies

# `InputError` is a ValueError, and so is what Python says of a text that is no text; a wrong type is a TypeError.
ALLOWED = (exodus.Error, ValueError, TypeError, ImportError)
EXAMPLES = int(os.environ.get("EXODUS_FUZZ", "25"))

WHOLE = st.integers(-3, 4) | st.sampled_from([2**31 - 1, 2**31, 2**32 - 1, 2**32, 2**63 - 1, 2**63, 2**64, 10**30, -(2**63)])
TEXTS = st.sampled_from(
    ["", "full", "x", "\x00", "a\x00b", "a=b", "\ud800", "2025-02-30", "2025-01-03", "-1", "nan", ".", "..", "x" * 5000]
) | st.text(max_size=8)
DATES = st.dates() | st.datetimes()
PLAIN = st.none() | st.booleans() | WHOLE | st.floats() | TEXTS | st.binary(max_size=9) | DATES
KEYS = TEXTS | st.sampled_from(["model.review_rate", "end", "seed", "messenger.Novelty.appeal", "graph.kind", "graph.mean_degree", "model"])
NESTED = st.recursive(PLAIN, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=3), max_leaves=6)


@st.composite
def arrays(draw):
    """Arrays of whatever type and shape."""
    shape = tuple(draw(st.lists(st.integers(0, 3), max_size=3)))
    kind = draw(st.sampled_from(["i1", "u4", "i8", "u8", "f4", "f8", "c16", "?", "O", "U3", "S2", "M8[D]", "m8[s]", [("a", "u4")]]))
    made = np.zeros(shape, dtype=kind)
    if made.size and np.dtype(kind).kind in "iuf":
        made.flat[0] = draw(st.sampled_from([1, 3, 127]))
    return made[::-1] if draw(st.booleans()) and made.ndim else made


def closed_file():
    file = io.StringIO()
    file.close()
    return file


ODD = st.sampled_from([object(), len, lambda *a: 1, type, closed_file(), iter(()), np.float64("nan"), np.uint8(3), exodus.InputError("x")])
ANYTHING = NESTED | arrays() | ODD


def calls(folder, scenario):
    """By name: what is called, and arguments that are right. Anew for every example: what was done before does not count."""
    sim = exodus.Simulation(scenario)
    sim.step(2)
    graph, table = sim.graph, sim.series
    place = folder / "run"
    done = exodus.Results(place) if place.exists() else exodus.run(scenario, out=place, progress=False)
    sim.snapshot(folder / "day.exo")
    counter = next(NUMBERS)
    out = folder / f"out-{counter}"
    every = {name: getattr(exodus, name) for name in exodus.__all__ if callable(getattr(exodus, name))}
    every |= {f"Simulation.{name}": getattr(sim, name) for name in ("open", "step", "run", "hash", "snapshot", "fork")}
    every |= {f"Graph.{name}": getattr(graph, name) for name in ("from_edges", "from_networkx", "from_igraph", "from_scipy", "to_scipy")}
    every |= {f"Table.{name}": getattr(table, name) for name in ("read", "__getitem__", "to_pandas", "to_polars", "to_pyarrow")}
    every |= {f"Results.{name}": getattr(done, name) for name in ("table", "plot", "report", "to_xarray", "to_arviz")}
    every |= {f"_exodus.{name}": thing for name, thing in vars(_exodus).items() if callable(thing) and name != "command"}
    every |= {f"_exodus.Simulation.{name}": getattr(sim._simulation, name) for name in ("step", "fork", "snapshot", "open")}
    every |= {"_exodus.Table.column": table._table.column}
    read = _exodus.Scenario(str(scenario), [])
    right = {
        "Simulation": {"scenario": scenario},
        "Results": {"folder": place},
        "Page": {"path": folder / "page.html"},
        "run": {"scenario": scenario, "out": out},
        "resume": {"folder": place},
        "fork": {"snapshot": folder / "day.exo", "out": out},
        "open_run": {"folder": place},
        "sweep": {"file": folder / "sweep.toml", "out": out},
        "sensitivity": {"folder": place},
        "compare": {"reference": done, "out": out},
        "validate": {"file": folder / "patterns.toml", "replicates": 1},
        "resilience": {"scenario": scenario, "on": "2025-01-03", "days": 2, "replicates": 1, "out": out},
        "calibrate": {"file": folder / "calibration.toml", "out": out},
        "score": {"file": folder / "calibration.toml", "out": out},
        "holdings": {"words": sim.words},
        "main": {"words": sim.words},
        "vpn": {"words": sim.words},
        "Simulation.open": {"snapshot": folder / "day.exo"},
        "Simulation.snapshot": {"path": folder / "again.exo"},
        "Graph.from_edges": {"sources": [0, 1], "targets": [1, 2]},
        "Graph.from_networkx": {"graph": 1},
        "Graph.from_igraph": {"graph": 1},
        "Graph.from_scipy": {"matrix": np.eye(3)},
        "Table.read": {"path": place / "series.csv"},
        "Table.__getitem__": {"name": "date"},
        "Results.table": {"name": "series"},
        "_exodus.Scenario": {"path": str(scenario), "changes": []},
        "_exodus.Graph": {"nodes": 3, "sources": b"\0" * 4, "targets": b"\1\0\0\0"},
        "_exodus.Simulation": {"scenario": read},
        "_exodus.Simulation.step": {"days": 1},
        "_exodus.Simulation.fork": {"changes": []},
        "_exodus.Simulation.snapshot": {"path": str(folder / "again.exo")},
        "_exodus.Simulation.open": {"path": str(folder / "day.exo")},
        "_exodus.Table.column": {"name": "date"},
        "_exodus.run": {"scenario": read, "out": str(out)},
        "_exodus.resume": {"folder": str(place)},
        "_exodus.fork": {"snapshot": str(folder / "day.exo"), "changes": [], "out": str(out)},
        "_exodus.report": {"folder": str(place)},
        "_exodus.kind_of": {"folder": str(place)},
        "_exodus.read_table": {"path": str(place / "series.csv")},
        "_exodus.sweep": {"path": str(folder / "sweep.toml"), "changes": [], "out": str(out)},
        "_exodus.sensitivity": {"folder": str(place), "resamples": 3, "seed": 1},
        "_exodus.compare": {"folders": [str(place)], "out": str(out)},
        "_exodus.calibrate": {"path": str(folder / "calibration.toml"), "out": str(out)},
        "_exodus.score": {"path": str(folder / "calibration.toml"), "out": str(out)},
        "_exodus.validate": {"path": str(folder / "patterns.toml"), "out": str(out), "replicates": 1},
        "_exodus.resilience": {"scenario": read, "on": "2025-01-03", "days": 2, "by": "block", "replicates": 1, "out": str(out)},
    }
    return {name: (call, right.get(name, {})) for name, call in every.items()}


NUMBERS = itertools.count()

# What cannot be bounded otherwise: it would be right, and take hours or all memory. Addresses of rules are the caller's word.
TOO_MUCH = {
    "users": lambda x: whole(x) and 100 < x < 2**32 - 1,
    "nodes": lambda x: whole(x) and 100 < x < 2**32 - 1,
    "bootstrap": lambda x: whole(x) and x > 100,
    "resamples": lambda x: whole(x) and x > 100,
    "replicates": lambda x: whole(x) and 4 < x < 2**32,
    "days": lambda x: whole(x) and 4 < x,
    "rule": lambda x: whole(x) or isinstance(x, tuple),
    # The folder of the tests, and those above it, are not to be written into.
    "out": lambda x: isinstance(x, (str, bytes)),
    "path": lambda x: isinstance(x, (str, bytes)) and ("/" in str(x)),
}
NAMES = [
    *(name for name in exodus.__all__ if callable(getattr(exodus, name))),
    *(f"Simulation.{name}" for name in ("open", "step", "run", "hash", "snapshot", "fork")),
    *(f"Graph.{name}" for name in ("from_edges", "from_networkx", "from_igraph", "from_scipy", "to_scipy")),
    *(f"Table.{name}" for name in ("read", "__getitem__", "to_pandas", "to_polars", "to_pyarrow")),
    *(f"Results.{name}" for name in ("table", "plot", "report", "to_xarray", "to_arviz")),
    *(f"_exodus.{name}" for name in sorted(vars(_exodus)) if callable(getattr(_exodus, name)) and name != "command"),
    *(f"_exodus.Simulation.{name}" for name in ("step", "fork", "snapshot", "open")),
    "_exodus.Table.column",
]


def whole(value):
    return isinstance(value, (int, np.integer)) and not isinstance(value, bool)


def parameters(call):
    """Names that can be given by keyword, and whether there may be more by position."""
    try:
        known = inspect.signature(call).parameters.values()
    except ValueError:
        return [], True
    return [p.name for p in known if p.kind in (p.POSITIONAL_OR_KEYWORD, p.KEYWORD_ONLY)], any(p.kind == p.VAR_POSITIONAL for p in known)


@pytest.fixture(scope="module")
def place(tmp_path_factory, command):
    """A folder with a world of thirty users and five days, and experiments on it."""
    import small

    folder = tmp_path_factory.mktemp("fuzz")
    small.write(folder, command)
    islands = (folder / "islands.toml").read_text(encoding="utf-8")
    scenario = (folder / "bass.toml").read_text(encoding="utf-8").replace("= 2025-05-31", "= 2025-01-05")
    (folder / "tiny.toml").write_text(scenario.replace("users = 20_000", "users = 30"), encoding="utf-8")
    (folder / "islands.toml").write_text(islands.replace("users = 20_000", "users = 30"), encoding="utf-8")
    for name in ("sweep", "patterns", "calibration"):
        text = (folder / f"{name}.toml").read_text(encoding="utf-8")
        (folder / f"{name}.toml").write_text(text.replace("users = 500", "users = 30").replace("users = 1000", "users = 30"), encoding="utf-8")
    return folder


@pytest.mark.parametrize("name", NAMES)
def test_fuzz(name, place, monkeypatch, capfd):
    """Some arguments of a right call are replaced; nothing panics, and what is raised is an exception that is documented."""
    pytest.importorskip("matplotlib").use("agg")
    monkeypatch.chdir(place)
    refused = []

    @hypothesis.settings(
        max_examples=EXAMPLES, deadline=None, derandomize=EXAMPLES <= 25, database=None,
        suppress_health_check=list(hypothesis.HealthCheck),
    )
    @hypothesis.given(st.data())
    def attempt(data):
        call, right = calls(place, place / "tiny.toml")[name]
        names, more = parameters(call)
        changed = data.draw(st.lists(st.sampled_from(names), max_size=3, unique=True)) if names else []
        arguments = dict(right)
        for parameter in changed:
            value = data.draw(ANYTHING, label=parameter)
            hypothesis.assume(not TOO_MUCH.get(parameter, lambda x: False)(value))
            arguments[parameter] = value
        several = data.draw(st.lists(ANYTHING, max_size=2)) if more else []
        if several and names:
            # Those by position come first.
            several = [arguments.pop(names[0], None), *several]
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                call(*several, **arguments)
        except ALLOWED as error:
            assert "fault of exodus" not in str(error), error
            refused.append(error)
        finally:
            __import__("matplotlib.pyplot").pyplot.close("all")

    attempt()
    # A thread of the engine would say it there.
    assert "panicked" not in capfd.readouterr().err
