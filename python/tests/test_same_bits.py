"""Python and the command give the same bits: state, tables, after resume and fork."""

import json
import os
import signal
import threading

import exodus
import numpy as np
import pytest
from conftest import USERS

TABLES = ["series.csv", "population.csv", "events.csv", "cohorts.parquet", "series.parquet", "trace.parquet", "scenario.toml"]


def same_files(a, b, tables=TABLES):
    for name in tables:
        assert (a / name).read_bytes() == (b / name).read_bytes(), name


def manifest(folder):
    return json.loads((folder / "manifest.json").read_text())


def test_a_run_is_that_of_the_command(scenario, command, tmp_path):
    ours = exodus.run(scenario, users=USERS, seed=7, set={"model.review_rate": 0.08}, out=tmp_path / "a", progress=False)
    command("run", scenario, "--users", USERS, "--seed", 7, "--set", "model.review_rate=0.08", "--out", tmp_path / "b", "--quiet", "--no-report")
    same_files(tmp_path / "a", tmp_path / "b")
    assert ours.state_hash == manifest(tmp_path / "b")["state_hash"] != ""
    assert ours.manifest["state_hashes"] == manifest(tmp_path / "b")["state_hashes"]


def test_a_simulation_is_that_of_the_command_on_any_threads(scenario, command, tmp_path):
    command("run", scenario, "--users", USERS, "--out", tmp_path / "run", "--quiet", "--no-report")
    theirs = exodus.open_run(tmp_path / "run")
    for threads in (1, 3):
        sim = exodus.Simulation(scenario, users=USERS, threads=threads).run()
        assert sim.hash() == theirs.state_hash
    # The tables are rounded as they are written: people to one decimal, shares to six.
    for ours, table in ((sim.series, theirs.series), (sim.population, theirs.population)):
        assert ours.columns == table.columns and len(ours) == len(table) > 0
        for name in ours:
            if ours[name].dtype.kind == "f":
                assert np.allclose(ours[name], table[name], rtol=0, atol=0.051, equal_nan=True), name
            else:
                assert (ours[name] == table[name]).all(), name


def test_stopped_and_resumed_is_the_same(scenario, tmp_path):
    whole = exodus.run(scenario, users=USERS, out=tmp_path / "whole", progress=False)

    class Enough(Exception):
        pass

    def stop(done, of):
        if done > 10:
            raise Enough

    # Slow enough, by its users, that it is looked at on the way.
    with pytest.raises(Enough):
        exodus.run(scenario, users=150_000, out=tmp_path / "cut", progress=stop)
    assert manifest(tmp_path / "cut")["status"] == "stopped"
    cut = exodus.resume(tmp_path / "cut", progress=False)
    again = exodus.run(scenario, users=150_000, out=tmp_path / "again", progress=False)
    same_files(tmp_path / "cut", tmp_path / "again")
    assert cut.state_hash == again.state_hash != whole.state_hash


def test_the_command_resumes_what_python_left(scenario, command, tmp_path):
    def stop(done, of):
        if done > 5:
            raise RuntimeError

    with pytest.raises(RuntimeError):
        exodus.run(scenario, users=150_000, out=tmp_path / "cut", progress=stop)
    command("resume", tmp_path / "cut", "--quiet", "--no-report")
    again = exodus.run(scenario, users=150_000, out=tmp_path / "again", progress=False)
    assert manifest(tmp_path / "cut")["state_hash"] == again.state_hash


def test_a_fork_is_that_of_the_command(scenario, command, tmp_path):
    sim = exodus.Simulation(scenario, users=USERS)
    sim.step(30)
    at = sim.hash()
    sim.snapshot(tmp_path / "day.exo")
    change = {"model.review_rate": 0.2}
    command("fork", tmp_path / "day.exo", "--set", "model.review_rate=0.2", "--out", tmp_path / "theirs", "--quiet", "--no-report")
    ours = exodus.fork(tmp_path / "day.exo", set=change, out=tmp_path / "ours", progress=False)
    same_files(tmp_path / "ours", tmp_path / "theirs", TABLES[:-1])
    in_memory = sim.fork(set=change)
    opened = exodus.Simulation.open(tmp_path / "day.exo").fork(set=change)
    assert sim.hash() == at == exodus.Simulation.open(tmp_path / "day.exo").hash()
    assert in_memory.run().hash() == opened.run().hash() == ours.state_hash == manifest(tmp_path / "theirs")["state_hash"]
    assert (in_memory.series["holders"].round(1) == ours.series["holders"].round(1)).all()
    # The parent did not notice, and goes on as if nothing had been.
    assert sim.hash() == at
    assert sim.run().hash() == exodus.Simulation(scenario, users=USERS).run().hash() != ours.state_hash


def test_iteration_is_a_date_a_day(scenario):
    sim = exodus.Simulation(scenario, users=500, until="2025-05-20")
    dates = list(sim)
    assert dates[0] == sim.start and dates[-1] == sim.end == sim.date and len(dates) == (sim.end - sim.start).days + 1
    assert sim.finished and sim.step() == 0 and sim.day == len(dates) - 1


def test_two_at_once_are_two(scenario):
    alone = [exodus.Simulation(scenario, users=USERS, seed=seed).run().hash() for seed in (1, 2)]
    sims = [exodus.Simulation(scenario, users=USERS, seed=seed) for seed in (1, 2)]
    while not sims[0].finished:
        for sim in sims:
            sim.step(3)
    assert [sim.hash() for sim in sims] == alone
    sims = [exodus.Simulation(scenario, users=USERS, seed=seed) for seed in (1, 2)]
    threads = [threading.Thread(target=sim.run) for sim in sims]
    [thread.start() for thread in threads]
    # Looked at meanwhile, from this thread.
    seen = {sims[0].day for _ in range(200) if len(sims[0].words) == USERS}
    [thread.join() for thread in threads]
    assert [sim.hash() for sim in sims] == alone and seen


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork of processes here")
@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_a_fork_of_the_process_goes_on(scenario):
    sim = exodus.Simulation(scenario, users=USERS)
    sim.step(10)
    there, here = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            signal.alarm(60)
            os.write(here, sim.run().hash().encode() + exodus.Simulation(scenario, users=USERS).run().hash().encode())
        finally:
            os._exit(0)
    os.waitpid(child, 0)
    told = os.read(there, 1000).decode()
    assert told == 2 * sim.run().hash()
