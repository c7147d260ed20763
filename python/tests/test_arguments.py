"""Whatever the arguments, there is a result or an exception of Python that says what is wrong, and never a panic."""

import datetime
import random

import exodus
import pytest

HOSTILE = [
    None, True, -1, 0, 1, 2**31, 2**32, 2**63, 2**64, 10**30, 1.5, float("nan"), float("inf"), "", "full", "x", "\x00", "a=b", "\ud800",
    "2025-02-30", b"bytes", [], [1], {}, {"": 1}, {"seed": "x"}, {"model.review_rate": float("nan")}, {"a.b.c": [1, {"d": None}]},
    {1: 2}, object(), lambda: 1, datetime.date(1, 1, 1), datetime.datetime(2025, 6, 1, 12), (1, 2), {"end": datetime.date(9999, 12, 31)},
]
ALLOWED = (exodus.Error, ValueError, TypeError, OSError, OverflowError)


def attempt(call):
    """What is said, where something is; anything else that is raised is a fault."""
    try:
        call()
    except ALLOWED as error:
        assert "panicked" not in str(error) and "fault of exodus" not in str(error)
        return error
    return None


def test_hostile_arguments_never_panic(scenario, tmp_path):
    rng = random.Random(1)
    keys = ["users", "seed", "until", "set", "threads", "graph", "rule", "parameters"]
    refused = 0
    for _ in range(400):
        arguments = {key: rng.choice(HOSTILE) for key in rng.sample(keys, rng.randint(1, 3))}
        arguments = {key: value for key, value in arguments.items() if not (key == "rule" and isinstance(value, int))}
        if arguments.get("users") in ("full", 2**31, 2**32):
            arguments["users"] = 50
        if arguments.get("users") is None:
            arguments["users"] = 50
        refused += attempt(lambda: exodus.Simulation(scenario, **arguments)) is not None
    assert refused > 200
    sim = exodus.Simulation(scenario, users=50)
    for value in HOSTILE:
        attempt(lambda: exodus.Simulation(value))
        attempt(lambda: exodus.Simulation.open(value))
        attempt(lambda: sim.step(value) if not isinstance(value, int) or value < 10 else None)
        attempt(lambda: sim.fork(set=value))
        attempt(lambda: sim.fork(until=value))
        attempt(lambda: exodus.Graph.from_edges(value, value))
        attempt(lambda: exodus.Graph.from_edges([0], [1], nodes=value) if value != 2**31 else None)
        attempt(lambda: exodus.Graph.from_edges([0], [1], attributes=value))
        attempt(lambda: exodus.open_run(value))
        attempt(lambda: exodus.resume(value))
        attempt(lambda: exodus.fork(value))
        attempt(lambda: exodus.sweep(value))
        attempt(lambda: exodus.compare(value, value))
        attempt(lambda: exodus.calibrate(value))
        attempt(lambda: exodus.validate(value))
        attempt(lambda: exodus.sensitivity(value))
        attempt(lambda: exodus.Table.read(value))
        attempt(lambda: sim.series[value])
    assert sim.users == 50 and len(sim.hash()) == 32


def test_all_problems_are_told(scenario):
    with pytest.raises(ValueError) as told:
        exodus.Simulation(scenario, set={"model.reviw_rate": 1, "population.users": -5})
    assert isinstance(told.value, exodus.Error)
    assert len(str(told.value).splitlines()) >= 2 and "review_rate" in str(told.value) and "users" in str(told.value)


def test_values_of_all_kinds_are_set(scenario):
    np = pytest.importorskip("numpy")
    sim = exodus.Simulation(
        scenario,
        users=np.int64(100),
        seed=np.uint32(3),
        until=datetime.date(2025, 6, 1),
        set={"title": 'a "b" \\ \x7f ü', "model.review_rate": np.float64(0.25)},
    )
    assert sim.users == 100 and sim.end == datetime.date(2025, 6, 1)
    assert "seed = 3" in sim.scenario and "review_rate = 0.25" in sim.scenario and "ü" in sim.scenario


def test_what_is_no_folder_or_table_is_told(tmp_path, scenario):
    with pytest.raises(exodus.Error, match="no folder"):
        exodus.open_run(tmp_path / "nowhere")
    with pytest.raises(exodus.Error, match="no table"):
        exodus.open_run(tmp_path).table("series")
    with pytest.raises(ValueError, match="allowed one of"):
        exodus.Simulation(scenario, users=50).series["reach"]
    with pytest.raises(ValueError, match="Python function"):
        exodus.Simulation(scenario, users=50, rule=lambda user: 0)
    (tmp_path / "a.csv").write_text("a,b\n1,2\n3")
    assert exodus.Table.read(tmp_path / "a.csv")["a"].tolist() == [1]
