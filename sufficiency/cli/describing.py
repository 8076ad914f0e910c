"""The commands `check`, `changes`, `new` and `schema`: scenario files, nothing simulated."""

from __future__ import annotations

import shlex
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from sufficiency.cli.commands import app
from sufficiency.cli.failing import answering
from sufficiency.cli.options import Quiet, ScenarioName, Verdict
from sufficiency.cli.places import write_new
from sufficiency.cli.terminal import show, shown

if TYPE_CHECKING:
    from sufficiency.scenario import Study


@app.command(
    short_help="List the assumptions; simulate nothing.", epilog="Example: sufficiency check camden"
)
@answering
def check(scenario: ScenarioName, quiet: Verdict = False) -> None:
    """List the assumptions; simulate nothing.

    Each with its source and range, and a warning about what does not fit together. Piped into a
    file, the list is a table with tabs.
    """
    from sufficiency.answer.scenario_screens import assumptions, assumptions_sentence
    from sufficiency.replication import MODEL
    from sufficiency.scenario_file import load

    study = load(scenario, measures=MODEL.definitions)
    if quiet:
        typer.echo(assumptions_sentence(study))
    elif sys.stdout.isatty():
        show(assumptions(study))
    else:
        _print_table(study)


def _print_table(study: Study) -> None:
    """The assumptions as a table with tabs, and what else there is to say as comments."""
    from sufficiency.answer.scenario_screens import about
    from sufficiency.answer.screens import Screen, plain
    from sufficiency.scenario_file.describing import AssumptionRow, assumption_rows

    rows = assumption_rows(study)
    for row in (AssumptionRow._fields, *rows):
        typer.echo("\t".join(" ".join(shown(cell).split()) for cell in row))
    for line in plain(Screen(tuple(about(study))), 78).splitlines():
        typer.echo(f"# {line}".rstrip())


@app.command(epilog="Example: sufficiency changes camden")
@answering
def changes(scenario: ScenarioName, quiet: Verdict = False) -> None:
    """Show what a scenario and its options change.

    The scenario from the one it extends, each option from the baseline.
    """
    from sufficiency.answer.scenario_screens import changes_screen, changes_sentence
    from sufficiency.scenario_file.describing import changes_lines

    lines = changes_lines(scenario)
    if quiet:
        typer.echo(shown(changes_sentence(lines)))
    else:
        show(changes_screen(lines))


@app.command(epilog="Example: sufficiency new Harrow --figures harrow-figures.csv")
@answering
def new(
    name: Annotated[str, typer.Argument(metavar="NAME", help="Name of the authority.")],
    figures: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Published figures, as CSV or YAML [none yet]."),
    ] = None,
    out: Annotated[
        Path | None, typer.Option(metavar="FILE", help="File to write [NAME.yaml].")
    ] = None,
    quiet: Quiet = False,
) -> None:
    """Write a starter scenario.

    With comments, from published figures; the rest comes from England.
    """
    from sufficiency.scenario_file.figures import read_figures
    from sufficiency.scenario_file.starter import new_scenario_text

    text = new_scenario_text(name, read_figures(figures) if figures else None)
    slug = "".join(c if c.isalnum() else "_" for c in name.lower()).strip("_")
    path = out or Path(f"{slug or 'scenario'}.yaml")
    write_new(path, text, "--out")
    then = f": put your figures in, then: {shlex.join(['sufficiency', 'check', str(path)])}"
    typer.echo(f"{path}{'' if quiet else then}")


@app.command(epilog="Example: sufficiency schema > scenario.schema.json")
@answering
def schema() -> None:
    """Print the schema of scenario files.

    With it, editors complete, explain and check them.
    """
    from sufficiency.scenario_file.schema import schema_text

    typer.echo(schema_text(), nl=False)
