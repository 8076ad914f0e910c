"""Synthetic returns: what the files say, what the truth says, and that a reader finds it."""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import date, datetime
from itertools import pairwise
from pathlib import Path
from typing import Any, Literal

import numpy as np
import pandas as pd
import pytest
from typer.testing import CliRunner, Result

from sufficiency.cli import app
from sufficiency.cli.synthesising import LARGEST_AUTHORITY
from sufficiency.errors import SufficiencyError
from sufficiency.history.from_return import from_return
from sufficiency.history.reading import read_history
from sufficiency.measures import measure
from sufficiency.rows import CAUSES, ENTRY, SAME_CARER, TYPES, CarePeriod, Placement, Rows, Table
from sufficiency.scenario import Study, with_values
from sufficiency.scenario_file import load
from sufficiency.simulation.system import simulate
from sufficiency.ssda903.reading import read_return
from sufficiency.ssda903.writing import write_return
from sufficiency.synthesis import Synthetic, save, synthesise
from sufficiency.synthesis.authority import LARGEST, authority_of, last_march_before
from sufficiency.synthesis.days import Stay, age_on, birthday, stays_of
from sufficiency.vocabulary import (
    EntryGroup,
    Ethnicity,
    ExitReason,
    MoveCause,
    Pathway,
    PlacementType,
)

Row = dict[str, str]
Files = dict[int, dict[str, list[Row]]]
"""Tables of each year, by the calendar year in which it ends."""

YEARS = (2023, 2024, 2025, 2026)


@pytest.fixture(scope="module")
def study() -> Study:
    """England from 1 April 2026, so that the years before have every change of codes in them."""
    england = load("england")
    later = with_values(england.scenario, {"start": date(2026, 4, 1)})
    return england.model_copy(update={"scenario": later})


@pytest.fixture(scope="module")
def made(study: Study) -> Synthetic:
    return synthesise(study, len(YEARS), children=300, seed=11)


@pytest.fixture(scope="module")
def files(made: Synthetic, tmp_path_factory: pytest.TempPathFactory) -> Files:
    folder = tmp_path_factory.mktemp("return") / "files"
    save(made, folder)
    return {year: _tables(folder, year) for year in YEARS}


def _tables(folder: Path, year: int) -> dict[str, list[Row]]:
    label = f"{year - 1}-{year % 100}"
    return {name: _rows(folder / label / f"{name}.csv") for name in ("header", "episodes", "uasc")}


def _rows(file: Path) -> list[Row]:
    return list(csv.DictReader(file.read_text(encoding="utf-8").splitlines()))


def _day(text: str) -> date:
    return datetime.strptime(text, "%d/%m/%Y").date()


def _by_child(rows: list[Row]) -> dict[str, list[Row]]:
    found: dict[str, list[Row]] = {}
    for row in sorted(rows, key=lambda row: (row["CHILD"], _day(row["DECOM"]))):
        found.setdefault(row["CHILD"], []).append(row)
    return found


def _merged(files: Files) -> dict[str, list[Row]]:
    """Every episode once, as its last year has it, by child and in order."""
    latest = {
        (row["CHILD"], row["DECOM"]): row for year in YEARS for row in files[year]["episodes"]
    }
    return _by_child(list(latest.values()))


def _in_care(files: Files) -> dict[str, list[Row]]:
    return {c: rows for c, rows in _merged(files).items() if rows[0]["LS"] not in ("V3", "V4")}


# ---- The files ---------------------------------------------------------------------------------


def test_the_file_of_a_year_has_what_was_open_in_it_and_nothing_else(files: Files) -> None:
    for year in YEARS:
        first, last = date(year - 1, 4, 1), date(year, 3, 31)
        for row in files[year]["episodes"]:
            assert _day(row["DECOM"]) <= last
            assert not row["DEC"] or first <= _day(row["DEC"]) <= last


