"""One assumption after the other at its low and its high end, all else as stated."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from pydantic import BaseModel

from sufficiency.replication import Range
from sufficiency.scenario import Assumption, Scenario, Study, get_value
from sufficiency.sensitivity.trials import Change, End, Progress, Trials

Sort = Literal["decides", "range", "structure"]

FEWEST = 10
"""Futures of each end in the first look, at least."""
FIRST_LOOK = 4
"""The first look has this part of the futures."""
LEADING = 10
"""Bars that get all futures: the longest after the first look."""


@dataclass(frozen=True, slots=True)
class Question:
    """An assumption and its ends."""

    name: str
    """The setting's path, or a few words."""
    central: str
    """What is assumed now."""
    ends: tuple[End, ...]
    """Low, then high; a structural one may have one alone."""
    sort: Sort = "range"
    note: str = ""
    """How its ends were chosen."""


@dataclass(frozen=True, slots=True)
class Bar:
    """What an assumption makes of the number."""

    name: str
    central: str
    changes: tuple[Change, ...]
    """At each end, low first."""
    sort: Sort = "range"
    note: str = ""

    @property
    def size(self) -> float:
        """The larger of the two changes."""
        return max((abs(c.mean) for c in self.changes if not math.isnan(c.mean)), default=0.0)

    @property
    def clear(self) -> bool:
        """Whether any end is told from no change."""
        return any(change.clear for change in self.changes)

    @property
    def futures(self) -> int:
        """Futures of each end."""
        return min((change.futures for change in self.changes), default=0)


def questions_of(ranges: Sequence[Range], study: Study) -> tuple[Question, ...]:
    """A question for each uncertain value: the ends of its range, with its source."""
    rows = {row.path: row for row in study.assumptions}
    return tuple(
        Question(
            drawn.path,
            words_of(drawn.value),
            tuple(
                End(f"{drawn.path}|{side}", words_of(value), assumed={drawn.path: value})
                for side, value in (("low", drawn.low), ("high", drawn.high))
            ),
            note=_note(study, drawn.path, rows.get(drawn.path)),
        )
        for drawn in ranges
    )


def _note(study: Study, path: str, row: Assumption | None) -> str:
    """What a setting means, and where its value comes from."""
    meaning = meaning_of(study.scenario, path)
    source = f"Source: {row.source}" if row and row.source else ""
    return " ".join(part for part in (meaning, source) if part)


def meaning_of(scenario: Scenario, path: str) -> str:
    """The first sentence of the last setting on a path that has one; empty of an option's."""
    at: object = scenario
    meaning = ""
    for step in path.split("."):
        fields = type(at).model_fields if isinstance(at, BaseModel) else {}
        field = fields.get(step) or next((f for f in fields.values() if f.alias == step), None)
        meaning = (field.description or meaning) if field else meaning
        try:
            at = get_value(at, step)
        except KeyError:
            break
    first = " ".join(meaning.split()).split(". ")[0].replace("`", "")
    return f"{first.rstrip('.')}." if first else ""


def words_of(value: float) -> str:
    """A value as it is read."""
    return f"{value:,.5g}" if abs(value) < 1_000 else f"{value:,.0f}"


def tornado(
    trials: Trials,
    questions: Sequence[Question],
    futures: int,
    progress: Progress | None = None,
) -> tuple[Bar, ...]:
    """A bar for each question: those that decide first, then the longest.

    All are looked at with a part of the futures first (`FIRST_LOOK`); those that decide and the
    longest (`LEADING`) then get all of them.
    """
    first = min(futures, max(FEWEST, math.ceil(futures / FIRST_LOOK)))
    tell = progress or (lambda _done, _of: None)
    every = [end for question in questions for end in question.ends]
    trials.reprice(every)
    trials.run(every, first, lambda done, of: tell(done, 2 * of))
    leading = _leading(trials, questions)
    chosen = [end for question in questions if question.name in leading for end in question.ends]
    if first < futures:
        trials.run(chosen, futures, lambda done, of: tell(of + done, 2 * of))
    return ordered([_bar(trials, question) for question in questions])


def _leading(trials: Trials, questions: Sequence[Question]) -> set[str]:
    """The questions that get all futures: by size, whether it is told from no change yet or not.

    Those that are only priced again get them anyway.
    """
    first = {question.name for question in questions if question.sort == "decides"}
    others = [
        _bar(trials, question)
        for question in questions
        if question.name not in first and not all(map(trials.is_priced, question.ends))
    ]
    longest = sorted(others, key=lambda bar: (-bar.size, bar.name))[:LEADING]
    return first | {bar.name for bar in longest}


def _bar(trials: Trials, question: Question) -> Bar:
    changes = tuple(trials.change(end) for end in question.ends)
    return Bar(question.name, question.central, changes, question.sort, question.note)


def ordered(bars: Sequence[Bar]) -> tuple[Bar, ...]:
    """Those that decide as they come; then what is told from no change by size; then the rest."""
    leads = [bar for bar in bars if bar.sort == "decides"]
    others = [bar for bar in bars if bar.sort != "decides"]
    return (*leads, *sorted(others, key=lambda bar: (not bar.clear, -bar.size, bar.name)))
