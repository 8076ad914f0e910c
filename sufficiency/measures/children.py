"""Children in care at census dates: how many, where, for how long, and in what home."""

from __future__ import annotations

import numpy as np

from sufficiency.measures.counting import (
    bands_of,
    labels,
    ratio,
    stock,
    stock_by_band,
    with_total,
)
from sufficiency.measures.run import Run, kind_code, type_code
from sufficiency.periods import YEAR, Floats, Ints
from sufficiency.rows import AGES, KINDS, TYPES, MeasureInfo
from sufficiency.vocabulary import Kind, PlacementType, Stream

TYPE_GROUPS = labels("type", TYPES)
KIND_GROUPS = labels("kind", KINDS)
AGE_GROUPS = labels("age", AGES)
STREAM_GROUPS = labels("stream", Stream)
COHORT_GROUPS = labels("cohort", ("siblings", "teenage", "uasc"))
BOUGHT = labels(
    "type",
    (
        PlacementType.IN_HOUSE,
        PlacementType.IFA,
        PlacementType.HOME_OWN,
        PlacementType.HOME_EXTERNAL,
        PlacementType.SUPPORTED,
    ),
)

_IN_HOUSE, _IFA, _KINSHIP = (
    type_code(t) for t in (PlacementType.IN_HOUSE, PlacementType.IFA, PlacementType.KINSHIP)
)
_HOME_OWN, _HOME_EXTERNAL = (
    type_code(t) for t in (PlacementType.HOME_OWN, PlacementType.HOME_EXTERNAL)
)
_FOSTER = kind_code(Kind.FOSTER)
_BOUGHT_CODES = [TYPE_GROUPS.index(group) for group in BOUGHT]
_TIME_BANDS = (0.0, 0.5 * YEAR, YEAR, 2 * YEAR, 5 * YEAR)

_EVERYBODY = ("",)
_DFE = 'DfE, "Children looked after in England including adoptions"'
_OURS = "this model's"

MEASURES: dict[str, MeasureInfo] = {
    "children_in_care": MeasureInfo(
        "children",
        "",
        "Children in care at the date, by age, type of placement and stream (UASC or not).",
        "Children with a placement that has begun and not ended at midnight on the date.",
        f"{_DFE}: number on 31 March; short breaks are left out.",
        (*_EVERYBODY, *AGE_GROUPS, *TYPE_GROUPS, *STREAM_GROUPS),
        "month_ends",
    ),
    "children_share": MeasureInfo(
        "share",
        "",
        "Share of the children in care who are of an age, in a type of placement, of a stream.",
        "children_in_care of the group ÷ children_in_care.",
        _DFE,
        (*AGE_GROUPS, *TYPE_GROUPS, *STREAM_GROUPS),
        "quarter_ends",
    ),
    "time_in_care": MeasureInfo(
        "children",
        "",
        "Children by the time they have been in care. The bands add up, save 2 years or more, which"
        " takes the last two together.",
        "Children in care by the days since entry; a year is 365.25 days.",
        f"{_OURS}; the period of care under way, as in long_term_stability.",
        labels(
            "band",
            (
                "under_6_months",
                "6_to_12_months",
                "1_to_2_years",
                "2_to_5_years",
                "5_years_or_more",
                "2_years_or_more",
            ),
        ),
        "quarter_ends",
    ),
    "placements_needed": MeasureInfo(
        "placements",
        "",
        "Children whose plan is this kind of home, wherever they live.",
        "Children in care by the kind of home planned for the placement they are in.",
        f"{_OURS}; need as the statutory guidance on sufficiency (2010) means it.",
        (*_EVERYBODY, *KIND_GROUPS),
        "quarter_ends",
    ),
    "unmet_need": MeasureInfo(
        "children",
        "down",
        "Children whose plan is this kind of home and who live in another kind, or out of the area,"
        " or apart from siblings they entered with, for want of a place. Teenagers are 13 to 17;"
        " cohorts overlap.",
        "Children in care whose kind of home is not the one planned (an emergency bed or an"
        " unregistered placement never is), or who are far away because nothing nearer was found,"
        " or apart from a sibling for want of a place for both; each child once in a group. A child"
        " who is far away by chance, or with an agency, is not counted.",
        f"{_OURS}; after section 22C of the Children Act 1989 (near home, with siblings).",
        (*_EVERYBODY, *KIND_GROUPS, *AGE_GROUPS, *COHORT_GROUPS),
        "quarter_ends",
    ),
    "ifa_for_want_of_in_house": MeasureInfo(
        "children",
        "down",
        "Children with an independent fostering agency because no in-house place matched."
        " Not unmet need: they live with a foster family.",
        "Children with an agency whose search looked for an in-house carer and found none suited.",
        _OURS,
        _EVERYBODY,
        "quarter_ends",
    ),
    "residential_for_want_of_carer": MeasureInfo(
        "children",
        "down",
        "Children in a children's home whose plan is a foster family.",
        "Children in own and external homes whose planned kind is foster.",
        _OURS,
        _EVERYBODY,
        "quarter_ends",
    ),
    "under_12_in_residential": MeasureInfo(
        "children",
        "down",
        "Children under 12 in a children's home.",
        "Children in own and external homes before their 12th birthday.",
        _OURS,
        _EVERYBODY,
        "quarter_ends",
    ),
    "in_house_share": MeasureInfo(
        "share",
        "up",
        "Of fostered children, kinship left out: the share with in-house carers.",
        "in-house ÷ (in-house + IFA).",
        _OURS,
        _EVERYBODY,
        "quarter_ends",
    ),
    "own_provision_share": MeasureInfo(
        "share",
        "",
        "Share of the children in care placed with the authority's own carers and homes.",
        "(in-house + kinship + own homes) ÷ children in care.",
        f"{_DFE}: provider code PR1; carers who are kin are approved by the authority.",
        _EVERYBODY,
        "quarter_ends",
    ),
    "in_area_share": MeasureInfo(
        "share",
        "up",
        "Share of the children in care placed inside the authority's boundary.",
        "Children placed inside the boundary ÷ children in care, or those of the type.",
        f"{_DFE}: locality of placement; sufficiency duty, section 22G of the Children Act 1989.",
        (*_EVERYBODY, *BOUGHT),
        "quarter_ends",
    ),
    "over_20_miles_share": MeasureInfo(
        "share",
        "down",
        "Share of the children in care placed over 20 miles from home, inside the area or not.",
        "Children placed over 20 miles from home ÷ children in care, or those of the type.",
        f"{_DFE}: distance between home and placement.",
        (*_EVERYBODY, *BOUGHT),
        "quarter_ends",
    ),
}


