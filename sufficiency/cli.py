"""The commands: parse, call, print. What they need is imported when they run, so help is quick.

Status: 0 done, 1 a check failed, 2 the user's mistake, 3 interrupted, 4 an error of ours.
"""

from __future__ import annotations

import os
import platform
import sys
import traceback
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, ParamSpec

import typer

from sufficiency.errors import SufficiencyError

if TYPE_CHECKING:
    from sufficiency.results import Results
    from sufficiency.scenario import Study

INTERRUPTED, INTERNAL = 3, 4
P = ParamSpec("P")
Progress = Callable[[int, int], None]

app = typer.Typer(
    name="sufficiency",
    help="Simulate children in care and the homes they need, to plan enough of the right ones.\n\n"
    "Start with: sufficiency run camden",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)

ScenarioName = Annotated[
    str,
    typer.Argument(
        metavar="SCENARIO", help="A scenario file, or the name of a shipped scenario (camden)."
    ),
]
Replications = Annotated[
    int | None,
    typer.Option(
        "--replications",
        "-n",
        min=1,
        help="Futures simulated of each option [as the scenario says].",
    ),
]


def main() -> None:
    """Run the command line."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):  # consoles that know fewer characters still print
            stream.reconfigure(encoding="utf-8", errors="replace")
    app()


def _answering(command: Callable[P, None]) -> Callable[P, None]:
    """Turn what a command raises into a message and an exit status."""

    @wraps(command)
    def run(*args: P.args, **kwargs: P.kwargs) -> None:
        try:
            command(*args, **kwargs)
        except typer.Exit:
            raise
        except SufficiencyError as error:
            _fail(str(error), error.exit_code)
        except KeyboardInterrupt:
            _fail("interrupted", INTERRUPTED)
        except BrokenPipeError:  # who reads our output has seen enough
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        except Exception as error:
            _fail(_to_report(error), INTERNAL)

    return run


def _fail(message: str, status: int) -> None:
    typer.echo(message, err=True)
    raise typer.Exit(status)


def _to_report(error: Exception) -> str:
    """What to tell us about an error of ours, in one paragraph."""
    from sufficiency import __version__

    frames = traceback.extract_tb(error.__traceback__)
    ours = [frame for frame in frames if "sufficiency" in Path(frame.filename).parts] or frames
    last = ours[-1]
    place = f"{Path(last.filename).name}, line {last.lineno}, in {last.name}"
    return (
        f"sufficiency has failed; this is an error in the program, not in your file. Please report:"
        f" sufficiency {__version__}, Python {platform.python_version()} on {platform.system()},"
        f" command `{' '.join(map(str, sys.argv[1:]))}`: {type(error).__name__}: {error} ({place})."
    )


@app.callback(invoke_without_command=True)
def _root(
    version: Annotated[bool, typer.Option("--version", help="Print the version.")] = False,
) -> None:
    if version:
        from sufficiency import __version__

        typer.echo(__version__)
        raise typer.Exit


# --- running ----------------------------------------------------------------------------------


@app.command(
    short_help="Simulate a scenario and its options.",
    epilog="Example: sufficiency run camden --only two_bed_home -n 50",
)
@_answering
def run(
    scenario: ScenarioName,
    only: Annotated[
        str,
        typer.Option(metavar="NAME,…", help="Options to run; the baseline always is [all]."),
    ] = "",
    replications: Replications = None,
    years: Annotated[
        float | None, typer.Option(min=0.0, help="Years simulated [as the scenario says].")
    ] = None,
    seed: Annotated[
        int | None,
        typer.Option(min=0, help="Seed of the random numbers [as the scenario says]."),
    ] = None,
    jobs: Annotated[int | None, typer.Option(min=1, help="Processes [one for each core].")] = None,
    keep: Annotated[
        int | None, typer.Option(min=0, help="Futures whose child-level rows are kept [5].")
    ] = None,
    resume: Annotated[
        Path | None,
        typer.Option(metavar="FOLDER", help="Complete an interrupted run; it keeps its settings."),
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option(metavar="FOLDER", help="Where the results go [outputs/NAME/DATE-TIME]."),
    ] = None,
    quiet: Annotated[
        bool, typer.Option("--quiet", "-q", help="Print only where the results are.")
    ] = False,
) -> None:
    """Simulate the baseline and every option; print the answer and write a folder of results."""
    from sufficiency import experiment
    from sufficiency.comparison import compare as compared
    from sufficiency.report import write
    from sufficiency.results import save
    from sufficiency.scenario_file import load

    study = load(scenario)
    _warn(study)
    if resume is None and out is None:
        out = _new_folder(study.scenario.name)
    with _progress(quiet=quiet) as progress:
        made = experiment.run(
            study,
            replications=replications,
            years=years,
            seed=seed,
            jobs=jobs,
            keep=keep,
            only=[name.strip() for name in only.split(",") if name.strip()],
            out=out,
            resume=resume,
            progress=progress,
        )
    results = save(made, comparison=compared(made), also=(write,))
    typer.echo(str(results.folder) if quiet else _answer_text(results))


def _new_folder(name: str) -> Path:
    """`outputs/<scenario>/<date>-<time>`, in the current folder."""
    slug = "".join(c if c.isalnum() else "-" for c in name.lower()).strip("-") or "scenario"
    return Path("outputs") / slug / datetime.now().strftime("%Y%m%d-%H%M%S")


def _warn(study: Study) -> None:
    for warning in study.warnings:
        typer.echo(f"warning: {warning}", err=True)


def _answer_text(results: Results) -> str:
    from sufficiency.answer import answer_of
    from sufficiency.answer.screen import text
    from sufficiency.report import tables_of

    tables = tables_of(results)
    answer = answer_of(tables.summary, tables.comparison, tables.headline, tables.study)
    folder = results.folder
    return text(
        answer,
        {
            "report": folder / "report.html",
            "tables": folder / "summary.csv",
            "": folder / "comparison.csv",
            "manifest": folder / "manifest.json",
        },
    )


@contextmanager
def _progress(*, quiet: bool) -> Iterator[Progress | None]:
    """A bar on a terminal; elsewhere a line for every tenth."""
    if quiet:
        yield None
    elif not sys.stderr.isatty():
        yield _lines()
    else:
        from rich.console import Console
        from rich.progress import (
            BarColumn,
            MofNCompleteColumn,
            Progress,
            TextColumn,
            TimeRemainingColumn,
        )

        columns = (
            TextColumn("simulating"),
            BarColumn(),
            MofNCompleteColumn(),
            TextColumn("futures"),
            TimeRemainingColumn(),
        )
        with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
            task = bar.add_task("", total=None)
            yield lambda done, total: bar.update(task, completed=done, total=total)


def _lines() -> Progress:
    told = 0

    def tell(done: int, total: int) -> None:
        nonlocal told
        tenths = 10 * done // max(total, 1)
        if tenths > told:
            told = tenths
            typer.echo(f"simulated {done} of {total} futures", err=True)

    return tell


@app.command(
    short_help="Build a run's report again.",
    epilog="Example: sufficiency report outputs/camden/20260401-120000",
)
@_answering
def report(
    run: Annotated[Path, typer.Argument(metavar="RUN", help="Folder of a finished run.")],
    out: Annotated[
        Path | None,
        typer.Option(metavar="FOLDER", help="Where the report goes [beside the run: RUN-report]."),
    ] = None,
) -> None:
    """Build the report of a finished run again; the run's own folder is never changed."""
    from sufficiency.report import write
    from sufficiency.results import load

    results = load(run)
    folder = out or run.with_name(f"{run.name}-report")
    if folder.resolve() == run.resolve():
        raise SufficiencyError(
            f"{run} is a finished run, which is never changed: choose another --out"
        )
    typer.echo(str(write(results, folder)))


