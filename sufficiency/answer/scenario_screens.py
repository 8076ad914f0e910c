"""A scenario on the screen: its assumptions, and what it changes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from sufficiency.answer.screens import (
    Block,
    Gap,
    Heading,
    Paragraph,
    Row,
    Screen,
    Table,
    columns,
)
from sufficiency.experiment.entries import with_paths
from sufficiency.scenario import Study
from sufficiency.scenario_file.describing import (
    NO_SOURCE,
    AssumptionRow,
    assumption_rows,
    entry_lines,
    steady_state_lines,
)


def assumptions(study: Study) -> Screen:
    """The assumptions with their sources, where they lead, and what does not fit together."""
    rows = assumption_rows(study)
    heads = columns("value", "source", "confidence", label="setting", text=(0, 1, 2))
    return Screen((Table(heads, tuple(map(_row, rows))), Gap(), *about(study)))


def _row(row: AssumptionRow) -> Row:
    range_ = f"({row.range})" if row.range else ""
    value = " ".join(part for part in (row.value, range_, row.unit) if part)
    return Row((row.path, value, row.source, row.confidence))


def about(study: Study) -> Iterator[Block]:
    """Where the rates lead, and what does not fit together."""
    run = with_paths(study)
    entries = entry_lines(run.scenario, of_yearly=run is not study)
    if entries:
        yield Paragraph(" ".join(entries))
    what = "entries were those of the rates" if entries else "nothing changes"
    yield Paragraph(f"In the long run, if {what}:")
    for line in steady_state_lines(study):
        yield Paragraph(line, indent=2, hang=2)
    for warning in study.warnings:
        yield Paragraph(f"warning: {warning}", hang=2)


def assumptions_sentence(study: Study) -> str:
    """How many assumptions there are, and how many of them rest on nothing."""
    rows = assumption_rows(study)
    bare = sum(row.source == NO_SOURCE for row in rows)
    many = len(study.warnings)
    return (
        f"{len(rows):,} assumptions, {bare:,} of them without a source;"
        f" {many:,} warning{'' if many == 1 else 's'}"
    )


def changes_screen(lines: Sequence[str]) -> Screen:
    """What a scenario and its options change.

    Args:
        lines: As `scenario_file.describing.changes_lines`: a heading, then what differs, indented.
    """
    return Screen(tuple(_change(line) for line in lines if line))


def _change(line: str) -> Block:
    if line.startswith(" "):
        return Paragraph(line.strip(), indent=2, hang=2)
    return Heading(line)


def changes_sentence(lines: Sequence[str]) -> str:
    """How much is changed."""
    options = sum(line.startswith("option ") for line in lines)
    own = next((place for place, line in enumerate(lines) if not line), len(lines)) - 1
    first = lines[0].removesuffix(":") if lines else ""
    settings = f": {own} setting{'' if own == 1 else 's'}" if own else ""
    return f"{first}{settings}; {options} option{'' if options == 1 else 's'}"
