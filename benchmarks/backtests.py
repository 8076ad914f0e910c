"""The backtest on many made-up authorities: ours beside flat and the constant-rate model.

    python benchmarks/backtests.py --authorities 24 --jobs 2 --write

One authority has too few year-ends to tell who forecasts better. These are authorities of 500
children unlike England (round_trip_truth.py), eight years of each, forecast from the ends of the
fifth, sixth and seventh year as `sufficiency backtest` does it. --write puts the table between its
marks in docs/backtest.md.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from joblib import Parallel, delayed
from round_trip_truth import CHILDREN, authority

from sufficiency.backtest.backtesting import backtest
from sufficiency.backtest.comparing import FLAT, MARKOV, MODELS, OURS
from sufficiency.backtest.settings import Settings
from sufficiency.history.from_return import from_return
from sufficiency.scenario_file import load
from sufficiency.synthesis import synthesise

PAGE = Path(__file__).resolve().parent.parent / "docs" / "backtest.md"
BEGIN, END = "<!-- made by benchmarks/backtests.py -->", "<!-- backtests: end -->"
YEARS, ORIGINS = 8, 3
TYPES = "type="
MEASURES = {
    ("children_in_care", ""): "children in care",
    ("children_in_care", TYPES): "children in care, each type of placement",
    ("entries", ""): "entries in the year",
    ("exits", ""): "exits in the year",
    ("moves", ""): "moves in the year",
}
What = tuple[str, str, int, str]
"""Measure, group (types together), years ahead, model."""


def errors(number: int, seed: int, replications: int) -> dict[What, float]:
    """Mean CRPS of one authority, over its year-ends."""
    made = synthesise(authority(number, seed), YEARS, seed=seed * 1_000 + number)
    settings = Settings(replications=replications, seed=seed, jobs=1)
    found = backtest(from_return(made.returned), load("england"), settings, origins=ORIGINS)
    by: dict[What, list[float]] = {}
    for one in found.forecasts:
        group = TYPES if one.what.group.startswith(TYPES) else one.what.group
        if (one.what.measure, group) in MEASURES:
            what = (one.what.measure, group, one.what.years_ahead, one.model)
            by.setdefault(what, []).append(one.score.crps)
    return {what: float(np.mean(values)) for what, values in by.items()}


def lines(results: list[dict[What, float]], command: str) -> Iterator[str]:
    """The table, as Markdown."""
    yield f"`python benchmarks/backtests.py {command}`:"
    yield ""
    yield (
        f"Mean error (CRPS, children) in {len(results)} authorities of {CHILDREN} children,"
        f" {ORIGINS} year-ends each; below 0 ours is better. Behind ± is the standard error over"
        " authorities."
    )
    yield ""
    yield "| measure | years ahead | ours | flat | Markov | ours less flat | ours less Markov |"
    yield "|---|---|---|---|---|---|---|"
    for (measure, group), words in MEASURES.items():
        for ahead in (1, 2):
            by = {m: np.array([r[measure, group, ahead, m] for r in results]) for m in MODELS}
            means = " | ".join(f"{by[model].mean():.1f}" for model in (OURS, FLAT, MARKOV))
            less = " | ".join(_difference(by[OURS] - by[peer]) for peer in (FLAT, MARKOV))
            yield f"| {words} | {ahead} | {means} | {less} |"


def _difference(values: np.ndarray) -> str:
    error = values.std(ddof=1) / np.sqrt(len(values)) if len(values) > 1 else float("nan")
    return f"{values.mean():+.2f} ± {error:.2f}"


def write(text: str) -> None:
    """Put the table between its marks."""
    page = PAGE.read_text(encoding="utf-8")
    before, rest = page.split(BEGIN)
    _, after = rest.split(END)
    PAGE.write_text(f"{before}{BEGIN}\n{text}\n{END}{after}", encoding="utf-8", newline="\n")


def main() -> None:
    """Read the command line and run."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--authorities", type=int, default=24)
    parser.add_argument("--replications", type=int, default=40)
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--write", action="store_true")
    asked = parser.parse_args()
    numbers = range(1, asked.authorities + 1)
    tasks = (delayed(errors)(n, asked.seed, asked.replications) for n in numbers)
    results = []
    for found in Parallel(n_jobs=asked.jobs, return_as="generator")(tasks):
        results.append(found)
        print(f"{len(results)} of {asked.authorities}", flush=True)
    text = "\n".join(lines(results, f"--authorities {asked.authorities} --seed {asked.seed}"))
    print(text)
    if asked.write:
        write(text)


if __name__ == "__main__":
    main()
