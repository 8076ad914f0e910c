"""The commands: parse, call, print. What they need is imported when they run, so help is quick."""

from __future__ import annotations

import os
import shlex
import sys
from pathlib import Path
from textwrap import fill
from typing import TYPE_CHECKING, Annotated

import typer

from sufficiency.cli.failing import answering, fail, program_version
from sufficiency.cli.places import check_table, new_folder, write_new
from sufficiency.cli.terminal import print_assumptions, progress, shown
from sufficiency.errors import SufficiencyError

if TYPE_CHECKING:
    from sufficiency.results import Results


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
Years = Annotated[
    float | None,
    typer.Option(help="Years simulated, above 0 and at most 25 [as the scenario says]."),
]
Seed = Annotated[
    int | None,
    typer.Option(min=0, help="Seed of the random numbers [as the scenario says]."),
]
Jobs = Annotated[int | None, typer.Option(min=1, help="Processes [one for each core].")]
Quiet = Annotated[bool, typer.Option("--quiet", "-q", help="Print only where the results are.")]


LONGEST_YEARS = 25
"""Years that a scenario may simulate at most; a test compares it with the schema."""


def main() -> None:
    """Run the command line."""
    # Our matrices are small: threads that wait for one another cost more than they save. What has
    # to be read before numpy is loaded, and workers inherit it.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):  # consoles that know fewer characters still print
            stream.reconfigure(encoding="utf-8", errors="replace")
    app()


@app.callback(invoke_without_command=True)
def _root(
    version: Annotated[bool, typer.Option("--version", help="Print the version.")] = False,
) -> None:
    if version:
        typer.echo(program_version())
        raise typer.Exit


# --- running ----------------------------------------------------------------------------------


@app.command(epilog="Example: sufficiency run camden --only two_bed_home -n 50")
@answering
def run(
    scenario: Annotated[
        str | None,
        typer.Argument(
            metavar="SCENARIO",
            show_default=False,
            help="A scenario file, or the name of a shipped scenario (camden);"
            " --resume needs none.",
        ),
    ] = None,
    only: Annotated[
        str,
        typer.Option(metavar="NAME,…", help="Options to run; the baseline always is [all]."),
    ] = "",
    replications: Replications = None,
    years: Years = None,
    seed: Seed = None,
    jobs: Jobs = None,
    keep: Annotated[
        int | None, typer.Option(min=0, help="Futures whose child-level rows are kept [5].")
    ] = None,
    precision: Annotated[
        float | None,
        typer.Option(
            metavar="SHARE",
            help="Stop once the mean net cost, and what each option changes in it, is known to this"
            " share of it (0.01 is 1%); -n is then the most futures [ten times as many].",
        ),
    ] = None,
    resume: Annotated[
        Path | None,
        typer.Option(metavar="FOLDER", help="Complete an interrupted run; it keeps its settings."),
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option(metavar="FOLDER", help="Where the results go [outputs/NAME/DATE-TIME]."),
    ] = None,
    quiet: Quiet = False,
) -> None:
    """Simulate a scenario and its options.

    Prints the answer and writes a folder of results with a report.
    """
    from sufficiency import experiment
    from sufficiency.comparison import compare as compared
    from sufficiency.experiment.precision import told
    from sufficiency.replication import MODEL
    from sufficiency.report import write
    from sufficiency.results import Interrupted, save
    from sufficiency.scenario_file import load
    from sufficiency.workbook import write as write_workbook

    check_years(years)
    named = _scenario_of(scenario, resume)
    study = load(named, measures=MODEL.definitions)
    for warning in study.warnings:
        typer.echo(shown(f"warning: {warning}"), err=True)
    if resume is None and out is None:
        out = new_folder(study.scenario.name)
    try:
        with progress(quiet=quiet) as tell:
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
                progress=tell,
                precision=precision,
            )
        results = save(made, comparison=compared(made), also=(write, write_workbook))
    except Interrupted as stopped:
        given = [] if scenario is None else [scenario]
        go_on = shlex.join(["sufficiency", "run", *given, "--resume", str(stopped.folder)])
        fail(f"{stopped}\n{go_on}", stopped.exit_code)
    typer.echo(str(results.folder) if quiet else _answer_text(results))
    if said := told(results.manifest):
        typer.echo(fill(said, 80), err=quiet)


def check_years(years: float | None) -> None:
    """Refuse a length that no scenario may have."""
    if years is not None and not 0 < years <= LONGEST_YEARS:
        raise SufficiencyError(
            f"--years must be above 0 and at most {LONGEST_YEARS}, not {years:g}"
        )


