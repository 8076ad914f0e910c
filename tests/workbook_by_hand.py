"""A run with money, made by hand: small numbers of which every sum is known."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from sufficiency.comparison import compare
from sufficiency.costs.definitions import COST_TYPES, PARTS
from sufficiency.costs.definitions import MEASURES as MONEY
from sufficiency.periods import calendar
from sufficiency.replication import MODEL
from sufficiency.results import Results, by_hand, save
from sufficiency.rows import Key, measure_keys
from sufficiency.scenario import Study

YEARS = 3.0
WANTED = (
    "children_in_care", "placements_needed", "places_usable", "places_vacant", "unmet_need",
    "foster_households", "foster_households_approved", "foster_households_left", "in_area_share",
    "second_best_share",
)  # fmt: skip
"""Measures of children and homes that the sheets are about."""


def keys_of(study: Study, wanted: Sequence[str] = WANTED, years: float = YEARS) -> tuple[Key, ...]:
    definitions = {name: MODEL.definitions[name] for name in wanted} | MONEY
    return measure_keys(definitions, calendar(study.scenario.start, years))


def values_of(
    keys: Sequence[Key],
    options: Sequence[str],
    replications: int,
    budget: Mapping[str, float],
) -> np.ndarray:
    """Whole pounds that add up: types to cost, cost less income to net cost, parts to changes."""
    random = np.random.default_rng(3)
    values = random.integers(1, 90, (len(options), replications + 1, len(keys))).astype(float)
    place = {key: at for at, key in enumerate(keys)}
    years = [k.period for k in keys if k[:2] == ("cost", "")]
    for key, at in place.items():
        if key.measure.endswith("_share"):
            values[..., at] /= 100
        if key.measure == "cost":
            values[..., at] *= 10_000
    for year in years:
        types = [place[Key("cost", f"type={t}", year)] for t in COST_TYPES]
        values[..., place[Key("cost", "", year)]] = values[..., types].sum(axis=-1)
        sources = [place[k] for k in keys if k.measure == "income" and k.group and k.period == year]
        values[..., place[Key("income", "", year)]] = values[..., sources].sum(axis=-1)
        values[..., place[Key("net_cost", "", year)]] = (
            values[..., place[Key("cost", "", year)]] - values[..., place[Key("income", "", year)]]
        )
        values[..., place[Key("budget_variance", "", year)]] = values[
            ..., place[Key("net_cost", "", year)]
        ] - budget.get(year, np.nan)
    _bridges(values, place, years)
    return values


def _bridges(values: np.ndarray, place: dict[Key, int], years: Sequence[str]) -> None:
    """Each part is known but the last, which takes what is left: some are below 0."""
    net = [values[..., place[Key("net_cost", "", year)]] for year in years]
    for at, year in enumerate(years):
        for measure, change in (
            ("bridge", net[at] - net[at - 1] if at else np.full_like(net[0], np.nan)),
            ("option_bridge", net[at] - net[at][:1]),
        ):
            parts = [place[Key(measure, f"part={part}", year)] for part in PARTS]
            values[..., parts[:-1]] -= 50
            if measure == "option_bridge":
                values[0][..., parts] = 0
            values[..., parts[-1]] = change - values[..., parts[:-1]].sum(axis=-1)
            if np.isnan(change).all():
                values[..., parts] = np.nan


def unsaved(
    folder: Path,
    study: Study,
    replications: int = 20,
    wanted: Sequence[str] = WANTED,
    **settings: Any,
) -> Results:
    names = ("baseline", *(option.name for option in study.options))
    keys = keys_of(study, wanted)
    given = {
        "name": study.scenario.name, "years": YEARS, "started": "2026-08-31T09:30:00+01:00",
        "start": study.scenario.start.isoformat(), **settings,
    }  # fmt: skip
    used = {key.measure for key in keys}
    definitions = {**MODEL.definitions, **MONEY}
    units = {n: {"unit": definitions[n].unit, "better": definitions[n].better} for n in used}
    return by_hand(
        folder, values_of(keys, names, replications, study.scenario.budget), keys, names,
        measures=units, study=study, **given,
    )  # fmt: skip


def saved(folder: Path, study: Study, **settings: Any) -> Results:
    results = unsaved(folder, study, **settings)
    return replace(save(results, comparison=compare(results)), given=study)
