"""What of a history may be told: no number under five, nor any from which one could be had."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date

import pandas as pd

from sufficiency.history.tables import History
from sufficiency.history.told import Then, told, tree, yaml_lines

ENDS = ("2023-03-31", "2023-06-30", "2023-09-30", "2023-12-31", "2024-03-31")


def history(
    entries: Sequence[int],
    exits: Sequence[int],
    *,
    uasc: tuple[int, int] = (0, 0),
    stock: Mapping[str, tuple[int, int]] | None = None,
) -> History:
    """A year from April 2023, by quarter, all in the first month of each.

    Args:
        entries: Of others than unaccompanied children, in each quarter.
        exits: The same.
        uasc: Unaccompanied children who enter and leave, all in the first quarter.
        stock: Others and unaccompanied children in care, by date; left out: 100 and 10.
    """
    rows = []
    for place in range(12):
        first = pd.Timestamp(2023 + (place > 8), (place + 3) % 12 + 1, 1)
        at = place // 3
        quarter = place % 3 == 0
        for stream, came, went in (
            ("non_uasc", entries[at], exits[at]),
            ("uasc", uasc[0] if at == 0 else 0, uasc[1] if at == 0 else 0),
        ):
            rows.append(
                (first, stream, "all", came if quarter else 0, float(went if quarter else 0))
            )
    monthly = pd.DataFrame(rows, columns=["month", "stream", "age_group", "entries", "exits"])
    stock = stock or dict.fromkeys(ENDS, (100, 10))
    held = pd.DataFrame(
        [
            (pd.Timestamp(day), stream, "all", "", children)
            for day, both in stock.items()
            for stream, children in zip(("non_uasc", "uasc"), both, strict=True)
        ],
        columns=["date", "stream", "age_group", "type", "children"],
    )
    return History(date(2023, 4, 1), date(2024, 3, 31), monthly=monthly, stock=held)


def entries_of(found: Sequence[Then], group: str = "") -> dict[str, int]:
    return {
        one.period: one.value for one in found if (one.measure, one.group) == ("entries", group)
    }


def days_of(found: Sequence[Then], group: str = "") -> list[str]:
    return [one.period for one in found if (one.measure, one.group) == ("children_in_care", group)]


def test_a_year_and_its_quarters_are_told_where_none_is_small() -> None:
    found = told(history([10, 20, 15, 5], [9, 9, 9, 9]))
    assert entries_of(found) == {
        "2023-24": 50, "2023-Q1": 10, "2023-Q2": 20, "2023-Q3": 15, "2023-Q4": 5,
    }  # fmt: skip
    assert set(days_of(found)) >= set(ENDS[1:])


def test_one_small_quarter_hides_all_four_as_it_could_be_had_from_the_year() -> None:
    found = told(history([10, 20, 15, 4], [9, 9, 9, 9]))
    assert entries_of(found) == {"2023-24": 49}
    assert not set(days_of(found)) & set(ENDS[1:4])


def test_few_who_left_in_a_quarter_hide_it_as_entries_and_stock_would_tell_them() -> None:
    found = told(history([10, 20, 15, 9], [9, 3, 9, 9]))
    assert entries_of(found) == {"2023-24": 54}


def test_a_small_year_is_not_told() -> None:
    found = told(history([1, 1, 1, 1], [9, 9, 9, 9]))
    assert entries_of(found) == {}


def test_unaccompanied_children_are_told_by_year_if_neither_they_nor_the_rest_are_few() -> None:
    assert entries_of(told(history([10, 9, 9, 9], [9] * 4, uasc=(8, 7))), "stream=uasc") == {
        "2023-24": 8
    }
    few = (
        history([10, 9, 9, 9], [9] * 4, uasc=(4, 7)),
        history([10, 9, 9, 9], [9] * 4, uasc=(8, 4)),  # who left follows from the stock
        history([1, 1, 1, 1], [9] * 4, uasc=(30, 30)),  # the rest follow from the total
    )
    for one in few:
        assert entries_of(told(one), "stream=uasc") == {}


def test_a_small_stock_of_unaccompanied_children_is_not_told() -> None:
    stock = {"2023-04-30": (100, 10), "2024-03-31": (100, 4)}
    found = told(history([10] * 4, [9] * 4, stock=stock))
    assert days_of(found, "stream=uasc") == []
    assert "2024-03-31" in days_of(found)


def test_what_is_told_is_written_as_the_history_of_a_scenario() -> None:
    rows = [Then("entries", "", "2023-24", 50), Then("entries", "stream=uasc", "2023-24", 8)]
    assert tree(rows, "own counts") == [
        {"measure": "entries", "period": "2023-24", "value": 50, "source": "own counts"},
        {
            "measure": "entries", "group": "stream=uasc", "period": "2023-24", "value": 8,
            "source": "own counts",
        },
    ]  # fmt: skip
    lines = yaml_lines(history([10, 20, 15, 5], [9] * 4), 'own "counts"')
    assert lines[2] == "history:"
    assert '"source": "own \\"counts\\""' in lines[3]
    empty = History(date(2023, 4, 1), date(2024, 3, 31))
    assert yaml_lines(empty, "own counts") == []
