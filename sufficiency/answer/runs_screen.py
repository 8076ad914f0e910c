"""Runs side by side on the screen."""

from __future__ import annotations

from collections.abc import Iterator

import pandas as pd

from sufficiency.answer.levels import BASELINE
from sufficiency.answer.screens import (
    Block,
    Gap,
    Paragraph,
    Row,
    Screen,
    Table,
    columns,
    plain,
)
from sufficiency.answer.words import (
    RANGE_OF_DIFFERENCE,
    TYPE_WORDS,
    number,
    signed,
    spread,
    title,
    when,
)

UNMET = "unmet_need"
_ROWS = (
    ("children_in_care", "", "children in care"),
    *(("children_in_care", f"type={type_}", words) for type_, words in TYPE_WORDS.items()),
    ("foster_households", "", "foster households"),
    (UNMET, "", "children without the home planned"),
)


def runs(table: pd.DataFrame) -> Screen:
    """Runs side by side, at the last date that they share.

    Args:
        table: As `comparison.compare_runs` makes it.
    """
    blocks: list[Block] = []
    for (run, against, option), rows in table.groupby(["run", "against", "option"], sort=False):
        blocks += [Gap()] if blocks else []
        blocks.append(Paragraph(f"{run} against {against}: {_which(str(option))}"))
        blocks += _side_by_side(rows)
    return Screen(tuple(blocks))


def runs_text(table: pd.DataFrame) -> str:
    """The same as plain text: 80 columns, no colour, no markup."""
    return plain(runs(table))


def runs_sentences(table: pd.DataFrame) -> Iterator[str]:
    """What differs between runs in one number: children without the home planned."""
    for (run, against, option), rows in table.groupby(["run", "against", "option"], sort=False):
        for row in _at(rows, UNMET, ""):
            range_ = spread(row["low95"], row["high95"])
            yield (
                f"{run} against {against}, {_which(str(option))}: {signed(row['difference'])}"
                f" children without the home planned, {when(_last(rows))}"
                f" ({RANGE_OF_DIFFERENCE}: {range_})"
            )


def _which(option: str) -> str:
    return "nothing is decided" if option == BASELINE else title(option)


def _last(rows: pd.DataFrame) -> str:
    return max((str(p) for p in rows["period"] if len(str(p)) == 10), default="")


def _side_by_side(rows: pd.DataFrame) -> Iterator[Block]:
    if bool(rows["paired"].all()):
        yield Paragraph("The same luck in both: the range is that of the difference.")
    else:
        yield Paragraph(
            "Not the same luck in both: the range is wider than that of the difference."
        )
    heads = columns("before", "this", "change", RANGE_OF_DIFFERENCE, label=when(_last(rows)))
    found = [
        Row((words, *_cells(row)))
        for measure, group, words in _ROWS
        for row in _at(rows, measure, group)
    ]
    yield Table(heads, tuple(row for row in found if set(row.cells[1:]) != {"0"}))


def _at(rows: pd.DataFrame, measure: str, group: str) -> Iterator[pd.Series]:
    """The row of one measure at the last date, if it is there."""
    chosen = (rows["measure"] == measure) & (rows["group"].fillna("") == group)
    for _, row in rows[chosen & (rows["period"] == _last(rows))].iterrows():
        yield row


def _cells(row: pd.Series) -> tuple[str, ...]:
    before, this = number(row["mean_against"]), number(row["mean"])
    return before, this, signed(row["difference"]), spread(row["low95"], row["high95"])
