"""Graphs of arrays, NetworkX, igraph and scipy, with attributes of their nodes."""

import exodus
import numpy as np
import pytest
from conftest import ROOT

CASCADE = ROOT / "scenarios" / "watts-cascade.toml"


def ends(graph):
    rows = np.repeat(np.arange(graph.nodes), np.diff(graph.indptr))
    return {(int(a), int(b)) for a, b in zip(rows, graph.indices) if a < b}


def test_edges_there_and_back():
    rng = np.random.default_rng(1)
    a, b = rng.integers(0, 200, (2, 1000))
    expected = {(min(x, y), max(x, y)) for x, y in zip(a.tolist(), b.tolist()) if x != y}
    graph = exodus.Graph.from_edges(a, b, nodes=250)
    assert ends(graph) == expected and graph.ties == len(expected) and graph.nodes == 250
    scipy = pytest.importorskip("scipy.sparse")
    matrix = graph.to_scipy()
    assert isinstance(matrix, scipy.csr_array) and ends(exodus.Graph.from_scipy(matrix)) == expected
    with pytest.raises(ValueError, match="whole number"):
        exodus.Graph.from_edges([0, 5], [1, 2], nodes=5)
    with pytest.raises(ValueError, match="allowed as many"):
        exodus.Graph.from_edges([0, 5], [1])


def test_networkx_and_its_attributes():
    networkx = pytest.importorskip("networkx")
    theirs = networkx.relabel_nodes(networkx.watts_strogatz_graph(300, 6, 0.1, seed=1), lambda node: f"person {node}")
    holders = {f"person {node}": "Novelty" if node < 30 else "none" for node in range(300)}
    networkx.set_node_attributes(theirs, holders, "messengers")
    graph = exodus.Graph.from_networkx(theirs)
    assert graph.nodes == 300 and graph.ties == theirs.number_of_edges()
    sim = exodus.Simulation(CASCADE, graph=graph)
    assert sim.users == 300 and np.flatnonzero(sim.words & 1).tolist() == list(range(30))
    # Steps, forks, and says why it cannot be written.
    sim.step(3)
    assert sim.fork().run().hash() == sim.run().hash()
    with pytest.raises(ValueError, match="fork instead"):
        sim.snapshot("never.exo")


def test_igraph_is_the_same():
    igraph = pytest.importorskip("igraph")
    theirs = igraph.Graph.Ring(40)
    theirs.vs["messengers"] = ["Novelty"] * 4 + ["none"] * 36
    graph = exodus.Graph.from_igraph(theirs)
    assert ends(graph) == {(min(a, b), max(a, b)) for a, b in theirs.get_edgelist()}
    assert (exodus.Simulation(CASCADE, graph=graph).words & 1).sum() == 4


def test_what_attributes_cannot_be_is_told(scenario):
    for attributes, told in [({"age": ["young", ""]}, "2 rows"), ({"region": ["Atlantis", None, None]}, "Atlantis"), ([1], "mapping")]:
        with pytest.raises(exodus.Error, match=told):
            exodus.Simulation(scenario, graph=exodus.Graph.from_edges([0, 1], [1, 2], attributes=attributes))
