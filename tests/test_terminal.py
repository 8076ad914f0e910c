"""What commands print fits: folded and never cut, on a terminal and in a file."""

from __future__ import annotations

import io
import os
import re
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from typer.testing import CliRunner, Result

from sufficiency.answer.fitting import display_width, folded
from sufficiency.answer.screens import (
    Column,
    Files,
    Gap,
    Heading,
    Paragraph,
    Row,
    Screen,
    Table,
    columns,
    plain,
)
from sufficiency.cli import app
from sufficiency.cli.terminal import NEAREST, ready_streams, show

LONG = "an_option_with_a_name_that_is_far_too_long_for_one_line_of_a_terminal_of_any_kind"
AWKWARD = f"""\
extends: camden
name: "St-Mary-under-Lyne-and-the-Isles-of-Beyond \\u001b[2J 東京都千代田区霞が関一丁目"
years: 1
replications: 2
options:
  {LONG}:
    description: Long.
    set: {{fostering.recruitment.number: 5}}
"""
ANSI = re.compile(r"\x1b\[[0-9;?]*[a-zA-Z]")


def call(*words: object) -> Result:
    return CliRunner().invoke(app, [str(word) for word in words], catch_exceptions=False)


class Terminal(io.TextIOWrapper):
    """A terminal of some encoding that remembers what it was sent."""

    def __init__(self, encoding: str = "utf-8", errors: str = "strict") -> None:
        super().__init__(io.BytesIO(), encoding=encoding, errors=errors, newline="")

    def isatty(self) -> bool:
        return True

    def text(self) -> str:
        self.flush()
        data = self.buffer.getvalue()
        return str(data.decode(self.encoding))


Shown = Callable[..., str]


@pytest.fixture
def shown(monkeypatch: pytest.MonkeyPatch) -> Shown:
    """What a terminal of so many columns is sent."""
    for name in ("NO_COLOR", "FORCE_COLOR", "TTY_COMPATIBLE", "TTY_INTERACTIVE"):
        monkeypatch.delenv(name, raising=False)

    def on_terminal(screen: Screen, width: int = 80, encoding: str = "utf-8", **env: str) -> str:
        for name, value in {"TERM": "xterm", **env, "COLUMNS": str(width)}.items():
            monkeypatch.setenv(name, value)
        terminal = Terminal(encoding)
        monkeypatch.setattr(sys, "stdout", terminal)
        show(screen)
        monkeypatch.undo()
        return terminal.text()

    return on_terminal


def widest(text: str) -> int:
    return max(display_width(line) for line in ANSI.sub("", text).splitlines())


def table(rows: Sequence[Sequence[str]], *heads: str) -> Screen:
    made = tuple(Row(tuple(cells)) for cells in rows)
    return Screen((Table(columns(*heads), made),))


# --- folding ------------------------------------------------------------------------------------


def test_words_are_folded_at_spaces_and_long_ones_after_a_full_stop_first() -> None:
    assert folded("one two three", 7) == ["one two", "three"]
    assert folded("fostering.recruitment.number", 14) == ["fostering.", "recruitment.", "number"]
    assert folded("recruit_20_carers", 11) == ["recruit_20_", "carers"]
    assert folded("abcdefgh", 3) == ["abc", "def", "gh"]
    assert folded("  indented text", 12) == ["  indented", "  text"]
    assert folded("", 5) == [""]


def test_wide_characters_count_twice() -> None:
    assert folded("東京都千代田区", 6) == ["東京都", "千代田", "区"]
    lines = plain(table([["東京", "1"], ["ab", "22"]], "n")).splitlines()
    assert lines == ["       n", "東京   1", "ab    22"]


AWKWARD_TEXT = st.text(
    st.sampled_from("abcdefghij  .,_-/;=東£“”?0123456789\N{NO-BREAK SPACE}"), max_size=60
)


@given(
    rows=st.lists(st.lists(AWKWARD_TEXT, min_size=4, max_size=4), min_size=1, max_size=4),
    heads=st.lists(AWKWARD_TEXT, min_size=4, max_size=4),
    words=st.sets(st.integers(0, 3)),
    width=st.integers(60, 100),
)
@settings(max_examples=60, deadline=None)
def test_no_text_of_a_table_is_cut_and_none_of_its_words_makes_a_line_too_wide(
    rows: list[list[str]], heads: list[str], words: set[int], width: int
) -> None:
    """All letters of all cells are there; numbers longer than a screen cannot be in a table."""
    rows = [[cell if place in words else cell[:12] for place, cell in enumerate(r)] for r in rows]
    heads = [head[:20] for head in heads]
    made = tuple(Column(head, "left" if p in words else "right") for p, head in enumerate(heads))
    said = plain(Screen((Table(made, tuple(Row(tuple(cells)) for cells in rows)),)), width)
    assert all(display_width(line) <= width for line in said.splitlines())
    spaces = re.compile(r"[\s\N{NO-BREAK SPACE}]")
    for cell in (*heads, *(cell for row in rows for cell in row)):
        for letter in set(spaces.sub("", cell)):
            assert said.count(letter) >= spaces.sub("", cell).count(letter)
    assert "…" not in said


