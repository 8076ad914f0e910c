"""The commands: parse, call, print. What they need is imported when they run, so help is quick."""

from __future__ import annotations

import os
import shlex
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from sufficiency.cli import completing
from sufficiency.cli.failing import answering, fail, program_version
from sufficiency.cli.helping import Grouped, Program
from sufficiency.cli.options import LONGEST_YEARS as LONGEST_YEARS
from sufficiency.cli.options import Jobs as Jobs
from sufficiency.cli.options import Quiet as Quiet
from sufficiency.cli.options import Replications as Replications
from sufficiency.cli.options import Run, Verdict
from sufficiency.cli.options import ScenarioName as ScenarioName
from sufficiency.cli.options import Seed as Seed
from sufficiency.cli.options import Years as Years
from sufficiency.cli.places import check_table, new_folder
from sufficiency.cli.publishing import Publish, protected, publish_beside, publish_run
from sufficiency.cli.terminal import progress, ready_streams, show, shown
from sufficiency.errors import SufficiencyError

if TYPE_CHECKING:
    from sufficiency.answer.screens import Screen
    from sufficiency.results import Results


app = Program(
    name="sufficiency",
    cls=Grouped,
    help="Simulate children in care and the homes they need, to plan enough of the right ones.",
    epilog="Example: sufficiency run camden",
    no_args_is_help=True,
    rich_markup_mode=None,  # the same plain help on a terminal and in a file, and at once
    pretty_exceptions_enable=False,
)


def main() -> None:
    """Run the command line."""
    # Our matrices are small: threads that wait for one another cost more than they save. What has
    # to be read before numpy is loaded, and workers inherit it.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    ready_streams()
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
            autocompletion=completing.scenarios,
            help="A scenario file, or the name of a shipped scenario (camden);"
            " --resume needs none.",
        ),
    ] = None,
    only: Annotated[
        str,
        typer.Option(
            metavar="NAME,...",
            help="Options to run; the baseline always is [all].",
            autocompletion=completing.several_options,
        ),
    ] = "",
    replications: Replications = None,
    years: Years = None,
    seed: Seed = None,
    jobs: Jobs = None,
    keep: Annotated[
        int | None,
        typer.Option(min=0, metavar="N", help="Futures whose child-level rows are kept [5]."),
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
        typer.Option(
            metavar="FOLDER",
            help="Complete an interrupted run; it keeps its settings.",
            autocompletion=completing.unfinished_runs,
        ),
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option(metavar="FOLDER", help="Where the results go [outputs/NAME/DATE-TIME]."),
    ] = None,
    details: Annotated[
        bool,
        typer.Option(
            "--details", "-v", help="Print need by quarter and effects over time as well."
        ),
    ] = False,
    publish: Publish = False,
    quiet: Quiet = False,
) -> None:
    """Simulate a scenario and its options.

    Prints the answer and writes a folder with a report, a workbook and tables.
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
    said = told(results.manifest)
    if quiet:
        typer.echo(str(results.folder))
        typer.echo(said, err=True, nl=bool(said))
    else:
        show(_answer(results, said, details=details))
    if publish:
        publish_beside(results, quiet=quiet)


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


def _answer(results: Results, precision: str = "", *, details: bool = False) -> Screen:
    """What a run says on the screen."""
    from sufficiency.answer import answer_of
    from sufficiency.answer.choices import screen_lines
    from sufficiency.answer.money import run_money
    from sufficiency.answer.screen import screen
    from sufficiency.report import tables_of

    tables = tables_of(results, money=False)
    choices, money = tables.choices, run_money(results)
    answer = answer_of(tables.summary, tables.comparison, tables.headline, tables.study, money)
    folder = results.folder
    return screen(
        answer,
        {
            "report": folder / "report.html",
            "workbook": folder / "workbook.xlsx",
            "tables": folder / "summary.csv",
            "": folder / "comparison.csv",
            "manifest": folder / "manifest.json",
        },
        money,
        screen_lines(choices.table, list(choices.displaced.values())) if choices else (),
        precision=precision,
        details=details,
    )


@app.command(epilog="Example: sufficiency report outputs/camden/20260401-120000")
@answering
def report(
    run: Run,
    out: Annotated[
        Path | None,
        typer.Option(metavar="FOLDER", help="Where the report goes [beside the run: RUN-report]."),
    ] = None,
    with_: Annotated[
        list[Path] | None,
        typer.Option(
            "--with",
            metavar="FOLDER",
            help="Show a finding of the same scenario too, as target, sensitivity, validate --out"
            " or verify --out wrote it; may be given several times.",
            autocompletion=completing.findings,
        ),
    ] = None,
    publish: Publish = False,
    quiet: Quiet = False,
) -> None:
    """Build the report and the workbook of a run again.

    The run's own folder is never changed.
    """
    if publish:
        publish_run(run, out, with_ or (), quiet=quiet)
        return
    from sufficiency.report import tables_of, write
    from sufficiency.report.findings import read
    from sufficiency.results import load
    from sufficiency.results.files import writable
    from sufficiency.workbook import write as write_workbook

    results = load(run)
    findings = read(with_ or (), results.study)
    folder = out or run.with_name(f"{run.name}-report")
    if folder.resolve() == run.resolve():
        raise SufficiencyError(
            f"{run} is a finished run, which is never changed: choose another --out"
        )
    with writable(folder):
        page = write(tables_of(results, findings=findings), folder)
        book = write_workbook(results, folder)
    typer.echo(str(folder) if quiet else f"{page}\n{book}")


@app.command(epilog="Example: sufficiency compare outputs/camden/A outputs/camden/B")
@answering
def compare(
    folders: Annotated[
        list[Path],
        typer.Argument(
            metavar="RUN...",
            help="Folders of finished runs; the first is the yardstick.",
            autocompletion=completing.finished_runs,
        ),
    ],
    out: Annotated[
        Path | None, typer.Option(metavar="FILE.csv", help="Write every measure there, as CSV.")
    ] = None,
    publish: Publish = False,
    quiet: Verdict = False,
) -> None:
    """Set finished runs side by side.

    Future by future, where they had the same luck.
    """
    from sufficiency.answer.runs_screen import runs, runs_sentences
    from sufficiency.answer.screens import Files, Gap, Screen
    from sufficiency.comparison import compare_runs
    from sufficiency.results import load
    from sufficiency.results.files import writable, write_csv

    if out is not None:
        check_table(out, *folders)
    made = [load(folder) for folder in folders]
    table = compare_runs(*(protected(made) if publish else made))
    if out is not None:
        with writable(out):
            write_csv(out, table)
    if quiet:
        typer.echo("\n".join(map(shown, runs_sentences(table))))
    else:
        written = (Gap(), Files({"all measures": out})) if out else ()
        show(Screen((*runs(table).blocks, *written)))
