"""The page of several scenarios' published values beside the simulated ones, as Markdown."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from sufficiency.answer.published import (
    caution,
    course_sentence,
    day,
    exactly,
    figure,
    fit_sentence,
    moved_words,
    named,
    range_of,
    sentence,
    uncounted,
    verdict,
)
from sufficiency.answer.words import capital
from sufficiency.scenario import DatedChange
from sufficiency.scenario_file.describing import NO_SOURCE, compact
from sufficiency.validation import Compared, Course, Fitted, Validated, Verdict

MARK = "<!-- written by sufficiency validate -->"
"""First line of the page: a file that begins with it may be written over."""
_NOT_GIVEN = ("validation.start", "validation.years", "validation.free")
_OVERVIEW = (
    "scenario", "published", "fit", "checks not simulated", "not informative", "counted",
    "of these outside", "chance of so many or more", "no more than chance allows",
)  # fmt: skip
_COMPARED = (
    "measure", "when", "published", "use", "simulated median", "90% range", "verdict", "source",
)  # fmt: skip
_NO_REASON = "The scenario file gives no reason."

PREFACE = """\
What councils published of a past period, beside what the model simulates of it. Do not edit: it is
written by

    {command}

Each published figure has one role, which its scenario file states:

- **input**: the period starts with it. Such figures stand under *Given*, never among the checks.
- **fit**: `validate --fit` may move free values, inside their stated ranges, to meet it. It never
  counts.
- **check**: it is only ever compared with. Checks alone decide whether the model fails.

