"""The command `pressure`: the budget monitor of a run."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from sufficiency.cli import completing
from sufficiency.cli.commands import app
from sufficiency.cli.failing import answering
from sufficiency.cli.options import Run, Verdict
from sufficiency.cli.places import check_table
from sufficiency.cli.publishing import Publish, protected
from sufficiency.cli.terminal import show, shown


@app.command(epilog="Example: sufficiency pressure outputs/camden/20260401-120000")
@answering
def pressure(
    run: Run,
    since: Annotated[
        Path | None,
        typer.Option(
            metavar="RUN",
            help="An earlier run: what has moved since, and why.",
            autocompletion=completing.finished_runs,
        ),
    ] = None,
    option: Annotated[
        str,
        typer.Option(
            metavar="NAME",
            help="An option of the run [the baseline].",
            autocompletion=completing.options,
        ),
    ] = "",
    out: Annotated[
        Path | None,
        typer.Option(metavar="FILE.csv", help="Write everything there, exact, as CSV."),
    ] = None,
    publish: Publish = False,
    quiet: Verdict = False,
) -> None:
    """Show what a run costs, year by year: the budget monitor.

    Net cost against the budget, why it changes, what drives it, what options save, and what has
    moved since an earlier run.
    """
    from sufficiency.answer.monitor_screen import monitor, monitor_sentence
    from sufficiency.answer.screens import Files, Gap, Screen
    from sufficiency.comparison.monitoring import all_rows, monitored
    from sufficiency.results import load
    from sufficiency.results.files import writable, write_csv

    if out is not None:
        check_table(out, run, *([since] if since else []))
    made = [load(folder) for folder in (run, since) if folder]
    made = protected(made) if publish else made
    found = monitored(made[0], option, made[1] if since else None)
    if out is not None:
        with writable(out):
            write_csv(out, all_rows(found))
    if quiet:
        typer.echo(shown(monitor_sentence(found)))
    else:
        written = (Gap(), Files({"everything": out})) if out else ()
        show(Screen((*monitor(found).blocks, *written)))
