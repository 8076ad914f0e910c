"""How often forecasts cover what comes, on made-up counts whose truth is known.

    python benchmarks/forecast_coverage.py [--series 20] [--write]

Six worlds, of which the methods know nothing; so many series of each; 72 and 36 months of history,
24 ahead; and 24 and 9 months, for the method of short series. Every candidate forecasts every
series, and so does the choice that `sufficiency forecast` would make. --write puts the tables
between the marks in docs/forecast.md.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

from sufficiency.forecast.candidates import NAIVE, SHORT, SMOOTHING, candidates, paths_of
from sufficiency.forecast.choosing import chosen
from sufficiency.forecast.rolling import trials
from sufficiency.forecast.scores import scored
from sufficiency.forecast.series import FULL_MONTHS, Series

PAGE = Path(__file__).resolve().parent.parent / "docs" / "forecast.md"
BEGIN, END = "<!-- made by benchmarks/forecast_coverage.py -->", "<!-- end -->"
AHEAD, PATHS = 24, 1000
LENGTHS = (9, 24, 36, 72)
SPANS = ("month", "twelve_months")
CHOICE = "the choice"
MEASURES = ("crps", "cover80", "cover95")
MOST_SERIES = 200
Scores = dict[tuple[str, str], np.ndarray]
"""By candidate and span: a row per series, a column per measure."""


def flat(rng: np.random.Generator, n: int) -> np.ndarray:
    """Six children a month, by chance alone."""
    return rng.poisson(6.0, n)


def seasonal(rng: np.random.Generator, n: int) -> np.ndarray:
    """Twelve a month, a third more in summer."""
    return rng.poisson(12 * (1 + 0.33 * np.sin(2 * np.pi * np.arange(n) / 12)))


def growing(rng: np.random.Generator, n: int) -> np.ndarray:
    """Twenty-five a month at first, 3% more each year, twice as spread as chance alone."""
    mean = 25 * 1.03 ** (np.arange(n) / 12)
    return rng.negative_binomial(mean, 0.5)


def drifting(rng: np.random.Generator, n: int) -> np.ndarray:
    """Fifteen a month at first; the level wanders, by about 14% in a year."""
    return rng.poisson(15 * np.exp(np.cumsum(0.04 * rng.standard_normal(n))))


def persistent(rng: np.random.Generator, n: int) -> np.ndarray:
    """About 40 a month; good and bad spells last for months and pass."""
    log = np.zeros(n)
    shocks = 0.12 * rng.standard_normal(n)
    for month in range(1, n):
        log[month] = 0.8 * log[month - 1] + shocks[month]
    return rng.poisson(40 * np.exp(log))


def interrupted(rng: np.random.Generator, n: int) -> np.ndarray:
    """Thirty a month; half of that for half a year, then a fifth more than before, for good."""
    known = n - AHEAD
    dip = rng.integers(12, known - 17) if known >= FULL_MONTHS else rng.integers(0, known // 3)
    mean = np.full(n, 30.0)
    mean[dip : dip + 6] = 15.0
    mean[dip + 6 :] = 36.0
    return rng.poisson(mean)


WORLDS: tuple[Callable[[np.random.Generator, int], np.ndarray], ...] = (
    flat, seasonal, growing, drifting, persistent, interrupted,
)  # fmt: skip


def run(length: int, series: int, *, choose: bool = True) -> Scores:
    """Scores of each candidate and span: one row per world and series, one column per measure."""
    found: dict[tuple[str, str], list[list[float]]] = {}
    for place, world in enumerate(WORLDS):
        for number in range(series):
            rng = np.random.default_rng([20_26, length, place, number])
            counts = world(rng, length + AHEAD).astype(float)
            past, came = Series(counts[:length], 3, np.ones(12)), counts[length:]
            names = candidates(past) if length > 12 else candidates(past)[:1]
            made = paths_of(names, past, AHEAD, PATHS, (place, number, length))
            if choose and length >= FULL_MONTHS:
                made[CHOICE] = made[chosen(trials(past, (place, number))).candidate]
            for name, paths in made.items():
                if paths is None:
                    raise SystemExit(f"{name} failed on series {number} of world {world.__name__}")
                totals = paths.reshape(-1, 2, 12).sum(axis=2), came.reshape(2, 12).sum(axis=1)
                for span, part in zip(SPANS, ((paths, came), totals), strict=True):
                    scores = scored(*part)
                    found.setdefault((name, span), []).append([scores[m] for m in MEASURES])
    return {key: np.array(rows) for key, rows in found.items()}


def table(found: Scores) -> list[str]:
    """One line per candidate, in Markdown."""
    heads = ["candidate"]
    for words in ("months", "twelve-month totals"):
        heads += [f"{words}: CRPS", "within 80%", "within 95%"]
    lines = ["| " + " | ".join(heads) + " |", "|---" + "|---:" * 6 + "|"]
    for name in dict.fromkeys(name for name, _ in found):
        cells = [name]
        for span in SPANS:
            means = found[name, span].mean(axis=0)
            errors = found[name, span].std(axis=0, ddof=1) / np.sqrt(len(found[name, span]))
            cells += [f"{means[0]:.2f} ± {errors[0]:.2f}"]
            cells += [f"{100 * means[i]:.1f} ± {100 * errors[i]:.1f}" for i in (1, 2)]
        lines.append("| " + " | ".join(cells) + " |")
    return lines


def against(found: Scores, mine: str, other: str) -> str:
    """How much lower the CRPS of one is than that of another, series by series."""
    parts = []
    for span, words in zip(SPANS, ("months", "twelve-month totals"), strict=True):
        own, its = found[mine, span][:, 0], found[other, span][:, 0]
        share = 100 * (its - own) / its.mean()
        error = share.std(ddof=1) / np.sqrt(len(share))
        parts.append(f"{share.mean():.1f}% ± {error:.1f} of {words}")
    return f"CRPS of {mine} below that of {other}: {', '.join(parts)}."


def by_world(found: Scores, name: str) -> list[str]:
    """Coverage of the twelve-month totals of one candidate in each world, in Markdown."""
    lines = [
        f"| {name}, by world | totals: CRPS | within 80% | within 95% |",
        "|---|---:|---:|---:|",
    ]
    parts = np.array_split(found[name, SPANS[1]], len(WORLDS))
    for world, part in zip(WORLDS, parts, strict=True):
        mean, error = part.mean(axis=0), part.std(axis=0, ddof=1) / np.sqrt(len(part))
        cells = [f"{mean[0]:.1f} ± {error[0]:.1f}"]
        cells += [f"{100 * mean[i]:.0f} ± {100 * error[i]:.0f}" for i in (1, 2)]
        lines.append(f"| {world.__doc__} | " + " | ".join(cells) + " |")
    return lines


def section(length: int, series: int) -> list[str]:
    """The tables of one length of history."""
    found = run(length, series)
    count = len(WORLDS) * series
    lines = [
        f"**{length} months of history, {AHEAD} ahead, {count} series**",
        "",
        *table(found),
        "",
    ]
    if length >= FULL_MONTHS:
        lines += [against(found, CHOICE, NAIVE), against(found, CHOICE, SMOOTHING), ""]
    return [*lines, *by_world(found, CHOICE if length >= FULL_MONTHS else SHORT), ""]


def main() -> None:
    """Print the tables, and write them if asked."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--series", type=int, default=20, help="series of each world")
    parser.add_argument("--write", action="store_true", help="write the tables into the page")
    asked = parser.parse_args()
    if not 2 <= asked.series <= MOST_SERIES:
        parser.error(f"--series must be from 2 to {MOST_SERIES}")
    began = time.perf_counter()
    lines = []
    for length in LENGTHS:
        found = section(length, asked.series)
        print("\n".join(found), flush=True)
        lines += found
    print(f"{time.perf_counter() - began:.0f} s")
    if asked.write:
        before, rest = PAGE.read_text(encoding="utf-8").split(BEGIN)
        after = rest.split(END)[1]
        text = "\n".join([before + BEGIN, "", *lines, END + after])
        PAGE.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
