"""Results in frames and figures, and experiments of many runs."""

import exodus
import numpy as np
import pytest
from conftest import ROOT, USERS


@pytest.fixture(scope="module")
def done(tmp_path_factory):
    path = ROOT / "scenarios" / "whatsapp-outage.toml"
    return exodus.run(path, users=USERS, out=tmp_path_factory.mktemp("run") / "a", progress=False)


def test_tables_are_frames_everywhere(done):
    pandas, polars, pyarrow = (pytest.importorskip(name) for name in ("pandas", "polars", "pyarrow"))
    frame, series = done.series.to_pandas(), done.series
    assert frame["date"].dtype.kind == "M" and list(frame.columns) == series.columns
    # CSV is rounded, people to one decimal and shares to six; Parquet is not.
    wanted = pandas.read_csv(done.folder / "series.csv", parse_dates=["date"])
    places = {name: 1 if wanted[name].max() > 100 else 6 for name in wanted.columns[2:]}
    pandas.testing.assert_frame_equal(frame.round(places), wanted.round(places), check_dtype=False)
    assert (frame["main_share"].round(6) != frame["main_share"]).any()
    # Whoever reads the file without us gets dates that pandas computes with.
    assert pandas.read_parquet(done.folder / "series.parquet")["date"].dtype.kind == "M"
    assert (pandas.read_parquet(done.folder / "trace.parquet")["date"] >= "2025-04-30").all()
    assert done.cohorts.to_pandas()["date"].dtype.kind == "M" and done.trace.to_pandas()["vpn"].dtype == bool
    assert polars.DataFrame(done.population).shape == done.population.to_polars().shape
    parquet = pytest.importorskip("pyarrow.parquet")
    assert pyarrow.table(done.cohorts).num_rows == parquet.read_metadata(done.folder / "cohorts.parquet").num_rows > 0
    assert {"series", "population", "cohorts", "trace", "events"} <= set(done.tables) <= set(dir(done))


def test_a_table_of_each_kind_of_cell(tmp_path):
    (tmp_path / "t.csv").write_text("date,n,x,flag,text,none\n2025-01-02,1,0.5,true,a,\n,,,,,\n2025-01-04,3,-1e3,false,nan,\n")
    table = exodus.Table.read(tmp_path / "t.csv")
    assert table["date"].tolist()[0].isoformat() == "2025-01-02" and np.isnat(table["date"][1])
    assert np.isnan(table["n"][1]) and table["n"][2] == 3 and table["x"][2] == -1000
    assert table["flag"].tolist() == [True, None, False] and table["text"].tolist() == ["a", None, "nan"]
    assert np.isnan(table["none"]).all() and len(table) == 3


def test_figures_and_pages(done):
    matplotlib = pytest.importorskip("matplotlib")
    matplotlib.use("agg")
    axes = done.plot("reach")
    assert len(axes.lines) == len(set(done.series["messenger"])) and "Monthly reach" in axes.get_ylabel()
    assert len(done.plot("vpn_share").lines) == 1
    with pytest.raises(ValueError, match="allowed one of"):
        done.plot("nonsense")
    page = done.report()
    assert page.path.stat().st_size > 10_000 and "<iframe" in page._repr_html_()


def test_progress_is_told(scenario, tmp_path):
    told = []
    exodus.run(scenario, users=500, out=tmp_path / "run", progress=lambda done, of: told.append((done, of)))
    assert told[-1][0] == told[-1][1] > 50 and told == sorted(told)


SWEEP = """
name = "rates"
scenario = "{scenario}"
design = "grid"
users = 500
replicates = 2
[[factor]]
name = "rate"
key = "model.review_rate"
values = [0.02, 0.2]
[[output]]
name = "reach"
series = "monthly_reach"
messenger = "WhatsApp"
at = 2025-06-30
"""


def test_a_sweep_gives_a_frame(scenario, tmp_path, command):
    (tmp_path / "sweep.toml").write_text(SWEEP.format(scenario=scenario))

    ours = exodus.sweep(tmp_path / "sweep.toml", out=tmp_path / "ours", progress=False)
    command("sweep", tmp_path / "sweep.toml", "--out", tmp_path / "theirs", "--quiet", "--no-report")
    assert (tmp_path / "ours/results.csv").read_bytes() == (tmp_path / "theirs/results.csv").read_bytes()
    assert len(ours.results) == 4 and sorted(set(ours.results["rate"].tolist())) == [0.02, 0.2] and (ours.results["reach"] > 0).all()
    # One that is finished is not done again.
    told = []
    exodus.sweep(tmp_path / "sweep.toml", out=tmp_path / "ours", progress=lambda done, of: told.append((done, of)))
    assert set(told) <= {(0, 0), (4, 4)}
    table = exodus.sensitivity(ours, bootstrap=50)
    assert len(table) > 0 and "factor" in table.columns


def test_a_comparison_gives_frames(scenario, done, tmp_path):
    other = exodus.run(scenario, users=USERS, set={"model.review_rate": 0.2}, out=tmp_path / "b", progress=False)
    both = exodus.compare(done, other, out=tmp_path / "c")
    assert len(both.measures) > 0 and len(both.differences) > 0
    with pytest.raises(ValueError, match="two or more"):
        exodus.compare(done)


def test_patterns_give_a_frame(tmp_path):
    checks = exodus.validate(ROOT / "scenarios" / "russia.toml", users=500, replicates=1, progress=False)
    assert len(checks) > 20


def test_the_command_is_there(command, tmp_path):
    assert "exodus" in command("--version").stdout
    assert command("run", "nowhere.toml", check=False).returncode != 0
    assert command("nonsense", check=False).returncode == 2
    script = command("sweep", ROOT / "sweeps" / "vpn-effectiveness.toml", "--slurm", "2", "--out", tmp_path / "slurm")
    # What a job calls is the command, and not Python.
    assert "/exodus' sweep" in (tmp_path / "slurm" / "slurm.sh").read_text() and script.stdout


def test_doctests():
    import doctest

    from exodus import _graph

    for module in (exodus, _graph):
        found = doctest.testmod(module)
        assert found.attempted > 0 and found.failed == 0
