"""A history into estimates for a scenario, with the tables that set the fit beside the data."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from sufficiency.calibration.authority import in_care
from sufficiency.calibration.entries import entry_estimates
from sufficiency.calibration.estimates import Calibrated, Estimate
from sufficiency.calibration.intervals import multiplicities
from sufficiency.calibration.moves import fitted_moves, move_estimates, move_table
from sufficiency.calibration.moves_on import moving_on_estimates
from sufficiency.calibration.shares import share_estimates
from sufficiency.calibration.shrinking import base_stays
from sufficiency.calibration.stays import hazards, observed_stays, stay_estimates
from sufficiency.scenario import Scenario

if TYPE_CHECKING:
    import pandas as pd

    from sufficiency.history.tables import History

NO_TREND = (
    "Entries have no trend of their own here: the level is the mean of all years observed. A trend"
    " of a few years, carried forward, is worse than none; use a forecast where the level drifts."
)
MOVES_TOLD_APART = (
    "A return calls moves planned that the model makes by events of their own: on to supported"
    " accommodation, and across to the carer that was planned all along. How many those are is"
    " estimated, from the base's plans and from moves for other causes. Planned moves that wait for"
    " a home come late, which makes the hazard a little too low."
)


def calibrate(
    history: History, base: Scenario, *, bootstrap: int = 200, seed: int = 1
) -> Calibrated:
    """Estimate what a history says about the settings of a scenario.

    Args:
        history: The past of one authority.
        base: The scenario that small cells shrink to, and that the result extends.
        bootstrap: Resamples of children for the intervals; 0: by Poisson alone.
        seed: Of the resamples.
    """
    estimates: list[Estimate] = [*entry_estimates(history, base, in_care(history))]
    tables: dict[str, pd.DataFrame] = {}
    notes: list[str] = [NO_TREND] if estimates else []
    if history.care is not None and len(history.care):
        children = int(history.care["child"].nunique())
        drawn = multiplicities(children, bootstrap, seed)
        _stays(history, base, drawn, seed, (estimates, tables, notes))
        _moves(history, base, drawn, (estimates, tables, notes))
    estimates += share_estimates(history, base)
    return Calibrated(tuple(estimates), tables, tuple(notes))


Found = tuple[list[Estimate], "dict[str, pd.DataFrame]", list[str]]


def _stays(history: History, base: Scenario, drawn: np.ndarray, seed: int, found: Found) -> None:
    from sufficiency.calibration.lengths import choice_note, held_out
    from sufficiency.calibration.survival import group_table, incidence_table, survival_table

    estimates, tables, notes = found
    stays, usual = observed_stays(history), base_stays(base)
    fitted = hazards(stays, usual, drawn)
    estimates += stay_estimates(stays, fitted, usual)
    tables["survival"] = survival_table(stays, fitted, seed)
    tables["incidence"] = incidence_table(stays)
    tables["groups"] = group_table(stays)
    tables["shapes"] = held_out(stays, usual)
    note = choice_note(tables["shapes"])
    notes += [note] if note else []
    unknown = int((~history.care["dated"].astype(bool)).sum()) if history.care is not None else 0
    if unknown:
        notes.append(
            f"{unknown} periods of care began before anything is observed, on a day that is not"
            " known: they say nothing about lengths of stay."
        )


def _moves(history: History, base: Scenario, drawn: np.ndarray, found: Found) -> None:
    estimates, tables, notes = found
    moving = fitted_moves(history, base, drawn)
    if moving is None:
        return
    estimates += move_estimates(moving, base)
    estimates += moving_on_estimates(history, base, moving)
    tables["moves"] = move_table(moving, base)
    notes.append(MOVES_TOLD_APART)
