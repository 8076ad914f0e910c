"""Future entries as sample paths, with the test of the method on the past."""
