"""Ctrl-C ends whatever is under way; how soon says `interrupts.py`."""

import exodus
import interrupts
import pytest


@pytest.mark.parametrize("work", interrupts.WORKS, ids=lambda work: work.__name__)
def test_ctrl_c_ends(work, tmp_path):
    """Each of these would take minutes, or for ever."""
    assert interrupts.interrupt(work, tmp_path) < 60


WORKS = {
    "run": (lambda **options: exodus.run("islands.toml", users=50_000, **options), ["series.csv", "population.csv", "cohorts.parquet"]),
    "replicates": (lambda **options: exodus.run("islands.toml", users=10_000, replicates=3, **options), ["replicates.csv"]),
    "sweep": (lambda **options: exodus.sweep("sweep.toml", users=20_000, **options), ["results.csv"]),
    "calibrate": (lambda **options: exodus.calibrate("calibration.toml", **options), ["parameters.csv", "posterior.csv", "best.toml"]),
}


@pytest.mark.parametrize("what", WORKS)
def test_what_was_interrupted_goes_on(what, files):
    """Ctrl-C comes in the middle; what is resumed ends as what was never stopped."""
    text = (files / "calibration.toml").read_text().replace("users = 400", "users = 20_000")
    (files / "calibration.toml").write_text(text)
    work, tables = WORKS[what]

    def stop(done, of):
        if 0 < done < of:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        work(out="stopped", progress=stop)
    stopped = exodus.open_run("stopped")
    assert stopped.manifest.get("status") != "finished" and not (files / "stopped" / tables[-1]).exists()
    whole = work(out="whole", progress=False)
    exodus.resume("stopped", progress=False)
    for table in tables:
        assert (files / "stopped" / table).read_bytes() == (whole.folder / table).read_bytes(), table
