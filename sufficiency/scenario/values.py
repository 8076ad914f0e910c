"""The kinds of value a scenario holds: numbers with their limits, names, frozen tables."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Annotated, Any, Literal, TypeVar, get_args

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field

K = TypeVar("K")
V = TypeVar("V")


class FrozenDict(dict[K, V]):
    """A dictionary that cannot be changed, so that a frozen scenario is frozen all through."""

    def _refuse(self, *_: object, **__: object) -> Any:
        raise TypeError("a scenario cannot be changed; make a new one with `with_values`")

    __setitem__ = __delitem__ = pop = popitem = clear = update = setdefault = _refuse
    __ior__ = _refuse

    def __reduce__(self) -> tuple[type, tuple[dict[K, V]]]:
        return (type(self), (dict(self),))


def tuples(value: object) -> object:
    """Accept a list where a tuple is kept (YAML knows lists only)."""
    return tuple(value) if isinstance(value, list) else value


Number = Annotated[float, Field(strict=True, allow_inf_nan=False)]
"""Any number."""
NotNegative = Annotated[float, Field(strict=True, allow_inf_nan=False, ge=0)]
"""A number, 0 or more."""
Positive = Annotated[float, Field(strict=True, allow_inf_nan=False, gt=0)]
"""A number above 0."""
Share = Annotated[float, Field(strict=True, allow_inf_nan=False, ge=0, le=1)]
"""A share, from 0 to 1."""
Weekly = Annotated[float, Field(strict=True, allow_inf_nan=False, ge=0, le=1_000_000)]
"""£ a week, or £ a night: a hundred times the dearest placement there is, and no more."""
Sum = Annotated[float, Field(strict=True, allow_inf_nan=False, ge=0, le=10_000_000_000)]
"""£ of an authority, which may not be so much that its pence cannot be counted."""
Count = Annotated[int, Field(strict=True, ge=0)]
"""A whole number, 0 or more."""
Day = Annotated[date, Field(strict=True)]
"""A date, year-month-day."""

AgeName = Literal["under_1", "1-4", "5-9", "10-15", "16-17"]
EntryGroupName = Literal["under_1", "1-4", "5-9", "10-15", "16-17", "uasc_under_16", "uasc_16-17"]
AGE_NAMES: tuple[AgeName, ...] = get_args(AgeName)
GROUP_NAMES: tuple[EntryGroupName, ...] = get_args(EntryGroupName)
NeedName = Literal["standard", "enhanced", "complex"]
KindName = Literal["foster", "home", "supported", "kin", "parents", "adoption", "secure", "other"]
TypeName = Literal[
    "in_house", "ifa", "kinship", "home_own", "home_external", "supported", "emergency_bed",
    "unregistered", "parents", "adoption", "secure", "other",
]  # fmt: skip
ElsewhereName = Literal[
    "kinship", "emergency_bed", "unregistered", "parents", "adoption", "secure", "other",
]  # fmt: skip
"""Types of placement that no section of their own says the place of."""
EthnicityName = Literal["white", "mixed", "asian", "black", "other"]
ReasonName = Literal[
    "returned_home", "relatives", "special_guardianship", "child_arrangements", "adopted",
    "independent", "other_authority", "age_assessed_18", "turned_18", "other",
]  # fmt: skip


def iso(value: object) -> object:
    """Accept a YAML date where a period is named."""
    return value.isoformat() if isinstance(value, date) else value


def _total_one(value: Mapping[Any, float]) -> Mapping[Any, float]:
    total = sum(value.values())
    if abs(total - 1) > 1e-6:
        raise ValueError(f"shares must add up to 1 (they add up to {total:.4g})")
    return FrozenDict(value)


def _frozen(value: Mapping[K, V]) -> Mapping[K, V]:
    return FrozenDict(value)


Freeze = AfterValidator(_frozen)
AddUp = AfterValidator(_total_one)


class Part(BaseModel):
    """Base of every part of a scenario: immutable, and with no room for misspelt settings."""

    model_config = ConfigDict(extra="forbid", frozen=True, use_attribute_docstrings=True)


MonthIndex = Annotated[
    tuple[NotNegative, ...], BeforeValidator(tuples), Field(min_length=12, max_length=12)
]
"""Twelve factors, January first; they are scaled to a mean of 1."""
