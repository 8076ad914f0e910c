"""A part of a run: the same results as if some of its numbers had never been measured."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
import pandas as pd

from sufficiency.results.results import Results
from sufficiency.results.statistics import Floats
from sufficiency.rows import Key
from sufficiency.scenario import Study


@dataclass(frozen=True, eq=False)
class Part(Results):
    """Results that hold only some of the keys of a run; every table knows only these."""

    whole: Results | None = field(default=None, repr=False)
    """The run."""
    publication: str = ""
    """What to say of what is not in it, where it is made to be published."""
    opened: Callable[[Study], Study] | None = field(default=None, repr=False)
    """What makes of the study one that may be published."""

    @cached_property
    def study(self) -> Study:
        """The scenario, its options, and where its values come from."""
        study = self._all.study
        return study if self.opened is None else self.opened(study)

    @property
    def _all(self) -> Results:
        if self.whole is None:
            raise ValueError("a part of a run needs the run")
        return self.whole

    @cached_property
    def by_replication(self) -> Floats:
        """Options, replications, keys."""
        places = [self._all.places[key] for key in self.keys]
        values: Floats = np.ascontiguousarray(self._all.by_replication[:, :, places])
        return values

    @cached_property
    def _summary(self) -> pd.DataFrame:
        return self._known(self._all.summary())

    def comparison(self) -> pd.DataFrame:
        """One row per option, measure, group and period that is in the part."""
        return self._known(self._all.comparison())

    def table(self, name: str) -> pd.DataFrame:
        """One of the tables; those with a row for each child or household are in no part.

        Raises:
            KeyError: The part has no such table.
        """
        if name in ("census", "costs"):
            return {"census": self._census, "costs": self._costs}[name]()
        if name == "measures":
            return self._known(self._all.table(name))
        if name == "draws":
            return self._all.table(name)
        raise KeyError(f"a part of a run has no table '{name}'")

    def _known(self, rows: pd.DataFrame) -> pd.DataFrame:
        named = pd.MultiIndex.from_frame(rows[list(Key._fields)].astype(str))
        return rows[named.isin(list(self.keys))].reset_index(drop=True)


def part_of(results: Results, keep: Callable[[Key], bool]) -> Part:
    """A run as if only some of its numbers had been measured.

    Args:
        results: A saved run.
        keep: Which keys (measure, group, period) stay.
    """
    keys = tuple(key for key in results.keys if keep(key))
    return Part(
        results.folder, results.manifest, results.options, keys, results.given, whole=results
    )