def test_what_is_open_on_31_march_stands_in_the_next_file_as_it_was(files: Files) -> None:
    same = ("RNE", "LS", "CIN", "PLACE", "PLACE_PROVIDER", "URN", "PL_LOCATION", "PL_DISTANCE")
    for year in YEARS[:-1]:
        later = {(row["CHILD"], row["DECOM"]): row for row in files[year + 1]["episodes"]}
        still_open = [row for row in files[year]["episodes"] if not row["DEC"]]
        assert len(still_open) > 200
        for row in still_open:
            again = later[row["CHILD"], row["DECOM"]]
            assert {k: row[k] for k in same} == {k: again[k] for k in same}


def test_an_end_has_a_reason_and_what_is_open_has_none(files: Files) -> None:
    for year in YEARS:
        for row in files[year]["episodes"]:
            assert bool(row["DEC"]) == bool(row["REC"])
            if not row["DEC"]:
                assert not row["REASON_PLACE_CHANGE"]


def test_episodes_of_a_child_follow_one_another_day_by_day(files: Files) -> None:
    for rows in _in_care(files).values():
        assert [not row["DEC"] for row in rows[:-1]] == [False] * (len(rows) - 1)
        for row, after in zip(rows, [*rows[1:], None], strict=True):
            if row["DEC"]:
                assert _day(row["DECOM"]) < _day(row["DEC"])
                assert (row["REC"] == "X1") == (after is not None)
            if after is not None:
                assert row["DEC"] == after["DECOM"]
                assert after["RNE"] != "S"


def test_the_reason_for_an_episode_is_what_changed(files: Files) -> None:
    told = Counter()
    for rows in _in_care(files).values():
        for row, after in pairwise(rows):
            told[after["RNE"]] += 1
            legal = row["LS"] != after["LS"]
            assert legal == (after["RNE"] in "LBU")
            reason, away = row["REASON_PLACE_CHANGE"], "T" in (row["PLACE"][0], after["PLACE"][0])
            if after["RNE"] == "L":
                where = ("PLACE", "PLACE_PROVIDER", "URN", "PL_LOCATION", "PL_DISTANCE")
                assert [row[k] for k in where] == [after[k] for k in where]
                assert not reason
            elif after["RNE"] in "TU":
                assert reason == "PLACE"
            else:
                assert (reason == "") == away
                assert reason != "PLACE"
    assert set(told) == set("LPTBU")


def test_a_temporary_placement_leads_back_to_the_same_home(files: Files) -> None:
    times = 0
    for rows in _in_care(files).values():
        for before, away, after in zip(rows, rows[1:], rows[2:], strict=False):
            if away["PLACE"][0] != "T":
                continue
            times += 1
            assert not away["PLACE_PROVIDER"]
            home = ("PLACE", "PLACE_PROVIDER", "URN", "PL_LOCATION", "PL_DISTANCE", "LS")
            assert [before[k] for k in home] == [after[k] for k in home]
            assert (_day(away["DEC"]) - _day(away["DECOM"])).days <= 21
    assert times > 10


PLACES = {
    *("U1", "U2", "U3", "U4", "U5", "U6", "A3", "A4", "A5", "A6", "K1", "K2", "R1", "R2", "R3"),
    *("R5", "S1", "P1", "P3", "T0", "T1", "T2", "T3", "T4"),
}
"""Codes that are valid in every year (evidence/demand.md §4.2)."""


def test_codes_are_valid_in_their_year(files: Files) -> None:
    for year in YEARS:
        places = PLACES | ({"H5", "P2", "Z1"} if year <= 2025 else {"Z11", "Z12", "Z13", "Z14"})
        places |= {"K3"} if year >= 2025 else set()
        first = f"01/04/{year - 1}"
        for row in files[year]["episodes"]:
            ended_on_the_first = row["DEC"] == first  # its code was valid while it lasted
            assert row["PLACE"] in places or ended_on_the_first
            assert row["RNE"] in "SLPTBU"
            assert row["LS"] in ("C1", "C2", "E1", "V2", "V3", "V4", "L1", "L2", "J1")
            assert row["CIN"] in ("N1", "N2", "N3", "N4", "N5", "N6", "N7", "N8")
            blank = row["PLACE"][0] in "TZ"
            assert row["PLACE_PROVIDER"] in (
                ("",) if blank else ("PR0", "PR1", "PR2", "PR3", "PR4", "PR5")
            )
            assert (row["PLACE_PROVIDER"] == "PR0") == (row["PLACE"] == "P1")
        sexes = {row["SEX"] for name in ("header", "uasc") for row in files[year][name]}
        assert sexes == ({"1", "2"} if year <= 2024 else {"M", "F"})


