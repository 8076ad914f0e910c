"""Targets: the values of a lever that meet a goal in a wanted share of futures.

`goal` reads what is asked for, `lever` what may be moved and how far, `searching` looks for the
values, `curve` says what is known of each.
"""

from sufficiency.targets.searching import Target as Target
from sufficiency.targets.searching import find as find
