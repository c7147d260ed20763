"""Tables of results."""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from . import _exodus
from ._errors import InputError

if TYPE_CHECKING:
    import pandas
    import polars
    import pyarrow


class Table:
    """Columns of one length, in memory.

    It speaks the Arrow PyCapsule interface, so that ``polars.DataFrame(table)``, ``pyarrow.table(table)`` and DuckDB take it as it
    is. Dates are days, shares are from 0 to 1, people are numbers of people and not of simulated users; empty cells are null.
    ``table[name]`` is a column as an array of shape (rows,): ``datetime64[D]`` for dates, numbers with NaN for null, objects for texts.

    Examples
    --------
    >>> import exodus
    >>> sim = exodus.Simulation("islands.toml", users=1000)
    >>> sim.step(2)
    2
    >>> len(sim.series), sim.series["date"].dtype
    (6, dtype('<M8[D]'))
    """

    _table: _exodus.Table

    def __init__(self) -> None:
        raise InputError("found a Table made directly; allowed Table.read, and the tables of results and simulations")

    @classmethod
    def _of(cls, table: _exodus.Table) -> Table:
        made = cls.__new__(cls)
        made._table = table
        return made

    @classmethod
    def read(cls, path: str | os.PathLike[str]) -> Table:
        """Read a CSV or Parquet file that exodus wrote.

        Parameters
        ----------
        path : path
            The file; one that ends in ``.part`` is read as far as it has grown.

        Returns
        -------
        Table
            The table; columns of a CSV are of the narrowest type that all their cells have.

        Raises
        ------
        Error
            The file is no such table, or cannot be read.
        """
        return cls._of(_exodus.read_table(os.fspath(path)))

    def __arrow_c_stream__(self, requested_schema: object = None) -> object:
        return self._table.__arrow_c_stream__(requested_schema)

    def __len__(self) -> int:
        return len(self._table)

    @property
    def columns(self) -> list[str]:
        """Names of the columns."""
        return self._table.column_names()

    def __iter__(self) -> Iterator[str]:
        return iter(self.columns)

    def __getitem__(self, name: str) -> npt.NDArray[Any]:
        """Give a column, as the class says."""
        if not isinstance(name, str):
            raise InputError(f"found {name!r}; allowed the name of a column, {', '.join(self.columns)}")
        kind, values = self._table.column(name)
        if kind == "text":
            return np.array(values, dtype=object)
        array = np.asarray(values)
        return array.view("datetime64[D]") if kind == "date" else array

    def to_pandas(self) -> pandas.DataFrame:
        """Give a pandas frame.

        Returns
        -------
        pandas.DataFrame
            A copy; dates are ``datetime64[s]``, texts are objects.

        Raises
        ------
        ImportError
            There is no pandas (``pip install exodus-abm[pandas]``).
        """
        import pandas

        columns = {name: self[name] for name in self.columns}
        dates = {name: column.astype("datetime64[s]") for name, column in columns.items() if column.dtype.kind == "M"}
        return pandas.DataFrame({**columns, **dates})

    def to_polars(self) -> polars.DataFrame:
        """Give a polars frame.

        Returns
        -------
        polars.DataFrame
            The same columns; dates are ``Date``.

        Raises
        ------
        ImportError
            There is no polars (``pip install exodus-abm[polars]``).
        """
        import polars

        return polars.DataFrame(self)

    def to_pyarrow(self) -> pyarrow.Table:
        """Give a pyarrow table.

        Returns
        -------
        pyarrow.Table
            The same columns, not copied; dates are ``date32``.

        Raises
        ------
        ImportError
            There is no pyarrow.
        """
        import pyarrow

        return pyarrow.table(self)

    def __repr__(self) -> str:
        return f"<exodus.Table of {len(self)} rows: {', '.join(self.columns)}>"
