"""The shipped scenarios: each is valid, runs with every option, and keeps its facts apart."""

from __future__ import annotations

from functools import cache
from itertools import product
from pathlib import Path

import numpy as np
import pytest
from corners import run

from sufficiency import stays
from sufficiency.measures import keys, measure
from sufficiency.periods import day_of
from sufficiency.rows import Key, Measured
from sufficiency.scenario import Option, Scenario, Study, past, with_edits, with_values
from sufficiency.scenario_file import load
from sufficiency.scenario_file.reading import shipped

FILES = shipped()
COUNCILS = ("camden", "cambridgeshire", "north_somerset", "medway", "harrow")

OPTIONS = {
    "camden": {
        "recruit_20_carers",
        "recruit_20_carers_by_profile",
        "two_two_bed_homes",
        "kinship_offer",
        "longer_supported_block",
    },
    "cambridgeshire": {"in_county_homes", "housing_pathway_16_17", "specialist_uasc_offer"},
    "north_somerset": {"recruit_18_carers", "recruit_18_carers_for_complex_young_people"},
    "medway": {
        "no_e_bed",
        "eden_house_a_year_late",
        "dynamic_purchasing",
        "ten_households_net",
        "out_of_the_transfer_scheme",
    },
    "harrow": {"uasc_up_to_quota", "more_staying_put", "recruit_10_asian_households"},
}
"""What each report talks about."""

PUBLISHED = {
    "camden": ("2025-04-01", 205, 109, "2023-04-01", 197, None),
    "cambridgeshire": ("2025-04-01", 705, 300, "2022-04-01", 632, 51),
    "north_somerset": ("2025-04-01", 280, 106, "2020-04-01", 221, 12),
    "medway": ("2024-04-01", 476, 156, "2023-04-01", 467, 2),
    "harrow": ("2025-04-01", 176, 107, "2021-04-01", 182, 30),
}
"""First day, children in care and entries a year; first day of the past, children, of them UASC."""

TRANSFERS_PER_YEAR = (466 + 688 + 972 + 1039 + 680 + 457 + 1240) / 7 * 4
"""Home Office, January 2022 to September 2023, between authorities and from ports and hotels."""
CHILDREN_IN_ENGLAND = 12_060_000


@cache
def study(name: str) -> Study:
    return load(name)


@cache
def the_past(name: str) -> tuple[Scenario, tuple[str, ...]]:
    return stays.reconcile(past(study(name).scenario))


def every_option() -> list[tuple[str, str]]:
    return [(name, o.name) for name in FILES for o in study(name).options]


def option_of(name: str, option: str) -> Option:
    return next(o for o in study(name).options if o.name == option)


def measured(scenario: Scenario, baseline: Scenario) -> Measured:
    return measure(scenario, run(scenario, baseline=baseline))


def of(found: Measured, *key: str) -> float:
    return float(found.values[found.keys.index(Key(*key))])


# ---- Valid, and running ------------------------------------------------------------------------


def test_the_five_councils_and_england_are_shipped() -> None:
    assert set(FILES) == {*COUNCILS, "england"}


@pytest.mark.parametrize("name", FILES)
def test_it_is_valid_and_agrees_with_itself(name: str) -> None:
    scenario, warnings = the_past(name)
    assert (study(name).warnings, warnings) == ((), ())
    for one in (study(name).scenario, scenario):
        steady, authority = stays.steady_state(one), one.authority
        uasc = steady["uasc"] if authority.uasc_in_care is None else authority.uasc_in_care
        others = steady["total"] - steady["uasc"]
        assert others == pytest.approx(authority.children_in_care - uasc, rel=0.01)


@pytest.mark.parametrize(("name", "option"), [*product(FILES, [""]), *every_option()])
def test_it_runs_for_three_months(name: str, option: str) -> None:
    baseline = with_values(study(name).scenario, {"years": 0.25})
    scenario = with_edits(baseline, option_of(name, option).edits) if option else baseline
    found = measured(scenario, baseline)
    first, *_, last = (k.period for k in found.keys if k[:2] == ("children_in_care", ""))
    assert of(found, "children_in_care", "", first) == baseline.authority.children_in_care
    assert day_of(scenario.start, scenario.start.fromisoformat(last)) == 90
    types = [
        of(found, *key) for key in found.keys
        if (key.measure, key.period) == ("children_in_care", last) and "type=" in key.group
    ]  # fmt: skip
    assert sum(types) == of(found, "children_in_care", "", last) > 0


@pytest.mark.parametrize(("name", "option"), every_option())
def test_an_option_says_what_it_is_and_changes_what_happens(name: str, option: str) -> None:
    chosen = option_of(name, option)
    assert chosen.description.endswith(".")
    assert chosen.description.count(". ") == 0
    baseline = study(name).scenario
    before, after = (
        run(s, baseline=baseline).placements.values
        for s in (baseline, with_edits(baseline, chosen.edits))
    )
    assert not np.array_equal(before, after, equal_nan=True)


@pytest.mark.parametrize("name", COUNCILS)
def test_it_has_the_options_of_its_report(name: str) -> None:
    assert {o.name for o in study(name).options} >= OPTIONS[name]


# ---- Facts and their one use -------------------------------------------------------------------


