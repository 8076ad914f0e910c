from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import NamedTuple

import numpy as np
import pandas as pd
import pytest

from sufficiency import comparison
from sufficiency.answer import Answer, answer_of
from sufficiency.answer.effects import Effect
from sufficiency.answer.levels import Level, by_financial_year, course, horizons, needs, series
from sufficiency.answer.screen import WIDTH, text
from sufficiency.answer.words import number, percent, signed, title
from sufficiency.comparison import Headline
from sufficiency.results.statistics import moments, percentiles, share_above
from sufficiency.scenario import Edit, Observed, Option, Study
from sufficiency.scenario_file import load

START = date(2025, 4, 1)
FUTURES = 60
TYPES = {
    "in_house": 57, "ifa": 51, "kinship": 32, "home_own": 3, "home_external": 20, "supported": 20,
    "emergency_bed": 0, "unregistered": 2, "parents": 12, "adoption": 4, "secure": 1, "other": 3,
}  # fmt: skip
NEEDED = {"foster": 121.0, "home": 22.0, "supported": 21.0}
USABLE = {
    "kind=foster": 117.0, "kind=home": 23.0, "kind=supported": 19.0,
    "type=in_house": 66.0, "type=home_own": 3.0,
}  # fmt: skip
BETTER = {"unmet_need": "down", "in_area_share": "up"}
CARERS = Option(
    name="recruit_20_carers",
    description="Recruit 20 foster carers (people) over a year.",
    edits=(
        Edit(action="set", path="fostering.recruitment.number", value=20),
        Edit(action="set", path="fostering.recruitment.unit", value="carers"),
    ),
)
HOME = Option(
    name="two_bed_home", description="Open a two-bed home.",
    edits=(Edit(action="set", path="emergency.beds", value=1),),
)  # fmt: skip


class Tables(NamedTuple):
    summary: pd.DataFrame
    comparison: pd.DataFrame
    headline: Headline
    study: Study


def quarter_ends(years: float) -> list[str]:
    firsts = [date(y, m, 1) for y in range(2025, 2037) for m in (1, 4, 7, 10)]
    eves = [first - timedelta(days=1) for first in firsts if first > START]
    return [START.isoformat(), *(d.isoformat() for d in eves[: round(years * 4)])]


def month_ends(years: float) -> list[str]:
    firsts = [date(y, m, 1) for y in range(2025, 2037) for m in range(1, 13)]
    eves = [first - timedelta(days=1) for first in firsts if first > START]
    return [START.isoformat(), *(d.isoformat() for d in eves[: round(years * 12)])]


def study_of(name: str = "Camden", options: Sequence[Option] = (CARERS, HOME)) -> Study:
    study = load("camden")
    observed = (
        Observed(
            measure="children_in_care", group="", period="2026-03-31", value=210,
            source="DfE", use="check",
        ),
        Observed(measure="moves", group="", period="2025-26", value=9, source="DfE", use="fit"),
    )  # fmt: skip
    scenario = study.scenario.model_copy(update={"name": name, "observed": observed})
    return study.model_copy(update={"scenario": scenario, "options": tuple(options)})


def tables(
    *,
    years: float = 5,
    end: float = 0.75,
    needed_end: float = 1.0,
    season: float = 3.0,
    total_end: float = 1.0,
    effects: Mapping[str, Mapping[str, float]] | None = None,
    noise: float = 3.0,
    study: Study | None = None,
) -> Tables:
    """Tables such as a run leaves.

    Args:
        years: Length of the run.
        end: In-house households and children at the end, as a share of those at the start.
        needed_end: Need at the end, as a share of need at the start.
        season: Children more in September than on average.
        total_end: Children in care at the end, as a share of those at the start.
        effects: What each option adds to children by type, once it has built up.
        noise: Standard deviation between futures, of levels; effects have half of it.
        study: What was run.
    """
    study = study or study_of()
    if effects is None:
        effects = {
            "recruit_20_carers": {"in_house": 8.2, "ifa": -7.4, "home_external": -0.8},
            "two_bed_home": {"home_own": 1.6, "home_external": -1.6},
        }
    made = _Made(years, noise)
    for option in ("baseline", *effects):
        _option(made, option, effects.get(option, {}), end, needed_end, season, total_end)
    return Tables(_summary(made), _comparison(made), comparison.headline(_Run(made)), study)


class _Made:
    def __init__(self, years: float, noise: float) -> None:
        self.years, self.noise = years, noise
        self.keys: list[tuple[str, str, str, str]] = []
        self.values: list[np.ndarray] = []
        self.luck = np.random.default_rng(1).normal(0, 1, (200, FUTURES + 1))

    def add(self, option, measure, group, periods, values, effect=0.0, scale=1.0) -> None:
        key = sum(map(ord, measure + group)) % 100
        for i, (period, value) in enumerate(zip(periods, values, strict=True)):
            share = min(1.0, i / max(1, 0.3 * len(periods)))
            future = value + self.noise * scale * share * self.luck[key]
            if option != "baseline" and effect:
                future = future + share * (effect + self.noise / 2 * scale * self.luck[100 + key])
            self.keys.append((option, measure, group, period))
            self.values.append(future if measure == "sufficiency_gap" else np.maximum(future, 0))


