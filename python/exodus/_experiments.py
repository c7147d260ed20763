"""Experiments of many runs. Each leaves a folder, as the command's do."""

from __future__ import annotations

import datetime
import os
import tempfile
import warnings
from collections.abc import Mapping
from typing import Any, Literal

from . import _exodus
from ._changes import changes, day, needed_number, number
from ._progress import Progress, told
from ._results import Results
from ._simulation import Path, path_of, scenario_of, threads_of
from ._table import Table


def sweep(
    file: Path,
    *,
    set: Mapping[str, Any] | None = None,
    users: int | None = None,
    seed: int | None = None,
    threads: int | None = None,
    out: Path | None = None,
    force: bool = False,
    report: bool = False,
    progress: Progress = None,
) -> Results:
    """Simulate a scenario at many points of a design, as ``exodus sweep`` does.

    An interrupted sweep in the folder is resumed.

    Parameters
    ----------
    file : path
        The sweep's TOML file: scenario, design, factors, outputs.
    set : mapping, optional
        Changes of the scenario at all points, ``{"path.to.key": value}``.
    users : int, optional
        Simulated users of each run. By default the file's.
    seed : int, optional
        Seed of the runs, from 0 to 2**63 - 1. By default the scenario's.
    threads : int, optional
        Threads of all runs together; they have no influence on results. By default all cores.
    out : path, optional
        The folder; by default ``results/sweeps/<name>``.
    force : bool
        Whether to overwrite a sweep that is in the folder.
    report : bool
        Whether to make the page and the figures for print too.
    progress : bool or callable, optional
        Whether to show a bar, or what to call with runs done and runs in all. By default there is a bar on a terminal and in a
        notebook.

    Returns
    -------
    Results
        The folder. Its table ``results`` has a row a run: point, replicate, seed, factors, outputs. Of a Sobol' or Morris design there
        is ``sensitivity`` too; one that searches thresholds has ``thresholds`` and ``searches`` instead.

    Raises
    ------
    InputError
        The file or the scenario is invalid, or something else is in the folder.
    Error
        Memory cannot be had, or a file cannot be read or written.

    Examples
    --------
    >>> import exodus
    >>> points = exodus.sweep("sweep.toml", progress=False).results
    >>> points.columns
    ['point', 'replicate', 'seed', 'rate', 'reach']
    """
    settings = changes(set)
    if seed is not None:
        settings.append(f"seed={number('seed', seed, 0, 2**63 - 1)}")
    count = number("users", users, 1, 2**32 - 2)
    folder = _exodus.sweep(
        os.fspath(file), settings, path_of(out), count, threads_of(threads), bool(force), bool(report), told(progress, "sweep")
    )
    return Results(folder)


def sensitivity(folder: Path | Results, *, bootstrap: int = 1000, seed: int = 1) -> Table:
    """Compute which factors the outputs of a finished sweep depend on.

    Parameters
    ----------
    folder : path or Results
        The sweep.
    bootstrap : int
        Resamples for the intervals, from 1 to 1,000,000.
    seed : int
        Seed of the resampling, from 0 to 2**64 - 1.

    Returns
    -------
    Table
        A row per output, factor and index (Sobol' indices, Morris's effects, or partial rank correlations, as the design allows),
        with an interval. Also written into the folder.

    Raises
    ------
    InputError
        The folder is of something else, or its design has no factors to tell apart.
    Error
        The sweep is not finished, or a file cannot be read or written.

    Examples
    --------
    >>> import exodus
    >>> indices = exodus.sensitivity(exodus.sweep("sweep.toml", progress=False), bootstrap=100)
    >>> sorted(set(indices["factor"]))
    ['rate']
    """
    results = folder if isinstance(folder, Results) else Results(folder)
    resamples, start = needed_number("bootstrap", bootstrap, 1, 1_000_000), needed_number("seed", seed, 0, 2**64 - 1)
    _exodus.sensitivity(os.fspath(results.folder), resamples, start)
    return results.table("sensitivity")


def compare(
    reference: Path | Results, *others: Path | Results, out: Path | None = None, force: bool = False, report: bool = False
) -> Results:
    """Compare runs, or replicates, of the same seeds with the first of them.

    What is likely to mislead, such as runs that share too few days, is warned of.

    Parameters
    ----------
    reference : path or Results
        A run or replicates.
    *others : path or Results
        One or more of the same kind.
    out : path, optional
        The folder; by default ``results/comparisons/<names>/<time>``.
    force : bool
        Whether to overwrite a comparison that is there.
    report : bool
        Whether to make the page and the figures for print too.

    Returns
    -------
    Results
        The folder: ``measures`` is a table of differences with intervals, ``differences`` the daily ones, ``flows`` who moved.

    Raises
    ------
    InputError
        There are fewer than two, or they cannot be paired by seed.
    Error
        A run is not finished, or a file cannot be read or written.

    Examples
    --------
    >>> import exodus
    >>> with_block, without = (
    ...     exodus.run("islands.toml", users=1000, set=change, progress=False) for change in ({}, {"intervention.North blocked.severity": 0.0})
    ... )
    >>> both = exodus.compare(without, with_block)
    >>> sorted(both.tables)
    ['differences', 'flows', 'measures']
    """
    sides = [os.fspath(side.folder if isinstance(side, Results) else side) for side in (reference, *others)]
    folder, told_of = _exodus.compare(sides, path_of(out), bool(force), bool(report))
    for warning in told_of:
        warnings.warn(warning, stacklevel=2)
    return Results(folder)


