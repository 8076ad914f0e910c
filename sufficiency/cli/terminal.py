"""What a terminal shows beside text: progress, and the assumptions as a table."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING

import typer

if TYPE_CHECKING:
    from sufficiency.scenario_file.describing import AssumptionRow

Progress = Callable[[int, int], None]


def shown(text: str) -> str:
    """A text of anybody's without the characters that a terminal acts on; its lines stay."""
    return "".join(c if c.isprintable() or c == "\n" else " " for c in text)


@contextmanager
def progress(*, quiet: bool) -> Iterator[Progress | None]:
    """A bar on a terminal; elsewhere a line for every tenth."""
    if quiet:
        yield None
    elif not sys.stderr.isatty():
        yield _lines()
    else:
        from rich.console import Console
        from rich.progress import (
            BarColumn,
            MofNCompleteColumn,
            Progress,
            TextColumn,
            TimeRemainingColumn,
        )

        columns = (
            TextColumn("simulating"),
            BarColumn(),
            MofNCompleteColumn(),
            TimeRemainingColumn(),
        )
        with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
            task = bar.add_task("", total=None)
            yield lambda done, total: bar.update(task, completed=done, total=total)


def _lines() -> Progress:
    told = 0

    def tell(done: int, total: int) -> None:
        nonlocal told
        tenths = 10 * done // max(total, 1)
        if tenths > told:
            told = tenths
            typer.echo(f"simulated {done} of {total}", err=True)

    return tell


def print_assumptions(rows: Sequence[AssumptionRow]) -> None:
    """The assumptions log, folded to the width of the terminal."""
    from rich.box import SIMPLE_HEAD
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table(box=SIMPLE_HEAD, pad_edge=False, padding=(0, 1, 0, 0), expand=True)
    for heading, ratio in (("setting", 6), ("value", 5), ("source", 6), ("confidence", 3)):
        table.add_column(heading, ratio=ratio, overflow="fold")
    for row in rows:
        path = row.path if len(row.path) < 22 else row.path.replace(".", ".\n ")
        range_ = f"({row.range})" if row.range else ""
        value = " ".join(part for part in (row.value, range_, row.unit) if part)
        table.add_row(*map(Text, (path, value, row.source, row.confidence)))
    Console(highlight=False).print(table)
