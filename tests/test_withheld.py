"""What is withheld: every number that is still shown is that of the whole run."""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from copy import copy
from typing import NamedTuple

import numpy as np
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from test_answer import CARERS
from test_workbook import BUDGET, study_of
from workbook_by_hand import WANTED, YEARS, saved

from sufficiency.answer import Answer, answer_of, appendix
from sufficiency.answer.choices import screen_lines
from sufficiency.answer.levels import ends, from_first_day, series
from sufficiency.answer.money import Money, run_money
from sufficiency.answer.monitor_screen import monitor
from sufficiency.answer.screen import text
from sufficiency.answer.screens import plain
from sufficiency.answer.words import WITHHELD, WITHHELD_NOTE
from sufficiency.charts import Chart, changes, need_against_places
from sufficiency.comparison import headline
from sufficiency.comparison.break_even import break_even
from sufficiency.comparison.choices import displaced, side_by_side
from sufficiency.comparison.monitoring import monitored
from sufficiency.comparison.savings import NOT_KNOWN, parts, pay_back
from sufficiency.comparison.yearly import financial_years
from sufficiency.report.choosing import choice, choices_of_run
from sufficiency.report.grids import Grid
from sufficiency.report.money import costs, money_of_run
from sufficiency.report.sheet import Section, Sheet, SheetTable, sheet_text
from sufficiency.results import Results
from sufficiency.results.part import Part, part_of
from sufficiency.rows import TYPES, Key
from sufficiency.scenario import Budgeted, Observed
from sufficiency.workbook.book import sheets_of
from sufficiency.workbook.cells import Quantity
from sufficiency.workbook.contents import Contents

AREA = "Camden"
OPTION = CARERS.name
Place = tuple[str, ...]
"""Where a number stands: table, row, column."""
NO_NUMBER = re.compile(r"\b(nan|NaN|None|inf)\b")
NUMBER = re.compile(r"\d[\d,.]*\d|\d")
MORE = ("residential_for_want_of_carer", "ifa_for_want_of_in_house", "sufficiency_gap", "carers")


class Series(NamedTuple):
    """What is withheld or shown as a whole."""

    measure: str
    group: str
    frequency: str


def series_of(key: Key) -> Series:
    first, _, rest = key.period.partition("-")
    if len(key.period) == 10 or rest.startswith("Q"):
        return Series(key.measure, key.group, "point" if len(key.period) == 10 else "quarter")
    year = int(rest) == (int(first) + 1) % 100
    return Series(key.measure, key.group, "year" if year else "month")


def without(results: Results, gone: Callable[[Series], object]) -> Part:
    """The run as if some series had not been measured."""
    known: dict[Series, bool] = {}
    for key in results.keys:
        series = series_of(key)
        known.setdefault(series, not gone(series))
    return part_of(results, lambda key: known[series_of(key)])


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Results:
    given = Observed(
        measure="children_in_care", group="type=ifa", period="2026-03-31", value=50.0,
        source="made up", use="check",
    )  # fmt: skip
    study = study_of(
        (CARERS,),
        years=YEARS,
        budget=BUDGET,
        budgeted={"2025-26": Budgeted(children={"ifa": 40.0}, unit_cost={"ifa": 1000.0})},
        ledger={"2025-26": {"ifa": 400_000.0}},
        observed=(given,),
    )
    folder = tmp_path_factory.mktemp("run") / "camden"
    return saved(folder, study, replications=6, wanted=(*WANTED, *MORE))


