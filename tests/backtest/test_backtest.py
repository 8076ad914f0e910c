"""The backtest as a whole, with a stand-in for the simulation, and what it says."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from functools import cache
from pathlib import Path

import numpy as np
import pytest
from few_children import history as few

from sufficiency.answer.backtest_page import parts, text
from sufficiency.answer.backtest_words import coverage, losses, verdict
from sufficiency.backtest.backtesting import Backtested, LeftOut, backtest, origins_of
from sufficiency.backtest.comparing import FLAT, MARKOV, OURS, Futures, asked
from sufficiency.backtest.settings import Settings
from sufficiency.charts.backtest import forecasts_and_what_happened
from sufficiency.errors import SufficiencyError
from sufficiency.history.counting import observed
from sufficiency.history.from_return import from_return
from sufficiency.history.tables import History
from sufficiency.scenario import Study
from sufficiency.scenario_file import load
from sufficiency.synthesis import synthesise

SETTINGS = Settings(jobs=1)


@cache
def base() -> Study:
    return load("england")


@cache
def history() -> History:
    """Seven years of a small made-up authority, 2018-19 to 2024-25."""
    return from_return(synthesise(base(), 7, children=60, seed=3).returned)


def stand_in(error: float) -> object:
    """Futures that miss what happens by so much, and one either side."""
    whole = observed(history())
    values = {(m, g, p): v for m, g, p, v in whole.itertuples(index=False)}

    def simulate(known: History, _base: Study, settings: Settings, _folder: Path) -> Futures:
        made = {}
        for what in asked(settings.years_ahead):
            end = known.last.replace(year=known.last.year + what.years_ahead)
            label = f"{end.year - 1}-{end.year % 100:02d}"
            for period in (end.isoformat(), label):
                value = values.get((what.measure, what.group, period))
                if value is not None:
                    spread = 0.01 if value < 1 else 1.0
                    made[what] = value + error + spread * np.array([-1.0, 0.0, 1.0])
        return made

    return simulate


@cache
def found(error: float = 0.0) -> Backtested:
    return backtest(history(), base(), SETTINGS, simulate=stand_in(error))  # type: ignore[arg-type]  # a stand-in


def test_year_ends_have_two_years_before_and_one_after() -> None:
    assert origins_of(history()) == tuple(date(year, 3, 31) for year in range(2020, 2025))
    assert origins_of(history(), 2) == (date(2023, 3, 31), date(2024, 3, 31))
    assert origins_of(few()) == (date(2021, 3, 31), date(2022, 3, 31))


def test_a_year_without_a_return_breaks_the_years_before() -> None:
    gap = ((date(2020, 4, 1), date(2021, 3, 31)),)
    ends = origins_of(replace(history(), gaps=gap))
    assert ends == (date(2020, 3, 31), date(2023, 3, 31), date(2024, 3, 31))


def test_the_last_year_end_is_forecast_one_year_ahead_only() -> None:
    last = [row for row in found().forecasts if row.origin == date(2024, 3, 31)]
    assert {row.what.years_ahead for row in last} == {1}
    assert {row.period for row in last} == {"2024-25", "2025-03-31"}
    first = [row for row in found().forecasts if row.origin == date(2020, 3, 31)]
    assert {row.what.years_ahead for row in first} == {1, 2}


def test_what_happened_is_what_the_history_counts() -> None:
    care = history().care
    assert care is not None
    entered = care["entered"].between("2022-04-01", "2023-03-31").sum()
    row = next(
        r
        for r in found().forecasts
        if (r.what.measure, r.what.group, r.period) == ("entries", "", "2022-23")
    )
    assert row.observed == entered
    there = (care["entered"] <= "2023-03-31") & ~(care["left"] <= "2023-03-31")
    row = next(
        r
        for r in found().forecasts
        if (r.what.measure, r.what.group, r.period) == ("children_in_care", "", "2023-03-31")
    )
    assert row.observed == there.sum()


def test_only_what_was_known_then_reaches_the_simulation() -> None:
    seen = []

    def simulate(known: History, _base: Study, settings: Settings, _folder: Path) -> Futures:
        assert known.care is not None
        assert known.monthly is not None
        seen.append((known.last, settings.years_ahead))
        assert (known.care["entered"] <= str(known.last)).all()
        assert not (known.care["left"] > str(known.last)).any()
        assert (known.monthly["month"] <= str(known.last)).all()
        return {}

    backtest(history(), base(), SETTINGS, origins=2, simulate=simulate)
    assert seen == [(date(2023, 3, 31), 2), (date(2024, 3, 31), 1)]


def test_peers_know_no_more_than_the_year_end() -> None:
    later = replace(history(), last=date(2024, 3, 31))
    assert later.care is not None
    rows = [r for r in found().forecasts if r.origin == date(2021, 3, 31) and r.model == FLAT]
    totals = [r for r in rows if (r.what.measure, r.what.group) == ("children_in_care", "")]
    table = observed(history())
    here = (table["measure"] == "children_in_care") & (table["group"] == "")
    now = table.loc[here & (table["period"] == "2021-03-31"), "value"].item()
    for row in totals:
        assert row.score.median == pytest.approx(now, abs=2)


def test_a_forecast_of_what_happened_beats_both_peers() -> None:
    for row in found().judged:
        assert row.errors[OURS].crps == pytest.approx(0, abs=0.4)
        if not row.subject.by_type and row.subject.groups == ("",):
            assert all(apart.mean < 0 for apart in row.against.values())
    said = verdict(found())
    assert "clearly below" in said
    assert "clearly above" not in said


def test_a_bad_forecast_is_said_to_be_bad() -> None:
    bad = found(60.0)
    said = verdict(bad)
    assert "in 0 of" in said
    assert "clearly above it for children in care" in said.replace("; ", ", ")
    assert len(losses(bad)) >= 12
    assert "held 0% for 50%" in coverage(bad)


def test_stability_has_no_markov_peer() -> None:
    row = next(r for r in found().judged if r.subject.measure == "three_or_more_placements")
    assert set(row.against) == {FLAT}
    total = next(r for r in found().judged if r.subject.measure == "children_in_care")
    assert set(total.against) == {FLAT, MARKOV}


def test_few_year_ends_claim_nothing() -> None:
    two = backtest(
        history(),
        base(),
        SETTINGS,
        origins=2,
        simulate=stand_in(0.0),  # type: ignore[arg-type]  # a stand-in
    )
    assert "two year-ends cannot tell whether anything is better or worse" in verdict(two)


def test_a_year_end_that_cannot_be_forecast_is_left_out_with_its_reason() -> None:
    good = stand_in(0.0)

    def simulate(known: History, study: Study, settings: Settings, folder: Path) -> Futures:
        if known.last == date(2020, 3, 31):
            raise SufficiencyError("too few children")
        return good(known, study, settings, folder)  # type: ignore[operator, no-any-return]  # a stand-in

    part = backtest(history(), base(), SETTINGS, simulate=simulate)
    assert part.left_out == (LeftOut(date(2020, 3, 31), "too few children"),)
    assert part.origins[0] == date(2021, 3, 31)
    assert "Left out: 2020-03-31: too few children" in text(part)


def test_a_backtest_that_fails_everywhere_says_why() -> None:
    def simulate(_known: History, _study: Study, _settings: Settings, _folder: Path) -> Futures:
        raise SufficiencyError("too few children")

    with pytest.raises(SufficiencyError, match=r"no year-end .* too few children"):
        backtest(history(), base(), SETTINGS, simulate=simulate)


def test_a_short_history_is_refused_with_what_it_needs() -> None:
    short = replace(few(), first=date(2021, 4, 1))
    with pytest.raises(SufficiencyError, match="2 full years before it and one after it"):
        backtest(short, base(), SETTINGS)


def test_an_error_of_ours_is_not_hidden_as_a_year_end_left_out() -> None:
    class OursError(SufficiencyError):
        exit_code = 4

    def simulate(_known: History, _study: Study, _settings: Settings, _folder: Path) -> Futures:
        raise OursError("a replication failed")

    with pytest.raises(OursError):
        backtest(history(), base(), SETTINGS, simulate=simulate)


def test_the_screen_has_80_columns_and_every_measure_once_for_each_lead() -> None:
    said = text(found())
    assert max(map(len, said.splitlines())) <= 80
    lines = [line for line in said.splitlines() if line.startswith("Entries ")]
    assert [line.split()[1] for line in lines if "of" not in line] == ["1", "2"]


def test_the_page_says_where_ours_loses_and_how_few_year_ends_there_are() -> None:
    headings = {part.heading: part for part in parts(found(60.0))}
    worse = headings["Where ours did worse"]
    assert "another forecast had a lower error" in worse.paragraphs[0]
    assert {row[-1] for row in worse.tables[0].rows} == {"yes", "no"}
    assert "few year-ends" in headings["What it cannot show"].paragraphs[0]
    assert "move together" in headings["What it cannot show"].paragraphs[1]
    for part in headings.values():
        for table in part.tables:
            assert all(len(row) == len(table.columns) for row in table.rows)
    assert "In none of" in parts(found())[1].paragraphs[0]


def test_the_chart_counts_what_was_inside() -> None:
    chart = forecasts_and_what_happened(found(), "a made-up authority")
    assert chart is not None
    assert chart.title.startswith("18 of 18")  # 5 and 4 year-ends, of children and of entries
    assert len(chart.title.split()) <= 10
    assert len(chart.rows) == 18
    bad = forecasts_and_what_happened(found(60.0), "a made-up authority")
    assert bad is not None
    assert bad.title.startswith("0 of 18")
    assert "above it in 0 and below it in 9" in bad.alternative[0]