def test_supported_accommodation_gets_its_new_code_with_the_same_carer(files: Files) -> None:
    recoded = [
        (row, after)
        for rows in _in_care(files).values()
        for row, after in pairwise(rows)
        if row["PLACE"] in ("H5", "P2") and after["PLACE"] == "K3" and after["RNE"] in "TU"
    ]
    assert len(recoded) > 10
    assert {after["DECOM"] for _, after in recoded} == {"01/04/2024"}


def test_every_child_with_episodes_has_a_header_and_nobody_else(files: Files) -> None:
    for year in YEARS:
        children = [row["CHILD"] for row in files[year]["header"]]
        assert len(children) == len(set(children))
        assert set(children) == {row["CHILD"] for row in files[year]["episodes"]}


def test_nobody_enters_before_birth_or_stays_past_the_eighteenth_birthday(files: Files) -> None:
    born = {row["CHILD"]: _day(row["DOB"]) for year in YEARS for row in files[year]["header"]}
    adults = 0
    for child, rows in _in_care(files).items():
        assert born[child] <= _day(rows[0]["DECOM"])
        eighteen = date.fromordinal(birthday(born[child].toordinal(), 18))
        if rows[-1]["DEC"]:
            assert _day(rows[-1]["DEC"]) <= eighteen
            adult = _day(rows[-1]["DEC"]) == eighteen
            assert adult == (rows[-1]["REC"] in ("E17", "E5", "E6", "E7")) or not adult
            adults += adult
        else:
            assert eighteen > date(2026, 3, 31)
    assert adults > 100


def test_unaccompanied_children_are_in_their_table_until_they_cease_to_be(files: Files) -> None:
    for year in YEARS:
        unaccompanied = {row["CHILD"] for row in files[year]["uasc"]}
        by_need = {row["CHILD"] for row in files[year]["episodes"] if row["CIN"] == "N8"}
        assert unaccompanied == by_need
        assert all(_day(row["DUC"]) >= date(year - 1, 4, 1) for row in files[year]["uasc"])


def test_short_breaks_are_in_the_files_and_not_in_the_truth(made: Synthetic, files: Files) -> None:
    children = {
        row["CHILD"] for y in YEARS for row in files[y]["episodes"] if row["LS"] in ("V3", "V4")
    }
    assert len(children) == made.short_breaks > 1
    assert len(made.returned.children) == len(made.care) + made.short_breaks
    assert {row["LS"] for y in YEARS for row in files[y]["episodes"]} >= {"V3", "V4"}


def test_both_layouts_hold_the_same(made: Synthetic, files: Files, tmp_path: Path) -> None:
    write_return(made.returned, tmp_path / "flat", layout="flat")
    for year in YEARS:
        for name, rows in files[year].items():
            file = tmp_path / "flat" / f"{name}_{year - 1}-{year % 100}.csv"
            assert _rows(file) == rows


def test_only_some_years_can_be_written(made: Synthetic, tmp_path: Path) -> None:
    write_return(made.returned, tmp_path / "some", years=(2023, 2024))
    assert sorted(p.name for p in (tmp_path / "some").iterdir()) == ["2022-23", "2023-24"]


# ---- The truth ---------------------------------------------------------------------------------


def _month_ends(first: date, last: date) -> Iterator[date]:
    for month in pd.date_range(first, last, freq="ME"):
        yield month.date()


def test_children_in_care_at_month_ends_are_those_simulated(made: Synthetic) -> None:
    """By the model's own measure; a stay within one day lasts one night longer in the return."""
    rows = simulate(made.scenario, history=made.scenario, replication=0)
    simulated = measure(made.scenario, rows)
    by_day = {
        key.period: float(value)
        for key, value in zip(*simulated, strict=True)
        if key.measure == "children_in_care" and not key.group
    }
    differences = []
    for day in _month_ends(made.returned.first, made.returned.last):
        there = (made.care["entered"] <= pd.Timestamp(day)) & ~(
            made.care["left"] <= pd.Timestamp(day)
        )
        differences.append(int(there.sum()) - by_day[day.isoformat()])
    assert len(differences) == 48
    assert max(map(abs, differences)) <= 1
    assert sum(map(abs, differences)) <= 2


