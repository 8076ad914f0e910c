"""What comes out of folders and zips, and what is refused before it is read."""

from __future__ import annotations

import os
import stat
import zipfile
from pathlib import Path

import pytest

from sufficiency.errors import SufficiencyError
from sufficiency.ssda903 import files, parsing
from sufficiency.ssda903.sources import RawTable, read_tables

TABLE = "CHILD,DECOM\n1,01/04/2020\n"


def a_zip(path: Path, **members: str | bytes) -> Path:
    """A zip of members, whose names have `__` for a slash and no extension but .csv."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members.items():
            archive.writestr(name.replace("__", "/") + ".csv", data)
    return path


def refused(path: Path) -> str:
    with pytest.raises(SufficiencyError) as caught:
        read_tables(path)
    return str(caught.value)


def the_table(tmp_path: Path, data: str | bytes) -> RawTable:
    file = tmp_path / "one.csv"
    file.write_bytes(data.encode() if isinstance(data, str) else data)
    (table,) = read_tables(tmp_path).tables
    return table


def cells(table: RawTable) -> list[list[str]]:
    return table.frame.to_numpy().tolist()


def test_a_folder_is_read_with_the_folders_in_it_whatever_the_case_of_csv(tmp_path: Path) -> None:
    for name in ("a.csv", "2020/b.CSV", "2020/deep/er/c.Csv"):
        file = tmp_path / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(TABLE)
    found = read_tables(tmp_path)
    assert [t.file for t in found.tables] == ["2020/b.CSV", "2020/deep/er/c.Csv", "a.csv"]
    assert found.findings == ()


def test_a_zip_is_read_as_the_folder_it_was_made_of(tmp_path: Path) -> None:
    path = a_zip(tmp_path / "return.zip", header=TABLE, **{"2021__episodes": TABLE})
    assert [t.file for t in read_tables(path).tables] == ["2021/episodes.csv", "header.csv"]


def test_a_single_csv_file_is_read(tmp_path: Path) -> None:
    (tmp_path / "counts.csv").write_text("month,entries\n2024-01,5\n")
    (table,) = read_tables(tmp_path / "counts.csv").tables
    assert (table.file, table.columns) == ("counts.csv", ("month", "entries"))


def test_other_files_are_not_opened_but_named(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text(TABLE)
    (tmp_path / "read me.txt").write_text("hello")
    (tmp_path / "book.xlsx").write_bytes(b"PK\x03\x04")
    (finding,) = read_tables(tmp_path).findings
    assert (finding.rule, finding.count) == ("not_csv", 2)
    assert "book.xlsx, read me.txt" in finding.text


def test_what_programs_leave_behind_is_passed_over(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text(TABLE)
    for name in ("~$a.csv", "._a.csv", "__MACOSX/._a.csv"):
        file = tmp_path / name
        file.parent.mkdir(exist_ok=True)
        file.write_bytes(b"\x00\x01binary")
    found = read_tables(tmp_path)
    assert ([t.file for t in found.tables], found.findings) == (["a.csv"], ())


def test_every_reason_to_refuse_is_told_at_once(tmp_path: Path) -> None:
    (tmp_path / "one.csv").write_bytes(b"CHILD,DECOM\n\x00\x01\x02")
    (tmp_path / "two.csv").write_text('CHILD,DECOM\n1,"never closed\n2,3\n')
    (tmp_path / "three.csv").write_text("only one column\n1\n")
    text = refused(tmp_path)
    assert "one.csv: not CSV: it holds bytes that no text has" in text
    assert "two.csv: not CSV: a quotation mark is misplaced or open, in row 2 or after" in text
    assert "three.csv: not a table: its first line has one column only" in text
    assert "never closed" not in text


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("../outside.csv", "points out of the zip"),
        ("2020/../../outside.csv", "points out of the zip"),
        ("/etc/outside.csv", "points out of the zip"),
        ("C:\\outside.csv", "points out of the zip"),
        ("..\\outside.csv", "points out of the zip"),
        ("2020/more.zip", "a zip within the zip"),
    ],
)
def test_zips_with_names_that_lead_elsewhere_are_refused(
    tmp_path: Path, name: str, reason: str
) -> None:
    path = tmp_path / "return.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("fine.csv", TABLE)
        archive.writestr(zipfile.ZipInfo(name), TABLE)
    assert reason in refused(path)


def test_a_link_in_a_zip_is_refused(tmp_path: Path) -> None:
    link = zipfile.ZipInfo("a.csv")
    link.external_attr = (stat.S_IFLNK | 0o777) << 16
    with zipfile.ZipFile(tmp_path / "return.zip", "w") as archive:
        archive.writestr(link, "/etc/passwd")
    assert "a.csv: a link" in refused(tmp_path / "return.zip")


def test_links_out_of_a_folder_are_refused_and_links_within_it_are_not_read_twice(
    tmp_path: Path,
) -> None:
    inside, outside = tmp_path / "return", tmp_path / "elsewhere"
    inside.mkdir()
    outside.mkdir()
    (inside / "a.csv").write_text(TABLE)
    (inside / "again.csv").symlink_to(inside / "a.csv")
    (inside / "round").symlink_to(inside)
    assert [t.file for t in read_tables(inside).tables] == ["a.csv"]
    (outside / "b.csv").write_text(TABLE)
    (inside / "b.csv").symlink_to(outside / "b.csv")
    (inside / "folder").symlink_to(outside)
    text = refused(inside)
    assert "b.csv: a link that leads out of the folder" in text
    assert "folder: a link that leads out of the folder" in text


def test_a_zip_that_grows_without_measure_is_refused_unread(tmp_path: Path) -> None:
    path = a_zip(tmp_path / "bomb.zip", episodes=b"1,2\n" * 2_000_000)
    assert path.stat().st_size < 100_000
    assert "episodes.csv: grows to more than 100 times its size" in refused(path)


def test_a_zip_that_states_a_false_size_is_refused(tmp_path: Path) -> None:
    path = a_zip(tmp_path / "return.zip", episodes=TABLE * 3)
    data = bytearray(path.read_bytes())
    size = len(TABLE * 3).to_bytes(4, "little")
    data = data.replace(size, (10).to_bytes(4, "little"))
    path.write_bytes(data)
    assert "episodes.csv: damaged" in refused(path)


def test_a_locked_zip_is_refused(tmp_path: Path) -> None:
    path = a_zip(tmp_path / "return.zip", episodes=TABLE)
    data = bytearray(path.read_bytes())
    directory = data.rindex(b"PK\x01\x02")
    data[directory + 8] |= 1
    data[6] |= 1
    path.write_bytes(data)
    assert "episodes.csv: locked with a password" in refused(path)


def test_what_is_no_zip_is_refused(tmp_path: Path) -> None:
    (tmp_path / "return.zip").write_bytes(os.urandom(1000))
    assert "neither a folder nor a zip" in refused(tmp_path / "return.zip")
    assert "no such folder or zip" in refused(tmp_path / "missing")


def test_a_folder_without_csv_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_bytes(b"")
    assert "no CSV file with anything in it" in refused(tmp_path)


def test_too_many_files_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(files, "FILES", 3)
    members = {f"f{n}": TABLE for n in range(4)}
    assert "it holds 4 files, more than 3: too many for a return" in refused(
        a_zip(tmp_path / "return.zip", **members)
    )
    for name in members:
        (tmp_path / f"{name}.csv").write_text(TABLE)
    assert "it holds more than 3 files: too many for a return" in refused(tmp_path)


@pytest.mark.parametrize("again", ["CHILD,DECOM", '"\ufeffchild", Decom ,'])
def test_a_header_among_the_rows_is_told_as_that(tmp_path: Path, again: str) -> None:
    (tmp_path / "one.csv").write_text(f"{TABLE}{again}\n2,02/04/2020\n", encoding="utf-8")
    found = read_tables(tmp_path)
    assert cells(found.tables[0]) == [["1", "01/04/2020"], ["2", "02/04/2020"]]
    assert [(f.rule, f.treatment, f.rows) for f in found.findings] == [
        ("header_again", "left out", (3,))
    ]


def test_too_many_bytes_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with (tmp_path / "large.csv").open("wb") as file:
        file.truncate(files.FILE_BYTES + 1)  # takes no room on the disk
    assert "large.csv: of 64 MiB" in refused(tmp_path)
    (tmp_path / "large.csv").unlink()
    monkeypatch.setattr(files, "TOTAL_BYTES", 2 * len(TABLE) - 1)
    for name in "ab":
        (tmp_path / f"{name}.csv").write_text(TABLE)
    assert "more than 0 MiB" in refused(tmp_path)
    assert "more than 0 MiB" in refused(a_zip(tmp_path / "return.zip", a=TABLE, b=TABLE))


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        ("a,b\n" + "1,2\n" * (parsing.ROWS + 1), "more than 200,000 rows"),
        ("a,b\n" + "," * 10_000 + "\n" + ("," * 19_000 + "\n") * 270, "more than 5,000,000 cells"),
        ("a,b\n" + "x" * 20_001 + ",\n", "a line of more than 20,000 characters"),
        ("a," * 301 + "\n", "more than 300 columns"),
        (b"PK\x03\x04 an Excel workbook", "a zip or an Excel workbook"),
        (b"CHILD,DECOM\n1,\x81\x8d\n", "neither UTF-8, UTF-16 nor Windows-1252"),
        (b"\xff\xfeC", "neither UTF-8, UTF-16 nor Windows-1252"),
        ("CHILD,DECOM\n1,2\n".encode("utf-32"), "neither UTF-8, UTF-16 nor Windows-1252"),
        ("CHILD,DECOM\n1,2\n".encode("utf-16-le"), "bytes that no text has"),
        ('CHILD,DECOM\n1,"a"b"\n', "a quotation mark is misplaced or open, in row 2"),
    ],
)
def test_what_is_no_table_is_refused_with_its_reason(
    tmp_path: Path, data: str | bytes, reason: str
) -> None:
    (tmp_path / "one.csv").write_bytes(data.encode() if isinstance(data, str) else data)
    assert f"one.csv: {reason}" in refused(tmp_path) or reason in refused(tmp_path)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
@pytest.mark.parametrize("separator", [",", ";", "\t"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_encodings_separators_and_line_ends_make_no_difference(
    tmp_path: Path, encoding: str, separator: str, end: str
) -> None:
    lines = [["CHILD", "Place Provider "], ["é1", '"PR1"'], [" 2 ", f'"a{separator}""b"""']]
    text = end.join(separator.join(line) for line in lines) + end
    table = the_table(tmp_path, text.encode(encoding))
    assert table.columns == ("child", "place_provider")
    assert cells(table) == [["é1", "PR1"], ["2", f'a{separator}"b"']]


