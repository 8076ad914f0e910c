"""Set cs-demand-model 0.5.1 beside this project: the same returns read, the same futures forecast.

Synthetic authorities, which differ from England as those of round_trip.py do, have a known future:
years are simulated, all but the last two are given to each forecaster, and their number of children
by category 12 and 24 months ahead is compared with what then happened. cs-demand-model needs an
environment of its own (Python 3.10 or 3.11):

    python3.11 -m venv PEER && PEER/bin/pip install cs-demand-model==0.5.1
    python benchmarks/peers.py --peer-python PEER/bin/python --write

Children with short breaks only are left out of what is written for it: it counts them as in care.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from round_trip_truth import authority as away_from_england

from sufficiency.backtest.comparing import STOCK, Futures
from sufficiency.backtest.peers import markov_futures
from sufficiency.backtest.settings import Settings
from sufficiency.backtest.simulating import simulated
from sufficiency.history.from_return import from_return
from sufficiency.scenario import Study, with_values
from sufficiency.scenario_file import load
from sufficiency.ssda903.reading import read_return
from sufficiency.ssda903.returns import Return
from sufficiency.ssda903.writing import write_return
from sufficiency.synthesis import synthesise

GIVEN, AHEAD = 4, 2
"""Years of the return that are given, and years after them that are known."""
MONTHS = (12, 24)
WINDOWS = {6: "its default, six months", 48: "all four years"}
"""Reference windows of cs-demand-model, in months."""
START = date(2024, 4, 1)
"""The known years end before: K3, in force since, is unknown to cs-demand-model."""
FORECASTING = "cs-demand-model"
SHORT_BREAKS = ("V3", "V4")

CATEGORY = {
    **dict.fromkeys(("U1", "U2", "U3", "U4", "U5", "U6"), "fostering"),
    **dict.fromkeys(("K2", "R1"), "residential"),
    **dict.fromkeys(("H5", "P2"), "supported"),
}
"""Categories of cs-demand-model 0.5.1; every other place is `other`."""
CATEGORIES = ("all", "fostering", "residential", "supported", "other")
BRACKETS = ("BIRTH_TO_ONE", "ONE_TO_FIVE", "FIVE_TO_TEN", "TEN_TO_SIXTEEN", "SIXTEEN_TO_EIGHTEEN")
BRACKET_STARTS = (1.0, 5.0, 10.0, 16.0)
ITS_YEAR = 365.24

Numbers = Mapping[str, float]
"""Children by category of `CATEGORIES`."""


@dataclass(frozen=True)
class Authority:
    """A synthetic authority with a known future."""

    children: int
    growth: float
    """Growth of entries a year, UASC apart."""
    seed: int


AUTHORITIES = tuple(
    Authority(children, growth, 9_030 + place)
    for place, (children, growth) in enumerate(
        (size, growth) for size in (200, 457, 457, 1_000) for growth in (-0.04, 0.0, 0.04)
    )
)


@dataclass(frozen=True)
class Known:
    """What a forecaster is given."""

    study: Study
    """A base for what a return does not hold: England, from which the authority differs."""
    folder: Path
    """The return as far as it was known, a folder for each year."""
    returned: Return
    """The same, read by ours."""
    last: date


Forecaster = Callable[[Known], Mapping[int, Numbers]]
"""Children by category so many months after the last day known."""


def flat(known: Known) -> dict[int, Numbers]:
    """As many as on the last day."""
    now = counted(known.returned, known.last)
    return dict.fromkeys(MONTHS, now)


def simulated_onwards(known: Known) -> dict[int, Numbers]:
    """Calibrated, forecast and simulated from the last day, as `sufficiency backtest` does it."""
    with tempfile.TemporaryDirectory() as folder:
        settings = Settings(replications=FUTURES)
        return by_month(simulated(from_return(known.returned), known.study, settings, Path(folder)))


def markov(known: Known) -> dict[int, Numbers]:
    """Our own constant-rate model of stocks and flows, the backtest's yardstick."""
    return by_month(markov_futures(known.last, from_return(known.returned), AHEAD, seed=1))


FUTURES = 40
"""Simulated futures of ours: their mean is compared."""
FORECASTERS: dict[str, Forecaster] = {
    "flat": flat,
    "Markov": markov,
    "sufficiency": simulated_onwards,
}
"""Forecasters besides cs-demand-model, by the name in the table."""

OF_TYPES = {
    "fostering": ("in_house", "ifa", "kinship"),
    "residential": ("home_own", "home_external"),
    "supported": ("supported",),
}
"""Our types of placement in the categories of cs-demand-model; the rest is `other`."""


