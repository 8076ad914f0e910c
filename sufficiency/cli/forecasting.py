"""The command `forecast`: entries to come, with their ranges, and a scenario that uses them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NamedTuple

import typer

from sufficiency.cli import completing
from sufficiency.cli.commands import app
from sufficiency.cli.failing import answering
from sufficiency.cli.options import Quiet
from sufficiency.cli.terminal import show
from sufficiency.errors import SufficiencyError

if TYPE_CHECKING:
    from sufficiency.forecast.of_history import Stock
    from sufficiency.forecast.result import Forecast
    from sufficiency.history.told import Then
    from sufficiency.scenario import Scenario

PATHS_FILE, SCORES_FILE, PAGE = "entries.csv", "scores.csv", "forecast.html"
LONGEST_MONTHS, MOST_PATHS = 300, 10_000
"""As `forecast.forecasting` has them; a test compares."""
MOST_SEED = 2**63 - 1


class _Made(NamedTuple):
    forecast: Forecast
    name: str
    extends: str
    base: Scenario
    stock: Stock | None
    source: str
    """Where its counts come from, if not from the base itself."""
    before: tuple[Then, ...] = ()
    """What these tell of the years before."""


@app.command(epilog="Example: sufficiency forecast my-counts --to my-area.yaml")
@answering
def forecast(
    source: Annotated[
        str,
        typer.Argument(
            metavar="SCENARIO|FOLDER",
            autocompletion=completing.sources,
            help="A folder with counts.csv or an SSDA903 return (zip too); or a scenario with"
            " yearly entries (camden).",
        ),
    ],
    months: Annotated[
        int | None,
        typer.Option(
            min=1,
            max=LONGEST_MONTHS,
            metavar="N",
            help="Months ahead [as long as the scenario runs].",
        ),
    ] = None,
    paths: Annotated[
        int | None, typer.Option(min=2, max=MOST_PATHS, metavar="N", help="Sample paths [1000].")
    ] = None,
    seed: Annotated[
        int | None,
        typer.Option(min=0, max=MOST_SEED, metavar="N", help="Seed of the random numbers [1]."),
    ] = None,
    for_: Annotated[
        str | None,
        typer.Option(
            "--for",
            metavar="SCENARIO",
            autocompletion=completing.scenarios,
            help="Scenario whose seasons are the base, and which --to extends"
            " [england, or SCENARIO itself].",
        ),
    ] = None,
    to: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE.yaml", help="Write a scenario that takes its entries from here."
        ),
    ] = None,
    name: Annotated[
        str | None,
        typer.Option(
            metavar="NAME", help="Name of the authority, for title and scenario [as the source is]."
        ),
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option(
            metavar="FOLDER", help="Where the results go [outputs/forecast-NAME/DATE-TIME]."
        ),
    ] = None,
    quiet: Quiet = False,
) -> None:
    """Forecast entries by month, with ranges that hold.

    Methods are compared on the own past, by months and by twelve-month totals; the paths feed a
    run, one for each future.
    """
    from sufficiency.answer.forecast_page import screen

    _check_to(to)
    made = _made(source, for_, {"months": months, "paths": paths, "seed": seed})
    made = made._replace(name=name or made.name)
    slug = "".join(c if c.isalnum() else "-" for c in made.name.lower()).strip("-") or "counts"
    stamp = datetime.now().strftime("%Y%m%d-%H%M%S")
    folder = out or Path("outputs") / f"forecast-{slug}" / stamp
    _check_folder(folder)
    if to is not None:
        _write_scenario(made, to)
    _write(made, folder)
    written: dict[str, Path | str] = {
        "page": folder / PAGE,
        "paths": folder / PATHS_FILE,
        "scores": folder / SCORES_FILE,
    }
    if to is not None:
        written["scenario"] = to
    if quiet:
        typer.echo(str(folder))
    else:
        show(screen(made.forecast, made.name, written))


def _check_to(to: Path | None) -> None:
    """Refuse a scenario that could not be written, before anything is worked out."""
    if to is None:
        return
    if to.suffix.lower() not in (".yaml", ".yml"):
        raise SufficiencyError(f"--to names a scenario file, which ends in .yaml, not {to.name}")
    if not to.parent.is_dir():
        raise SufficiencyError(f"{to} cannot be written: there is no folder {to.parent}")
    for file in (to, _entries_of(to)):
        if file.exists():
            raise SufficiencyError(f"{file} exists already; choose another with --to")


def _check_folder(folder: Path) -> None:
    if folder.is_file() or (folder.is_dir() and any(folder.iterdir())):
        raise SufficiencyError(f"{folder} is there already; choose another folder with --out")


def _entries_of(to: Path) -> Path:
    return to.with_name(f"{to.stem}-entries.csv")


def _made(source: str, for_: str | None, settings: Mapping[str, int | None]) -> _Made:
    """The forecast, from a folder or from a scenario."""
    from sufficiency.forecast.of_history import forecast_history, stock_of
    from sufficiency.forecast.of_scenario import forecast_of
    from sufficiency.history.reading import read_history
    from sufficiency.history.told import told
    from sufficiency.replication import MODEL
    from sufficiency.scenario_file import load

    folder = Path(source)
    of_data = folder.is_dir() or folder.suffix.lower() == ".zip"
    extends = for_ or ("england" if of_data else source)
    base = load(extends, measures=MODEL.definitions).scenario
    usual = {"months": max(round(base.years * 12), 1), "paths": 1000, "seed": 1}
    asked = {name: usual[name] if value is None else value for name, value in settings.items()}
    if of_data:
        history = read_history(folder)
        found = forecast_history(history, base, **asked)
        name = folder.resolve().stem if folder.suffix else folder.resolve().name
        before = tuple(told(history))
        return _Made(found, name, extends, base, stock_of(history), "own counts", before)
    scenario = load(source, measures=MODEL.definitions).scenario
    _check_given(scenario, settings)
    return _Made(forecast_of(scenario, **asked), scenario.name, extends, base, None, "")


def _check_given(scenario: Scenario, settings: Mapping[str, int | None]) -> None:
    """Refuse settings that would change nothing, because the paths are there already."""
    given = scenario.demand.forecast
    said = [f"--{name}" for name, value in settings.items() if value is not None]
    if given is not None and given.file is not None and said:
        raise SufficiencyError(
            f"{scenario.name} names a file of sample paths, which is shown as it is: leave out"
            f" {', '.join(said)}"
        )


def _write(made: _Made, folder: Path) -> None:
    """Paths, scores and page."""
    from sufficiency.forecast.files import write_paths
    from sufficiency.results.files import writable, write_csv

    with writable(folder):
        folder.mkdir(parents=True, exist_ok=True)
        write_paths(made.forecast, folder / PATHS_FILE)
        write_csv(folder / SCORES_FILE, made.forecast.scores)
    _write_page(made, folder / PAGE)


def _write_page(made: _Made, path: Path) -> None:
    from sufficiency.answer.forecast_page import CAUTION, lead, parts
    from sufficiency.charts.forecast import entries_ahead
    from sufficiency.report.sheet import Section, Sheet, SheetTable, write_sheet

    found = made.forecast
    charts = tuple(entries_ahead(found, stream, made.name) for stream in found.paths)
    sections = tuple(
        Section(
            part.heading,
            part.paragraphs,
            charts=charts if place == 0 else (),
            tables=tuple(SheetTable(*table) for table in part.tables),
        )
        for place, part in enumerate(parts(found))
    )
    paths, months = next(iter(found.paths.values())).shape
    sheet = Sheet(
        kind="Forecast",
        title=f"Children who will enter care: {made.name}",
        subtitle=f"{months} months from {found.first:%B %Y} on",
        lead=lead(found),
        caution="" if found.history.empty else CAUTION,
        sections=sections,
        note=f"Made by sufficiency forecast; {paths:,} sample paths.",
    )
    write_sheet(sheet, path)


def _write_scenario(made: _Made, to: Path) -> None:
    """The scenario and, beside it, the paths; neither is left if the two do not make a scenario."""
    from sufficiency.forecast.files import write_new, write_paths
    from sufficiency.forecast.scenario_text import scenario_text
    from sufficiency.replication import MODEL
    from sufficiency.scenario_file import load_text
    from sufficiency.scenario_file.describing import states
    from sufficiency.scenario_file.reading import named_from

    entries = _entries_of(to)
    write_paths(made.forecast, entries)
    try:
        content = scenario_text(
            made.forecast,
            name=made.name,
            base=made.base,
            extends=named_from(to.absolute().parent, made.extends),
            entries_file=entries.name,
            stock=made.stock,
            source=made.source,
            own_population=states(made.extends, "authority.child_population"),
            before=made.before,
        )
        study = load_text(content, to, measures=MODEL.definitions)
        write_new(to, content)
    except BaseException:
        entries.unlink(missing_ok=True)
        raise
    for warning in (*study.warnings, *_without_stock(made, to)):
        typer.echo(f"warning: {warning}", err=True)


def _without_stock(made: _Made, to: Path) -> tuple[str, ...]:
    """That the children in care stay another authority's, and what to do."""
    from sufficiency.forecast.scenario_text import first_year
    from sufficiency.scenario_file.describing import states

    own = states(made.extends, "authority.children_in_care")
    if made.stock is not None or not made.source or own:
        return ()
    entries = sum(first_year(made.forecast, stream) for stream in made.forecast.paths)
    children = made.base.authority.children_in_care
    return (
        f"{to} keeps the {children:,} children in care of {made.base.name} beside the"
        f" {entries:,.0f} entries a year of the forecast: put stock.csv (date, children) into the"
        " folder and forecast again, or state authority.children_in_care",
    )
