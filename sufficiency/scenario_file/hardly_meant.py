"""What is valid in a scenario and yet hardly meant: a warning, where it stands."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date, timedelta

from sufficiency.periods import end_of
from sufficiency.scenario import Scenario, as_tree
from sufficiency.scenario_file.building import locate_in_option
from sufficiency.scenario_file.checking import Locate, locate_in
from sufficiency.scenario_file.options import Draft
from sufficiency.scenario_file.reading import Node

LEAVING = ("fostering", "leaving_per_year")


def hardly_meant(
    tree: Node, scenario: Scenario, drafts: Mapping[str, Draft], built: Mapping[str, Scenario]
) -> tuple[str, ...]:
    """Warnings about a baseline, and about what its options change.

    Args:
        tree: What the files say, merged.
        scenario: The baseline.
        drafts: The options as the file has them.
        built: The scenario of each.
    """
    base = as_tree(scenario)
    said = dict(_of(scenario, locate_in(tree)))
    for name, option in built.items():
        for where, text in _of(option, locate_in_option(drafts[name], base), but=scenario):
            said.setdefault(where, text)  # an option that combines others repeats theirs
    return tuple(f"{where}: {text}" for where, text in said.items())


def _of(
    scenario: Scenario, locate: Locate, *, but: Scenario | None = None
) -> Iterator[tuple[str, str]]:
    """Place and words of each warning about a scenario that another has not got too."""
    end = _last_day(scenario)
    for place, home in enumerate(scenario.homes):
        late = home.opens is not None and home.opens > end
        if late and (but is None or home not in but.homes):
            node, path = locate(("homes", str(place), "opens"))
            text = f"the run ends on {end}, before this home opens ({home.opens})"
            yield str(node.where), f"{path}: {text}"
    leaving = scenario.fostering.leaving_per_year
    if leaving > 1 and (but is None or leaving != but.fostering.leaving_per_year):
        node, path = locate(LEAVING)
        text = f"more than all households would leave in a year (found {leaving:g})"
        percent = f"; a share: {leaving:g}% is {leaving / 100:g}" if 2 <= leaving <= 100 else ""
        yield str(node.where), f"{path}: {text}{percent}"


def _last_day(scenario: Scenario) -> date:
    if scenario.start.year + scenario.years + 1 >= date.max.year:
        return date.max
    return end_of(scenario.start, scenario.years) - timedelta(days=1)
