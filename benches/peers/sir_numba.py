"""The epidemic as loops compiled by numba over compressed sparse rows: `EDGES AGENTS SEED`."""
import json
import sys
import time

started = time.perf_counter()
import numba  # noqa: E402
import numpy as np  # noqa: E402
from numba import njit  # noqa: E402
from numba_csr import rows, seed_numba  # noqa: E402

TICKS, BETA, DURATION, START = 60, 0.03, 10, 0.01
SUSCEPTIBLE, INFECTED, RECOVERED = 0, 1, 2


@njit
def step(tick, escape, starts, neighbours, state, since, new):
    counts = np.zeros(3, np.int64)
    n = len(state)
    for i in range(n):
        if state[i] == INFECTED and since[i] + DURATION <= tick:
            state[i] = RECOVERED
    for i in range(n):
        new[i] = state[i]
        if state[i] == SUSCEPTIBLE:
            infected = 0
            for k in range(starts[i], starts[i + 1]):
                infected += state[neighbours[k]] == INFECTED
            if infected and np.random.random() >= escape[infected]:
                new[i] = INFECTED
                since[i] = tick
        counts[new[i]] += 1
    return counts


edges, n, seed = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
starts, neighbours = rows(n, np.fromfile(edges, "<u4").reshape(-1, 2))
random = np.random.default_rng(seed)
state = (random.random(n) < START).astype(np.uint8)
since = np.zeros(n, np.int32)
escape = (1 - BETA) ** np.arange(np.diff(starts).max() + 1)
new = state.copy()
seed_numba(seed)
step(0, escape, starts, neighbours, state.copy(), since.copy(), new.copy())  # compiles
setup = time.perf_counter() - started

shares = []
begun = time.perf_counter()
for tick in range(TICKS):
    counts = step(tick, escape, starts, neighbours, state, since, new)
    state, new = new, state
    shares.append((counts / n).tolist())
seconds = time.perf_counter() - begun
print(json.dumps({"setup_seconds": setup, "loop_seconds": seconds, "shares": shares, "version": numba.__version__}))
