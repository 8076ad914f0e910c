"""The round trip: made-up authorities written as returns, read, calibrated, and checked.

    python benchmarks/round_trip.py --authorities 50 --jobs 2 --write

Each authority of 500 children differs from `england` (round_trip_truth.py). Eight years of it are
simulated; the return of the first six is written to files and read back, and calibrated. Its true
entry rates, survival and hazards of moves should lie inside their 95% intervals as often as that
says; simulated onwards from the sixth year's end, the seventh and eighth year should lie inside the
50, 80 and 95% ranges as often as these say. What is done is kept in --scratch, so that a run can be
stopped and gone on with. --write puts the tables between the marks in docs/backtest.md.
"""

from __future__ import annotations

import argparse
import json
import math
import sys
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, NamedTuple

import numpy as np
from joblib import Parallel, delayed
from round_trip_truth import (
    GROUPS,
    MOVE_AGES,
    authority,
    entries_a_year,
    move_hazards,
    moves_of,
    nights_lived,
    survival,
)

from sufficiency.backtest.comparing import OURS, Observed, compared
from sufficiency.backtest.settings import Settings
from sufficiency.backtest.simulating import futures_of, study_of
from sufficiency.experiment.draws import draws, ranges
from sufficiency.history.counting import observed
from sufficiency.history.reading import read_history
from sufficiency.periods import YEAR
from sufficiency.scenario import Scenario, Study
from sufficiency.scenario_file import load
from sufficiency.ssda903.writing import write_return
from sufficiency.synthesis import synthesise
from sufficiency.vocabulary import Kind

PAGE = Path(__file__).resolve().parent.parent / "docs" / "backtest.md"
BEGIN, END = "<!-- made by benchmarks/round_trip.py -->", "<!-- end -->"
YEARS, KNOWN = 8, 6
DRAWS = 400
"""Scenarios drawn from the calibrated ranges, as a run draws them: intervals are their middle."""
ERRORS_ALLOWED, DOUBTFUL = 3.0, 2.0
"""A share further from what it should be than so many standard errors is called wrong, or doubtful:
of so many shares some are doubtful by chance."""
RANGES = ("50%", "80%", "95%")
KIND_WORDS = {
    "entries": "entries a year, by age group; UASC",
    "survival": "still in care after 28, 182, 365 and 730 days, by entry group",
    "moves": "hazard of a move, by time in placement",
}
FUTURE_WORDS = {
    "children_in_care": "children in care",
    "type": "children in care, by type of placement",
    "entries": "entries in the year",
    "exits": "exits in the year",
}


class Check(NamedTuple):
    """A true value and its 95% interval."""

    kind: str
    name: str
    truth: float
    low: float
    value: float
    high: float


class Future(NamedTuple):
    """A number of the known future and how far it lies in each range."""

    what: str
    years_ahead: int
    observed: float
    median: float
    cover50: float
    cover80: float
    cover95: float


# ---- One authority -----------------------------------------------------------------------------


def round_trip(number: int, seed: int, replications: int, bootstrap: int) -> dict[str, Any]:
    """One authority there and back: its checks and its known future."""
    began = time.perf_counter()
    truth = authority(number, seed)
    luck_seed = int(np.random.SeedSequence(seed, spawn_key=(number, 1)).generate_state(1)[0])
    made = synthesise(truth, YEARS, replication=1, seed=luck_seed)
    with TemporaryDirectory(prefix="round-trip-") as private:
        folder = Path(private)
        every = made.returned.years
        write_return(made.returned, folder / "known", years=every[:KNOWN])
        write_return(made.returned, folder / "all")
        known, whole = read_history(folder / "known"), read_history(folder / "all")
        settings = Settings(
            years_ahead=YEARS - KNOWN,
            replications=replications,
            bootstrap=bootstrap,
            seed=seed,
            jobs=1,
        )
        study = study_of(known, load("england"), settings, folder)
        futures = futures_of(study, known.last, settings, folder)
        happened = Observed(observed(whole))
        rows = list(compared(known.last, happened, {OURS: futures}, settings.years_ahead))
    drawn = Drawn(study)
    nights = nights_lived(made)
    luck = np.random.default_rng(np.random.SeedSequence(seed, spawn_key=(number, 2)))
    checks = [
        *_entries(truth.scenario, study.scenario, drawn),
        *_survival(truth.scenario, study.scenario, drawn, luck),
        *_moves(truth.scenario, study.scenario, drawn, nights),
    ]
    return {
        "authority": number,
        "seconds": round(time.perf_counter() - began, 1),
        "checks": checks,
        "future": [found for row in rows if (found := _future(row)) is not None],
    }


