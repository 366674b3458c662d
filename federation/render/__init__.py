"""Rendering what we publish as ActivityStreams, purely: domain values in, dicts out."""