A period is simulated many times, each time with other luck and other values of what is uncertain.
The *90% range* holds nine futures in ten; a published figure is one future that came true. If the
model is right, a check lies outside with a chance of one in ten, so some do. The command fails
(exit status 1) only if a scenario has so many outside that chance would bring as many with a
probability under 5% (binomial). That takes checks as independent; figures of one course are not.
A check whose range is wider than ±50% of the median is *not informative* and is not counted, inside
or outside. Reasons are those that the scenario file gives; none is made up afterwards.
"""


class Section(NamedTuple):
    """A scenario of the page."""

    found: Validated
    fitted: Fitted | None = None


def page(sections: Sequence[Section], command: str) -> str:
    """The whole page.

    Args:
        sections: What was found of each scenario.
        command: How to make the page again.
    """
    lines = [MARK, "# Validation", "", *PREFACE.format(command=command).splitlines(), ""]
    lines += _overview([section.found for section in sections])
    for section in sections:
        lines += ["", f"## {section.found.name}", "", *_section(section.found)]
        if section.fitted is not None:
            lines += ["", *_fit(section.fitted)]
    return "\n".join(lines) + "\n"


def _overview(all_: Sequence[Validated]) -> Iterable[str]:
    rows = []
    for found in all_:
        checks = [row for row in found.rows if row.observed.use == "check"]
        rows.append(
            (
                found.name,
                len(found.rows),
                len(found.rows) - len(checks),
                sum(row.verdict is Verdict.NOT_SIMULATED for row in checks),
                sum(row.verdict is Verdict.NOT_INFORMATIVE for row in checks),
                len(found.counted),
                len(found.outside),
                f"{found.chance:.2g}" if found.counted else "",
                "yes" if found.passed else "**no**",
            )
        )
    yield from _table(
        _OVERVIEW,
        rows,
    )


def _section(found: Validated) -> Iterable[str]:
    what = "The past period" if found.past else "The run itself, as it has no past period"
    yield (
        f"{what}: {day(found.start)} to {day(found.end)}, {found.replications:,} futures, seed"
        f" {found.seed}. {caution(found)}".rstrip()
    )
    for warning in found.warnings:
        yield from ("", f"Warning: {warning}.")
    yield from _given(found)
    yield ""
    yield from _table(
        _COMPARED,
        map(_cells, found.rows),
    )
    yield from ("", f"{sentence(found)} {uncounted(found)}".rstrip())
    yield from _reasons(found.rows)
    for course in found.courses:
        yield from ("", *_course(course))


def _given(found: Validated) -> Iterable[str]:
    rows = [row for row in found.inputs if row.path not in _NOT_GIVEN]
    if not rows:
        return
    yield from ("", "Given, as it was then:", "")
    cells = []
    for row in rows:
        range_ = "" if row.low is None else f" ({compact(row.low)} to {compact(row.high)})"
        source = ", ".join(part for part in (row.source, row.as_of) if part)
        path = row.path.removeprefix("validation.").removeprefix("set.")
        dated = _dated(path, found.changes)
        words = ". ".join(
            part for part in (source or ("" if dated else NO_SOURCE), capital(row.note)) if part
        )
        cells.append((dated or f"`{path}`", f"{compact(row.value)}{range_}", words))
    yield from _table(("input", "value", "source"), cells)


def _dated(path: str, changes: Sequence[DatedChange]) -> str:
    """A value of a dated change, as its date and the setting; empty for any other path."""
    name, *steps = path.split(".")
    if name != "changes" or len(steps) < 2 or int(steps[0]) >= len(changes):
        return ""
    change = changes[int(steps[0])]
    return f"from {day(change.on)}: `{'.'.join((change.path, *steps[2:]))}`"


def _cells(row: Compared) -> tuple[object, ...]:
    given = row.observed
    simulated = row.verdict is not Verdict.NOT_SIMULATED
    said = verdict(row).removeprefix("fit: ")
    return (
        named(given, row.unit),
        given.period,
        exactly(given.value, row.unit),
        given.use,
        figure(row.median, row.unit) if simulated else "",
        range_of(row) if simulated else "",
        f"**{said}**" if row.missed else said,
        given.source,
    )


def _reasons(rows: Sequence[Compared]) -> Iterable[str]:
    """What lies outside or could not be compared, with the reason that the file gives."""
    missed = [row for row in rows if row.missed or row.verdict is Verdict.NOT_SIMULATED]
    if not missed:
        return
    yield from ("", "Not met, or not simulated, and the likely reason:", "")
    for row in missed:
        given = row.observed
        if row.missed:
            side = "above" if given.value > row.high else "below"
            told = (
                f"published {exactly(given.value, row.unit)}, {side} the 90% range {range_of(row)}"
            )
            if row.verdict is Verdict.NOT_INFORMATIVE:
                told += " (not informative)"
        else:
            told = f"not simulated: {row.why_not}"
        reason = f"{capital(given.note).rstrip('.')}." if given.note else _NO_REASON
        yield f"- {named(given, row.unit)}, {given.period} ({given.use}): {told}. {reason}"


def _course(course: Course) -> Iterable[str]:
    yield from (course_sentence(course), "")
    rows = []
    for month in course.months:
        published = "" if month.published is None else exactly(month.published, "children")
        verdict_ = "inside" if month.inside else "**OUTSIDE**"
        rows.append(
            (
                month.period,
                f"{published} (input)" if month.given else published,
                figure(month.median, "children"),
                f"{figure(month.low95, 'children')} to {figure(month.high95, 'children')}",
                "" if month.given or month.published is None else verdict_,
            )
        )
    yield from _table(("date", "published", "simulated median", "95% band", "verdict"), rows)


def _fit(fitted: Fitted) -> Iterable[str]:
    yield from (fit_sentence(fitted), "")
    for m in fitted.moved:
        path, _, rest = moved_words(m).partition(":")
        yield f"- `{path}`:{rest}"
    yield ""
    yield from _table(
        ("fitted to", "when", "published", "simulated average before", "after"),
        [
            (
                named(t.observed, t.unit),
                t.observed.period,
                exactly(t.observed.value, t.unit),
                figure(t.before, t.unit),
                figure(t.after, t.unit),
            )
            for t in fitted.targets
        ],
    )


def _table(header: Sequence[str], rows: Iterable[Sequence[object]]) -> Iterable[str]:
    yield _line(header)
    yield "|" + "---|" * len(header)
    yield from map(_line, rows)


def _line(cells: Iterable[object]) -> str:
    return "| " + " | ".join(" ".join(str(c).replace("|", "\\|").split()) for c in cells) + " |"
