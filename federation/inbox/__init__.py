"""Receiving: one path from the inbox to the effects, one small module per activity type."""
