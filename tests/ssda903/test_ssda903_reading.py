"""A return of three years checked by hand, in every layout; and each cell that may be wrong."""

from __future__ import annotations

import zipfile
from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from made_up import (
    COLUMNS,
    UASC_COLUMNS,
    Child,
    Episode,
    Row,
    Truth,
    an_authority,
    day,
    episodes_of,
    found_rules,
    returned,
    text_of,
    write_truth,
    write_years,
    year_of,
)

from sufficiency.errors import SufficiencyError
from sufficiency.history.from_return import from_return
from sufficiency.ssda903.dates import eighteenth_birthdays, read_dates
from sufficiency.ssda903.reading import TableFound, read_return, tables_in
from sufficiency.ssda903.returns import Return
from sufficiency.ssda903.years import OPEN, years_of

YEARS = (2020, 2021, 2022)


def the_three_years() -> Truth:
    """Five children: a long stay with moves, two periods, a short one, UASC, short breaks."""
    return Truth(
        (
            Child("A1", day("2012-02-29"), "2", "MWBC"),
            Child("0007", day("2010-05-05"), "1", "WBRI"),
            Child("C3", day("2019-12-24"), "1", "APKN"),
            Child("D4", day("2004-01-15"), "1", "OOTH", uasc=True),
            Child("E5", day("2015-01-01"), "2", "WBRI"),
        ),
        (
            Episode("A1", day("2018-03-10"), day("2019-11-02"), rec="X1", ls="C1", change="CARPL"),
            Episode("A1", day("2019-11-02"), day("2020-06-30"), "B", "X1", place="U4"),
            Episode("A1", day("2020-06-30"), None, "P", place="K2", provider="PR4"),
            Episode("0007", day("2019-07-01"), day("2019-09-15"), rec="E4A", ls="V2"),
            Episode("0007", day("2021-02-20"), day("2021-12-01"), rec="E4B", ls="V2"),
            Episode("C3", day("2019-12-25"), day("2021-04-01"), rec="E11", place="A5"),
            Episode("D4", day("2020-03-31"), day("2022-01-15"), rec="E17", ls="V2", cin="N8"),
            Episode("E5", day("2020-08-01"), day("2020-08-03"), rec="E8", ls="V4"),
        ),
    )


def in_care(found: Return, when: str) -> int:
    rows = found.episodes[~found.episodes["legal_status"].isin(["V3", "V4"])]
    there = (rows["started"] <= when) & ~(rows["ended"] <= when)
    return int(rows.loc[there, "child"].nunique())


def test_three_years_are_read_as_they_were(tmp_path: Path) -> None:
    found = read_return(write_truth(tmp_path, the_three_years(), YEARS))
    assert (found.first, found.last) == (date(2019, 4, 1), date(2022, 3, 31))
    assert found.years == YEARS
    assert {f.rule for f in found.findings} == {"short_break"}
    # numbered by name: 0007, A1, C3, D4, E5
    assert found.children["child"].tolist() == [0, 1, 2, 3, 4]
    assert found.children["sex"].tolist() == ["male", "female", "male", "male", "female"]
    assert found.children["ethnic"].tolist() == ["WBRI", "MWBC", "APKN", "OOTH", "WBRI"]
    assert found.children["born"].dt.strftime("%d/%m/%Y").tolist() == [
        *("05/05/2010", "29/02/2012", "24/12/2019", "15/01/2004", "01/01/2015")
    ]
    until = found.children["uasc_until"]
    assert (until.notna().tolist(), until[3]) == (
        [False, False, False, True, False],
        day_of("2022-01-15"),
    )
    rows = found.episodes
    shown = rows[["child", "rne", "reason_ended", "legal_status", "place", "provider"]]
    assert shown.to_numpy().tolist() == [
        [0, "S", "E4A", "V2", "U6", "PR1"],
        [0, "S", "E4B", "V2", "U6", "PR1"],
        [1, "S", "X1", "C1", "U6", "PR1"],
        [1, "B", "X1", "C2", "U4", "PR1"],
        [1, "P", "", "C2", "K2", "PR4"],
        [2, "S", "E11", "C2", "A5", "PR1"],
        [3, "S", "E17", "V2", "U6", "PR1"],
        [4, "S", "E8", "V4", "U6", "PR1"],
    ]
    assert rows["ended"].isna().tolist() == [False] * 4 + [True] + [False] * 3
    # by hand: A1 C3 D4, A1 0007 C3 D4, A1
    assert [in_care(found, f"{year}-03-31") for year in YEARS] == [3, 4, 1]


