"""Options that set the same lever to different values: what each amount of it does.

Options of a run are doses of a lever if the amount is all in which they differ: recruitment of
carers (in households, whatever unit the option counts in), homes of one kind that are opened, or
any other number of the scenario. Doing nothing is the dose that the baseline has, and all doses
have the same luck, future by future.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from sufficiency.comparison.yearly import financial_years, futures, pence
from sufficiency.results.results import BASELINE, Results
from sufficiency.results.statistics import Floats, moments, percentiles
from sufficiency.scenario import Edit, Option, Scenario, get_value
from sufficiency.vocabulary import Kind, PlacementType

RECRUITED = "fostering.recruitment.number"
UNIT = "fostering.recruitment.unit"
OPENED = "homes"
FEWEST = 2
"""Doses beyond that of doing nothing, so that one can be set against the other."""
_DRIVE = "fostering.recruitment."
_LIVING: Mapping[str, PlacementType] = {
    "fostering": PlacementType.IN_HOUSE,
    "homes": PlacementType.HOME_OWN,
    "ifa": PlacementType.IFA,
    "supported": PlacementType.SUPPORTED,
    "external_homes": PlacementType.HOME_EXTERNAL,
}
"""By the first step of a lever's path: where more children are to live."""
_NEEDED: Mapping[PlacementType, Kind] = {
    PlacementType.IN_HOUSE: Kind.FOSTER,
    PlacementType.IFA: Kind.FOSTER,
    PlacementType.HOME_OWN: Kind.HOME,
    PlacementType.HOME_EXTERNAL: Kind.HOME,
    PlacementType.SUPPORTED: Kind.SUPPORTED,
}
_RANGE = {"low95": 0.025, "p10": 0.1, "p90": 0.9, "high95": 0.975}
COLUMNS = ("item", "option", "dose", "mean", "se", *_RANGE, "not_below", "step", "step_se")


class Dose(NamedTuple):
    """One option, as an amount of a lever."""

    option: str
    amount: float


@dataclass(frozen=True)
class Doses:
    """What several amounts of one lever do."""

    lever: str
    """Path of the setting; recruitment is counted in households."""
    doses: tuple[Dose, ...]
    """From the smallest; the baseline among them."""
    living: str
    """Type of placement in which more children are to live; empty: not known."""
    kind: str
    """Kind of home that it is to provide; empty: not known."""
    date: str
    """The date at which children are counted."""
    table: pd.DataFrame
    """One row per item and dose: `children` more in `living` than with the baseline, `kept`:
    children there less those of the same future on the first day, `unmet` need of that kind (all on
    `date`), `saving` of net cost over the complete financial years. `not_below` is the share of
    futures in which it is 0 or more, `step` is what one more of the lever changed since the dose
    before, in each future, `step_se` its error. An item that is not known has no rows."""
    bends: pd.DataFrame
    """One row per item and dose beyond the first two: `change`, by how much `step` differs from
    that of the first step, future by future, and its error `se`."""
    today: float
    """Children in `living` on the first day, on average; NaN where not known."""


def doses_of(results: Results, date: str) -> tuple[Doses, ...]:
    """The levers of which a run has two doses or more beyond doing nothing.

    Args:
        results: A run.
        date: The census date at which children are counted.
    """
    study, groups = results.study, defaultdict(list)
    for option in study.options:
        if option.name in results.options and (found := _dose(option, study.scenario)):
            lever, same, amount = found
            groups[lever, same].append(Dose(option.name, amount))
    return tuple(
        _doses(results, lever, found, date)
        for (lever, _), found in groups.items()
        if len({dose.amount for dose in found} - {_now(study.scenario, lever)}) >= FEWEST
    )


# --- which options are doses ------------------------------------------------------------------


def _dose(option: Option, scenario: Scenario) -> tuple[str, str, float] | None:
    """The lever of an option, what else it says as text, and the amount; None if it has none."""
    edits = {edit.path: edit for edit in option.edits}
    if len(edits) < len(option.edits):
        return None
    if RECRUITED in edits and all(path.startswith(_DRIVE) for path in edits):
        rest = [edits[path] for path in sorted(edits) if path not in (RECRUITED, UNIT)]
        amount = _households(edits, scenario)
        return (
            None if amount is None else (RECRUITED, _text([e.model_dump() for e in rest]), amount)
        )
    if len(edits) > 1 or not edits:
        return None
    edit = option.edits[0]
    return _opened(edit, scenario) if edit.path == OPENED else _number(edit, scenario)


def _households(edits: Mapping[str, Edit], scenario: Scenario) -> float | None:
    """A recruitment target in households."""
    fostering = scenario.fostering
    number, drive = edits[RECRUITED], fostering.recruitment
    if number.action != "set" or not _is_number(number.value) or drive.number:
        return None  # more than is planned anyway: the two may be counted in other units
    unit = edits[UNIT].value if UNIT in edits else drive.unit
    per = {
        "households": 1.0,
        "carers": fostering.carers_per_household,
        "places": fostering.approved_places_per_household,
    }
    return float(number.value) / per[unit]