class Shown:
    """All numbers and sentences that are made of results, and where they stand."""

    def __init__(self, results: Results) -> None:
        self.results = results
        self.cells: dict[Place, str] = {}
        self.sentences: list[str] = []
        self.texts: list[str] = []
        money, summary = run_money(results), results.summary()
        answer = answer_of(summary, results.comparison(), headline(results), results.study, money)
        self._answer(answer)
        self._page(answer)
        self._charts([changes(answer.options, answer.at, AREA), need_against_places(summary, AREA)])
        for row in appendix.observed(summary, results.study.scenario)["rows"]:
            self._put(("observed", row.what), row.simulated, row.range)
        self._screens(answer, money)
        self._workbook()

    def __repr__(self) -> str:
        return "Shown(...)"

    def _put(self, place: Place, *cells: object) -> None:
        for at, cell in enumerate(cells):
            self.cells[*place, str(at)] = str(cell)

    def _answer(self, answer: Answer) -> None:
        for measure in ("children_in_care", "unmet_need"):  # an answer begins with one of them
            last = ends(from_first_day(series(self.results.summary(), measure)))
            self.sentences += [last[1].range] if last else []
        self.sentences += [*answer.sentences, *(part.sentence for part in answer.decline)]
        for option in answer.options:
            self.sentences += [option.sentence, option.recruits]
            for effect in option.effects:
                place = ("effect", option.name, effect.item, str(effect.years))
                self._put(place, effect.value, effect.range, effect.verdict)
        for row in answer.missing:
            self._put(("missing", row.words), row.value(row.first), row.value(row.last))

    def _page(self, answer: Answer) -> None:
        money, found = money_of_run(self.results), choices_of_run(self.results)
        if money is not None:
            spent = costs(money, AREA, 10_000)
            self.sentences += spent.lead
            self._charts(spent.charts)
            self._grids(spent.grids)
        assert found is not None
        chosen = choice(found, money, AREA)
        self.sentences += chosen.lead
        self._charts(chosen.charts)
        self._grids(chosen.grids)
        for who in chosen.gains:
            self.sentences += [who.displaced, who.needs]
            self._grids(who.grids)
        for table in chosen.tables:
            for name, cells in table.rows:
                for head, cell in zip(table.heads, cells, strict=True):
                    self._put((table.caption, name, head), cell.value, *cell.lines)

    def _grids(self, grids: Sequence[Grid]) -> None:
        for grid in grids:
            for block in grid.blocks:
                above = ""
                for row in block.rows:
                    above = above if "budgeted" in row.words else row.words
                    for head, cell in zip(grid.heads, row.cells, strict=True):
                        place = (grid.caption, block.heading, above, row.words, head)
                        self._put(place, cell.value, cell.range)

    def _charts(self, charts: Iterable[Chart | None]) -> None:
        for chart in charts:
            if chart is None:
                continue
            self.sentences += [chart.title, *chart.alternative]
            named = 2 if chart.name in ("changes", "need") else 1
            for row in chart.rows:
                for head, cell in zip(chart.columns[named:], row[named:], strict=True):
                    self._put((chart.name, *row[:named], head), cell)
            for panel in chart.panels:
                drawn = [v for trace in panel.figure.data for v in (*trace.x, *trace.y)]
                assert not any(isinstance(v, float) and np.isnan(v) for v in drawn), chart.name

    def _screens(self, answer: Answer, money: Money) -> None:
        tables = side_by_side(self.results)
        best = screen_lines(tables, [displaced(self.results, o) for o in self.results.options[1:]])
        self.sentences += [*best, *money.sentences]
        self.texts += [text(answer, {}, money, best, details=details) for details in (True, False)]
        if money.years:
            last = self.results.options[-1]
            self.texts.append(plain(monitor(monitored(self.results, last))))

    def _workbook(self) -> None:
        self.sheets = sheets_of(Contents(self.results))
        for sheet in self.sheets:
            named = next(
                (at for at, c in enumerate(sheet.columns) if c.unit != "text"), len(sheet.columns)
            )
            if sheet.name == "Summary":
                self.sentences += [str(row[1]) for row in sheet.rows]
                named = 1
            for row in sheet.rows:
                place = (sheet.name, *map(str, row[:named]))
                for column, cell in zip(sheet.columns[named:], row[named:], strict=True):
                    if column.unit != "text":
                        self._put((*place, column.head), "" if cell is None else _value(cell))
            for chart in sheet.charts:
                self.texts += [chart.title, chart.description]
                for line in chart.series:
                    of = sheet if not line.sheet or line.sheet == sheet.name else None
                    rows = of.rows[line.first : line.last + 1] if of else ()
                    drawn = [row[of.place(line.values)] for row in rows] if of else []
                    assert WITHHELD not in drawn, (sheet.name, chart.title)


def _value(cell: object) -> str:
    value = cell.value if isinstance(cell, Quantity) else cell
    return "" if isinstance(value, float) and not np.isfinite(value) else str(value)


@pytest.fixture(scope="module")
def whole(run: Results) -> Shown:
    return Shown(run)


@pytest.fixture(scope="module")
def smallest(run: Results) -> Shown:
    """Without the types of placement in which there are fewest children."""
    few = re.compile("unregistered|emergency_bed|home_own")
    return Shown(without(run, lambda series: few.search(series.group)))


def assert_nothing_new(part: Shown, whole: Shown) -> None:
    """Every cell is empty, marked or that of the whole run, as are the numbers of sentences."""
    for place, cell in part.cells.items():
        assert cell in ("", WITHHELD, whole.cells.get(place)), (place, whole.cells.get(place))
    numbers = {n for sentence in whole.sentences for n in NUMBER.findall(sentence)}
    for sentence in part.sentences:
        assert set(NUMBER.findall(sentence)) <= numbers, sentence
    for words in (*part.sentences, *part.texts, *part.cells.values()):
        assert not NO_NUMBER.search(words), words


# --- any of the series ------------------------------------------------------------------------

