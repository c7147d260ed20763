"""Every public name is documented by the rules of numpydoc, and the examples of all docstrings run."""

import doctest
import inspect
import subprocess
import sys
import textwrap

import exodus
import pytest

# What numpydoc would like and we do without: an extended summary, a section "See Also", an example for everything, an empty first line.
LEFT_OUT = {"ES01", "SA01", "EX01", "GL01", "GL02", "GL03"}


def public():
    """Names of all public functions, classes, methods and properties."""
    for name in exodus.__all__:
        thing = getattr(exodus, name)
        if callable(thing):
            yield name
        if inspect.isclass(thing):
            yield from (f"{name}.{member}" for member in vars(thing) if not member.startswith("_"))


def thing_of(name):
    thing = exodus
    for part in name.split("."):
        thing = inspect.getattr_static(thing, part) if inspect.isclass(thing) else getattr(thing, part)
    return thing


def test_all_is_all():
    """What is bound to the package is either public, by `__all__`, or a module of it."""
    bound = {name for name, thing in vars(exodus).items() if not name.startswith("_") and not inspect.ismodule(thing)}
    assert bound == set(exodus.__all__) - {"__version__"}


@pytest.mark.parametrize("name", list(public()))
def test_sections_are_there(name):
    validate = pytest.importorskip("numpydoc.validate").validate
    problems = [problem for problem in validate(f"exodus.{name}")["errors"] if problem[0] not in LEFT_OUT]
    assert problems == []
    # What numpydoc does not ask for: the exceptions of whatever does something.
    thing = thing_of(name)
    does = not isinstance(thing, property) and not (inspect.isclass(thing) and "__init__" not in vars(thing))
    if does and name not in CANNOT_FAIL:
        assert "Raises\n" in inspect.getdoc(getattr(thing, "__func__", thing)), "a section Raises"


CANNOT_FAIL = {"Graph", "Table", "Page", "Simulation.hash", "holdings", "main", "vpn"}


def modules():
    package = __import__("exodus")
    return [package, *(thing for name, thing in vars(package).items() if inspect.ismodule(thing) and hasattr(thing, "__file__"))]


def test_examples_run(files):
    """In a folder with the files that they name; those that need a package which is not here are left out."""
    attempted, failed = 0, []
    for module in modules():
        if not module.__file__.endswith(".py"):
            continue
        for test in doctest.DocTestFinder(exclude_empty=True).find(module, module.__name__):
            if not test.examples or test.name.split(".")[1:2] == ["__main__"]:
                continue
            if any("networkx" in example.source for example in test.examples) and not has("networkx"):
                continue
            runner = doctest.DocTestRunner(optionflags=doctest.REPORT_ONLY_FIRST_FAILURE)
            failed += [test.name] if runner.run(test).failed else []
            attempted += 1
    assert attempted >= 18 and failed == []


def has(module):
    return __import__("importlib.util").util.find_spec(module) is not None


def test_what_a_user_writes_is_typed(tmp_path):
    """A type checker knows the package from outside: it accepts what is right, and refuses what is not."""
    pytest.importorskip("mypy")
    (tmp_path / "right.py").write_text(
        textwrap.dedent("""
            import datetime
            import exodus
            run: exodus.Results = exodus.run("a.toml", users=10, until=datetime.date(2025, 1, 2), replicates=2)
            sim = exodus.Simulation("a.toml", users="full", graph=exodus.Graph.from_edges([0], [1]))
            days: int = sim.step(3, [lambda s: s.day])
            columns: list[str] = run.series.columns
        """)
    )
    (tmp_path / "wrong.py").write_text('import exodus\nexodus.run("a.toml", users="some")\nexodus.Simulation("a.toml").step("3")\n')
    check = [sys.executable, "-m", "mypy", "--strict", "--ignore-missing-imports", "--no-incremental"]
    right = subprocess.run([*check, "right.py"], cwd=tmp_path, capture_output=True, text=True)
    assert right.returncode == 0, right.stdout
    wrong = subprocess.run([*check, "wrong.py"], cwd=tmp_path, capture_output=True, text=True)
    assert wrong.returncode == 1 and wrong.stdout.count("error:") == 2, wrong.stdout
