"""The reference workload in whole arrays: the reviewers' rows of a scipy sparse matrix times who uses what: `EDGES AGENTS SEED`."""
import json
import sys
import time

started = time.perf_counter()
import numpy as np  # noqa: E402
import scipy  # noqa: E402
import scipy.sparse  # noqa: E402

TICKS = 50

edges, n, seed = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
ties = np.fromfile(edges, "<u4").reshape(-1, 2).astype(np.int32)
a, b = np.concatenate([ties[:, 0], ties[:, 1]]), np.concatenate([ties[:, 1], ties[:, 0]])
matrix = scipy.sparse.csr_matrix((np.ones(len(a), np.float32), (a, b)), shape=(n, n))
del ties, a, b
degree = np.maximum(np.diff(matrix.indptr), 1).astype(np.float32)
random = np.random.default_rng(seed)
appeal = np.array([1.0, 0.8, 0.2, 0.0], np.float32)
taste = random.random((n, 4), dtype=np.float32) - np.float32(0.5)
penalty = np.where(random.random(n) < 0.3, np.float32(1.0), np.float32(2.0))
app = np.searchsorted([0.60, 0.90, 0.95], random.random(n), side="right").astype(np.uint8)
users_of = np.eye(4, dtype=np.float32)
setup = time.perf_counter() - started

shares = []
begun = time.perf_counter()
for tick in range(TICKS):
    who = np.flatnonzero(random.random(n, dtype=np.float32) < 0.1)
    on = matrix[who] @ users_of[app]
    utility = appeal + taste[who] + 2.0 * on / degree[who, None]
    if tick >= TICKS // 2:
        utility[:, 0] -= penalty[who]
    below = np.cumsum(np.exp(utility), axis=1)
    draw = random.random(len(who), dtype=np.float32) * below[:, 3]
    app[who] = np.minimum((draw[:, None] >= below).sum(axis=1), 3)
    shares.append((np.bincount(app, minlength=4) / n).tolist())
seconds = time.perf_counter() - begun
version = f"{np.__version__} + {scipy.__version__}"
print(json.dumps({"setup_seconds": setup, "loop_seconds": seconds, "shares": shares, "version": version}))
