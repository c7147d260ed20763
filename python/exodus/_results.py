"""Runs that leave a folder, and what is in it."""

from __future__ import annotations

import datetime
import html
import json
import os
import pathlib
from collections.abc import Mapping, Sequence
from typing import Any, Literal

from . import _exodus
from ._changes import changes, day, number
from ._errors import Error
from ._progress import Progress, told
from ._simulation import Path, scenario_of, threads_of
from ._table import Table


class Results:
    """A folder of results: of a run, finished or not, of a sweep, a comparison, a calibration or a validation.

    Its tables are read when they are asked for, by `table`, or as attributes: of a run ``series``, ``population``, ``cohorts``,
    ``trace`` and ``events``; of a sweep ``results``; of a comparison ``measures``, ``differences``, ``flows``.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = pathlib.Path(folder)
        if not self.folder.is_dir():
            raise Error(f"{self.folder}: found no folder of results there")

    @property
    def tables(self) -> list[str]:
        """Names of its tables."""
        ends = (".parquet", ".csv", ".part")
        names = {file.name[: -len(end)] for file in self.folder.iterdir() for end in ends if file.name.endswith(end)}
        return sorted(names)

    def table(self, name: str) -> Table:
        """A table, from Parquet where there is one, else from CSV; or as far as it has grown."""
        for end in (".parquet", ".csv", ".part"):
            if (path := self.folder / f"{name}{end}").is_file():
                return Table.read(path)
        raise Error(f"{self.folder}: found no table {name!r}; allowed one of {', '.join(self.tables)}")

    def __getattr__(self, name: str) -> Table:
        if name.startswith("_") or "folder" not in self.__dict__ or name not in self.tables:
            raise AttributeError(name)
        return self.table(name)

    def __dir__(self) -> list[str]:
        return [*super().__dir__(), *self.tables]

    @property
    def manifest(self) -> dict[str, Any]:
        """What was run, how, and how long it took."""
        for name in ("manifest.json", "comparison.json", "calibration.json", "replicates.json"):
            if (path := self.folder / name).is_file():
                found: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
                return found
        return {}

    @property
    def state_hash(self) -> str:
        """The hash of a run's final state; empty before its end."""
        return str(self.manifest.get("state_hash", ""))

    def report(self) -> Page:
        """Make the page of these results, and their figures for print in ``figures/``; the page, which a notebook shows inline."""
        return Page(pathlib.Path(_exodus.report(os.fspath(self.folder))))

    def plot(self, column: str = "monthly_reach", *, ax: Any = None, messengers: Sequence[str] | None = None) -> Any:
        """Draw a column of ``series``, a line a messenger, or of ``population``, with matplotlib; the axes.

        ``"reach"`` stands for ``monthly_reach``, ``"use"`` for ``daily_use``.
        """
        from ._plot import plot

        return plot(self.table("series"), self.table("population"), column, ax, messengers)

    def __repr__(self) -> str:
        return f"<exodus.Results of {_exodus.kind_of(os.fspath(self.folder)) or 'tables'} in {self.folder}>"


class Page:
    """A page, which a notebook shows inline."""

    def __init__(self, path: pathlib.Path) -> None:
        self.path = path

    def _repr_html_(self) -> str:
        text = html.escape(self.path.read_text(encoding="utf-8"), quote=True)
        return f'<iframe srcdoc="{text}" sandbox="allow-scripts" style="width: 100%; height: 800px; border: 0"></iframe>'

    def __repr__(self) -> str:
        return f"<exodus.Page {self.path}>"


def open_run(folder: Path) -> Results:
    """Open a folder of results that the command or this package left."""
    return Results(folder)


def run(
    scenario: Path,
    *,
    users: int | Literal["full"] | None = None,
    seed: int | None = None,
    until: datetime.date | str | None = None,
    set: Mapping[str, Any] | None = None,
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
    scenario, users, seed, until, set, threads
        As for `Simulation`.
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
    """
    read = scenario_of(scenario, users, seed, until, set)
    folder = _exodus.run(
        read,
        None if out is None else os.fspath(out),
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
    """Go on with a run that was stopped or killed; the result is that of a run never stopped."""
    every = number("checkpoint_every", checkpoint_every, 1, 2**31 - 1)
    _exodus.resume(os.fspath(folder), threads_of(threads), every, told(progress, "resume"))
    return Results(folder)


def fork(
    snapshot: Path,
    *,
    set: Mapping[str, Any] | None = None,
    scenario: Path | None = None,
    until: datetime.date | str | None = None,
    threads: int | None = None,
    out: Path | None = None,
    force: bool = False,
    report: bool = False,
    progress: Progress = None,
) -> Results:
    """Run on from a snapshot with another future, as ``exodus fork`` does."""
    folder = _exodus.fork(
        os.fspath(snapshot),
        changes(set),
        None if scenario is None else os.fspath(scenario),
        day(until),
        None if out is None else os.fspath(out),
        bool(force),
        bool(report),
        threads_of(threads),
        told(progress, "fork"),
    )
    return Results(folder)
