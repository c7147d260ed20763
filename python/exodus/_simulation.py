"""Simulations to be stepped and inspected."""

from __future__ import annotations

import datetime
import os
import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from . import _exodus
from ._changes import changes, day, number, users_of
from ._errors import InputError
from ._graph import Graph
from ._progress import Progress, told
from ._rules import pointer
from ._table import Table

Path = str | os.PathLike[str]


def scenario_of(
    path: Path,
    users: int | Literal["full"] | None,
    seed: int | None,
    until: datetime.date | str | None,
    set: Mapping[str, Any] | None,
) -> _exodus.Scenario:
    """A scenario as it is to be run; what is most likely a mistake is warned of."""
    scenario = _exodus.Scenario(
        os.fspath(path), changes(set), users_of(users), number("seed", seed, 0, 2**63 - 1), day(until)
    )
    for warning in scenario.warnings():
        warnings.warn(warning, stacklevel=3)
    return scenario


def path_of(path: Path | None) -> str | None:
    """A path as text; ``None`` stays."""
    return None if path is None else os.fspath(path)


def threads_of(threads: int | None) -> int | None:
    """A number of threads; ``None`` for all cores."""
    return number("threads", threads, 0, 2**31 - 1)


class Simulation:
    """A simulation in memory, on the eve of its first day.

    Iterate over it, a date a day, or `step` it. Between two days everything can be inspected, without changing it.
    The same scenario, seed and users give the same bits for any number of threads, here and by the ``exodus`` command.

    Parameters
    ----------
    scenario : path
        A scenario's TOML file; ``exodus new NAME`` writes one to start from.
    users : int or "full", optional
        Simulated users, each of whom represents many people; ``"full"``: one for each person. By default the scenario's.
    seed : int, optional
        Seed of all random draws, from 0 to 2**63 - 1.
    until : date or str, optional
        Last day.
    set : mapping, optional
        Changes of the scenario, ``{"path.to.key": value}``; items of lists go by name, label or index.
    threads : int, optional
        Threads; they have no influence on results. By default all cores.
    graph : Graph, optional
        A social graph instead of the scenario's; its nodes are the users.
    rule : numba cfunc or int, optional
        A rule of choice instead of the scenario's (`RULE`).
    parameters : sequence of float, optional
        Numbers that are handed to the rule.
    progress : bool or callable, optional
        Whether `step` and `run` show a bar, or what they call with days done and days in all. By default neither.

    Raises
    ------
    InputError
        The scenario is invalid; the message names all problems. Also a `ValueError`.
    Error
        Memory cannot be had, or a file cannot be read.

    Notes
    -----
    A child of a forked process continues with its copy on threads of its own; where another thread was at work on it at the moment
    of the fork, it is refused.

    Examples
    --------
    >>> import exodus
    >>> sim = exodus.Simulation("islands.toml", users=1000, seed=7)
    >>> sim.step(30)
    30
    >>> sim.date
    datetime.date(2025, 1, 30)
    >>> sim.words.shape, sim.words.dtype
    ((1000,), dtype('uint32'))
    """

    def __init__(
        self,
        scenario: Path,
        *,
        users: int | Literal["full"] | None = None,
        seed: int | None = None,
        until: datetime.date | str | None = None,
        set: Mapping[str, Any] | None = None,
        threads: int | None = None,
        graph: Graph | None = None,
        rule: Any = None,
        parameters: Sequence[float] = (),
        progress: Progress = False,
    ) -> None:
        if graph is not None and not isinstance(graph, Graph):
            raise InputError(f"graph: found {type(graph).__name__}; allowed an exodus.Graph, such as one of Graph.from_networkx")
        if graph is not None and users is not None:
            raise InputError("users: found beside a graph, whose nodes are the users; allowed one of them")
        read = scenario_of(scenario, users, seed, until, set)
        own = pointer(rule, parameters)
        bar = told(progress, "start")
        self._simulation = _exodus.Simulation(read, threads_of(threads), None if graph is None else graph._graph, own, bar)
        # A rule that numba has compiled lives as long as it is used.
        self._rule = rule
        self._progress = progress

    @classmethod
    def _of(cls, simulation: _exodus.Simulation, rule: Any = None) -> Simulation:
        made = cls.__new__(cls)
        made._simulation, made._rule, made._progress = simulation, rule, False
        return made

    @classmethod
    def open(cls, snapshot: Path, *, threads: int | None = None) -> Simulation:
        """Continue from the evening on which a snapshot was taken.

        Parameters
        ----------
        snapshot : path
            A ``.exo`` file, of `snapshot`, of `exodus.run` with ``snapshot_on`` or of the command.
        threads : int, optional
            Threads; they have no influence on results. By default all cores.

        Returns
        -------
        Simulation
            The simulation on that evening.

        Raises
        ------
        InputError
            The path is none.
        Error
            The file is damaged or cannot be read, or memory cannot be had.
        """
        return cls._of(_exodus.Simulation.open(os.fspath(snapshot), threads_of(threads)))

    def step(self, days: int = 1, observers: Sequence[Callable[[Simulation], object]] = ()) -> int:
        """Simulate some days, and no more than there are.

        Parameters
        ----------
        days : int
            Days to simulate.
        observers : sequence of callables
            Each is called with the simulation on the evening of every day.

        Returns
        -------
        int
            How many days there were.

        Raises
        ------
        InputError
            The number of days is none.
        KeyboardInterrupt
            Ctrl-C; the day under way is finished before, and the simulation can continue.
        """
        days = number("days", days, 0, 2**31 - 1) or 0
        if not observers:
            return self._simulation.step(days, told(self._progress, "days"))
        for done in range(days):
            if self._simulation.step(1) == 0:
                return done
            for observer in observers:
                observer(self)
        return days

    def run(self, observers: Sequence[Callable[[Simulation], object]] = ()) -> Simulation:
        """Simulate all days that are left.

        Parameters
        ----------
        observers : sequence of callables
            Each is called with the simulation on the evening of every day.

        Returns
        -------
        Simulation
            Itself.

        Raises
        ------
        KeyboardInterrupt
            Ctrl-C; the day under way is finished before, and the simulation can continue.
        """
        self.step(2**31 - 1 if not observers else (self.end - self.date).days, observers)
        return self

    def __iter__(self) -> Iterator[datetime.date]:
        """Simulate a day at a time: the dates, until the last."""
        while self._simulation.step(1):
            yield self.date

    @property
    def day(self) -> int:
        """The last day simulated, as a number: 0 is the first, -1 the eve of the start."""
        return self._simulation.today()[0]

    @property
    def date(self) -> datetime.date:
        """The date of the last day simulated."""
        return datetime.date.fromisoformat(self._simulation.today()[1][0])

    @property
    def start(self) -> datetime.date:
        """The first day."""
        return datetime.date.fromisoformat(self._simulation.today()[1][1])

    @property
    def end(self) -> datetime.date:
        """The last day."""
        return datetime.date.fromisoformat(self._simulation.today()[1][2])

    @property
    def finished(self) -> bool:
        """Whether the last day is over."""
        return self._simulation.today()[2]

    @property
    def users(self) -> int:
        """Number of simulated users."""
        return self._simulation.size()[0]

    @property
    def people(self) -> int:
        """Number of people that they stand for."""
        return self._simulation.size()[1]

    @property
    def messengers(self) -> list[str]:
        """Names of the messengers; bits and main apps of words are places in this list."""
        return self._simulation.names()[0]

    @property
    def regions(self) -> list[str]:
        """Names of the regions."""
        return self._simulation.names()[1]

    @property
    def ages(self) -> list[str]:
        """Names of the age bands."""
        return self._simulation.names()[2]

    @property
    def groups(self) -> list[str]:
        """Names of the groups."""
        return self._simulation.names()[3]

    @property
    def scenario(self) -> str:
        """The whole scenario in force, as TOML with every default written out."""
        return self._simulation.scenario()

    @property
    def columns(self) -> dict[str, npt.NDArray[Any]]:
        """The columns of the state as they are today, by name; a row a user, read-only, not copied.

        An array stays as it is when the simulation continues, which then copies that column once; and it keeps its memory alive.
        """
        return {name: np.asarray(memory) for name, memory in self._simulation.columns()}

    @property
    def words(self) -> npt.NDArray[np.uint32]:
        """The public states of all users, shape (users,), as in `columns`; `holdings`, `main` and `vpn` read them."""
        return self.columns["words"]

    @property
    def rows(self) -> npt.NDArray[np.void]:
        """What each user keeps to itself, shape (users,), with named fields, which the rule of choice declares, as in `columns`.

        Under the portfolio rule ``rows["usage"]`` is use on the evening of the last review, in 1/255, shape (users, 8 or 16).
        """
        return self.columns["rows"]

    @property
    def traits(self) -> dict[str, npt.NDArray[np.uint8]]:
        """Who the users are: ``region``, ``age`` (places in `regions` and `ages`), ``urban`` (0 or 1), ``groups`` (a bit each).

        Each of shape (users,). They are computed at every call and never change.
        """
        names = ("region", "age", "urban", "groups")
        return {name: np.asarray(memory) for name, memory in zip(names, self._simulation.traits())}

    @property
    def changes(self) -> npt.NDArray[np.int64]:
        """Users whose word changed in the last day, shape (changes, 3): user, old word, new word."""
        return np.stack([np.asarray(memory) for memory in self._simulation.changes()], axis=1)

    @property
    def graph(self) -> Graph:
        """The social graph."""
        return Graph._of(self._simulation.graph())

    @property
    def series(self) -> Table:
        """The figures so far, a row per day and messenger, as in ``series.csv`` but not rounded."""
        return Table._of(self._simulation.series())

    @property
    def population(self) -> Table:
        """The figures of the people so far, a row per day, as in ``population.csv`` but not rounded."""
        return Table._of(self._simulation.population())

    def hash(self) -> str:
        """Compute the xxh3-128 of the state: equal for equal states, whatever made them.

        Returns
        -------
        str
            32 hexadecimal digits.
        """
        return self._simulation.hash()

    def snapshot(self, path: Path) -> None:
        """Write the state to a ``.exo`` file, to be opened again here or by the command.

        Parameters
        ----------
        path : path
            The file; one that is there is overwritten.

        Raises
        ------
        InputError
            Graph or rule are not the scenario's, as a snapshot holds neither; `fork` instead.
        Error
            The file cannot be written.
        """
        self._simulation.snapshot(os.fspath(path))

    def fork(self, *, set: Mapping[str, Any] | None = None, until: datetime.date | str | None = None) -> Simulation:
        """Make another simulation that continues from this evening, perhaps with another future; this one stays as it is.

        Both share the past, and every random draw to come: what differs later is what the changes did.

        Parameters
        ----------
        set : mapping, optional
            Changes of the scenario, ``{"path.to.key": value}``, in force from the next day on.
        until : date or str, optional
            Last day.

        Returns
        -------
        Simulation
            The other one.

        Raises
        ------
        InputError
            The changes are invalid, or reach into the past.
        Error
            Memory cannot be had.

        Examples
        --------
        >>> import exodus
        >>> sim = exodus.Simulation("islands.toml", users=1000)
        >>> sim.step(30)
        30
        >>> fork = sim.fork(set={"model.review_rate": 0.2})
        >>> fork.hash() == sim.hash()
        True
        >>> fork.run().hash() == sim.run().hash()
        False
        """
        return self._of(self._simulation.fork(changes(set), day(until)), self._rule)

    def __repr__(self) -> str:
        return f"<exodus.Simulation of {self.users} users on {self.date}>"
