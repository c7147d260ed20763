"""The ``exodus`` command of the package."""

import os
import sys

from . import _exodus


def main() -> int:
    """Run the command with the arguments of this process, and return its exit code."""
    return _exodus.command(os.path.abspath(sys.argv[0]), ["exodus", *sys.argv[1:]])
