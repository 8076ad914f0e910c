"""Which drawn values go with a number: rank correlation over the futures of a run."""

from __future__ import annotations

import math
from collections.abc import Iterable

import numpy as np
import pandas as pd

from sufficiency.experiment.draws import ranges
from sufficiency.replication import Range
from sufficiency.results.results import BASELINE, Results
from sufficiency.results.statistics import Floats
from sufficiency.sensitivity.asked import Asked, numbers
from sufficiency.sensitivity.splitting import FEWEST_PAIRS, pairs_of

COLUMNS = ("path", "value", "low", "high", "correlation", "se")


def correlations(
    results: Results,
    measure: str,
    group: str = "",
    option: str = BASELINE,
    against: str | None = None,
    period: str = "",
) -> pd.DataFrame:
    """Rank correlation (Spearman) of each drawn value with a number, over the futures of a run.

    Futures come in pairs that share a draw: the mean of a pair stands for it, so that chance counts
    half. Nothing is simulated: any run that is finished, saved or not, will do.

    Args:
        results: A run.
        measure: Name of a measure.
        group: Its group, as in `summary.csv`.
        option: Of which option.
        against: The option that it is compared with; then the number is the difference (for
            "what does the saving hang on?": `option="recruit_20_carers", against="baseline"`).
        period: Date or period; left out: sums of money over all complete financial years, the mean
            over the years of other measures, the last date of what is counted on dates.

    Returns:
        One row per assumption that was drawn and that the number can depend on (those of other
        options are left out), the strongest first: `path, value, low, high, correlation, se`. Where
        the number or the value never varies, the correlation is 0. Empty where nothing was drawn,
        or with fewer than 4 pairs.
    """
    values = numbers(results, Asked(measure, group, period), option, against)
    drawn = relevant(ranges(results.study), option, against or option)
    by_path = draws_of_pairs(results)
    drawn = [range_ for range_ in drawn if range_.path in by_path]
    means = pairs_of(values).mean(axis=1)
    known = ~np.isnan(means)
    if known.sum() < FEWEST_PAIRS:
        drawn = []
    rows = [
        _row(range_, by_path[range_.path][: len(means)][known], means[known]) for range_ in drawn
    ]
    table = pd.DataFrame(rows, columns=list(COLUMNS))
    strength = table["correlation"].abs()
    order = strength.sort_values(ascending=False, kind="stable").index
    return table.loc[order].reset_index(drop=True)


def relevant(drawn: Iterable[Range], *options: str) -> list[Range]:
    """The uncertain values of the baseline and of some options' edits."""
    return [r for r in drawn if not r.edits or any(name in options for name, _ in r.edits)]


def draws_of_pairs(results: Results) -> dict[str, Floats]:
    """The values used, by path, one for each pair of futures."""
    table = results.table("draws")
    table = table[(table["replication"] > 0) & (table["replication"] % 2 == 1)]
    return {
        str(path): rows.sort_values("replication")["value"].to_numpy(dtype=float)
        for path, rows in table.groupby("path", sort=False)
    }


def _row(
    drawn: Range, draws: Floats, means: Floats
) -> tuple[str, float, float, float, float, float]:
    correlation, se = rank_correlation(draws, means)
    return drawn.path, drawn.value, drawn.low, drawn.high, correlation, se


def rank_correlation(a: Floats, b: Floats) -> tuple[float, float]:
    """Spearman's correlation, ties sharing their mean rank, and its error (Bonett and Wright)."""
    ranks = [pd.Series(values).rank().to_numpy(dtype=float) for values in (a, b)]
    apart = [values - values.mean() for values in ranks]
    size = math.sqrt(float(np.sum(apart[0] ** 2) * np.sum(apart[1] ** 2)))
    if size == 0:
        return 0.0, 0.0
    r = float(np.sum(apart[0] * apart[1]) / size)
    return r, (1 - r**2) * math.sqrt((1 + r**2 / 2) / max(len(a) - 3, 1))
