"""Runs that leave a folder."""

from __future__ import annotations

import datetime
import os
from collections.abc import Mapping, Sequence
from typing import Any, Literal

from . import _exodus
from ._changes import changes, day, number
from ._progress import Progress, told
from ._results import Results
from ._simulation import Path, path_of, scenario_of, threads_of


def run(
    scenario: Path,
    *,
    users: int | Literal["full"] | None = None,
    seed: int | None = None,
    until: datetime.date | str | None = None,
    set: Mapping[str, Any] | None = None,
    replicates: int = 1,
    threads: int | None = None,
    out: Path | None = None,
    force: bool = False,
    report: bool = False,
    checkpoint_every: int | None = None,
    snapshot_on: Sequence[datetime.date | str] = (),
    progress: Progress = None,
) -> Results:
    """Run a scenario into a folder, as ``exodus run`` does: the same files, bit for bit.

    Ctrl-C leaves the run to be resumed (`resume`).

    Parameters
    ----------
    scenario : path
        A scenario's TOML file; ``exodus new NAME`` writes one to start from.
    users : int or "full", optional
        Simulated users, each of whom represents many people; ``"full"``: one for each person. By default the scenario's.
    seed : int, optional
        Seed of all random draws, from 0 to 2**63 - 1. By default the scenario's.
    until : date or str, optional
        Last day, such as ``"2025-03-31"``. By default the scenario's.
    set : mapping, optional
        Changes of the scenario, ``{"path.to.key": value}``; items of lists go by name, label or index.
    replicates : int
        Runs with different seeds, from 1 to 100,000. With two or more, the folder holds them all, and the table ``replicates`` has
        mean, interval and quantiles of every daily figure.
    threads : int, optional
        Threads; they have no influence on results. By default all cores.
    out : path, optional
        The folder; by default ``results/<scenario>/<run id>``.
    force : bool
        Whether to overwrite a run that is there.
    report : bool
        Whether to make the page and the figures for print too.
    checkpoint_every : int, optional
        Days between two checkpoints; there is one at least every ten minutes.
    snapshot_on : sequence of dates
        Evenings on which a snapshot is kept, in ``snapshots/``.
    progress : bool or callable, optional
        Whether to show a bar, or what to call with days done and days in all. By default there is a bar on a terminal and in a
        notebook.

    Returns
    -------
    Results
        The folder. Tables of a run: ``series``, ``population``, ``cohorts``, ``trace``, ``events``; of several, ``replicates``.

    Raises
    ------
    InputError
        The scenario is invalid, or a run is in the folder; the message has a line for each problem. Also a `ValueError`.
    Error
        Memory cannot be had, or a file cannot be read or written.

    Examples
    --------
    >>> import exodus
    >>> results = exodus.run("islands.toml", users=1000, set={"model.review_rate": 0.1}, progress=False)
    >>> results.series.columns[:3]
    ['date', 'messenger', 'holders']
    """
    read = scenario_of(scenario, users, seed, until, set)
    folder = _exodus.run(
        read,
        number("replicates", replicates, 1, 100_000) or 1,
        path_of(out),
        bool(force),
        bool(report),
        threads_of(threads),
        number("checkpoint_every", checkpoint_every, 1, 2**31 - 1),
        [str(day(date)) for date in snapshot_on],
        told(progress, read.name),
    )
    return Results(folder)


def resume(
    folder: Path, *, threads: int | None = None, checkpoint_every: int | None = None, progress: Progress = None
) -> Results:
    """Resume a run, replicates, a sweep or a calibration that was stopped or killed.

    The result is that of one never stopped. Nothing is done where it is finished.

    Parameters
    ----------
    folder : path
        The folder of results.
    threads : int, optional
        Threads; they have no influence on results. By default all cores.
    checkpoint_every : int, optional
        Days between two checkpoints of a run; there is one at least every ten minutes.
    progress : bool or callable, optional
        Whether to show a bar, or what to call with steps done and steps in all. By default there is a bar on a terminal and in a
        notebook.

    Returns
    -------
    Results
        The same folder.

    Raises
    ------
    InputError
        The folder is of something that cannot be resumed, such as a comparison.
    Error
        The folder holds no results, is in use, or a file cannot be read or written.

    Examples
    --------
    >>> import exodus
    >>> results = exodus.run("islands.toml", users=1000, progress=False)
    >>> exodus.resume(results.folder).state_hash == results.state_hash
    True
    """
    every = number("checkpoint_every", checkpoint_every, 1, 2**31 - 1)
    _exodus.resume(os.fspath(folder), threads_of(threads), every, told(progress, "resume"))
    return Results(folder)


def fork(
    snapshot: Path,
    *,
    set: Mapping[str, Any] | None = None,
    scenario: Path | None = None,
    until: datetime.date | str | None = None,
    replicates: int = 1,
    threads: int | None = None,
    out: Path | None = None,
    force: bool = False,
    report: bool = False,
    progress: Progress = None,
) -> Results:
    """Run on from a snapshot with another future, as ``exodus fork`` does.

    Parameters
    ----------
    snapshot : path
        A ``.exo`` file, of `run` with ``snapshot_on``, of `Simulation.snapshot` or of the command.
    set : mapping, optional
        Changes of the scenario, ``{"path.to.key": value}``, in force from the next day on.
    scenario : path, optional
        A scenario to continue under. By default the snapshot's.
    until : date or str, optional
        Last day. By default the scenario's.
    replicates : int
        Runs that branch from the snapshot, from 1 to 32,767, each with its own draws from then on.
    threads : int, optional
        Threads; they have no influence on results. By default all cores.
    out : path, optional
        The folder; by default ``results/<scenario>/<run id>``.
    force : bool
        Whether to overwrite a run that is there.
    report : bool
        Whether to make the page and the figures for print too.
    progress : bool or callable, optional
        Whether to show a bar, or what to call with days done and days in all. By default there is a bar on a terminal and in a
        notebook.

    Returns
    -------
    Results
        The folder, as of `run`.

    Raises
    ------
    InputError
        The changes reach into the past, or a run is in the folder.
    Error
        The snapshot is damaged, memory cannot be had, or a file cannot be read or written.

    Examples
    --------
    >>> import exodus
    >>> sim = exodus.Simulation("islands.toml", users=1000)
    >>> sim.step(30)
    30
    >>> sim.snapshot("evening.exo")
    >>> other = exodus.fork("evening.exo", set={"model.review_rate": 0.2}, progress=False)
    >>> str(other.series["date"][0])
    '2025-01-31'
    """
    folder = _exodus.fork(
        os.fspath(snapshot),
        changes(set),
        number("replicates", replicates, 1, 32_767) or 1,
        path_of(scenario),
        day(until),
        path_of(out),
        bool(force),
        bool(report),
        threads_of(threads),
        told(progress, "fork"),
    )
    return Results(folder)