def test_children_in_care_on_31_march_are_those_of_the_file(made: Synthetic, files: Files) -> None:
    for year in YEARS:
        day = pd.Timestamp(year, 3, 31)
        truth = int(((made.care["entered"] <= day) & ~(made.care["left"] <= day)).sum())
        open_rows = [
            row
            for row in files[year]["episodes"]
            if not row["DEC"] and row["LS"] not in ("V3", "V4")
        ]
        assert len(open_rows) == truth == len({row["CHILD"] for row in open_rows})


@pytest.mark.parametrize("layout", ["folders", "flat"])
def test_a_return_comes_back_from_its_files_as_it_was(
    made: Synthetic, tmp_path: Path, layout: Literal["folders", "flat"]
) -> None:
    save(made, tmp_path / "files", layout=layout)
    found, wrote = read_return(tmp_path / "files"), made.returned
    assert (found.first, found.last, found.years) == (wrote.first, wrote.last, wrote.years)
    assert {finding.rule for finding in found.findings} <= {"not_csv", "short_break"}
    for read, written in ((found.children, wrote.children), (found.episodes, wrote.episodes)):
        dates = read.select_dtypes("datetime").columns
        read = read.astype(dict.fromkeys(dates, "datetime64[s]"))
        pd.testing.assert_frame_equal(
            read.reset_index(drop=True), written[list(read.columns)], check_dtype=False
        )


@pytest.mark.parametrize("seed", [11, pytest.param(12, marks=pytest.mark.slow)])
def test_a_reader_finds_the_truth(study: Study, tmp_path: Path, seed: int) -> None:
    """From the files: children in care, entries, exits, moves and placements, counted by hand."""
    made = synthesise(study, len(YEARS), children=300, seed=seed)
    save(made, tmp_path / "files")
    _compare(made, from_return(read_return(tmp_path / "files")))


def test_a_reader_knows_when_those_entered_who_were_there_before(made: Synthetic) -> None:
    """Only where their first episode is still open then: a return says no more."""
    history = from_return(made.returned)
    both = history.care.merge(made.care, on="child", suffixes=("_read", ""))
    before = both[both["entered"] < pd.Timestamp(made.returned.first)]
    assert (before["entered_read"] >= before["entered"]).all()
    said = before["entered_read"] == before["entered"]
    assert 0.1 < said.mean() < 0.7


def _compare(made: Synthetic, history: Any) -> None:
    """Set what a history says of the years beside the truth, counted by hand from both."""
    first, last = made.returned.first, made.returned.last
    begin = pd.Timestamp(first)
    care, placed = made.care, made.placements
    assert (history.first, history.last) == (first, last)
    for day in map(pd.Timestamp, _month_ends(first, last)):
        there = [len(_there(table, day, "entered", "left")) for table in (history.care, care)]
        assert there[0] == there[1]
        types = [
            Counter(_there(table, day, "started", "ended")["type"])
            for table in (history.stretches, placed)
        ]
        assert types[0] == types[1]
    entered = [
        Counter(_months(t[t["entered"] >= begin], "entered", "entry_group", "stream", "remand"))
        for t in (history.care, care)
    ]
    assert entered[0] == entered[1]
    left = [Counter(_months(t[t["left"].notna()], "left", "reason")) for t in (history.care, care)]
    assert left[0] == left[1]
    moves = history.placements[~history.placements["cause"].isin(["", "left_care"])]
    assert Counter(_months(moves, "ended", "cause")) == Counter(_moves(made))
    began = history.placements[history.placements["started"] >= begin]
    really = placed[(placed["started"] >= begin) & ~placed["same_carer"]]
    assert Counter(_months(began, "started", "first_type")) == (
        Counter(_months(really, "started", "type"))
    )
    known = history.children.set_index("child").sort_index()
    truth = care.set_index("child").sort_index()
    for name in ("born", "sex", "ethnicity", "uasc"):
        assert known[name].tolist() == truth[name].tolist()


