"""What commands share: their arguments and options, each said and completed in one way."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from sufficiency.cli import completing

LONGEST_YEARS = 25
"""Years that a scenario may simulate at most; a test compares it with the schema."""
LARGEST_SEED = 2**63 - 1

ScenarioName = Annotated[
    str,
    typer.Argument(
        metavar="SCENARIO",
        help="A scenario file, or the name of a shipped scenario (camden).",
        autocompletion=completing.scenarios,
    ),
]
Run = Annotated[
    Path,
    typer.Argument(
        metavar="RUN", help="Folder of a finished run.", autocompletion=completing.finished_runs
    ),
]
Replications = Annotated[
    int | None,
    typer.Option(
        "--replications",
        "-n",
        min=1,
        metavar="N",
        help="Futures simulated of each option [as the scenario says].",
    ),
]
Years = Annotated[
    float | None,
    typer.Option(
        metavar="YEARS", help="Years simulated, above 0 and at most 25 [as the scenario says]."
    ),
]
Seed = Annotated[
    int | None,
    typer.Option(
        min=0,
        max=LARGEST_SEED,
        metavar="N",
        help="Seed of the random numbers [as the scenario says].",
    ),
]
Jobs = Annotated[
    int | None,
    typer.Option(min=1, metavar="N", help="Processes side by side [one for each core]."),
]
OptionName = Annotated[
    str,
    typer.Option(
        metavar="NAME",
        help="An option of the scenario [the baseline].",
        autocompletion=completing.options,
    ),
]
Quiet = Annotated[
    bool,
    typer.Option("--quiet", "-q", help="Print only where the results are; show no progress."),
]
Verdict = Annotated[
    bool,
    typer.Option("--quiet", "-q", help="Print only what it comes to, in a line; no progress."),
]
"""The same for commands whose result is an answer rather than files."""
