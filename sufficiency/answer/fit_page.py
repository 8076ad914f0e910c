"""A calibration in words: what was estimated beside the base, and fitted beside observed."""

from __future__ import annotations

import shlex
from collections.abc import Iterable, Iterator, Mapping, Sequence
from numbers import Real
from pathlib import Path
from typing import Any, NamedTuple

import pandas as pd

from sufficiency.answer import screens
from sufficiency.answer.page_parts import Part, Table
from sufficiency.answer.words import AGE_WORDS, KIND_WORDS, TYPE_WORDS, capital, percent
from sufficiency.calibration.children_file import ENDING
from sufficiency.calibration.estimates import Calibrated, Estimate
from sufficiency.history.tables import History
from sufficiency.vocabulary import ExitReason

GROUP_WORDS: Mapping[str, str] = {
    **{str(age): f"entered {words}" for age, words in AGE_WORDS.items()},
    "uasc_under_16": "UASC, entered under 16",
    "uasc_16-17": "UASC, entered 16 and 17",
}
"""Entry groups."""
REASON_WORDS: Mapping[str, str] = {
    ExitReason.RETURNED_HOME: "returned home",
    ExitReason.RELATIVES: "to relatives",
    ExitReason.SPECIAL_GUARDIANSHIP: "special guardianship",
    ExitReason.CHILD_ARRANGEMENTS: "child arrangements order",
    ExitReason.ADOPTED: "adopted",
    ExitReason.INDEPENDENT: "independent living",
    ExitReason.OTHER_AUTHORITY: "to another authority",
    ExitReason.AGE_ASSESSED_18: "age assessed as 18 or over",
    ExitReason.TURNED_18: "18th birthday",
    ExitReason.OTHER: "other reasons",
}
"""Why children left."""
_MOVE_WORDS: Mapping[str, str] = {
    "under_5": "under 5",
    **{str(age): words for age, words in AGE_WORDS.items()},
    **{str(kind): words for kind, words in KIND_WORDS.items()},
    "kin": "family and friends",
    "parents": "own parents",
    "adoption": "adoptive family",
    "secure": "secure home",
    "other": "other placements",
}
NOT_CALIBRATED = (
    "Not calibrated, as no return holds it: needs, sibling groups, the chance that a vacancy suits"
    " a child (fostering.match_chance), and what agencies and homes offer (ifa.match, ifa.market,"
    " external_homes). Where children live starts as observed; how new placements divide between"
    " in-house carers and agencies then follows from the households and these chances, which are"
    " the base's. Look at it in a run before you rely on it.",
    "Children's homes at entry: the data do not say which of them were for want of a carer.",
)
NOT_WITHOUT_A_RETURN = (
    "Plain counts calibrate how many enter, the season, the number in care and where children"
    " live, if these are given. All the rest is the base's: lengths of stay, reasons for leaving,"
    " moves, plans and distances.",
)
_FILES = {
    "-entries.csv": "entries ahead",
    ENDING: "children",
    "-quality.html": "data quality",
    "-fit.html": "fit",
}
_PERSONAL = (
    "The file of children has a row for each child in care: it is personal data. Keep it where your"
    " returns are kept. The scenario does not run without it: to pass one on, calibrate again with"
    " --no-children."
)
YEAR_AFTER, FIVE_YEARS_AFTER = 365, 1826
"""Days since entry at which those who have left are shown by reason."""
_ENTERED_LATE = ("16-17", "uasc_under_16", "uasc_16-17")
"""Groups that are 18 before five years are over."""
_EXITS = (
    "Group", "Reason", "After one year: observed", "fitted", "After five years: observed", "fitted",
)  # fmt: skip
TINY = 0.001
"""Below it a number is told as such: a planner needs no powers of ten."""
_SECTIONS: Mapping[str, str] = {
    "authority": "Children in care",
    "demand": "Entries",
    "stays": "Stays",
    "placement": "Plans and where children live",
    "moves": "Moves",
    "fostering": "Foster households",
    "ifa": "Agencies",
    "homes": "Own children's homes",
    "external_homes": "Other children's homes",
    "supported": "Supported accommodation",
    "elsewhere": "Other placements",
    "prices": "Prices",
}
_COLUMN_WORDS: Mapping[str, str] = {
    "low": "95% from",
    "high": "to",
    "by": "By",
    "day": "Days since entry",
    "ratio": "Hazard against it",
    "left": "Left before 18",
    "log_likelihood": "Log-likelihood",
    "child_years": "Child-years",
}
_TOLD: Mapping[str, tuple[str, str, str]] = {
    "survival": (
        "How long children stay",
        "",
        "Observed: Kaplan-Meier, with children who were in care before the first day seen entering"
        " late. A line of its own for the base shows how far this authority differs from it.",
    ),
    "exits": (
        "Why children leave before 18",
        "Share of those who entered that left for each reason, after one year and after five",
        "Observed: Aalen-Johansen, all reasons competing.",
    ),
    "moves": (
        "When children move",
        "Moves a child-year, by time in placement, age and kind of home",
        "All causes that the model draws by its hazard; moves to adopters, on to supported"
        " accommodation and after a closure have events of their own.",
    ),
    "entries": ("Entries by month", "", ""),
    "groups": (
        "Entry groups beside one another",
        "Hazard of leaving before 18 relative to one group (Cox)",
        "For reading only: the scenario uses the hazards of each group.",
    ),
    "shapes": (
        "The shape of stays, by children held out",
        "Log-likelihood of children who were not used for fitting: the higher, the better",
        "The scenario is written by pieces, whichever is best.",
    ),
}
"""By name, in the order of the page: heading, caption (none where a chart has the table), note."""
_ESTIMATED = ("Setting", "Own", "Base", "Weight of own", "Used", "95% interval", "n")


