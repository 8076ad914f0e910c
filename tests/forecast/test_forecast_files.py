"""Sample paths in files, and the scenario that uses them."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from sufficiency.errors import SufficiencyError
from sufficiency.forecast.files import read_paths, write_new, write_paths
from sufficiency.forecast.of_history import stock_of
from sufficiency.forecast.result import Forecast
from sufficiency.history.tables import History


def forecast() -> Forecast:
    return Forecast(
        first=date(2025, 11, 1),
        paths={
            "non_uasc": np.array([[1, 2, 3], [4, 5, 6]]),
            "uasc": np.array([[0, 0, 1], [2, 0, 0]]),
        },
        chosen={},
        why={},
        scores=pd.DataFrame(),
        history=pd.DataFrame(),
    )


def test_paths_are_written_with_a_row_per_month_and_a_column_per_path(tmp_path: Path) -> None:
    write_paths(forecast(), tmp_path / "entries.csv")
    assert (tmp_path / "entries.csv").read_text(encoding="utf-8").splitlines() == [
        "month,stream,path_1,path_2",
        "2025-11,non_uasc,1,4",
        "2025-12,non_uasc,2,5",
        "2026-01,non_uasc,3,6",
        "2025-11,uasc,0,2",
        "2025-12,uasc,0,0",
        "2026-01,uasc,1,0",
    ]
    assert [file.name for file in tmp_path.iterdir()] == ["entries.csv"]  # no draft is left


def test_what_was_written_is_read_again(tmp_path: Path) -> None:
    write_paths(forecast(), tmp_path / "entries.csv")
    found = read_paths(tmp_path / "entries.csv")
    assert found.first == date(2025, 11, 1)
    for stream, paths in forecast().paths.items():
        assert np.array_equal(found.columns[stream], paths)


def test_a_file_that_is_there_is_never_written_over(tmp_path: Path) -> None:
    file = tmp_path / "entries.csv"
    file.write_text("mine", encoding="utf-8")
    with pytest.raises(SufficiencyError, match="exists already"):
        write_paths(forecast(), file)
    assert file.read_text(encoding="utf-8") == "mine"


def test_a_folder_that_is_not_there_is_told_in_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(SufficiencyError, match="cannot be written"):
        write_new(tmp_path / "nowhere" / "x.csv", "text")


def test_every_mistake_in_a_file_of_paths_is_told_with_its_row_and_column(tmp_path: Path) -> None:
    file = tmp_path / "entries.csv"
    rows = ["month,stream,path_1,path_2", "2025-11,non_uasc,1,x", "2026-01,others,-1,2"]
    file.write_text("\n".join(rows), encoding="utf-8")
    with pytest.raises(SufficiencyError) as told:
        read_paths(file)
    for place in ("entries.csv:2:4", "entries.csv:3:2", "entries.csv:3:3"):
        assert place in str(told.value)


def stock(rows: list[tuple[str, str, str, str, int]]) -> History:
    table = pd.DataFrame(rows, columns=["date", "stream", "age_group", "type", "children"])
    table["date"] = pd.to_datetime(table["date"])
    return History(first=date(2020, 4, 1), last=date(2025, 3, 31), stock=table)


def test_children_in_care_are_those_of_the_last_date_added_up() -> None:
    found = stock_of(
        stock(
            [
                ("2024-03-31", "non_uasc", "all", "", 900),
                ("2025-03-31", "non_uasc", "5-9", "in_house", 30),
                ("2025-03-31", "non_uasc", "10-15", "ifa", 40),
                ("2025-03-31", "uasc", "16-17", "supported", 7),
            ]
        )
    )
    assert found is not None
    assert (found.day, found.children, found.uasc) == (date(2025, 3, 31), 77, 7)


def test_a_total_is_not_added_to_its_parts_and_may_hide_how_many_are_uasc() -> None:
    both = [("2025-03-31", "all", "all", "", 77)]
    parts = [("2025-03-31", "non_uasc", "all", "", 70), ("2025-03-31", "uasc", "all", "", 7)]
    only_total, with_parts = stock_of(stock(both)), stock_of(stock(both + parts))
    assert only_total is not None
    assert with_parts is not None
    assert (only_total.children, only_total.uasc) == (77, None)
    assert (with_parts.children, with_parts.uasc) == (77, 7)
