"""How far work is: a bar where somebody looks, or whatever the caller wants to be told."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from typing import Any, Union

Told = Callable[[int, int], object]
Progress = Union[bool, Told, None]


def told(progress: Progress, what: str) -> Told | None:
    """What is called with steps done and steps in all, about ten times a second.

    A bar by default on a terminal and in a notebook: tqdm's where it is installed, else a plain line.
    """
    if callable(progress):
        return progress
    if progress is None:
        progress = sys.stderr is not None and (sys.stderr.isatty() or _in_notebook())
    if not progress:
        return None
    try:
        from tqdm.auto import tqdm
    except ImportError:
        return _Line(what)
    return _Tqdm(tqdm, what)


def _in_notebook() -> bool:
    shell = sys.modules.get("IPython")
    running = shell.get_ipython() if shell is not None else None
    return type(running).__name__ == "ZMQInteractiveShell"


class _Line:
    """A line of text that is written over."""

    def __init__(self, what: str) -> None:
        self.what, self.begun = what, time.monotonic()

    def __call__(self, done: int, of: int) -> None:
        if of == 0:
            return
        spent = time.monotonic() - self.begun
        left = f"{spent * (of - done) / done:.0f} s left" if done else ""
        bar = "#" * (30 * done // of)
        end = "\n" if done >= of else ""
        sys.stderr.write(f"\r{self.what} [{bar:<30}] {done}/{of}  {left:<12}{end}")
        sys.stderr.flush()


class _Tqdm:
    """tqdm's bar, in a terminal or a notebook."""

    def __init__(self, make: Any, what: str) -> None:
        self.make, self.what = make, what
        self.bar: Any = None

    def __call__(self, done: int, of: int) -> None:
        if of == 0:
            return
        if self.bar is None:
            self.bar = self.make(total=of, desc=self.what)
        self.bar.update(done - self.bar.n)
        if done >= of:
            self.bar.close()
