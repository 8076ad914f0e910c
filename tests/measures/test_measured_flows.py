"""What happens in periods, and waiting, from rows small enough to check with a pencil."""

from math import inf, isnan

import pytest
from by_hand import (
    ADOPTION,
    HOME_EXTERNAL,
    HOME_OWN,
    IFA,
    IN_HOUSE,
    KINSHIP,
    MOVED,
    SUPPORTED,
    UNREGISTERED,
    a_household,
    a_search,
    child,
    found_in,
    stay,
)

from sufficiency.periods import YEAR
from sufficiency.rows import (
    CAUSES,
    SAME_CARER,
)
from sufficiency.vocabulary import (
    EntryGroup,
    Ethnicity,
    ExitReason,
    Kind,
    MoveCause,
    Pathway,
)


def test_entries_and_exits_by_age_stream_and_reason() -> None:
    found = found_in(
        children=[
            child(1, -1.0, 90.9, age=3.0, reason=ExitReason.ADOPTED),
            child(2, 0.0, 91.0, age=9.9, pathway=Pathway.REMAND),  # turns 10 in care
            child(3, 364.9, 365.5, age=17.0, group=EntryGroup.UASC_16_17),  # leaves after the run
        ],
        placements=[
            stay(1, ADOPTION, -1.0, 90.9),
            stay(2, IFA, 0.0, 91.0),
            stay(3, SUPPORTED, 364.9),
        ],
    )
    assert found("entries", "2025-Q1") == 1
    assert found("entries", "2025-Q4") == 1
    assert found("entries", "2025-26") == 2
    assert found("entries", "2025-26", "age=5-9") == 1
    assert found("entries", "2025-26", "stream=uasc") == 1
    assert found("entries", "2025-26", "stream=non_uasc") == 1
    assert found("entries", "2025-Q1", "pathway=remand") == 1
    assert found("entries", "2025-Q4", "pathway=remand") == 0
    assert found("exits", "2025-Q1") == 1
    assert found("exits", "2025-Q1", "reason=adopted") == 1
    assert found("exits", "2025-Q2", "age=10-15") == 1
    assert found("exits", "2025-26") == 2
    assert found("exits", "2025-26", "stream=uasc") == 0


def test_placements_started_moves_and_second_best() -> None:
    found = found_in(
        children=[child(1, 10.0), child(2, -200.0)],
        placements=[
            stay(1, UNREGISTERED, 10.0, 20.0, planned=Kind.FOSTER),
            stay(1, IFA, 20.0, 100.0, cause=CAUSES.index(MoveCause.STEP_ACROSS)),
            stay(1, HOME_EXTERNAL, 100.0, planned=Kind.FOSTER, cause=MOVED),
            stay(2, IN_HOUSE, -200.0, -10.0),
            stay(2, HOME_OWN, -10.0, cause=MOVED),  # before the first day
        ],
    )
    assert found("placements_started", "2025-Q1") == 2
    assert found("placements_started", "2025-Q1", "type=unregistered") == 1
    assert found("placements_started", "2025-26") == 3
    assert found("moves", "2025-Q1") == 1
    assert found("moves", "2025-Q1", "cause=step_across") == 1
    assert found("moves", "2025-26", "cause=breakdown") == 1
    assert found("moves", "2025-26") == 2
    assert found("second_best_share", "2025-Q1") == 0.5
    assert found("second_best_share", "2025-26", "kind=foster") == pytest.approx(2 / 3)
    assert isnan(found("second_best_share", "2025-26", "kind=home"))
    child_years = (355 + 365) / YEAR
    assert found("moves_per_child_year", "2025-26") == pytest.approx(2 / child_years)
    assert found("moves_per_child_year", "2025-26", "cause=breakdown") == pytest.approx(
        1 / child_years
    )


@pytest.mark.parametrize(
    ("cause", "positive"),
    [
        (MoveCause.PLANNED, True),
        (MoveCause.TO_ADOPTION, True),
        (MoveCause.MOVE_ON, True),
        (MoveCause.STEP_ACROSS, True),
        (MoveCause.BREAKDOWN, False),
        (MoveCause.HOUSEHOLD_LEFT, False),
        (MoveCause.HOME_CLOSED, False),
        (MoveCause.EMERGENCY_EXPIRED, False),
        (MoveCause.OTHER, False),  # no publication says what it is
    ],
)
def test_whether_a_move_is_positive_follows_from_its_cause(
    cause: MoveCause, positive: bool
) -> None:
    found = found_in(
        children=[child(1, -1.0)],
        placements=[
            stay(1, IFA, -1.0, 50.0),
            stay(1, KINSHIP, 50.0, cause=CAUSES.index(cause)),
        ],
    )
    year = "2025-26"
    assert found("moves", year, "nature=positive") == positive
    assert found("moves", year, "nature=not_positive") == (not positive)
    assert found("positive_moves_share", year) == positive
    assert found("moves_per_child_year", year, "nature=positive") == pytest.approx(
        positive * YEAR / 365
    )