def test_a_table_of_numbers_that_is_too_wide_goes_on_below_with_its_labels() -> None:
    years = [f"20{n}-{n + 1}" for n in range(25, 35)]
    said = plain(table([["cost", *(f"{n}.00" for n in range(10))]], *years), 60)
    first, second = said.split("\n\n")
    assert first.split() == [*years[:5], "cost", "0.00", "1.00", "2.00", "3.00", "4.00"]
    assert second.split() == [*years[5:], "cost", "5.00", "6.00", "7.00", "8.00", "9.00"]


def test_a_table_with_words_stays_one_table() -> None:
    heads = (Column("what", "left"), Column("published"), Column("verdict", "left"))
    row = Row(("children in care on the last day", "1,000", "not informative; outside its range"))
    said = plain(Screen((Table(heads, (row,)),)), 40)
    assert said.splitlines()[0].split() == ["what", "published", "verdict"]
    assert widest(said) <= 40


def test_plain_text_has_one_empty_line_before_a_heading_and_no_path_is_folded() -> None:
    path = "/a" * 60
    blocks = (Heading("ONE"), Paragraph("a"), Gap(), Gap(), Heading("TWO"), Files({"page": path}))
    assert plain(Screen(blocks)) == f"ONE\na\n\nTWO\npage: {path}"


def test_notes_stand_below_their_row_and_names_above_their_rows() -> None:
    rows = (Row(("Plan",)), Row(("  average", "1"), ("  a note",)), Row(("  range", "2 to 3")))
    said = plain(Screen((Table(columns("change"), rows),)))
    assert said.splitlines() == [
        "           change", "Plan", "  average       1", "  a note", "  range    2 to 3",
    ]  # fmt: skip


# --- terminals ----------------------------------------------------------------------------------

SOME = Screen(
    (
        Paragraph("St-Mary-under-Lyne-and-the-Isles-of-Beyond, 2 futures"),
        Heading("WHAT EACH OPTION CHANGES"),
        Table(
            columns("average", "95 futures in 100", "paid back by", text=(2,)),
            (
                Row((LONG,)),
                Row(("  average", "\N{MINUS SIGN}8.2?", "-15 to -3", "not in the run"), (LONG,)),
            ),
        ),
        Gap(),
        Files({"report": "outputs/report.html"}),
    )
)


@pytest.mark.parametrize(("columns_", "used"), [(40, 60), (60, 60), (80, 80), (300, 100)])
def test_a_terminal_is_used_from_60_to_100_columns(shown: Shown, columns_: int, used: int) -> None:
    long = Screen((*SOME.blocks, Paragraph("word " * 100)))
    assert used - 5 < widest(shown(long, columns_)) <= used


def test_a_terminal_shows_the_words_of_the_plain_text_with_bold_headings(shown: Shown) -> None:
    said = shown(SOME, 80)
    assert "\x1b[1mWHAT EACH OPTION CHANGES\x1b[0m" in said
    assert "───" in said
    words = ANSI.sub("", said).replace("─", "").split()
    assert words == plain(SOME).split()
    assert "-8.2?" in words


def test_a_dumb_terminal_and_no_color_are_respected(shown: Shown) -> None:
    assert "\x1b" not in shown(SOME, TERM="dumb")
    assert not re.search(r"\x1b\[[0-9;]*3[0-7]", shown(SOME, NO_COLOR="1"))


@pytest.mark.parametrize("encoding", ["ascii", "cp1252", "cp437", "latin-1"])
def test_a_console_that_knows_few_characters_shows_the_nearest(shown: Shown, encoding: str) -> None:
    said = shown(Screen((Paragraph("“\N{MINUS SIGN}£1” ± ∞ é 東 …"), *SOME.blocks)), 60, encoding)
    assert widest(said) <= 60
    assert "? " in said
    if encoding == "ascii":
        assert '"-GBP 1" +/- infinity e ? ...' in said


def test_standard_streams_write_the_nearest_character_too(monkeypatch: pytest.MonkeyPatch) -> None:
    console = Terminal("cp1252")
    monkeypatch.setattr(sys, "stdout", console)
    monkeypatch.setattr(sys, "stderr", Terminal("ascii"))
    monkeypatch.delenv("PYTHONIOENCODING", raising=False)
    ready_streams()
    sys.stdout.write("£5 → “東”")
    sys.stderr.write("\N{MINUS SIGN}é")
    said, wrong = sys.stdout.text(), sys.stderr.text()
    monkeypatch.undo()
    assert (said, wrong) == ("£5 -> “?”", "-e")
    assert console.errors == NEAREST


