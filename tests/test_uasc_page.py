"""Unaccompanied children against the transfer threshold, and what their season does."""

from __future__ import annotations

from datetime import date
from functools import cache
from pathlib import Path
from types import MappingProxyType, SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from summary_by_hand import MARCHES, QUARTERS, draw_nothing, flat, line, short, slope, summary

from sufficiency.answer.quarters import span
from sufficiency.answer.threshold import limits, share_at_threshold
from sufficiency.charts import Chart
from sufficiency.charts import uasc as uasc_charts
from sufficiency.charts.past import Told
from sufficiency.charts.uasc import against_threshold, uasc_entries
from sufficiency.report import uasc
from sufficiency.results.part import part_of
from sufficiency.results.results import by_hand
from sufficiency.rows import Key
from sufficiency.scenario import Assumption, DatedChange, Scenario, Study, Surge, with_values
from sufficiency.scenario_file import load

STREAM = "stream=uasc"
SCHEME = "demand.uasc.transfer_scheme"


@pytest.fixture
def undrawn(monkeypatch: pytest.MonkeyPatch) -> None:
    draw_nothing(monkeypatch, uasc_charts)


@cache
def shipped() -> Scenario:
    scenario = load("england").scenario
    return with_values(
        scenario, {"authority.child_population": 30000.0, f"{SCHEME}.threshold": 0.001}
    )


def scenario(**values) -> Scenario:
    return with_values(shipped(), {k.replace("__", "."): v for k, v in values.items()})


def chart(numbers, reached=None, past=(), **values) -> Chart:
    given = with_values(shipped(), values) if values else shipped()
    table = summary(("children_in_care", STREAM, numbers))
    share = None
    if reached is not None:
        share = pd.DataFrame({"reached": [0.0, *reached]}, index=list(MARCHES))
    found = against_threshold(table, given, share, past)
    assert found is not None
    assert short(found.title)
    return found


@pytest.mark.usefixtures("undrawn")
@pytest.mark.parametrize(
    ("reached", "title"),
    [
        ([1.0] * 5, "nearly always reach the transfer threshold of 30"),
        ([0.3, 0.4, 0.5, 0.4, 0.4], "reach the transfer threshold 40% of the time"),
        ([0.0, 0.0, 0.1, 0.0, 0.1], "rarely reach the transfer threshold of 30"),
        ([0.0] * 5, "stay below the transfer threshold of 30"),
    ],
)  # fmt: skip
def test_the_title_says_how_often_the_threshold_is_reached(reached, title) -> None:
    assert chart(flat(20, 5), reached).title == f"Unaccompanied children {title}"


@pytest.mark.usefixtures("undrawn")
@pytest.mark.parametrize(
    ("numbers", "title"),
    [
        (flat(20, 5), "Unaccompanied children mostly stay below the transfer threshold of 30"),
        (flat(40, 5), "Unaccompanied children mostly stay above the transfer threshold of 30"),
        (slope(20, 40, 5), "Unaccompanied children are often near the transfer threshold of 30"),
        (flat(29, 5), "Unaccompanied children are often near the transfer threshold of 30"),
    ],
)
def test_without_the_futures_the_title_rests_on_their_range(numbers, title) -> None:
    assert chart(numbers).title == title


def test_an_authority_that_joins_after_the_run_has_no_threshold() -> None:
    found = chart(flat(20, 5), **{f"{SCHEME}.joins": date(2031, 1, 1)})
    assert found.title == "About 20 unaccompanied children, with no transfer threshold"
    assert [mark.name for mark in found.panels[0].key if mark.shape == "line"] == [
        "simulated, average"
    ]
    assert found.rows[0][-2:] == ("", "")


