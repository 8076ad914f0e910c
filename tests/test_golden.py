"""Golden tables: all that one small authority leaves in one replication, line by line.

`golden/small.yaml` is the authority; what happens to it lies in `golden/*.csv`, with words for
codes and days to two places. Such a table cannot say what is right; it says *what changed*, to be
read by its diff. After a change that is meant to change results:

    python -m pytest tests/test_golden.py --update-golden
    git diff tests/golden
"""

from __future__ import annotations

import csv
import io
import math
from collections.abc import Callable
from functools import cache
from pathlib import Path

import numpy as np
import pytest
from corners import run
from test_invariants import check

from sufficiency.measures import MEASURES, measure
from sufficiency.rows import (
    CAUSES,
    ENTRY,
    ETHNICITIES,
    GROUPS,
    KINDS,
    NEEDS,
    PATHWAYS,
    REASONS,
    SAME_CARER,
    TYPES,
    Rows,
    Table,
)
from sufficiency.scenario import Scenario, Study, with_edits
from sufficiency.scenario_file import load
from sufficiency.simulation.arrivals import BLOCK_SIZE, TRANSFERS
from sufficiency.vocabulary import PlacementType

FOLDER = Path(__file__).with_name("golden")
BASELINE, OPTION = "baseline", "three_recruits"

SORTED_BY = {
    "care_periods": ("entered", "child"),
    "placements": ("child", "started", "ended"),
    "searches": ("child", "needed"),
    "households": ("household",),
    "staying_put": ("started",),
    "beds": ("type", "provider", "started"),
}
"""Every table, and the order of its lines: a child's story reads from top to bottom."""

PERIODS = ("2026-03-31", "2027-03-31", "2025-26", "2026-27")
"""Stocks on each 31 March and flows of each financial year."""
TABLES = [
    *((option, table) for option in (BASELINE, OPTION) for table in SORTED_BY),
    (BASELINE, "measures"),
]

DAYS_APART = 0.02
"""Platforms differ in the last digits of a time, and so in its second decimal."""
SHARE_APART = 1e-5
"""The same for a measure, as a share of it."""

Lines = list[list[str]]

# ---- Rows in words -----------------------------------------------------------------------------


def day(value: float) -> str:
    """A time to two places; `later` for what is not within the run."""
    return "later" if math.isinf(value) else f"{round(value, 2) + 0.0:.2f}"


def number(value: float) -> str:
    assert value == int(value)
    return str(int(value))


def flag(value: float) -> str:
    return {0.0: "no", 1.0: "yes"}[value]


def known_flag(value: float) -> str:
    return "not known" if math.isnan(value) else flag(value)


def cause(value: float) -> str:
    return {ENTRY: "entry", SAME_CARER: "same carer"}.get(int(value)) or CAUSES[int(value)].value


def word(words: tuple[str, ...]) -> Callable[[float], str]:
    return lambda value: str(words[int(value)])


ORIGINS = ("there at the start", "in place of a leaver", "approved", "recruit", "from an agency")
KIND_OF_COLUMN: dict[Callable[[float], str], str] = {
    day: "entered left born started ended needed registered approved available stopped closed",
    number: "child family household places blocked youngest oldest usable guaranteed"
    " in_house_vacancies",
    flag: "disabled solo in_area over_20_miles far_for_want ifa_for_want apart uasc transferred"
    " no_in_house no_ifa no_home no_supported",
    known_flag: "same_ethnic_group",
    cause: "cause",
    word(TYPES): "type got",
    word(KINDS): "planned",
    word(GROUPS): "group",
    word(PATHWAYS): "pathway",
    word(REASONS): "reason",
    word(NEEDS): "need highest_need",
    word(ETHNICITIES): "ethnicity",
    word(ORIGINS): "origin",
}
IN_WORDS = {column: write for write, names in KIND_OF_COLUMN.items() for column in names.split()}
"""How each column is written. A column that is not here fails, so that none is left in code."""
ONLY_IN = {
    ("care_periods", "siblings"): number,
    ("households", "siblings"): flag,
    ("beds", "registered"): number,
}
"""Columns whose name means another thing in another table."""
LEFT_OUT = {"dearness"}
"""Luck that no event reads: it is not part of a story, and only money follows from it."""


def lines_of(name: str, table: Table, scenario: Scenario) -> Lines:
    """A table in words, with a heading."""
    order = np.lexsort([table[column] for column in reversed(SORTED_BY[name])])
    columns = [column for column in table.columns if column not in LEFT_OUT]
    lines = []
    for row in table.values[order].tolist():
        value = dict(zip(table.columns, row, strict=True))
        lines.append(
            [
                provider(value, scenario)
                if column == "provider"
                else ONLY_IN.get((name, column), IN_WORDS.get(column, unknown))(value[column])
                for column in columns
            ]
        )
    return [columns, *lines]


