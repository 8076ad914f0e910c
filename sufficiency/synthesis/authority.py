"""The authority whose history is simulated: the scenario in the past, and in another size.

The scenario is taken as it stands and moved as a whole: every date in it moves with its first day.
"""

from __future__ import annotations

import calendar
import math
from collections.abc import Mapping
from datetime import date
from typing import Any

from sufficiency.errors import SufficiencyError
from sufficiency.scenario import Scenario, as_tree, uasc_stated

LONGEST_YEARS = 25
LARGEST = 20_000
"""Children in care of the largest authority that is simulated."""

AMOUNTS = (
    "authority.child_population",
    "demand.entries_per_year",
    "demand.uasc_in_entries_per_year",
    "demand.uasc.direct_per_year",
    "demand.uasc.transfer_scheme.transfers_per_year",
    "fostering.approvals_per_year",
    "fostering.enquiries_per_year",
    "fostering.recruitment.number",
)
"""Numbers that grow with the authority: rates and shares stay as they are."""
COUNTS = (
    "authority.children_in_care",
    "authority.uasc_in_care",
    "demand.uasc.transfer_scheme.quota",
    "fostering.households",
    "ifa.places",
    "external_homes.places",
    "external_homes.block_places",
    "supported.places",
    "supported.block_places",
    "emergency.beds",
)
"""The same in whole numbers."""
DATES = ("start", "from", "to", "on", "opens", "closes", "joins")
"""Names of the settings that are dates."""
WARM_UP_YEARS = 2.0
"""Where the children in care were given and nothing had to warm up: as in `england`."""


def last_march_before(day: date) -> date:
    """The last 31 March before a day."""
    this_year = date(day.year, 3, 31)
    return this_year if this_year < day else date(day.year - 1, 3, 31)


def authority_of(
    scenario: Scenario, years: int, *, children: int | None = None, seed: int | None = None
) -> Scenario:
    """The scenario over the years that end on the last 31 March before its first day.

    Args:
        scenario: The scenario.
        years: Years simulated.
        children: Children in care on the first of these days, if not as many as stated.
        seed: Seed of the random numbers, if not the scenario's.
    """
    if not 1 <= years <= LONGEST_YEARS:
        raise SufficiencyError(f"years must be from 1 to {LONGEST_YEARS} (found {years})")
    tree = as_tree(scenario)
    _forget_the_future(tree, uasc_stated(scenario))
    last = last_march_before(scenario.start)
    first = date(last.year - years, 4, 1)
    tree = _moved(tree, _months(first) - _months(scenario.start))
    tree["start"], tree["years"] = first, float(years)
    if seed is not None:
        tree["seed"] = seed
    if children is not None:
        _scale(tree, scenario.authority.children_in_care, children)
    return Scenario.model_validate(tree)


def _forget_the_future(tree: dict[str, Any], uasc: int | None) -> None:
    """Take away what is known of the first day and after, and says nothing of the years before.

    Entries follow the rates and not a forecast, and the children in care are drawn: as many as
    there are in the file that gives them.
    """
    tree["validation"], tree["observed"] = None, []
    tree["demand"]["forecast"] = None
    if tree["authority"]["children"] is not None:
        tree["authority"]["children"] = None
        tree["authority"]["uasc_in_care"] = uasc
        tree["warm_up_years"] = WARM_UP_YEARS


# ---- Dates -------------------------------------------------------------------------------------


def _months(day: date) -> int:
    return day.year * 12 + day.month - 1


def _moved(tree: Any, months: int, name: str = "") -> Any:
    """A tree in which every date is some months later (or earlier); all else as it is."""
    if isinstance(tree, Mapping):
        return {key: _moved(value, months, key) for key, value in tree.items()}
    if isinstance(tree, list):
        return [_moved(value, months, name) for value in tree]
    if isinstance(tree, date) and name in DATES:
        year, month = divmod(_months(tree) + months, 12)
        return date(year, month + 1, min(tree.day, calendar.monthrange(year, month + 1)[1]))
    return tree


# ---- Size --------------------------------------------------------------------------------------


def _scale(tree: dict[str, Any], stated: int, wanted: int) -> None:
    """Make the authority larger or smaller: the children, and every amount that goes with them.

    Own homes keep their size, so there are more or fewer of them. What the scenario says per child,
    per 100 in care or as a share is left alone.
    """
    if not 1 <= wanted <= LARGEST:
        raise SufficiencyError(f"children must be from 1 to {LARGEST:,} (found {wanted})")
    if stated < 1:
        raise SufficiencyError("an authority with no children in care cannot be made larger")
    factor = wanted / stated
    for path in (*AMOUNTS, *COUNTS):
        _multiply(tree, path, factor)
    for surge in tree["demand"]["surges"]:
        surge["extra_children"] *= factor
    for change in tree["changes"]:
        if change["path"] in (*AMOUNTS, *COUNTS) and change["to"] is not None:
            change["to"] = _times(change["path"], change["to"], factor)
    tree["authority"]["children_in_care"] = wanted
    tree["homes"] = _so_many(tree["homes"], factor)
    if not tree["fostering"]["match_size"]:  # otherwise the chance follows the size by itself
        chance = tree["fostering"]["match_chance"] / factor
        tree["fostering"]["match_chance"] = min(1.0, chance)


def _multiply(tree: dict[str, Any], path: str, factor: float) -> None:
    *parents, last = path.split(".")
    for step in parents:
        tree = tree[step]
    if tree[last] is not None:
        tree[last] = _times(path, tree[last], factor)


def _times(path: str, value: float, factor: float) -> float:
    return round(value * factor) if path in COUNTS else value * factor


def _so_many(homes: list[dict[str, Any]], factor: float) -> list[dict[str, Any]]:
    """Own homes, repeated in turn or cut short to a number that goes with the children."""
    wanted = math.floor(len(homes) * factor + 0.5)
    made = []
    for place in range(wanted):
        again, which = divmod(place, len(homes))
        home = homes[which]
        made.append({**home, "name": f"{home['name']} ({again + 1})"} if again else home)
    return made
