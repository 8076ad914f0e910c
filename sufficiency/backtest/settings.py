"""How a backtest is made."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date

from sufficiency.backtest.comparing import year_end


@dataclass(frozen=True, slots=True)
class Settings:
    """How a backtest is made."""

    years_ahead: int = 2
    replications: int = 60
    """Futures from each year-end."""
    bootstrap: int = 50
    """Resamples of the children behind the ranges of calibrated values: enough for ranges that are
    drawn from, at a quarter of what `calibrate` takes."""
    seed: int = 1
    extends: str = "england"
    """The base, as a file in any folder can name it: a shipped name or a whole path."""
    jobs: int | None = None

    def within(self, origin: date, last: date) -> Settings:
        """The same, no further ahead of a year-end than the history goes."""
        leads = [n for n in range(1, self.years_ahead + 1) if year_end(origin, n) <= last]
        return replace(self, years_ahead=max(leads))
