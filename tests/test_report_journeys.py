"""What happens to a child: the flows, whatever they are, and however few may be shown."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date
from itertools import pairwise, product
from types import SimpleNamespace
from typing import Any, cast

import pandas as pd
import pytest
from known_by_hand import lines, summary_of, without

from sufficiency.charts.journeys import journeys, journeys_of
from sufficiency.charts.look import Chart
from sufficiency.report import flow
from sufficiency.report.parts import Exhibits

AGES = ("under_1", "1-4", "5-9", "10-15", "16-17", "uasc")
HOMES = ("in_house", "ifa", "kinship", "home", "supported", "other")
WAYS = ("family", "guardianship", "adopted", "turned_18", "other", "still_in_care")
STEPS = {
    "entry_to_first": (AGES, HOMES), "first_to_last": (HOMES, HOMES),
    "last_to_leaving": (HOMES, WAYS),
}  # fmt: skip
Flows = Mapping[tuple[str, str, str], float]

USUAL: Flows = {
    ("entry_to_first", "10-15", "in_house"): 30,
    ("entry_to_first", "under_1", "ifa"): 20,
    ("entry_to_first", "uasc", "supported"): 10,
    ("first_to_last", "in_house", "in_house"): 24,
    ("first_to_last", "in_house", "home"): 6,
    ("first_to_last", "ifa", "ifa"): 20,
    ("first_to_last", "supported", "supported"): 10,
    ("last_to_leaving", "in_house", "family"): 24,
    ("last_to_leaving", "home", "turned_18"): 6,
    ("last_to_leaving", "ifa", "adopted"): 15,
    ("last_to_leaving", "ifa", "family"): 5,
    ("last_to_leaving", "supported", "turned_18"): 10,
}
"""60 children: 29 go back to their families, 16 stay until 18, 15 are adopted."""


def group(step: str, start: str, end: str) -> str:
    return f"step={step};from={start};to={end}"


def summary(flows: Flows, se: float = 0.1) -> pd.DataFrame:
    """All flows, those that are not named with nobody in them."""
    found: list[Any] = []
    for step, ends in STEPS.items():
        for start, end in product(*ends):
            n = flows.get((step, start, end), 0.0)
            value = (n, se if n else 0.0, 0.8 * n, 1.2 * n)
            found += lines("journeys", {"2025-26": value}, group(step, start, end))
    return summary_of(found)


def chart(table: pd.DataFrame) -> Chart | None:
    told = journeys_of(table)
    return None if told is None else journeys(told, "Camden", "31 March 2030")


def made(table: pd.DataFrame) -> Chart:
    found = chart(table)
    assert found is not None
    return found


def leaving(**ways: float) -> Flows:
    """60 children who leave in these ways, all from an in-house carer."""
    assert sum(ways.values()) == 60
    flows = {key: n for key, n in USUAL.items() if key[0] != "last_to_leaving"}
    return flows | {("last_to_leaving", "in_house", way): n for way, n in ways.items()}


def test_the_flows_are_drawn_as_they_are() -> None:
    found = made(summary(USUAL))
    assert [panel.heading for panel in found.panels] == [
        "From entry to the first placement",
        "From the first placement to the last",
        "From the last placement to leaving care",
    ]
    first = found.panels[0].figure.to_plotly_json()
    texts = [note["text"] for note in first["layout"]["annotations"]]
    assert texts[:3] == [
        "Aged under 1<br><b>20</b> (33%)",
        "Aged 10 to 15<br><b>30</b> (50%)",
        "Unaccompanied<br><b>10</b> (17%)",
    ]
    assert texts[3:] == [
        "In-house carers<br><b>30</b> (50%)",
        "Agency carers<br><b>20</b> (33%)",
        "Supported<br><b>10</b> (17%)",
    ]
    bands = [shape for shape in first["layout"]["shapes"] if shape["type"] == "path"]
    share = 240 / 300  # of the height: three things, with 30 pixels between two of them
    assert list(map(thick, bands)) == pytest.approx(
        [share * n / 60 for n in (10, 20, 30)], abs=0.0002
    )
    assert {band["fillcolor"] for band in bands} == {"rgba(18,67,109,0.8)"}  # three: all strong
    last = found.panels[2].figure.to_plotly_json()["layout"]["shapes"]
    strong = [thick(shape) for shape in last if "18,67,109" in shape.get("fillcolor", "")]
    share = 240 / 330  # four things on the left
    assert strong == pytest.approx([share * n / 60 for n in (10, 15, 24)], abs=0.0002)


def thick(band: dict[str, Any]) -> float:
    """How thick a band is where it begins and where it ends, as a share of all bands."""
    x_y = [tuple(map(float, pair.split(","))) for pair in re.split("[MCLZ ]", band["path"]) if pair]
    left, right = ([y for x, y in x_y if x == end] for end in (0, 1))
    assert left[0] - left[1] == pytest.approx(right[0] - right[1], abs=0.0002)
    return left[0] - left[1]


def test_bands_fill_the_things_from_which_they_come_and_to_which_they_go() -> None:
    flows = {
        ("first_to_last", start, end): 1.0 + HOMES.index(start) + 2 * HOMES.index(end)
        for start, end in product(HOMES, HOMES)
    }
    shapes = made(summary(flows)).panels[0].figure.to_plotly_json()["layout"]["shapes"]
    for end in (0, 1):
        edges: list[tuple[float, float]] = []
        for shape in shapes:
            if shape["type"] == "path":
                pairs = [p.split(",") for p in re.split("[MCLZ ]", shape["path"]) if p]
                edges.append(tuple(sorted(float(y) for x, y in pairs if float(x) == end)))
        edges.sort()
        things = sorted(
            (shape["y1"], shape["y0"])
            for shape in shapes
            if shape["type"] == "line" and shape["x0"] == end
        )
        assert len(things) == 6
        for low, high in things:
            inside = [edge for edge in edges if low - 0.001 < edge[0] and edge[1] < high + 0.001]
            assert len(inside) == 6
            assert inside[0][0] == pytest.approx(low, abs=0.0002)
            assert inside[-1][1] == pytest.approx(high, abs=0.0002)
            for below, above in pairwise(inside):
                assert below[1] == pytest.approx(above[0], abs=0.0002)


def test_names_never_overlap_and_each_stands_beside_its_thing() -> None:
    flows = {("entry_to_first", age, home): 0.01 for age, home in product(AGES, HOMES)}
    flows["entry_to_first", "5-9", "kinship"] = 200.0
    layout = made(summary(flows)).panels[0].figure.to_plotly_json()["layout"]
    margin, height = layout["margin"], layout["height"]
    inside = height - margin["t"] - margin["b"]
    for side in ("right", "left"):
        own = [note["y"] for note in layout["annotations"] if note["xanchor"] == side]
        assert len(own) == 6
        apart = [inside * (above - below) for above, below in pairwise(own)]
        assert min(apart) >= 30  # two lines of 13 pixels
        assert 0 < own[-1] < own[0] < 1


def test_the_largest_flows_are_told_in_words_and_only_flows_that_occur_are_in_the_table() -> None:
    found = made(summary(USUAL))
    assert len(found.rows) == len(USUAL)
    assert ("From the first placement to the last", "In-house carers", "Children's homes",
            "6", "5 to 7") in found.rows  # fmt: skip
    assert found.alternative[0] == (
        "From entry to the first placement: of 60 children, the largest flows are Aged 10 to 15 to"
        " In-house carers 30 (50%); Aged under 1 to Agency carers 20 (33%); Unaccompanied to"
        " Supported 10 (17%)."
    )
    # 24, 20 and 10 of 60 stay in the kind they first had
    assert found.alternative[1].endswith("90% last live in the kind of placement they first had.")


@pytest.mark.parametrize(
    ("ways", "title"),
    [
        ({"family": 40, "adopted": 20}, "Most children who enter return home or to relatives"),
        (
            {"family": 28, "adopted": 17, "turned_18": 15},
            "Children who enter most often return home or to relatives",
        ),
        (
            {"turned_18": 28, "family": 17, "other": 15},
            "Children who enter most often stay until they are 18",
        ),
        ({"still_in_care": 55, "family": 5}, "Most children who enter are still in care"),
        ({"guardianship": 50, "family": 10}, "Most children who enter leave to a guardian"),
        ({"adopted": 30, "family": 30}, "No one way of leaving is clearly most common"),
        ({"adopted": 30.2, "family": 29.8}, "No one way of leaving is clearly most common"),
    ],
)
def test_the_title_says_how_most_children_leave_if_that_can_be_told(
    ways: dict[str, float], title: str
) -> None:
    found = made(summary(leaving(**ways))).title
    assert found == title
    assert len(found.split()) <= 10


def test_what_is_clear_with_a_small_error_is_not_with_a_large_one() -> None:
    flows = leaving(family=33, adopted=27)
    assert made(summary(flows, se=0.1)).title.startswith("Most children")
    assert made(summary(flows, se=4.0)).title == "No one way of leaving is clearly most common"


def test_a_step_of_which_a_flow_is_withheld_is_not_drawn_and_its_sums_are_not_told() -> None:
    table = without(summary(USUAL), "journeys", group("last_to_leaving", "ifa", "family"))
    found = made(table)
    assert len(found.panels) == 2
    assert found.title == "The most common first placement is with in-house carers"
    assert not any(row[0] == "From the last placement to leaving care" for row in found.rows)
    told = journeys_of(table)
    assert told is not None
    assert {step for step, _ in told.known} == {"last_to_leaving"}
    assert len(told.known) == 35


def test_shares_are_told_of_whole_steps_only() -> None:
    told = journeys_of(summary(USUAL))
    assert told is not None
    assert told.children == 60
    assert told.stayed() == pytest.approx(54 / 60)
    assert list(told.ways().items()) == [
        ("return home or to relatives", pytest.approx(29 / 60)),
        ("stay until they are 18", pytest.approx(16 / 60)),
        ("are adopted", pytest.approx(15 / 60)),
    ]
    table = without(summary(USUAL), "journeys", group("last_to_leaving", "other", "other"))
    table = without(table, "journeys", group("first_to_last", "other", "other"))
    some = journeys_of(table)
    assert some is not None
    assert not some.ways()
    assert some.stayed() is None
    assert some.children == 60


def test_with_only_the_middle_step_the_title_says_how_many_stay() -> None:
    table = summary(USUAL)
    for step, start, end in (
        ("entry_to_first", "uasc", "other"),
        ("last_to_leaving", "ifa", "other"),
    ):
        table = without(table, "journeys", group(step, start, end))
    assert made(table).title == "90% of children last live where they first lived"


def test_without_a_whole_financial_year_or_without_children_there_is_no_chart() -> None:
    assert chart(summary_of(lines("entries", {"2025-Q1": 5.0}))) is None
    assert chart(summary({})) is None


def test_where_only_flows_of_nobody_are_known_there_is_no_table_of_them() -> None:
    table = summary(USUAL)
    nobody = table[(table["measure"] == "journeys") & (table["mean"] == 0)]
    assert len(nobody)
    scenario = SimpleNamespace(start=date(2025, 4, 1), years=1.0)
    tables = SimpleNamespace(summary=nobody, study=SimpleNamespace(scenario=scenario))
    found = flow.exhibits(cast("Any", tables), cast("Any", SimpleNamespace(name="Camden")))
    assert found == Exhibits()