class _Main(NamedTuple):
    """A heading of the table on the screen, and the settings under it."""

    heading: str
    rows: Mapping[str, str]
    """Words by path."""
    shares: tuple[str, ...] = ()
    """Paths whose values are told in %."""


_TYPES = ("in_house", "ifa", "kinship", "home_own", "home_external", "supported")
_MAIN = (
    _Main(
        "Entries a year per 100 in care",
        {
            **{f"demand.entries_per_100_in_care.{a}": w for a, w in AGE_WORDS.items()},
            "demand.uasc.per_100_in_care": "UASC",
        },
    ),
    _Main("Moves", {"moves.scale": "factor on the usual rate"}),
    _Main(
        "Where children in care live",
        {f"placement.mix_at_start.{t}": TYPE_WORDS[t] for t in _TYPES},
        tuple(f"placement.mix_at_start.{t}" for t in _TYPES),
    ),
    _Main(
        "Placements in the area",
        {
            "fostering.in_area": "in-house carers",
            "ifa.in_area": "agency carers (IFA)",
            "external_homes.in_area": "other children's homes",
            "supported.in_area": "supported accommodation",
        },
        ("fostering.in_area", "ifa.in_area", "external_homes.in_area", "supported.in_area"),
    ),
    _Main(
        "Foster households",
        {
            "fostering.households": "on the first day",
            "fostering.leaving_per_year": "closing in a year",
            "fostering.approvals_per_year": "approved in a year",
        },
        ("fostering.leaving_per_year",),
    ),
)


# ---- The screen --------------------------------------------------------------------------------


def blocks(calibrated: Calibrated, base: str) -> Iterator[screens.Block]:
    """The main estimates beside the base's."""
    by_path = {estimate.path: estimate for estimate in calibrated.estimates}
    told: list[screens.Row] = []
    for main in _MAIN:
        rows = [(words, by_path[path]) for path, words in main.rows.items() if path in by_path]
        told += [screens.Row((main.heading,))] if rows else []
        told += [_line(words, row, row.path in main.shares) for words, row in rows]
    yield screens.Heading("MAIN ESTIMATES")
    yield screens.Table(screens.columns("own", base, "weight", "used", "95%"), tuple(told))


def screen_lines(calibrated: Calibrated, base: str) -> list[str]:
    """The same as lines of plain text."""
    return screens.plain(screens.Screen(tuple(blocks(calibrated, base)))).splitlines()


def _line(words: str, row: Estimate, share: bool) -> screens.Row:
    told = _share if share else _figure
    weight = "" if row.local is None else f"{100 * row.weight:.0f}%"
    range_ = "" if row.low is None else f"{told(row.low)} to {told(row.high)}"
    cells = (told(row.local), told(row.base), weight, told(row.value), range_)
    return screens.Row((f"  {words}", *cells))


def note_blocks(notes: Sequence[str]) -> Iterator[screens.Block]:
    """Notes, a paragraph each."""
    for note in notes:
        yield screens.Paragraph(note, hang=2)


def limits(history: History) -> tuple[str, ...]:
    """What stays as in the base."""
    return NOT_CALIBRATED if history.care is not None else NOT_WITHOUT_A_RETURN


def file_blocks(files: Iterable[Path]) -> Iterator[screens.Block]:
    """What was written, and what to do next; the scenario stands last."""
    *others, scenario = files
    places: dict[str, Path | str] = {"scenario": scenario}
    for file in others:
        what = next((words for end, words in _FILES.items() if file.name.endswith(end)), "file")
        places[what] = file
    yield screens.Files(places)
    if any(file.name.endswith(ENDING) for file in others):
        yield screens.Gap()
        yield from note_blocks([_PERSONAL])
    yield screens.Files({"next": shlex.join(["sufficiency", "check", str(scenario)])})


def _share(value: Any) -> str:
    """A share in %, to a tenth where it is small."""
    if value is None:
        return ""
    if 0 < value < TINY / 2:
        return "<0.1%"
    return f"{100 * value:.1f}%" if 0 < abs(value) < 0.0995 else f"{100 * value:.0f}%"


