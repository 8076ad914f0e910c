"""The command `backtest`: the whole chain tested on the authority's own past."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NamedTuple

import typer

from sufficiency.cli import completing
from sufficiency.cli.commands import app
from sufficiency.cli.failing import answering, fail
from sufficiency.cli.options import LARGEST_SEED, Jobs, Verdict
from sufficiency.cli.terminal import progress, show, shown

if TYPE_CHECKING:
    from sufficiency.answer.screens import Screen
    from sufficiency.backtest.settings import Settings
    from sufficiency.history.tables import History
    from sufficiency.scenario import Study

PAGE = "backtest.html"
MOST_YEARS = 5
"""Further ahead nothing could be compared in any usual history."""


@app.command(epilog="Example: sufficiency backtest my-return --origins 3")
@answering
def backtest(
    folder: Annotated[
        Path,
        typer.Argument(
            metavar="FOLDER", help="An SSDA903 return (folder or zip of yearly files), or counts."
        ),
    ],
    extends: Annotated[
        str,
        typer.Option(
            metavar="SCENARIO",
            help="Scenario that the calibrated ones extend.",
            autocompletion=completing.scenarios,
        ),
    ] = "england",
    replications: Annotated[
        int,
        typer.Option(
            "--replications", "-n", min=2, metavar="N", help="Futures simulated from each year-end."
        ),
    ] = 60,
    years_ahead: Annotated[
        int,
        typer.Option(min=1, max=MOST_YEARS, metavar="N", help="Years forecast from each year-end."),
    ] = 2,
    origins: Annotated[
        int | None, typer.Option(min=1, metavar="N", help="The last so many year-ends only [all].")
    ] = None,
    seed: Annotated[
        int, typer.Option(min=0, max=LARGEST_SEED, metavar="N", help="Seed of the random numbers.")
    ] = 1,
    jobs: Jobs = None,
    out: Annotated[
        Path | None,
        typer.Option(metavar="FOLDER", help="Where the results go [outputs/backtest/DATE-TIME]."),
    ] = None,
    quiet: Verdict = False,
) -> None:
    """Test calibration, forecast and simulation on the own past.

    From each past year-end, with only what was known then; compared with what happened, with the
    last value carried forward, and with a constant-rate Markov model. Counts alone test the
    forecast alone.
    """
    from sufficiency.backtest.settings import Settings
    from sufficiency.history.reading import read_history
    from sufficiency.replication import MODEL
    from sufficiency.results import Interrupted
    from sufficiency.scenario_file import find, load
    from sufficiency.ssda903.writing import check_empty

    to = out or Path("outputs") / "backtest" / datetime.now().strftime("%Y%m%d-%H%M%S")
    check_empty(to)  # before anything is simulated
    base = load(extends, measures=MODEL.definitions)
    named = str(find(extends).resolve())  # the calibrated scenarios lie elsewhere
    settings = Settings(
        years_ahead=years_ahead, replications=replications, seed=seed, extends=named, jobs=jobs
    )
    history = read_history(folder)
    try:
        if history.care is None:
            told = _of_counts(history, base, settings, to)
        else:
            told = _of_children(history, base, settings, to, origins, quiet=quiet)
    except Interrupted as stopped:
        fail("interrupted; nothing was kept", stopped.exit_code)
    if quiet:
        typer.echo(shown(told.sentence))
    else:
        show(told.screen)


class _Told(NamedTuple):
    sentence: str
    screen: Screen


def _of_children(
    history: History, base: Study, settings: Settings, to: Path, origins: int | None, *, quiet: bool
) -> _Told:
    from sufficiency.answer import backtest_page as words
    from sufficiency.answer.backtest_words import coverage, made, verdict
    from sufficiency.backtest.backtesting import backtest as backtested
    from sufficiency.backtest.tables import write_tables
    from sufficiency.charts.backtest import forecasts_and_what_happened
    from sufficiency.report.sheet import Section, Sheet, SheetTable, write_sheet

    with progress(quiet=quiet) as tell:
        found = backtested(history, base, settings, origins=origins, progress=tell)
    write_tables(found.forecasts, to)
    chart = forecasts_and_what_happened(found, "all year-ends")
    sections = [
        Section(
            part.heading,
            part.paragraphs,
            charts=(chart,) if chart and place == 0 else (),
            tables=tuple(SheetTable(*table) for table in part.tables),
        )
        for place, part in enumerate(words.parts(found))
    ]
    sheet = Sheet(
        kind="Backtest",
        title="What past forecasts would have been worth",
        subtitle=made(found),
        lead=(verdict(found), coverage(found)),
        sections=tuple(sections),
        caution=words.CAUTION,
        note=words.note(found),
    )
    page = write_sheet(sheet, to / PAGE)
    return _Told(verdict(found), words.screen(found, {"page": page}))


def _of_counts(history: History, base: Study, settings: Settings, to: Path) -> _Told:
    from sufficiency.answer import backtest_counts as words
    from sufficiency.backtest.counts_only import forecast_alone
    from sufficiency.report.sheet import Section, Sheet, SheetTable, write_sheet

    made = forecast_alone(history, base, settings)
    table = SheetTable("Scores of every candidate", words.COLUMNS, words.rows_of(made))
    sheet = Sheet(
        kind="Backtest",
        title="What past forecasts of entries would have been worth",
        subtitle=words.ONLY_COUNTS,
        lead=(words.sentence(made),),
        sections=(Section("Candidates", words.why(made), tables=(table,)),),
    )
    page = write_sheet(sheet, to / PAGE)
    return _Told(words.sentence(made), words.screen(made, {"page": page}))
