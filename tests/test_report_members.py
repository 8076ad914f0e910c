from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from test_report import NASTY, made

from sufficiency.answer import answer_of
from sufficiency.answer.words import MINUS
from sufficiency.comparison import compare
from sufficiency.experiment import run
from sufficiency.report import carers, flow, page, settled, tables_of
from sufficiency.report.grids import span
from sufficiency.report.members import ENOUGH, questions
from sufficiency.report.parts import Exhibits
from sufficiency.report.tables import Tables
from sufficiency.results import save
from sufficiency.scenario_file import load

SCENARIO = """\
extends: england
name: Smallshire
start: 2025-04-01
years: 3
authority:
  children_in_care: {value: 120, unit: children, source: made up, as_of: 2025-03-31}
  uasc_in_care: 6
  child_population: 20000
fostering:
  households: {value: 20, low: 16, high: 24, source: made up}
options:
  more_carers:
    set: {fostering.recruitment.number: 5}
"""
OF_SETTLED = ["table-moves", "table-time-in-care"]
OF_CARERS = ["table-funnel", "table-benchmark"]
OF_MEMBERS = ["table-in-and-out", "table-for-want", "table-same-group", "table-void"]
ALL = [*OF_SETTLED, *OF_CARERS, *OF_MEMBERS]
"""The tables that every number of is checked here, in their order, by part of the page."""


@dataclass
class Shown:
    """A table of the page: its headings, and its rows as heading, words and cells."""

    heads: list[str] = field(default_factory=list)
    rows: list[tuple[str, str, list[str]]] = field(default_factory=list)

    def row(self, words: str, heading: str = "") -> list[str]:
        (found,) = [r[2] for r in self.rows if r[1] == words and heading in ("", r[0])]
        return found

    def cell(self, words: str, head: str, heading: str = "") -> str:
        return self.row(words, heading)[self.heads.index(head) - 1]


class Members(HTMLParser):
    """The tables checked here by name; a cell is its number, then its range in brackets."""

    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=True)
        self.tables: dict[str, Shown] = {}
        self.sections: list[str] = []
        self.inside: dict[str, list[str]] = {}
        self._table: Shown | None = None
        self._heading = self._scope = ""
        self._text: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = dict(attrs)
        if tag == "section":
            self.sections.append(str(found["id"]))
        if tag == "table" and found.get("aria-labelledby") in ALL:
            name = str(found["aria-labelledby"])
            self._table = self.tables[name] = Shown()
            self.inside.setdefault(self.sections[-1], []).append(name)
            self._heading = ""
        if tag in ("th", "td"):
            self._text, self._scope = [], str(found.get("scope", ""))

    def handle_endtag(self, tag: str) -> None:
        if tag == "table":
            self._table = None
        if self._table is None or tag not in ("th", "td"):
            return
        value = self._text[0] if self._text else ""
        if len(self._text) > 1:
            value += f" ({self._text[1]})"
        if self._scope == "col":
            self._table.heads.append(value)
        elif self._scope == "rowgroup":
            self._heading = value
        elif self._scope == "row":
            self._table.rows.append((self._heading, value, []))
        else:
            self._table.rows[-1][2].append(value)

    def handle_data(self, data: str) -> None:
        if data.strip():
            self._text.append(data.strip())


def ran(file: Path, **settings: Any) -> Tables:
    """What a run of a scenario leaves."""
    results = run(load(file), jobs=1, out=file.with_suffix(""), **settings)
    return tables_of(save(results, comparison=compare(results)))


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Tables:
    """Three years of a small authority, with an option."""
    file = tmp_path_factory.mktemp("small") / "smallshire.yaml"
    file.write_text(SCENARIO)
    return ran(file, replications=8)


@pytest.fixture(scope="module")
def parts(small: Tables) -> list[Exhibits]:
    return parts_of(small, small.summary)


@pytest.fixture(scope="module")
def whole(small: Tables) -> Members:
    return Members(page(small))


