"""The command `reconcile`: modelled spending beside the ledger."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from sufficiency.cli.commands import app
from sufficiency.cli.failing import answering, fail
from sufficiency.cli.options import Jobs, ScenarioName, Seed, Verdict
from sufficiency.cli.places import write_new
from sufficiency.cli.terminal import progress, show, shown
from sufficiency.errors import SufficiencyError

if TYPE_CHECKING:
    from sufficiency.scenario import Study
    from sufficiency.validation.reconciling import Reconciled

FAILED = 1


@app.command(
    short_help="Set modelled spending by type beside your ledger.",
    epilog="Example: sufficiency reconcile ours.yaml --to ours-reconciled.yaml",
)
@answering
def reconcile(
    scenario: ScenarioName,
    replications: Annotated[
        int | None,
        typer.Option(
            "--replications", "-n", min=1, metavar="N", help="Futures [as the scenario says]."
        ),
    ] = None,
    seed: Seed = None,
    jobs: Jobs = None,
    to: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            help="Write a scenario there that extends this one and multiplies the prices of each"
            " type so that they agree with the last ledger.",
        ),
    ] = None,
    quiet: Verdict = False,
) -> None:
    """Set modelled spending by type beside the `ledger` of the scenario.

    Ends with status 1 if the total of a ledger lies outside the range of 95 futures in 100.
    """
    from sufficiency.answer.reconcile_page import overview, screen
    from sufficiency.replication import MODEL
    from sufficiency.results import Interrupted
    from sufficiency.scenario_file import load
    from sufficiency.validation.reconciling import reconcile as reconciled

    if to is not None:
        _check(to)
    study = load(scenario, measures=MODEL.definitions)
    try:
        with progress(quiet=quiet) as tell:
            found = reconciled(
                study, replications=replications, seed=seed, jobs=jobs, progress=tell
            )
    except Interrupted as stopped:
        fail("interrupted; nothing was kept", stopped.exit_code)
    if quiet:
        typer.echo(shown("\n".join(overview(found))))
    else:
        show(screen(found))
    if to is not None:
        _write(study, found, scenario, to, quiet)
    if not found.passed:
        raise typer.Exit(FAILED)


def _check(to: Path) -> None:
    """Refuse what could not be written before anything is simulated."""
    if to.exists():
        raise SufficiencyError(f"{to} exists already; choose another with --to")
    if not to.parent.is_dir():
        raise SufficiencyError(f"{to} cannot be written: there is no folder {to.parent}")
    if not os.access(to.parent, os.W_OK | os.X_OK):
        raise SufficiencyError(f"{to} cannot be written: {to.parent} may only be read")


def _write(study: Study, found: Reconciled, scenario: str, to: Path, quiet: bool) -> None:
    from sufficiency.answer.reconcile_page import factors_screen
    from sufficiency.scenario_file import load_text
    from sufficiency.validation.reconciling import factors, reconciled_text

    made = factors(study, found)
    if not made:
        raise SufficiencyError("no type has spending in the ledger and in the model: no factor")
    content = reconciled_text(study, found, scenario, to)
    load_text(content, to)  # what is written can be loaded
    write_new(to, content)
    if not quiet:
        show(factors_screen(found.years[-1].year, made, to))
