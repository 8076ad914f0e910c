"""The command `synthesise`: a simulated history written as yearly SSDA903 files."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from sufficiency.cli.commands import app
from sufficiency.cli.failing import answering
from sufficiency.cli.options import LARGEST_SEED, LONGEST_YEARS, Quiet, ScenarioName
from sufficiency.cli.terminal import shown

if TYPE_CHECKING:
    from sufficiency.synthesis import Synthetic

LARGEST_AUTHORITY = 20_000
"""Children in care of the largest authority; a test compares it with the package's."""


class LayoutName(StrEnum):
    """How the files lie in the folder."""

    FOLDERS = "folders"
    FLAT = "flat"
    COUNTS = "counts"


@app.command(epilog="Example: sufficiency synthesise england --years 6 --to my-return")
@answering
def synthesise(
    scenario: ScenarioName,
    years: Annotated[
        int, typer.Option(min=1, max=LONGEST_YEARS, metavar="N", help="Years of the return.")
    ],
    to: Annotated[Path, typer.Option(metavar="FOLDER", help="Folder to write, new or empty.")],
    seed: Annotated[
        int | None,
        typer.Option(
            min=0, max=LARGEST_SEED, metavar="N", help="Seed of the luck [as the scenario says]."
        ),
    ] = None,
    children: Annotated[
        int | None,
        typer.Option(
            min=1,
            max=LARGEST_AUTHORITY,
            metavar="N",
            help="Children in care at first; all that goes with them is scaled"
            " [as the scenario says].",
        ),
    ] = None,
    layout: Annotated[
        LayoutName,
        typer.Option(
            metavar="folders|flat|counts",
            help="folders: 2023-24/episodes.csv; flat: episodes_2023-24.csv; counts: no return, but"
            " counts.csv and stock.csv.",
            show_default=True,
        ),
    ] = LayoutName.FOLDERS,
    quiet: Quiet = False,
) -> None:
    """Make up an SSDA903 return (or counts) from a simulated history.

    The years end on the last 31 March before the scenario's first day; its dated changes move with
    them, its options are left out. Nothing in it is about a real child.
    """
    from sufficiency.replication import MODEL
    from sufficiency.scenario_file import load
    from sufficiency.ssda903.writing import check_empty
    from sufficiency.synthesis import save
    from sufficiency.synthesis import synthesise as synthesised
    from sufficiency.synthesis.counts import save_counts

    check_empty(to)  # before anything is simulated
    study = load(scenario, measures=MODEL.definitions)
    for warning in study.warnings:
        typer.echo(shown(f"warning: {warning}"), err=True)
    made = synthesised(study, years, children=children, seed=seed)
    if layout is LayoutName.COUNTS:
        save_counts(made, to)
    else:
        save(made, to, layout="flat" if layout is LayoutName.FLAT else "folders")
    typer.echo(f"{to}" if quiet else shown(_told(made, to, layout)))


def _told(made: Synthetic, to: Path, layout: LayoutName) -> str:
    """What was written, and that it is made up."""
    returned, care = made.returned, made.care
    there = int((care["entered"].dt.date < returned.first).sum())
    if layout is LayoutName.COUNTS:
        return (
            f"{made.scenario.name}: made-up counts, {returned.first:%d %B %Y} to"
            f" {returned.last:%d %B %Y}\n"
            "  counts.csv: entries and exits by month, stream and age\n"
            "  stock.csv: children in care on each 31 March\n"
            f"Nothing in it is about a real child.\nfolder: {to}"
        )
    return (
        f"{made.scenario.name}: a made-up SSDA903 return, {returned.first:%d %B %Y} to"
        f" {returned.last:%d %B %Y}\n"
        f"  {len(care):,} children in care at some time, {there:,} of them on the first day\n"
        f"  {made.short_breaks} more children with short breaks only\n"
        f"  {len(returned.episodes):,} episodes, {len(returned.years)} years\n"
        f"Nothing in it is about a real child; README.txt there says what is made up.\n"
        f"folder: {to}"
    )
