"""A history into the values of a scenario, each with its interval, shrunk to England."""
