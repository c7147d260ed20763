"""The built-in rule `threshold` written again in Python, bit for bit: what to begin from, and a measure of what a rule costs.

    python examples/threshold_rule.py

prints the hash of the state that both come to, and the time of each.
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
    low, high = np.float32(parameters[0]), np.float32(parameters[1])
    if pressure + np.float32(1e-6) >= low + (high - low) * own:
        return np.uint32((me.word & 0xFFE00000) | 1)
    return me.word


CHANGES = {"model.threshold": {"distribution": "uniform", "a": 0.05, "b": 0.4}}


def both(scenario="scenarios/watts-cascade.toml", users=50_000, days=120, **options):
    """Hash and seconds of the built-in rule, and of this one."""
    found = []
    for rule in (None, threshold):
        sim = exodus.Simulation(scenario, users=users, set=CHANGES, rule=rule, parameters=[0.05, 0.4], **options)
        begun = time.process_time()
        sim.step(days)
        found.append((sim.hash(), time.process_time() - begun))
    return found


if __name__ == "__main__":
    (built_in, seconds), (ours, our_seconds) = both(*sys.argv[1:2])
    print(f"built-in {built_in} {seconds:.2f} s\nPython   {ours} {our_seconds:.2f} s")
