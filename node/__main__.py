"""`python -m node` is the same command as `roughweather`."""

import sys

from node.cli import main

sys.exit(main())
