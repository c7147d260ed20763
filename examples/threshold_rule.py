"""The built-in rule `threshold` written again in Python, bit for bit: what to begin from, and a measure of what a rule costs.

    python examples/threshold_rule.py

prints how many adopt under both, whether everyone's public state is the same on every day, and the CPU time of each.
"""

import sys
import time

import exodus
import numpy as np
from numba import carray, cfunc


@cfunc(exodus.RULE())
def threshold(user, words, contacts, parameters):
    """Adopts the first messenger, for ever, when the share of contacts who have reaches the own threshold."""
    me = carray(user, 1)[0]
    if me.word & 1:
        return me.word
    adopters = np.uint32(0)
    for k in range(me.contacts):
        adopters += words[k] & np.uint32(1)
    pressure = np.float32(adopters) / np.float32(max(me.contacts, 1))
    # Numbers of 32 bits, as in the rule: rounding is part of it. A user's uniform number in (0, 1) is made of a word that stays.
    own = np.float32((me.fixed[0] >> 8) | 1) * np.float32(1 / 16_777_216)
    location, scale = np.float32(parameters[0]), np.float32(parameters[1])
    if pressure + np.float32(1e-6) >= location + scale * own:
        return np.uint32((me.word & 0xFFE00000) | 1)
    return me.word


CHANGES = {"model.threshold": {"distribution": "uniform", "location": 0.05, "scale": 0.35}}


def both(scenario="scenarios/watts-cascade.toml", users=50_000, days=120, **options):
    """The public states of every day under the built-in rule, and under this one; CPU seconds of the days of each."""
    words, seconds = [], []
    for rule in (None, threshold):
        sim = exodus.Simulation(scenario, users=users, set=CHANGES, rule=rule, parameters=[0.05, 0.35], **options)
        words.append([sim.words])
        seconds.append(0.0)
        for _ in range(days):
            begun = time.process_time()
            sim.step()
            seconds[-1] += time.process_time() - begun
            words[-1].append(sim.words)
    return words, seconds


if __name__ == "__main__":
    (built_in, ours), seconds = both(*sys.argv[1:2])
    same = all((a == b).all() for a, b in zip(built_in, ours))
    print(f"adopters {(built_in[-1] & 1).sum()} and {(ours[-1] & 1).sum()}; the same every day: {same}")
    print(f"CPU time {seconds[0]:.2f} s and {seconds[1]:.2f} s")
