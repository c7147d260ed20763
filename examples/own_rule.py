"""A rule of choice of one's own in Python: people follow the group they see most of, and tire of it.

    pip install exodus-abm[rules,plot]
    python examples/own_rule.py

Everyone holds one of two apps. At a review a user looks at the contacts' main apps and takes the one that most of them have,
with a chance that falls the longer the own one has been kept (`tiring` days). Lines marked CHANGE are yours.
"""

import sys

import exodus
from numba import carray, cfunc


@cfunc(exodus.RULE())
def follow_the_many(user, words, contacts, parameters):
    me = carray(user, 1)[0]
    if me.contacts == 0:
        return me.word
    # CHANGE: how a user decides. Random words come from `draws`, never from elsewhere: then runs are the same on any threads.
    others = 0
    for k in range(me.contacts):
        others += ((words[k] >> 16) & 31) == 1
    share = others / me.contacts
    tired = min(me.days / parameters[0], 1.0)
    wanted = 1 if share > 0.5 else 0
    if (me.draws[0] >> 8) / 2**24 >= 0.2 + 0.8 * tired or not (me.works >> wanted) & 1:
        return me.word
    # Holdings, a bit an app; main app, from bit 16 on; VPN and class of access stay.
    return (me.word & 0xFFE00000) | (wanted << 16) | (1 << wanted)


def simulate(scenario="scenarios/whatsapp-outage.toml", users=20_000):
    """Shares of the two apps, a day each."""
    sim = exodus.Simulation(scenario, users=users, rule=follow_the_many, parameters=[30.0])
    return [[float((exodus.main(sim.words) == app).mean()) for app in (0, 1)] for _ in sim]


if __name__ == "__main__":
    import matplotlib

    matplotlib.use("agg")
    import matplotlib.pyplot as plt

    shares = simulate(*sys.argv[1:2])
    plt.plot(shares, label=["first app", "second app"])
    plt.xlabel("day")
    plt.ylabel("share of users")
    plt.legend(frameon=False)
    plt.savefig("own_rule.png", dpi=150)
    print("own_rule.png")