def day_of(text: str) -> pd.Timestamp:
    return pd.Timestamp(text)


def test_the_tables_keep_their_contract(tmp_path: Path) -> None:
    found = read_return(write_truth(tmp_path, the_three_years(), YEARS))
    assert [str(t) for t in found.children.dtypes] == [
        *("int64", "str", "datetime64[us]", "str", "datetime64[us]")
    ]
    assert {name: str(kind) for name, kind in found.episodes.dtypes.items()} == {
        **dict.fromkeys(("rne", "legal_status", "need", "place", "provider", "urn"), "str"),
        **dict.fromkeys(("reason_ended", "reason_changed"), "str"),
        **dict.fromkeys(("started", "ended"), "datetime64[us]"),
        "child": "int64",
        "in_area": "boolean",
        "miles": "float64",
    }


def same_return(one: Return, other: Return) -> bool:
    return one.children.equals(other.children) and one.episodes.equals(other.episodes)


def test_the_layout_makes_no_difference(tmp_path: Path) -> None:
    truth = an_authority(30, seed=3)
    usual = read_return(write_truth(tmp_path / "usual", truth, YEARS))
    flat = tmp_path / "flat"
    flat.mkdir()
    with zipfile.ZipFile(tmp_path / "return.zip", "w") as archive:
        for year in YEARS:
            for kind, rows in year_of(truth, year).items():
                name = f"x{kind[1]}{year % 7}"
                columns = [*reversed(COLUMNS[kind]), "Extra Column"]
                text = text_of(kind, reversed(rows), columns, ";").replace("PLACE_P", "Place p")
                (flat / f"{name}.CSV").write_bytes(text.encode("utf-16"))
                archive.writestr(f"deep/er/{name}/{kind}.csv", text.encode("cp1252"))
    assert same_return(usual, read_return(flat))
    assert same_return(usual, read_return(tmp_path / "return.zip"))
    assert usual.findings == ()


def test_dates_may_be_iso_with_a_time(tmp_path: Path) -> None:
    truth = an_authority(30, seed=4)
    usual = read_return(write_truth(tmp_path / "usual", truth, YEARS))
    years: dict[int, dict[str, list[Row]]] = {}
    for year in YEARS:
        years[year] = year_of(truth, year)
        for rows in years[year].values():
            for row in rows:
                for name in {"DECOM", "DEC", "DOB"} & row.keys():
                    parts = row[name].split("/")
                    row[name] = "-".join(reversed(parts)) + " 00:00:00" * bool(row[name])
    assert same_return(usual, read_return(write_years(tmp_path / "iso", years)))


def test_one_file_may_hold_the_episodes_and_the_children(tmp_path: Path) -> None:
    truth = an_authority(30, seed=5)
    usual = read_return(write_truth(tmp_path / "usual", truth, YEARS))
    for year in YEARS:
        tables = year_of(truth, year)
        about = {row["CHILD"]: row for row in tables["header"]}
        rows = [row | about[row["CHILD"]] for row in tables["episodes"]]
        columns = [*COLUMNS["episodes"], "SEX", "DOB", "ETHNIC"]
        (tmp_path / f"{year}.csv").write_text(text_of("episodes", rows, columns))
        (tmp_path / f"u{year}.csv").write_text(text_of("uasc", tables["uasc"]))
    for file in (tmp_path / "usual").rglob("*.csv"):
        file.unlink()
    assert same_return(usual, read_return(tmp_path))


