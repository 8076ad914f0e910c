"""Children at census dates, from rows small enough to check with a pencil."""

from math import isnan

import pytest
from by_hand import (
    ADOPTION,
    EMERGENCY_BED,
    HOME_EXTERNAL,
    HOME_OWN,
    IFA,
    IN_HOUSE,
    KINSHIP,
    OTHER,
    SUPPORTED,
    UNREGISTERED,
    a_household,
    child,
    found_in,
    stay,
)

from sufficiency.periods import YEAR
from sufficiency.rows import (
    SAME_CARER,
)
from sufficiency.vocabulary import (
    EntryGroup,
    Ethnicity,
    Kind,
    Pathway,
)


def test_children_in_care_at_the_start_and_at_month_ends() -> None:
    found = found_in(
        children=[child(1, -10.0, 30.0), child(2, 29.5, 91.0), child(3, 30.0), child(4, 0.0)],
        placements=[
            stay(1, IN_HOUSE, -10.0, 30.0),
            stay(2, IFA, 29.5, 91.0),
            stay(3, KINSHIP, 30.0),
            stay(4, HOME_OWN, 0.0),
        ],
    )
    assert found("children_in_care", "2025-04-01") == 2  # 1, and 4 who entered at that moment
    assert found("children_in_care", "2025-04-30") == 3  # 1, who leaves at midnight, 2 and 4
    assert found("children_in_care", "2025-04-30", "type=in_house") == 1
    assert found("children_in_care", "2025-05-31") == 3  # 2, 3 and 4
    assert found("children_in_care", "2025-06-30", "type=ifa") == 1  # leaves at midnight
    assert found("children_in_care", "2025-07-31", "type=ifa") == 0
    assert found("children_share", "2025-06-30", "type=kinship") == pytest.approx(1 / 3)


def test_children_grow_from_one_age_band_into_the_next() -> None:
    found = found_in(
        children=[child(1, -10.0, born=20.0 - 16 * YEAR), child(2, 40.0, born=40.0)],
        placements=[stay(1, IFA, -10.0), stay(2, ADOPTION, 40.0)],
    )
    assert found("children_in_care", "2025-04-01", "age=10-15") == 1
    assert found("children_in_care", "2025-04-30", "age=10-15") == 0
    assert found("children_in_care", "2025-04-30", "age=16-17") == 1
    assert found("children_in_care", "2025-05-31", "age=under_1") == 1


def test_unaccompanied_children_are_a_stream() -> None:
    found = found_in(
        children=[child(1, -1.0, group=EntryGroup.UASC_16_17), child(2, -1.0)],
        placements=[stay(1, SUPPORTED, -1.0), stay(2, IFA, -1.0)],
    )
    assert found("children_in_care", "2025-04-30", "stream=uasc") == 1
    assert found("children_in_care", "2025-04-30", "stream=non_uasc") == 1
    assert found("children_share", "2025-06-30", "stream=uasc") == 0.5


def test_ethnic_groups_add_up_and_remand_is_a_group_apart() -> None:
    found = found_in(
        children=[
            child(1, -1.0, ethnicity=Ethnicity.BLACK),
            child(2, -1.0, ethnicity=Ethnicity.BLACK, pathway=Pathway.REMAND),
            child(3, -1.0, ethnicity=Ethnicity.ASIAN),
            child(4, 100.0),
        ],
        placements=[
            stay(1, IFA, -1.0),
            stay(2, OTHER, -1.0),
            stay(3, IFA, -1.0),
            stay(4, IFA, 100.0),
        ],
    )
    assert found("children_in_care", "2025-05-31", "ethnicity=black") == 2
    assert found("children_in_care", "2025-05-31", "ethnicity=asian") == 1
    assert found("children_in_care", "2025-05-31", "ethnicity=white") == 0
    assert found("children_in_care", "2025-05-31", "pathway=remand") == 1
    assert found("children_in_care", "2025-05-31", "stream=non_uasc") == 3  # remand is in it
    assert found("children_share", "2025-06-30", "ethnicity=black") == pytest.approx(2 / 3)
    assert found("children_share", "2025-09-30", "ethnicity=white") == 0.25


def test_bands_of_time_in_care() -> None:
    entered = [-1.0, -200.0, -400.0, -800.0, -2000.0]
    found = found_in(
        children=[child(i, when) for i, when in enumerate(entered)],
        placements=[stay(i, IFA, when) for i, when in enumerate(entered)],
    )
    bands = ("under_6_months", "6_to_12_months", "1_to_2_years", "2_to_5_years", "5_years_or_more")
    for band in bands:
        assert found("time_in_care", "2025-04-01", f"band={band}") == 1
    assert found("time_in_care", "2025-04-01", "band=2_years_or_more") == 2
    assert found("time_in_care", "2025-12-31", "band=under_6_months") == 0
    assert found("time_in_care", "2025-12-31", "band=1_to_2_years") == 2
    assert found("time_in_care_share", "2025-12-31", "band=1_to_2_years") == 0.4
    assert found("time_in_care_share", "2025-12-31", "band=2_years_or_more") == 0.4
    assert found("time_in_care_share", "2025-12-31", "band=under_6_months") == 0


