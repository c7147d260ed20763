"""Rules of one's own: the same as the built-in ones, the same on any threads, and never able to lead the engine astray."""

import importlib.util
import ctypes

import exodus
import numpy as np
import pytest
from conftest import ROOT, USERS

CASCADE = ROOT / "scenarios" / "watts-cascade.toml"


def example(name):
    pytest.importorskip("numba")
    spec = importlib.util.spec_from_file_location(name, ROOT / "examples" / f"{name}.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_threshold_in_python_is_threshold():
    module = example("threshold_rule")
    for threads in (1, 3):
        (built_in, ours), _ = module.both(CASCADE, users=20_000, days=40, threads=threads)
        assert len(built_in) == len(ours) == 41 and all((a == b).all() for a, b in zip(built_in, ours))
        assert (ours[-1] & 1).sum() > (ours[0] & 1).sum()


def test_a_new_rule_does_what_it_says(scenario):
    module = example("own_rule")
    shares = np.array(module.simulate(scenario, users=USERS))
    assert shares.shape[1] == 2 and (shares[-1] != shares[0]).any()
    # Who follows the many makes them more.
    first = int(shares[0].argmax())
    assert shares[-1, first] > shares[0, first]
    assert (shares == np.array(module.simulate(scenario, users=USERS))).all()


def test_what_a_user_sees_is_laid_out_as_in_c():
    names = {"uint32_t": ctypes.c_uint32, "int32_t": ctypes.c_int32, "uint16_t": ctypes.c_uint16, "uint8_t": ctypes.c_uint8}
    body = exodus.USER_C.split("{")[1].split("}")[0]
    fields = []
    for declaration in filter(None, (part.strip() for part in body.split(";"))):
        kind, name = declaration.split()
        base, _, length = name.partition("[")
        fields.append((base, names[kind] * int(length[:-1]) if length else names[kind]))
    User = type("User", (ctypes.Structure,), {"_fields_": fields})
    assert ctypes.sizeof(User) == exodus.USER.itemsize
    assert {name: getattr(User, name).offset for name, _ in fields} == {n: exodus.USER.fields[n][1] for n in exodus.USER.names}


def test_a_user_sees_what_is_there(scenario):
    """A C function by ctypes, called with Python's lock: slow, and enough to look at what it is given."""
    seen = []

    @ctypes.CFUNCTYPE(ctypes.c_uint32, ctypes.c_void_p, ctypes.POINTER(ctypes.c_uint32), ctypes.POINTER(ctypes.c_uint32), ctypes.c_void_p)
    def look(user, words, contacts, parameters):
        me = np.frombuffer((ctypes.c_char * exodus.USER.itemsize).from_address(user), exodus.USER)[0].copy()
        seen.append((me, [contacts[k] for k in range(me["contacts"])], [words[k] for k in range(me["contacts"])]))
        return 0xFFFFFFFF

    sim = exodus.Simulation(scenario, users=300, rule=look, threads=1)
    before, graph, traits = sim.words, sim.graph, sim.traits
    seen.clear()
    sim.step(1)
    assert len(seen) > 5
    for me, contacts, words in seen:
        user = int(me["user"])
        assert me["word"] == before[user] and me["day"] == 0
        assert contacts == graph.indices[graph.indptr[user] : graph.indptr[user + 1]].tolist()
        assert words == before[contacts].tolist()
        assert all(me[name] == traits[name][user] for name in ("region", "age", "urban", "groups"))
    # It held all and more, with a main app that is none: what is left is what there is.
    users = [int(me["user"]) for me, _, _ in seen]
    assert (exodus.holdings(sim.words[users]) == (1 << len(sim.messengers)) - 1).all()
    assert (sim.words[users] >> 24 == before[users] >> 24).all() and (exodus.main(sim.words[users]) == 31).all()


def test_observers_are_called_every_evening(scenario):
    sim = exodus.Simulation(scenario, users=USERS)
    days, changed = [], []
    assert sim.step(10, observers=[lambda s: days.append(s.day), lambda s: changed.append(len(s.changes))]) == 10
    assert days == list(range(10))
    assert changed == sim.population["changes"].tolist()
