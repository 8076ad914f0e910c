"""The command `verify`: exact checks of the engine on a scenario."""

from __future__ import annotations

from typing import Annotated

import typer

from sufficiency.cli.commands import ScenarioName, app
from sufficiency.cli.failing import answering
from sufficiency.cli.terminal import progress

A_CHECK_FAILED = 1
"""Exit status where a check does not hold."""
FEWEST = 10
"""Futures from which a standard error can be told; a test compares it with the package's."""
LARGEST_SEED = 2**63 - 1


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
            help="Futures of each stripped copy; the whole scenario has a tenth of them.",
        ),
    ] = 100,
    seed: Annotated[
        int | None,
        typer.Option(
            min=0, max=LARGEST_SEED, help="Seed of the random numbers [as the scenario says]."
        ),
    ] = None,
    jobs: Annotated[int | None, typer.Option(min=1, help="Processes [one for each core].")] = None,
    quiet: Annotated[
        bool, typer.Option("--quiet", "-q", help="Print only what came out, in a sentence.")
    ] = False,
) -> None:
    """Check the engine on a scenario.

    On stripped copies it is compared with results known on paper; on the whole scenario and its
    options, what must hold in every future is counted. The exit status is 1 if a check fails.
    """
    from sufficiency.replication import MODEL
    from sufficiency.scenario_file import load
    from sufficiency.verification import verify as verified
    from sufficiency.verification.table import sentence, text

    study = load(scenario, measures=MODEL.definitions)
    for warning in study.warnings:
        typer.echo(f"warning: {warning}", err=True)
    with progress(quiet=quiet) as tell:
        found = verified(study, replications=replications, seed=seed, jobs=jobs, progress=tell)
    typer.echo(sentence(found) if quiet else text(found))
    if not found.holds:
        raise typer.Exit(A_CHECK_FAILED)
