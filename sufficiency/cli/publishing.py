"""What `--publish` writes: a folder that may be given away, beside the run that may not."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from pathlib import Path
from textwrap import fill
from typing import TYPE_CHECKING, Annotated

import typer

from sufficiency.errors import SufficiencyError

if TYPE_CHECKING:
    from sufficiency.disclosure import Protected
    from sufficiency.results import Results

Publish = Annotated[
    bool,
    typer.Option(
        "--publish",
        help="Leave out small numbers, and what would give them back: for everybody to read.",
    ),
]


def protected(runs: Sequence[Results]) -> list[Results]:
    """Runs without their small numbers: what is left out of one is left out of all."""
    from sufficiency.disclosure import protect_together

    made = protect_together(runs)
    typer.echo(fill(made[0].sentence, 80), err=True)
    return [one.part for one in made]


def publication_of(run: Path) -> Path:
    """The folder of a run's publication, if no other is chosen."""
    return run.with_name(f"{run.name}-publish")


def publish(results: Results, folder: Path) -> Protected:
    """Write the publication of a run: whole or not at all.

    Args:
        results: A saved run.
        folder: Where to; nothing may be there.
    """
    from sufficiency.disclosure import protect
    from sufficiency.disclosure.files import write_manifest, write_tables
    from sufficiency.results.files import sync_folder, writable
    from sufficiency.results.folder import partial_of

    protected = protect(results)
    draft = partial_of(folder)
    with writable(folder):
        if folder.exists():
            raise SufficiencyError(f"{folder} exists already; choose another folder with --out")
        shutil.rmtree(draft, ignore_errors=True)  # of an earlier try that was stopped
        draft.mkdir(parents=True)
        try:
            write_tables(protected, results, draft)
            _write_pages(protected, draft)
            write_manifest(protected, draft)
            sync_folder(draft)
            draft.rename(folder)
        except BaseException:
            shutil.rmtree(draft, ignore_errors=True)
            raise
        sync_folder(folder.parent)
    return protected


def _write_pages(protected: Protected, folder: Path) -> None:
    from sufficiency import report, workbook

    report.write(report.tables_of(protected.part), folder)
    workbook.write(protected.part, folder)


def publish_run(
    run: Path, out: Path | None, findings: Sequence[Path], *, quiet: bool = False
) -> None:
    """Write the publication of an earlier run, and print where it is.

    Args:
        run: Folder of the run.
        out: Where to; left out: beside the run.
        findings: What other commands found, which cannot be published.
        quiet: Print only the folder.
    """
    from sufficiency.results import load

    if findings:
        raise SufficiencyError(
            "--publish and --with do not go together: what other commands found is not looked"
            " through for small numbers"
        )
    folder = out or publication_of(run)
    if folder.resolve().is_relative_to(run.resolve()):
        raise SufficiencyError(
            f"{run} is a finished run, which is never changed: choose another --out"
        )
    publish(load(run), folder)
    _say(folder, run, quiet=quiet)


def publish_beside(results: Results, *, quiet: bool) -> None:
    """Write the publication of a run just made, beside it, and print where both are."""
    folder = publication_of(results.folder)
    publish(results, folder)
    _say(folder, results.folder, quiet=quiet)


def _say(folder: Path, run: Path, *, quiet: bool) -> None:
    if quiet:
        typer.echo(str(folder))
        return
    typer.echo(f"to publish: {folder}")
    typer.echo(f"to keep:    {run}")
