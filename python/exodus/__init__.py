"""Agent-based simulator of messenger choice: who moves when an app is taken away.

>>> import exodus
>>> exodus.__version__
'0.1.0'

`run` runs a scenario into a folder of results; `Simulation` is stepped and inspected; `sweep`, `sensitivity`, `compare`, `resilience`,
`calibrate`, `score` and `validate` are experiments of many runs. All work is done by other threads, without Python's lock, and Ctrl-C
stops it. The package carries the ``exodus`` command.
"""

from ._errors import Error, InputError
from ._exodus import __version__
from ._experiments import compare, resilience, sensitivity, sweep, validate
from ._fits import calibrate, score
from ._graph import Graph
from ._results import Page, Results, open_run
from ._rules import RULE, USER, USER_C, holdings, main, vpn
from ._runs import fork, resume, run
from ._simulation import Simulation
from ._table import Table

__all__ = [
    "RULE",
    "USER",
    "USER_C",
    "Error",
    "Graph",
    "InputError",
    "Page",
    "Results",
    "Simulation",
    "Table",
    "__version__",
    "calibrate",
    "compare",
    "fork",
    "holdings",
    "main",
    "open_run",
    "resilience",
    "resume",
    "run",
    "score",
    "sensitivity",
    "sweep",
    "validate",
    "vpn",
]