def test_bands_of_time_in_care_can_be_followed_over_five_years() -> None:
    found = found_in(5.0, children=[child(1, -1.0, age=1.0)], placements=[stay(1, KINSHIP, -1.0)])
    held = {
        day: next(
            key.group
            for key, value in found.values.items()
            if key.measure == "time_in_care" and key.period == day and value == 1
        )
        for day in ("2025-06-30", "2025-12-31", "2026-06-30", "2028-03-31", "2030-03-31")
    }
    assert list(held.values()) == [
        "band=under_6_months",
        "band=6_to_12_months",
        "band=1_to_2_years",
        "band=2_to_5_years",
        "band=5_years_or_more",
    ]


def test_needed_is_the_plan_and_unmet_is_living_elsewhere_for_want_of_a_place() -> None:
    found = found_in(
        children=[
            child(1, -1.0, age=14.0),  # in a home for want of a carer
            child(2, -1.0, age=17.0, group=EntryGroup.UASC_16_17),  # unregistered
            child(3, -1.0, age=6.0, siblings=2, disabled=1),  # apart, far for want: once only
            child(4, -1.0, age=6.0, siblings=2),  # far away by chance: not unmet
            child(5, -1.0, age=11.0),  # with an agency: not unmet
            child(6, -1.0, age=16.0, disabled=1),  # as planned
        ],
        placements=[
            stay(1, HOME_EXTERNAL, -1.0, planned=Kind.FOSTER),
            stay(2, UNREGISTERED, -1.0, planned=Kind.SUPPORTED),
            stay(3, IFA, -1.0, far_for_want=1, apart=1),
            stay(4, IFA, -1.0, in_area=0, over_20_miles=1),
            stay(5, IFA, -1.0, ifa_for_want=1),
            stay(6, SUPPORTED, -1.0),
        ],
    )
    june = "2025-06-30"
    assert found("placements_needed", june) == 6
    assert found("placements_needed", june, "kind=foster") == 4
    assert found("placements_needed", june, "kind=supported") == 2
    assert found("placements_needed", june, "kind=home") == 0
    assert found("unmet_need", june) == 3
    assert found("unmet_need", june, "kind=foster") == 2
    assert found("unmet_need", june, "kind=supported") == 1
    assert found("unmet_need", june, "age=5-9") == 1
    assert found("unmet_need", june, "age=16-17") == 1
    assert found("unmet_need", june, "cohort=siblings") == 1
    assert found("unmet_need", june, "cohort=teenage") == 2
    assert found("unmet_need", june, "cohort=disabled") == 1
    assert found("unmet_need", june, "cohort=uasc") == 1
    assert found("far_for_want_of_carer", june) == 1
    assert found("ifa_for_want_of_in_house", june) == 1
    assert found("residential_for_want_of_carer", june) == 1
    assert found("residential_for_want_of_carer", june, "age=10-15") == 1
    assert found("residential_for_want_of_carer", june, "age=16-17") == 0
    assert isnan(found("second_best_share", "2025-Q1"))  # no placement began


def test_a_stopgap_is_unmet_need_whatever_the_plan() -> None:
    found = found_in(
        children=[child(1, -1.0), child(2, -1.0)],
        placements=[
            stay(1, EMERGENCY_BED, -1.0, planned=Kind.OTHER),
            stay(2, UNREGISTERED, -1.0, planned=Kind.HOME),
        ],
    )
    assert found("unmet_need", "2025-06-30") == 2


def test_a_child_becomes_a_teenager_at_13_and_is_no_longer_under_12_at_12() -> None:
    found = found_in(
        children=[child(1, -1.0, born=100.0 - 13 * YEAR), child(2, -1.0, born=100.0 - 12 * YEAR)],
        placements=[stay(1, HOME_OWN, -1.0, planned=Kind.FOSTER), stay(2, HOME_OWN, -1.0)],
    )
    assert found("unmet_need", "2025-06-30", "cohort=teenage") == 0
    assert found("unmet_need", "2025-09-30", "cohort=teenage") == 1
    assert found("under_12_in_residential", "2025-06-30") == 1
    assert found("under_12_in_residential", "2025-09-30") == 0


def test_shares_of_where_children_live() -> None:
    found = found_in(
        children=[child(i, -1.0) for i in range(5)],
        placements=[
            stay(0, IN_HOUSE, -1.0),
            stay(1, IFA, -1.0, in_area=0),
            stay(2, IFA, -1.0, in_area=1, over_20_miles=1),
            stay(3, KINSHIP, -1.0),
            stay(4, HOME_EXTERNAL, -1.0, in_area=0, over_20_miles=1),
        ],
    )
    june = "2025-06-30"
    assert found("in_house_share", june) == pytest.approx(1 / 3)
    assert found("own_provision_share", june) == 0.4
    assert found("fostered_share", june) == 0.8
    assert found("in_area_share", june) == 0.6
    assert found("in_area_share", june, "type=ifa") == 0.5
    assert found("over_20_miles_share", june) == 0.4
    assert found("over_20_miles_share", june, "type=home_external") == 1
    assert isnan(found("over_20_miles_share", june, "type=supported"))


