"""What a part of the page is made of: sentences, charts and tables, in that order."""

from __future__ import annotations

from dataclasses import dataclass, field

from sufficiency.charts import Chart
from sufficiency.report.grids import Grid


@dataclass(frozen=True, slots=True)
class Exhibits:
    """What one part of the page shows. A part without charts and tables is left out."""

    lead: list[str] = field(default_factory=list)
    """Sentences before all else."""
    charts: list[Chart] = field(default_factory=list)
    grids: list[Grid] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    """What to know about them, after all else, in small print."""

    @property
    def empty(self) -> bool:
        """Whether there is nothing to show."""
        return not (self.charts or self.grids)
