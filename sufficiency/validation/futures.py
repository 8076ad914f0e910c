"""The futures of a past period, as far as published values ask for them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, NamedTuple

import numpy as np

from sufficiency import experiment
from sufficiency.results.statistics import Floats
from sufficiency.rows import Key
from sufficiency.scenario import Study

RANGE = (0.5, 0.05, 0.95, 0.025, 0.975)
"""Median, ends of the 90% range, ends of the 95% band."""

Progress = Callable[[int, int], None]


class Futures(NamedTuple):
    """Numbers of the futures of a study's baseline."""

    values: Floats
    """One row per replication from 1."""
    columns: Mapping[Key, int]
    """Where each number stands; the parts of a group in alphabetical order."""
    units: Mapping[str, str]
    """Unit of each measure that the run has."""

    def of(self, key: Key) -> Floats | None:
        """A number in each future, NaN where there is none; None if it is not measured."""
        place = self.columns.get(in_order(key))
        return None if place is None else self.values[:, place]


def futures_of(study: Study, measures: set[str], **settings: Any) -> Futures:
    """Simulate a study and keep some measures of its baseline; nothing is left on the disk."""
    with TemporaryDirectory(prefix="sufficiency-", ignore_cleanup_errors=True) as folder:
        results = experiment.run(study, keep=0, out=Path(folder) / "run", **settings)
        chosen = [place for place, key in enumerate(results.keys) if key.measure in measures]
        values = np.array(results.by_replication[0, 1:][:, chosen])
        keys = [in_order(results.keys[place]) for place in chosen]
        units = {name: results.unit(name) for name in results.manifest["measures"]}
    return Futures(values, {key: place for place, key in enumerate(keys)}, units)


def in_order(key: Key) -> Key:
    """A key whose group has its parts in alphabetical order."""
    return key._replace(group=";".join(sorted(key.group.split(";"))))
