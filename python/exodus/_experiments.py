"""Experiments of many runs. Each leaves a folder, as the command's do."""

from __future__ import annotations

import os
import tempfile
import warnings
from collections.abc import Mapping
from typing import Any

from . import _exodus
from ._changes import changes, number
from ._progress import Progress, told
from ._results import Results
from ._simulation import Path, threads_of
from ._table import Table


def _path(path: Path | None) -> str | None:
    return None if path is None else os.fspath(path)


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
    """Do a sweep, or go on with one that was stopped: a scenario at many points of a design.

    ``.results`` is a table with a row a run: factors, seed, outputs. Of a Sobol' or Morris design there is ``.sensitivity`` too.
    """
    settings = changes(set)
    if seed is not None:
        settings.append(f"seed={number('seed', seed, 0, 2**63 - 1)}")
    count = number("users", users, 1, 2**32 - 2)
    folder = _exodus.sweep(
        os.fspath(file), settings, _path(out), count, threads_of(threads), bool(force), bool(report), told(progress, "sweep")
    )
    return Results(folder)


def sensitivity(folder: Path | Results, *, bootstrap: int = 1000, seed: int = 1) -> Table:
    """Compute which factors the outputs of a finished sweep depend on: a row per output, factor and index, with intervals."""
    results = folder if isinstance(folder, Results) else Results(folder)
    resamples, start = number("bootstrap", bootstrap, 1, 1_000_000), number("seed", seed, 0, 2**64 - 1)
    assert resamples is not None and start is not None
    _exodus.sensitivity(os.fspath(results.folder), resamples, start)
    return results.table("sensitivity")


def compare(
    reference: Path | Results, *others: Path | Results, out: Path | None = None, force: bool = False, report: bool = False
) -> Results:
    """Compare runs, or replicates, of the same seeds with the first of them.

    ``.measures`` is a table of differences with intervals, ``.differences`` the daily ones, ``.flows`` who moved.
    """
    sides = [os.fspath(side.folder if isinstance(side, Results) else side) for side in (reference, *others)]
    folder, told_of = _exodus.compare(sides, _path(out), bool(force), bool(report))
    for warning in told_of:
        warnings.warn(warning, stacklevel=2)
    return Results(folder)


def calibrate(
    file: Path, *, threads: int | None = None, out: Path | None = None, report: bool = False, progress: Progress = None
) -> Results:
    """Fit a scenario's parameters to observed values, or go on with a calibration that was stopped."""
    return Results(_exodus.calibrate(os.fspath(file), _path(out), threads_of(threads), bool(report), told(progress, "calibrate")))


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
    """Test a scenario against its published patterns: a row per value, with what was found, what is allowed, and whether it passes."""
    count, runs = number("users", users, 1, 2**32 - 2), number("replicates", replicates, 1, 1000)
    with tempfile.TemporaryDirectory() as folder:
        place = folder if out is None else os.fspath(out)
        _exodus.validate(os.fspath(file), place, count, runs, threads_of(threads), bool(force), told(progress, "validate"))
        return Table.read(os.path.join(place, "checks.csv"))
