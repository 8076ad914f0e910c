"""What is valid in a scenario and yet hardly meant: a warning, where it stands."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date, timedelta

from sufficiency.periods import end_of
from sufficiency.scenario import Scenario, as_tree, households_on_day_one
from sufficiency.scenario_file.building import locate_in_option
from sufficiency.scenario_file.checking import Locate, locate_in
from sufficiency.scenario_file.options import Draft
from sufficiency.scenario_file.reading import Node
from sufficiency.vocabulary import PlacementType

LEAVING = ("fostering", "leaving_per_year")
FAR_YEARS = 5
"""Years between the level of prices and the run that are hardly meant, if they are more."""


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
    said |= dict(_too_many_children(scenario, locate_in(tree)))
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
    yield from _of_prices(scenario, locate, end, but)
    leaving = scenario.fostering.leaving_per_year
    if leaving > 1 and (but is None or leaving != but.fostering.leaving_per_year):
        node, path = locate(LEAVING)
        text = f"more than all households would leave in a year (found {leaving:g})"
        percent = f"; a share: {leaving:g}% is {leaving / 100:g}" if 2 <= leaving <= 100 else ""
        yield str(node.where), f"{path}: {text}{percent}"


def _of_prices(
    scenario: Scenario, locate: Locate, end: date, but: Scenario | None
) -> Iterator[tuple[str, str]]:
    """That a rise comes after the run, or that prices are of another time."""
    for place, rise in enumerate(scenario.prices.rises):
        if rise.from_ > end and (but is None or rise not in but.prices.rises):
            node, path = locate(("prices", "rises", str(place), "from"))
            text = f"the run ends on {end}, before this rise is paid ({rise.from_})"
            yield str(node.where), f"{path}: {text}"
    level = scenario.prices.year
    apart = scenario.start.year - int(level[:4]) - 1
    if abs(apart) > FAR_YEARS and (but is None or level != but.prices.year):
        node, path = locate(("prices", "year"))
        text = f"prices of {level} are taken to {scenario.start.year} by their uplifts"
        yield str(node.where), f"{path}: {text}, over {abs(apart)} years"


def _too_many_children(scenario: Scenario, locate: Locate) -> Iterator[tuple[str, str]]:
    """That more children are said to live with the authority's own carers, or homes, than can."""
    children = scenario.authority.children
    if children is None:
        return
    places = households_on_day_one(scenario) * scenario.fostering.approved_places_per_household
    beds = sum(home.usable for home in scenario.homes if home.opens is None)
    node, path = locate(("authority", "children"))
    said = []
    for held, there, what, instead in (
        (PlacementType.IN_HOUSE, round(places), "approved places of its households", "an agency"),
        (PlacementType.HOME_OWN, beds, "usable places of its homes", "another provider's home"),
        (
            PlacementType.EMERGENCY_BED,
            scenario.emergency.beds,
            "emergency beds",
            "another provider's home",
        ),
    ):
        wanted = int((children.file.columns["type"] == tuple(PlacementType).index(held)).sum())
        if wanted > there:
            said.append(
                f"{wanted} children live in '{held}', but the {what} are {there} on the first day: "
                f"the others begin with {instead}"
            )
    if said:
        yield str(node.where), f"{path}: {'; '.join(said)}"


def _last_day(scenario: Scenario) -> date:
    if scenario.start.year + scenario.years + 1 >= date.max.year:
        return date.max
    return end_of(scenario.start, scenario.years) - timedelta(days=1)
