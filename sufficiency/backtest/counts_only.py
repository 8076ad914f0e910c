"""Where there are counts and no return: the forecast of entries alone is tested."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sufficiency.backtest.settings import Settings
from sufficiency.backtest.simulating import MONTHS, seasons
from sufficiency.errors import SufficiencyError
from sufficiency.forecast.forecasting import forecast
from sufficiency.forecast.result import Forecast

if TYPE_CHECKING:
    from sufficiency.history.tables import History
    from sufficiency.scenario import Study


def forecast_alone(history: History, base: Study, settings: Settings) -> Forecast:
    """Test the forecast's candidates from month to month of the counts (its `scores`).

    Raises:
        SufficiencyError: There are no monthly counts, or too few to test anything.
    """
    if history.monthly is None or history.monthly.empty:
        raise SufficiencyError(
            "nothing to test a forecast on: a backtest needs an SSDA903 return, or `counts.csv`"
            " with monthly entries"
        )
    made = forecast(
        history.monthly,
        months=MONTHS * settings.years_ahead,
        paths=max(settings.replications, 2),
        seed=settings.seed,
        season=seasons(base.scenario),
        shocks=history.shocks,
    )
    if made.scores.empty:
        months = history.monthly["month"].nunique()
        raise SufficiencyError(f"{months} months of counts are too few to test a forecast on")
    return made
