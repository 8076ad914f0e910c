"""The command `target`: how much of a lever is enough for a goal."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from sufficiency.cli import completing
from sufficiency.cli.commands import app, check_years
from sufficiency.cli.failing import answering
from sufficiency.cli.options import Jobs, Quiet, ScenarioName, Seed, Years
from sufficiency.cli.places import check_folder, new_folder
from sufficiency.cli.terminal import progress, show, shown

if TYPE_CHECKING:
    from sufficiency.report.sheet import Sheet
    from sufficiency.scenario import Study
    from sufficiency.targets import Target

TABLE, PAGE = "target.csv", "target.html"
NONE_MEETS_IT = 1


@app.command(
    short_help="Find the least of a lever that is enough for a goal.",
    epilog="Example: sufficiency target camden --lever fostering.recruitment.number"
    ' --from 0 --to 40 --goal "unmet_need[kind=foster] <= 8 by 2029-03-31"',
)
@answering
def target(
    scenario: ScenarioName,
    lever: Annotated[
        str,
        typer.Option(
            metavar="PATH",
            help="A number of the scenario: what may be changed.",
            autocompletion=completing.levers,
        ),
    ],
    from_: Annotated[float, typer.Option("--from", metavar="A", help="Lowest value to try.")],
    to: Annotated[float, typer.Option("--to", metavar="B", help="Highest value to try.")],
    goal: Annotated[
        str,
        typer.Option(
            metavar="GOAL",
            help='"MEASURE[group] >= X by DATE", or "... in 2028-29"; with >=, <=, > or <.',
            autocompletion=completing.measures,
        ),
    ],
    confidence: Annotated[
        float,
        typer.Option(
            metavar="SHARE", help="Share of futures that must meet the goal, from 0 to 1."
        ),
    ] = 0.8,
    step: Annotated[
        float | None,
        typer.Option(
            metavar="NUMBER",
            help="From one value to the next [1 of whole numbers, else a fortieth].",
        ),
    ] = None,
    option: Annotated[
        str,
        typer.Option(
            metavar="NAME",
            help="Apply this option first [the baseline].",
            autocompletion=completing.options,
        ),
    ] = "",
    replications: Annotated[
        int | None,
        typer.Option(
            "--replications",
            "-n",
            min=1,
            metavar="N",
            help="Futures of each value tried [as the scenario says].",
        ),
    ] = None,
    years: Years = None,
    seed: Seed = None,
    jobs: Jobs = None,
    out: Annotated[
        Path | None,
        typer.Option(
            metavar="FOLDER", help="Where the results go [outputs/NAME-target/DATE-TIME]."
        ),
    ] = None,
    quiet: Quiet = False,
) -> None:
    """Find how much is enough: the least of a lever that meets a goal.

    With the curve of what each value does. Ends with status 1 if no value meets the goal.
    """
    from sufficiency.answer.target_page import screen
    from sufficiency.replication import MODEL
    from sufficiency.scenario_file import load
    from sufficiency.targets import find

    study = load(scenario, measures=MODEL.definitions)
    folder = out or new_folder(study.scenario.name, "target")
    check_years(years)
    check_folder(folder)
    for warning in study.warnings:
        typer.echo(shown(f"warning: {warning}"), err=True)
    with progress(quiet=quiet) as tell:
        found = find(
            study,
            lever,
            from_,
            to,
            goal,
            confidence,
            step=step,
            option=option,
            replications=replications,
            seed=seed,
            years=years,
            jobs=jobs,
            progress=tell,
        )
    _write(found, study, folder, seed)
    if quiet:
        typer.echo(str(folder))
    else:
        show(screen(found, {"page": folder / PAGE, "table": folder / TABLE}))
    if found.verdict == "none":
        raise typer.Exit(NONE_MEETS_IT)


def _write(found: Target, study: Study, folder: Path, seed: int | None) -> None:
    """The table, what `report --with` reads, and the page."""
    from sufficiency.report.findings import keep
    from sufficiency.report.sheet import write_sheet
    from sufficiency.results.files import writable, write_csv
    from sufficiency.targets.table import table

    with writable(folder):
        folder.mkdir(parents=True, exist_ok=True)
        write_csv(folder / TABLE, table(found))
    keep(found, study, folder, option=found.lever.option, seed=seed)
    write_sheet(_sheet(found), folder / PAGE)


def _sheet(found: Target) -> Sheet:
    """The page."""
    from sufficiency.answer.target_page import answer_words, goal_words, parts, title
    from sufficiency.charts.dose_response import dose_response
    from sufficiency.report.sheet import Section, Sheet, SheetTable

    chart = dose_response(found)
    sections = tuple(
        Section(
            part.heading,
            part.paragraphs,
            charts=(chart,) if place == 0 else (),
            tables=tuple(SheetTable(*table) for table in part.tables),
        )
        for place, part in enumerate(parts(found))
    )
    return Sheet(
        kind="Target",
        title=title(found),
        subtitle=f"{found.name}: {found.goal.text}",
        lead=(goal_words(found), *answer_words(found)),
        sections=sections,
        note="Made by sufficiency target.",
    )
