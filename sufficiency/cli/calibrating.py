"""The command `calibrate`: an authority's own data into a scenario, and two pages about it."""

from __future__ import annotations

import os
import shlex
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NamedTuple

import typer

from sufficiency.cli import completing
from sufficiency.cli.commands import app
from sufficiency.cli.failing import answering
from sufficiency.cli.options import LARGEST_SEED, Quiet
from sufficiency.cli.terminal import show
from sufficiency.errors import SufficiencyError

if TYPE_CHECKING:
    from sufficiency.answer.screens import Screen
    from sufficiency.calibration.estimates import Calibrated
    from sufficiency.forecast.result import Forecast
    from sufficiency.history.tables import History
    from sufficiency.results.together import Write
    from sufficiency.scenario import Study

PATHS = 200
"""Sample paths of entries, at least."""
LONGEST_YEARS = 25
PERSONAL = 0o600
"""Mode of the file with rows about children: its owner reads it."""


class _Files(NamedTuple):
    """What is written, all beside one another."""

    scenario: Path
    entries: Path
    children: Path
    quality: Path
    fit: Path


class _Made(NamedTuple):
    """What the data came to."""

    name: str
    extends: str
    base: Study
    history: History
    calibrated: Calibrated
    ahead: Forecast | None
    children: bool
    """Whether the children in care are written."""
    years: int | None
    """Length of the run and of its forecast; None: the base's."""


@app.command(epilog="Example: sufficiency calibrate my-return --to exampleshire.yaml")
@answering
def calibrate(
    folder: Annotated[
        Path,
        typer.Argument(
            metavar="FOLDER",
            help="An SSDA903 return (folder or zip of yearly files), plain counts, or both.",
        ),
    ],
    to: Annotated[Path, typer.Option(metavar="FILE", help="Scenario file to write.")],
    name: Annotated[
        str | None,
        typer.Option(metavar="NAME", help="Name of the authority [as the file is called]."),
    ] = None,
    extends: Annotated[
        str,
        typer.Option(
            metavar="SCENARIO",
            help="Scenario to extend, and to lean on where small.",
            autocompletion=completing.scenarios,
        ),
    ] = "england",
    child_population: Annotated[
        int | None,
        typer.Option(
            min=1, metavar="N", help="Children under 18 who live there (ONS) [from the base]."
        ),
    ] = None,
    years: Annotated[
        int | None,
        typer.Option(
            min=1,
            max=LONGEST_YEARS,
            metavar="N",
            help="Years of the forecast and the run [the base's].",
        ),
    ] = None,
    bootstrap: Annotated[
        int,
        typer.Option(
            min=0, max=10_000, metavar="N", help="Resamples of children for the intervals."
        ),
    ] = 200,
    seed: Annotated[
        int,
        typer.Option(min=0, max=LARGEST_SEED, metavar="N", help="Seed of resamples and forecast."),
    ] = 1,
    no_forecast: Annotated[
        bool, typer.Option("--no-forecast", help="Constant rates, no forecast of entries.")
    ] = False,
    no_children: Annotated[
        bool, typer.Option("--no-children", help="No file of the children in care.")
    ] = False,
    replace: Annotated[
        bool, typer.Option("--replace", help="Write over files that are there.")
    ] = False,
    quiet: Quiet = False,
) -> None:
    """Make a scenario of your own data.

    With a forecast of entries, the children in care on the last day, a page on the quality of the
    data and one on the fit. Small numbers lean on the scenario that it extends. The file of
    children is personal data: it stays where you write it.
    """
    from sufficiency.calibration.calibrating import calibrate as calibrated
    from sufficiency.calibration.fit_tables import with_fit_tables
    from sufficiency.history.reading import read_history
    from sufficiency.replication import MODEL
    from sufficiency.results.together import refuse_existing
    from sufficiency.scenario_file import load

    files = _files(to)
    refuse_existing(files, replace=replace)
    base = load(extends, measures=MODEL.definitions)
    history = read_history(folder)
    found = calibrated(history, base.scenario, bootstrap=bootstrap, seed=seed)
    _refuse_nothing(found, folder)
    found = _with_population(found, child_population)
    found = with_fit_tables(found, history, base.scenario)
    ahead, why_not = _forecast(history, base, seed, years) if not no_forecast else (None, "")
    children = history.placements is not None and not no_children
    made = _Made(name or _named(to), extends, base, history, found, ahead, children, years)
    command = shlex.join(["sufficiency", "calibrate", str(folder), "--to", str(to)])
    written, warnings = _write(made, files, command, replace=replace)
    for warning in warnings:
        typer.echo(f"warning: {warning}", err=True)
    if quiet:
        typer.echo(str(to))
    else:
        show(_screen(made, written, why_not))


def _files(to: Path) -> _Files:
    if to.suffix.lower() not in (".yaml", ".yml"):
        raise SufficiencyError(f"--to must be a scenario file, ending in .yaml (found '{to.name}')")
    from sufficiency.calibration.children_file import ENDING

    ends = ("-entries.csv", f"-children{ENDING}", "-quality.html", "-fit.html")
    return _Files(to, *(to.with_name(f"{to.stem}{end}") for end in ends))


def _named(to: Path) -> str:
    from sufficiency.answer.words import title

    return title(to.stem.replace("-", "_"))