@pytest.fixture(scope="module")
def shown(whole: Members) -> dict[str, Shown]:
    return whole.tables


def in_summary(tables: Tables, measure: str, period: str, group: str = "") -> pd.Series:
    s = tables.summary
    (found,) = s.index[
        (s["option"] == "baseline")
        & (s["measure"] == measure)
        & (s["group"].fillna("") == group)
        & (s["period"] == period)
    ]
    return s.loc[found]


def count(value: float) -> str:
    """Whole, or one decimal below ten: written here anew, not taken from what is tested."""
    text = f"{value:,.0f}" if abs(value) > 9.95 else f"{value:.1f}".removesuffix(".0")
    return text.replace("-", MINUS).replace(f"{MINUS}0", "0" if text == "-0" else f"{MINUS}0")


def counted(row: pd.Series) -> str:
    low, high = (f"{row[c]:,.0f}".replace("-", MINUS) for c in ("p10", "p90"))
    within = low if low == high else f"{low} to {high}"
    return count(row["mean"]) + ("" if within == count(row["mean"]) else f" ({within})")


def test_every_question_is_answered_in_its_part_of_the_page(whole: Members) -> None:
    assert list(whole.tables) == ALL
    assert whole.inside == {"settled": OF_SETTLED, "carers": OF_CARERS, "members": OF_MEMBERS}
    places = [whole.sections.index(name) for name in ("flow", "settled", "carers", "members")]
    assert places == sorted(places)
    assert places[-1] < whole.sections.index("method")


@pytest.mark.parametrize(
    ("head", "measure"),
    [
        ("Enquiries", "foster_enquiries"),
        ("Applications", "foster_applications"),
        ("Withdrawn or refused", "foster_applications_withdrawn"),
        ("Approved", "foster_households_approved"),
        ("of these, from other agencies", "foster_households_transferred_in"),
        ("Left", "foster_households_left"),
        ("of these, to other agencies", "foster_households_transferred_out"),
    ],
)
def test_the_funnel_is_the_summary(
    small: Tables, shown: dict[str, Shown], head: str, measure: str
) -> None:
    for words, period in (("January to March 2026", "2025-Q4"), ("2027-28", "2027-28")):
        cell = shown["table-funnel"].cell(words, head)
        assert cell == count(in_summary(small, measure, period)["mean"])


def test_the_funnel_ends_with_the_households_and_children_of_its_last_day(
    small: Tables, shown: dict[str, Shown]
) -> None:
    funnel = shown["table-funnel"]
    for words, period, last in (
        ("January to March 2027", "2026-Q4", "2027-03-31"),
        ("October to December 2025", "2025-Q3", "2025-12-31"),
        ("2027-28", "2027-28", "2028-03-31"),
    ):
        net, there = (
            in_summary(small, name, when)
            for name, when in (("foster_households_net", period), ("foster_households", last))
        )
        children = in_summary(small, "places_filled", last, "type=in_house")
        assert funnel.row(words)[-3:] == [counted(net), counted(there), count(children["mean"])]


def test_the_funnel_has_quarters_for_two_years_and_every_financial_year(
    shown: dict[str, Shown],
) -> None:
    rows = shown["table-funnel"].rows
    quarters = [words for heading, words, _ in rows if heading.startswith("By quarter")]
    assert len(quarters) == 8
    assert (quarters[0], quarters[-1]) == ("April to June 2025", "January to March 2027")
    assert [words for _, words, _ in rows[8:]] == ["2025-26", "2026-27", "2027-28"]


def test_the_benchmark_stands_beside_approvals_and_the_shortage(
    small: Tables, shown: dict[str, Shown]
) -> None:
    for year, end in (("2025-26", "2026-03-31"), ("2027-28", "2028-03-31")):
        needed = "foster_households_needed"
        parts = [in_summary(small, needed, year, f"part={p}") for p in ("leavers", "growth")]
        whole, approved, short = (
            in_summary(small, name, when)
            for name, when in (
                (needed, year),
                ("foster_households_approved", year),
                ("foster_households_short", end),
            )
        )
        row = shown["table-benchmark"].row(year)
        assert row[:2] == [count(part["mean"]) for part in parts]
        assert row[3:] == [counted(whole), counted(approved), counted(short)]