def test_what_goes_into_a_file_is_utf_8(monkeypatch: pytest.MonkeyPatch) -> None:
    piped = io.TextIOWrapper(io.BytesIO(), encoding="cp1252")
    monkeypatch.setattr(sys, "stdout", piped)
    monkeypatch.delenv("PYTHONIOENCODING", raising=False)
    ready_streams()
    monkeypatch.undo()
    assert piped.encoding == "utf-8"


# --- commands -----------------------------------------------------------------------------------


@pytest.mark.parametrize("command", ["check", "changes"])
def test_a_scenario_with_awkward_names_fits_80_columns_and_is_not_cut(
    tmp_path: Path, command: str
) -> None:
    (tmp_path / "s.yaml").write_text(AWKWARD, encoding="utf-8")
    said = call(command, tmp_path / "s.yaml").stdout
    text = [line for line in said.splitlines() if "\t" not in line]
    paths = [line for line in text if str(tmp_path) in line]
    assert max(display_width(line) for line in text if line not in paths) <= 80
    assert "\x1b" not in said
    if command == "changes":
        assert LONG in "".join(said.split())
        assert "東京都千代田区霞が関一丁目" in said


@pytest.mark.parametrize(
    ("words", "line"),
    [
        (("check", "camden"), r"\d+ assumptions, \d+ of them without a source; \d+ warnings?\n"),
        (("changes", "england"), r".*england.yaml extends no other file; 0 options\n"),
        (("changes", "camden"), r".*changes from .*england.yaml: \d+ settings; \d+ options\n"),
        (("new", "St Helens"), r"st_helens.yaml\n"),
    ],
)
def test_quiet_prints_one_line(
    words: tuple[str, ...], line: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert re.fullmatch(line, call(*words, "--quiet").stdout)


def test_every_command_that_prints_more_than_paths_can_be_quiet() -> None:
    from typer.main import get_command

    commands = get_command(app).commands
    quiet = {
        name
        for name, command in commands.items()
        if any("--quiet" in param.opts and "-q" in param.opts for param in command.params)
    }
    assert set(commands) - quiet == {"schema"}


# --- the whole, on a pseudo-terminal ------------------------------------------------------------


def on_pty(width: int, *words: object, **env: str) -> str:
    """What a command sends to a real terminal of so many columns."""
    import fcntl
    import pty
    import struct
    import termios

    master, slave = pty.openpty()
    fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", 50, width, 0, 0))
    own = {k: v for k, v in os.environ.items() if k not in ("COLUMNS", "NO_COLOR", "FORCE_COLOR")}
    process = subprocess.Popen(
        [sys.executable, "-m", "sufficiency", *map(str, words)],
        stdin=slave, stdout=slave, stderr=subprocess.DEVNULL, env={**own, "TERM": "xterm", **env},
    )  # fmt: skip
    os.close(slave)
    sent = b""
    while True:
        try:
            some = os.read(master, 65536)
        except OSError:  # the other end is closed
            break
        if not some:
            break
        sent += some
    os.close(master)
    assert process.wait() in (0, 1)
    return sent.decode().replace("\r\n", "\n")


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no pseudo-terminals of this kind")
def test_every_command_about_a_run_fits_a_terminal_of_60_and_of_100_columns(tmp_path: Path) -> None:
    (tmp_path / "s.yaml").write_text(AWKWARD, encoding="utf-8")
    run = tmp_path / "r"
    told = on_pty(60, "run", tmp_path / "s.yaml", "--details", "--jobs", 1, "--out", run)
    assert "NEED AGAINST PLACES" in told
    quick: list[tuple[object, ...]] = [
        ("pressure", run, "--option", LONG),
        ("compare", run, run),
        ("check", tmp_path / "s.yaml"),
        ("changes", tmp_path / "s.yaml"),
    ]
    slow: list[tuple[object, ...]] = [
        ("verify", tmp_path / "s.yaml", "-n", 10, "--jobs", 1),
        ("target", tmp_path / "s.yaml", "--lever", "fostering.recruitment.number", "--from", 0,
         "--to", 2, "--goal", "unmet_need <= 90 by 2026-03-31", "-n", 2, "--jobs", 1,
         "--out", tmp_path / "target"),
    ]  # fmt: skip
    screens = [(60, told)]
    screens += [(60, on_pty(60, *words)) for words in (*quick, *slow)]
    screens += [(100, on_pty(100, *words)) for words in quick]
    for width, said in screens:
        lines = [line for line in ANSI.sub("", said).splitlines() if str(tmp_path) not in line]
        assert max(map(display_width, lines)) <= width, said
        assert "\x1b[2J" not in said
        assert "\x1b[1m" in said
