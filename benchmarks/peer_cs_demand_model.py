"""Run cs-demand-model 0.5.1 on a return and print what it finds as JSON.

Started by `peers.py` with the Python of an environment that has that package (and not ours), so it
imports nothing of ours. Arguments: folder, last day known, then the months of reference windows and
the months ahead, each as numbers joined by commas.
"""

from __future__ import annotations

import json
import sys
import warnings
from datetime import date

warnings.filterwarnings("ignore")  # pandas 1.5 warns of what the package does throughout

import pandas as pd  # noqa: E402  (after the filter)
from cs_demand_model import (  # noqa: E402  (after the filter)
    Config,
    DemandModellingDataContainer,
    ModelPredictor,
    PopulationStats,
    fs_datastore,
)

OUT_OF_CARE = "NOT_IN_CARE"


def cells(population: pd.Series) -> dict[str, float]:
    """Children by age bracket and category, `AGE/CATEGORY`; those out of care are left out."""
    return {
        "/".join(place): float(number)
        for place, number in population.items()
        if isinstance(place, tuple) and len(place) == 2 and place[1] != OUT_OF_CARE
    }


def main() -> None:
    """Read, count and forecast."""
    folder, day, windows, ahead = sys.argv[1:]
    config = Config()
    container = DemandModellingDataContainer(fs_datastore(folder), config)
    stats = PopulationStats(container.enriched_view, config)
    last = pd.Timestamp(date.fromisoformat(day))
    forecasts: dict[str, dict[str, dict[str, float]]] = {}
    leads = [int(months) for months in ahead.split(",")]
    for window in windows.split(","):
        start = last - pd.DateOffset(months=int(window)) + pd.Timedelta(days=1)
        predictor = ModelPredictor.from_model(stats, start, last)
        days = [((last + pd.DateOffset(months=months)) - last).days for months in leads]
        rows = predictor.predict(max(days))
        forecasts[window] = {
            str(months): cells(rows.iloc[number - 1])
            for months, number in zip(leads, days, strict=True)
        }
    print(json.dumps({"stock": cells(stats.stock_at(last)), "forecasts": forecasts}))


if __name__ == "__main__":
    main()