def test_a_first_line_that_states_the_separator_is_passed_over(tmp_path: Path) -> None:
    table = the_table(tmp_path, "sep=;\nCHILD;DECOM\n1;2\n")
    assert (table.columns, list(table.frame.index)) == (("child", "decom"), [3])


def test_rows_are_numbered_as_a_spreadsheet_numbers_them(tmp_path: Path) -> None:
    table = the_table(tmp_path, "\nCHILD,DECOM\n1,a\n\n , \n2,b\n\n")
    assert list(table.frame.index) == [3, 6]


def test_rows_that_are_too_short_or_too_long_are_found(tmp_path: Path) -> None:
    (tmp_path / "one.csv").write_text("CHILD,DECOM,DEC\n1,a\n2,b,c,\n3,b,c,d\n4,b,c\n")
    found = read_tables(tmp_path)
    assert cells(found.tables[0]) == [["1", "a", ""], ["2", "b", "c"], ["4", "b", "c"]]
    assert [(f.rule, f.treatment, f.rows) for f in found.findings] == [
        ("short_row", "mended", (2,)),
        ("long_row", "left out", (4,)),
    ]


def test_a_quotation_mark_that_swallows_rows_is_found(tmp_path: Path) -> None:
    (tmp_path / "one.csv").write_text('CHILD,DECOM\n1,"a\n2,b\n3,c"\n4,d\n')
    found = read_tables(tmp_path)
    assert [(f.rule, f.rows) for f in found.findings] == [("line_break", (2,))]


def test_columns_that_cannot_be_used_are_told_by_their_letter(tmp_path: Path) -> None:
    (tmp_path / "one.csv").write_text("CHILD,DEC,Dec,,\n1,a,b,c,\n")
    found = read_tables(tmp_path)
    assert cells(found.tables[0]) == [["1", "a"]]
    assert [(f.rule, f.column) for f in found.findings] == [
        ("column_twice", "column C of the spreadsheet"),
        ("column_unnamed", "column D of the spreadsheet"),
    ]


def test_names_of_files_cannot_play_with_the_terminal(tmp_path: Path) -> None:
    (tmp_path / "a\x1b[31m.csv").write_bytes(b"\x00")
    text = refused(tmp_path)
    assert "\x1b" not in text
    assert "a?[31m.csv" in text