def _option(made, option, effects, end, needed_end, season, total_end) -> None:
    quarters, months = quarter_ends(made.years), month_ends(made.years)

    def line(first: float, share: float, dates: Sequence[str]) -> np.ndarray:
        return np.linspace(first, first * share, len(dates))

    wave = [season * np.cos(2 * np.pi * (int(day[5:7]) - 9) / 12) for day in months]
    made.add(option, "children_in_care", "", months, line(205, total_end, months) + wave)
    made.add(option, "foster_households", "", quarters, line(44, end, quarters))
    for type_, first in TYPES.items():
        share = end if type_ == "in_house" else 1.0
        scale = 0.2 if first < 10 else 1.0
        effect = effects.get(type_, 0.0)
        values = line(first, share, months)
        made.add(option, "children_in_care", f"type={type_}", months, values, effect, scale)
    for kind, first in NEEDED.items():
        made.add(
            option, "placements_needed", f"kind={kind}", quarters, line(first, needed_end, quarters)
        )
        made.add(option, "unmet_need", f"kind={kind}", quarters, line(5, 1, quarters), 0, 0.3)
        gap = line(first, needed_end, quarters) - USABLE[f"kind={kind}"]
        made.add(option, "sufficiency_gap", f"kind={kind}", quarters, gap)
    made.add(
        option, "unmet_need", "", quarters, line(15, 1, quarters), -effects.get("in_house", 0) / 8
    )
    for group, first in USABLE.items():
        made.add(option, "places_usable", group, quarters, line(first, 1, quarters))
        vacant = line(first / 8, 1, quarters)
        made.add(option, "places_vacant", group, quarters, vacant, 0, 0.1)
    flows = [f"{year}-{(year + 1) % 100:02d}" for year in range(2025, 2025 + int(made.years))]
    shares = np.linspace(0.14, 0.16, len(flows))
    made.add(option, "second_best_share", "", flows, shares, 0, 0.005)


KEYS = ["option", "measure", "group", "period"]
PERCENTS = {"p10": 0.1, "p50": 0.5, "p80": 0.8, "p90": 0.9, "low95": 0.025, "high95": 0.975}


class _Run:
    """As much of `Results` as the headline numbers need."""

    together = 2

    def __init__(self, made: _Made) -> None:
        self.options = tuple(dict.fromkeys(key[0] for key in made.keys))
        self.manifest = {"start": START.isoformat()}
        self.made = made

    def better(self, measure: str) -> str:
        return BETTER.get(measure, "")

    def futures(self, measure: str, group: str, option: str) -> pd.DataFrame:
        columns = {
            key[3]: value[1:]
            for key, value in zip(self.made.keys, self.made.values, strict=True)
            if key[:3] == (option, measure, group)
        }
        return pd.DataFrame(columns)


def _summary(made: _Made) -> pd.DataFrame:
    values = np.column_stack(made.values)[1:]
    mean, se, count = moments(values, together=2)
    table = pd.DataFrame(made.keys, columns=KEYS)
    table["unit"] = ["share" if m.endswith("_share") else "children" for m in table["measure"]]
    ranges = dict(zip(PERCENTS, percentiles(values, tuple(PERCENTS.values())), strict=True))
    return table.assign(mean=mean, se=se, **ranges, replications=count)


def _comparison(made: _Made) -> pd.DataFrame:
    base = {k[1:]: v for k, v in zip(made.keys, made.values, strict=True) if k[0] == "baseline"}
    pairs = [(k, v) for k, v in zip(made.keys, made.values, strict=True) if k[0] != "baseline"]
    table = pd.DataFrame([key for key, _ in pairs], columns=KEYS)
    table.insert(1, "against", "baseline")
    if not pairs:
        return table.assign(**dict.fromkeys(COMPARISON[5:], ()))
    differences = np.column_stack([value - base[key[1:]] for key, value in pairs])[1:]
    mean, se, _ = moments(differences, together=2)
    low, high = percentiles(differences, (0.025, 0.975))
    table["unit"], table["better"] = "children", [BETTER.get(m, "") for m in table["measure"]]
    sign = np.array([{"up": 1.0, "down": -1.0, "": np.nan}[b] for b in table["better"]])
    chance = share_above(sign * differences)
    return table.assign(difference=mean, se=se, low95=low, high95=high, probability_better=chance)


COMPARISON = [
    "option", "against", "measure", "group", "period", "unit", "better", "difference", "se",
    "low95", "high95", "probability_better",
]  # fmt: skip


def answer(**settings: object) -> Answer:
    made = tables(**settings)  # type: ignore[arg-type]
    return answer_of(*made)
