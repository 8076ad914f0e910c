"""Random numbers keyed by replication, purpose and row, so that options share their luck.

Each purpose is a stream of its own (Philox, keyed through `SeedSequence`, never by arithmetic on
seeds). A purpose is drawn as a block with one row per child, family or household: the first rows
stay the same when there are more of them, and a new purpose changes no other draw.
"""

from __future__ import annotations

from enum import IntEnum

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]


class Purpose(IntEnum):
    """What a stream is for. The numbers are part of the results: never change or reuse one."""

    HISTORY_FAMILIES = 1
    HISTORY_CHILDREN = 2
    HISTORY_UASC = 3
    YEAR_FACTORS = 5
    FAMILIES_UNDER_16 = 6
    ENTRIES_16_17 = 8
    UASC_DIRECT = 9
    UASC_TRANSFERS = 10
    SURGES = 11
    LIFE_OF_HISTORY = 12
    LIFE_OF_ENTRANTS = 13
    HOUSEHOLDS_AT_START = 14
    HOUSEHOLDS_REPLACED = 15
    HOUSEHOLDS_APPROVED = 16
    HOUSEHOLDS_RECRUITED = 17
    PIPELINE = 18
    PAIRS = 19
    MORE_LIFE = 20
    PLACEMENTS_AT_START = 22
    REMANDS = 23
    HISTORY_REMANDS = 24
    FORECAST_MONTHS = 25
    FORECAST_UNDER_16 = 26
    FORECAST_16_17 = 27
    FORECAST_DIRECT = 28
    FORECAST_TRANSFERS = 29
    CHILDREN_GIVEN = 30
    DEARNESS = 31


class Streams:
    """The random numbers of one replication."""

    def __init__(self, seed: int, replication: int) -> None:
        self.seed = seed
        self.replication = replication

    def generator(self, purpose: Purpose, *key: int) -> np.random.Generator:
        """A generator of its own for one purpose (and a further key, such as a stream's layer)."""
        sequence = np.random.SeedSequence(
            self.seed, spawn_key=(self.replication, int(purpose), *key)
        )
        return np.random.Generator(np.random.Philox(sequence))

    def block(self, purpose: Purpose, rows: int, columns: int, *key: int) -> Floats:
        """Uniform numbers, one row per thing; row i is the same however many rows are drawn."""
        return self.generator(purpose, *key).random((rows, columns))

    def rows_by_counter(
        self, purpose: Purpose, rows: list[int], columns: int, *key: int
    ) -> npt.NDArray[np.uint16]:
        """Whole numbers from 0 to 65,535, one stream per row number, addressed by Philox's counter.

        Both the row and the column of a number stay the same when there are more rows or columns.
        Sixteen bits each: there is one for every pair, and a chance needs no more.
        """
        sequence = np.random.SeedSequence(
            self.seed, spawn_key=(self.replication, int(purpose), *key)
        )
        bits = np.random.Philox(key=sequence.generate_state(2, np.uint64))
        state = bits.state
        out = np.empty((len(rows), -(-columns // 4)), dtype=np.uint64)
        for place, row in enumerate(rows):
            state["state"]["counter"][:] = (0, row, 0, 0)
            state["buffer_pos"], state["has_uint32"] = 4, 0
            bits.state = state
            out[place] = bits.random_raw(out.shape[1])
        return out.astype("<u8", copy=False).view(np.uint16)[:, :columns]