def test_the_threshold_begins_on_the_day_of_joining_and_follows_dated_changes() -> None:
    changes = (DatedChange(on=date(2027, 4, 1), path=f"{SCHEME}.threshold", to=0.0007),)
    given = with_values(shipped(), {f"{SCHEME}.joins": date(2026, 1, 1), f"{SCHEME}.quota": 25})
    given = given.model_copy(update={"changes": changes})
    at = limits(given, MARCHES)
    assert np.isnan(at["threshold"].iloc[0])
    np.testing.assert_allclose(at["threshold"].iloc[1:], [30, 30, 21, 21, 21])
    assert at["quota"].iloc[1:].tolist() == [25] * 5
    table = summary(("children_in_care", STREAM, flat(40, 5)))
    found = against_threshold(table, given)
    assert found is not None
    assert found.title == "Unaccompanied children mostly stay above the transfer threshold"
    lines = {trace.name: list(trace.y) for trace in found.panels[0].figure.data}
    np.testing.assert_allclose(lines["transfer threshold"], [30, 30, 21, 21, 21])
    assert lines["transfer quota"] == [25] * 5


@pytest.mark.usefixtures("undrawn")
def test_that_the_population_is_assumed_stands_under_the_title() -> None:
    table = summary(("children_in_care", STREAM, flat(20, 5)))
    for assumed in (True, False):
        found = against_threshold(table, shipped(), assumed=assumed)
        assert found is not None
        assert ("assumed child population" in found.subtitle) == assumed


def test_the_past_is_joined_and_named() -> None:
    found = chart(flat(20, 5), past=[Told("2024-03-31", 12.0, "DfE")])
    assert found.rows[0] == ("31 March 2024", "12", "", "", "DfE", "", "")
    assert found.rows[1][-2] == "30"
    assert found.source == "DfE"


@pytest.mark.usefixtures("undrawn")
def test_futures_at_the_threshold_have_a_figure_only_where_there_are_some() -> None:
    assert len(chart(flat(20, 5), [0.0] * 5).panels) == 1
    assert len(chart(flat(20, 5), [0.0, 0.2, 0.2, 0.2, 0.2]).panels) == 2


# --- how often it is reached ----------------------------------------------------------------------


def results_of(tmp_path: Path, numbers: dict[str, list[float]], given: Scenario, **settings):
    """A run of futures whose unaccompanied children on some days are stated, replication 0 too."""
    keys = [Key("children_in_care", STREAM, day) for day in numbers]
    values = np.array([list(numbers.values())]).transpose(0, 2, 1)
    study = Study(scenario=given)
    return by_hand(tmp_path / "run", values, keys, study=study, **settings)


def test_the_share_of_futures_at_or_above_the_threshold_is_counted(tmp_path: Path) -> None:
    numbers = {"2025-04-01": [0, 29, 30, 31, 20], "2026-03-31": [0, 30, 30, 31, 99]}
    run = results_of(tmp_path, numbers, shipped())
    found = share_at_threshold(run)
    assert found is not None
    assert found["reached"].to_dict() == {"2025-04-01": 0.5, "2026-03-31": 1.0}
    assert share_at_threshold(part_of(run, lambda key: False)) is None


def test_each_future_has_the_threshold_of_its_own_population(tmp_path: Path) -> None:
    class Drawn:
        study = Study(scenario=shipped())
        manifest = MappingProxyType({"ranges": ["authority.child_population"]})

        def futures(self, measure: str, group: str) -> pd.DataFrame:
            assert (measure, group) == ("children_in_care", STREAM)
            return pd.DataFrame({"2025-04-01": [29.0, 29.0], "2026-03-31": [29.0, 31.0]})

        def table(self, name: str) -> pd.DataFrame:
            assert name == "draws"
            return pd.DataFrame(
                {
                    "replication": [0, 1, 2],
                    "path": ["authority.child_population"] * 3,
                    "value": [30000.0, 20000.0, 40000.0],
                }
            )

    run = Drawn()
    found = share_at_threshold(run)
    assert found is not None
    assert found["reached"].to_dict() == {"2025-04-01": 0.5, "2026-03-31": 0.5}
    change = DatedChange(on=date(2025, 10, 1), path="authority.child_population", to=30000.0)
    later = DatedChange(on=date(2025, 10, 1), path="authority.child_population", to=28000.0)
    for changes, reached in (((change,), 0.5), ((later,), 1.0)):
        run.study = Study(scenario=shipped().model_copy(update={"changes": changes}))
        found = share_at_threshold(run)
        assert found is not None
        assert found["reached"]["2026-03-31"] == reached