@pytest.mark.parametrize("name", COUNCILS)
def test_published_numbers_are_where_they_belong(name: str) -> None:
    scenario = study(name).scenario
    block = scenario.validation
    assert block is not None
    assert PUBLISHED[name] == (
        scenario.start.isoformat(),
        scenario.authority.children_in_care,
        scenario.demand.entries_per_year,
        block.start.isoformat(),
        block.children_in_care,
        block.uasc_in_care,
    )


@pytest.mark.parametrize("name", COUNCILS)
def test_every_published_value_is_one_that_the_past_simulates(name: str) -> None:
    scenario = the_past(name)[0]
    simulated = {tuple(key) for key in keys(scenario.start, scenario.years)}
    for given in scenario.observed:
        assert (given.measure, given.group, given.period) in simulated
    found = measured(scenario, scenario)
    for given in scenario.observed:
        assert np.isfinite(of(found, given.measure, given.group, given.period))


@pytest.mark.parametrize("name", COUNCILS)
def test_no_published_value_has_two_uses(name: str) -> None:
    scenario = study(name).scenario
    block = scenario.validation
    assert block is not None
    seen = [(given.measure, given.group, given.period) for given in scenario.observed]
    assert len(seen) == len(set(seen))
    assert any(given.use == "check" for given in scenario.observed)
    # A number that starts a run is no check of another, though it was published for the day before.
    for given in scenario.observed:
        if (given.measure, given.group) == ("children_in_care", ""):
            day = scenario.start.fromisoformat(given.period)
            assert 1 not in [(start - day).days for start in (scenario.start, block.start)]


@pytest.mark.parametrize("name", COUNCILS)
def test_every_value_of_the_file_has_a_source(name: str) -> None:
    own = [a for a in study(name).assumptions if Path(a.where.split(":")[0]).stem == name]
    assert len(own) > 10
    labels = ("authority.region", "validation.start", "validation.years", "validation.free")
    without = [a.path for a in own if not a.source and a.path not in labels]
    assert [path for path in without if ".changes." not in path] == []
    # What is tuned for England belongs to England: a copy of it would fall behind.
    assert [a.path for a in own if "tuned" in a.confidence] == []
    # A range is what `validate --fit` moves a value in.
    block = study(name).scenario.validation
    assert block is not None
    ranged = {a.path for a in study(name).assumptions if a.low is not None}
    assert set(block.free) <= ranged


# ---- Values that follow from published ones, worked out again ----------------------------------


@pytest.mark.parametrize("name", ["cambridgeshire", "north_somerset", "medway", "harrow"])
def test_transfers_are_a_share_of_those_of_the_home_office(name: str) -> None:
    scenario = study(name).scenario
    share = scenario.authority.child_population / CHILDREN_IN_ENGLAND
    scheme = scenario.demand.uasc.transfer_scheme
    assert scheme.transfers_per_year == round(TRANSFERS_PER_YEAR * share)
    assert round(TRANSFERS_PER_YEAR) == 3167


@pytest.mark.parametrize(
    ("name", "in_care", "directly"),
    [
        ("cambridgeshire", 51, 0.6),
        ("north_somerset", 12, 0.6),
        ("medway", 2, 1.0),
        ("harrow", 30, 0.6),
    ],
)
def test_direct_arrivals_keep_the_children_there_were(
    name: str, in_care: int, directly: float
) -> None:
    uasc = study(name).scenario.demand.uasc
    assert uasc.direct_per_year == pytest.approx(in_care / 1.2 * directly, rel=0.03)
    mean_stay = stays.mean_uasc_stay(study(name).scenario) / stays.YEAR
    assert mean_stay == pytest.approx(1.2, abs=0.1)


@pytest.mark.parametrize(
    ("name", "children", "rate"), [("north_somerset", 221, 51), ("medway", 476, 75)]
)
def test_child_population_follows_from_the_rate(name: str, children: int, rate: float) -> None:
    population = study(name).scenario.authority.child_population
    assert population == pytest.approx(children / rate * 10_000, rel=0.002)


def test_north_somersets_shares_in_the_area_make_the_published_whole() -> None:
    def whole(scenario: Scenario) -> float:
        inside = {
            "in_house": scenario.fostering.in_area,
            "ifa": scenario.ifa.in_area,
            "home_own": 1.0,
            "home_external": scenario.external_homes.in_area,
            "supported": scenario.supported.in_area,
            **scenario.elsewhere.in_area,
        }
        mix = scenario.placement.mix_at_start
        return sum(share * inside[type_] for type_, share in mix.items())

    assert whole(study("england").scenario) == pytest.approx(0.54, abs=0.005)
    assert whole(study("north_somerset").scenario) == pytest.approx(0.58, abs=0.005)


def test_eden_house_opens_in_july_or_a_year_later() -> None:
    late = with_edits(study("medway").scenario, option_of("medway", "eden_house_a_year_late").edits)
    for scenario, opens in ((study("medway").scenario, 2024), (late, 2025)):
        found = measured(with_values(scenario, {"years": 2.0}), study("medway").scenario)
        registered = {
            key.period: value
            for key, value in zip(found.keys, found.values, strict=True)
            if (key.measure, key.group) == ("places_approved", "type=home_own")
        }
        assert registered[f"{opens}-06-30"] == 0
        assert registered[f"{opens}-09-30"] == 4
