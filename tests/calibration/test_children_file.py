from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
from small_history import LAST, Life, Stay, history

from sufficiency.calibration.children_file import children_text
from sufficiency.errors import SufficiencyError
from sufficiency.history.tables import History

MOVED = Life(
    "2011-06-01", "10-15",
    (Stay("in_house", "2023-06-01", "2023-09-01", "planned", True, False),
     Stay("ifa", "2023-09-01", in_area=False, over_20_miles=True)),
    ethnicity="black",
)  # fmt: skip
GONE = Life("2012-01-01", "10-15", (Stay("ifa", "2023-07-01", "2024-06-01"),), "returned_home")
OLDER = Life("2010-02-03", "5-9", (Stay("kinship", "2017-06-01"),), ethnicity="")
HEAD = "entered,born,entry_group,type,placement_started,ethnicity,in_area,over_20_miles"


def test_it_has_a_row_for_each_child_in_care_with_the_placement_of_the_last_day() -> None:
    assert children_text(history(MOVED, GONE, OLDER)).splitlines() == [
        HEAD,
        "2017-06-01,2010-02-03,5-9,kinship,2017-06-01,,,",
        "2023-06-01,2011-06-01,10-15,ifa,2023-09-01,black,false,true",
    ]


def test_its_order_says_nothing_of_the_return() -> None:
    assert children_text(history(MOVED, GONE, OLDER)) == children_text(history(OLDER, MOVED))


def test_who_turns_18_on_the_first_day_is_not_in_it() -> None:
    grown = MOVED._replace(born="2007-04-01")
    assert len(children_text(history(grown, OLDER)).splitlines()) == 2
    later = MOVED._replace(born="2007-04-02")
    assert len(children_text(history(later, OLDER)).splitlines()) == 3


def test_nobody_in_care_is_a_heading_alone() -> None:
    assert children_text(history(GONE)) == f"{HEAD}\n"


def test_plain_counts_hold_no_children() -> None:
    counts = History(first=date(2023, 4, 1), last=LAST)
    with pytest.raises(SufficiencyError, match="plain counts hold no children"):
        children_text(counts)
    with pytest.raises(SufficiencyError, match="plain counts"):
        children_text(replace(history(MOVED), placements=None))