def test_distances_are_given_by_age_at_the_start_and_the_end(
    small: Tables, shown: dict[str, Shown]
) -> None:
    table = shown["table-in-and-out"]
    assert table.heads[1:] == [
        "At the start, 1 April 2025",
        "After 1 year, 31 March 2026",
        "After 3 years, 31 March 2028",
    ]
    far, name = "Outside the area, over 20 miles from home", "placement_distance"
    for place, day in enumerate(("2025-04-01", "2026-03-31", "2028-03-31")):
        everybody = in_summary(small, name, day, "distance=over_20_miles")
        assert table.row("All ages", far)[place] == counted(everybody)
        teenage = in_summary(small, name, day, "age=10-15;distance=over_20_miles")
        assert table.row("10 to 15", far)[place] == count(teenage["mean"])
        inside = in_summary(small, "in_area_share", day, "age=1-4")["mean"]
        assert table.row("1 to 4", "Share in the area")[place] == f"{100 * inside:.0f}%"


@pytest.mark.slow
def test_two_years_end_with_the_second(tmp_path: Path) -> None:
    file = tmp_path / "two.yaml"
    file.write_text(SCENARIO)
    found = Members(page(ran(file, replications=2, years=2))).tables
    assert found["table-in-and-out"].heads[2:] == [
        "After 1 year, 31 March 2026",
        "After 2 years, 31 March 2027",
    ]
    assert "By quarter" in {heading for heading, _, _ in found["table-funnel"].rows}


def test_moves_are_told_apart_by_reason_and_nature(small: Tables, shown: dict[str, Shown]) -> None:
    table, year = shown["table-moves"], "2026-27"
    good, bad = "Positive for the child", "Not positive, or not known to be"
    for heading, words, group in (
        ("", "Placement broke down", "cause=breakdown"),
        (bad, "Other causes", "cause=other"),
        (good, "Planned", "cause=planned"),
        (good, "To adopters", "cause=to_adoption"),
    ):
        shown_as = table.cell(words, year, heading)
        assert shown_as == count(in_summary(small, "moves", year, group)["mean"])
    for heading, group in ((good, "nature=positive"), (bad, "nature=not_positive")):
        row = in_summary(small, "moves", year, group)
        assert table.cell("All of these", year, heading) == counted(row)
    rate = in_summary(small, "moves_per_child_year", year)
    cell = table.cell("All moves", year, "Moves for each year that a child spends in care")
    assert cell == f"{rate['mean']:.2f} ({rate['p10']:.2f} to {rate['p90']:.2f})"
    share = in_summary(small, "positive_moves_share", year)["mean"]
    assert table.cell("Positive", year, "Share of moves").startswith(f"{100 * share:.0f}% (")


def test_reasons_that_never_occur_are_left_out_and_no_other(
    small: Tables, shown: dict[str, Shown]
) -> None:
    s = small.summary[
        (small.summary["option"] == "baseline") & (small.summary["measure"] == "moves")
    ]
    means = s[s["group"].fillna("").str.startswith("cause=")].groupby("group")["mean"].sum()
    assert means["cause=emergency_expired"] == 0  # there are no emergency beds
    reasons = [words for heading, words, _ in shown["table-moves"].rows if "ositive" in heading]
    assert len(reasons) - 2 == (means > 0).sum()