class Drawn:
    """Values drawn from the ranges of a calibrated study, as a run draws them."""

    def __init__(self, study: Study) -> None:
        found = ranges(study)
        values = np.maximum(draws(found, seed=1, replications=2 * DRAWS)[1::2], 0.0)
        self._columns = {r.path: values[:, at] for at, r in enumerate(found)}

    def of(self, path: str, value: float) -> np.ndarray:
        """A setting in each draw; one without a range is what it is."""
        return self._columns.get(path, np.full(DRAWS, value))


def _check(kind: str, name: str, truth: float, value: float, drawn: np.ndarray) -> Check:
    low, high = np.quantile(drawn, [0.025, 0.975]).tolist()
    return Check(kind, name, truth, low, value, high)


def _entries(truth: Scenario, found: Scenario, drawn: Drawn) -> Iterator[Check]:
    size = found.authority.children_in_care / 100
    for group, a_year in entries_a_year(truth).items():
        uasc = group == "uasc"
        path = "demand.uasc.per_100_in_care" if uasc else f"demand.entries_per_100_in_care.{group}"
        per_100 = found.demand.entries_per_100_in_care
        value = found.demand.uasc.per_100_in_care if uasc else per_100[group]  # type: ignore[index]  # an age
        yield _check("entries", group, a_year, value * size, drawn.of(path, value) * size)


def _survival(
    truth: Scenario, found: Scenario, drawn: Drawn, luck: np.random.Generator
) -> Iterator[Check]:
    stays: Mapping[Any, Any] = found.stays.by_group or {}
    for group in GROUPS:
        true = survival(truth, group, luck)
        if group not in stays:
            continue
        starts = np.array([0.0, *stays[group].breaks_days])
        rates = stays[group].leaving_per_year
        path = f"stays.by_group.{group}.leaving_per_year"
        each = np.stack([drawn.of(f"{path}.{i}", rate) for i, rate in enumerate(rates)])
        for days, share in true.items():
            spent = np.clip(days - starts, 0, np.diff(starts, append=np.inf)) / YEAR
            value = math.exp(-float(spent @ np.array(rates)))
            yield _check("survival", f"{group}, {days} days", share, value, np.exp(-spent @ each))


def _moves(truth: Scenario, found: Scenario, drawn: Drawn, nights: np.ndarray) -> Iterator[Check]:
    true = move_hazards(moves_of(truth), nights) * YEAR
    stated = moves_of(found)
    value = move_hazards(stated, nights) * YEAR
    each = _drawn_moves(stated, drawn)
    many = np.array([move_hazards(one, nights) for one in each]) * YEAR
    for band in range(len(true)):
        yield _check("moves", f"band {band + 1}", true[band], value[band], many[:, band])


def _drawn_moves(stated: Mapping[str, Any], drawn: Drawn) -> Iterator[dict[str, Any]]:
    """The hazards of moves in each draw."""
    names = {
        "hazard_per_day": [str(i) for i in range(8)],
        "age_factor": MOVE_AGES,
        "kind_factor": [kind.value for kind in Kind],
    }
    scale = drawn.of("moves.scale", stated["scale"])
    tables = {
        name: np.stack(
            [
                drawn.of(f"moves.{name}.{key}", value)
                for key, value in zip(keys, stated[name], strict=True)
            ]
        )
        for name, keys in names.items()
    }
    for at in range(DRAWS):
        yield {"scale": scale[at], **{name: table[:, at] for name, table in tables.items()}}


