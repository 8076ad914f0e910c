"""How a command ends: a message for people and a status for scripts.

0 done, 1 a check failed, 2 the user's mistake, 3 interrupted, 4 an error of ours.
"""

from __future__ import annotations

import os
import platform
import sys
import traceback
from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import NoReturn, ParamSpec

import typer

from sufficiency.cli.terminal import shown
from sufficiency.errors import SufficiencyError

INTERRUPTED, INTERNAL = 3, 4
P = ParamSpec("P")


def answering(command: Callable[P, None]) -> Callable[P, None]:
    """Turn what a command raises into a message and an exit status."""

    @wraps(command)
    def run(*args: P.args, **kwargs: P.kwargs) -> None:
        try:
            command(*args, **kwargs)
        except typer.Exit:
            raise
        except SufficiencyError as error:
            fail(str(error), error.exit_code)
        except KeyboardInterrupt:
            fail("interrupted", INTERRUPTED)
        except BrokenPipeError:  # who reads our output has seen enough
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        except Exception as error:
            fail(_to_report(error), INTERNAL)

    return run


def fail(message: str, status: int) -> NoReturn:
    """End a command with a message and a status."""
    typer.echo(shown(message), err=True)
    raise typer.Exit(status)


def program_version() -> str:
    """The version that is installed."""
    from importlib.metadata import PackageNotFoundError, version

    try:
        return version("sufficiency")
    except PackageNotFoundError:
        return "(not installed)"


def _to_report(error: Exception) -> str:
    """What to tell us about an error of ours, in one paragraph.

    Not what the error says: it might quote data about children, which several commands read.
    """
    frames = traceback.extract_tb(error.__traceback__)
    ours = [frame for frame in frames if "sufficiency" in Path(frame.filename).parts] or frames
    last = ours[-1]
    place = f"{Path(last.filename).name}, line {last.lineno}, in {last.name}"
    return (
        f"sufficiency has failed; this is an error in the program, not in your file. Please report:"
        f" sufficiency {program_version()}, Python {platform.python_version()},"
        f" {platform.system()},"
        f" command `{' '.join(map(str, sys.argv[1:]))}`: {type(error).__name__} ({place})."
    )