def test_time_in_care_and_want_of_a_carer_are_given_on_each_31_march(
    small: Tables, shown: dict[str, Shown]
) -> None:
    days = {"1 April 2025": "2025-04-01", "31 March 2027": "2027-03-31"}
    for head, day in days.items():
        for table, words, measure, group in (
            ("time-in-care", "2 to 5 years", "time_in_care", "band=2_to_5_years"),
            ("time-in-care", "All children in care", "children_in_care", ""),
            (
                "for-want",
                "In a children's home, though the plan is a foster family",
                "residential_for_want_of_carer",
                "",
            ),
            (
                "for-want",
                "Far away: outside the area, over 20 miles from home",
                "far_for_want_of_carer",
                "",
            ),
            (
                "for-want",
                "With an agency, for want of an in-house carer",
                "ifa_for_want_of_in_house",
                "",
            ),
        ):
            cell = shown[f"table-{table}"].cell(words, head)
            assert cell == counted(in_summary(small, measure, day, group))
    assert len(shown["table-time-in-care"].heads) == len(shown["table-for-want"].heads) == 5


def test_only_ethnic_groups_with_enough_children_have_a_share(
    small: Tables, shown: dict[str, Shown]
) -> None:
    groups = ("white", "mixed", "asian", "black", "other")
    there = {
        g: in_summary(small, "children_in_care", "2025-04-01", f"ethnicity={g}")["mean"]
        for g in groups
    }
    enough = sum(number >= ENOUGH for number in there.values())
    assert 0 < enough < len(groups)
    rows = shown["table-same-group"].rows
    assert len(rows) == 1 + enough
    share = in_summary(small, "same_ethnic_group_share", "2025-26", "ethnicity=white")["mean"]
    cell = shown["table-same-group"].cell("White", "2025-26")
    assert cell.startswith(f"{100 * share:.0f}% (")


def test_void_nights_are_whole_numbers_by_type(small: Tables, shown: dict[str, Shown]) -> None:
    for year in ("2025-26", "2027-28"):
        everything = in_summary(small, "void_nights", year)
        assert shown["table-void"].cell("All types", year) == counted(everything)


def test_the_tables_are_of_doing_nothing(small: Tables, parts: list[Exhibits]) -> None:
    alone = small.summary[small.summary["option"] == "baseline"]
    start = small.study.scenario.start
    assert "more_carers" in set(small.summary["option"])
    assert questions(alone, "X", start) == questions(small.summary, "X", start)
    found = parts_of(small, alone)
    assert [shown_in(part) for part in found] == [shown_in(part) for part in parts]
    assert all(part.charts for part in found)


@pytest.mark.parametrize("share", [0.02, 0.3])
def test_whatever_is_withheld_no_number_takes_its_place(
    small: Tables, parts: list[Exhibits], share: float
) -> None:
    """What is shown without some groups is among what is shown with all of them."""
    alone = small.summary[small.summary["option"] == "baseline"]
    named = alone["measure"] + "|" + alone["group"].fillna("")
    luck = np.random.default_rng(1)
    gone = set(luck.permutation(named.unique())[: int(share * named.nunique())])
    left = parts_of(small, alone[~named.isin(gone)])
    for few, every in zip(left, parts, strict=True):
        assert shown_in(few) < shown_in(every)


def parts_of(tables: Tables, summary: pd.DataFrame) -> list[Exhibits]:
    told = answer_of(tables.summary, tables.comparison, tables.headline, tables.study)
    found = tables._replace(summary=summary)
    return [part.exhibits(found, told) for part in (flow, settled, carers)]


def shown_in(part: Exhibits) -> set[tuple[str, ...]]:
    """Each number of the charts' data and of the tables, with what it is."""
    found = {
        (chart.name, *row[:key], column, cell)
        for chart in part.charts
        for row in chart.rows
        for key in [1 + sum(name in KEYS for name in chart.columns[1:])]
        for column, cell in zip(chart.columns[key:], row[key:], strict=True)
        if cell
    }
    found |= {
        (grid.name, row.words, head, cell.value, cell.range)
        for grid in part.grids
        for block in grid.blocks
        for row in block.rows
        for head, cell in zip(grid.heads, row.cells, strict=True)
        if cell.value and grid.name != "journeys-known"
    }
    return found


