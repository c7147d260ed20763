"""Figures with matplotlib."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ._errors import InputError
from ._table import Table

SHORT = {"reach": "monthly_reach", "use": "daily_use"}
#: Okabe and Ito's colours, which colour-blind readers can tell apart.
COLOURS = ["#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#000000", "#999999"]


def plot(series: Table, population: Table, column: str, ax: Any, messengers: Sequence[str] | None) -> Any:
    """Draw a column against the days; the axes."""
    import matplotlib.pyplot as plt

    column = SHORT.get(column, column)
    table = next((table for table in (series, population) if column in table.columns[1:]), None)
    if table is None or column == "messenger":
        allowed = [name for table in (series, population) for name in table.columns if name not in ("date", "messenger")]
        raise InputError(f"found no column {column!r}; allowed one of {', '.join(allowed)}")
    if ax is None:
        _, ax = plt.subplots(figsize=(7, 4), layout="constrained")
    dates, values = table["date"].astype("datetime64[s]"), table[column]
    unit, scale = ("million people", 1e6) if values.size and values.max() >= 1e6 else ("", 1.0)
    if table is population:
        ax.plot(dates, values / scale, color=COLOURS[0])
    else:
        names = table["messenger"]
        there = list(dict.fromkeys(names))
        for name in messengers if messengers is not None else there:
            if name not in there:
                raise InputError(f"messengers: found {name!r}; allowed {', '.join(there)}")
            place = there.index(name)
            style = "-" if place < len(COLOURS) else "--"
            ax.plot(dates[names == name], values[names == name] / scale, style, color=COLOURS[place % len(COLOURS)], label=name)
        ax.legend(frameon=False)
    label = column.replace("_", " ").capitalize()
    ax.set_ylabel(f"{label}, {unit}" if unit else label)
    ax.set_ylim(bottom=0)
    ax.spines[["top", "right"]].set_visible(False)
    ax.figure.autofmt_xdate()
    return ax
