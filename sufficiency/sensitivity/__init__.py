"""Which assumptions the answer hangs on, and how much of its range is chance.

`asked` is the number that is asked about. `correlating` and `splitting` look at the futures of a
run: which drawn values go with the number, and how much of its range is ignorance and how much is
chance. `tornado` sets one assumption after the other to its low and its high end, led by the two
of `deciding`; `analysing` does all of it.
"""

from sufficiency.sensitivity.correlating import correlations
from sufficiency.sensitivity.splitting import Split, split

__all__ = ["Split", "correlations", "split"]
