"""The whole chain tested on the own past: calibrate on what was known, simulate, compare.

`backtesting` is the whole course. From each year-end `simulating` makes our forecast, `flat` and
`markov` (of what `counted` counts) those of the peers; `comparing` says what is compared, `scores`
how good one forecast was, `judging` how all of them were, and `tables` writes them down. Where
there are counts and no return, `counts_only` tests the forecast alone.
"""
