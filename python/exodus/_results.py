"""Folders of results, and what is in them."""

from __future__ import annotations

import html
import json
import os
import pathlib
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from . import _exodus
from ._errors import Error
from ._simulation import Path
from ._table import Table

if TYPE_CHECKING:
    import xarray

#: Names of the file that says what a folder holds.
MANIFESTS = [f"{name}.json" for name in ("manifest", "replicates", "comparison", "calibration", "validation", "study")]


class Results:
    """A folder of results: of a run, finished or not, of replicates, a sweep, a comparison, a calibration, a validation or a study.

    Its tables are read when they are asked for, by `table` or as attributes: of a run ``series``, ``population``, ``cohorts``,
    ``trace`` and ``events``; of replicates ``replicates``; of a sweep ``results``; of a comparison ``measures``, ``differences``,
    ``flows``; of a calibration ``parameters``, ``posterior``, ``cells``.

    Parameters
    ----------
    folder : path
        The folder, which the command or this package left.

    Attributes
    ----------
    folder : pathlib.Path
        The folder.

    Raises
    ------
    Error
        There is no such folder.

    Examples
    --------
    >>> import exodus
    >>> run = exodus.run("islands.toml", users=1000, progress=False)
    >>> run.tables
    ['cohorts', 'events', 'population', 'series', 'trace']
    >>> run.manifest["users"]
    1000
    """

    def __init__(self, folder: Path) -> None:
        self.folder = pathlib.Path(folder)
        if not self.folder.is_dir():
            raise Error(f"{self.folder}: found no folder of results there")

    @property
    def tables(self) -> list[str]:
        """Names of the tables."""
        ends = (".parquet", ".csv", ".part")
        names = {file.name[: -len(end)] for file in self.folder.iterdir() for end in ends if file.name.endswith(end)}
        return sorted(names)

    def table(self, name: str) -> Table:
        """Read a table, from Parquet where there is one, else from CSV; or as far as it has grown.

        Parameters
        ----------
        name : str
            One of `tables`.

        Returns
        -------
        Table
            The table.

        Raises
        ------
        Error
            There is no such table, or it is damaged.
        """
        for end in (".parquet", ".csv", ".part"):
            if (path := self.folder / f"{name}{end}").is_file():
                return Table.read(path)
        raise Error(f"{self.folder}: found no table {name!r}; allowed one of {', '.join(self.tables)}")

    def __getattr__(self, name: str) -> Table:
        if name.startswith("_") or "folder" not in self.__dict__:
            raise AttributeError(name)
        if name not in self.tables:
            raise AttributeError(f"found no {name!r} in results of {self.kind}; its tables: {', '.join(self.tables) or 'none'}")
        return self.table(name)

    def __dir__(self) -> list[str]:
        return [*super().__dir__(), *self.tables]

    @property
    def kind(self) -> str:
        """What the folder is of, in words such as ``"a run"``; ``"tables"`` where that is not known."""
        return _exodus.kind_of(os.fspath(self.folder)) or "tables"

    @property
    def manifest(self) -> dict[str, Any]:
        """What was done, how, by which version and on which machine; empty where the folder does not say."""
        for name in MANIFESTS:
            if (path := self.folder / name).is_file():
                found: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
                return found
        return {}

    @property
    def state_hash(self) -> str:
        """The xxh3-128 of a run's final state, 32 hexadecimal digits; empty before its end."""
        return str(self.manifest.get("state_hash", ""))

    @property
    def runs(self) -> list[Results]:
        """The runs of replicates, in order; empty of anything else."""
        return [Results(path) for path in sorted(self.folder.glob("replicate-*")) if path.is_dir()]

    def report(self) -> Page:
        """Make the page of these results, and their figures for print in ``figures/``.

        Returns
        -------
        Page
            The page, which a notebook shows inline.

        Raises
        ------
        InputError
            There is nothing to show, as of a validation.
        Error
            The results are not finished, or a file cannot be read or written.
        """
        return Page(pathlib.Path(_exodus.report(os.fspath(self.folder))))

    def plot(self, column: str = "monthly_reach", *, ax: Any = None, messengers: Sequence[str] | None = None) -> Any:
        """Draw a daily figure of a run or of replicates with matplotlib; of replicates, the mean and a band from 5 to 95 %.

        Parameters
        ----------
        column : str
            A column of ``series``, drawn as a line a messenger, or of ``population``. ``"reach"`` stands for ``monthly_reach``, ``"use"``
            for ``daily_use``.
        ax : matplotlib.axes.Axes, optional
            Where to draw. By default a new figure.
        messengers : sequence of str, optional
            Those to draw, in this order. By default all.

        Returns
        -------
        matplotlib.axes.Axes
            The axes; millions of people where numbers are that large.

        Raises
        ------
        InputError
            There is no such column or messenger.
        Error
            The folder is of something else.
        ImportError
            There is no matplotlib (``pip install exodus-abm[plot]``).
        """
        from ._plot import plot

        return plot(self, column, ax, messengers)

    def to_xarray(self) -> xarray.Dataset:
        """Give the daily figures, or the outputs of a sweep, as a labelled array.

        Returns
        -------
        xarray.Dataset
            Of a run, columns of ``series`` by (date, messenger) and of ``population`` by (date); of replicates the same with a dimension
            ``replicate`` before; of a sweep, outputs by (point, replicate) with the factors as coordinates of ``point``.

        Raises
        ------
        InputError
            The folder is of something else.
        ImportError
            There is no xarray (``pip install exodus-abm[xarray]``).
        """
        from ._arrays import to_xarray

        return to_xarray(self)

    def to_arviz(self) -> Any:
        """Give the posterior sample of a calibration to ArviZ.

        Returns
        -------
        xarray.DataTree or arviz.InferenceData
            What the installed ArviZ works on: groups ``posterior`` (the parameters, one chain), ``sample_stats`` (``error``, the weighted
            error of each member) and ``observed_data`` (targets in millions of people).

        Raises
        ------
        InputError
            The folder is not of a calibration with a posterior sample.
        ImportError
            There is no ArviZ (``pip install exodus-abm[arviz]``).
        """
        from ._arrays import to_arviz

        return to_arviz(self)

    def __repr__(self) -> str:
        return f"<exodus.Results of {self.kind} in {self.folder}>"


class Page:
    """A page of results, which a notebook shows inline.

    Parameters
    ----------
    path : pathlib.Path
        The file, which opens in any browser.

    Attributes
    ----------
    path : pathlib.Path
        The file.
    """

    def __init__(self, path: pathlib.Path) -> None:
        self.path = path

    def _repr_html_(self) -> str:
        text = html.escape(self.path.read_text(encoding="utf-8"), quote=True)
        return f'<iframe srcdoc="{text}" sandbox="allow-scripts" style="width: 100%; height: 800px; border: 0"></iframe>'

    def __repr__(self) -> str:
        return f"<exodus.Page {self.path}>"


def open_run(folder: Path) -> Results:
    """Open a folder of results that the command or this package left, of whatever kind.

    Parameters
    ----------
    folder : path
        The folder.

    Returns
    -------
    Results
        It.

    Raises
    ------
    Error
        There is no such folder.

    Examples
    --------
    >>> import exodus
    >>> run = exodus.run("islands.toml", users=1000, progress=False)
    >>> exodus.open_run(run.folder).kind
    'a run'
    """
    return Results(folder)
