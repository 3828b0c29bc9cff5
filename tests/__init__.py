"""The tests; a package, so that two files of tests may have the same name."""