KEYS = ("From", "To", "Financial year", "Date", "Places")
"""Columns of a chart's data that say what a row is, beside the first."""


def test_of_journeys_that_are_withheld_in_part_the_rest_is_in_a_table(small: Tables) -> None:
    told = answer_of(small.summary, small.comparison, small.headline, small.study)
    s = small.summary
    step = s["group"].fillna("").str.startswith("step=last_to_leaving;")
    few = small._replace(summary=s[~(step & (s["mean"] < 1))])
    found = flow.exhibits(few, told)
    assert len(found.charts[0].panels) == 2
    (grid,) = found.grids
    shown = sum(len(block.rows) for block in grid.blocks)
    assert shown == (step & (s["mean"] >= 1) & (s["option"] == "baseline")).sum() > 0
    assert "do not add up" in grid.lines[0]
    assert "figures follow one another" in found.notes[0]
    nearly = small._replace(summary=s[(s["measure"] != "journeys") | (s["mean"] >= 3)])
    alone = flow.exhibits(nearly, told)
    assert not alone.charts
    assert len(alone.grids) == 1
    assert not any("figures" in line for line in (*alone.lead, *alone.notes))
    nothing = small._replace(summary=s[s["measure"] != "journeys"])
    assert flow.exhibits(nothing, told).empty


@pytest.mark.parametrize(
    ("start", "years", "lacking"),
    [
        # A financial year is missing from both, a whole quarter from the second too.
        ("2025-04-01", 0.25, {"benchmark", "moves", "same-group", "void"}),
        ("2025-05-15", 0.25, {"funnel", "benchmark", "moves", "same-group", "void"}),
    ],
)
@pytest.mark.slow
def test_a_run_of_three_months_leaves_out_what_would_be_empty(
    tmp_path: Path, start: str, years: float, lacking: set[str]
) -> None:
    file = tmp_path / "short.yaml"
    file.write_text(SCENARIO.replace("2025-04-01", start))
    text = page(ran(file, replications=2, years=years))
    found = Members(text).tables
    assert set(ALL) - set(found) == {f"table-{name}" for name in lacking}
    assert all(any(cells) for table in found.values() for _, _, cells in table.rows)
    assert found["table-in-and-out"].heads[1].startswith("At the start, ")
    assert ("chart-journeys" in text) == ("benchmark" not in lacking)
    for part in ("settled", "carers", "members"):
        section = text[text.index(f'<section id="{part}"') :]
        assert "nan" not in section[: section.index("</section>")].replace("finan", "")


def test_without_the_measures_there_is_no_such_section() -> None:
    tables = made()
    nothing = tables.summary[tables.summary["measure"] == "children_in_care"]
    nothing = nothing[nothing["group"] != ""]
    assert questions(nothing, "X", date(2025, 4, 1)) == []
    text = page(tables._replace(summary=nothing))
    for part in ("members", "flow", "settled", "carers"):
        assert f'id="{part}"' not in text
        assert f'href="#{part}"' not in text


@pytest.mark.slow
def test_the_name_of_an_authority_is_shown_as_text(small: Tables) -> None:
    scenario = small.study.scenario.model_copy(update={"name": NASTY})
    study = small.study.model_copy(update={"scenario": scenario})
    text = page(small._replace(study=study))
    assert NASTY not in text
    assert text.count("&lt;script&gt;alert(&#39;x&#39;)") > len(ALL)


@pytest.mark.parametrize(
    ("period", "words", "first", "last"),
    [
        ("2027-Q1", "April to June 2027", "2027-04-01", "2027-06-30"),
        ("2027-Q4", "January to March 2028", "2028-01-01", "2028-03-31"),
        ("2099-00", "2099-00", "2099-04-01", "2100-03-31"),
    ],
)
def test_periods_are_those_of_the_calendar(period: str, words: str, first: str, last: str) -> None:
    assert span(period) == (words, first, last)
