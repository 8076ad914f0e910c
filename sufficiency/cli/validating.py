"""The command `validate`: published values beside the simulated ones."""

from __future__ import annotations

import shlex
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from sufficiency.cli import completing
from sufficiency.cli.commands import app
from sufficiency.cli.failing import answering, fail
from sufficiency.cli.options import Jobs, Seed, Verdict
from sufficiency.cli.places import check_folder, write_new
from sufficiency.cli.terminal import progress, show, shown
from sufficiency.errors import SufficiencyError

if TYPE_CHECKING:
    from sufficiency.answer.validation_page import Section
    from sufficiency.scenario import Study
    from sufficiency.validation import Fitted, Validated

TABLE = "validation.csv"
FAILED = 1


@app.command(epilog="Example: sufficiency validate medway")
@answering
def validate(
    scenarios: Annotated[
        list[str],
        typer.Argument(
            metavar="SCENARIO...",
            help="Scenario files, or names of shipped scenarios (medway), with `observed` values.",
            autocompletion=completing.scenarios,
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
    out: Annotated[
        Path | None,
        typer.Option(
            metavar="FOLDER",
            help="Write the table of one SCENARIO there too, for `sufficiency report --with`.",
        ),
    ] = None,
    replications: Annotated[
        int | None,
        typer.Option(
            "--replications",
            "-n",
            min=1,
            metavar="N",
            help="Futures simulated of each period [as the scenario says].",
        ),
    ] = None,
    seed: Seed = None,
    jobs: Jobs = None,
    quiet: Verdict = False,
) -> None:
    """Set published values beside the simulated ones.

    Ends with status 1 if more checks lie outside their range than chance allows.
    """
    from sufficiency.answer.published import screen, sentence
    from sufficiency.answer.screens import Files, Gap, Screen
    from sufficiency.answer.validation_page import page
    from sufficiency.results import Interrupted
    from sufficiency.results.files import writable, write_text

    _check_out(scenarios, out)
    _check_asked(scenarios, fit, to, write)
    settings = {"replications": replications, "seed": seed, "jobs": jobs}
    sections = []
    try:
        studies = [
            _loaded(name) for name in scenarios
        ]  # every mistake before anything is simulated
        for place, (name, study) in enumerate(zip(scenarios, studies, strict=True)):
            file = _fitted_file(name, to) if fit else None
            section, validated = _section(study, name, file, settings, quiet)
            sections.append(section)
            if out is not None:
                _write_table(section.found, validated, out)
            found = section.found
            if quiet:
                typer.echo(shown(f"{found.name}: {sentence(found)}"))
            else:
                show(Screen((*([Gap()] if place else []), *screen(found).blocks)))
    except Interrupted as stopped:
        fail("interrupted; nothing was kept", stopped.exit_code)
    if write is not None:
        with writable(write):
            write_text(write, page(sections, _command(scenarios, fit, write, settings)))
    written = {"page": write, "table": out and out / TABLE}
    if any(written.values()) and not quiet:
        show(Screen((Gap(), Files({what: file for what, file in written.items() if file}))))
    if not all(section.found.passed for section in sections):
        raise typer.Exit(FAILED)


def _check_out(scenarios: list[str], out: Path | None) -> None:
    """Refuse a folder that could not be written, or would be written twice."""
    if out is not None:
        if len(scenarios) > 1:
            raise SufficiencyError("--out is for one SCENARIO")
        check_folder(out)


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
) -> tuple[Section, Study]:
    """Validate a scenario, or the one that a fit makes of it; and which it was."""
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
    return Section(found, fitted), study


def _write_table(found: Validated, study: Study, folder: Path) -> None:
    """The table, and what `report --with` reads."""
    import pandas as pd

    from sufficiency.report.findings import keep
    from sufficiency.results.files import writable, write_csv

    rows = [
        {
            "measure": row.observed.measure,
            "group": row.observed.group,
            "period": row.observed.period,
            "published": row.observed.value,
            "use": row.observed.use,
            "median": row.median,
            "low90": row.low,
            "high90": row.high,
            "verdict": str(row.verdict),
            "counts": "yes" if row.counts else "no",
            "why_not": row.why_not,
            "source": row.observed.source,
            "note": row.observed.note,
        }
        for row in found.rows
    ]
    with writable(folder):
        folder.mkdir(parents=True, exist_ok=True)
        write_csv(folder / TABLE, pd.DataFrame(rows))
    keep(found, study, folder)


def _fitted(study: Study, name: str, to: Path, settings: dict[str, Any], quiet: bool) -> Fitted:
    from sufficiency.answer.published import fit_screen
    from sufficiency.answer.screens import Files, Gap, Screen
    from sufficiency.scenario_file import load_text
    from sufficiency.validation import fit, fitted_text

    with progress(quiet=quiet) as tell:
        fitted = fit(study, progress=tell, **settings)
    content = fitted_text(fitted, name, to)
    load_text(content, to)  # what is written can be loaded
    write_new(to, content)
    if not quiet:
        show(Screen((*fit_screen(fitted).blocks, Files({"fitted scenario": to}), Gap())))
    return fitted


def _command(scenarios: list[str], fit: bool, write: Path, settings: dict[str, Any]) -> str:
    """How to write the page again; how many processes there were changes nothing."""
    words = ["sufficiency", "validate", *scenarios, *(["--fit"] if fit else [])]
    for option in ("replications", "seed"):
        if settings[option] is not None:
            words += [f"--{option}", str(settings[option])]
    return shlex.join([*words, "--write", write.as_posix()])
