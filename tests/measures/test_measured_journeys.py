"""Journeys through care, by hand and against a count child by child."""

from collections import Counter
from datetime import date

from by_hand import (
    ADOPTION,
    APRIL,
    EMERGENCY_BED,
    HOME_EXTERNAL,
    HOME_OWN,
    IFA,
    IN_HOUSE,
    KINSHIP,
    MOVED,
    SUPPORTED,
    Found,
    a_scenario,
    child,
    found_in,
    stay,
)
from hypothesis import given, settings
from test_measured_lives import Life, lives, rows_of

from sufficiency.measures import MEASURES, keys, measure
from sufficiency.periods import YEAR, run_days
from sufficiency.rows import REASONS, SAME_CARER, TYPES
from sufficiency.vocabulary import EntryGroup, ExitReason

GROUPS = MEASURES["journeys"].groups


def counted(found: Found, period: str = "2025-26") -> dict[str, float]:
    """The groups that are not 0."""
    return {group: n for group in GROUPS if (n := found("journeys", period, group))}


def test_each_child_takes_each_step_once() -> None:
    found = found_in(
        years=2.0,
        children=[
            # from an agency to a home, back home
            child(1, 10.0, 500.0, age=4.99),
            # the same carers with an agency, then to adopters, adopted
            child(2, 20.0, 600.0, age=0.5, reason=ExitReason.ADOPTED),
            # unaccompanied, and still in care when the run ends
            child(3, 364.9, age=16.5, group=EntryGroup.UASC_16_17),
        ],
        placements=[
            # the rows of a child need not stand in order
            stay(1, HOME_EXTERNAL, 100.0, 500.0, cause=MOVED),
            stay(1, IFA, 10.0, 100.0),
            stay(2, IN_HOUSE, 20.0, 30.0),
            stay(2, IFA, 30.0, 40.0, cause=SAME_CARER),
            stay(2, ADOPTION, 40.0, 600.0, cause=MOVED),
            stay(3, SUPPORTED, 364.9),
        ],
    )
    assert counted(found) == {
        "step=entry_to_first;from=1-4;to=ifa": 1,
        "step=entry_to_first;from=under_1;to=in_house": 1,
        "step=entry_to_first;from=uasc;to=supported": 1,
        "step=first_to_last;from=ifa;to=home": 1,
        "step=first_to_last;from=in_house;to=other": 1,
        "step=first_to_last;from=supported;to=supported": 1,
        "step=last_to_leaving;from=home;to=family": 1,
        "step=last_to_leaving;from=other;to=adopted": 1,
        "step=last_to_leaving;from=supported;to=still_in_care": 1,
    }


def test_carers_who_go_to_another_agency_take_the_child_along() -> None:
    found = found_in(
        children=[child(1, 10.0, 300.0, reason=ExitReason.SPECIAL_GUARDIANSHIP)],
        placements=[
            stay(1, IN_HOUSE, 10.0, 30.0),
            stay(1, IFA, 30.0, 300.0, cause=SAME_CARER),
        ],
    )
    steps = counted(found)
    assert steps["step=first_to_last;from=in_house;to=ifa"] == 1
    assert steps["step=last_to_leaving;from=ifa;to=guardianship"] == 1


def test_only_those_who_enter_in_the_first_whole_financial_year_are_followed() -> None:
    """The run begins on 1 February 2025; day 59 is 1 April 2025, day 424 is 1 April 2026."""
    times = [-5.0, 3.0, 58.9, 59.0, 423.9, 424.0]
    found = found_in(
        years=2.0,
        start=date(2025, 2, 1),
        children=[child(n, entered) for n, entered in enumerate(times)],
        placements=[stay(n, KINSHIP, entered) for n, entered in enumerate(times)],
    )
    assert counted(found) == {
        "step=entry_to_first;from=10-15;to=kinship": 2,
        "step=first_to_last;from=kinship;to=kinship": 2,
        "step=last_to_leaving;from=kinship;to=still_in_care": 2,
    }


def test_there_is_one_period_and_without_a_whole_financial_year_none() -> None:
    def periods(start: date, years: float) -> set[str]:
        return {key.period for key in keys(start, years) if key.measure == "journeys"}

    assert periods(APRIL, 5.0) == {"2025-26"}
    assert periods(date(2025, 5, 1), 2.0) == {"2026-27"}
    assert periods(date(2025, 5, 1), 1.5) == set()
    found = found_in(
        years=0.5,
        children=[child(1, 1.0)],
        placements=[stay(1, EMERGENCY_BED, 1.0)],
    )
    assert "journeys" not in {key.measure for key in found.values}
    assert run_days(APRIL, 0.5) == 183


# ---- Random lives ------------------------------------------------------------------------------

HOMES = {IN_HOUSE: "in_house", IFA: "ifa", KINSHIP: "kinship", SUPPORTED: "supported"}
HOMES |= {HOME_OWN: "home", HOME_EXTERNAL: "home"}
WAYS = {
    "returned_home": "family", "relatives": "family", "special_guardianship": "guardianship",
    "child_arrangements": "guardianship", "adopted": "adopted", "turned_18": "turned_18",
}  # fmt: skip


def steps_of(life: Life) -> list[str]:
    """The three groups of one child, read off the life itself."""
    care = life.care
    years = (care.entered - care.born) / YEAR
    if list(EntryGroup)[int(care.group)].startswith("uasc"):
        entered = "uasc"
    elif years < 1:
        entered = "under_1"
    elif years < 5:
        entered = "1-4"
    elif years < 10:
        entered = "5-9"
    else:
        entered = "10-15" if years < 16 else "16-17"
    first, last = (HOMES.get(TYPES[int(life.placements[i].type)], "other") for i in (0, -1))
    left = WAYS.get(REASONS[int(care.reason)], "other") if care.left < 730 else "still_in_care"
    return [
        f"step=entry_to_first;from={entered};to={first}",
        f"step=first_to_last;from={first};to={last}",
        f"step=last_to_leaving;from={last};to={left}",
    ]


@settings(max_examples=60, deadline=None)
@given(lives())
def test_journeys_equal_a_count_child_by_child(some: list[Life]) -> None:
    found = Found(measure(a_scenario(2.0), rows_of(some)))
    entrants = [life for life in some if 0 <= life.care.entered < 365]
    assert counted(found) == Counter(step for life in entrants for step in steps_of(life))


@settings(max_examples=30, deadline=None)
@given(lives())
def test_each_step_adds_up_to_those_who_entered(some: list[Life]) -> None:
    found = Found(measure(a_scenario(2.0), rows_of(some)))
    for step in ("entry_to_first", "first_to_last", "last_to_leaving"):
        groups = [group for group in GROUPS if group.startswith(f"step={step};")]
        assert len(groups) == 36
        assert sum(found("journeys", "2025-26", g) for g in groups) == found("entries", "2025-26")
