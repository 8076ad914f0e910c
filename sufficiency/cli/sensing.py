"""The command `sensitivity`: which assumptions a number hangs on."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from sufficiency.cli import completing
from sufficiency.cli.commands import app, check_years
from sufficiency.cli.failing import answering, fail
from sufficiency.cli.options import (
    Jobs,
    Quiet,
    Replications,
    ScenarioName,
    Seed,
    Years,
)
from sufficiency.cli.places import check_folder, new_folder
from sufficiency.cli.terminal import progress, show, shown
from sufficiency.errors import SufficiencyError

if TYPE_CHECKING:
    from sufficiency.scenario import Study
    from sufficiency.sensitivity.analysing import Sensitivity
    from sufficiency.sensitivity.asked import Asked

PAGE, TABLE = "sensitivity.html", "sensitivity.csv"
FEWEST = 8
"""Futures from which ignorance can be told from chance: four pairs."""


@app.command(
    epilog="Example: sufficiency sensitivity camden --measure net_cost --option recruit_20_carers"
)
@answering
def sensitivity(
    scenario: ScenarioName,
    measure: Annotated[
        str,
        typer.Option(
            metavar="M",
            help="MEASURE[GROUP] by DATE, or in YEAR; without them the whole run.",
            autocompletion=completing.measures,
        ),
    ] = "net_cost",
    option: Annotated[
        str,
        typer.Option(
            metavar="NAME",
            help="Ask about this option less the baseline [the baseline itself].",
            autocompletion=completing.options,
        ),
    ] = "",
    replications: Replications = None,
    futures: Annotated[
        int,
        typer.Option(min=2, metavar="N", help="Futures at each end of the leading assumptions."),
    ] = 40,
    top: Annotated[int, typer.Option(min=1, metavar="N", help="Assumptions shown.")] = 15,
    years: Years = None,
    seed: Seed = None,
    jobs: Jobs = None,
    out: Annotated[
        Path | None,
        typer.Option(
            metavar="FOLDER", help="Where the results go [outputs/NAME-sensitivity/DATE-TIME]."
        ),
    ] = None,
    quiet: Quiet = False,
) -> None:
    """Find out which assumptions the answer hangs on.

    Each uncertain value at its low and its high end, in the same futures; and how much of the range
    is ignorance and how much is chance.
    """
    from sufficiency.answer.sensitivity_screen import screen
    from sufficiency.replication import MODEL
    from sufficiency.results import Interrupted
    from sufficiency.scenario_file import load
    from sufficiency.sensitivity.analysing import analyse

    check_years(years)
    if replications is not None and replications < FEWEST:
        raise SufficiencyError(f"--replications must be {FEWEST} or more, not {replications}")
    study = load(scenario, measures=MODEL.definitions)
    asked = _asked(study, measure, option, years)
    folder = out or new_folder(study.scenario.name, "sensitivity")
    check_folder(folder)
    for warning in study.warnings:
        typer.echo(shown(f"warning: {warning}"), err=True)
    try:
        with progress(quiet=quiet) as tell:
            found = analyse(
                study,
                asked,
                option,
                replications=replications,
                futures=futures,
                seed=seed,
                years=years,
                jobs=jobs,
                progress=tell,
            )
    except Interrupted as stopped:
        fail("interrupted; nothing was kept", stopped.exit_code)
    _write(found, study, folder, top)
    if quiet:
        typer.echo(str(folder))
    else:
        show(screen(found, {"page": folder / PAGE, "table": folder / TABLE}, top))


def _asked(study: Study, measure: str, option: str, years: float | None) -> Asked:
    """What is asked, or one message with every mistake in it."""
    from sufficiency.periods import calendar
    from sufficiency.replication import MODEL
    from sufficiency.sensitivity.analysing import check_option
    from sufficiency.sensitivity.asked import read_asked

    start, length = study.scenario.start, years or study.scenario.years
    wrong, asked = [], None
    try:
        check_option(study, option)
    except SufficiencyError as error:
        wrong.append(str(error))
    try:
        asked = read_asked(measure, MODEL.definitions, calendar(start, length))
    except SufficiencyError as error:
        wrong.append(str(error))
    if asked is None or wrong:
        raise SufficiencyError("\n".join(wrong))
    return asked


def _write(found: Sensitivity, study: Study, folder: Path, top: int) -> None:
    """The page, the table, and what `report --with` reads."""
    import pandas as pd

    from sufficiency.answer.sensitivity_page import COLUMNS, records
    from sufficiency.report.findings import keep
    from sufficiency.results.files import writable, write_csv

    with writable(folder):
        folder.mkdir(parents=True, exist_ok=True)
        write_csv(folder / TABLE, pd.DataFrame(records(found), columns=list(COLUMNS)))
    keep(found, study, folder, option=found.option)
    _write_page(found, folder / PAGE, top)


def _write_page(found: Sensitivity, path: Path, top: int) -> None:
    from sufficiency.answer.sensitivity_page import CHART, lead, made, parts, subject
    from sufficiency.answer.words import capital
    from sufficiency.charts.tornado import tornado_chart
    from sufficiency.report.sheet import Section, Sheet, SheetTable, write_sheet

    chart = tornado_chart(found, found.name, top)
    sections = tuple(
        Section(
            part.heading,
            part.paragraphs,
            charts=(chart,) if chart and CHART in part.charts else (),
            tables=tuple(SheetTable(*table) for table in part.tables),
        )
        for part in parts(found, top)
    )
    sheet = Sheet(
        kind="Sensitivity",
        title=f"What the answer hangs on: {found.name}",
        subtitle=capital(subject(found)),
        lead=lead(found),
        sections=sections,
        note=made(found),
    )
    write_sheet(sheet, path)