def test_distance_by_age_and_type() -> None:
    found = found_in(
        children=[
            child(1, -1.0, age=12.0),
            child(2, -1.0, age=12.0),
            child(3, -1.0, age=12.0),
            child(4, -1.0, age=17.0),
            child(5, -1.0, born=20.0 - 16 * YEAR),  # 16 on day 20
        ],
        placements=[
            stay(1, IN_HOUSE, -1.0),
            stay(2, IFA, -1.0, in_area=0),
            stay(3, IFA, -1.0, in_area=0, over_20_miles=1, far_for_want=1),
            stay(4, SUPPORTED, -1.0, in_area=0, over_20_miles=1),
            stay(5, KINSHIP, -1.0, in_area=0),  # not a type that is searched for
        ],
    )
    start, june = "2025-04-01", "2025-06-30"
    in_area, within, over = (
        f"distance={d}" for d in ("in_area", "within_20_miles", "over_20_miles")
    )
    assert [found("placement_distance", june, d) for d in (in_area, within, over)] == [1, 2, 2]
    assert found("placement_distance", june, f"{within};type=ifa") == 1
    assert found("placement_distance", june, f"{over};type=ifa") == 1
    assert found("placement_distance", june, f"{over};type=supported") == 1
    assert found("placement_distance", june, f"age=10-15;{in_area}") == 1
    assert found("placement_distance", june, f"age=10-15;{within}") == 1
    assert found("placement_distance", start, f"age=10-15;{within}") == 2
    assert found("placement_distance", june, f"age=16-17;{within}") == 1
    assert found("placement_distance", june, f"age=16-17;{over}") == 1
    assert found("in_area_share", june, "age=10-15") == pytest.approx(1 / 3)
    assert found("in_area_share", june, "age=16-17") == 0
    assert found("over_20_miles_share", june, "age=16-17") == 0.5
    assert isnan(found("over_20_miles_share", june, "age=5-9"))
    assert found("far_for_want_of_carer", june) == 1


def test_over_20_miles_away_and_inside_a_large_area_is_both() -> None:
    found = found_in(
        children=[child(1, -1.0)], placements=[stay(1, IFA, -1.0, in_area=1, over_20_miles=1)]
    )
    assert found("placement_distance", "2025-06-30", "distance=in_area") == 1
    assert found("placement_distance", "2025-06-30", "distance=over_20_miles") == 0
    assert found("over_20_miles_share", "2025-06-30") == 1


def test_with_carers_who_go_to_an_agency_a_child_is_with_the_agency_from_that_day() -> None:
    found = found_in(
        children=[child(1, -1.0)],
        placements=[
            stay(1, IN_HOUSE, -1.0, 45.0, provider=1),
            stay(1, IFA, 45.0, cause=SAME_CARER),
        ],
        households=[a_household(1, 1, closed=45.0, transferred=1)],
    )
    assert found("children_in_care", "2025-04-30", "type=in_house") == 1
    assert found("children_in_care", "2025-05-31", "type=in_house") == 0
    assert found("children_in_care", "2025-05-31", "type=ifa") == 1
    assert found("children_in_care", "2025-05-31") == 1
    assert found("ifa_for_want_of_in_house", "2025-06-30") == 0
    assert found("unmet_need", "2025-06-30") == 0


def test_what_is_known_of_the_time_after_the_run_is_not_counted() -> None:
    found = found_in(
        until=300.0, children=[child(1, -1.0, 320.0)], placements=[stay(1, UNREGISTERED, -1.0)]
    )
    assert found("exits", "2025-26") == 0
    assert found("children_in_care", "2026-03-31", "age=10-15") == 1
    assert found("unregistered_nights", "2025-26") == 300


def test_first_placements_in_the_area_are_those_at_entry_and_no_later_ones() -> None:
    """Two enter in the first quarter, one in the area; a move is none, nor who was there before."""
    found = found_in(
        children=[child(1, 1.0), child(2, 2.0), child(3, -10.0), child(4, 100.0)],
        placements=[
            stay(1, IFA, 1.0, 20.0, in_area=1.0),
            stay(1, IN_HOUSE, 20.0, cause=0, in_area=0.0),
            stay(2, IFA, 2.0, in_area=0.0),
            stay(3, IFA, -10.0, in_area=1.0),
            stay(4, IFA, 100.0, in_area=1.0),
        ],
    )
    assert found("first_placements_in_area_share", "2025-Q1") == 0.5
    assert found("first_placements_in_area_share", "2025-Q2") == 1.0
    assert found("first_placements_in_area_share", "2025-26") == pytest.approx(2 / 3)
    assert isnan(found("first_placements_in_area_share", "2025-Q3"))
