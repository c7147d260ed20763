"""Tables of results."""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from . import _exodus

if TYPE_CHECKING:
    import pandas
    import polars
    import pyarrow


class Table:
    """Columns of one length, in memory.

    It speaks the Arrow PyCapsule interface, so that ``polars.DataFrame(table)``, ``pyarrow.table(table)`` and DuckDB take it as it
    is. Dates are days, shares are from 0 to 1, people are numbers of people and not of simulated users; empty cells are null.
    """

    def __init__(self, table: _exodus.Table) -> None:
        self._table = table

    @classmethod
    def read(cls, path: str | os.PathLike[str]) -> Table:
        """Read a CSV or Parquet file that exodus wrote."""
        return cls(_exodus.read_table(os.fspath(path)))

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
        """A column as an array of shape (rows,): ``datetime64[D]`` for dates, numbers with NaN for null, objects for texts."""
        kind, values = self._table.column(name)
        if kind == "text":
            return np.array(values, dtype=object)
        array = np.asarray(values)
        return array.view("datetime64[D]") if kind == "date" else array

    def to_pandas(self) -> pandas.DataFrame:
        """A pandas frame; dates are ``datetime64``."""
        import pandas

        columns = {name: self[name] for name in self.columns}
        dates = {name: column.astype("datetime64[s]") for name, column in columns.items() if column.dtype.kind == "M"}
        return pandas.DataFrame({**columns, **dates})

    def to_polars(self) -> polars.DataFrame:
        """A polars frame."""
        import polars

        return polars.DataFrame(self)

    def to_pyarrow(self) -> pyarrow.Table:
        """A pyarrow table."""
        import pyarrow

        return pyarrow.table(self)

    def __repr__(self) -> str:
        return f"<exodus.Table of {len(self)} rows: {', '.join(self.columns)}>"
