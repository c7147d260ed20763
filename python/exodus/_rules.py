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
    """Give the signature of a rule, for numba's ``cfunc``.

    Returns
    -------
    numba signature
        ``uint32(USER *, uint32 *, uint32 *, float64 *)``: what the user sees, the contacts' words of yesterday and their user numbers
        (both of length ``contacts``), the parameters; the user's new word.

    Raises
    ------
    ImportError
        There is no numba (``pip install exodus-abm[rules]``).
    """
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


def _public(words: Any) -> Any:
    if isinstance(words, int):
        return words
    array = np.asarray(words)
    if array.dtype.kind not in "iu":
        raise InputError(f"words: found an array of {array.dtype}; allowed public states, whole numbers")
    return array if array.itemsize >= 4 else array.astype(np.uint32)


def holdings(words: Any) -> Any:
    """Read from public states which messengers are held.

    Parameters
    ----------
    words : int or array of uint32
        Public states, such as `Simulation.words`.

    Returns
    -------
    int or array of the same shape
        A bit for each messenger, in the scenario's order.

    Examples
    --------
    >>> import exodus
    >>> exodus.holdings(0b0000_0101 | 2 << 16)
    5
    """
    return _public(words) & 0xFFFF


def main(words: Any) -> Any:
    """Read the main app from public states.

    Parameters
    ----------
    words : int or array of uint32
        Public states, such as `Simulation.words`.

    Returns
    -------
    int or array of the same shape
        Its place in the scenario's list of messengers; 31 where there is none.

    Examples
    --------
    >>> import exodus
    >>> exodus.main(0b0000_0101 | 2 << 16)
    2
    """
    return _public(words) >> 16 & 31


def vpn(words: Any) -> Any:
    """Read from public states who has a VPN.

    Parameters
    ----------
    words : int or array of uint32
        Public states, such as `Simulation.words`.

    Returns
    -------
    int or array of the same shape
        0 or 1.

    Examples
    --------
    >>> import exodus
    >>> exodus.vpn(1 << 23)
    1
    """
    return _public(words) >> 23 & 1
