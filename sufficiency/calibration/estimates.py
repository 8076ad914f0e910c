"""What calibration hands on: values for scenario settings, each with interval and source."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pandas as pd

FEWEST_TOLD = 5
"""Children or events of the authority's own below which a file that is passed on tells no count."""


@dataclass(frozen=True)
class Estimate:
    """One setting of the scenario, estimated from the history."""

    path: str
    """The setting: `demand.entries_per_100_in_care.10-15`; places in lists are numbers."""
    value: Any
    """The value to write, after shrinking."""
    low: float | None = None
    """Low end of the 95% interval."""
    high: float | None = None
    """High end of the 95% interval."""
    local: float | None = None
    """The local value before shrinking."""
    base: float | None = None
    """England's value, towards which it shrinks."""
    n: float = 0.0
    """Events or children behind it."""
    weight: float = 1.0
    """Weight of the local value, n / (n + k)."""
    unit: str = ""
    note: str = ""
    """How it was worked out, in a sentence for a reader."""
    source: str = ""
    """Where it comes from; empty: the authority's own return."""
    confidence: str = "fitted"
    """How well it is supported (`vocabulary.Confidence`)."""
    own: float | None = None
    """The authority's own children or events in the smallest cell that local value and counts give
    away; None: `n`, where that is what was observed."""
    without_counts: str | None = None
    """The note for a small cell, if the note has counts."""

    @property
    def is_small(self) -> bool:
        """Whether so few children are behind it that their number is not passed on."""
        return (self.n if self.own is None else self.own) < FEWEST_TOLD


@dataclass(frozen=True)
class Calibrated:
    """All that was estimated, and the tables for the page of fit against data."""

    estimates: tuple[Estimate, ...]
    tables: Mapping[str, pd.DataFrame] = field(default_factory=dict)
    """By name, what was fitted beside what was observed (`survival`, `exits`, `moves`, ...)."""
    notes: tuple[str, ...] = ()
    """What a reader should know: small numbers, choices made by held-out likelihood."""
