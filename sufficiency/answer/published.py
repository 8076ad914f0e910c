"""Published values beside the simulated ones: in words, and as text for a terminal."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from sufficiency.answer import FEW_FUTURES
from sufficiency.answer.screens import Block, Gap, Paragraph, Row, Screen, Table, columns
from sufficiency.answer.screens import plain as plain_text
from sufficiency.answer.words import (
    KIND_WORDS,
    MINUS,
    TYPE_WORDS,
    capital,
    chance,
    count,
    listed,
    number,
    title,
    when,
)
from sufficiency.scenario import Observed
from sufficiency.validation import Compared, Course, Fitted, Month, Moved, Validated, Verdict
from sufficiency.validation.comparing import OUTSIDE_BY_CHANCE, SIGNIFICANT

RANGE_OF_VALIDATION = "90% range"
_HEADS = columns(
    "when", "published", "median", RANGE_OF_VALIDATION, "verdict", label="published value of",
    text=(0, 4),
)  # fmt: skip
_GROUP_WORDS = {
    "stream=uasc": "unaccompanied (UASC)",
    "stream=non_uasc": "all but UASC",
    "cohort=uasc": "unaccompanied (UASC)",
    "age=under_1": "under 1",
}
_PROPER = {"In house": "In-house", "in house": "in-house", "IFA": "Agency carers (IFA)"}
"""How names of measures are spelt in words."""
_NAMES = {
    "first_placements_in_area_share": "First placements in the area",
    "fostered_share": "Fostered",
    "unregistered_under_16": "Under 16 in unregistered placements",
    "long_term_stability": "Long-term stability",
    "in_area_share": "In the area",
    "children_share": "Share of children",
}
"""Measures whose names are no words of the field."""
_SUMMER = ("06", "07", "08")
SEASON_IS_AN_INPUT = (
    "Summer is June to August. The month index of entries is an input, so a season in the number of"
    " children is no evidence for the model."
)


# --- words ------------------------------------------------------------------------------------


def named(given: Observed, unit: str = "") -> str:
    """What a published value is of, with its unit where the name does not say it."""
    words = measure_words(given.measure, given.group)
    plain = unit in ("", "share") or unit.startswith("£") or unit in words.lower()
    return words if plain else f"{words} ({unit})"


def measure_words(measure: str, group: str) -> str:
    """A measure and its group in words."""
    words = _NAMES.get(measure) or title(measure)
    for plain, proper in _PROPER.items():
        words = words.replace(plain, proper)
    return f"{words}: {', '.join(map(_part, group.split(';')))}" if group else words


def _part(part: str) -> str:
    name, _, value = part.partition("=")
    words = _GROUP_WORDS.get(part) or {"type": TYPE_WORDS, "kind": KIND_WORDS}.get(name, {}).get(
        value
    )
    if words:
        return words
    return f"aged {value}" if name == "age" else value.replace("_", " ")


def figure(value: float, unit: str, digits: int = 0) -> str:
    """A simulated value in its unit, with some digits more than usual."""
    if unit == "share":
        return f"{100 * value:.{1 + digits}f}%".replace("-", MINUS)
    if digits:
        text = f"{value:,.{digits + (abs(value) < 9.95)}f}".replace("-", MINUS)
    else:
        text = number(value)
    return f"£{text}" if unit.startswith("£") else text


def exactly(value: float, unit: str) -> str:
    """A published value in its unit, as it was published."""
    if unit == "share":
        return f"{100 * value:.6g}%".replace("-", MINUS)
    text = f"{value:,.10g}".replace("-", MINUS)
    return f"£{text}" if unit.startswith("£") else text


def range_of(row: Compared) -> str:
    """The 90% range, exact enough to see on which side of an end the published value lies."""
    published = exactly(row.observed.value, row.unit)
    for digits in range(4):
        ends = [figure(end, row.unit, digits) for end in (row.low, row.high)]
        if not row.missed or published not in ends:
            break
    return ends[0] if ends[0] == ends[1] else f"{ends[0]} to {ends[1]}"


def verdict(row: Compared) -> str:
    """Where a published value lies, and whether it counts."""
    said = str(row.verdict)
    if row.verdict is Verdict.NOT_INFORMATIVE and row.missed:
        said += f"; {Verdict.OUTSIDE}"
    if row.observed.use == "fit":
        return f"fit: {said}"
    return said.upper() if row.verdict is Verdict.OUTSIDE else said


def day(value: date) -> str:
    """A date as `31 March 2024`."""
    return f"{value.day} {when(value.isoformat())}"


def span(found: Validated) -> str:
    """What was simulated."""
    futures = "1 future" if found.replications == 1 else f"{found.replications:,} futures"
    return f"{found.name}, {day(found.start)} to {day(found.end)}, {futures}"


def caution(found: Validated) -> str:
    """What to know if there are too few futures; else empty."""
    if found.replications >= FEW_FUTURES:
        return ""
    return f"Only {found.replications} simulated: the ranges are rough."


def sentence(found: Validated) -> str:
    """Whether more checks lie outside than chance allows, and whether others lie outside too."""
    return f"{_of_those_that_count(found)} {_vague(found)}".rstrip()


def _vague(found: Validated) -> str:
    """How many checks lie outside a range too wide to count; empty if none does."""
    n = len(found.vague_outside)
    if not n:
        return ""
    end = (
        "that is not informative lies outside its"
        if n == 1
        else ("that are not informative lie outside their")
    )
    are = "is" if n == 1 else "are"
    return f"{capital(_many(n, 'check'))} {end} 90% range, and {are} not counted."


def _of_those_that_count(found: Validated) -> str:
    checks, outside = len(found.counted), len(found.outside)
    if not checks:
        return "No check counts, so nothing is tested."
    if not outside:
        if checks == 1:
            return "The one check that counts lies inside its 90% range."
        return f"All {checks} checks that count lie inside their 90% range."
    lie = "lies outside its" if outside == 1 else "lie outside their"
    many = "" if outside == checks else " or more"
    usual = OUTSIDE_BY_CHANCE * checks
    allowed = "no more" if found.passed else "MORE"
    return (
        f"Of {checks} {'check' if checks == 1 else 'checks'} that count, {outside} {lie} 90% range;"
        f" chance alone would put {usual:.1f} there on average, and {outside}{many} with a"
        f" probability of {_probability(found.chance)}. That is {allowed} than chance allows"
        f" (limit {SIGNIFICANT:.0%})."
    )


def _probability(chance: float) -> str:
    if chance < 0.0001:
        return "less than 0.01%"
    return f"{100 * chance:.2g}%" if chance < 0.0995 else f"{100 * chance:.0f}%"


def uncounted(found: Validated) -> str:
    """Which published values do not count, and why; empty if all do."""
    checks = [row for row in found.rows if row.observed.use == "check"]
    vague = sum(row.verdict is Verdict.NOT_INFORMATIVE for row in checks)
    missing = sum(row.verdict is Verdict.NOT_SIMULATED for row in checks)
    fits = len(found.rows) - len(checks)
    parts = []
    if vague:
        parts.append(f"{_many(vague, 'check')} not informative (a range wider than ±50%)")
    if missing:
        parts.append(f"{_many(missing, 'check')} not simulated")
    if fits:
        parts.append(f"{_many(fits, 'value')} that may be used to fit")
    return f"Not counted: {listed(parts)}." if parts else ""


def _many(n: int, what: str) -> str:
    return f"{count(n)} {what if n == 1 else what + 's'}"


def course_sentence(course: Course) -> str:
    """Where the published values of a course lie, and when it is highest."""
    what = measure_words("children_in_care", course.group)
    outside = [month.period for month in course.outside]
    if outside:
        text = f"{what}, month by month: outside the 95% band on {listed(outside)}."
    else:
        text = f"{what}, month by month: every published value lies inside the 95% band."
    return text if course.group else f"{text} {_reached(course)} {peak_sentence(course)}"


def _reached(course: Course) -> str:
    """How often the highest published number is reached at all."""
    highest = course.highest
    if highest is None or highest.published is None:
        return ""
    return (
        f"The highest, {exactly(highest.published, 'children')} on {highest.period}, is reached in"
        f" {chance(course.reached)} of futures at the end of some month of that year: a highest"
        " month is picked afterwards, so it is high for its own date."
    )


def peak_sentence(course: Course) -> str:
    """When the median is highest in each year, and what that is worth."""
    years = [_peak(months) for months in course.peaks]
    each = "Year by year, the" if len(years) > 1 else "The"
    return f"{each} simulated median is highest at the end of {listed(years)}. {SEASON_IS_AN_INPUT}"


def _peak(months: Sequence[Month]) -> str:
    """The months of one year in which the median is highest."""
    summer = [month for month in months if month.period[5:7] in _SUMMER]
    season = "in" if len(summer) == len(months) else "partly in" if summer else "not in"
    ends = listed([when(month.period) for month in months])
    return f"{ends} ({number(months[0].median)}, {season} summer)"


def moved_words(m: Moved) -> str:
    """A free value before and after the fit."""
    change = f"{m.before:g} → {m.after:g}" if m.after != m.before else f"stays at {m.before:g}"
    end = ", at an end of it" if m.at_end and m.after != m.before else ""
    return f"{m.path}: {change} (range {m.low:g} to {m.high:g}{end})"


def fit_sentence(fitted: Fitted) -> str:
    """What the fit did."""
    return (
        f"Fitted to {_many(len(fitted.targets), 'published value')} with `use: fit`, in"
        f" {fitted.trials} trials of {_many(fitted.replications, 'future')} each; checks were not"
        " looked at."
    )


# --- a terminal -------------------------------------------------------------------------------


def screen(found: Validated) -> Screen:
    """All published values of a scenario beside the simulated ones."""
    said = (sentence(found), uncounted(found), *map(course_sentence, found.courses))
    blocks: list[Block] = [
        *map(Paragraph, filter(None, (span(found), caution(found)))),
        Gap(),
        Table(_HEADS, tuple(map(_compared, found.rows))),
        Gap(),
        *map(Paragraph, filter(None, said)),
    ]
    return Screen(tuple(blocks))


def text(found: Validated) -> str:
    """The same as plain text: 80 columns, no colour, no markup."""
    return plain_text(screen(found))


def fit_screen(fitted: Fitted) -> Screen:
    """What a fit moved, and what it came to."""
    lines = [fit_sentence(fitted)]
    told = [moved_words(m).replace("→", "->") for m in fitted.moved]
    for target in fitted.targets:
        before, after = (figure(v, target.unit) for v in (target.before, target.after))
        given = target.observed
        published = exactly(given.value, target.unit)
        told.append(
            f"{named(given, target.unit)}, {given.period}: published {published},"
            f" simulated average {before} -> {after}"
        )
    return Screen((*map(Paragraph, lines), *(Paragraph(line, indent=2) for line in told)))


def fit_text(fitted: Fitted) -> str:
    """The same as plain text: 80 columns, no colour, no markup."""
    return plain_text(fit_screen(fitted))


def _compared(row: Compared) -> Row:
    given = row.observed
    simulated = row.verdict is not Verdict.NOT_SIMULATED
    cells = (
        named(given, row.unit),
        given.period,
        exactly(given.value, row.unit),
        figure(row.median, row.unit) if simulated else "",
        range_of(row) if simulated else "",
        verdict(row),
    )
    why = f"{row.why_not}." if row.why_not else ""
    source = ". ".join(part for part in (given.source, capital(given.note)) if part)
    return Row(cells, tuple(f"    {note}" for note in (why, source) if note))
