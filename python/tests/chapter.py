"""Runs the programs of the book's Python chapter, one after the other, in the current folder; only the package is needed.

Programs that need more (NetworkX, numba) have tests of their own.
"""

import pathlib
import subprocess
import sys

import exodus

page = (pathlib.Path(__file__).parents[2] / "docs/python.md").read_text(encoding="utf-8")
command = pathlib.Path(sys.executable).with_name("exodus")
subprocess.run([command, "new", "islands"], check=True, stdout=subprocess.DEVNULL)
programs = [block.split("```")[0] for block in page.split("```python\n")[1:]]
alone = [program for program in programs if "{{#include" not in program and "networkx" not in program]
assert len(alone) >= 2, f"{len(alone)} programs"
names: dict = {}
for program in alone:
    exec(compile(program, "docs/python.md", "exec"), names)
assert names["run"].state_hash and names["sim"].finished
print(f"{len(alone)} programs of the Python chapter run with exodus {exodus.__version__}")