def validate(
    file: Path,
    *,
    users: int | None = None,
    replicates: int | None = None,
    threads: int | None = None,
    out: Path | None = None,
    force: bool = False,
    progress: Progress = None,
) -> Table:
    """Test a scenario against its published patterns, value by value.

    Parameters
    ----------
    file : path
        A file of patterns, or a scenario that has one beside it, ``patterns/NAME.toml``.
    users : int, optional
        Simulated users of each run. By default the file's.
    replicates : int, optional
        Runs of each world, from 1 to 1000. By default the file's.
    threads : int, optional
        Threads of all runs together; they have no influence on results. By default all cores.
    out : path, optional
        A folder for the tables ``checks`` and ``patterns``. By default none is left.
    force : bool
        Whether to overwrite a validation that is there.
    progress : bool or callable, optional
        Whether to show a bar, or what to call with runs done and runs in all. By default there is a bar on a terminal and in a
        notebook.

    Returns
    -------
    Table
        A row per value: what was published, what is allowed, what the model gives with its interval, and whether it passes.

    Raises
    ------
    InputError
        The file is invalid, or a scenario without patterns.
    Error
        Memory cannot be had, or a file cannot be read or written.

    Examples
    --------
    >>> import exodus
    >>> checks = exodus.validate("patterns.toml", users=1000, replicates=2, progress=False)
    >>> checks["verdict"].tolist()
    ['pass']
    """
    count, runs = number("users", users, 1, 2**32 - 2), number("replicates", replicates, 1, 1000)
    with tempfile.TemporaryDirectory() as folder:
        place = folder if out is None else os.fspath(out)
        _exodus.validate(os.fspath(file), place, count, runs, threads_of(threads), bool(force), told(progress, "validate"))
        return Table.read(os.path.join(place, "checks.csv"))


def resilience(
    scenario: Path,
    on: datetime.date | str,
    *,
    days: int = 91,
    by: Literal["outage", "block"] = "outage",
    replicates: int = 5,
    users: int | Literal["full"] | None = None,
    seed: int | None = None,
    set: Mapping[str, Any] | None = None,
    threads: int | None = None,
    out: Path | None = None,
    force: bool = False,
    report: bool = False,
    progress: Progress = None,
) -> Results:
    """Take away each messenger, the two largest together, and VPNs: who is cut off, for how long, and where they go.

    Every loss is a fork of one past under the same draws, so that differences are due to the loss alone.

    Parameters
    ----------
    scenario : path
        A scenario's TOML file.
    on : date or str
        The day on which something is taken away.
    days : int
        Days to look at, that day included, from 1 to 3650; they may go beyond the scenario's end.
    by : "outage" or "block"
        How messengers are taken away; no VPN helps against an outage.
    replicates : int
        Pasts with different seeds, from 1 to 1000; with two or more, figures have intervals.
    users : int or "full", optional
        Simulated users. By default the scenario's.
    seed : int, optional
        Seed of the first past, from 0 to 2**63 - 1. By default the scenario's.
    set : mapping, optional
        Changes of the scenario, ``{"path.to.key": value}``.
    threads : int, optional
        Threads of all runs together; they have no influence on results. By default all cores.
    out : path, optional
        The folder; by default ``results/resilience/<scenario>/<time>``.
    force : bool
        Whether to overwrite a study that is there.
    report : bool
        Whether to make the page and the figures for print too.
    progress : bool or callable, optional
        Whether to show a bar, or what to call with runs done and runs in all. By default there is a bar on a terminal and in a
        notebook.

    Returns
    -------
    Results
        The folder: ``losses`` (people cut off, share of ties lost, days until half of them talk again), ``destinations`` (people by main
        app at the end), ``daily``.

    Raises
    ------
    InputError
        The scenario is invalid, or the day is not one of its days.
    Error
        Memory cannot be had, or a file cannot be read or written.

    Examples
    --------
    >>> import exodus
    >>> study = exodus.resilience("islands.toml", "2025-03-01", days=10, replicates=2, users=1000, progress=False)
    >>> sorted(study.tables)
    ['daily', 'destinations', 'losses']
    """
    read = scenario_of(scenario, users, seed, None, set)
    length, pasts = needed_number("days", days, 1, 3650), needed_number("replicates", replicates, 1, 1000)
    folder = _exodus.resilience(
        read,
        str(day(on)),
        length,
        str(by),
        pasts,
        path_of(out),
        bool(force),
        bool(report),
        threads_of(threads),
        told(progress, "resilience"),
    )
    return Results(folder)
