"""The epidemic in mesa-frames: agents as a table of polars, contacts by a join with the table of ties: `EDGES AGENTS SEED`."""
import json
import sys
import time

started = time.perf_counter()
from importlib.metadata import version  # noqa: E402

import numpy as np  # noqa: E402
import polars as pl  # noqa: E402
from mesa_frames import AgentSetPolars, ModelDF  # noqa: E402

TICKS, BETA, DURATION, START = 60, 0.03, 10, 0.01
SUSCEPTIBLE, INFECTED, RECOVERED = 0, 1, 2


class Users(AgentSetPolars):
    def __init__(self, model, n, ties):
        super().__init__(model)
        both = np.concatenate([ties, ties[:, ::-1]])
        self.ties = pl.DataFrame({"from": both[:, 0].astype(np.int64), "to": both[:, 1].astype(np.int64)})
        state = (self.random.random(n) < START).astype(np.uint8)
        self.add(pl.DataFrame({"unique_id": np.arange(n, dtype=np.int64), "state": state, "since": np.zeros(n, np.int32)}))
        self.tick = 0

    def step(self):
        ends = (pl.col("state") == INFECTED) & (pl.col("since") + DURATION <= self.tick)
        agents = self.agents.with_columns(state=pl.when(ends).then(pl.lit(RECOVERED, pl.UInt8)).otherwise(pl.col("state")))
        infected = agents.filter(pl.col("state") == INFECTED).select("unique_id")
        exposed = self.ties.join(infected, left_on="from", right_on="unique_id", how="semi").group_by("to").len("contacts")
        draws = pl.Series("draw", self.random.random(len(agents)))
        caught = (pl.col("state") == SUSCEPTIBLE) & (pl.col("draw") >= (1 - BETA) ** pl.col("contacts"))
        agents = agents.join(exposed, left_on="unique_id", right_on="to", how="left", maintain_order="left").with_columns(draws)
        agents = agents.with_columns(
            state=pl.when(caught).then(pl.lit(INFECTED, pl.UInt8)).otherwise(pl.col("state")),
            since=pl.when(caught).then(pl.lit(self.tick, pl.Int32)).otherwise(pl.col("since")),
        )
        self.agents = agents.drop("contacts", "draw")
        self.tick += 1


edges, n, seed = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
model = ModelDF(seed)
users = Users(model, n, np.fromfile(edges, "<u4").reshape(-1, 2))
model.agents += users
setup = time.perf_counter() - started

shares = []
begun = time.perf_counter()
for _ in range(TICKS):
    model.step()
    state = model.get_agents_of_type(Users).agents["state"]
    shares.append([float((state == k).sum()) / n for k in (SUSCEPTIBLE, INFECTED, RECOVERED)])
seconds = time.perf_counter() - begun
print(json.dumps({"setup_seconds": setup, "loop_seconds": seconds, "shares": shares, "version": version("mesa-frames")}))
