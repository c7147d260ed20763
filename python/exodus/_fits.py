"""What is fitted to observed values. Each leaves a folder, as the command's do."""

from __future__ import annotations

import os
from collections.abc import Sequence

from . import _exodus
from ._changes import number
from ._progress import Progress, told
from ._results import Results
from ._simulation import Path, path_of, threads_of


def calibrate(
    file: Path,
    *,
    users: int | None = None,
    leave_out: Sequence[str] = (),
    threads: int | None = None,
    out: Path | None = None,
    report: bool = False,
    progress: Progress = None,
) -> Results:
    """Fit a scenario's parameters to a table of observed values, and to what is known of other worlds.

    An interrupted calibration in the folder is resumed, and ends with the same tables.

    Parameters
    ----------
    file : path
        The calibration's TOML file: scenario, targets, other worlds, parameters, methods.
    users : int, optional
        Users of each run of the search, instead of the file's.
    leave_out : sequence of str
        Worlds, by the names of their scenarios, that are left out of the fit and judged all the same.
    threads : int, optional
        Simulations side by side; they have no influence on results. By default all cores.
    out : path, optional
        The folder; by default ``results/<file>-calibration``.
    report : bool
        Whether to make the figures for print too.
    progress : bool or callable, optional
        Whether to show a bar, or what to call with points done and points of the method under way. By default there is a bar on a
        terminal and in a notebook.

    Returns
    -------
    Results
        The folder: ``parameters`` (best value, posterior quantiles, whether the data identify it), ``posterior`` (a row a member),
        ``cells`` (targets and model, millions of people), ``worlds`` (the checks of other worlds), ``ensemble``, and a scenario of the best point in ``best.toml``.

    Raises
    ------
    InputError
        The file, its scenario or its targets are invalid.
    Error
        Memory cannot be had, or a file cannot be read or written.

    Examples
    --------
    >>> import exodus
    >>> fit = exodus.calibrate("calibration.toml", progress=False)
    >>> fit.parameters["parameter"].tolist()
    ['rate']
    >>> len(fit.posterior)
    8
    """
    count = number("users", users, 1, 2**32 - 2)
    left_out = [str(name) for name in leave_out]
    progress = told(progress, "calibrate")
    return Results(_exodus.calibrate(os.fspath(file), path_of(out), count, left_out, threads_of(threads), bool(report), progress))


def score(
    file: Path,
    *,
    users: int | None = None,
    threads: int | None = None,
    out: Path | None = None,
    force: bool = False,
    report: bool = False,
    progress: Progress = None,
) -> Results:
    """Score forecasts: fit to what was measured up to several months, and hold what is forecast against what followed.

    What was interrupted in the folder is resumed.

    Parameters
    ----------
    file : path
        A calibration's TOML file with a table ``score``.
    users : int, optional
        Simulated users of each run. By default the file's.
    threads : int, optional
        Simulations side by side; they have no influence on results. By default all cores.
    out : path, optional
        The folder; by default ``results/<file>-score``.
    force : bool
        Whether to overwrite a study that is there.
    report : bool
        Whether to make the page and the figures for print too.
    progress : bool or callable, optional
        Whether to show a bar, or what to call with points done and points in all. By default there is a bar on a terminal and in a
        notebook.

    Returns
    -------
    Results
        The folder: ``scores`` (a row per origin, measured value and method, the model's beside four baselines', in millions of people),
        ``summary``, ``origins``.

    Raises
    ------
    InputError
        The file is invalid, or has no table ``score``.
    Error
        Memory cannot be had, or a file cannot be read or written.

    Examples
    --------
    >>> import exodus
    >>> forecasts = exodus.score("calibration.toml", progress=False)
    >>> sorted(set(forecasts.scores["method"]))
    ['damped trend', 'drift', 'logistic curve', 'model', 'persistence']
    """
    count = number("users", users, 1, 2**32 - 2)
    folder = _exodus.score(
        os.fspath(file), path_of(out), count, threads_of(threads), bool(force), bool(report), told(progress, "score")
    )
    return Results(folder)
