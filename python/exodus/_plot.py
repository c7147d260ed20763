"""Figures with matplotlib."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import numpy.typing as npt

from ._errors import InputError

if TYPE_CHECKING:
    from ._results import Results

SHORT = {"reach": "monthly_reach", "use": "daily_use"}
#: Okabe and Ito's colours, which colour-blind readers can tell apart.
COLOURS = ["#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#000000", "#999999"]


class Lines(NamedTuple):
    """A daily figure, a row per day and messenger; of the people as a whole there is no messenger."""

    dates: npt.NDArray[np.datetime64]
    messengers: npt.NDArray[np.object_] | None
    values: npt.NDArray[np.float64]
    band: tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]] | None


def lines(results: Results, column: str) -> Lines:
    """A daily figure of a run or of replicates."""
    if results.kind == "replicates":
        table = results.table("replicates")
        here = table["column"] == column
        if here.any():
            names = table["messenger"][here]
            dates, mean, low, high = (table[name][here] for name in ("date", "mean", "q05", "q95"))
            return Lines(dates, None if names[0] is None else names, mean, (low, high))
        columns = list(dict.fromkeys(table["column"].tolist()))
    else:
        tables = [results.table("series"), results.table("population")]
        for table in tables:
            if column in table.columns and column not in ("date", "messenger"):
                names = table["messenger"] if "messenger" in table.columns else None
                return Lines(table["date"], names, table[column], None)
        columns = [name for table in tables for name in table.columns if name not in ("date", "messenger")]
    raise InputError(f"column: found {column!r}; allowed one of {', '.join(columns)}")


def plot(results: Results, column: str, ax: Any, messengers: Sequence[str] | None) -> Any:
    """Draw a daily figure; the axes."""
    import matplotlib.pyplot as plt

    column = SHORT.get(column, column)
    found = lines(results, column)
    there = [] if found.messengers is None else list(dict.fromkeys(found.messengers.tolist()))
    chosen = there if messengers is None else list(messengers)
    for name in chosen:
        if name not in there:
            raise InputError(f"messengers: found {name!r}; allowed {', '.join(there) or 'none, as the column is of all people'}")
    if ax is not None and not (hasattr(ax, "plot") and hasattr(ax, "fill_between")):
        raise InputError(f"ax: found {type(ax).__name__}; allowed axes of matplotlib")
    if ax is None:
        _, ax = plt.subplots(figsize=(7, 4), layout="constrained")
    many = found.values.size and np.nanmax(found.values) >= 1e6
    unit, scale = ("million people", 1e6) if many else ("", 1.0)
    everyone = np.full(len(found.values), True)
    for name in chosen if there else [None]:
        place = 0 if name is None else there.index(name)
        rows = everyone if name is None else found.messengers == name
        style, colour = "-" if place < len(COLOURS) else "--", COLOURS[place % len(COLOURS)]
        dates = found.dates[rows].astype("datetime64[s]")
        ax.plot(dates, found.values[rows] / scale, style, color=colour, label=name)
        if found.band is not None:
            low, high = (end[rows] / scale for end in found.band)
            ax.fill_between(dates, low, high, color=colour, alpha=0.2, linewidth=0)
    if there:
        ax.legend(frameon=False)
    label = column.replace("_", " ").capitalize().replace("Vpn", "VPN").replace("vpn", "VPN")
    ax.set_ylabel(f"{label}, {unit}" if unit else label)
    ax.set_ylim(bottom=0)
    ax.spines[["top", "right"]].set_visible(False)
    ax.figure.autofmt_xdate()
    return ax