def unknown(_: float) -> str:
    raise AssertionError("rows have a new column: say in IN_WORDS how it is written")


def provider(row: dict[str, float], scenario: Scenario) -> str:
    """Who provides a placement or beds."""
    type_, which = TYPES[int(row["type"])], int(row["provider"])
    if type_ == PlacementType.IN_HOUSE:
        return f"household {which}"
    if type_ == PlacementType.HOME_OWN:
        return scenario.homes[which].name
    if type_ in (PlacementType.HOME_EXTERNAL, PlacementType.SUPPORTED):
        return "block" if which == 0 else "spot"
    return ""


def measured_lines(scenario: Scenario, rows: Rows) -> Lines:
    """What is measured on each 31 March and of each year, where it is not nothing.

    Of groups only what is counted: their shares, and groups within groups, follow from it.
    """
    found = measure(scenario, rows)
    lines = [["measure", "group", "period", "unit", "value"]]
    for key, value in zip(found.keys, found.values.tolist(), strict=True):
        unit = MEASURES[key.measure].unit
        follows = ";" in key.group or (key.group and unit in ("share", "moves a child-year"))
        if key.period in PERIODS and value != 0 and not math.isnan(value) and not follows:
            lines.append([*key, unit, f"{value:.8g}"])
    return lines


# ---- Golden lines and found ones ---------------------------------------------------------------


def difference(golden: Lines, found: Lines) -> str:
    """The first line that is not as it was; empty if there is none."""
    heading = golden[0] if golden else []
    for place, (before, now) in enumerate(zip(golden, found, strict=False), start=1):
        if not same(heading, before, now):
            return f"line {place} was\n  {_text(before)}and is\n  {_text(now)}"
    if len(golden) != len(found):
        more, place = max(golden, found, key=len), min(len(golden), len(found))
        what = "is missing" if len(golden) > len(found) else "is new"
        return f"of {len(golden)} lines there are {len(found)}; the first that {what}:\n" + (
            f"  {_text(more[place])}"
        )
    return ""


def same(heading: list[str], before: list[str], now: list[str]) -> bool:
    """Words are the same to the letter, days and measures nearly."""
    if len(before) != len(now):
        return False
    for column, a, b in zip(heading, before, now, strict=True):
        if a != b and not (_is_number(a) and _is_number(b) and _near(column, float(a), float(b))):
            return False
    return True


def _near(column: str, before: float, now: float) -> bool:
    if column == "value":
        return abs(now - before) <= SHARE_APART * abs(before)
    return IN_WORDS.get(column) is day and abs(now - before) <= DAYS_APART + 1e-9


def _is_number(text: str) -> bool:
    return text.lstrip("-").replace(".", "", 1).isdigit()


def _text(line: list[str]) -> str:
    out = io.StringIO()
    csv.writer(out, lineterminator="\n").writerow(line)
    return out.getvalue()


# ---- The tests ---------------------------------------------------------------------------------


@cache
def small() -> Study:
    return load(FOLDER / "small.yaml")


def scenario_of(option: str) -> Scenario:
    baseline = small().scenario
    edits = {o.name: o.edits for o in small().options}
    return baseline if option == BASELINE else with_edits(baseline, edits[option])


@cache
def rows_of(option: str) -> Rows:
    return run(scenario_of(option), 1, baseline=small().scenario)


def lines_found(option: str, table: str) -> Lines:
    scenario, rows = scenario_of(option), rows_of(option)
    if table == "measures":
        return measured_lines(scenario, rows)
    return lines_of(table, getattr(rows, table), scenario)


def path_of(option: str, table: str) -> Path:
    return FOLDER / f"{option}_{table}.csv"


def read(path: Path) -> Lines:
    with path.open(newline="") as file:
        return list(csv.reader(file))


@pytest.mark.parametrize(("option", "table"), TABLES)
def test_the_table_is_as_it_was(option: str, table: str, pytestconfig: pytest.Config) -> None:
    path, found = path_of(option, table), lines_found(option, table)
    if pytestconfig.getoption("--update-golden"):
        path.write_text("".join(_text(line) for line in found), newline="\n")
        return
    changed = difference(read(path) if path.exists() else [], found)
    assert not changed, (
        f"{table} of {option} are not as in tests/golden/{path.name}: {changed}\n"
        "If that is meant: python -m pytest tests/test_golden.py --update-golden, "
        "and read the diff."
    )