STYLES: Mapping[str, Callable[[Series], str]] = {
    "one by one": str,
    "all of a measure": lambda series: series.measure,
    "all of a group": lambda series: series.group,
}


def some_of(results: Results, style: str, share: float, seed: int) -> Part:
    """A run without some of its series, measures or groups, chosen at random."""
    names = sorted({STYLES[style](series_of(key)) for key in results.keys})
    chosen = random.Random(seed)
    gone = {name for name in names if chosen.random() < share}
    return without(results, lambda series: STYLES[style](series) in gone)


def check(whole: Shown, style: str, share: float, seed: int) -> None:
    assert_nothing_new(Shown(some_of(whole.results, style, share, seed)), whole)


def test_without_every_tenth_series_no_number_shown_is_another(whole: Shown) -> None:
    check(whole, "one by one", 0.1, seed=1)


@pytest.mark.slow
@given(
    style=st.sampled_from(sorted(STYLES)),
    share=st.sampled_from((0.02, 0.1, 0.3, 0.7)),
    seed=st.integers(0, 10_000),
)
@settings(
    max_examples=60,
    deadline=None,
    phases=(Phase.generate,),  # what fails is said by its seed; a smaller one takes minutes
    suppress_health_check=(HealthCheck.too_slow, HealthCheck.function_scoped_fixture),
)
def test_whatever_is_withheld_no_number_shown_is_another_than_that_of_the_whole_run(
    whole: Shown, style: str, share: float, seed: int
) -> None:
    check(whole, style, share, seed)


PATTERNS: Mapping[str, Callable[[Series], object]] = {
    "every type": lambda s: "type=" in s.group,
    "dates": lambda s: s.frequency == "point",
    "quarters": lambda s: s.frequency == "quarter",
    "financial years": lambda s: s.frequency == "year",
    "months": lambda s: s.frequency == "month",
    "parts of bridges": lambda s: "part=" in s.group,
    "everybody": lambda s: not s.group,
    "all groups": lambda s: s.group,
    "net cost": lambda s: s.measure == "net_cost",
    "cost": lambda s: s.measure == "cost",
}


def test_without_the_smallest_types_no_number_shown_is_another(
    smallest: Shown, whole: Shown
) -> None:
    assert_nothing_new(smallest, whole)


@pytest.mark.slow
@pytest.mark.parametrize("pattern", PATTERNS)
def test_without_a_kind_of_series_no_number_shown_is_another(
    run: Results, whole: Shown, pattern: str
) -> None:
    assert_nothing_new(Shown(without(run, PATTERNS[pattern])), whole)


def test_the_check_finds_another_number(whole: Shown) -> None:
    part = copy(whole)
    place = next(place for place in part.cells if place[:2] == ("effect", OPTION))
    part.cells = part.cells | {place: "+999"}
    with pytest.raises(AssertionError, match=r"\+999"):
        assert_nothing_new(part, whole)


# --- what is not known is not nothing -----------------------------------------------------------


def type_of(type_: str) -> Callable[[Series], object]:
    return lambda series: series.group == f"type={type_}"


def test_a_sum_over_types_is_not_known_without_one_of_them(run: Results) -> None:
    for type_ in ("home_own", "home_external"):
        part = without(run, type_of(type_))
        items = set(headline(part).differences["item"])
        assert "children homes" not in items
        assert "children ifa" in items
        assert "children homes" not in set(side_by_side(part)["item"])


def test_years_are_known_by_any_money_of_a_year(run: Results) -> None:
    part = without(run, lambda s: s.measure in ("cost", "income", "capital"))
    assert financial_years(part) == ("2025-26", "2026-27", "2027-28")


def test_a_net_saving_is_known_by_net_cost_where_a_type_is_withheld(run: Results) -> None:
    known = parts(run, OPTION)
    found = parts(without(run, type_of("unregistered")), OPTION)
    assert np.isnan(found["gross"]).all()
    assert found["net"].tolist() == known["net"].tolist()
    found = parts(without(run, lambda s: s.measure == "net_cost"), OPTION)
    assert np.isnan(found["cashable"]).all()
    assert found["net"].tolist() == known["net"].tolist()


@pytest.mark.parametrize("gone", [("net_cost", "month"), ("capital", "year")])
def test_pay_back_is_not_at_once_where_nothing_is_known_of_it(
    run: Results, gone: tuple[str, str]
) -> None:
    part = without(run, lambda s: (s.measure, s.frequency) == gone)
    found = pay_back(part, OPTION)
    assert found["month"] == NOT_KNOWN
    assert str(found["share"]) == str(found["at_once"]) == "nan"


@pytest.mark.parametrize("measure", ["cost", "average_children"])
def test_a_home_is_not_said_never_to_break_even_where_prices_are_withheld(
    run: Results, measure: str
) -> None:
    gone = (measure, "type=home_external")
    found = break_even(without(run, lambda s: s[:2] == gone))
    homes = found[found["what"] == "home"]
    assert len(homes)
    assert homes["break_even"].isna().all()