def _there(table: pd.DataFrame, day: pd.Timestamp, start: str, end: str) -> pd.DataFrame:
    return table[(table[start] <= day) & ~(table[end] <= day)]


def _months(table: pd.DataFrame, when: str, *columns: str) -> Iterator[tuple[Any, ...]]:
    months = table[when].dt.strftime("%Y-%m").tolist()
    return zip(months, *(table[name].tolist() for name in columns), strict=True)


AS_RETURNED = {
    "step_across": "planned",  # to the home that was planned
    "emergency_expired": "other",
    "move_on": "planned",  # unless it is to supported accommodation
}
"""Causes that a return has no code of their own for."""


def _moves(made: Synthetic) -> Iterator[tuple[str, str]]:
    """Moves of the truth, by month, with the cause that the codes of a return can tell."""
    born = made.care.set_index("child")["born"]
    for _, rows in made.placements.groupby("child"):
        for before, after in zip(rows.itertuples(), list(rows.itertuples())[1:], strict=False):
            if before.cause == "same_carer":
                continue
            cause = AS_RETURNED.get(before.cause, before.cause)
            age = age_on(born[before.child].toordinal(), after.started.toordinal())
            on = after.type == "supported" and before.type != "supported" and age >= 16
            if on and cause in ("planned", "other"):
                cause = "move_on"
            yield after.started.strftime("%Y-%m"), cause


@pytest.mark.slow
def test_what_is_beyond_the_model_comes_out_near_the_national_shares(study: Study) -> None:
    """DfE 2025: evidence/demand.md §2.2 and §2.7, within some points."""
    made = synthesise(study, 3, children=1500, seed=3)
    rows = made.returned.episodes
    rows = rows[~rows["legal_status"].isin(["V3", "V4"])]
    day = pd.Timestamp(2025, 3, 31)
    there = rows[(rows["started"] <= day) & ~(rows["ended"] <= day)]
    status = there["legal_status"].value_counts(normalize=True)
    for code, share in {"C2": 0.59, "C1": 0.16, "E1": 0.06, "V2": 0.19}.items():
        assert status[code] == pytest.approx(share, abs=0.06)
    at_entry = rows[rows["rne"] == "S"]["legal_status"].value_counts(normalize=True)
    for code, share in {"V2": 0.57, "C1": 0.31, "L1": 0.09}.items():
        assert at_entry[code] == pytest.approx(share, abs=0.06)
    reasons = rows[rows["reason_changed"] != ""]["reason_changed"].value_counts(normalize=True)
    for code, share in {"PLACE": 0.18, "CARPL": 0.34, "CREQB": 0.08, "CREQO": 0.07}.items():
        # supported accommodation is coded again in 2024, as it was
        assert reasons[code] == pytest.approx(share, abs=0.07)


# ---- Whole days --------------------------------------------------------------------------------


def _stay(
    moves: list[tuple[float, PlacementType, int]],
    left: float,
    *,
    born: float = -3000.0,
    entered: float | None = None,
    reason: ExitReason = ExitReason.OTHER,
) -> Stay:
    """The whole days of one child: placements begin at these times, care ends at `left`."""
    ends = [*(began for began, _, _ in moves[1:]), left]
    placed: list[float] = []
    for (began, type_, cause), ended in zip(moves, ends, strict=True):
        row = Placement(1, TYPES.index(type_), 0, began, ended, cause, -1, 1, 0, 0, 0, 0, 0, 0, 0)
        placed.extend(row)
    begins = moves[0][0] if entered is None else entered
    period = CarePeriod(
        1, begins, left, born, list(EntryGroup).index(EntryGroup.FROM_10_TO_15),
        list(Pathway).index(Pathway.LONG), list(ExitReason).index(reason), 0, 1, 1,
        list(Ethnicity).index(Ethnicity.WHITE), 0, 0, 0.5,
    )  # fmt: skip
    empty = {n: Table(("x",), []) for n in ("searches", "households", "staying_put", "beds")}
    none = np.empty(0)
    rows = Rows(
        Table(CarePeriod._fields, list(period)), Table(Placement._fields, placed),
        **empty, until=1000.0, state_changes=0, enquiries=none, applications=none, withdrawals=none,
    )  # fmt: skip
    (stay,) = stays_of(rows, DAY_0)
    return stay


