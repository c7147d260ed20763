"""The reference workload in Mesa: agents that hold a list of their neighbours, decide, then advance: `EDGES AGENTS SEED`."""
import json
import sys
import time

started = time.perf_counter()
from math import exp  # noqa: E402

import mesa  # noqa: E402
import numpy as np  # noqa: E402

TICKS = 50
APPEAL = (1.0, 0.8, 0.2, 0.0)


class User(mesa.Agent):
    def __init__(self, model, app, taste, vpn):
        super().__init__(model)
        self.app = self.next_app = app
        self.taste = taste
        self.penalty = 1.0 if vpn else 2.0
        self.neighbours = []

    def decide(self):
        random = self.model.random.random
        if random() >= 0.1:
            return
        on = [0, 0, 0, 0]
        for other in self.neighbours:
            on[other.app] += 1
        weight = 2.0 / max(len(self.neighbours), 1)
        utility = [a + t + weight * count for a, t, count in zip(APPEAL, self.taste, on)]
        if self.model.held_back:
            utility[0] -= self.penalty
        weights = [exp(u) for u in utility]
        left = random() * sum(weights)
        choice = 0
        while choice < 3 and left >= weights[choice]:
            left -= weights[choice]
            choice += 1
        self.next_app = choice

    def advance(self):
        self.app = self.next_app


class World(mesa.Model):
    def __init__(self, edges, n, seed):
        super().__init__(seed=seed)
        random = np.random.default_rng(seed)
        start = np.searchsorted([0.60, 0.90, 0.95], random.random(n), side="right").tolist()
        taste = (random.random((n, 4)) - 0.5).tolist()
        vpn = (random.random(n) < 0.3).tolist()
        users = [User(self, start[i], taste[i], vpn[i]) for i in range(n)]
        for a, b in np.fromfile(edges, "<u4").reshape(-1, 2).tolist():
            users[a].neighbours.append(users[b])
            users[b].neighbours.append(users[a])
        self.held_back = False
        self.tick = 0
        self.shares = []

    def step(self):
        self.held_back = self.tick >= TICKS // 2
        self.agents.do("decide")
        self.agents.do("advance")
        users = [0, 0, 0, 0]
        for agent in self.agents:
            users[agent.app] += 1
        self.shares.append([count / len(self.agents) for count in users])
        self.tick += 1


world = World(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]))
setup = time.perf_counter() - started
begun = time.perf_counter()
for _ in range(TICKS):
    world.step()
seconds = time.perf_counter() - begun
print(json.dumps({"setup_seconds": setup, "loop_seconds": seconds, "shares": world.shares, "version": mesa.__version__}))
