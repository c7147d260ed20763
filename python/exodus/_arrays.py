"""Results for xarray and ArviZ."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from ._errors import InputError

if TYPE_CHECKING:
    import pandas
    import xarray

    from ._results import Results


def to_xarray(results: Results) -> xarray.Dataset:
    """As `Results.to_xarray`."""
    import xarray

    kind = results.kind
    if kind == "a run":
        return _of_run(results)
    if kind == "replicates":
        runs = results.runs
        return xarray.concat([_of_run(run) for run in runs], "replicate").assign_coords(replicate=range(len(runs)))
    if kind == "a sweep" and "results" in results.tables:
        factors = [factor["name"] for factor in results.manifest["factors"]]
        frame = results.table("results").to_pandas()
        points = frame.drop_duplicates("point").set_index("point")[factors]
        cells = frame.drop(columns=[*factors, "seed"])
        outputs = _by(cells, ["point", "replicate"])
        return outputs.assign_coords({factor: ("point", points.loc[outputs.point.values, factor].to_numpy()) for factor in factors})
    raise InputError(f"{results.folder}: found {kind}; allowed a run, replicates or a finished sweep")


def _of_run(results: Results) -> xarray.Dataset:
    series = _by(results.table("series").to_pandas(), ["date", "messenger"])
    return series.merge(_by(results.table("population").to_pandas(), ["date"]))


def _by(frame: pandas.DataFrame, dimensions: list[str]) -> xarray.Dataset:
    """A table as arrays; labels stay in the order in which they come."""
    labels = {name: frame[name].unique() for name in dimensions}
    return frame.set_index(dimensions).to_xarray().sel(labels)


def to_arviz(results: Results) -> Any:
    """As `Results.to_arviz`."""
    import arviz

    if results.kind != "a calibration" or "posterior" not in results.tables:
        raise InputError(f"{results.folder}: found {results.kind}; allowed a calibration with a posterior sample")
    sample, cells = results.table("posterior"), results.table("cells")
    draws = {name: np.asarray(sample[name], dtype=float)[np.newaxis] for name in sample}
    targets = {
        series: cells["target_mln"][cells["series"] == series] for series in dict.fromkeys(cells["series"].tolist())
    }
    groups = {"sample_stats": {"error": draws.pop("error")}, "posterior": draws, "observed_data": targets}
    # One mapping since ArviZ 1.
    return arviz.from_dict(groups) if int(arviz.__version__.split(".")[0]) >= 1 else arviz.from_dict(**groups)
