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
    with pytest.raises(ValueError, match="messengers: found 'Nobody'"):
        done.plot("reach", messengers=["Nobody"])
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


def test_patterns_give_a_frame(files, command):
    checks = exodus.validate("patterns.toml", out="ours", progress=False)
    command("validate", files / "patterns.toml", "--out", files / "theirs", "--quiet")
    assert (files / "ours/checks.csv").read_bytes() == (files / "theirs/checks.csv").read_bytes()
    assert checks["verdict"].tolist() == ["pass"]
    # A scenario without patterns, and a folder with another validation, are told before anything is simulated.
    with pytest.raises(ValueError, match="without patterns"):
        exodus.validate("islands.toml", progress=False)
    with pytest.raises(ValueError, match="validation"):
        exodus.validate("patterns.toml", out="ours", progress=False)


def same_tables(ours, theirs, names):
    for name in names:
        assert (ours / name).read_bytes() == (theirs / name).read_bytes(), name


def test_thresholds_are_those_of_the_command(files, command):
    ours = exodus.sweep("threshold.toml", out="ours", progress=False)
    command("sweep", files / "threshold.toml", "--out", files / "theirs", "--quiet", "--no-report")
    same_tables(files / "ours", files / "theirs", ["thresholds.csv", "searches.csv"])
    assert ours.kind == "a study" and 0.0 < ours.thresholds["threshold"][0] < 0.1 and len(ours.searches) == 2
    assert ours.manifest["title"]


def test_resilience_is_that_of_the_command(files, command):
    told = []
    options = {"days": 20, "replicates": 2, "users": 500, "seed": 3, "set": {"model.review_rate": 0.1}}
    ours = exodus.resilience(
        "islands.toml", "2025-02-10", by="block", out="ours", progress=lambda done, of: told.append((done, of)), **options
    )
    command(
        "resilience", files / "islands.toml", "--on", "2025-02-10", "--by", "block", "--days", 20, "--replicates", 2, "--users", 500,
        "--seed", 3, "--set", "model.review_rate=0.1", "--out", files / "theirs", "--quiet", "--no-report",
    )
    same_tables(files / "ours", files / "theirs", ["losses.csv", "destinations.csv", "daily.csv"])
    assert {"North", "South", "East"} <= set(ours.losses["loss"]) and told[-1][0] == told[-1][1] == 2 * 7
    with pytest.raises(ValueError, match="allowed a day from"):
        exodus.resilience("islands.toml", "2035-01-01")
    with pytest.raises(ValueError, match="outage"):
        exodus.resilience("islands.toml", "2025-02-10", by="magic")


def test_fits_are_those_of_the_command(files, command):
    for verb, function, tables in (
        ("calibrate", exodus.calibrate, ["parameters.csv", "posterior.csv", "cells.csv", "best.toml"]),
        ("score", exodus.score, ["scores.csv", "summary.csv", "origins.csv"]),
    ):
        function("calibration.toml", out=f"ours-{verb}", progress=False)
        command(verb, files / "calibration.toml", "--out", files / f"theirs-{verb}", "--quiet", "--no-report")
        same_tables(files / f"ours-{verb}", files / f"theirs-{verb}", tables)
    assert 0.0005 < exodus.open_run("ours-calibrate").parameters["best"][0] < 0.02
    assert len(exodus.open_run("ours-score").summary) > 5


def test_replicates_are_those_of_the_command(files, command):
    told = []
    ours = exodus.run(
        "islands.toml", users=500, replicates=3, until="2025-03-31", out="ours", progress=lambda done, of: told.append((done, of))
    )
    command(
        "run", files / "islands.toml", "--users", 500, "--replicates", 3, "--until", "2025-03-31", "--out", files / "theirs", "--quiet", "--no-report"
    )
    same_tables(files / "ours", files / "theirs", ["replicates.csv", "scenario.toml", "replicates.toml"])
    assert ours.kind == "replicates" and told[-1] == (270, 270)
    assert [run.state_hash for run in ours.runs] == [run.state_hash for run in exodus.open_run("theirs").runs]
    # Of a snapshot each branches with draws of its own.
    sim = exodus.Simulation("islands.toml", users=500)
    sim.step(20)
    sim.snapshot("evening.exo")
    forks = exodus.fork("evening.exo", replicates=2, until="2025-02-20", out="forks", progress=False)
    command("fork", files / "evening.exo", "--replicates", 2, "--until", "2025-02-20", "--out", files / "theirs-too", "--quiet", "--no-report")
    assert (files / "forks/replicates.csv").read_bytes() == (files / "theirs-too/replicates.csv").read_bytes()
    assert len({run.state_hash for run in forks.runs}) == 2
    # Nothing is left to do of what is finished.
    assert exodus.resume("forks", progress=False).runs[0].state_hash == forks.runs[0].state_hash
    axes = pytest.importorskip("matplotlib.pyplot").subplots()[1]
    assert ours.plot("reach", ax=axes) is axes and len(axes.lines) == len(axes.collections) == 3


def test_the_command_is_there(command, tmp_path):
    assert "exodus" in command("--version").stdout
    assert command("run", "nowhere.toml", check=False).returncode != 0
    assert command("nonsense", check=False).returncode == 2
    script = command("sweep", ROOT / "sweeps" / "vpn-effectiveness.toml", "--slurm", "2", "--out", tmp_path / "slurm")
    # What a job calls is the command, and not Python.
    assert "/exodus' sweep" in (tmp_path / "slurm" / "slurm.sh").read_text() and script.stdout
