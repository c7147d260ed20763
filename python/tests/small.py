"""A small world and files of experiments on it, as the docstrings name them."""

import pathlib

ROOT = pathlib.Path(__file__).parents[2]

SWEEP = """
name = "rates"
scenario = "islands.toml"
design = "grid"
users = 500
until = 2025-02-28
replicates = 2
[[factor]]
name = "rate"
key = "model.review_rate"
values = [0.02, 0.1, 0.2]
[[output]]
name = "reach"
series = "monthly_reach"
messenger = "East"
at = 2025-02-28
"""

# Where the lead of the new messenger changes hands.
THRESHOLD = """
name = "tipping"
scenario = "islands.toml"
design = "threshold"
users = 500
replicates = 2
[search]
of = "reach"
value = 200000
halvings = 2
[[factor]]
name = "awareness"
key = "intervention.East campaign.awareness"
low = 0.0
high = 0.1
[[output]]
name = "reach"
series = "monthly_reach"
messenger = "East"
at = 2025-03-10
"""

PATTERNS = """
users = 1000
replicates = 2
[[world]]
scenario = "islands.toml"
output = [{ name = "North", series = "holders", messenger = "North", at = 2025-01-31 }]
[[pattern]]
number = 1
text = "most hold North"
check = [{ name = "North", plus = ["North"], low = 1e6, high = 1e7 }]
"""

CALIBRATION = """
scenario = "bass.toml"
targets = "targets.csv"
users = 400
seed = 5
flag = [{ name = "M", weight = 1.0 }]
series = [{ name = "holders", messenger = "Novelty", column = "holders", noise = 0.05, floor = 0.0002 }]
esmda = { members = 8, steps = 1 }
[score]
origins = ["2025-02", "2025-03"]
horizon = 2
members = 8
steps = 1
[[parameter]]
name = "rate"
meaning = "p (1/day)"
sets = [{ key = "model.hazard.spontaneous" }]
start = 0.004
low = 0.0005
high = 0.02
log = true
"""

TARGETS = "month,series,value_mln,flag\n" + "".join(
    f"2025-0{k + 1},holders,{share * 0.02},M\n" for k, share in enumerate([0.2, 0.45, 0.6, 0.65])
)


def write(folder, command):
    """Writes all of them; the scenario is that of ``exodus new``."""
    command("new", "islands", "--dir", folder)
    bass = (ROOT / "scenarios/bass.toml").read_text(encoding="utf-8").replace("mean_degree = 200", "mean_degree = 20")
    files = {
        "sweep": SWEEP, "threshold": THRESHOLD, "patterns": PATTERNS, "calibration": CALIBRATION, "bass": bass,
    }
    for name, text in files.items():
        (folder / f"{name}.toml").write_text(text, encoding="utf-8")
    (folder / "targets.csv").write_text(TARGETS, encoding="utf-8")