def test_share_of_moves_that_are_positive() -> None:
    causes = [MoveCause.PLANNED, MoveCause.BREAKDOWN, MoveCause.MOVE_ON]
    found = found_in(
        children=[child(1, -1.0)],
        placements=[
            stay(1, IFA, -1.0, 10.0),
            *(
                stay(1, IFA, 10.0 * i, 10.0 * i + 10, cause=CAUSES.index(c))
                for i, c in enumerate(causes, 1)
            ),
        ],
    )
    assert found("positive_moves_share", "2025-Q1") == pytest.approx(2 / 3)
    assert isnan(found("positive_moves_share", "2025-Q2"))


def test_staying_with_carers_who_go_to_an_agency_is_neither_move_nor_placement_begun() -> None:
    found = found_in(
        children=[child(1, 10.0)],
        placements=[
            stay(1, IN_HOUSE, 10.0, 60.0, provider=1, same_ethnic_group=1),
            stay(1, IFA, 60.0, 300.0, cause=SAME_CARER, same_ethnic_group=1, far_for_want=1),
            stay(1, KINSHIP, 300.0, cause=MOVED),
        ],
        households=[a_household(1, 1, closed=60.0, transferred=1)],
    )
    year = "2025-26"
    assert found("placements_started", year) == 2
    assert found("placements_started", year, "type=in_house") == 1
    assert found("placements_started", year, "type=ifa") == 0
    assert found("moves", year) == 1
    assert found("moves", year, "cause=breakdown") == 1
    assert found("second_best_share", year) == 0
    assert found("same_ethnic_group_share", year) == 1
    assert found("placement_length_mean", year) == 290
    assert found("placement_length_median", year, "type=ifa") == 290
    assert isnan(found("placement_length_median", year, "type=in_house"))


def test_a_stay_with_the_same_carers_ends_once_when_it_really_ends() -> None:
    entered = -500.0
    found = found_in(
        2.0,
        children=[child(1, entered, 400.0), child(2, entered)],
        placements=[
            stay(1, IN_HOUSE, entered, -100.0, provider=1),
            stay(1, IFA, -100.0, 50.0, cause=SAME_CARER),  # from agency to agency
            stay(1, IFA, 50.0, 400.0, cause=SAME_CARER),
            stay(2, IN_HOUSE, entered, 50.0, provider=1),
            stay(2, IFA, 50.0, cause=SAME_CARER),  # still there
        ],
        households=[a_household(1, 2, -900.0, closed=50.0, transferred=1)],
    )
    assert isnan(found("placement_length_mean", "2025-26"))  # nothing ended
    assert found("placement_length_mean", "2026-27", "type=ifa") == 900
    assert found("placement_length_median", "2026-27") == 900
    assert found("moves", "2025-26") == 0


def test_lengths_of_the_placements_that_ended() -> None:
    found = found_in(
        children=[child(i, -500.0) for i in range(5)],
        placements=[
            stay(0, IFA, -500.0, 100.0),  # 600
            stay(1, IFA, 0.0, 10.0),  # 10
            stay(2, HOME_OWN, 0.0, 20.0),  # 20
            stay(3, HOME_EXTERNAL, 0.0, 50.0),  # 50
            stay(4, IFA, 0.0),  # open
        ],
    )
    year = "2025-26"
    assert found("placement_length_mean", year, "type=ifa") == 305
    assert found("placement_length_median", year, "type=ifa") == 305
    assert found("placement_length_mean", year) == 170
    assert found("placement_length_median", year) == 35
    assert found("placement_length_median", year, "kind=home") == 35
    assert found("placement_length_median", year, "type=home_own") == 20
    assert isnan(found("placement_length_median", year, "type=kinship"))


