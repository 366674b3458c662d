"""The exchange format: how a group's content is written down, checked, imported and exported."""
