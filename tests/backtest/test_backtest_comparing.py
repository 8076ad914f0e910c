"""What is compared with what, and what the comparison comes to."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import numpy as np
import pandas as pd
import pytest

from sufficiency.backtest.comparing import (
    FLAT,
    MARKOV,
    OURS,
    Forecasted,
    Observed,
    What,
    compared,
    period_of,
)
from sufficiency.backtest.judging import Judged, Subject, judged
from sufficiency.backtest.tables import forecasts_table, scores_table

ORIGIN = date(2020, 3, 31)
TOTAL, IFA = Subject("children_in_care", ("",)), "type=ifa"


def observed(*rows: tuple[str, str, str, float]) -> Observed:
    return Observed(pd.DataFrame(rows, columns=["measure", "group", "period", "value"]))


def futures(*values: float) -> np.ndarray:
    return np.array(values, dtype=float)


def test_stocks_are_of_the_day_and_flows_of_the_year_to_it() -> None:
    assert period_of("children_in_care", date(2021, 3, 31)) == "2021-03-31"
    assert period_of("three_or_more_placements", date(2021, 3, 31)) == "2021-03-31"
    assert period_of("entries", date(2021, 3, 31)) == "2020-21"
    assert period_of("moves", date(2000, 3, 31)) == "1999-00"


def test_yearly_values_end_where_one_is_missing() -> None:
    known = observed(
        ("entries", "", "2016-17", 9),
        ("entries", "", "2018-19", 11),
        ("entries", "", "2019-20", 12),
        ("entries", "", "2019-Q1", 3),
    )
    assert known.until("entries", "", ORIGIN) == [11, 12]
    assert known.until("exits", "", ORIGIN) == []


def test_each_model_is_set_beside_what_happened() -> None:
    happened = observed(("children_in_care", "", "2021-03-31", 50), ("entries", "", "2020-21", 20))
    total, entries = What("children_in_care", "", 1), What("entries", "", 1)
    made = {
        OURS: {total: futures(48, 52), entries: futures(20)},
        FLAT: {total: futures(40, 40)},
    }
    rows = list(compared(ORIGIN, happened, made, years_ahead=2))
    told = [(row.what, row.model, row.period, row.observed, row.score.crps) for row in rows]
    assert told == [
        (total, OURS, "2021-03-31", 50, 0),  # distance 2, less half of 4
        (total, FLAT, "2021-03-31", 50, 10),
        (entries, OURS, "2020-21", 20, 0),
    ]


def test_what_nobody_expects_and_does_not_happen_is_left_out() -> None:
    happened = observed(("children_in_care", IFA, "2021-03-31", 0))
    what = What("children_in_care", IFA, 1)
    nobody = {OURS: {what: futures(0, 0)}, FLAT: {what: futures(0, 0)}}
    assert not list(compared(ORIGIN, happened, nobody, 1))
    somebody = {**nobody, FLAT: {what: futures(0, 1)}}
    assert len(list(compared(ORIGIN, happened, somebody, 1))) == 2


def rows_of(
    errors: Sequence[tuple[float, float]], group: str = "", peer: str = FLAT
) -> list[Forecasted]:
    """Forecasts whose error is as said: one year-end each, ours and a peer's."""
    rows = []
    for year, pair in enumerate(errors):
        origin = date(2015 + year, 3, 31)
        what = What("children_in_care", group, 1)
        happened = observed(("children_in_care", group, f"{2016 + year}-03-31", 100))
        made = {
            model: {what: futures(100 + error)}
            for model, error in zip((OURS, peer), pair, strict=True)
        }
        rows += compared(origin, happened, made, 1)
    return rows


def first(rows: list[Forecasted], *subjects: Subject) -> Judged:
    return next(judged(rows, subjects or (TOTAL,)))


def test_a_peer_is_compared_year_end_by_year_end() -> None:
    found = first(rows_of([(1, 4), (2, 5), (3, 4), (2, 4)]))
    assert found.errors[OURS].crps == 2
    assert found.errors[FLAT].crps == 4.25
    assert found.errors[OURS].bias == 2
    assert found.against[FLAT].mean == -2.25
    assert found.against[FLAT].number == 4
    assert found.against[FLAT].clear
    assert MARKOV not in found.against


def test_types_of_one_year_end_count_as_one() -> None:
    both = rows_of([(1, 2), (3, 1)]) + rows_of([(1, 2), (3, 1)], IFA)
    found = first(both, Subject("children_in_care", ("", IFA)))
    assert found.numbers == 4
    assert found.errors[OURS].crps == 2
    assert found.against[FLAT].number == 2
    assert found.against[FLAT].mean == pytest.approx(1)  # -2 and +4


def test_a_peer_that_says_less_is_compared_where_it_says_something() -> None:
    rows = rows_of([(1, 2), (5, 2)])
    found = first([row for row in rows if row.model == OURS or row.origin.year == 2015])
    assert found.origins == (date(2015, 3, 31),)
    assert found.errors[OURS].crps == 1
    assert found.against[FLAT].mean == -1


def test_tables_hold_every_number_and_every_score() -> None:
    rows = rows_of([(1, 4), (2, 5)])
    forecasts, scores = forecasts_table(rows), scores_table(rows)
    assert forecasts["model"].tolist() == [OURS, FLAT, OURS, FLAT]
    assert forecasts["origin"].tolist() == ["2015-03-31"] * 2 + ["2016-03-31"] * 2
    assert scores["crps"].tolist() == [1.5, 4.5]
    assert scores["skill_against_flat"].iloc[0] == pytest.approx(2 / 3)
    assert scores["skill_against_flat"].isna().tolist() == [False, True]
    assert scores["skill_against_markov"].isna().all()
