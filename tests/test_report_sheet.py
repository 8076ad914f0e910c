"""The page of findings about data: one file, text as text, script only where there is a chart."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from sufficiency.report.sheet import Section, Sheet, SheetTable, sheet_text, write_sheet

HOSTILE = "<script>alert('x')</script>{{ 7 * 7 }}"


def sheet(**over: object) -> Sheet:
    parts: dict[str, object] = {
        "kind": "Data quality",
        "title": "Six years of returns",
        "subtitle": "April 2019 to March 2025",
        "lead": ("Two things to mend.",),
        "sections": (
            Section(
                "Findings",
                ("What was found.",),
                tables=(
                    SheetTable("Findings", ("Rule", "Rows"), (("blank dates", "3"),), "Note."),
                ),
            ),
        ),
    }
    return Sheet(**{**parts, **over})  # type: ignore[arg-type]  # its fields


def test_a_sheet_says_what_it_holds_and_asks_for_nothing_from_outside() -> None:
    text = sheet_text(sheet(caution="For your own use.", note="Made up."))
    for said in ("Six years of returns", "Two things to mend.", "blank dates", "Note.", "Made up."):
        assert said in text
    assert "For your own use." in text
    assert not re.findall(r'(?:src|href)="(?!#)', text)
    assert "default-src 'none'" in text


def test_a_sheet_without_charts_carries_no_script() -> None:
    text = sheet_text(sheet())
    assert "<script" not in text
    assert len(text) < 100_000


def test_markup_and_template_signs_in_data_come_out_as_text() -> None:
    section = Section(HOSTILE, (HOSTILE,), tables=(SheetTable(HOSTILE, (HOSTILE,), ((HOSTILE,),)),))
    text = sheet_text(
        sheet(title=HOSTILE, kind=HOSTILE, lead=(HOSTILE,), note=HOSTILE, sections=(section,))
    )
    assert "<script>alert" not in text
    assert text.count("{{ 7 * 7 }}") >= 8


def test_every_table_has_a_name_and_the_first_column_names_its_rows() -> None:
    text = sheet_text(sheet())
    assert '<th scope="row">blank dates</th>' in text
    assert 'aria-labelledby="table-1-1"' in text


def test_a_sheet_goes_into_a_new_folder_and_a_file_in_the_way_is_a_message(tmp_path: Path) -> None:
    path = write_sheet(sheet(), tmp_path / "pages" / "quality.html")
    assert path.read_text(encoding="utf-8").startswith("<!DOCTYPE html>")
    with pytest.raises(Exception, match="is a file, not a folder"):
        write_sheet(sheet(), path / "below.html")


def test_columns_of_words_stand_on_the_left_and_numbers_on_the_right() -> None:
    table = SheetTable("t", ("Group", "Reason", "Share"), (("a", "home", "3%"), ("b", "", "<1%")))
    assert table.words == (0, 1)
    text = sheet_text(Sheet("Kind", "T", "s", (), (Section("h", tables=(table,)),)))
    assert '<th scope="col">Reason</th><th scope="col" class="n">Share</th>' in text
    assert '<td>home</td><td class="n">3%</td>' in text