def test_one_file_may_hold_several_years_marked_as_such(tmp_path: Path) -> None:
    truth = an_authority(40, seed=6)
    usual = read_return(write_truth(tmp_path / "usual", truth, YEARS))
    rows = [r | {"YEAR": str(y - 1)} for y in YEARS for r in year_of(truth, y)["episodes"]]
    about = [r for y in YEARS for r in year_of(truth, y)["header"]]
    uasc = [r for y in YEARS for r in year_of(truth, y)["uasc"]]
    one = tmp_path / "one"
    one.mkdir()
    (one / "a.csv").write_text(text_of("episodes", rows, [*COLUMNS["episodes"], "YEAR"]))
    (one / "b.csv").write_text(text_of("header", about))
    (one / "c.csv").write_text(text_of("uasc", uasc))
    found = read_return(one)
    assert found.years == YEARS
    assert same_return(usual, found)


def test_one_file_of_all_episodes_ever_is_of_several_years(tmp_path: Path) -> None:
    truth = an_authority(300, seed=7)
    last = year_of(truth, 2022)["episodes"]
    key = {(r["CHILD"], r["DECOM"]) for r in last}
    rows = [
        r
        for y in (2020, 2021)
        for r in year_of(truth, y)["episodes"]
        if r["DEC"] and (r["CHILD"], r["DECOM"]) not in key
    ]
    about = {r["CHILD"]: r for y in YEARS for r in year_of(truth, y)["header"]}
    (tmp_path / "a.csv").write_text(text_of("episodes", [*rows, *last]))
    (tmp_path / "b.csv").write_text(text_of("header", about.values()))
    found = read_return(tmp_path)
    assert found.years == YEARS
    assert found_rules(found) == {"several_years_in_one_file": ("kept", ())}
    assert [in_care(found, f"{y}-03-31") for y in YEARS] == [
        truth.in_care(date(y, 3, 31)) for y in YEARS
    ]


def test_the_same_file_twice_changes_nothing_but_is_found(tmp_path: Path) -> None:
    truth = an_authority(30, seed=8)
    usual = read_return(write_truth(tmp_path, truth, YEARS))
    copy = tmp_path / "copy.csv"
    copy.write_bytes((tmp_path / "2021/episodes.csv").read_bytes())
    found = read_return(tmp_path)
    assert same_return(usual, found)
    assert set(found_rules(found)) == {"several_files_of_one_year"}


def test_tables_are_told_by_their_columns(tmp_path: Path) -> None:
    write_truth(tmp_path, the_three_years(), [2021])
    for name, columns in {
        "r": "CHILD,DOB,REVIEW,REVIEW_CODE",
        "o": "CHILD,DOB,SDQ_SCORE,CONVICTED",
        "m": "CHILD,DOB,MISSING,MIS_START,MIS_END",
        "s": "CHILD,DOB,SW_ID,SW_DECOM,SW_DEC,SW_REASON",
        "p": "CHILD,DOB,PREV_PERM,LA_PERM,DATE_PERM",
        "counts": "month,stream,age_group,entries",
    }.items():
        (tmp_path / f"{name}.csv").write_text(f"{columns}\n{',' * columns.count(',')}x\n")
    assert tables_in(tmp_path) == [
        TableFound("episodes", "2021/episodes.csv"),
        TableFound("header", "2021/header.csv"),
        TableFound("uasc", "2021/uasc.csv"),
        TableFound("missing", "m.csv"),
        TableFound("oc2", "o.csv"),
        TableFound("previous permanence", "p.csv"),
        TableFound("reviews", "r.csv"),
        TableFound("social workers", "s.csv"),
    ]
    rules = [(f.rule, f.file) for f in read_return(tmp_path).findings]
    assert rules[0] == ("table_not_recognised", "counts.csv")
    assert [file for rule, file in rules if rule == "table_not_used"] == [
        *("m.csv", "o.csv", "p.csv", "r.csv", "s.csv")
    ]


@pytest.mark.parametrize("column", ["DECOM", "RNE", "LS", "PLACE", "DEC", "REC", "CHILD"])
def test_episodes_without_a_needed_column_stop_it(tmp_path: Path, column: str) -> None:
    write_truth(tmp_path, the_three_years(), YEARS)
    columns = [name for name in COLUMNS["episodes"] if name != column]
    rows = year_of(the_three_years(), 2021)["episodes"]
    (tmp_path / "2021/episodes.csv").write_text(text_of("episodes", rows, columns))
    with pytest.raises(SufficiencyError) as caught:
        read_return(tmp_path)
    assert f"2021/episodes.csv: looks like episodes, but has no column {column}" in str(
        caught.value
    )