def _future(row: Any) -> Future | None:
    what, score = row.what, row.score
    name = "type" if what.group.startswith("type=") else what.measure
    if name not in FUTURE_WORDS or (what.group and name != "type"):
        return None
    covers = (score.cover50, score.cover80, score.cover95)
    return Future(name, what.years_ahead, row.observed, score.median, *covers)


# ---- All of them -------------------------------------------------------------------------------


class Share(NamedTuple):
    """A share of all authorities' values, and how far chance may have moved it."""

    number: int
    share: float
    error: float
    """Standard error: of so many independent draws, or between authorities if that is larger."""
    wanted: float

    @property
    def right(self) -> bool:
        """Whether it is what it should be, as far as can be told."""
        return abs(self.away) <= ERRORS_ALLOWED

    @property
    def away(self) -> float:
        """How many standard errors it is from what it should be."""
        return (self.share - self.wanted) / self.error


def share_of(parts: Sequence[Sequence[float]], wanted: float) -> Share:
    """Pool values from 0 to 1, a sequence for each authority."""
    parts = [part for part in parts if part]
    values = [value for part in parts for value in part]
    n = len(values)
    share = sum(values) / n
    alone = math.sqrt(wanted * (1 - wanted) / n)
    residuals = [sum(part) - share * len(part) for part in parts]
    many = len(parts)
    between = math.sqrt(sum(r * r for r in residuals) * many / max(many - 1, 1)) / n
    return Share(n, share, max(alone, between), wanted)


def inside(results: Sequence[Mapping[str, Any]], kind: str) -> Share:
    """How often the truth of a kind lies inside its 95% interval."""
    parts = [
        [float(c.low <= c.truth <= c.high) for c in checks_of(r) if c.kind == kind] for r in results
    ]
    return share_of(parts, 0.95)


def checks_of(result: Mapping[str, Any]) -> list[Check]:
    """The checks of one authority, read back from the scratch file or not."""
    return [Check(*row) for row in result["checks"]]


def held(results: Sequence[Mapping[str, Any]], what: str, lead: int, place: int) -> Share:
    """How often the known future lies inside a range."""
    parts = [
        [
            (f.cover50, f.cover80, f.cover95)[place]
            for f in (Future(*row) for row in r["future"])
            if f.what == what and f.years_ahead == lead
        ]
        for r in results
    ]
    return share_of(parts, (0.5, 0.8, 0.95)[place])


def tables(results: Sequence[Mapping[str, Any]]) -> list[str]:
    """Both tables, as Markdown."""
    return [*_interval_table(results), "", *_future_table(results), "", *_worst(results)]


