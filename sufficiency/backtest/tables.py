"""Forecasts and scores as tables: numbers of children only, nothing of any one of them."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from pathlib import Path

import pandas as pd

from sufficiency.backtest.comparing import FLAT, MARKOV, OURS, Forecasted
from sufficiency.backtest.judging import Judged, every_number
from sufficiency.backtest.scores import skill
from sufficiency.results.files import writable, write_csv

FORECASTS, SCORES = "forecasts.csv", "scores.csv"


def write_tables(rows: Sequence[Forecasted], folder: Path) -> None:
    """Write both tables into a folder."""
    with writable(folder):
        folder.mkdir(parents=True, exist_ok=True)
        write_csv(folder / FORECASTS, forecasts_table(rows))
        write_csv(folder / SCORES, scores_table(rows))


def forecasts_table(rows: Sequence[Forecasted]) -> pd.DataFrame:
    """One row per year-end, number and model."""
    return pd.DataFrame(
        {
            "origin": row.origin.isoformat(),
            "years_ahead": row.what.years_ahead,
            "period": row.period,
            "measure": row.what.measure,
            "group": row.what.group,
            "model": row.model,
            "observed": row.observed,
            **row.score._asdict(),
        }
        for row in rows
    )


def scores_table(rows: Sequence[Forecasted]) -> pd.DataFrame:
    """One row per measure, group, years ahead and model, over all year-ends."""
    return pd.DataFrame(line for found in every_number(rows) for line in _lines(found))


def _lines(found: Judged) -> Iterator[dict[str, object]]:
    for model, errors in found.errors.items():
        yield {
            "measure": found.subject.measure,
            "group": found.subject.groups[0],
            "years_ahead": found.years_ahead,
            "model": model,
            "origins": len(found.origins),
            "observed": found.observed,
            "crps": errors.crps,
            "absolute_error": errors.absolute,
            "bias": errors.bias,
            **dict(zip(("cover50", "cover80", "cover95"), errors.covers, strict=True)),
            **{f"skill_against_{peer}": _skill(found, model, peer) for peer in (FLAT, MARKOV)},
        }


def _skill(found: Judged, model: str, peer: str) -> float:
    """Of ours against a peer; missing for the peers themselves."""
    if model != OURS or peer not in found.errors:
        return math.nan
    return skill(found.errors[OURS].crps, found.errors[peer].crps)
