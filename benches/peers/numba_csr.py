"""The reference workload as loops compiled by numba over compressed sparse rows: `EDGES AGENTS SEED`."""
import json
import sys
import time

started = time.perf_counter()
import numba  # noqa: E402
import numpy as np  # noqa: E402
from numba import njit  # noqa: E402

TICKS = 50


@njit
def rows(n, ties):
    starts = np.zeros(n + 1, np.int64)
    for k in range(len(ties)):
        starts[ties[k, 0] + 1] += 1
        starts[ties[k, 1] + 1] += 1
    for i in range(n):
        starts[i + 1] += starts[i]
    cursors = starts.copy()
    neighbours = np.empty(starts[n], np.uint32)
    for k in range(len(ties)):
        a, b = ties[k, 0], ties[k, 1]
        neighbours[cursors[a]] = b
        neighbours[cursors[b]] = a
        cursors[a] += 1
        cursors[b] += 1
    return starts, neighbours


@njit
def seed_numba(seed):
    np.random.seed(seed)


@njit
def step(held_back, appeal, taste, vpn, starts, neighbours, app, new):
    n = len(app)
    on = np.zeros(4, np.int64)
    weights = np.zeros(4)
    users = np.zeros(4, np.int64)
    for i in range(n):
        if np.random.random() >= 0.1:
            new[i] = app[i]
            users[new[i]] += 1
            continue
        on[:] = 0
        for k in range(starts[i], starts[i + 1]):
            on[app[neighbours[k]]] += 1
        degree = max(starts[i + 1] - starts[i], 1)
        total = 0.0
        for m in range(4):
            utility = appeal[m] + taste[i, m] + 2.0 * on[m] / degree
            if m == 0 and held_back:
                utility -= 1.0 if vpn[i] else 2.0
            weights[m] = np.exp(utility)
            total += weights[m]
        left = np.random.random() * total
        choice = 0
        while choice < 3 and left >= weights[choice]:
            left -= weights[choice]
            choice += 1
        new[i] = choice
        users[choice] += 1
    return users


edges, n, seed = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
starts, neighbours = rows(n, np.fromfile(edges, "<u4").reshape(-1, 2))
random = np.random.default_rng(seed)
appeal = np.array([1.0, 0.8, 0.2, 0.0])
taste = random.random((n, 4), dtype=np.float32) - np.float32(0.5)
vpn = random.random(n) < 0.3
app = np.searchsorted([0.60, 0.90, 0.95], random.random(n), side="right").astype(np.uint8)
new = app.copy()
seed_numba(seed)
step(False, appeal, taste, vpn, starts, neighbours, app, new.copy())  # compiles
setup = time.perf_counter() - started

shares = []
begun = time.perf_counter()
for tick in range(TICKS):
    users = step(tick >= TICKS // 2, appeal, taste, vpn, starts, neighbours, app, new)
    app, new = new, app
    shares.append((users / n).tolist())
seconds = time.perf_counter() - begun
print(json.dumps({"setup_seconds": setup, "loop_seconds": seconds, "shares": shares, "version": numba.__version__}))
