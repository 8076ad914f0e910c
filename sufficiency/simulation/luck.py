"""The numbers of each child's life, drawn at once and read while the simulation runs.

One row per child: `LIFE` columns, then `PER_SEARCH` columns for each search for a home.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt

from sufficiency.simulation.arrivals import BLOCK_SIZE, HISTORY, Children
from sufficiency.simulation.demand import child_row
from sufficiency.simulation.streams import Purpose, Streams

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

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
    for block, here, rows in _rows_by_block(children):
        many = int(rows.max()) + 1
        if block == HISTORY:
            out[here] = streams.block(Purpose.LIFE_OF_HISTORY, many, COLUMNS)
        else:
            out[here] = streams.block(Purpose.LIFE_OF_ENTRANTS, many, COLUMNS, block)[rows]
    for column in UNIT_HAZARDS:
        part = out[:, LIFE + column :: PER_SEARCH]
        np.negative(np.log1p(-part), out=part)
    return out


def dearness(streams: Streams, children: Children) -> Floats:
    """A uniform number of each child: how dear a place for it is among all. See `prices.spread`."""
    out = np.empty(len(children))
    for block, here, rows in _rows_by_block(children):
        out[here] = streams.block(Purpose.DEARNESS, int(rows.max()) + 1, 1, block)[rows, 0]
    return out


def _rows_by_block(children: Children) -> Iterator[tuple[int, Ints, Ints]]:
    """Each block of children: its number, who is of it, and their rows in a stream of the block."""
    block, row = np.divmod(children.number, BLOCK_SIZE)
    for b in np.unique(block).tolist():
        here = np.flatnonzero(block == b)
        yield b, here, np.arange(len(here)) if b == HISTORY else child_row(b, row[here])