@pytest.mark.parametrize("column", ["CIN", "PLACE_PROVIDER", "REASON_PLACE_CHANGE"])
def test_episodes_without_another_column_are_read(tmp_path: Path, column: str) -> None:
    write_truth(tmp_path, the_three_years(), YEARS)
    columns = [name for name in COLUMNS["episodes"] if name != column]
    rows = year_of(the_three_years(), 2021)["episodes"]
    (tmp_path / "2021/episodes.csv").write_text(text_of("episodes", rows, columns))
    found = read_return(tmp_path)
    lacking = [(f.file, f.column) for f in found.findings if f.rule == "column_missing"]
    assert lacking == [("2021/episodes.csv", column)]
    assert [in_care(found, f"{year}-03-31") for year in YEARS] == [3, 4, 1]


def test_without_episodes_or_header_it_stops_and_names_both(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("month,entries\n2024-01,5\n")
    with pytest.raises(SufficiencyError) as caught:
        read_return(tmp_path)
    assert "the columns of episodes" in str(caught.value)
    assert "the columns of the header" in str(caught.value)


def test_a_header_without_dates_of_birth_stops_it(tmp_path: Path) -> None:
    write_truth(tmp_path, the_three_years(), [2021])
    (tmp_path / "2021/header.csv").write_text("CHILD,SEX,ETHNIC,UPN\nA1,1,WBRI,\n")
    with pytest.raises(SufficiencyError, match="looks like the header, but has no column DOB"):
        read_return(tmp_path)


def test_episodes_without_a_usable_row_stop_it(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text(text_of("episodes", [{"CHILD": "1", "DECOM": "soon"}]))
    (tmp_path / "b.csv").write_text(text_of("header", []))
    with pytest.raises(SufficiencyError, match="no episode in it has a child and a first day"):
        read_return(tmp_path)


def test_a_uasc_table_without_duc_is_suspected(tmp_path: Path) -> None:
    write_truth(tmp_path, the_three_years(), YEARS)
    text = text_of("uasc", year_of(the_three_years(), 2021)["uasc"], UASC_COLUMNS[:-1])
    (tmp_path / "2021/uasc.csv").write_text(text)
    (found,) = (f for f in read_return(tmp_path).findings if f.rule == "column_missing")
    assert (found.file, found.column, "DUC" in found.text) == ("2021/uasc.csv", "ETHNIC", True)


def test_cells_that_cannot_be_used_are_found_and_never_shown(tmp_path: Path) -> None:
    found = returned(
        tmp_path,
        {
            2021: "\n".join(
                [
                    "1 2020-06-01 2021-02-01 Smith Smith Smith Smith Smith",
                    "2 31/02/2020 - S -",
                    "3 - - S -",
                    "- 2020-06-01 - S -",
                    "4 2020-06-01 soon S E4A",
                    "5 2020-06-01 - - - - - -",
                    "6 2020-06-01 - S - C2 T1 -",
                ]
            )
        },
    )
    rules = found_rules(found)
    for name in ("rne", "reason_ended", "legal_status", "place", "provider"):
        assert rules[f"unknown_{name}"] == ("kept", (2,)), name
    assert rules["impossible_date"][1] == (3, 6)
    assert rules["blank_start"] == ("left out", (4,))
    assert rules["blank_child"][1][:1] == (5,)
    assert rules["blank_place"] == ("kept", (2, 7))
    assert "blank_provider" not in rules  # temporary and unknown placements need none
    assert episodes_of(found, "child", "started", "ended", "place", "reason_ended") == [
        ("0", "2020-06-01", "2021-02-01", "-", "-"),
        ("1", "2020-06-01", "2021-03-31", "U6", "E4A"),
        ("2", "2020-06-01", "-", "-", "-"),
        ("3", "2020-06-01", "-", "T1", "-"),
    ]
    said = " ".join(f"{f.text} {f.column}" for f in found.findings)
    assert "Smith" not in said
    assert "soon" not in said


def test_codes_are_read_however_they_are_typed(tmp_path: Path) -> None:
    found = returned(
        tmp_path, {2021: "1 2020-06-01 2021-02-01 s e4a c2 k2 pr4"}, "1 f 2010-01-01 wbri"
    )
    assert episodes_of(found, "rne", "reason_ended", "legal_status", "place", "provider") == [
        ("S", "E4A", "C2", "K2", "PR4")
    ]
    assert found.children.loc[0, "sex"] == "female"
    assert found_rules(found) == {}


@pytest.mark.parametrize(
    ("year", "odd"), [(2018, (2, 6, 7, 8, 9)), (2025, (6, 7, 8, 9)), (2026, (3, 4))]
)
def test_codes_of_other_years_are_accepted(tmp_path: Path, year: int, odd: tuple[int, ...]) -> None:
    places = ["K3", "H5", "P2", "Z1", "Z11", "Z12", "Z13", "Z14"]
    lines = [f"{n} {year - 1}-06-01 - S - V2 {place} PR4" for n, place in enumerate(places)]
    found = returned(tmp_path, {year: "\n".join(lines)})
    assert episodes_of(found, "place") == [(place,) for place in places]
    assert {f.rule for f in found.findings} == {"out_of_year_place"}
    assert sorted(row for f in found.findings for row in f.rows) == list(odd)


def test_reasons_before_and_after_2018_are_accepted(tmp_path: Path) -> None:
    found = returned(
        tmp_path,
        {
            2018: "1 2017-06-01 2018-02-01 S E43\n2 2017-06-01 2018-02-01 S E45",
            2019: "3 2018-06-01 2019-02-01 S E44\n4 2018-06-01 2019-02-01 S E48",
        },
    )
    assert episodes_of(found, "reason_ended") == [("E43",), ("E45",), ("E44",), ("E48",)]
    assert found_rules(found) == {"out_of_year_reason_ended": ("kept", (2, 3))}


def test_where_a_placement_is_comes_from_the_enriched_columns(tmp_path: Path) -> None:
    rows = year_of(an_authority(8, seed=9), 2022)["episodes"]
    told = [("IN", "3.5"), ("out", "999.9"), ("", ""), ("there", "far"), ("OUT", "-2")]
    for row, (place, miles) in zip(rows, told, strict=False):
        row |= {"PL_LOCATION": place, "PL_DISTANCE": miles}
    rows = sorted(rows[:5], key=lambda row: row["CHILD"])
    columns = [*COLUMNS["episodes"], "PL_LOCATION", "PL_DISTANCE"]
    (tmp_path / "e.csv").write_text(text_of("episodes", rows, columns))
    header = year_of(an_authority(8, seed=9), 2022)["header"]
    (tmp_path / "h.csv").write_text(text_of("header", header))
    found = read_return(tmp_path)
    assert found.episodes["in_area"].astype(object).where(
        found.episodes["in_area"].notna(), None
    ).tolist() == [*(True, False, None, None, False)]
    assert found.episodes["miles"].fillna(-1).tolist() == [3.5, -1, -1, -1, -1]
    rules = found_rules(found)
    assert rules["unknown_location"] == ("kept", (5,))
    assert rules["unknown_distance"] == ("kept", (5, 6))


# --- children ---


def test_the_last_year_says_who_a_child_is(tmp_path: Path) -> None:
    for year, about in {2021: "1 1 2010-01-01 WBRI", 2022: "1 2 2011-01-01 BAFR"}.items():
        line = "1 2020-06-01 - S -" if year == 2021 else "1 2020-06-01 2021-08-01 S E4A"
        returned(tmp_path, {year: line}, about)
    found = read_return(tmp_path)
    assert found.children.loc[0, ["sex", "ethnic"]].tolist() == ["female", "BAFR"]
    assert found.children.loc[0, "born"] == day_of("2011-01-01")
    assert found_rules(found) == {
        "two_values_of_sex": ("left out", (2,)),
        "two_values_of_born": ("left out", (2,)),
    }


def test_children_without_header_or_episodes_are_found(tmp_path: Path) -> None:
    found = returned(
        tmp_path, {2021: "1 2020-06-01 2021-02-01 S E4A"}, "1 - 2010-01-01 -\n2 1 2010-01-01 WBRI"
    )
    assert found_rules(found) == {
        "no_episodes": ("left out", (2,)),
        "not_in_header": ("kept", (2,)),
    }
    assert found.children.loc[0, ["sex", "ethnic"]].tolist() == ["", ""]
    assert pd.isna(found.children.loc[0, "born"])


def test_births_that_cannot_be_are_unknown(tmp_path: Path) -> None:
    found = returned(
        tmp_path,
        {2021: "".join(f"{n} 2020-06-01 - S -\n" for n in range(1, 6))},
        "1 1 2021-03-09 WBRI\n2 1 2020-06-01 WBRI\n3 1 1910-01-01 WBRI\n4 1 - WBRI\n"
        "5 U 30/02/2010 X",
    )
    assert found.children["born"].notna().tolist()[:5] == [False, True, False, False, False]
    assert found_rules(found) == {
        "impossible_date": ("kept", (6,)),
        "unknown_ethnic": ("kept", (6,)),
        "blank_born": ("kept", (5,)),
        "born_after_entry": ("kept", (2,)),
        "adult_before_entry": ("kept", (4,)),
    }
    assert in_care(found, "2021-03-31") == 5
    about_age = [f.text for f in found.findings if f.rule != "unknown_ethnic"]
    assert all("kept here, but left out when children are counted" in text for text in about_age)
    (left_out,) = (f for f in from_return(found).findings if f.rule == "no_dates")
    assert (left_out.count, left_out.treatment) == (4, "left out")
    assert "kept when the files were read" in left_out.text


def test_a_birth_shortly_after_entry_is_taken_as_on_its_day(tmp_path: Path) -> None:
    found = returned(
        tmp_path,
        {2021: "1 2020-06-01 - S -\n2 2020-06-01 - S -"},
        "1 1 2020-06-02 WBRI\n2 1 2021-03-08 WBRI",
    )
    assert found.children["born"].dt.date.tolist()[:2] == [date(2020, 6, 1)] * 2
    assert found_rules(found) == {"born_just_after_entry": ("mended", (2, 3))}


def test_uasc_status_ends_on_its_date_or_the_18th_birthday(tmp_path: Path) -> None:
    found = returned(
        tmp_path,
        {2021: "1 2020-06-01 - S -\n2 2020-06-01 - S -\n3 2020-06-01 - S -\n4 2020-06-01 - S -"},
        "3 - - -",
        "1 1 2010-01-01 2020-12-24\n2 1 2010-01-01 -\n3 1 2004-02-29 -",
    )
    until = found.children["uasc_until"].dt.strftime("%Y-%m-%d").fillna("never").tolist()
    assert until[:4] == ["2020-12-24", "2028-01-01", "2022-03-01", "never"]
    assert found.children.loc[2, "born"] == day_of("2004-02-29")  # told by the UASC table only
    assert found_rules(found) == {"not_in_header": ("kept", (4,))}


def test_zeros_that_a_spreadsheet_took_away_do_not_make_another_child(tmp_path: Path) -> None:
    found = returned(
        tmp_path,
        {2021: "0012 2020-06-01 - S -", 2022: "12 2020-06-01 2021-08-01 S E4A\n7 2021-06-01 - S -"},
    )
    assert episodes_of(found, "child", "ended") == [("0", "2021-08-01"), ("1", "-")]
    assert set(found_rules(found)) == {"named_without_zeros"}


def test_children_are_not_the_same_where_one_file_has_both(tmp_path: Path) -> None:
    found = returned(tmp_path, {2021: "0012 2020-06-01 - S -\n12 2020-06-01 - S -"})
    assert episodes_of(found, "child") == [("0",), ("1",)]
    assert found_rules(found) == {}


# --- dates and years ---


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("03/04/2021", "2021-04-03"),
        ("3/4/2021", "2021-04-03"),
        ("03-04-2021", "2021-04-03"),
        ("03.04.2021", "2021-04-03"),
        ("2021-04-03", "2021-04-03"),
        ("2021-04-03T00:00:00", "2021-04-03"),
        ("2021-04-03 00:00:00.000", "2021-04-03"),
        ("03/04/2021 00:00", "2021-04-03"),
        ("29/02/2020", "2020-02-29"),
        ("29/02/2021", None),
        ("31/04/2021", None),
        ("13/13/2021", None),
        ("00/01/2021", None),
        ("03/04/21", None),
        ("03/04/0021", None),
        ("01/01/9999", None),
        ("44289", None),
        ("٠٣/٠٤/٢٠٢١", None),
        ("today", None),
    ],
)
def test_dates_are_read_as_the_british_write_them(written: str, meant: str | None) -> None:
    read = read_dates(pd.Series([written, "25/12/2021", ""], dtype="str"))
    assert read.unreadable.tolist() == [meant is None, False, False]
    if meant is not None:
        assert read.days[0] == day_of(meant)


