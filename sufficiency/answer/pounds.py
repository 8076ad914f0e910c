"""The words of money in full, for pages that have room for them, and sums with their sign."""

from __future__ import annotations

import math
from collections.abc import Mapping

from sufficiency.answer.money import millions, pounds
from sufficiency.answer.words import MINUS

PART_WORDS: Mapping[str, str] = {
    "price_existing": "prices of existing placements",
    "price_new": "prices of new placements",
    "full_year_effect": "full-year effect",
    "volume": "number of nights",
    "mix": "mix of placements",
    "own_homes_fixed": "fixed costs of own homes",
    "voids": "empty places of blocks",
    "retainers": "retainers",
    "recruitment": "recruitment of carers",
    "staying_put": "staying put",
    "programme": "programmes",
    "income": "income",
}
"""Parts of a bridge."""
SOURCE_WORDS: Mapping[str, str] = {
    "uasc": "Home Office grant for unaccompanied children",
    "health": "contributions of the health service",
    "education": "contributions of the education budget",
}
"""Where income comes from."""
LINE_WORDS: Mapping[str, str] = {
    "residential_care": "Residential care",
    "fostering_services": "Fostering services",
    "placed_with_family_and_friends": "Children placed with family and friends",
    "adoption_services": "Adoption services",
    "leaving_care_support": "Leaving care support",
    "other_children_looked_after_services": "Other children looked after services",
    "asylum_seeker_services_children": "Asylum seeker services: children",
}
"""Lines of the section 251 return."""


def more_pounds(value: float) -> str:
    """A change of money, with its sign."""
    return _signed(pounds(value), "£0")


def more_millions(value: float) -> str:
    """A change in millions, with its sign."""
    return _signed(millions(value), "0.00")


def _signed(text: str, nothing: str) -> str:
    return text if text in ("", nothing) or text.startswith(MINUS) else f"+{text}"


def whole_pounds(value: float) -> str:
    """Pounds a child and week."""
    return "" if math.isnan(value) else f"£{value:,.0f}".replace("£-", f"{MINUS}£")
