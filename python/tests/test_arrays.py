"""Results in xarray and ArviZ."""

import exodus
import numpy as np
import pytest

pytest.importorskip("xarray")


def test_a_run_by_date_and_messenger(files):
    run = exodus.run("islands.toml", users=500, until="2025-02-10", progress=False)
    data = run.to_xarray()
    assert data["messenger"].values.tolist() == ["North", "South", "East"] and data.sizes["date"] == 41
    series = run.series
    south = series["messenger"] == "South"
    assert (data["monthly_reach"].sel(messenger="South").values == series["monthly_reach"][south]).all()
    assert data["vpn_share"].dims == ("date",) and (data["vpn_share"].values == run.population["vpn_share"]).all()
    assert set(data) == {*series.columns[2:], *run.population.columns[1:]}


def test_replicates_have_a_dimension_more(files):
    runs = exodus.run("islands.toml", users=500, until="2025-01-20", replicates=3, progress=False)
    data = runs.to_xarray()
    assert data.sizes == {"replicate": 3, "date": 20, "messenger": 3}
    reach = data["monthly_reach"]
    assert (reach.std("replicate") > 0).any()
    for replicate, run in enumerate(runs.runs):
        assert (reach.sel(replicate=replicate).values.ravel() == run.series["monthly_reach"]).all()
    # The command's table of means is the same, rounded.
    table = runs.replicates
    here = table["column"] == "monthly_reach"
    assert np.allclose(table["mean"][here], reach.mean("replicate").values.ravel(), rtol=0, atol=1e-5 * reach.max())


def test_a_sweep_by_point_and_replicate(files):
    sweep = exodus.sweep("sweep.toml", progress=False)
    data = sweep.to_xarray()
    assert data.sizes == {"point": 3, "replicate": 2} and list(data) == ["reach"]
    assert data["rate"].dims == ("point",) and data["rate"].values.tolist() == [0.02, 0.1, 0.2]
    for point, replicate, reach in zip(*(sweep.results[name] for name in ("point", "replicate", "reach"))):
        assert data["reach"].sel(point=point, replicate=replicate) == reach


def test_a_calibration_is_a_posterior(files):
    arviz = pytest.importorskip("arviz")
    fit = exodus.calibrate("calibration.toml", progress=False)
    data = fit.to_arviz()
    assert data["posterior"]["rate"].shape == (1, 8) and (data["posterior"]["rate"].values[0] == fit.posterior["rate"]).all()
    assert (data["sample_stats"]["error"].values[0] == fit.posterior["error"]).all()
    assert np.allclose(data["observed_data"]["holders"].values, fit.cells["target_mln"])
    assert "rate" in arviz.summary(data).index


def test_what_has_no_such_array_says_so(files):
    fit = exodus.calibrate("calibration.toml", progress=False)
    with pytest.raises(ValueError, match="allowed a run, replicates or a finished sweep"):
        fit.to_xarray()
    run = exodus.run("islands.toml", users=500, until="2025-01-05", progress=False)
    pytest.importorskip("arviz")
    with pytest.raises(ValueError, match="allowed a calibration"):
        run.to_arviz()
