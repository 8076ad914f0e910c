"""One possible future of one authority, child by child.

`system.simulate` runs one replication of one option and returns its `Rows`. `demand` says who
enters and when; `journey` what happens to one child; `provision`, `fostering` and `matching` where
children can live; `streams` gives the random numbers and `clock` the order of events.
"""
