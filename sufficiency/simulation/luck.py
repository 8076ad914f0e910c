"""The numbers of each child's life, drawn at once and read while the simulation runs.

One row per child: `LIFE` columns, then `PER_SEARCH` columns for each search for a home.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from sufficiency.simulation.arrivals import BLOCK_SIZE, HISTORY, Children
from sufficiency.simulation.demand import child_row
from sufficiency.simulation.streams import Purpose, Streams

Floats = npt.NDArray[np.float64]

(
    NEED, FRAILTY, PLAN, MOVE_ON, MOVE_ON_WHEN, STAYING_PUT, ADOPTION, MIX, APART, ETHNICITY,
    DISABLED, SOLO,
) = range(12)  # fmt: skip
"""Columns of a child's life before those of searches."""
LIFE = 12
(
    IFA, HOME, SUPPORTED, PLACE, LASTS, CAUSE, NEXT, BRIDGE, CLOSES, FOUND, BLOCK, TO_HOME,
    NEED_RISES,
) = range(13)  # fmt: skip
"""Columns of one search. Those in `UNIT_HAZARDS` are handed over as unit exponentials."""
PER_SEARCH = 13
AT_ONCE = (IFA, HOME, SUPPORTED, BLOCK)
"""Columns that decide whether a search finds a place of a market or a block at once."""
UNIT_HAZARDS = (LASTS, CLOSES, FOUND)
SEARCHES = 5
"""Searches whose numbers are drawn with the child; later ones are drawn when they come."""
COLUMNS = LIFE + SEARCHES * PER_SEARCH


def life_draws(streams: Streams, children: Children) -> Floats:
    """Uniforms of each child: `LIFE` columns, then `PER_SEARCH` for each of `SEARCHES` searches."""
    out = np.empty((len(children), COLUMNS))
    block, row = np.divmod(children.number, BLOCK_SIZE)
    for b in np.unique(block):
        here = block == b
        if b == HISTORY:
            count = int(here.sum())
            out[here] = streams.block(Purpose.LIFE_OF_HISTORY, count, COLUMNS)
        else:
            rows = child_row(int(b), row[here])
            drawn = streams.block(Purpose.LIFE_OF_ENTRANTS, int(rows.max()) + 1, COLUMNS, int(b))
            out[here] = drawn[rows]
    for column in UNIT_HAZARDS:
        part = out[:, LIFE + column :: PER_SEARCH]
        np.negative(np.log1p(-part), out=part)
    return out
