"""Our own forecast from a year-end: calibrated, forecast and simulated as a user would do it.

The files about children that the simulation reads are written to a private folder of the caller,
who removes it whatever happens.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from sufficiency import experiment
from sufficiency.backtest.comparing import Futures, What, asked, period_of, year_end
from sufficiency.backtest.scores import Floats
from sufficiency.backtest.settings import Settings
from sufficiency.calibration.calibrating import calibrate
from sufficiency.calibration.children_file import ENDING, children_text
from sufficiency.calibration.scenario_text import scenario_text
from sufficiency.errors import SufficiencyError
from sufficiency.forecast.files import write_paths
from sufficiency.forecast.forecasting import forecast
from sufficiency.rows import Key
from sufficiency.scenario import Scenario, Study
from sufficiency.scenario_file import ScenarioFileError, load_text
from sufficiency.vocabulary import Stream

if TYPE_CHECKING:
    from sufficiency.history.tables import History

NAME, FILE = "backtest", "calibrated.yaml"
CHILDREN, ENTRIES = f"children{ENDING}", "entries.csv"
MONTHS = 12


def simulated(known: History, base: Study, settings: Settings, folder: Path) -> Futures:
    """Calibrate what is known, forecast entries, and simulate the children in care onwards.

    Args:
        known: What was known at the year-end.
        base: The scenario that the calibrated one extends.
        settings: How far ahead, how many futures.
        folder: A private folder: what is written there holds rows of children.
    """
    return futures_of(study_of(known, base, settings, folder), known.last, settings, folder)


def study_of(known: History, base: Study, settings: Settings, folder: Path) -> Study:
    """The calibrated study, its files in a folder that nobody else may read.

    Args:
        known: What was known at the year-end.
        base: The scenario that it extends.
        settings: How far ahead, and the like.
        folder: Where the files about children and entries are written.
    """
    assert known.monthly is not None
    calibrated = calibrate(known, base.scenario, bootstrap=settings.bootstrap, seed=settings.seed)
    ahead = forecast(
        known.monthly,
        months=MONTHS * settings.years_ahead,
        paths=max(settings.replications, 2),
        seed=settings.seed,
        season=seasons(base.scenario),
        shocks=known.shocks,
    )
    write_paths(ahead, folder / ENTRIES)
    (folder / CHILDREN).write_text(children_text(known), encoding="utf-8")
    text = scenario_text(
        calibrated,
        known,
        base,
        name=NAME,
        extends=settings.extends,
        children_file=CHILDREN,
        entries_file=ENTRIES,
    )
    text += f"\nyears: {settings.years_ahead}\n"  # as far as the entries are forecast
    try:
        return load_text(text, folder / FILE)
    except ScenarioFileError as error:  # whose file nobody will find
        told = str(error).replace(f"{folder}{os.sep}", "")
        raise SufficiencyError(f"the calibrated scenario is not possible: {told}") from None


def seasons(base: Scenario) -> Mapping[str, tuple[float, ...]]:
    """The season of the base, by stream."""
    demand = base.demand
    return {
        Stream.NON_UASC.value: tuple(f**demand.season_strength for f in demand.month_index),
        Stream.UASC.value: tuple(f**demand.uasc.season_strength for f in demand.uasc.month_index),
    }


def futures_of(study: Study, origin: date, settings: Settings, folder: Path) -> Futures:
    """Simulate a study from the day after a year-end on.

    Args:
        study: What is simulated.
        origin: The year-end.
        settings: How far ahead, how many futures.
        folder: A private folder for what the run leaves, which holds rows of children.
    """
    results = experiment.run(
        study,
        replications=settings.replications,
        years=float(settings.years_ahead),
        seed=_seed(settings.seed, origin),
        jobs=settings.jobs,
        keep=0,
        out=folder / "run",
    )
    place = {key: at for at, key in enumerate(results.keys)}
    values = np.array(results.by_replication[0, 1:])
    made: dict[What, Floats] = {}
    for what in asked(settings.years_ahead):
        period = period_of(what.measure, year_end(origin, what.years_ahead))
        at = place.get(Key(what.measure, what.group, period))
        if at is not None and not np.isnan(values[:, at]).any():
            made[what] = values[:, at]
    return made


def _seed(seed: int, origin: date) -> int:
    """A seed of its own for each year-end, so that no luck is shared between them."""
    state = np.random.SeedSequence(seed, spawn_key=(origin.toordinal(),)).generate_state(1)
    return int(state[0])
