"""Views are read-only, true to their day, and keep their memory alive; nothing leaks."""

import gc
import os
import threading
import time

import exodus
import numpy as np
import pytest
from conftest import USERS


def test_views_are_true_to_their_day(scenario):
    sim = exodus.Simulation(scenario, users=USERS)
    views = sim.columns
    copies = {name: view.copy() for name, view in views.items()}
    assert all(not view.flags.owndata and not view.flags.writeable for view in views.values())
    for view in views.values():
        assert len(view) == USERS
        with pytest.raises(ValueError):
            view[0] = 1
        with pytest.raises(ValueError):
            view.setflags(write=True)
    sim.step(60)
    assert all((views[name] == copies[name]).all() for name in views)
    assert (sim.words != views["words"]).any()
    words = sim.words
    del sim, views
    gc.collect()
    assert int(words.sum()) == int(words.copy().sum()) and len(words) == USERS


def test_a_column_is_copied_only_while_it_is_held(scenario):
    sim = exodus.Simulation(scenario, users=USERS)
    place = sim.words.__array_interface__["data"][0]
    sim.step(2)
    assert sim.words.__array_interface__["data"][0] == place
    held = sim.words
    sim.step(1)
    assert sim.words.__array_interface__["data"][0] != held.__array_interface__["data"][0] == place


def test_changes_are_what_changed(scenario):
    sim = exodus.Simulation(scenario, users=USERS)
    sim.step(5)
    before = sim.words
    sim.step(1)
    changed = np.flatnonzero(before != sim.words)
    assert len(changed) > 0
    assert (sim.changes[:, 0] == changed).all() and (sim.changes[:, 2] == sim.words[changed]).all()


def test_the_graph_is_symmetric_and_keeps_its_memory(scenario):
    graph = exodus.Simulation(scenario, users=USERS).graph
    matrix = graph.to_scipy()
    assert matrix.shape == (USERS, USERS) and matrix.nnz == 2 * graph.ties and (matrix != matrix.T).nnz == 0
    indices = graph.indices
    del graph, matrix
    gc.collect()
    assert indices.max() < USERS and not indices.flags.writeable


def memory():
    for line in open("/proc/self/status"):
        if line.startswith("VmRSS"):
            return int(line.split()[1]) / 1024
    return 0.0


@pytest.mark.skipif(not os.path.exists("/proc/self/status"), reason="memory is read from /proc")
def test_simulations_leak_nothing(scenario):
    """`EXODUS_SOAK=1000 pytest -k leak` is the long version."""
    many = int(os.environ.get("EXODUS_SOAK", "100"))
    held = []

    def some(n):
        for seed in range(n):
            sim = exodus.Simulation(scenario, users=200, seed=seed, threads=1, set={"model.warm_up_days": 2, "model.settle_days": 2})
            held[:] = [sim.words, sim.graph.indices]
            sim.step(1)
            sim.fork().step(1)
            len(sim.series)

    some(50)
    gc.collect()
    before, threads = memory(), len(os.listdir("/proc/self/task"))
    some(many)
    gc.collect()
    # A view that was not given back would be 1.6 kB of words and more of the graph, a simulation far more than 20 kB.
    assert memory() - before < 15, f"{before:.0f} MB became {memory():.0f} MB"
    time.sleep(0.2)
    assert len(os.listdir("/proc/self/task")) <= threads + 2


def test_other_threads_go_on(scenario):
    ticks, done = [], threading.Event()

    def count():
        while not done.is_set():
            ticks.append(time.monotonic())
            time.sleep(0.001)

    thread = threading.Thread(target=count)
    thread.start()
    exodus.Simulation(scenario, users=100_000).step(10)
    done.set()
    thread.join()
    assert max(np.diff(ticks)) < 0.5 and len(ticks) > 20
