"""``python -m exodus`` is the ``exodus`` command."""

import sys

from ._command import main

sys.exit(main())