def by_month(futures: Futures) -> dict[int, Numbers]:
    """Mean children by category, by months ahead."""
    found: dict[int, Numbers] = {}
    for months in MONTHS:
        mean = {
            what.group: float(values.mean())
            for what, values in futures.items()
            if what.measure == STOCK and what.years_ahead == months // 12
        }
        parts = {
            category: sum(mean.get(f"type={type_}", 0.0) for type_ in types)
            for category, types in OF_TYPES.items()
        }
        other = mean[""] - sum(parts.values())
        found[months] = {"all": mean[""], **parts, "other": other}
    return found


def counted(returned: Return, day: date) -> dict[str, float]:
    """Children by category at the end of a day."""
    places = open_on(returned, day)["place"].map(CATEGORY).fillna("other")
    found = {name: float((places == name).sum()) for name in CATEGORIES}
    return {**found, "all": float(len(places))}


def open_on(returned: Return, day: date) -> pd.DataFrame:
    """Episodes open at the end of a day, short breaks left out."""
    rows, at = returned.episodes, pd.Timestamp(day)
    there = (rows["started"] <= at) & ~(rows["ended"] <= at)
    return rows[there & ~rows["legal_status"].isin(SHORT_BREAKS)]


def cells(returned: Return, day: date, *, at_start: bool) -> dict[str, float]:
    """Children by age bracket and category, aged as when the episode began, or as on the day."""
    rows = open_on(returned, day).merge(returned.children[["child", "born"]], on="child")
    then = rows["started"] if at_start else pd.Timestamp(day)
    age = (then - rows["born"]).dt.days / ITS_YEAR
    bracket = np.searchsorted(BRACKET_STARTS, age, side="right")
    category = rows["place"].map(CATEGORY).fillna("other").str.upper()
    names = [f"{BRACKETS[b]}/{c}" for b, c in zip(bracket, category, strict=True)]
    return {name: float(number) for name, number in pd.Series(names).value_counts().items()}


# ---- One authority -----------------------------------------------------------------------------


@dataclass(frozen=True)
class Scored:
    """One authority: stock as counted by both, and forecasts beside what happened."""

    authority: Authority
    stock: tuple[float, float]
    """Children on the last day known: ours, cs-demand-model's."""
    cells_apart: int
    """Cells of age bracket and category in which the two differ, aged as cs-demand-model does."""
    age_apart: float
    """Children whose bracket on the day is not the one that cs-demand-model counts them in."""
    now: Numbers
    truth: Mapping[int, Numbers]
    forecasts: Mapping[str, Mapping[int, Numbers]]


