"""Measures a running node against the limits of the same machine, in the same run. See README.md."""
