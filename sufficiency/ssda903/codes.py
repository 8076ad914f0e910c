"""The code sets of the SSDA903 return: what each code means and in which years it is asked for.

Years are those in which a return ends. Codes were taken up and dropped at different times, and what
was begun under an old code may still be open: every code here is accepted in every year; one
outside its years is only noted.

Sources: DfE's guide as in `data-to-insight/ssd-data-model` (meanings); `csc-validator-be-903` rules
103 and 143-149 and the schemas 2017-2026 of `liia-tools-pipeline` (codes and years). Where the two
disagree (H5, P2, Z1) the wider span is taken.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

FIRST, LAST = 2017, 2026
"""The years of returns whose codes are known."""


class Code(NamedTuple):
    """One code of a set."""

    meaning: str
    since: int = FIRST
    until: int = LAST


def _codes(**meanings: str) -> dict[str, Code]:
    return {code: Code(meaning) for code, meaning in meanings.items()}


RNE = _codes(
    S="started to be looked after",
    L="change of legal status only",
    P="change of placement and carer only",
    T="change of placement, same carer",
    B="change of legal status, placement and carer",
    U="change of legal status and placement, same carer",
)
"""Reason for a new episode."""

LS = _codes(
    C1="interim care order",
    C2="full care order",
    D1="freeing order",
    E1="placement order",
    V2="single period of accommodation (section 20)",
    V3="series of short breaks, agreed one by one",
    V4="series of short breaks, under one agreement",
    L1="police protection",
    L2="emergency protection order",
    L3="child assessment order",
    J1="remand",
    J2="detained under PACE",
    J3="youth rehabilitation order",
)
"""Legal status."""

SHORT_BREAKS = frozenset({"V3", "V4"})
"""Legal statuses of short breaks: such children are not in the statistics of children in care."""

CIN = _codes(
    N1="abuse or neglect",
    N2="child's disability",
    N3="parental illness or disability",
    N4="family in acute stress",
    N5="family dysfunction",
    N6="socially unacceptable behaviour",
    N7="low income",
    N8="absent parenting",
)
"""Category of need."""

PLACE = {
    **_codes(
        U1="foster care with a relative or friend, long-term",
        U2="foster care with a relative or friend who may adopt",
        U3="foster care with a relative or friend, other",
        U4="foster care, long-term",
        U5="foster care with carers who may adopt",
        U6="foster care, other",
        A3="placed for adoption with consent, current carer",
        A4="placed for adoption with consent, other",
        A5="placed for adoption under an order, current carer",
        A6="placed for adoption under an order, other",
        K1="secure children's home",
        K2="children's home",
        R1="residential care home",
        R2="NHS or other nursing",
        R3="family centre or mother and baby unit",
        R5="youth custody",
        S1="residential school",
        P1="with parents or others with parental responsibility",
        P3="residential employment",
        T0="temporary: other",
        T1="temporary: hospital",
        T2="temporary: on holiday",
        T3="temporary: while the carer is on holiday",
        T4="temporary: seven days or less, other",
    ),
    "K3": Code("supported accommodation, registered", since=2025),
    "H5": Code("semi-independent, not regulated as a children's home", until=2025),
    "P2": Code("independent living", until=2025),
    "Z1": Code("other, listed for the department"),
    "Z11": Code("other, in place of Z1", since=2026),
    "Z12": Code("other, in place of Z1", since=2026),
    "Z13": Code("other, in place of Z1", since=2026),
    "Z14": Code("other, in place of Z1", since=2026),
}
"""Placement. What sets Z11 to Z14 apart is not published in what was found."""

PLACE_PROVIDER = _codes(
    PR0="parents or others with parental responsibility",
    PR1="own authority",
    PR2="other authority",
    PR3="other public body",
    PR4="private",
    PR5="voluntary",
)
"""Provider; blank for temporary placements (T0-T4) and others (Z)."""

REC = {
    **_codes(
        X1="episode ends, another begins the same day",
        E11="adopted, unopposed",
        E12="adopted, consent dispensed with",
        E2="died",
        E3="another authority took over",
        E4A="returned home, planned",
        E4B="returned home, unplanned",
        E13="left to live with others without parental responsibility",
        E41="residence or child arrangements order",
        E5="independent living with formal support",
        E6="independent living without formal support",
        E7="residential care for adults",
        E9="sentenced to custody",
        E14="remand ended",
        E15="age assessed as 18 or over",
        E16="moved abroad",
        E17="18 or over, stays with the carer",
        E8="other",
    ),
    "E43": Code("special guardianship, former foster carer", until=2018),
    "E44": Code("special guardianship, other carer", until=2018),
    "E45": Code("special guardianship, relative or friend who fostered", since=2019),
    "E46": Code("special guardianship, other former foster carer", since=2019),
    "E47": Code("special guardianship, relative or friend", since=2019),
    "E48": Code("special guardianship, other", since=2019),
}
"""Reason for which an episode ends."""

REASON_PLACE_CHANGE = {
    **_codes(
        CARPL="as the care plan has it",
        CLOSE="the provision closed, or the carer resigned",
        ALLEG="an allegation",
        STAND="standards of care",
        APPRR="approval removed",
        CREQB="carer asks for it, because of behaviour",
        CREQO="carer asks for it, other",
        CHILD="child asks for it",
        LAREQ="authority asks for it",
        PLACE="status of the placement only, same carer",
        OTHER="other",
    ),
    "CUSTOD": Code("custody", since=2019),
}
"""Reason for a change of placement, on the episode that ends."""

ETHNIC = _codes(
    WBRI="White British",
    WIRI="White Irish",
    WOTH="other White",
    WIRT="Traveller of Irish heritage",
    WROM="Gypsy or Roma",
    MWBC="White and Black Caribbean",
    MWBA="White and Black African",
    MWAS="White and Asian",
    MOTH="other mixed",
    AIND="Indian",
    APKN="Pakistani",
    ABAN="Bangladeshi",
    AOTH="other Asian",
    BCRB="Black Caribbean",
    BAFR="Black African",
    BOTH="other Black",
    CHNE="Chinese",
    OOTH="other",
    REFU="refused",
    NOBT="not yet obtained",
)
"""Ethnic group."""

SEX: Mapping[str, str] = {"1": "male", "2": "female", "M": "male", "F": "female", "U": ""}
"""Sex: 1 and 2 up to 2023-24, letters since."""


def plain(code: str) -> str:
    """A code as the sets have it, however it was typed: `e4a ` is E4A, `1.0` is 1."""
    return "".join(code.split()).upper().removesuffix(".0")


def by_years(codes: Mapping[str, Code]) -> dict[tuple[int, int], list[str]]:
    """The codes of a set that are not asked for in every year, by the years in which they are."""
    found: dict[tuple[int, int], list[str]] = {}
    for code, (_, since, until) in codes.items():
        if (since, until) != (FIRST, LAST):
            found.setdefault((since, until), []).append(code)
    return found