def measure(run: Run) -> dict[str, Floats]:
    """Children in care at census dates."""
    quarters = run.calendar.quarters_in_months
    by_type = run.at_month_ends(run.stays.type, len(TYPES))
    total = by_type.sum(axis=0, keepdims=True)
    groups = np.vstack([_by_age(run), by_type, _by_stream(run)])
    everybody = total[:, quarters]
    planned = run.at_quarter_ends(run.stays.planned, len(KINDS))
    return {
        "children_in_care": np.vstack([total, groups]),
        "children_share": ratio(groups[:, quarters], everybody),
        "time_in_care": _time_in_care(run),
        "placements_needed": with_total(planned),
        "unmet_need": _unmet_need(run),
        **_for_want(run),
        **_shares(run, by_type[:, quarters], everybody),
    }


def _by_age(run: Run) -> Floats:
    c = run.children
    return stock_by_band(c.first, c.last, c.ages, len(run.calendar.month_ends.times))


def _by_stream(run: Run) -> Floats:
    c = run.children
    return stock(c.stream, len(Stream), c.first, c.last, len(run.calendar.month_ends.times))


def _time_in_care(run: Run) -> Floats:
    c = run.children
    bands = bands_of(c.entered, _TIME_BANDS, run.calendar)
    months = stock_by_band(c.first, c.last, bands, len(run.calendar.month_ends.times))
    both = np.vstack([months, months[-2:].sum(axis=0)])
    return both[:, run.calendar.quarters_in_months]


def _unmet_need(run: Run) -> Floats:
    s, c, n = run.stays, run.children, len(run.calendar.month_ends.times)
    who = np.flatnonzero(s.second_best & (s.last > s.first))
    child, first, last = s.child[who], s.first[who], s.last[who]
    kinds = stock(s.planned[who], len(KINDS), first, last, n)
    ages = stock_by_band(first, last, c.ages[:, child], n)
    siblings = stock((c.siblings[child] > 1).astype(np.int64), 2, first, last, n)[1:]
    uasc = stock(c.stream[child], len(Stream), first, last, n)[1:]
    turned_13 = _turned(run, child, 13)
    teenage = stock(np.zeros_like(child), 1, np.maximum(first, turned_13), last, n)
    everyone = np.vstack([with_total(kinds), ages, siblings, teenage, uasc])
    return everyone[:, run.calendar.quarters_in_months]


def _turned(run: Run, child: Ints, years: int) -> Ints:
    """The first month end after a birthday."""
    days = run.calendar
    return days.month_ends.first[days.days_of(run.children.born[child] + years * YEAR)]


def _for_want(run: Run) -> dict[str, Floats]:
    s, n = run.stays, len(run.calendar.month_ends.times)
    home = (s.type == _HOME_OWN) | (s.type == _HOME_EXTERNAL)
    who = np.flatnonzero(home)
    turned_12 = _turned(run, s.child[who], 12)
    under_12 = stock(np.zeros_like(who), 1, s.first[who], np.minimum(s.last[who], turned_12), n)
    for_want = run.rows.placements["ifa_for_want"] > 0
    return {
        "ifa_for_want_of_in_house": run.number((s.type == _IFA) & for_want),
        "residential_for_want_of_carer": run.number(home & (s.planned == _FOSTER)),
        "under_12_in_residential": under_12[:, run.calendar.quarters_in_months],
    }


def _shares(run: Run, by_type: Floats, total: Floats) -> dict[str, Floats]:
    in_house = by_type[[_IN_HOUSE]]
    own = in_house + by_type[[_KINSHIP]] + by_type[[_HOME_OWN]]
    return {
        "in_house_share": ratio(in_house, in_house + by_type[[_IFA]]),
        "own_provision_share": ratio(own, total),
        "in_area_share": _place_share(run, "in_area", by_type),
        "over_20_miles_share": _place_share(run, "over_20_miles", by_type),
    }


def _place_share(run: Run, column: str, by_type: Floats) -> Floats:
    """The share for whom a column of the placements is 1: of all, and of each type bought."""
    yes = (run.rows.placements[column] > 0).astype(np.int64)
    n = len(TYPES)
    there = run.at_quarter_ends(run.stays.type + n * yes, 2 * n)[n:]
    shares = ratio(with_total(there), with_total(by_type))
    return shares[[0, *(1 + code for code in _BOUGHT_CODES)]]
