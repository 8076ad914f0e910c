"""The words of the field, once each: the same in files, classes, columns, charts and reports."""

from __future__ import annotations

from enum import StrEnum


class Kind(StrEnum):
    """The kind of home a child's plan asks for."""

    FOSTER = "foster"
    HOME = "home"
    SUPPORTED = "supported"
    KIN = "kin"
    PARENTS = "parents"
    ADOPTION = "adoption"
    SECURE = "secure"
    OTHER = "other"


class PlacementType(StrEnum):
    """The type of placement a child lives in: kind of home and who provides it."""

    IN_HOUSE = "in_house"
    IFA = "ifa"
    KINSHIP = "kinship"
    HOME_OWN = "home_own"
    HOME_EXTERNAL = "home_external"
    SUPPORTED = "supported"
    EMERGENCY_BED = "emergency_bed"
    UNREGISTERED = "unregistered"
    PARENTS = "parents"
    ADOPTION = "adoption"
    SECURE = "secure"
    OTHER = "other"


KIND_OF_TYPE: dict[PlacementType, Kind | None] = {
    PlacementType.IN_HOUSE: Kind.FOSTER,
    PlacementType.IFA: Kind.FOSTER,
    PlacementType.KINSHIP: Kind.KIN,
    PlacementType.HOME_OWN: Kind.HOME,
    PlacementType.HOME_EXTERNAL: Kind.HOME,
    PlacementType.SUPPORTED: Kind.SUPPORTED,
    PlacementType.EMERGENCY_BED: None,
    PlacementType.UNREGISTERED: None,
    PlacementType.PARENTS: Kind.PARENTS,
    PlacementType.ADOPTION: Kind.ADOPTION,
    PlacementType.SECURE: Kind.SECURE,
    PlacementType.OTHER: Kind.OTHER,
}
"""The kind of home each type is; a stopgap (emergency bed, unregistered) is no kind of plan."""


class AgeBand(StrEnum):
    """Age in whole years, in the bands of the national statistics."""

    UNDER_1 = "under_1"
    FROM_1_TO_4 = "1-4"
    FROM_5_TO_9 = "5-9"
    FROM_10_TO_15 = "10-15"
    FROM_16_TO_17 = "16-17"


AGE_BAND_STARTS = (0.0, 1.0, 5.0, 10.0, 16.0)
"""Youngest age, in years, of each band of `AgeBand`, in order."""


class EntryGroup(StrEnum):
    """Who enters care: by age at entry; unaccompanied children are a stream of their own."""

    UNDER_1 = "under_1"
    FROM_1_TO_4 = "1-4"
    FROM_5_TO_9 = "5-9"
    FROM_10_TO_15 = "10-15"
    FROM_16_TO_17 = "16-17"
    UASC_UNDER_16 = "uasc_under_16"
    UASC_16_17 = "uasc_16-17"


class Stream(StrEnum):
    """Unaccompanied asylum-seeking children, and everybody else."""

    NON_UASC = "non_uasc"
    UASC = "uasc"


class Ethnicity(StrEnum):
    """Ethnic group, in the five groups of the national statistics."""

    WHITE = "white"
    MIXED = "mixed"
    ASIAN = "asian"
    BLACK = "black"
    OTHER = "other"


class Pathway(StrEnum):
    """The course a stay in care takes."""

    SHORT = "short"
    COURT = "court"
    ADOPTION = "adoption"
    LONG = "long"
    UASC = "uasc"
    REMAND = "remand"


class ExitReason(StrEnum):
    """Why a child left care."""

    RETURNED_HOME = "returned_home"
    RELATIVES = "relatives"
    SPECIAL_GUARDIANSHIP = "special_guardianship"
    CHILD_ARRANGEMENTS = "child_arrangements"
    ADOPTED = "adopted"
    INDEPENDENT = "independent"
    OTHER_AUTHORITY = "other_authority"
    AGE_ASSESSED_18 = "age_assessed_18"
    TURNED_18 = "turned_18"
    OTHER = "other"


class MoveCause(StrEnum):
    """Why a child moved from one carer to another."""

    PLANNED = "planned"
    BREAKDOWN = "breakdown"
    OTHER = "other"
    TO_ADOPTION = "to_adoption"
    MOVE_ON = "move_on"
    STEP_ACROSS = "step_across"
    HOUSEHOLD_LEFT = "household_left"
    HOME_CLOSED = "home_closed"
    EMERGENCY_EXPIRED = "emergency_expired"


class Need(StrEnum):
    """How much care a child needs."""

    STANDARD = "standard"
    ENHANCED = "enhanced"
    COMPLEX = "complex"


class Confidence(StrEnum):
    """How well a value is supported."""

    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"
    ASSUMPTION = "assumption"
    ASSUMPTION_TUNED = "assumption, tuned"
    DERIVED = "derived"
    FITTED = "fitted"
