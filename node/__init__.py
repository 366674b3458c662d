"""Roughweather: a light ActivityPub node for a local community group."""

__version__ = "0.1.0"
