"""Social graphs."""

from __future__ import annotations

import csv
import os
import tempfile
import weakref
from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

from . import _exodus
from ._changes import number
from ._errors import InputError

UNTOLD = {"", "nan", "None", "NaT", "<NA>"}


def _nodes(name: str, values: Any) -> npt.NDArray[np.uint32]:
    array = np.asarray(values)
    if array.size == 0:
        array = array.astype(np.uint32)
    if array.ndim != 1 or array.dtype.kind not in "iu":
        raise InputError(f"{name}: found shape {array.shape} of {array.dtype}; allowed one dimension of whole numbers")
    if array.size and (int(array.min()) < 0 or int(array.max()) >= 2**32 - 2):
        raise InputError(f"{name}: found nodes from {array.min()} to {array.max()}; allowed 0 to {2**32 - 3}")
    return np.ascontiguousarray(array, dtype="<u4")


class Graph:
    """An undirected graph without loops and repeated ties, in compressed sparse rows.

    Node ``k`` is user ``k``. Make one with `from_edges`, `from_networkx`, `from_igraph` or `from_scipy`, and give it to
    `Simulation`; or look at that of a simulation, `Simulation.graph`.

    Examples
    --------
    >>> import exodus
    >>> graph = exodus.Simulation("islands.toml", users=1000).graph
    >>> graph.nodes, graph.indptr.shape, graph.indices.shape == (2 * graph.ties,)
    (1000, (1001,), True)
    """

    _graph: _exodus.Graph

    def __init__(self) -> None:
        raise InputError("found a Graph made directly; allowed Graph.from_edges, from_networkx, from_igraph, from_scipy")

    @classmethod
    def _of(cls, graph: _exodus.Graph) -> Graph:
        made = cls.__new__(cls)
        made._graph = graph
        return made

    @classmethod
    def from_edges(cls, sources: Any, targets: Any, nodes: int | None = None, attributes: Any = None) -> Graph:
        """Make a graph of ties between numbered nodes.

        Parameters
        ----------
        sources, targets : array of int, shape (ties,)
            Both ends of each tie. Loops are dropped, and a tie that is there several times, in whatever direction, is one.
        nodes : int, optional
            Number of nodes; by default one more than the greatest in the ties.
        attributes : frame or mapping of columns, optional
            What is known of the nodes, a row each in the order of nodes: any of ``age`` (the name of an age band, or years),
            ``region``, ``household``, ``messengers`` (names with ``;``) and the names of groups. What is left open (empty,
            ``None`` or NaN) is drawn as it would be without.

        Returns
        -------
        Graph
            The graph.

        Raises
        ------
        InputError
            The arrays are not of whole numbers from 0 on, or of different lengths; a column of attributes has not a row for each node.
        Error
            Memory cannot be had.

        Examples
        --------
        >>> import exodus
        >>> graph = exodus.Graph.from_edges([0, 1, 2, 2], [1, 2, 0, 2])
        >>> graph.nodes, graph.ties
        (3, 3)
        >>> graph.indices[graph.indptr[1]:graph.indptr[2]].tolist()
        [0, 2]
        """
        sources, targets = _nodes("sources", sources), _nodes("targets", targets)
        least = int(max((array.max() for array in (sources, targets) if array.size), default=-1)) + 1
        count = number("nodes", nodes, max(least, 1), 2**32 - 2)
        if count is None:
            count = least
        path = None if attributes is None else _write(attributes, count)
        made = cls._of(_exodus.Graph(count, sources.tobytes(), targets.tobytes(), path))
        if path is not None:
            weakref.finalize(made, _remove, path)
        return made

    @classmethod
    def from_networkx(cls, graph: Any) -> Graph:
        """Make one of a NetworkX graph: its nodes in their order, with those of their attributes that `from_edges` knows.

        Parameters
        ----------
        graph : networkx.Graph
            A graph of any kind; directions and weights are left out.

        Returns
        -------
        Graph
            The graph.

        Raises
        ------
        InputError
            It is no such graph, or what its nodes say cannot be.

        Examples
        --------
        >>> import exodus, networkx
        >>> exodus.Graph.from_networkx(networkx.cycle_graph(5))
        <exodus.Graph of 5 nodes and 5 ties>
        """
        if not (hasattr(graph, "nodes") and hasattr(graph, "edges")):
            raise InputError(f"graph: found {type(graph).__name__}; allowed a NetworkX graph")
        places = {node: place for place, node in enumerate(graph.nodes)}
        ends = np.array([(places[a], places[b]) for a, b in graph.edges()], dtype=np.int64).reshape(-1, 2)
        rows = [data for _, data in graph.nodes(data=True)]
        names = sorted({str(name) for row in rows for name in row})
        attributes = {name: [row.get(name) for row in rows] for name in names}
        return cls.from_edges(ends[:, 0], ends[:, 1], len(places), attributes or None)

    @classmethod
    def from_igraph(cls, graph: Any) -> Graph:
        """Make one of an igraph graph, with those of its vertices' attributes that `from_edges` knows.

        Parameters
        ----------
        graph : igraph.Graph
            A graph of any kind; directions and weights are left out.

        Returns
        -------
        Graph
            The graph.

        Raises
        ------
        InputError
            It is no such graph, or what its vertices say cannot be.
        """
        if not (hasattr(graph, "get_edgelist") and hasattr(graph, "vs")):
            raise InputError(f"graph: found {type(graph).__name__}; allowed an igraph graph")
        ends = np.array(graph.get_edgelist(), dtype=np.int64).reshape(-1, 2)
        attributes = {name: graph.vs[name] for name in graph.vs.attributes()}
        return cls.from_edges(ends[:, 0], ends[:, 1], graph.vcount(), attributes or None)

    @classmethod
    def from_scipy(cls, matrix: Any, attributes: Any = None) -> Graph:
        """Make one of a square sparse matrix: a tie for each entry that is not zero.

        Parameters
        ----------
        matrix : scipy.sparse array or matrix, or numpy.ndarray, shape (nodes, nodes)
            The matrix; entry (i, j) ties i and j, in whatever direction.
        attributes : frame or mapping of columns, optional
            As for `from_edges`.

        Returns
        -------
        Graph
            The graph.

        Raises
        ------
        InputError
            The matrix is not square, or the attributes cannot be.

        Examples
        --------
        >>> import exodus, numpy
        >>> exodus.Graph.from_scipy(numpy.ones((4, 4)))
        <exodus.Graph of 4 nodes and 6 ties>
        """
        if not (hasattr(matrix, "nonzero") and len(getattr(matrix, "shape", ())) == 2):
            raise InputError(f"matrix: found {type(matrix).__name__}; allowed a matrix of scipy.sparse or NumPy")
        if matrix.shape[0] != matrix.shape[1]:
            raise InputError(f"found a matrix of shape {matrix.shape}; allowed a square one")
        rows, columns = matrix.nonzero()
        return cls.from_edges(rows, columns, matrix.shape[0], attributes)

    @property
    def nodes(self) -> int:
        """Number of nodes."""
        return self._graph.nodes

    @property
    def ties(self) -> int:
        """Number of undirected ties."""
        return self._graph.ties

    @property
    def indptr(self) -> npt.NDArray[np.int64]:
        """Where each node's row starts in `indices`, int64 of shape (nodes + 1,)."""
        return np.asarray(self._graph.indptr())

    @property
    def indices(self) -> npt.NDArray[np.uint32]:
        """The nodes that each node is tied to, in increasing order, row after row: uint32 of shape (2 ties,), read-only, not copied."""
        return np.asarray(self._graph.indices())

    def to_scipy(self) -> Any:
        """Give the adjacency matrix.

        Returns
        -------
        scipy.sparse.csr_array, shape (nodes, nodes)
            Symmetric, with ones (int8) where there are ties.

        Raises
        ------
        ImportError
            There is no SciPy.
        """
        from scipy.sparse import csr_array

        indices = self.indices.astype(np.int64)
        return csr_array((np.ones(len(indices), dtype=np.int8), indices, self.indptr), shape=(self.nodes, self.nodes))

    def __repr__(self) -> str:
        return f"<exodus.Graph of {self.nodes} nodes and {self.ties} ties>"


def _remove(path: str) -> None:
    if os.path.exists(path):
        os.unlink(path)


def _write(attributes: Any, nodes: int) -> str:
    if isinstance(attributes, Mapping):
        columns = {str(name): list(values) for name, values in attributes.items()}
    elif hasattr(attributes, "columns"):
        columns = {str(name): list(attributes[name]) for name in attributes.columns}
    else:
        raise InputError(f"attributes: found {type(attributes).__name__}; allowed a frame or a mapping of columns")
    for name, values in columns.items():
        if len(values) != nodes:
            raise InputError(f"attributes: found {len(values)} rows of {name!r} for {nodes} nodes; allowed a row for each")
    # Numbers of nodes are the labels here.
    columns = {name: values for name, values in columns.items() if name.lower() not in ("label", "node", "id", "name", "user")}
    handle, path = tempfile.mkstemp(prefix="exodus-", suffix=".csv")
    with open(handle, "w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(["label", *columns])
        for node in range(nodes):
            cells = [str(values[node]) for values in columns.values()]
            writer.writerow([node, *("" if cell in UNTOLD else cell for cell in cells)])
    return path
