"""The database: all SQL stands in this package, in small functions that take a `Session`."""