@app.command(
    short_help="Set finished runs side by side.",
    epilog="Example: sufficiency compare outputs/camden/A outputs/camden/B",
)
@_answering
def compare(
    runs: Annotated[
        list[Path],
        typer.Argument(
            metavar="RUN…", help="Folders of finished runs; the first is the yardstick."
        ),
    ],
    out: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Write every measure there, as CSV.")
    ] = None,
) -> None:
    """Set finished runs side by side; future by future where they had the same luck."""
    from sufficiency.answer.screen import runs_text
    from sufficiency.comparison import compare_runs
    from sufficiency.results import load
    from sufficiency.results.files import write_csv

    table = compare_runs(*map(load, runs))
    typer.echo(runs_text(table))
    if out is not None:
        write_csv(out, table)
        typer.echo(f"all measures: {out}")


# --- scenario files ---------------------------------------------------------------------------


@app.command(
    short_help="List the assumptions; simulate nothing.", epilog="Example: sufficiency check camden"
)
@_answering
def check(scenario: ScenarioName) -> None:
    """List every assumption with its source, and warn of what does not fit; simulate nothing."""
    from sufficiency.scenario_file import load
    from sufficiency.scenario_file.describing import assumption_rows, steady_state_lines

    study = load(scenario)
    rows = assumption_rows(study)
    terminal = sys.stdout.isatty()
    if terminal:
        _print_table(rows)
    else:
        typer.echo("\t".join(rows[0]._fields if rows else ()))
        for row in rows:
            typer.echo("\t".join(" ".join(cell.split()) for cell in row))
    before = "" if terminal else "# "
    typer.echo(f"{before}In the long run, if nothing changes:")
    for line in steady_state_lines(study):
        typer.echo(f"{before}  {line}")
    for warning in study.warnings:
        typer.echo(f"{before}warning: {warning}")


