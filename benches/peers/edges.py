"""Makes the edge file that all tools share: `AGENTS FILE`.

A small world of Watts and Strogatz: a ring with 8 neighbours a side, of whose ties 10 % move their far end to a uniformly
random agent; then the agents are numbered in random order. The file holds a tie as two little-endian 32-bit numbers,
the smaller first; ties are sorted and none is repeated (a moved tie that meets another is lost: one in about 10^5).
"""
import os
import sys

import numpy as np

agents, file = int(sys.argv[1]), sys.argv[2]
random = np.random.default_rng(20250101)
ring = np.arange(agents, dtype=np.int64)
source = np.repeat(ring, 8)
target = (source + np.tile(np.arange(1, 9), agents)) % agents
moved = np.flatnonzero(random.random(source.size) < 0.1)
while moved.size:
    target[moved] = random.integers(agents, size=moved.size)
    moved = moved[target[moved] == source[moved]]
number = random.permutation(agents)
source, target = number[source], number[target]
ties = np.unique(np.minimum(source, target) * agents + np.maximum(source, target))
np.stack([ties // agents, ties % agents], axis=1).astype("<u4").tofile(file + ".part")
os.replace(file + ".part", file)
