"""Copies of a scenario with so much taken out that the right answer is known on paper.

What was taken out is a list of sentences, each with the settings that do it. The table of results
prints the sentences that changed anything in the scenario at hand.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from sufficiency.rows import GROUPS
from sufficiency.scenario import Scenario, as_tree, get_value, with_values
from sufficiency.verification.on_paper import load_of

LONGEST_YEARS = 25.0
SETTLED_YEARS = 18.0
"""By then everybody who was there on the first day has turned 18."""

CARERS, AGENCIES, BLOCK = 0.6, 0.2, 0.15
"""Places of in-house carers, agencies and the block of homes, for each child of the offered load:
about 40% find every carer's place taken, 25% the agencies' too, and a tenth the block's as well."""


class Change(NamedTuple):
    """One thing taken out of a scenario."""

    said: str
    values: Mapping[str, Any]


class Copy(NamedTuple):
    """A stripped copy, and what is different in it."""

    scenario: Scenario
    said: tuple[str, ...]


class Pools(NamedTuple):
    """Households and the places that follow when they are full."""

    households: int
    agencies: int
    block: int


_NEVER = {"standard": 0.0, "enhanced": 0.0, "complex": 0.0}
_ALWAYS = {"standard": 1.0, "enhanced": 1.0, "complex": 1.0}
_IFA_AGES = ("under_10", "10-15", "16-17")
_NOBODY = {"18": 0.0, "19": 0.0, "20": 0.0}

ONE_BY_ONE = (
    Change("children enter one by one: no siblings", {"demand.sibling_groups": {"1": 1.0}}),
    Change(
        "every year is alike: no yearly variation, no peaks, no dated changes",
        {
            "demand.yearly_variation": 0.0,
            "demand.uasc.yearly_variation": 0.0,
            "demand.surges": [],
            "changes": [],
        },
    ),
    Change(
        "unaccompanied children come whatever their number: no threshold, no quota",
        {
            "demand.uasc.transfer_scheme.threshold": 1.0,
            "demand.uasc.transfer_scheme.quota": None,
        },
    ),
    Change(
        "children enter at their rates, and those in care on the first day are drawn",
        {"demand.forecast": None, "authority.children": None},
    ),
)
"""What makes the number in care Poisson."""

CONSTANT = (
    Change(
        "the rate of entries is constant: no seasons, no trend",
        {
            "demand.season_strength": 0.0,
            "demand.uasc.season_strength": 0.0,
            "demand.trend_per_year": 0.0,
        },
    ),
    Change("transfers come from the start", {"demand.uasc.transfer_scheme.joins": None}),
    Change("nobody is on remand", {"demand.remand.per_100_in_care": 0.0}),
)

ALL_COMPATIBLE = (
    Change(
        "every child needs a foster family, and every carer suits every child",
        {
            "placement.plan_at_entry": {group.value: {"foster": 1.0} for group in GROUPS},
            "placement.acceptable": {"foster": ["home"]},
            "placement.youngest_in_home": 0.0,
            "placement.distant_ifa_under": 0.0,
            "placement.solo": _NEVER,
            "placement.mix_at_start": {"in_house": 1.0},
            "fostering.match_chance": 1.0,
            "fostering.match_size": None,
            "fostering.profile.age_ranges": [{"youngest": 0, "oldest": 18, "share": 1.0}],
            "fostering.profile.highest_need": {**_NEVER, "complex": 1.0},
            "fostering.profile.uasc": 1.0,
        },
    ),
    Change(
        "nobody moves: no breakdowns, planned moves, moving on, or time with adopters",
        {
            "moves.scale": 0.0,
            "moves.move_on_share": 0.0,
            "moves.adoption_stage": {"distribution": "empirical", "days": [0.0]},
            "step_across.from_home": False,
            "step_across.from_ifa": "never",
        },
    ),
    Change(
        "no carer joins, stops or leaves, and nobody stays put after 18",
        {
            "fostering.approvals_per_year": 0.0,
            "fostering.recruitment.number": 0.0,
            "fostering.leaving_per_year": 0.0,
            "fostering.staying_put": _NOBODY,
        },
    ),
    Change(
        "no own homes or emergency beds; no searches that go on",
        {
            "homes": [],
            "emergency.beds": 0,
            "ifa.found_per_day": 0.0,
            "external_homes.found_per_day": 0.0,
        },
    ),
    Change(
        "agencies and homes find a place whenever there is one, and do not grow or close",
        {
            "ifa.match": dict.fromkeys(_IFA_AGES, _ALWAYS),
            "ifa.market": 1.0,
            "ifa.growth_per_year": 0.0,
            "ifa.market_growth_per_year": 0.0,
            "external_homes.found_at_once": _ALWAYS,
            "external_homes.market": 1.0,
            "external_homes.market_growth_per_year": 0.0,
            "external_homes.closing_per_year": 0.0,
            "external_homes.block_match": 1.0,
            "external_homes.block_guaranteed": 1.0,
            "external_homes.places": None,
        },
    ),
)
"""With `ONE_BY_ONE` and `CONSTANT`: places that are taken one after the other, and nothing else."""


def with_seasons(scenario: Scenario) -> Copy:
    """A copy in which the number in care is that of M(t)/G/infinity; all homes as they are."""
    years = Change("", {"years": max(scenario.years, 1.0)})
    return _copy(scenario, (*ONE_BY_ONE, years))


def with_pools(scenario: Scenario) -> tuple[Copy, Pools]:
    """A copy in which the share that finds every place taken is Erlang B.

    The places are chosen for the offered load, so that the shares can be told apart.
    """
    changes = (*ONE_BY_ONE, *CONSTANT, *ALL_COMPATIBLE)
    plain = _copy(scenario, changes)
    pools = _pools(plain.scenario)
    sizes = Change(
        f"{pools.households} households, then {pools.agencies} places of agencies, then a block of"
        f" {pools.block} places in homes, then homes without limit",
        {
            "fostering.households": pools.households,
            "ifa.places": pools.agencies,
            "external_homes.block_places": pools.block,
        },
    )
    length = Change(
        f"{LONGEST_YEARS:g} years, of which the first {SETTLED_YEARS:g} are not counted",
        {"years": LONGEST_YEARS, "warm_up_years": 0.0},
    )
    return _copy(scenario, (*changes, sizes, length)), pools


def _pools(scenario: Scenario) -> Pools:
    load, fostering = load_of(scenario), scenario.fostering
    places = max(fostering.approved_places_per_household - fostering.blocked_share, 1.0)
    return Pools(
        households=max(round(CARERS * load / places), 1),
        agencies=max(round(AGENCIES * load), 1),
        block=max(round(BLOCK * load), 1),
    )


def _copy(scenario: Scenario, changes: tuple[Change, ...]) -> Copy:
    values = {path: value for change in changes for path, value in change.values.items()}
    copy = with_values(scenario, values)
    before, after = as_tree(scenario), as_tree(copy)
    said = tuple(
        change.said
        for change in changes
        if change.said
        and any(get_value(before, path) != get_value(after, path) for path in change.values)
    )
    return Copy(copy, said)