def score(authority: Authority, peer: Callable[[Path, date], dict[str, Any]]) -> Scored:
    """Make an authority, let everybody forecast it, and look what happened."""
    england = load("england")
    values = {"start": START, "demand.trend_per_year": authority.growth}
    study = replace_scenario(away_from_england(authority.seed, authority.seed), values)
    whole = synthesise(
        study, GIVEN + AHEAD, children=authority.children, seed=authority.seed
    ).returned
    last = date(whole.last.year - AHEAD, 3, 31)
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch) / "return"
        _write(whole, folder)
        known = Known(england, folder, read_return(folder), last)
        found = peer(folder, last)
        forecasts = {name: ask(known) for name, ask in FORECASTERS.items()}
    for window, words in WINDOWS.items():
        forecasts[f"{FORECASTING}, {words}"] = {
            months: _by_category(found["forecasts"][str(window)][str(months)]) for months in MONTHS
        }
    ours = cells(known.returned, last, at_start=True)
    on_the_day = cells(known.returned, last, at_start=False)
    its = {name: number for name, number in found["stock"].items() if number}
    names = {*ours, *its}
    return Scored(
        authority=authority,
        stock=(sum(ours.values()), sum(its.values())),
        cells_apart=sum(ours.get(name, 0.0) != its.get(name, 0.0) for name in names),
        age_apart=_moved(ours, on_the_day),
        now=counted(known.returned, last),
        truth={m: counted(whole, date(last.year + m // 12, 3, 31)) for m in MONTHS},
        forecasts=forecasts,
    )


def replace_scenario(study: Study, values: Mapping[str, Any]) -> Study:
    """The study with other values in its scenario."""
    return study.model_copy(update={"scenario": with_values(study.scenario, values)})


def _write(whole: Return, folder: Path) -> None:
    """The years known, in folders whose names are numbers, as cs-demand-model wants them."""
    episodes = whole.episodes
    without = replace(whole, episodes=episodes[~episodes["legal_status"].isin(SHORT_BREAKS)])
    write_return(without, folder, years=whole.years[:GIVEN])
    for place, year in enumerate(sorted(folder.iterdir())):
        year.rename(folder / str(whole.years[place]))


def _by_category(cells_of: Mapping[str, float]) -> dict[str, float]:
    found = dict.fromkeys(CATEGORIES, 0.0)
    for name, number in cells_of.items():
        found[name.split("/")[1].lower()] += number
        found["all"] += number
    return found


def _moved(one: Mapping[str, float], other: Mapping[str, float]) -> float:
    """Children who are in another age bracket."""
    brackets = [{b: sum(n for c, n in t.items() if c.startswith(b)) for b in BRACKETS}
                for t in (one, other)]  # fmt: skip
    return sum(abs(brackets[0][b] - brackets[1][b]) for b in BRACKETS) / 2


def ask_peer(python: Path, folder: Path, last: date) -> dict[str, Any]:
    """Run cs-demand-model in its own environment."""
    script = Path(__file__).with_name("peer_cs_demand_model.py")
    numbers = (",".join(map(str, values)) for values in (WINDOWS, MONTHS))
    words = [str(python), str(script), str(folder), last.isoformat(), *numbers]
    done = subprocess.run(words, capture_output=True, text=True, check=True)
    found: dict[str, Any] = json.loads(done.stdout)
    return found


# ---- The table ---------------------------------------------------------------------------------

BEGIN, END = "<!-- peers: begin -->", "<!-- peers: end -->"


def errors(scored: list[Scored], name: str, months: int, category: str) -> np.ndarray:
    """Forecast less truth, in % of the children in care on the last day known."""
    found = [
        (s.forecasts[name][months][category] - s.truth[months][category]) / s.now["all"]
        for s in scored
    ]
    return 100 * np.array(found)


def table(scored: list[Scored]) -> list[str]:
    """What was found, as lines of Markdown."""
    apart = sum(s.cells_apart for s in scored)
    equal = sum(s.stock[0] == s.stock[1] for s in scored)
    aged = sum(s.age_apart for s in scored) / sum(s.stock[0] for s in scored)
    lines = [
        f"{len(scored)} synthetic authorities, none like England, of {_sizes(scored)} children in"
        f" care, with entries that fall, stay or grow by 4% a year; {GIVEN} years given, {AHEAD} to"
        " come.",
        "",
        f"**Reading.** On the last day known the number of children in care is the same in {equal}"
        f" of {len(scored)} authorities, and {apart} cells of age bracket and category differ when"
        " children are aged as cs-demand-model does it, at the start of their episode. On the day"
        f" itself {aged:.0%} of the children are in another age bracket than the one it counts them"
        " in. Children with short breaks only were left out: it counts them as in care.",
        "",
        "**Forecasting.** Errors (forecast less what happened) in % of the children in care on the"
        " last day known: bias is their mean over authorities, with its standard error, then the"
        " mean without sign.",
        "",
        "| forecaster | months | " + " | ".join(CATEGORIES) + " |",
        "|---|---|" + "---|" * len(CATEGORIES),
    ]
    for months in MONTHS:
        for name in sorted(scored[0].forecasts):
            shown = [_shown(errors(scored, name, months, category)) for category in CATEGORIES]
            lines.append(f"| {name} | {months} | {' | '.join(shown)} |")
    return lines


def _sizes(scored: list[Scored]) -> str:
    *sizes, largest = (f"{size:,}" for size in sorted({s.authority.children for s in scored}))
    return f"{', '.join(sizes)} and {largest}" if sizes else largest


def _shown(found: np.ndarray) -> str:
    error = found.std(ddof=1) / np.sqrt(len(found)) if len(found) > 1 else float("nan")
    return f"{found.mean():+.1f} ± {error:.1f}; {np.abs(found).mean():.1f}"


def write(lines: list[str], docs: Path) -> Path:
    """Put the table between its marks, in the page on backtests."""
    page = docs / "backtest.md"
    text = page.read_text(encoding="utf-8")
    if BEGIN not in text:
        made_by = "Made by `benchmarks/peers.py --write`; see there for how.\n"
        text = f"{text.rstrip()}\n\n## {FORECASTING}\n\n{made_by}\n{BEGIN}\n{END}\n"
    before, rest = text.split(BEGIN)
    _, after = rest.split(END)
    body = "\n".join(lines)
    page.write_text(f"{before}{BEGIN}\n{body}\n{END}{after}", encoding="utf-8", newline="\n")
    return page


def main() -> None:
    """Read the command line and run."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--peer-python", type=Path, required=True, metavar="PATH")
    parser.add_argument("--authorities", type=int, default=len(AUTHORITIES))
    parser.add_argument("--write", action="store_true")
    chosen = parser.parse_args()
    scored = []
    for authority in AUTHORITIES[: chosen.authorities]:
        scored.append(score(authority, partial(ask_peer, chosen.peer_python)))
        latest = scored[-1]
        print(authority, latest.stock, latest.cells_apart, latest.age_apart, flush=True)
    lines = table(scored)
    print("\n".join(lines))
    if chosen.write:
        print(write(lines, Path(__file__).parents[1] / "docs"))


if __name__ == "__main__":
    main()
