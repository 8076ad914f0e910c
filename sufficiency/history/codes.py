"""What the codes of the SSDA903 return mean in the words of the model.

Labels of codes and their periods of validity: evidence/demand.md §4.2.
"""

from __future__ import annotations

from collections.abc import Mapping

from sufficiency.vocabulary import Ethnicity, ExitReason, MoveCause, PlacementType

SHORT_BREAKS = ("V3", "V4")
"""Legal statuses of a series of short breaks: not in care in the national statistics."""
REMAND = "J1"
"""Legal status of a child remanded by a court."""
TEMPORARY = ("T0", "T1", "T2", "T3", "T4")
"""Temporary placements (hospital, holiday, ...): the child is expected back."""

BEGINS = "S"
SAME_CARER = ("T", "U", "L")
"""Reasons for a new episode (RNE) with the same carer."""
OTHER_CARER = ("P", "B")
"""Reasons for a new episode with another carer."""
GOES_ON = "X1"
"""Reason an episode ended (REC): another begins the same day."""
STATUS_ONLY = "PLACE"
"""Reason for a change of placement: of its status only, the carer stays the same."""

IN_HOUSE_PROVIDER = "PR1"
"""The authority itself."""

_T = PlacementType
TYPE_OF_PLACE: Mapping[str, PlacementType] = {
    **dict.fromkeys(("U1", "U2", "U3"), _T.KINSHIP),
    **dict.fromkeys(("A3", "A4", "A5", "A6"), _T.ADOPTION),
    "K1": _T.SECURE,
    **dict.fromkeys(("K3", "H5", "P2"), _T.SUPPORTED),
    "P1": _T.PARENTS,
    **dict.fromkeys(("R1", "R2", "R3", "R5", "S1", "P3"), _T.OTHER),
    **dict.fromkeys(("Z1", "Z11", "Z12", "Z13", "Z14"), _T.UNREGISTERED),
}
"""Places whose type does not hang on who provides it.

Youth custody (R5) is `other`, as the model sends remanded children to a secure home or to `other`.
What the Z codes hold is mostly unregistered: the model's length of an unregistered placement is
that of DfE's "other placements" (evidence/supply.md §1d). In 2023-24 they also held supported
accommodation that waited for registration (evidence/demand.md §2.3).
"""
FOSTER = ("U4", "U5", "U6")
"""Foster carers who are not relatives or friends: in-house if they are the authority's own. Carers
of another authority or public body are bought, as an agency's are, and no capacity of this
authority's; they are about 1 child in 100 (evidence/demand.md §2.3) and count as `ifa`."""
HOME = "K2"

_R = ExitReason
REASON: Mapping[str, ExitReason] = {
    **dict.fromkeys(("E11", "E12"), _R.ADOPTED),
    "E3": _R.OTHER_AUTHORITY,
    **dict.fromkeys(("E4A", "E4B"), _R.RETURNED_HOME),
    "E13": _R.RELATIVES,
    "E41": _R.CHILD_ARRANGEMENTS,
    **dict.fromkeys(("E43", "E44", "E45", "E46", "E47", "E48"), _R.SPECIAL_GUARDIANSHIP),
    **dict.fromkeys(("E5", "E6"), _R.INDEPENDENT),
    "E15": _R.AGE_ASSESSED_18,
    "E17": _R.TURNED_18,
}
"""Why care ended before the 18th birthday; died, custody, abroad and the rest are `other`."""
WHATEVER_THE_AGE = (_R.ADOPTED, _R.AGE_ASSESSED_18)
"""Reasons that stand though care ended at 18; every other one is then `turned_18`."""

_C = MoveCause
CAUSE: Mapping[str, MoveCause] = {
    "CARPL": _C.PLANNED,
    **dict.fromkeys(
        ("ALLEG", "STAND", "APPRR", "CREQB", "CREQO", "CHILD", "LAREQ", "CUSTOD"), _C.BREAKDOWN
    ),
    "CLOSE": _C.BREAKDOWN,
    "OTHER": _C.OTHER,
}
"""Why a placement was changed: as evidence/demand.md §2.7 groups them. A closure (CLOSE) of foster
carers or of a home is told apart, as the model does."""

_E = Ethnicity
ETHNIC_GROUP: Mapping[str, Ethnicity] = {
    **dict.fromkeys(("WBRI", "WIRI", "WIRT", "WROM", "WOTH"), _E.WHITE),
    **dict.fromkeys(("MWBC", "MWBA", "MWAS", "MOTH"), _E.MIXED),
    **dict.fromkeys(("AIND", "APKN", "ABAN", "CHNE", "AOTH"), _E.ASIAN),
    **dict.fromkeys(("BCRB", "BAFR", "BOTH"), _E.BLACK),
    "OOTH": _E.OTHER,
}
"""The five groups of the census of 2021, where Chinese is one of the Asian groups; refused and
not obtained are unknown."""