def _refuse_nothing(found: Calibrated, folder: Path) -> None:
    """A scenario of the base's values alone would pass for the authority's own."""
    if not found.estimates:
        command = shlex.join(["sufficiency", "forecast", str(folder), "--to", "FILE.yaml"])
        raise SufficiencyError(
            f"nothing in {folder} says more than the base: a calibration needs a return, entries by"
            f" month or children in care. Counts by year make a forecast: {command}"
        )


def _with_population(found: Calibrated, children: int | None) -> Calibrated:
    """The children who live there, as they were stated on the command line."""
    if children is None:
        return found
    from dataclasses import replace

    from sufficiency.calibration.authority import stated_population

    path = "authority.child_population"
    kept = tuple(row for row in found.estimates if row.path != path)
    return replace(found, estimates=(*kept, stated_population(children)))


def _forecast(
    history: History, base: Study, seed: int, years: int | None
) -> tuple[Forecast | None, str]:
    """Entries ahead from the first day of the scenario, or why there are none."""
    import pandas as pd

    from sufficiency.forecast.forecasting import forecast

    if history.monthly is None:
        return None, "no forecast of entries: the data have no counts by month"
    scenario = base.scenario
    monthly = history.monthly[history.monthly["month"] <= pd.Timestamp(history.last)]
    demand = scenario.demand
    season = {"non_uasc": demand.month_index, "uasc": demand.uasc.month_index}
    try:
        ahead = forecast(
            monthly,
            months=-int(-(years or scenario.years) * 12 // 1),
            paths=max(PATHS, scenario.replications),
            seed=seed,
            season=season,
            shocks=history.shocks,
        )
    except SufficiencyError as error:
        return None, f"no forecast of entries: {error}"
    return ahead, ""


# ---- Writing -----------------------------------------------------------------------------------


def _write(
    made: _Made, files: _Files, command: str, *, replace: bool
) -> tuple[list[Path], tuple[str, ...]]:
    """Write all files or none; return them, and what loading the scenario warns of."""
    from sufficiency.replication import MODEL
    from sufficiency.results.together import drafts, take_over, write_drafts
    from sufficiency.scenario_file import load_text

    writers = _writers(made, files, command)
    with drafts(files.scenario) as folder:
        write_drafts(writers, folder)
        draft = folder / files.scenario.name
        study = load_text(_scenario(made, files, folder), draft, measures=MODEL.definitions)
        take_over(list(writers), folder, replace=replace)
    shown = str(Path(os.path.relpath(folder)))
    return list(writers), tuple(_moved(text, shown, folder) for text in study.warnings)


def _moved(text: str, *folders: object) -> str:
    """A warning about a draft as one about the file it became."""
    for folder in folders:
        text = text.replace(f"{folder}{os.sep}", "")
    return text


def _writers(made: _Made, files: _Files, command: str) -> Mapping[Path, Write]:
    """How each file is written, the scenario last: when it is there, all are."""
    from sufficiency.forecast.files import write_paths
    from sufficiency.report.calibrated import fit_sheet, quality_sheet
    from sufficiency.report.sheet import write_sheet
    from sufficiency.results.files import write_text

    quality = quality_sheet(made.history, made.name, command)
    fit = fit_sheet(made.calibrated, made.history, made.name, made.base.scenario.name, command)
    ahead, text = made.ahead, _scenario(made, files, files.scenario.parent)
    writers: dict[Path, Write] = {}
    if ahead is not None:
        writers[files.entries] = lambda path: write_paths(ahead, path)
    if made.children:
        writers[files.children] = lambda path: _write_children(made.history, path)
    writers[files.quality] = lambda path: write_sheet(quality, path)
    writers[files.fit] = lambda path: write_sheet(fit, path)
    writers[files.scenario] = lambda path: write_text(path, text)
    return writers


def _write_children(history: History, path: Path) -> None:
    """Rows about children: for nobody but the one who writes them."""
    from sufficiency.calibration.children_file import children_text
    from sufficiency.results.files import write_text

    write_text(path, children_text(history))  # into a folder of drafts that nobody else reads
    path.chmod(PERSONAL)


def _scenario(made: _Made, files: _Files, folder: Path) -> str:
    """The scenario as it reads in a folder."""
    from sufficiency.calibration.scenario_text import scenario_text
    from sufficiency.scenario_file.reading import named_from

    return scenario_text(
        made.calibrated,
        made.history,
        made.base,
        name=made.name,
        extends=named_from(folder, made.extends),
        children_file=files.children.name if made.children else None,
        entries_file=files.entries.name if made.ahead is not None else None,
        run_years=made.years,
    )


# ---- The screen --------------------------------------------------------------------------------


def _screen(made: _Made, written: list[Path], why_not: str) -> Screen:
    """What was read, what it came to, and what was written."""
    from sufficiency.answer import fit_page, quality_page
    from sufficiency.answer.screens import Gap, Screen

    notes = (*made.calibrated.notes, *((why_not,) if why_not else ()))
    blocks = [
        *quality_page.blocks(made.history),
        *fit_page.blocks(made.calibrated, made.base.scenario.name),
        *([Gap(), *fit_page.note_blocks(notes)] if notes else []),
        Gap(),
        *fit_page.note_blocks(fit_page.limits(made.history)),
        Gap(),
        *fit_page.file_blocks(written),
    ]
    return Screen(tuple(blocks))
