"""Own rules of choice: functions that were compiled, called for each review by all threads.

A rule is ``uint32_t decide(const user *, const uint32_t *words, const uint32_t *contacts, const double *parameters)``: it is
shown what a user sees (`USER`), the public states of the contacts, their user numbers, and numbers of its own, and returns the
user's new word. With numba::

    from numba import carray, cfunc
    import exodus

    @cfunc(exodus.RULE())
    def copy_the_first(user, words, contacts, parameters):
        me = carray(user, 1)[0]
        return me.word if me.contacts == 0 else words[0]

    sim = exodus.Simulation("islands.toml", rule=copy_the_first)
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from ._errors import InputError

#: What a user sees on the day of a review.
#:
#: ``user``: number; ``day``: tick, 0 is the first; ``days`` since the last review; ``word``: own public state (`holdings`, `main`
#: and `vpn` read it); ``contacts``: how many; ``household``: user number of its first member; ``draws``: four random words of this
#: user and day; ``fixed``: four that are the user's for ever; ``works``: messengers that work today, a bit each; ``aware``:
#: messengers known, a bit each; ``region``, ``age``: places in the scenario's lists; ``urban``: 0 or 1; ``groups``: a bit each.
USER = np.dtype(
    [
        ("user", "<u4"),
        ("day", "<i4"),
        ("days", "<i4"),
        ("word", "<u4"),
        ("contacts", "<u4"),
        ("household", "<u4"),
        ("draws", "<u4", (4,)),
        ("fixed", "<u4", (4,)),
        ("works", "<u2"),
        ("aware", "<u2"),
        ("region", "u1"),
        ("urban", "u1"),
        ("age", "u1"),
        ("groups", "u1"),
    ],
    align=True,
)

#: The C declaration of the same.
USER_C = """
typedef struct {
    uint32_t user; int32_t day; int32_t days; uint32_t word; uint32_t contacts; uint32_t household;
    uint32_t draws[4]; uint32_t fixed[4];
    uint16_t works; uint16_t aware; uint8_t region; uint8_t urban; uint8_t age; uint8_t groups;
} exodus_user;
"""


def RULE() -> Any:
    """The signature of a rule, for numba's ``cfunc``."""
    import numba

    types: Any = numba.types
    user = numba.from_dtype(USER)
    words = types.CPointer(types.uint32)
    return types.uint32(types.CPointer(user), words, words, types.CPointer(types.float64))


def pointer(rule: Any, parameters: Sequence[float] = ()) -> tuple[int, list[float]] | None:
    """Address and parameters of a rule."""
    if rule is None:
        return None
    numbers = [float(x) for x in parameters]
    address = getattr(rule, "address", rule)
    if isinstance(address, bool) or not isinstance(address, int):
        address = _of_ctypes(rule)
    if address is None or not 0 < address < 2**64:
        what = "a Python function, which a million reviews a day cannot call" if callable(rule) else repr(rule)
        raise InputError(f"rule: found {what}; allowed a numba cfunc of signature exodus.RULE(), or the address of such a C function")
    return address, numbers


def _of_ctypes(rule: Any) -> int | None:
    import ctypes

    # Only functions of ctypes have both.
    if not (hasattr(rule, "argtypes") and hasattr(rule, "restype")):
        return None
    return ctypes.cast(rule, ctypes.c_void_p).value


def holdings(words: Any) -> Any:
    """Messengers held, a bit each in the scenario's order."""
    return words & 0xFFFF


def main(words: Any) -> Any:
    """Place of the main app in the scenario's list; 31 where there is none."""
    return words >> 16 & 31


def vpn(words: Any) -> Any:
    """Whether there is a VPN: 0 or 1."""
    return words >> 23 & 1
