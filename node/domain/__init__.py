"""What a group has and does, in its own words: frozen values and pure rules, no I/O."""
