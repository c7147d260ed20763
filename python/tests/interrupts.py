"""How long after Ctrl-C each kind of work ends: `python tests/interrupts.py`, in an empty folder."""

import os
import pathlib
import signal
import sys
import tempfile
import threading
import time

import exodus

ROOT = pathlib.Path(__file__).parents[2]
WORLD = ROOT / "scenarios" / "whatsapp-outage.toml"
USERS = 200_000

SWEEP = f"""
name = "long"
scenario = "{WORLD}"
design = "grid"
users = {USERS}
replicates = 1000
[[factor]]
name = "rate"
key = "model.review_rate"
values = [0.02, 0.1, 0.2]
[[output]]
name = "reach"
series = "monthly_reach"
messenger = "WhatsApp"
at = 2025-06-30
"""


def graph(out):
    while True:
        exodus.Simulation(WORLD, users=3_000_000, set={"model.warm_up_days": 0, "model.settle_days": 0})


def warm_up(out):
    exodus.Simulation(WORLD, users=1_000_000, set={"model.warm_up_days": 2000})


def days(out):
    sim = exodus.Simulation(WORLD, users=USERS)
    while True:
        sim.fork().run()


def run(out):
    exodus.run(WORLD, users=2_000_000, out=out, progress=False)


def replicates(out):
    exodus.run(WORLD, users=USERS, replicates=1000, out=out, progress=False)


def sweep(out):
    file = pathlib.Path(out).with_suffix(".toml")
    file.write_text(SWEEP)
    exodus.sweep(file, out=out, progress=False)


def calibrate(out):
    exodus.calibrate(ROOT / "calibrations/russia.toml", out=out, progress=False)


def score(out):
    exodus.score(ROOT / "calibrations/russia.toml", out=out, progress=False)


def validate(out):
    exodus.validate(ROOT / "scenarios/russia.toml", out=out, progress=False)


def resilience(out):
    exodus.resilience(WORLD, "2025-06-16", users=USERS, replicates=20, days=1000, out=out, progress=False)


def compare(out):
    a = exodus.run(WORLD, users=20_000, out=f"{out}-a", progress=False)
    b = exodus.run(WORLD, users=20_000, out=f"{out}-b", set={"model.review_rate": 0.2}, progress=False)
    while True:
        exodus.compare(a, b, out=out, force=True)


#: Each would take minutes, or for ever.
WORKS = [graph, warm_up, days, run, replicates, sweep, calibrate, score, validate, resilience, compare]


def interrupt(work, folder, after=1.0):
    """Sends Ctrl-C into some work; seconds from then to its end."""
    sent = []

    def send():
        sent.append(time.monotonic())
        os.kill(os.getpid(), signal.SIGINT)

    # What a shell starts in the background ignores Ctrl-C.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    timer = threading.Timer(after, send)
    timer.start()
    try:
        work(os.path.join(folder, work.__name__))
    except KeyboardInterrupt:
        return time.monotonic() - sent[0]
    finally:
        timer.cancel()
    raise AssertionError(f"{work.__name__} ended by itself")


if __name__ == "__main__":
    for work in WORKS:
        waits = []
        for after in map(float, sys.argv[1:] or ["0.5", "1", "2", "3"]):
            with tempfile.TemporaryDirectory() as folder:
                waits.append(interrupt(work, folder, after))
        print(f"{work.__name__:<12}", " ".join(f"{wait:6.2f}" for wait in waits), flush=True)
