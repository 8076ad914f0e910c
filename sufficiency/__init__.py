"""Simulate children in care and the places they need, to plan enough of the right homes.

Two contracts and one direction: a `Scenario` (what we assume) goes in, tables come out.

    vocabulary       the words of the field
    scenario         the scenario: frozen, checked, every value with its source
    scenario_file    a YAML file, and what it extends, to a scenario and its options
    ssda903, history the statutory return; the past of an authority as checked tables
    forecast         the past into entries to come, as sample paths
    calibration      the past into the values of a scenario
    stays            how long children stay in care
    simulation       one possible future, child by child
    rows             what one future leaves
    measures, costs  one future in numbers and in pounds; `periods` says when they are taken
    replication      one future of every option, with the same children and the same luck
    experiment       many futures, in parallel
    results          the tables, saved and loaded
    comparison       options against the baseline, future by future
    backtest         forecast and simulation on an authority's own past
    synthesis        a simulated past written as a return
    answer           the tables in plain words
    charts           the tables as charts
    report           all of it as one page
    cli              the commands; what users may be told is in `errors`

In a notebook, import the defining module: `from sufficiency.results import load`.
"""

__version__ = "0.1.0"
