"""The command `pressure`: the budget monitor of a run."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from sufficiency.cli.commands import app
from sufficiency.cli.failing import answering
from sufficiency.cli.places import check_table


@app.command(epilog="Example: sufficiency pressure outputs/camden/20260401-120000")
@answering
def pressure(
    run: Annotated[Path, typer.Argument(metavar="RUN", help="Folder of a finished run.")],
    since: Annotated[
        Path | None,
        typer.Option(metavar="RUN", help="An earlier run: what has moved since, and why."),
    ] = None,
    option: Annotated[
        str, typer.Option(metavar="NAME", help="An option of the run [the baseline].")
    ] = "",
    out: Annotated[
        Path | None,
        typer.Option(metavar="FILE.csv", help="Write everything there, exact, as CSV."),
    ] = None,
) -> None:
    """Show what a run costs, year by year: the budget monitor.

    Net cost against the budget, why it changes, what drives it, what options save, and what has
    moved since an earlier run.
    """
    from sufficiency.answer.monitor_screen import monitor
    from sufficiency.comparison.monitoring import all_rows, monitored
    from sufficiency.results import load
    from sufficiency.results.files import writable, write_csv

    if out is not None:
        check_table(out, run, *([since] if since else []))
    found = monitored(load(run), option, load(since) if since else None)
    typer.echo(monitor(found))
    if out is not None:
        with writable(out):
            write_csv(out, all_rows(found))
        typer.echo(f"\neverything: {out}")