def test_siblings_together_at_entry() -> None:
    found = found_in(
        children=[
            *(child(i, 5.0, siblings=2) for i in (1, 2)),
            *(child(i, 200.0, siblings=5) for i in (3, 4)),
            child(5, 5.0),
        ],
        placements=[
            stay(1, IFA, 5.0, 50.0),
            stay(1, HOME_OWN, 50.0, cause=MOVED),  # a move is not an entry
            stay(2, IFA, 5.0),
            stay(3, IFA, 200.0, apart=1),
            stay(4, IFA, 200.0),
            stay(5, IFA, 5.0),
        ],
    )
    assert found("siblings_together_share", "2025-26") == 0.75
    assert found("siblings_together_share", "2025-26", "siblings=2") == 1
    assert found("siblings_apart_share", "2025-Q3", "siblings=4_or_more") == 0.5
    assert isnan(found("siblings_apart_share", "2025-Q3", "siblings=2"))
    assert isnan(found("siblings_apart_share", "2025-26", "siblings=3"))


def test_carers_of_the_childs_ethnic_group_where_that_is_known() -> None:
    black, asian = Ethnicity.BLACK, Ethnicity.ASIAN
    found = found_in(
        children=[
            child(1, 5.0, ethnicity=black),
            child(2, 5.0, ethnicity=black),
            child(3, -9.0, ethnicity=asian),
        ],
        placements=[
            stay(1, IN_HOUSE, 5.0, 20.0, provider=1, same_ethnic_group=1),
            stay(1, IN_HOUSE, 20.0, provider=2, same_ethnic_group=0, cause=MOVED),
            stay(2, IN_HOUSE, 5.0, provider=1),  # the carers' group is not known
            stay(3, IFA, -9.0, 100.0, same_ethnic_group=0),  # not in-house
            stay(3, IN_HOUSE, 100.0, provider=1, same_ethnic_group=1, cause=MOVED),
        ],
        households=[a_household(1, 4), a_household(2, 2)],
    )
    name = "same_ethnic_group_share"
    assert found(name, "2025-Q1") == 0.5
    assert found(name, "2025-Q1", "ethnicity=black") == 0.5
    assert isnan(found(name, "2025-Q1", "ethnicity=asian"))
    assert found(name, "2025-Q2", "ethnicity=asian") == 1
    assert found(name, "2025-26") == pytest.approx(2 / 3)


def test_days_to_place_ends_with_placement_leaving_or_the_run() -> None:
    found = found_in(
        children=[child(1, 0.0), child(2, 10.0, 50.0), child(3, 300.0), child(4, -9.0)],
        placements=[stay(1, IFA, 0.0), stay(3, UNREGISTERED, 300.0)],
        searches=[
            a_search(1, 0.0, 0.0),
            a_search(2, 10.0, inf),  # left care unplaced, after 40 days
            a_search(1, 80.0, 100.0, Kind.HOME),  # needed in the first quarter, found in the second
            a_search(3, 300.0, inf),  # not placed within the run: 65 days so far
            a_search(4, -9.0, 5.0),  # needed before the first day
        ],
    )
    assert found("days_to_place", "2025-Q1") == 20
    assert found("days_to_place", "2025-Q1", "kind=foster") == 20
    assert found("days_to_place", "2025-Q1", "kind=home") == 20
    assert found("days_to_place", "2025-Q4") == 65
    assert found("days_to_place", "2025-26", "kind=foster") == 35
    assert isnan(found("days_to_place", "2025-Q2"))


def test_unregistered_nights_and_children() -> None:
    found = found_in(
        children=[
            child(1, -1.0, born=100.0 - 16 * YEAR),  # 16 on day 100
            child(2, 80.0, age=17.0),
            child(3, 0.0, age=8.0),
        ],
        placements=[
            stay(1, UNREGISTERED, -1.0, 2.5, planned=Kind.HOME),
            stay(1, HOME_OWN, 2.5, 120.0, cause=MOVED),
            stay(1, UNREGISTERED, 120.0, 121.0, cause=MOVED),
            stay(2, UNREGISTERED, 80.0, 101.2),
            stay(3, KINSHIP, 0.0),
        ],
    )
    assert found("unregistered_nights", "2025-Q1") == 2 + 11
    assert found("unregistered_nights", "2025-Q2") == 1 + 10
    assert found("unregistered_nights", "2025-26") == 24
    assert found("unregistered_children", "2025-Q1") == 2
    assert found("unregistered_children", "2025-Q2") == 2
    assert found("unregistered_children", "2025-26") == 2
    assert found("unregistered_under_16", "2025-Q1") == 1
    assert found("unregistered_under_16", "2025-Q2") == 0
    assert found("unregistered_under_16", "2025-26") == 1
