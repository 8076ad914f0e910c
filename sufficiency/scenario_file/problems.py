"""Mistakes in a scenario file: where each one is, and one error that tells them all."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date
from difflib import get_close_matches
from typing import NamedTuple

from sufficiency.errors import SufficiencyError

FEW = 12
"""As many allowed words as a message lists."""
LONGEST = 40
"""Characters of a wrong value that a message repeats."""


class Where(NamedTuple):
    """A position in a file; line and column count from 1, and are 0 where there is none."""

    file: str
    line: int = 0
    column: int = 0

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}" if self.line else self.file


class Problem(NamedTuple):
    """One mistake."""

    where: Where
    path: str
    text: str

    def __str__(self) -> str:
        return ": ".join(part for part in (str(self.where), self.path, self.text) if part)


class Problems:
    """The mistakes found so far, each once."""

    def __init__(self) -> None:
        self._found: dict[Problem, None] = {}

    def add(self, where: Where, path: str, text: str) -> None:
        """Note a mistake."""
        self._found.setdefault(Problem(where, path, text))

    def said(self, text: str) -> bool:
        """Whether a mistake has been described in these words."""
        return any(problem.text == text for problem in self._found)

    def at(self, where: Where) -> bool:
        """Whether a mistake has been found at this position."""
        return any(problem.where == where for problem in self._found)

    def __bool__(self) -> bool:
        return bool(self._found)

    def __iter__(self) -> Iterator[Problem]:
        return iter(sorted(self._found))

    def raise_if_any(self, name: str) -> None:
        """Raise one error with all of them, if there are any."""
        if self._found:
            raise ScenarioFileError(name, self)


class ScenarioFileError(SufficiencyError):
    """A scenario file is not valid; the text lists every mistake with its position."""

    def __init__(self, name: str, problems: Iterable[Problem], kind: str = "scenario") -> None:
        self.problems = tuple(problems)
        lines = "".join(f"\n  {problem}" for problem in self.problems)
        super().__init__(f"{name} is not a valid {kind}:{lines}")


def found(value: object) -> str:
    """A wrong value as a message shows it."""
    return f" (found {shown(value)})"


def shown(value: object) -> str:
    """A value in the words of the file, cut short."""
    if value is None:
        return "nothing"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, dict):
        return "a group of settings"
    if isinstance(value, list | tuple):
        return "a list"
    text = f"'{value}'" if isinstance(value, str) else _number(value)
    return text if len(text) <= LONGEST else text[: LONGEST - 1] + "…"


def _number(value: object) -> str:
    """A number or date; Python refuses to write out whole numbers of thousands of digits."""
    if isinstance(value, int) and abs(value) >= 10**LONGEST:
        return "a number of more than 40 digits"
    return value.isoformat() if isinstance(value, date) else str(value)


def did_you_mean(word: str, choices: Iterable[str]) -> str:
    """A suggestion to append to a message: the nearest choice, or the few there are."""
    choices = list(choices)
    near = nearest(word, choices)
    if near is not None:
        return perhaps(near)
    return f"; allowed: {', '.join(choices)}" if 0 < len(choices) <= FEW else ""


def perhaps(near: str | None) -> str:
    """A suggestion to append to a message, if there is one."""
    return "" if near is None else f"; did you mean '{near}'?"


def nearest(word: str, choices: Iterable[str]) -> str | None:
    """The choice that looks most like a word, if one does."""
    by_lower = {choice.lower(): choice for choice in choices}
    close = get_close_matches(word.lower()[:200], by_lower, n=1, cutoff=0.6)
    return by_lower[close[0]] if close else None