def test_the_month_comes_first_only_if_more_dates_say_so() -> None:
    american = read_dates(pd.Series(["04/03/2021", "04/30/2021", "12/25/2021"], dtype="str"))
    assert american.month_first
    assert american.days[0] == day_of("2021-04-03")
    british = read_dates(pd.Series(["04/03/2021", "30/04/2021", "12/25/2021"], dtype="str"))
    assert not british.month_first
    assert british.unreadable.tolist() == [False, False, True]


def test_eighteenth_birthdays_of_leap_days_are_on_1_march() -> None:
    born = pd.Series([day_of("2004-02-29"), pd.NaT, day_of("2002-12-31")])
    found = eighteenth_birthdays(born)
    assert found.dt.strftime("%Y-%m-%d").fillna("-").tolist() == ["2022-03-01", "-", "2020-12-31"]


@pytest.mark.parametrize(
    ("begun", "over", "expected"),
    [
        ([2021, 2020, 2015], [2021, OPEN, OPEN], (2021, 2021)),
        ([2021, 2021, 2021, 2020, 2052], [2021, 2021, OPEN, 2021, OPEN], (2021, 2021)),
        ([2021, 2021, 2021, 2020, 2020], [2021, 2021, OPEN, 2021, 1999], (2021, 2021)),
        ([2021, 2021, 2020, 2020], [OPEN, 2022, 2022, 2022], (2022, 2022)),
        # ends as they are known years later
        ([2021, 2021, 2020, 2015], [2023, 2022, 2021, 2024], (2021, 2021)),
        ([2018] * 9 + [2019] * 9 + [2020] * 9, [2018] * 9 + [2019] * 9 + [2020] * 9, (2018, 2020)),
    ],
)
def test_the_year_of_a_file_is_that_in_which_its_episodes_were_open(
    begun: list[int], over: list[int], expected: tuple[int, int]
) -> None:
    assert years_of(np.array(begun), np.array(over)) == expected


def test_a_last_year_that_was_cut_short_is_found(tmp_path: Path) -> None:
    lines = [f"{n} 2020-{4 + n % 5:02d}-01 - S -" for n in range(60)]
    found = returned(tmp_path, {2021: "\n".join(lines)})
    assert "last_year_cut_short" not in found_rules(found)  # somebody left on 1 March
    path = tmp_path / "2021/episodes.csv"
    path.write_text(path.read_text().replace("2021-03-01", "2020-09-01"))
    assert "last_year_cut_short" in found_rules(read_return(tmp_path))


def test_a_title_above_the_header_is_passed_over(tmp_path: Path) -> None:
    plain = returned(tmp_path / "plain", {2021: "1 2020-06-01 - S -"})
    for file in (tmp_path / "plain").rglob("*.csv"):
        other = tmp_path / "titled" / file.relative_to(tmp_path / "plain")
        other.parent.mkdir(parents=True, exist_ok=True)
        other.write_text(f"SSDA903 return; 2020-21,,,\n\n{file.read_text()}")
    titled = read_return(tmp_path / "titled")
    assert titled.episodes.equals(plain.episodes)
    assert found_rules(titled) == {"title": ("left out", (1, 1))}
