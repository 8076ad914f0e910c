"""The part of a run that may be published, and the list of what may not."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, NamedTuple

from sufficiency.disclosure.choosing import choose
from sufficiency.disclosure.numbers import Numbers
from sufficiency.disclosure.series import Series, means, series_of
from sufficiency.disclosure.settings import publishable
from sufficiency.results.part import Part, part_of
from sufficiency.results.results import Results
from sufficiency.rows import Key

THRESHOLD = 6
"""Fewer children than this, and not none, are a small number: one to five."""
FEW = "fewer than {}"
"""Why a series is left out: itself."""
OTHERWISE = "so that another cannot be worked out"
"""Why a series is left out: for another."""


class LeftOut(NamedTuple):
    """A series that is left out."""

    measure: str
    group: str
    frequency: str
    why: str


@dataclass(frozen=True, eq=False)
class Protected:
    """A run as it may be published."""

    part: Part
    """The run as if what is left out had never been measured."""
    left_out: tuple[LeftOut, ...]
    """Every series that is left out, and why."""
    threshold: int
    """Fewer children than this are a small number."""

    @property
    def sentence(self) -> str:
        """What a reader has to know, in a line or two."""
        few = _NUMBER_WORDS.get(self.threshold, str(self.threshold))
        if not self.left_out:
            return f"Small numbers: no group has fewer than {few} children, so none is left out."
        small = sum(row.why != OTHERWISE for row in self.left_out)
        return (
            f"Small numbers: groups with fewer than {few} children are left out ({small:,} series),"
            " and as many more as it takes so that they cannot be worked out from the rest"
            f" ({len(self.left_out) - small:,}). A series is a number at all its dates, in all"
            " options. What is left out is shown nowhere in this publication, in its tables it is"
            " marked c, and rows about single children are not in it."
        )


_NUMBER_WORDS = {5: "five", 6: "six", 10: "ten"}


def protect(results: Results, threshold: int = THRESHOLD) -> Protected:
    """A run as it may be published.

    Args:
        results: A saved run.
        threshold: Fewer children than this, and not none, are a small number.

    Raises:
        SufficiencyError: It has a measure of which nobody has said what it tells, or so few
            children that even the totals would give small numbers back.
    """
    return protect_together([results], threshold)[0]


def protect_together(runs: Sequence[Results], threshold: int = THRESHOLD) -> list[Protected]:
    """Runs that are published side by side: what is left out of one is left out of all.

    Leaving out more never lets anything be worked out that could not be before.
    """
    found: dict[Series, str] = {}
    for results in runs:
        for series, why in _left_out(results, threshold).items():
            if found.get(series) != FEW.format(threshold):
                found[series] = why
    return [_protected(results, found, threshold) for results in runs]


def _left_out(results: Results, threshold: int) -> dict[Series, str]:
    numbers = Numbers(means(results), threshold)
    gone = choose(numbers)
    return {
        series: FEW.format(threshold) if said.column in numbers.small else OTHERWISE
        for series, said in numbers.told.items()
        if said.column in gone
    }


def _protected(results: Results, gone: dict[Series, str], threshold: int) -> Protected:
    there = dict.fromkeys(map(series_of, results.keys))
    left_out = [LeftOut(*series, gone[series]) for series in there if series in gone]
    whole = part_of(results, _keeps(gone))
    protected = Protected(whole, tuple(left_out), threshold)
    part = replace(
        whole,
        manifest=_open_manifest(results.manifest),
        publication=protected.sentence,
        opened=partial(publishable, gone=frozenset(gone), threshold=threshold),
    )
    return replace(protected, part=part)


_OF_INPUTS = ("scenario_hash", "files", "inputs")
"""What the manifest of a run says that identifies files which are not published."""


def _open_manifest(manifest: Mapping[str, Any]) -> Mapping[str, Any]:
    """The manifest without what identifies files of children."""
    return {name: said for name, said in manifest.items() if name not in _OF_INPUTS} | {
        "inputs": {}
    }


def _keeps(gone: Collection[Series]) -> Callable[[Key], bool]:
    return lambda key: series_of(key) not in gone
