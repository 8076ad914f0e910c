"""The command `verify`: exact checks of the engine on a scenario."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from sufficiency.cli.commands import app
from sufficiency.cli.failing import answering
from sufficiency.cli.options import Jobs, ScenarioName, Seed, Verdict
from sufficiency.cli.places import check_folder
from sufficiency.cli.terminal import progress, show, shown

if TYPE_CHECKING:
    from sufficiency.scenario import Study
    from sufficiency.verification.checks import Verification

TABLE = "verification.csv"
A_CHECK_FAILED = 1
"""Exit status where a check does not hold."""
FEWEST = 10
"""Futures from which a standard error can be told; a test compares it with the package's."""


@app.command(epilog="Example: sufficiency verify camden")
@answering
def verify(
    scenario: ScenarioName,
    replications: Annotated[
        int,
        typer.Option(
            "--replications",
            "-n",
            min=FEWEST,
            metavar="N",
            help="Futures of each stripped copy; the whole scenario has a tenth of them.",
        ),
    ] = 100,
    seed: Seed = None,
    jobs: Jobs = None,
    out: Annotated[
        Path | None,
        typer.Option(
            metavar="FOLDER", help="Write the table there too, for `sufficiency report --with`."
        ),
    ] = None,
    quiet: Verdict = False,
) -> None:
    """Check the engine on a scenario.

    On stripped copies it is compared with results known on paper; on the whole scenario and its
    options, what must hold in every future is counted. The exit status is 1 if a check fails.
    """
    from sufficiency.answer.screens import Files, Gap, Screen
    from sufficiency.answer.verification_screen import screen
    from sufficiency.replication import MODEL
    from sufficiency.scenario_file import load
    from sufficiency.verification import verify as verified
    from sufficiency.verification.table import sentence

    study = load(scenario, measures=MODEL.definitions)
    if out is not None:
        check_folder(out)
    for warning in study.warnings:
        typer.echo(f"warning: {warning}", err=True)
    with progress(quiet=quiet) as tell:
        found = verified(study, replications=replications, seed=seed, jobs=jobs, progress=tell)
    if out is not None:
        _write(found, study, out)
    if quiet:
        typer.echo(shown(sentence(found)))
    else:
        written = (Gap(), Files({"table": out / TABLE})) if out else ()
        show(Screen((*screen(found).blocks, *written)))
    if not found.holds:
        raise typer.Exit(A_CHECK_FAILED)


def _write(found: Verification, study: Study, folder: Path) -> None:
    """The table, and what `report --with` reads."""
    import pandas as pd

    from sufficiency.report.findings import keep
    from sufficiency.results.files import writable, write_csv

    parts = (("stripped copy", found.stripped), ("whole scenario", found.whole))
    rows = [{"of": of, **check._asdict()} for of, checks in parts for check in checks]
    table = pd.DataFrame(rows)
    table["holds"] = table["holds"].map({True: "yes", False: "no"})
    with writable(folder):
        folder.mkdir(parents=True, exist_ok=True)
        write_csv(folder / TABLE, table.astype({"error": float}))
    keep(found, study, folder)
