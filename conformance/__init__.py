"""Other people's test suites, run against nodes of ours: `make conformance`."""