def _interval_table(results: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    yield "| true values | number | inside the 95% interval | error | mean of estimate ÷ truth | |"
    yield "|---|---|---|---|---|---|"
    for kind, words in KIND_WORDS.items():
        found = inside(results, kind)
        rows = [c for r in results for c in checks_of(r) if c.kind == kind]
        ratio = math.exp(float(np.mean([math.log(c.value / c.truth) for c in rows])))
        yield (
            f"| {words} | {found.number:,} | {100 * found.share:.1f}% | ±{100 * found.error:.1f}"
            f" | {ratio:.3f} | {_verdict(found)} |"
        )


def _future_table(results: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    yield f"| the known future | years ahead | numbers | {' | '.join(RANGES)} | mean error | |"
    yield "|---|---|---|---|---|---|---|---|"
    for what, words in FUTURE_WORDS.items():
        for lead in range(1, YEARS - KNOWN + 1):
            found = [held(results, what, lead, place) for place in range(len(RANGES))]
            rows = [f for r in results for f in (Future(*x) for x in r["future"])]
            away = [f.median - f.observed for f in rows if (f.what, f.years_ahead) == (what, lead)]
            cells = " | ".join(f"{100 * s.share:.0f}% ±{100 * s.error:.0f}" for s in found)
            yield (
                f"| {words} | {lead} | {found[0].number:,} | {cells} | {np.mean(away):+.1f}"
                f" | {_verdict(*found)} |"
            )


def _verdict(*found: Share) -> str:
    """What the share that is furthest from what it should be comes to, in its errors."""
    worst = max(found, key=lambda one: abs(one.away))
    if abs(worst.away) <= DOUBTFUL:
        return "as it should"
    side = "too seldom" if worst.away < 0 else "too often"
    return f"**{side}**" if not worst.right else f"doubtful: {side}"


def _worst(results: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    """Where the truth lies outside most often, by name."""
    outside: dict[tuple[str, str], list[float]] = {}
    for check in (c for r in results for c in checks_of(r)):
        missed = float(not check.low <= check.truth <= check.high)
        outside.setdefault((check.kind, check.name), []).append(missed)
    worst = sorted(outside, key=lambda key: -float(np.mean(outside[key])))[:5]
    told = [f"{kind}: {name} {100 * np.mean(outside[kind, name]):.0f}%" for kind, name in worst]
    yield f"Outside most often: {'; '.join(told)}."


def as_it_should(results: Sequence[Mapping[str, Any]]) -> bool:
    """Whether everything is covered as often as it should, as far as can be told."""
    found = [inside(results, kind) for kind in KIND_WORDS]
    found += [
        held(results, what, lead, place)
        for what in FUTURE_WORDS
        for lead in range(1, YEARS - KNOWN + 1)
        for place in range(len(RANGES))
    ]
    return all(one.right for one in found)


# ---- Running -----------------------------------------------------------------------------------


def run(asked: argparse.Namespace) -> list[dict[str, Any]]:
    """All authorities asked for; those in the scratch file are not made again."""
    settings = [asked.seed, asked.replications, asked.bootstrap]
    done = _read(asked.scratch, settings)
    missing = [number for number in range(1, asked.authorities + 1) if number not in done]
    tasks = (
        delayed(round_trip)(n, asked.seed, asked.replications, asked.bootstrap) for n in missing
    )
    asked.scratch.parent.mkdir(parents=True, exist_ok=True)
    for found in Parallel(n_jobs=asked.jobs, return_as="generator_unordered")(tasks):
        done[found["authority"]] = found
        _append(asked.scratch, {"settings": settings, **found})
        print(f"authority {found['authority']}: {found['seconds']:.0f} s", flush=True)
    return [done[number] for number in range(1, asked.authorities + 1)]


def _read(scratch: Path, settings: list[int]) -> dict[int, dict[str, Any]]:
    if not scratch.is_file():
        return {}
    rows = [json.loads(line) for line in scratch.read_text(encoding="utf-8").splitlines()]
    return {row["authority"]: row for row in rows if row["settings"] == settings}


def _append(scratch: Path, row: Mapping[str, Any]) -> None:
    with scratch.open("a", encoding="utf-8") as file:
        file.write(json.dumps(row) + "\n")


def write(lines: Iterable[str]) -> None:
    """Put the tables between the marks of the page."""
    page = PAGE.read_text(encoding="utf-8")
    before, rest = page.split(BEGIN)
    _, after = rest.split(END)
    PAGE.write_text(f"{before}{BEGIN}\n{chr(10).join(lines)}\n{END}{after}", encoding="utf-8")


def main() -> None:
    """Run, print, and write if asked; the status is 1 where something is covered wrongly."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--authorities", type=int, default=50)
    parser.add_argument("--replications", type=int, default=100)
    parser.add_argument("--bootstrap", type=int, default=200)
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--scratch", type=Path, default=Path("outputs/round_trip.jsonl"))
    parser.add_argument("--write", action="store_true")
    asked = parser.parse_args()
    results = run(asked)
    command = f"--authorities {asked.authorities} --seed {asked.seed}"
    lines = [f"`python benchmarks/round_trip.py {command}`:", "", *tables(results)]
    print("\n".join(lines))
    if asked.write:
        write(lines)
    sys.exit(0 if as_it_should(results) else 1)


if __name__ == "__main__":
    main()