DAY_0 = date(2024, 4, 1)
IFA, IN_HOUSE, HOME = PlacementType.IFA, PlacementType.IN_HOUSE, PlacementType.HOME_EXTERNAL
PLANNED, BREAKDOWN = CAUSES.index(MoveCause.PLANNED), CAUSES.index(MoveCause.BREAKDOWN)


def _days(stay: Stay) -> list[tuple[int, int, PlacementType, int]]:
    zero = DAY_0.toordinal()
    return [(h.started - zero, h.ended - zero, h.type, h.cause) for h in stay.homes]


def test_times_become_the_days_they_are_in() -> None:
    stay = _stay([(3.9, IFA, ENTRY), (10.2, HOME, BREAKDOWN)], left=40.99)
    assert _days(stay) == [(3, 10, IFA, ENTRY), (10, 40, HOME, BREAKDOWN)]
    assert date.fromordinal(stay.left) == date(2024, 5, 11)


def test_a_home_without_a_night_is_left_out_and_the_move_keeps_its_first_cause() -> None:
    stay = _stay([(3.0, IFA, ENTRY), (10.2, HOME, BREAKDOWN), (10.8, IN_HOUSE, PLANNED)], left=40)
    assert _days(stay) == [(3, 10, IFA, ENTRY), (10, 40, IN_HOUSE, BREAKDOWN)]


def test_two_homes_on_the_day_of_entry_are_one() -> None:
    stay = _stay([(3.1, HOME, ENTRY), (3.6, IFA, BREAKDOWN)], left=9)
    assert _days(stay) == [(3, 9, IFA, ENTRY)]


def test_a_move_on_the_day_of_leaving_is_none() -> None:
    stay = _stay([(3.1, HOME, ENTRY), (9.2, IFA, PLANNED)], left=9.5)
    assert _days(stay) == [(3, 9, HOME, ENTRY)]


def test_who_leaves_on_the_day_of_entry_leaves_the_day_after() -> None:
    stay = _stay([(3.1, HOME, ENTRY), (3.2, IFA, PLANNED)], left=3.5)
    assert _days(stay) == [(3, 4, IFA, ENTRY)]
    assert stay.left - stay.entered == 1


def test_a_move_on_the_day_the_carers_changed_agency_is_a_move() -> None:
    moves = [(3.0, IN_HOUSE, ENTRY), (9.1, IFA, SAME_CARER), (9.7, HOME, BREAKDOWN)]
    assert _days(_stay(moves, left=20)) == [(3, 9, IN_HOUSE, ENTRY), (9, 20, HOME, BREAKDOWN)]
    moves = [(3.0, IN_HOUSE, ENTRY), (9.1, IFA, SAME_CARER)]
    assert _days(_stay(moves, left=20))[1] == (9, 20, IFA, SAME_CARER)


@pytest.mark.parametrize("left", np.arange(0.5, 1500, 97.3))
def test_who_leaves_at_18_does_so_on_the_birthday(left: float) -> None:
    born = left - 18 * 365.25
    stay = _stay([(left - 300, IFA, ENTRY)], left=left, born=born, reason=ExitReason.TURNED_18)
    first, last = date.fromordinal(stay.born), date.fromordinal(stay.left)
    assert (last.year - first.year, last.month, last.day) == (18, first.month, first.day)
    assert abs(stay.left - DAY_0.toordinal() - left) < 1
    assert abs(stay.born - DAY_0.toordinal() - born) < 2


def test_who_leaves_on_the_eve_of_the_birthday_leaves_for_it() -> None:
    born = (date(2006, 5, 2) - DAY_0).days + 0.5  # 18 on 2 May 2024, day 31
    for left, reason in ((29.9, ExitReason.OTHER), (30.1, ExitReason.TURNED_18)):
        stay = _stay([(3, IFA, ENTRY)], left=left, born=born)
        assert stay.reason == reason
    assert date.fromordinal(stay.left) == date(2024, 5, 1)  # the birth moves, not the end
    assert date.fromordinal(stay.born) == date(2006, 5, 1)
    adopted = _stay([(3, IFA, ENTRY)], left=30.1, born=born, reason=ExitReason.ADOPTED)
    assert adopted.reason == ExitReason.ADOPTED


