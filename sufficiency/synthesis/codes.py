"""The codes of the return and how often each is used, as far as England publishes it.

Shares are of numbers in DfE's statistics for 2025 (evidence/demand.md §2.2, §2.5, §2.7) unless they
are marked as assumptions. They need not add up to 1.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

import numpy as np

from sufficiency.vocabulary import Ethnicity, ExitReason, MoveCause, Pathway, PlacementType

Shares = Mapping[str, float]


def pick(luck: np.random.Generator, shares: Shares) -> str:
    """One of some codes, each as likely as its share says."""
    u = float(luck.random()) * sum(shares.values())
    for code, share in shares.items():
        u -= share
        if u < 0:
            return code
    return list(shares)[-1]


# ---- Who ---------------------------------------------------------------------------------------

NEED: Shares = {"N1": 57, "N3": 2, "N4": 7, "N5": 9, "N6": 2, "N7": 0.3}
"""Need at the start (§2.2), without N2 (disabled children have it) and N8 (UASC have it)."""
NEED_ON_REMAND: Shares = {"N6": 0.6, "N5": 0.2, "N1": 0.2}
"""Assumption."""
BOYS, BOYS_UASC = 0.526, 0.95
"""Boys are 56% of all in care and 95% of UASC (§2.2, §2.4); the rest follows."""

ETHNIC: Mapping[Ethnicity, Shares] = {
    Ethnicity.WHITE: {"WBRI": 0.92, "WOTH": 0.05, "WIRI": 0.01, "WIRT": 0.01, "WROM": 0.01},
    Ethnicity.MIXED: {"MWBC": 0.35, "MWAS": 0.15, "MWBA": 0.15, "MOTH": 0.35},
    Ethnicity.ASIAN: {"APKN": 0.35, "ABAN": 0.15, "AIND": 0.15, "AOTH": 0.35},
    Ethnicity.BLACK: {"BAFR": 0.6, "BCRB": 0.25, "BOTH": 0.15},
    Ethnicity.OTHER: {"OOTH": 1.0},
}
"""Codes of each of the five groups (assumption)."""
NO_ETHNIC: Shares = {"REFU": 0.3, "NOBT": 0.7}
ETHNIC_NOT_KNOWN = 0.01
"""Share of children whose group is refused or not obtained (§2.2)."""

# ---- Where -------------------------------------------------------------------------------------

SUPPORTED_FROM = date(2024, 4, 1)
"""K3 (supported accommodation) is a code from here; before, H5 or P2."""
OTHER_SPLIT_FROM = date(2025, 4, 1)
"""Z11 to Z14 are codes from here; before, Z1."""
UNTIL_RECODED: Mapping[PlacementType, date] = {
    PlacementType.SUPPORTED: SUPPORTED_FROM,
    PlacementType.UNREGISTERED: OTHER_SPLIT_FROM,
}
"""Types whose code changes on a day; what is open then is coded again, with the same carer."""

PLACE: Mapping[PlacementType, Shares] = {
    PlacementType.IN_HOUSE: {"U6": 0.95, "U5": 0.05},
    PlacementType.IFA: {"U6": 0.97, "U5": 0.03},
    PlacementType.KINSHIP: {"U3": 0.97, "U2": 0.03},
    PlacementType.HOME_OWN: {"K2": 1.0},
    PlacementType.HOME_EXTERNAL: {"K2": 1.0},
    PlacementType.EMERGENCY_BED: {"K2": 1.0},
    PlacementType.PARENTS: {"P1": 1.0},
    PlacementType.ADOPTION: {"A6": 1.0},
    PlacementType.SECURE: {"K1": 1.0},
}
"""Codes of a new placement (assumption: shares of U2 and U5); an emergency bed is a home."""
SUPPORTED_BEFORE: Shares = {"H5": 26, "P2": 10}
"""16-17s in semi-independent and independent living, 31 March 2022 (§2.3)."""
UNREGISTERED_SINCE: Shares = {"Z11": 0.25, "Z12": 0.25, "Z13": 0.25, "Z14": 0.25}
"""Assumption: their labels are not held."""
OTHER_BY_AGE: tuple[tuple[int, Shares], ...] = (
    (5, {"R3": 0.9, "R2": 0.1}),
    (18, {"R1": 0.6, "S1": 0.2, "R2": 0.2}),
)
"""Other homes, up to an age: mother-and-baby units and family centres, then residential care,
schools and hospitals (assumption)."""
YOUTH_CUSTODY: Shares = {"R5": 1.0}
ADOPTED_WITH_CONSENT: Shares = {"A4": 1.0}
LONG_TERM: Mapping[str, str] = {"U6": "U4", "U5": "U4", "U3": "U1", "U2": "U1"}
"""Code of a foster placement once it is to be for the long term."""

PROVIDER: Mapping[PlacementType, Shares] = {
    PlacementType.IN_HOUSE: {"PR1": 1.0},
    PlacementType.IFA: {"PR4": 32_980, "PR5": 5_710},
    PlacementType.KINSHIP: {"PR1": 1.0},
    PlacementType.HOME_OWN: {"PR1": 1.0},
    PlacementType.HOME_EXTERNAL: {"PR4": 32_980, "PR5": 5_710},
    PlacementType.SUPPORTED: {"PR4": 0.75, "PR5": 0.15, "PR1": 0.10},
    PlacementType.EMERGENCY_BED: {"PR1": 1.0},
    PlacementType.UNREGISTERED: {"": 1.0},
    PlacementType.PARENTS: {"PR0": 1.0},
    PlacementType.ADOPTION: {"PR1": 1.0},
    PlacementType.SECURE: {"PR2": 1.0},
    PlacementType.OTHER: {"PR3": 0.5, "PR4": 0.5},
}
"""Private and voluntary as in §2.3; the others are assumptions. Blank for Z."""

TEMPORARY: Mapping[str, int] = {"T1": 21, "T2": 14, "T3": 14, "T4": 7, "T0": 14}
"""Temporary placements and the most days each lasts; all as likely (assumption)."""

# ---- Why ---------------------------------------------------------------------------------------

_BREAKDOWN: Shares = {
    "CREQB": 5_010, "CREQO": 4_230, "CHILD": 1_870, "LAREQ": 1_000, "STAND": 590, "ALLEG": 590,
}  # fmt: skip
REASON_CHANGED: Mapping[MoveCause, Shares] = {
    MoveCause.PLANNED: {"CARPL": 1.0},
    MoveCause.BREAKDOWN: _BREAKDOWN,
    MoveCause.OTHER: {"OTHER": 1.0},
    MoveCause.TO_ADOPTION: {"CARPL": 1.0},
    MoveCause.MOVE_ON: {"CARPL": 1.0},
    MoveCause.STEP_ACROSS: {"CARPL": 1.0},
    MoveCause.HOUSEHOLD_LEFT: {"CLOSE": 1.0},
    MoveCause.HOME_CLOSED: {"CLOSE": 1.0},
    MoveCause.EMERGENCY_EXPIRED: {"OTHER": 1.0},
}
"""Reasons for a change (§2.7); a move across is to the home that was planned."""
SAME_CARER_REASON = "PLACE"

_HOME: Shares = {"E4A": 5_540, "E4B": 1_070}
_ADOPTED: Shares = {"E11": 0.75, "E12": 0.25}  # assumption
_OTHER: Shares = {"E8": 2_520, "E9": 210, "E16": 80, "E2": 60}
_INDEPENDENT: Shares = {"E5": 4_220, "E6": 1_130}
_AT_18: Shares = {"E17": 0.25, "E5": 0.50, "E6": 0.16, "E7": 0.09}
_AT_18_FOSTERED: Shares = {"E17": 0.85, "E5": 0.10, "E6": 0.03, "E7": 0.02}
_FORMER_KIN_CARER: Shares = {"E45": 0.93, "E47": 0.07}
_OTHER_GUARDIAN: Shares = {"E46": 0.22, "E47": 0.68, "E48": 0.10}
_FOSTERED = (PlacementType.IN_HOUSE, PlacementType.IFA, PlacementType.KINSHIP)

REASON_ENDED: Mapping[ExitReason, Shares] = {
    ExitReason.RETURNED_HOME: _HOME,
    ExitReason.RELATIVES: {"E13": 1.0},
    ExitReason.SPECIAL_GUARDIANSHIP: _OTHER_GUARDIAN,
    ExitReason.CHILD_ARRANGEMENTS: {"E41": 1.0},
    ExitReason.ADOPTED: _ADOPTED,
    ExitReason.INDEPENDENT: _INDEPENDENT,
    ExitReason.OTHER_AUTHORITY: {"E3": 1.0},
    ExitReason.AGE_ASSESSED_18: {"E15": 1.0},
    ExitReason.TURNED_18: _AT_18,
    ExitReason.OTHER: _OTHER,
}
"""Reasons for leaving (§2.5). How they depend on the last home is an assumption: kin who fostered
are 68% of special guardians (§2.5), but fewer here, as fewer leave from kin for that reason."""
OLD_GUARDIANS: Mapping[str, str] = {"E45": "E43", "E46": "E43", "E47": "E44", "E48": "E44"}
"""Codes of special guardianship before 1 April 2018."""
NEW_GUARDIANS_FROM = date(2018, 4, 1)


def end_shares(reason: ExitReason, home: PlacementType, pathway: Pathway) -> Shares:
    """Codes with which a period of care ends, by the last home."""
    if reason == ExitReason.TURNED_18 and home in _FOSTERED:
        return _AT_18_FOSTERED
    if reason == ExitReason.SPECIAL_GUARDIANSHIP and home == PlacementType.KINSHIP:
        return _FORMER_KIN_CARER
    if reason == ExitReason.OTHER and pathway == Pathway.REMAND:
        return {"E14": 140, "E9": 60}
    return REASON_ENDED[reason]


def place_shares(home: PlacementType, day: date, age: int, pathway: Pathway) -> Shares:
    """Codes with which a placement may begin on a day."""
    if home == PlacementType.SUPPORTED:
        return {"K3": 1.0} if day >= SUPPORTED_FROM else SUPPORTED_BEFORE
    if home == PlacementType.UNREGISTERED:
        return UNREGISTERED_SINCE if day >= OTHER_SPLIT_FROM else {"Z1": 1.0}
    if home == PlacementType.OTHER:
        if pathway == Pathway.REMAND:
            return YOUTH_CUSTODY
        return next(shares for oldest, shares in OTHER_BY_AGE if age < oldest)
    return PLACE[home]