def _scenario_of(scenario: str | None, resume: Path | None) -> str | Path:
    """What to load: an unfinished run knows its scenario."""
    from sufficiency.results.folder import Unfinished

    if scenario is not None:
        return scenario
    if resume is None:
        raise SufficiencyError("name a SCENARIO to run, such as camden, or a run to --resume")
    return Unfinished.open(resume).folder / "scenario.yaml"


def _answer_text(results: Results) -> str:
    from sufficiency.answer import answer_of
    from sufficiency.answer.choices import screen_lines
    from sufficiency.answer.money import run_money
    from sufficiency.answer.screen import text
    from sufficiency.report import tables_of

    tables = tables_of(results, money=False)
    choices = tables.choices
    answer = answer_of(tables.summary, tables.comparison, tables.headline, tables.study)
    folder = results.folder
    return text(
        answer,
        {
            "report": folder / "report.html",
            "workbook": folder / "workbook.xlsx",
            "tables": folder / "summary.csv",
            "": folder / "comparison.csv",
            "manifest": folder / "manifest.json",
        },
        run_money(results),
        screen_lines(choices.table, list(choices.displaced.values())) if choices else (),
    )


@app.command(epilog="Example: sufficiency report outputs/camden/20260401-120000")
@answering
def report(
    run: Annotated[Path, typer.Argument(metavar="RUN", help="Folder of a finished run.")],
    out: Annotated[
        Path | None,
        typer.Option(metavar="FOLDER", help="Where the report goes [beside the run: RUN-report]."),
    ] = None,
) -> None:
    """Build the report and the workbook of a run again.

    The run's own folder is never changed.
    """
    from sufficiency.report import write
    from sufficiency.results import load
    from sufficiency.results.files import writable
    from sufficiency.workbook import write as write_workbook

    results = load(run)
    folder = out or run.with_name(f"{run.name}-report")
    if folder.resolve() == run.resolve():
        raise SufficiencyError(
            f"{run} is a finished run, which is never changed: choose another --out"
        )
    with writable(folder):
        typer.echo(str(write(results, folder)))
        typer.echo(str(write_workbook(results, folder)))


@app.command(epilog="Example: sufficiency compare outputs/camden/A outputs/camden/B")
@answering
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
    """Set finished runs side by side.

    Future by future, where they had the same luck.
    """
    from sufficiency.answer.screen import runs_text
    from sufficiency.comparison import compare_runs
    from sufficiency.results import load
    from sufficiency.results.files import writable, write_csv

    if out is not None:
        check_table(out, *runs)
    table = compare_runs(*map(load, runs))
    typer.echo(runs_text(table))
    if out is not None:
        with writable(out):
            write_csv(out, table)
        typer.echo(f"all measures: {out}")


# --- scenario files ---------------------------------------------------------------------------


@app.command(
    short_help="List the assumptions; simulate nothing.", epilog="Example: sufficiency check camden"
)
@answering
def check(scenario: ScenarioName) -> None:
    """List the assumptions; simulate nothing.

    Each with its source and range, and a warning about what does not fit together.
    """
    from sufficiency.experiment.entries import with_paths
    from sufficiency.replication import MODEL
    from sufficiency.scenario_file import load
    from sufficiency.scenario_file.describing import (
        assumption_rows,
        entry_lines,
        steady_state_lines,
    )

    study = load(scenario, measures=MODEL.definitions)
    rows = assumption_rows(study)
    terminal = sys.stdout.isatty()
    if terminal:
        print_assumptions(rows)
    else:
        typer.echo("\t".join(rows[0]._fields if rows else ()))
        for row in rows:
            typer.echo("\t".join(" ".join(cell.split()) for cell in row))
    before = "" if terminal else "# "
    run = with_paths(study)
    entries = entry_lines(run.scenario, of_yearly=run is not study)
    for line in entries:
        typer.echo(f"{before}{line}")
    what = "entries were those of the rates" if entries else "nothing changes"
    typer.echo(f"{before}In the long run, if {what}:")
    for line in steady_state_lines(study):
        typer.echo(f"{before}  {line}")
    for warning in study.warnings:
        typer.echo(shown(f"{before}warning: {warning}"))


@app.command(epilog="Example: sufficiency changes camden")
@answering
def changes(scenario: ScenarioName) -> None:
    """Show what a scenario and its options change.

    The scenario from the one it extends, each option from the baseline.
    """
    from sufficiency.scenario_file.describing import changes_lines

    for line in changes_lines(scenario):
        typer.echo(shown(line))


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
    typer.echo(f"{path}: put your figures in, then: sufficiency check {path}")


@app.command(epilog="Example: sufficiency schema > scenario.schema.json")
@answering
def schema() -> None:
    """Print the schema of scenario files.

    With it, editors complete, explain and check them.
    """
    from sufficiency.scenario_file.schema import schema_text

    typer.echo(schema_text(), nl=False)
