"""The words and number formats of the answer: the same on screen, in charts and in the report."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from re import escape, sub

from sufficiency.vocabulary import AgeBand, Ethnicity, Kind, MoveCause, PlacementType

TYPE_WORDS: Mapping[str, str] = {
    PlacementType.IN_HOUSE: "in-house carers",
    PlacementType.IFA: "agency carers (IFA)",
    PlacementType.KINSHIP: "family and friends",
    PlacementType.HOME_OWN: "own children's homes",
    PlacementType.HOME_EXTERNAL: "other children's homes",
    PlacementType.SUPPORTED: "supported accommodation",
    PlacementType.EMERGENCY_BED: "emergency beds",
    PlacementType.UNREGISTERED: "unregistered placements",
    PlacementType.PARENTS: "own parents",
    PlacementType.ADOPTION: "adoptive families",
    PlacementType.SECURE: "secure homes",
    PlacementType.OTHER: "other placements",
}
"""Types of placement."""
KIND_WORDS: Mapping[str, str] = {
    Kind.FOSTER: "foster family",
    Kind.HOME: "children's home",
    Kind.SUPPORTED: "supported accommodation",
}
"""The kinds of home that are planned and bought; the others serve named children."""
AGE_WORDS: Mapping[str, str] = {
    AgeBand.UNDER_1: "under 1",
    AgeBand.FROM_1_TO_4: "1 to 4",
    AgeBand.FROM_5_TO_9: "5 to 9",
    AgeBand.FROM_10_TO_15: "10 to 15",
    AgeBand.FROM_16_TO_17: "16 and 17",
}
"""Ages in whole years."""
DISTANCE_WORDS: Mapping[str, str] = {
    "in_area": "in the area",
    "within_20_miles": "outside the area, within 20 miles of home",
    "over_20_miles": "outside the area, over 20 miles from home",
}
"""Where a placement is."""
TIME_WORDS: Mapping[str, str] = {
    "under_6_months": "under 6 months",
    "6_to_12_months": "6 to 12 months",
    "1_to_2_years": "1 to 2 years",
    "2_to_5_years": "2 to 5 years",
    "5_years_or_more": "5 years or more",
}
"""The bands of time in care that add up."""
CAUSE_WORDS: Mapping[str, str] = {
    MoveCause.PLANNED: "planned",
    MoveCause.TO_ADOPTION: "to adopters",
    MoveCause.MOVE_ON: "on to supported accommodation",
    MoveCause.STEP_ACROSS: "across to the home the child was waiting for",
    MoveCause.BREAKDOWN: "placement broke down",
    MoveCause.HOUSEHOLD_LEFT: "foster household left",
    MoveCause.HOME_CLOSED: "home closed",
    MoveCause.EMERGENCY_EXPIRED: "stay in an emergency bed ran out",
    MoveCause.OTHER: "other causes",
}
"""Why a child moved."""
ETHNICITY_WORDS: Mapping[str, str] = {
    Ethnicity.WHITE: "White",
    Ethnicity.MIXED: "mixed or multiple ethnic groups",
    Ethnicity.ASIAN: "Asian or Asian British",
    Ethnicity.BLACK: "Black, Black British, Caribbean or African",
    Ethnicity.OTHER: "other ethnic group",
}
"""Ethnic groups."""
OWN_TYPES: Mapping[str, PlacementType] = {
    Kind.FOSTER: PlacementType.IN_HOUSE,
    Kind.HOME: PlacementType.HOME_OWN,
}
"""Kinds of home of which an authority has places of its own."""

PROPER_WORDS: Mapping[str, str] = {
    "asian": "Asian",
    "black": "Black",
    "e bed": "E-bed",
    "eden house": "Eden House",
    "ifa": "IFA",
    "uasc": "UASC",
    "white": "White",
    "16 17": "16\N{EN DASH}17",
}
"""Words of names whose capitals and marks a name in small letters cannot have."""

RANGE_OF_FUTURES = "8 futures in 10"
RANGE_OF_DIFFERENCE = "95 futures in 100"
TWO_RANGES = (
    "A range of futures says where most simulated futures lie. It comes from chance and from what"
    " is not known, and simulating more futures does not narrow it. The simulation's error is"
    " another thing: how far an average would move if everything were simulated again. More"
    " futures do narrow that."
)

FEWER_THAN_PLACES = (
    "Recruits bring in fewer children than their approved places: carers leave, some places cannot"
    " be used, and a place is not always a match."
)

WITHHELD = "c"
"""In a cell whose row and column stay: the number is not shown."""
WITHHELD_NOTE = "c: not shown, because small numbers are withheld here, or it was not measured."
NOT_SHOWN = "not shown here"
"""The same in a sentence."""

MINUS = "\N{MINUS SIGN}"
_MONTHS = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September",
    "October", "November", "December",
)  # fmt: skip
_COUNTS = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")


def number(value: float) -> str:
    """A number of children or places: whole, or with one decimal below ten."""
    if abs(value) >= 9.95:
        return f"{value:,.0f}".replace("-", MINUS)
    text = f"{value:.1f}".removesuffix(".0")
    return "0" if text == "-0" else text.replace("-", MINUS)


def whole(value: float) -> str:
    """A number rounded to a whole one."""
    return f"{round(value):,}".replace("-", MINUS)


def signed(value: float) -> str:
    """A difference, with its sign."""
    text = f"{value:+,.0f}" if abs(value) >= 9.95 else f"{value:+.1f}"
    return "0" if text.strip("+-") == "0.0" else text.replace("-", MINUS)


def percent(share: float) -> str:
    """A share from 0 to 1, in per cent."""
    return f"{100 * share:.1f}%" if 0 < share < 0.0995 else f"{100 * share:.0f}%"


def chance(share: float) -> str:
    """A share of futures."""
    return f"{100 * share:.0f}%"


def spread(low: float, high: float) -> str:
    """A range of whole numbers; one number where both ends are the same."""
    return whole(low) if whole(low) == whole(high) else f"{whole(low)} to {whole(high)}"


def count(n: int) -> str:
    """A small whole number as a word."""
    return _COUNTS[n] if 0 <= n < len(_COUNTS) else str(n)


def years_words(years: int | None) -> str:
    """A number of years from the start."""
    return "1 year" if years == 1 else f"{years} years"


def when(period: str) -> str:
    """The month of an ISO date, as `March 2030`; any other period as it is."""
    if len(period) != 10:
        return period
    day = date.fromisoformat(period)
    return f"{_MONTHS[day.month - 1]} {day.year}"


def listed(words: Sequence[str]) -> str:
    """Words as a list in a sentence."""
    return " and ".join([", ".join(words[:-1]), words[-1]] if len(words) > 1 else words)


def title(option: str) -> str:
    """An option's name as it is read: `recruit_20_carers` is `Recruit 20 carers`."""
    words = "".join(c if c.isprintable() else " " for c in option.replace("_", " ")).strip()
    proper = "|".join(map(escape, PROPER_WORDS))
    return capital(sub(rf"\b({proper})\b", lambda found: PROPER_WORDS[found[0]], words))


def capital(text: str) -> str:
    """The text with a capital first letter, the others as they are."""
    return text[:1].upper() + text[1:]