def _opened(edit: Edit, scenario: Scenario) -> tuple[str, str, float] | None:
    """Homes that are all alike but for their names."""
    if edit.action != "add" or not isinstance(edit.value, Sequence):
        return None
    kinds = {_text({k: v for k, v in home.items() if k != "name"}) for home in edit.value}
    if len(kinds) != 1:
        return None
    return OPENED, kinds.pop(), float(len(edit.value))


def _number(edit: Edit, scenario: Scenario) -> tuple[str, str, float] | None:
    """Any other number of the scenario."""
    now = _now(scenario, edit.path)
    if now is None or not _is_number(edit.value):
        return None
    return edit.path, "", float(edit.value) + (now if edit.action == "add" else 0.0)


def _now(scenario: Scenario, lever: str) -> float | None:
    """The amount of a lever in the baseline; None where it has none."""
    if lever == OPENED:
        return 0.0
    try:
        value = get_value(scenario, lever)
    except KeyError:
        return None
    return float(value) if _is_number(value) else None


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _text(value: Any) -> str:
    return json.dumps(value, sort_keys=True, default=str)


# --- what they do -----------------------------------------------------------------------------


def _doses(results: Results, lever: str, found: Sequence[Dose], date: str) -> Doses:
    now = _now(results.study.scenario, lever)
    baseline = Dose(BASELINE, 0.0 if now is None else now)
    by_amount = {dose.amount: dose for dose in (*reversed(found), baseline)}
    doses = tuple(by_amount[amount] for amount in sorted(by_amount))
    living = _LIVING.get(lever.partition(".")[0])
    kind = _NEEDED.get(living) if living else None
    items = _items(results, doses, living, kind, date)
    known = {name: values for name, values in items.items() if not np.isnan(values).any()}
    tables = [_rows(name, values, doses, results.together) for name, values in known.items()]
    bends = [
        row
        for name, values in known.items()
        for row in _bends(name, values, doses, results.together)
    ]
    today = np.nan
    if living:
        first = results.study.scenario.start.isoformat()
        today = float(_children(results, living, BASELINE, first).mean())
    return Doses(
        lever=lever,
        doses=doses,
        living=str(living or ""),
        kind=str(kind or ""),
        date=date,
        table=pd.DataFrame([r for rows in tables for r in rows], columns=list(COLUMNS)),
        bends=pd.DataFrame(bends, columns=["item", "dose", "change", "se"]),
        today=today,
    )


def _items(
    results: Results,
    doses: Sequence[Dose],
    living: PlacementType | None,
    kind: Kind | None,
    date: str,
) -> dict[str, Floats]:
    """Each item: a row for each dose, a column for each future; NaN where it is not known."""
    found: dict[str, Floats] = {}
    if living:
        level = np.array([_children(results, living, dose.option, date) for dose in doses])
        found["children"] = level - _children(results, living, BASELINE, date)
        first = results.study.scenario.start.isoformat()
        found["kept"] = level - np.array(
            [_children(results, living, dose.option, first) for dose in doses]
        )
    if kind:
        group = f"kind={kind}"
        found["unmet"] = np.array(
            [futures(results, "unmet_need", group, dose.option, [date])[:, 0] for dose in doses]
        )
    if years := financial_years(results):
        spent = [
            pence(results, "net_cost", "", name, years).sum(axis=1) / 100
            for name in (BASELINE, *(dose.option for dose in doses))
        ]
        found["saving"] = spent[0] - np.array(spent[1:])
    return found


def _children(results: Results, living: PlacementType, option: str, date: str) -> Floats:
    return futures(results, "children_in_care", f"type={living}", option, [date])[:, 0]


def _rows(item: str, values: Floats, doses: Sequence[Dose], together: int) -> list[dict[str, Any]]:
    told = moments(values.T, together)
    shares = percentiles(values.T, tuple(_RANGE.values()))
    steps = [(np.nan, np.nan)]
    for less, more in pairwise(range(len(doses))):
        step = moments(_step(values, doses, less, more)[:, None], together)
        steps.append((float(step.mean[0]), float(step.se[0])))
    return [
        {
            "item": item,
            "option": dose.option,
            "dose": dose.amount,
            "mean": float(told.mean[at]),
            "se": float(told.se[at]),
            **{name: float(shares[row, at]) for row, name in enumerate(_RANGE)},
            "not_below": float((values[at] >= 0).mean()),
            "step": steps[at][0],
            "step_se": steps[at][1],
        }
        for at, dose in enumerate(doses)
    ]


def _bends(item: str, values: Floats, doses: Sequence[Dose], together: int) -> list[dict[str, Any]]:
    """By how much each later step differs from the first."""
    first = _step(values, doses, 0, 1)
    found = []
    for less, more in list(pairwise(range(len(doses))))[1:]:
        apart = moments((_step(values, doses, less, more) - first)[:, None], together)
        dose = doses[more].amount
        found.append(
            {"item": item, "dose": dose, "change": float(apart.mean[0]), "se": float(apart.se[0])}
        )
    return found


def _step(values: Floats, doses: Sequence[Dose], less: int, more: int) -> Floats:
    """What one more of the lever changes, in each future."""
    found: Floats = (values[more] - values[less]) / (doses[more].amount - doses[less].amount)
    return found