def _print_table(rows: Sequence[Any]) -> None:
    """The assumptions log, folded to the width of the terminal."""
    from rich.box import SIMPLE_HEAD
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table(box=SIMPLE_HEAD, pad_edge=False, padding=(0, 1, 0, 0), expand=True)
    for heading, ratio in (("setting", 6), ("value", 5), ("source", 6), ("confidence", 3)):
        table.add_column(heading, ratio=ratio, overflow="fold")
    for row in rows:
        path = row.path if len(row.path) < 22 else row.path.replace(".", ".\n ")
        range_ = f"({row.range})" if row.range else ""
        value = " ".join(part for part in (row.value, range_, row.unit) if part)
        table.add_row(*map(Text, (path, value, row.source, row.confidence)))
    Console(highlight=False).print(table)


@app.command(
    short_help="What a scenario and its options change.",
    epilog="Example: sufficiency changes camden",
)
@_answering
def changes(scenario: ScenarioName) -> None:
    """Show what a scenario changes from the one it extends, and each option from the baseline."""
    from sufficiency.scenario_file.describing import changes_lines

    for line in changes_lines(scenario):
        typer.echo(line)


@app.command(
    short_help="Write a starter scenario.",
    epilog="Example: sufficiency new Harrow --figures harrow-figures.csv",
)
@_answering
def new(
    name: Annotated[str, typer.Argument(metavar="NAME", help="Name of the authority.")],
    figures: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Published figures, as CSV or YAML [none yet]."),
    ] = None,
    out: Annotated[
        Path | None, typer.Option(metavar="FILE", help="File to write [NAME.yaml].")
    ] = None,
) -> None:
    """Write a commented starter scenario from published figures; the rest comes from England."""
    from sufficiency.scenario_file.figures import read_figures
    from sufficiency.scenario_file.starter import new_scenario_text

    text = new_scenario_text(name, read_figures(figures) if figures else None)
    slug = "".join(c if c.isalnum() else "_" for c in name.lower()).strip("_")
    path = out or Path(f"{slug or 'scenario'}.yaml")
    try:
        with path.open("x", encoding="utf-8", newline="\n") as file:
            file.write(text)
    except FileExistsError:
        raise SufficiencyError(f"{path} exists already; choose another with --out") from None
    except OSError as error:
        raise SufficiencyError(f"{path} cannot be written: {error.strerror}") from None
    typer.echo(f"{path}: put your figures in, then: sufficiency check {path}")


@app.command(
    short_help="Print the schema of scenario files.",
    epilog="Example: sufficiency schema > scenario.schema.json",
)
@_answering
def schema() -> None:
    """Print the JSON Schema of scenario files, with which editors complete and check them."""
    from sufficiency.scenario_file.schema import schema_text

    typer.echo(schema_text(), nl=False)


if __name__ == "__main__":
    main()
