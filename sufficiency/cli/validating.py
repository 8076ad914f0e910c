"""The command `validate`: published values beside the simulated ones."""

from __future__ import annotations

import shlex
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from sufficiency.cli.commands import app
from sufficiency.cli.failing import answering, fail
from sufficiency.cli.places import write_new
from sufficiency.cli.terminal import progress
from sufficiency.errors import SufficiencyError

if TYPE_CHECKING:
    from sufficiency.answer.validation_page import Section
    from sufficiency.scenario import Study
    from sufficiency.validation import Fitted

FAILED = 1


@app.command(epilog="Example: sufficiency validate medway")
@answering
def validate(
    scenarios: Annotated[
        list[str],
        typer.Argument(
            metavar="SCENARIO…",
            help="Scenario files, or names of shipped scenarios (medway), with `observed` values.",
        ),
    ],
    fit: Annotated[
        bool,
        typer.Option(
            "--fit",
            help="First move the free values to meet the published values with `use: fit`, and"
            " write a scenario with them.",
        ),
    ] = False,
    to: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="With --fit: the file to write [SCENARIO_fitted.yaml]."),
    ] = None,
    write: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Write all tables there too, as a page of Markdown."),
    ] = None,
    replications: Annotated[
        int | None,
        typer.Option(
            "--replications",
            "-n",
            min=1,
            help="Futures simulated of each period [as the scenario says].",
        ),
    ] = None,
    seed: Annotated[
        int | None,
        typer.Option(min=0, help="Seed of the random numbers [as the scenario says]."),
    ] = None,
    jobs: Annotated[int | None, typer.Option(min=1, help="Processes [one for each core].")] = None,
    quiet: Annotated[
        bool, typer.Option("--quiet", "-q", help="Print only whether the checks hold.")
    ] = False,
) -> None:
    """Set published values beside the simulated ones.

    Ends with status 1 if more checks lie outside their range than chance allows.
    """
    from sufficiency.answer.published import sentence, text
    from sufficiency.answer.validation_page import page
    from sufficiency.results import Interrupted
    from sufficiency.results.files import writable, write_text

    _check_asked(scenarios, fit, to, write)
    settings = {"replications": replications, "seed": seed, "jobs": jobs}
    sections = []
    try:
        studies = [
            _loaded(name) for name in scenarios
        ]  # every mistake before anything is simulated
        for place, (name, study) in enumerate(zip(scenarios, studies, strict=True)):
            file = _fitted_file(name, to) if fit else None
            section = _section(study, name, file, settings, quiet)
            sections.append(section)
            found = section.found
            typer.echo(
                f"{found.name}: {sentence(found)}" if quiet else "\n" * bool(place) + text(found)
            )
    except Interrupted as stopped:
        fail("interrupted; nothing was kept", stopped.exit_code)
    if write is not None:
        with writable(write):
            write_text(write, page(sections, _command(scenarios, fit, write, settings)))
        if not quiet:
            typer.echo(f"\npage: {write}")
    if not all(section.found.passed for section in sections):
        raise typer.Exit(FAILED)


def _check_asked(scenarios: list[str], fit: bool, to: Path | None, write: Path | None) -> None:
    """Refuse what cannot be done before anything is simulated."""
    if to is not None and (not fit or len(scenarios) > 1):
        why = "needs --fit" if not fit else "is for one SCENARIO"
        raise SufficiencyError(f"--to {why}")
    files = [_fitted_file(name, to) for name in scenarios] if fit else []
    for file in files:
        if file.exists() or files.count(file) > 1:
            raise SufficiencyError(f"{file} exists already; choose another with --to")
    for file in (*files, *([write] if write else [])):
        if not file.parent.is_dir():
            raise SufficiencyError(f"{file} cannot be written: there is no folder {file.parent}")
    if write is not None and write.exists():
        _check_ours(write)


def _check_ours(page: Path) -> None:
    """Refuse to write over what this command has not written."""
    from sufficiency.answer.validation_page import MARK
    from sufficiency.results.files import writable

    with writable(page), page.open(encoding="utf-8", errors="replace") as file:
        first = file.readline().rstrip()
    if first != MARK:
        raise SufficiencyError(f"{page} was not written by this command; choose another --write")


def _fitted_file(name: str, to: Path | None) -> Path:
    return to or Path(f"{Path(name).stem}_fitted.yaml")


def _loaded(name: str) -> Study:
    from sufficiency.replication import MODEL
    from sufficiency.scenario_file import load
    from sufficiency.validation.comparing import published_values

    study = load(name, measures=MODEL.definitions)
    published_values(study)
    return study


def _section(
    study: Study, name: str, to: Path | None, settings: dict[str, Any], quiet: bool
) -> Section:
    """Validate a scenario, or the one that a fit makes of it."""
    from sufficiency.answer.validation_page import Section
    from sufficiency.validation import validate

    fitted = None
    if to is not None:
        fitted = _fitted(study, name, to, settings, quiet)
        study = _loaded(str(to))
    with progress(quiet=quiet) as tell:
        found = validate(study, progress=tell, **settings)
    for warning in found.warnings:
        typer.echo(f"warning: {found.name}: {warning}", err=True)
    return Section(found, fitted)


def _fitted(study: Study, name: str, to: Path, settings: dict[str, Any], quiet: bool) -> Fitted:
    from sufficiency.answer.published import fit_text
    from sufficiency.scenario_file import load_text
    from sufficiency.validation import fit, fitted_text

    with progress(quiet=quiet) as tell:
        fitted = fit(study, progress=tell, **settings)
    content = fitted_text(fitted, name, to)
    load_text(content, to)  # what is written can be loaded
    write_new(to, content)
    if not quiet:
        typer.echo(f"{fit_text(fitted)}\nfitted scenario: {to}\n")
    return fitted


def _command(scenarios: list[str], fit: bool, write: Path, settings: dict[str, Any]) -> str:
    """How to write the page again; how many processes there were changes nothing."""
    words = ["sufficiency", "validate", *scenarios, *(["--fit"] if fit else [])]
    for option in ("replications", "seed"):
        if settings[option] is not None:
            words += [f"--{option}", str(settings[option])]
    return shlex.join([*words, "--write", write.as_posix()])