def test_a_birthday_of_29_february_is_1_march_in_other_years() -> None:
    leap = date(2008, 2, 29).toordinal()
    assert date.fromordinal(birthday(leap, 18)) == date(2026, 3, 1)
    assert date.fromordinal(birthday(leap, 16)) == date(2024, 2, 29)
    assert age_on(leap, date(2026, 2, 28).toordinal()) == 17
    assert age_on(leap, date(2026, 3, 1).toordinal()) == 18


# ---- The authority -----------------------------------------------------------------------------


def test_the_years_end_on_the_last_31_march_before_the_first_day() -> None:
    assert last_march_before(date(2025, 4, 1)) == date(2025, 3, 31)
    assert last_march_before(date(2025, 3, 31)) == date(2024, 3, 31)
    assert last_march_before(date(2025, 12, 1)) == date(2025, 3, 31)


BUSY = """\
extends: england
start: 2025-10-01
authority: {children_in_care: 200, uasc_in_care: 10, child_population: 30000}
demand:
  entries_per_year: 80
  uasc: {transfer_scheme: {joins: 2026-02-28, quota: 12}}
  surges: [{from: 2026-01-31, to: 2026-03-31, extra_children: 6, stream: uasc}]
fostering: {households: 40, approvals_per_year: 5}
supported: {places: 30}
homes: [{name: A, registered: 3, usable: 3, opens: 2027-10-01}, {name: B, registered: 2, usable: 2}]
changes: [{on: 2026-10-01, path: fostering.approvals_per_year, to: 8}]
options: {more: {set: {fostering.households: 60}}}
observed: [{measure: entries, period: 2025-26, value: 80, source: made up, use: check}]
"""


def test_every_date_moves_with_the_first_day(write: Callable[..., Path]) -> None:
    scenario = authority_of(load(write(BUSY)).scenario, 4)
    assert (scenario.start, scenario.years) == (date(2021, 4, 1), 4.0)  # 54 months earlier
    assert scenario.demand.uasc.transfer_scheme.joins == date(2021, 8, 28)
    assert scenario.demand.surges[0].from_ == date(2021, 7, 31)
    assert scenario.demand.surges[0].to == date(2021, 9, 30)
    assert scenario.homes[0].opens == date(2023, 4, 1)
    assert scenario.changes[0].on == date(2022, 4, 1)
    assert scenario.observed == ()


def test_what_goes_with_the_children_grows_with_them_and_rates_stay(
    write: Callable[..., Path],
) -> None:
    before = load(write(BUSY)).scenario
    large = authority_of(before, 4, children=500, seed=3)
    assert (large.authority.children_in_care, large.authority.uasc_in_care) == (500, 25)
    assert large.authority.child_population == 75_000
    assert large.demand.entries_per_year == 200
    assert large.demand.uasc.transfer_scheme.quota == 30
    assert large.demand.surges[0].extra_children == 15
    assert (large.fostering.households, large.fostering.approvals_per_year) == (100, 12.5)
    assert large.supported.places == 75
    assert large.changes[0].to == 20
    assert [home.name for home in large.homes] == ["A", "B", "A (2)", "B (2)", "A (3)"]
    assert large.fostering.leaving_per_year == before.fostering.leaving_per_year
    assert large.demand.uasc.per_100_in_care == before.demand.uasc.per_100_in_care
    assert large.seed == 3
    small = authority_of(before, 4, children=100)
    assert [home.name for home in small.homes] == ["A"]


CHILDREN = """\
entered,born,entry_group,type,placement_started,ethnicity,in_area,over_20_miles
2024-05-01,2010-02-03,10-15,ifa,2024-05-01,white,1,0
2025-02-01,2008-02-03,uasc_16-17,supported,2025-02-01,,,
"""
PATHS = "month,stream,path_1\n" + "".join(
    f"2025-{month:02d},{stream},1\n" for stream in ("non_uasc", "uasc") for month in range(4, 10)
)
KNOWN = """\
extends: england
years: 0.5
warm_up_years: 0
authority: {children_in_care: 2, children: {file: my-children.personal-data.csv}}
demand: {forecast: {file: my-entries.csv}}
"""