def _figure(value: object) -> str:
    """A number to three digits; nothing where there is none."""
    if isinstance(value, bool) or not isinstance(value, Real):
        return "" if value is None else str(value)
    value = float(value)
    if 0 < abs(value) < TINY:
        return f"<{TINY:g}" if value > 0 else f">-{TINY:g}"
    return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.3g}"


# ---- The page ----------------------------------------------------------------------------------


def lead(calibrated: Calibrated, history: History) -> tuple[str, ...]:
    """The first sentences of the page; its notes have a part of their own."""
    rows = [row for row in calibrated.estimates if row.local is not None]
    own = sum(row.weight >= 0.5 for row in rows)
    return (
        f"{len(rows):,} settings were estimated; in {own:,} of them the authority's own data weigh"
        " more than the base.",
        "Below, what was fitted stands beside what was observed: where the fitted line leaves the"
        " observed range, the number is small and leans on the base.",
    )


def parts(calibrated: Calibrated, history: History) -> tuple[Part, ...]:
    """Fitted beside observed, then every estimate, then what is not calibrated."""
    place = {name: place for place, name in enumerate(_TOLD)}
    tables = sorted(calibrated.tables.items(), key=lambda item: place.get(item[0], len(place)))
    found = [_part(name, table) for name, table in tables if len(table)]
    if calibrated.notes:
        found.append(Part("What to know about it", calibrated.notes))
    found.append(Part("Every setting that was estimated", _HOW, tuple(_estimated(calibrated))))
    found.append(Part("What is not calibrated", limits(history)))
    return tuple(found)


_HOW = (
    "The value used is the own value and the base's, weighted by n / (n + k). n is the number of"
    " children or events behind the own value; k, from which both weigh the same, stands in the"
    " scenario file beside each value. Values marked as derived or assumed rest on no count.",
)


def _part(name: str, table: pd.DataFrame) -> Part:
    """One table of fitted beside observed."""
    usual = capital(name.replace("_", " "))
    heading, caption, note = _TOLD.get(name, (usual, usual, ""))
    if name == "exits":
        return Part(heading, (), (Table(caption, _EXITS, tuple(_exit_rows(table)), note),))
    if name == "moves" and {"by", "group"} <= {*table.columns}:
        table = table.assign(group=_moving(table)).drop(columns="by")
    if not caption:
        return Part(heading, (note,) if note else (), (), (name,))
    columns = tuple(_COLUMN_WORDS.get(c, capital(c.replace("_", " "))) for c in table.columns)
    rows = tuple(
        tuple(_cell(name, column, value) for column, value in zip(table.columns, row, strict=True))
        for row in table.itertuples(index=False)
    )
    return Part(heading, (), (Table(caption, columns, rows, note),))


def _moving(table: pd.DataFrame) -> list[str]:
    """Who moves, in words: by time in the placement, by age or by kind of home."""
    told = {"time": "{} in the placement", "age": "aged {}"}
    return [
        capital(told.get(by, "{}").format(_MOVE_WORDS.get(group, group.replace("-", " to "))))
        for by, group in zip(table["by"].astype(str), table["group"].astype(str), strict=True)
    ]


def _exit_rows(table: pd.DataFrame) -> Iterator[tuple[str, ...]]:
    """A row for each group and reason; five years after entry only where they can be lived."""
    for (group, reason), rows in table.groupby(["group", "reason"], sort=False):
        cells = []
        for day in (YEAR_AFTER, FIVE_YEARS_AFTER):
            at = rows[rows["day"] == day]
            told = len(at) and not (day == FIVE_YEARS_AFTER and group in _ENTERED_LATE)
            cells += [_share(at.iloc[0][c]) if told else "" for c in ("observed", "fitted")]
        if any(cells):
            yield (
                _words("exits", "group", str(group)),
                _words("exits", "reason", str(reason)),
                *cells,
            )


def _cell(table: str, column: str, value: Any) -> str:
    """A cell in words."""
    if isinstance(value, pd.Timestamp):
        return f"{value:%B %Y}" if column == "month" else f"{value.day} {value:%B %Y}"
    if isinstance(value, str):
        return _words(table, column, value)
    return "" if pd.isna(value) else _figure(value)


def _words(table: str, column: str, value: str) -> str:
    """A word of the data as it is read: moves are by age or kind of home, not by entry group."""
    known = _MOVE_WORDS if table == "moves" else GROUP_WORDS
    known = {"reason": REASON_WORDS}.get(column, known)
    return capital(known.get(value, value))


def _estimated(calibrated: Calibrated) -> Iterator[Table]:
    """Every estimate, by section of the file."""
    for section, words in _SECTIONS.items():
        rows = tuple(
            (
                row.path.removeprefix(f"{section}."),
                _figure(row.local),
                _figure(row.base),
                "" if row.local is None else percent(row.weight),
                _figure(row.value),
                "" if row.low is None else f"{_figure(row.low)} to {_figure(row.high)}",
                f"{row.n:,.0f}" if row.n else "",
            )
            for row in calibrated.estimates
            if row.path.split(".")[0] == section and isinstance(row.value, int | float)
        )
        if rows:
            yield Table(words, _ESTIMATED, rows)