def test_a_bridge_with_a_withheld_part_is_a_table_with_a_mark_and_no_picture(run: Results) -> None:
    money = money_of_run(without(run, lambda s: s.group == "part=voids"))
    assert money is not None
    spent = costs(money, AREA, 10_000)
    assert [chart.name for chart in spent.charts] == ["net-cost"]
    (bridge,) = (grid for grid in spent.grids if grid.name == "bridge-by-year")
    marked = [row.words for row in bridge.blocks[0].rows if row.cells[0].value == WITHHELD]
    assert marked == ["Empty places of blocks"]


def test_a_type_of_cost_that_is_withheld_has_a_row_with_marks(run: Results) -> None:
    money = money_of_run(without(run, type_of("secure")))
    assert money is not None
    grids = {grid.name: grid for grid in costs(money, AREA, 10_000).grids}
    rows = {row.words: row for row in grids["cost-by-type"].blocks[0].rows}
    assert {cell.value for cell in rows["Secure homes"].cells} == {WITHHELD}
    assert WITHHELD not in {cell.value for cell in rows["Agency carers (IFA)"].cells}


def test_who_is_displaced_is_told_of_what_is_known_alone(run: Results) -> None:
    known = displaced(run, OPTION).set_index("from")["share"]
    found = displaced(without(run, type_of("unregistered")), OPTION)
    if not len(found):  # which types gain hangs on all of them unless it is own care
        assert not set(displaced(run, OPTION)["gained"]) & {"in_house", "home_own"}
        return
    verdicts = found.set_index("from")["verdict"]
    assert verdicts["unregistered"] == verdicts["not_in_care"] == "unknown"
    assert (
        found.set_index("from")["share"]
        .drop(["unregistered", "not_in_care"])
        .equals(known.drop(["unregistered", "not_in_care"]))
    )


@pytest.mark.parametrize("type_", ["in_house", "home_own"])
def test_nobody_is_displaced_where_it_is_not_known_who_gains(run: Results, type_: str) -> None:
    assert not len(displaced(without(run, type_of(type_)), OPTION))


def test_an_option_is_not_said_to_change_nothing_where_its_changes_are_withheld(
    run: Results,
) -> None:
    part = without(run, lambda s: s.measure == "children_in_care" and s.group in TYPES_GROUPS)
    found = _answer_of(part)
    assert found.at == _answer_of(run).at  # nor the run to be too short
    for option in found.options:
        assert option.sentence == "What it changes in where children live is not shown here."
    chart = changes(found.options, found.at, AREA)
    assert chart is None or "No option" not in chart.title


TYPES_GROUPS = tuple(f"type={type_}" for type_ in TYPES)


def test_a_change_of_children_in_house_that_is_withheld_is_not_none(run: Results) -> None:
    found = _answer_of(without(run, type_of("in_house")))
    chart = changes(found.options, found.at, AREA)
    assert chart is not None
    assert chart.title == "Change of children in-house after 2 years is not shown here"
    assert all("Not shown here: in-house carers." in option.sentence for option in found.options)


def _answer_of(results: Results) -> Answer:
    return answer_of(
        results.summary(), results.comparison(), headline(results), results.study, None
    )


# --- the mark is explained ----------------------------------------------------------------------


def test_a_page_says_below_a_table_what_its_mark_means() -> None:
    def page(cell: str) -> str:
        table = SheetTable("Children", ("Type", "Children"), (("Agency carers", cell),))
        sheet = Sheet("Test", "Title", "Where", (), (Section("Part", tables=(table,)),))
        return sheet_text(sheet)

    assert WITHHELD_NOTE in page(WITHHELD)
    assert WITHHELD_NOTE not in page("12")


def test_a_sheet_and_a_screen_say_what_their_mark_means(whole: Shown, smallest: Shown) -> None:
    for sheet in (*smallest.sheets, *whole.sheets):
        has_mark = any(WITHHELD in row for row in sheet.rows)
        assert (WITHHELD_NOTE in " ".join(sheet.reading)) == has_mark, sheet.name
    assert not any(WITHHELD in row for sheet in whole.sheets for row in sheet.rows)
    assert {sheet.name for sheet in smallest.sheets for row in sheet.rows if WITHHELD in row} == {
        "Options", "Gap and unmet need", "Cost by type and year",
    }  # fmt: skip
    for shown, explained in ((smallest, True), (whole, False)):
        for words in shown.texts:
            has_mark = re.search(rf"(^|\s){WITHHELD}(\s|$)", words) is not None
            assert (WITHHELD_NOTE in " ".join(words.split())) == has_mark
            assert explained or not has_mark