def test_a_forecast_and_children_given_by_name_are_no_part_of_the_past(
    write: Callable[..., Path],
) -> None:
    write(CHILDREN, "my-children.personal-data.csv")
    write(PATHS, "my-entries.csv")
    scenario = authority_of(load(write(KNOWN)).scenario, 3, children=100)
    assert scenario.demand.forecast is None
    assert scenario.authority.children is None
    assert (scenario.authority.children_in_care, scenario.authority.uasc_in_care) == (100, 50)
    assert scenario.warm_up_years == 2.0


@pytest.mark.parametrize(("years", "children"), [(0, None), (26, None), (3, 0), (3, LARGEST + 1)])
def test_impossible_sizes_are_refused(study: Study, years: int, children: int | None) -> None:
    with pytest.raises(SufficiencyError):
        authority_of(study.scenario, years, children=children)


def test_the_same_seed_gives_the_same_return_and_another_does_not(study: Study) -> None:
    one, again, other = (synthesise(study, 1, children=40, seed=seed) for seed in (5, 5, 6))
    pd.testing.assert_frame_equal(one.returned.episodes, again.returned.episodes)
    assert len(one.returned.episodes) != len(other.returned.episodes)


# ---- The command -------------------------------------------------------------------------------


def _call(*words: object) -> Result:
    return CliRunner().invoke(app, [str(word) for word in words], catch_exceptions=False)


@pytest.mark.parametrize("layout", ["folders", "flat"])
def test_the_command_writes_files_and_says_that_they_are_made_up(
    tmp_path: Path, layout: str
) -> None:
    folder = tmp_path / "made"
    result = _call(
        "synthesise", "england", "--years", 2, "--to", folder, "--children", 30, "--layout", layout
    )
    assert result.exit_code == 0, result.output
    assert "Nothing in it is about a real child" in result.stdout
    assert "30 of them on the first day" in result.stdout
    assert "about nobody" in (folder / "README.txt").read_text(encoding="utf-8")
    assert len(list(folder.rglob("*.csv"))) == 6
    assert (folder / "2023-24" / "episodes.csv").is_file() == (layout == "folders")


def test_quiet_prints_the_folder_only(tmp_path: Path) -> None:
    words = ("synthesise", "england", "--years", 1, "--to", tmp_path / "r", "--children", 20)
    assert _call(*words, "--quiet").output == f"{tmp_path / 'r'}\n"


def test_what_is_there_is_never_written_over(tmp_path: Path) -> None:
    (tmp_path / "mine.txt").write_text("mine", encoding="utf-8")
    for to in (tmp_path, tmp_path / "mine.txt"):
        result = _call("synthesise", "england", "--years", 1, "--to", to)
        assert result.exit_code == 2
        assert str(to) in result.stderr
    assert [p.name for p in tmp_path.iterdir()] == ["mine.txt"]


def test_the_largest_authority_is_that_of_the_package() -> None:
    assert LARGEST_AUTHORITY == LARGEST


@pytest.mark.slow
def test_counts_instead_of_a_return_are_those_of_the_return(tmp_path: Path) -> None:
    words = ["synthesise", "england", "--years", "2", "--children", "60"]
    said = CliRunner().invoke(app, [*words, "--to", str(tmp_path / "a"), "--layout", "counts"])
    assert said.exit_code == 0, said.output
    assert "counts.csv" in said.stdout
    made = CliRunner().invoke(app, [*words, "--to", str(tmp_path / "b")])
    assert made.exit_code == 0, made.output
    counted, returned = read_history(tmp_path / "a"), read_history(tmp_path / "b")
    assert counted.care is None
    assert counted.monthly is not None
    assert returned.care is not None
    entered = returned.care["entered"]
    new = entered[entered >= pd.Timestamp(returned.first)]
    assert counted.monthly["entries"].sum() == len(new) > 20
    there = counted.stock[counted.stock["date"] == pd.Timestamp(returned.last)]
    assert there["children"].sum() == returned.care["left"].isna().sum()
