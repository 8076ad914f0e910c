"""Synthetic SSDA903 returns: a simulated history as an authority would have returned it.

`authority` moves a scenario into the past, `days` puts what was simulated into whole days, `legal`
and `changes` add what the model does not know (legal statuses, changes with the same carer,
temporary placements), `codes` has the codes and their shares, `episodes` puts a child's together.
"""

from sufficiency.synthesis.synthesising import Synthetic as Synthetic
from sufficiency.synthesis.synthesising import save as save
from sufficiency.synthesis.synthesising import synthesise as synthesise