# --- season ---------------------------------------------------------------------------------------


@pytest.mark.usefixtures("undrawn")
@pytest.mark.parametrize(
    ("numbers", "title"),
    [
        (
            line([3, 5, 4, 2] * 5, 2, QUARTERS),
            "Arrivals of unaccompanied children peak from July to September",
        ),
        (
            line([3, 2, 4, 6] * 5, 2, QUARTERS),
            "Arrivals of unaccompanied children peak from January to March",
        ),
        (
            line([3, 3, 3, 1] * 5, 2, QUARTERS),
            "Fewest unaccompanied children arrive from January to March",
        ),
        (flat(3, 2, QUARTERS), "No clear season in unaccompanied children's arrivals"),
        (flat(3, 2, QUARTERS[:3]), "Too short a run to tell a season in arrivals"),
    ],
)  # fmt: skip
def test_the_season_of_arrivals_is_named_only_where_it_is_clear(numbers, title) -> None:
    found = uasc_entries(summary(("entries", STREAM, numbers)), "Ayr")
    assert found is not None
    assert found.title == title
    assert short(title)


def exhibits(table: pd.DataFrame, study: Study):
    tables = SimpleNamespace(summary=table, study=study, uasc=None)
    return uasc.exhibits(tables, SimpleNamespace(name="Ayr", start=date(2025, 4, 1)))


ENDS = tuple(span(quarter).last for quarter in QUARTERS)


@pytest.mark.usefixtures("undrawn")
def test_what_the_season_does_is_averaged_over_whole_years_by_quarter() -> None:
    more = (*QUARTERS, "2030-Q1")
    table = summary(
        ("entries", "", flat(20, 5, more)),
        ("entries", STREAM, line([*[3, 5, 4, 2] * 4, 4, 6, 5, 3, 90], 2, more)),
        ("unmet_need", "cohort=uasc", line([1, 2, 3, 4] * 5, 1, ENDS)),
        ("children_in_care", "type=supported", flat(18, 3, ENDS[:-1])),
    )
    (grid,) = exhibits(table, Study(scenario=shipped())).grids
    assert grid.heads == [
        "April to June", "July to September", "October to December", "January to March",
    ]  # fmt: skip
    found = {row.words: [cell.value for cell in row.cells] for b in grid.blocks for row in b.rows}
    assert found == {
        "Unaccompanied children who enter": ["3.2", "5.2", "4.2", "2.2"],
        "Unaccompanied children with unmet need": ["1", "2", "3", "4"],
    }  # of supported accommodation one end is not known


def test_less_than_a_year_has_no_table_of_seasons() -> None:
    table = summary(("entries", "", flat(20, 5, QUARTERS[:3])))
    assert exhibits(table, Study(scenario=shipped())).grids == []
    assert exhibits(summary(), Study(scenario=shipped())).empty


def test_notes_say_what_the_threshold_rests_on_and_what_peaks_are_expected() -> None:
    surge = Surge.model_validate(
        {"from": date(2026, 6, 1), "to": date(2026, 8, 31), "extra_children": 8, "stream": "uasc"}
    )
    given = with_values(shipped(), {f"{SCHEME}.joins": date(2026, 1, 1), f"{SCHEME}.quota": 25})
    demand = given.demand.model_copy(update={"surges": (surge,)})
    about = Assumption(
        path="authority.child_population", value=30000, low=28000, high=33000,
        source="<b>own</b>", confidence="assumption",
    )  # fmt: skip
    study = Study(scenario=given.model_copy(update={"demand": demand}), assumptions=(about,))
    notes = " ".join(exhibits(summary(), study).notes)
    assert "joins the transfer scheme on 1 January 2026" in notes
    assert "25 or more, which is the quota" in notes
    assert "30,000 (28,000 to 33,000) is an assumption, and so is the threshold" in notes
    assert "8 more from 1 June 2026 to 31 August 2026" in notes
    sure = study.model_copy(
        update={"assumptions": (about.model_copy(update={"confidence": "high"}),)}
    )
    assert "is an input" in " ".join(exhibits(summary(), sure).notes)