def test_there_is_a_golden_table_for_each_and_no_other() -> None:
    assert {path.name for path in FOLDER.glob("*.csv")} == {path_of(*t).name for t in TABLES}


@pytest.mark.parametrize("option", [BASELINE, OPTION])
def test_what_must_always_hold_holds_here(option: str) -> None:
    check(scenario_of(option), rows_of(option))


def test_everything_happens_in_the_small_authority() -> None:
    """A golden table is worth something only of what is in it."""
    placements, households = (
        [dict(zip(lines[0], line, strict=True)) for line in lines[1:]]
        for lines in (lines_found(OPTION, "placements"), lines_found(OPTION, "households"))
    )
    causes = {line["cause"] for line in placements}
    assert causes == {"entry", "same carer", *(c.value for c in CAUSES)}
    assert {line["type"] for line in placements} == {t.value for t in TYPES}
    for column in ("apart", "solo", "ifa_for_want"):
        assert "yes" in {line[column] for line in placements}, column
    assert {line["origin"] for line in households} >= {"approved", "recruit"}
    assert "yes" in {line["transferred"] for line in households}
    assert {line["provider"] for line in placements} >= {"block", "spot", "Rose House"}
    assert len(lines_found(BASELINE, "staying_put")) > 1
    transferred = rows_of(BASELINE).care_periods.code("child") // BLOCK_SIZE == TRANSFERS
    assert transferred.any()


STORY = """\
1000000,emergency_bed,38.73,66.73,entry,
1000000,unregistered,66.73,182.88,emergency_expired,
1000000,home_own,182.88,654.00,step_across,Rose House
1000000,emergency_bed,654.00,682.00,home_closed,
1000000,unregistered,682.00,later,emergency_expired,
"""


def test_the_story_of_one_child() -> None:
    """Read by eye, and checked against the rules of the scenario. A new story is to be read too.

    The child enters on day 38.73 with standard need, but must live with no other child, and with a
    plan for a home. Rose House is not open yet and the market has nothing, so the child goes to the
    emergency bed, for 28 nights (66.73), and then to an unregistered placement: the search goes
    on with what it had not found. Rose House opens on 1 August 2025 (day 122) and is registered
    two months later (2 x 30.44 days: day 182.88); its first bed is offered to the child, who
    lives there alone although a second bed comes into use a month later. It closes on 15
    January 2027 (365 + 275 + 14 = day 654). The bed is free again, for 28 nights (682), and
    nothing has been found by the end.
    """
    told = [line.split(",") for line in STORY.splitlines()]
    lines = lines_found(BASELINE, "placements")
    heading = lines[0]
    columns = ["child", "type", "started", "ended", "cause", "provider"]
    found = [[line[heading.index(name)] for name in columns] for line in lines]
    own = [line for line in found if line[0] == told[0][0]]
    changed = difference([columns, *told], [columns, *own])
    assert not changed, f"read the child's lines in the golden table and tell its story: {changed}"


GOLDEN = [["child", "type", "started"], ["4", "kinship", "9.64"], ["8", "in_house", "later"]]


@pytest.mark.parametrize(
    ("line", "cell", "text", "seen"),
    [
        (1, 2, "9.66", False),
        (1, 2, "9.67", True),
        (1, 2, "later", True),
        (2, 2, "9.64", True),
        (1, 1, "in_house", True),
        (1, 0, "4.01", True),
        (0, 1, "kind", True),
    ],
)
def test_a_difference_is_found(line: int, cell: int, text: str, seen: bool) -> None:
    changed = [list(before) for before in GOLDEN]
    assert difference(GOLDEN, changed) == ""
    changed[line][cell] = text
    assert bool(difference(GOLDEN, changed)) == seen
    if seen:
        assert difference(GOLDEN, changed).startswith(f"line {line + 1} was")


def test_a_line_too_many_or_too_few_is_found() -> None:
    assert "of 3 lines there are 2; the first that is missing:\n  8,in_house" in difference(
        GOLDEN, GOLDEN[:2]
    )
    assert "the first that is new:\n  4,kinship" in difference(GOLDEN[:1], GOLDEN[:2])
    assert "the first that is new" in difference([], GOLDEN)


def test_a_measure_may_differ_in_its_last_digits_only() -> None:
    golden = [["measure", "value"], ["days_to_place", "12.345678"]]
    assert difference(golden, [golden[0], ["days_to_place", "12.345679"]]) == ""
    assert difference(golden, [golden[0], ["days_to_place", "12.346"]])
