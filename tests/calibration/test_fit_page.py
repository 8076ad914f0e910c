"""The page of fit: what a reader may compare, in words and in %."""

from __future__ import annotations

import pandas as pd
from small_history import history

from sufficiency.answer.fit_page import parts, screen_lines
from sufficiency.answer.page_parts import Table
from sufficiency.calibration.estimates import Calibrated, Estimate
from sufficiency.charts.calibration import survival


def table_of(name: str, rows: pd.DataFrame) -> Table:
    return parts(Calibrated((), {name: rows}), history())[0].tables[0]


def test_nobody_is_compared_five_years_after_an_entry_at_16() -> None:
    rows = pd.DataFrame(
        [
            (group, "adopted", day, observed, fitted)
            for group in ("1-4", "16-17")
            for day, observed, fitted in ((365, 0.0, 0.0001), (1826, 0.135, 0.377))
        ],
        columns=["group", "reason", "day", "observed", "fitted"],
    )
    assert table_of("exits", rows).rows == (
        ("Entered 1 to 4", "Adopted", "0%", "<0.1%", "14%", "38%"),
        ("Entered 16 and 17", "Adopted", "0%", "<0.1%", "", ""),
    )


def test_moves_are_by_words_and_by_no_column_of_their_own() -> None:
    rows = pd.DataFrame(
        [("time", "7-30 days", 5), ("age", "under_5", 6), ("kind", "kin", 7)],
        columns=["by", "group", "moves"],
    )
    made = table_of("moves", rows)
    assert made.columns == ("Group", "Moves")
    told = [row[0] for row in made.rows]
    assert told == ["7 to 30 days in the placement", "Aged under 5", "Family and friends"]


def test_shares_are_in_percent_on_screen_and_what_is_not_own_has_no_weight() -> None:
    rows = (
        Estimate("placement.mix_at_start.home_own", 0.0145, 0.01, 0.02, 0.0141, 0.015, 200),
        Estimate("fostering.households", 49, base=99, weight=0.0),
    )
    lines = list(screen_lines(Calibrated(rows), "England"))
    assert " ".join(lines[3].split()) == "own children's homes 1.4% 1.5% 100% 1.5% 1.0% to 2.0%"
    assert " ".join(lines[5].split()) == "on the first day 99 49"


def test_a_group_seen_too_little_has_no_observed_line() -> None:
    rows = pd.DataFrame(
        {
            "group": ["uasc_under_16"],
            "day": [365],
            "kaplan_meier": [0.88],
            "se": [0.1],
            "fitted": [0.9],
            "low": [0.86],
            "high": [0.94],
            "base": [0.9],
            "at_risk": [9],
        }
    )
    chart = survival(rows, "Somewhere")
    assert chart is not None
    assert "88%" not in chart.alternative[0]
    assert "too few to say" in chart.alternative[0]
