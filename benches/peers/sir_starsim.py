"""The epidemic in Starsim, with its own SIR disease on a static network: `EDGES AGENTS SEED`."""
import json
import os
import sys
import time

os.environ["STARSIM_INSTALL_FONTS"] = "0"
started = time.perf_counter()
import numpy as np  # noqa: E402
import starsim as ss  # noqa: E402

TICKS, BETA, DURATION, START = 60, 0.03, 10, 0.01


class Edges(ss.Network):
    """The edge file, as it is."""

    def __init__(self, ties):
        super().__init__()
        self.ties = ties

    def init_post(self):
        super().init_post()
        self.append(p1=ss.uids(self.ties[:, 0]), p2=ss.uids(self.ties[:, 1]), beta=np.ones(len(self.ties), ss.dtypes.float))

    def step(self):
        pass


edges, n, seed = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
ties = np.fromfile(edges, "<u4").reshape(-1, 2).astype(np.int64)
sir = ss.SIR(beta=ss.probperday(BETA), init_prev=ss.bernoulli(p=START), dur_inf=ss.constant(ss.days(DURATION)), p_death=0.0)
people = ss.People(n)
sim = ss.Sim(people=people, diseases=sir, networks=Edges(ties), dt=ss.days(1), start=ss.days(0), stop=ss.days(TICKS - 1), rand_seed=seed, verbose=0)
sim.init()
setup = time.perf_counter() - started

shares = []
begun = time.perf_counter()
for _ in range(TICKS):
    sim.run_one_step()
    disease = sim.diseases.sir
    shares.append([float(disease.susceptible.sum()) / n, float(disease.infected.sum()) / n, float(disease.recovered.sum()) / n])
seconds = time.perf_counter() - begun
print(json.dumps({"setup_seconds": setup, "loop_seconds": seconds, "shares": shares, "version": ss.__version__}))
