"""Children in care at census dates: how many, who, for how long, and in what home."""

from __future__ import annotations

import numpy as np

from sufficiency.measures.counting import (
    Bools,
    bands_of,
    labels,
    ratio,
    stock,
    stock_by_band,
    with_total,
)
from sufficiency.measures.run import Run, kind_code, type_code
from sufficiency.periods import YEAR, Floats, Ints
from sufficiency.rows import AGES, ETHNICITIES, KINDS, TYPES, MeasureInfo
from sufficiency.vocabulary import Kind, Pathway, PlacementType, Stream

TYPE_GROUPS = labels("type", TYPES)
KIND_GROUPS = labels("kind", KINDS)
AGE_GROUPS = labels("age", AGES)
STREAM_GROUPS = labels("stream", Stream)
ETHNICITY_GROUPS = labels("ethnicity", ETHNICITIES)
COHORT_GROUPS = labels("cohort", ("siblings", "teenage", "disabled", "uasc"))
ON_REMAND = (f"pathway={Pathway.REMAND}",)
"""A small group of its own; the other pathways are the model's, not the statistics'."""

_IN_HOUSE, _IFA, _KINSHIP = (
    type_code(t) for t in (PlacementType.IN_HOUSE, PlacementType.IFA, PlacementType.KINSHIP)
)
_HOME_OWN, _HOME_EXTERNAL = (
    type_code(t) for t in (PlacementType.HOME_OWN, PlacementType.HOME_EXTERNAL)
)
_FOSTER = kind_code(Kind.FOSTER)
_TIME_BANDS = (0.0, 0.5 * YEAR, YEAR, 2 * YEAR, 5 * YEAR)
_TIME_GROUPS = labels(
    "band",
    (
        "under_6_months",
        "6_to_12_months",
        "1_to_2_years",
        "2_to_5_years",
        "5_years_or_more",
        "2_years_or_more",
    ),
)

_EVERYBODY = ("",)
_DFE = 'DfE, "Children looked after in England including adoptions"'
_OURS = "this model's"

MEASURES: dict[str, MeasureInfo] = {
    "children_in_care": MeasureInfo(
        "children",
        "",
        "Children in care at the date, by age, type of placement, stream (UASC or not) and ethnic"
        " group; and those who entered on remand.",
        "Children with a placement that has begun and not ended at midnight on the date.",
        f"{_DFE}: number on 31 March; short breaks are left out.",
        (
            *_EVERYBODY,
            *AGE_GROUPS,
            *TYPE_GROUPS,
            *STREAM_GROUPS,
            *ETHNICITY_GROUPS,
            *ON_REMAND,
        ),
        "month_ends",
    ),
    "children_share": MeasureInfo(
        "share",
        "",
        "Share of the children in care who are of an age, in a type of placement, of a stream, of"
        " an ethnic group.",
        "children_in_care of the group ÷ children_in_care.",
        _DFE,
        (*AGE_GROUPS, *TYPE_GROUPS, *STREAM_GROUPS, *ETHNICITY_GROUPS),
        "quarter_ends",
    ),
    "time_in_care": MeasureInfo(
        "children",
        "",
        "Children by the time they have been in care. The bands add up, save 2 years or more, which"
        " takes the last two together.",
        "Children in care by the days since entry; a year is 365.25 days.",
        f"{_OURS}; the period of care under way, as in long_term_stability.",
        _TIME_GROUPS,
        "quarter_ends",
    ),
    "time_in_care_share": MeasureInfo(
        "share",
        "",
        "Share of the children in care who have been in care for so long; the bands add up to 1,"
        " save 2 years or more, which takes the last two together.",
        "time_in_care of the band ÷ children_in_care.",
        f"{_OURS}; the period of care under way, as in long_term_stability.",
        _TIME_GROUPS,
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
        " or apart from siblings they entered with, for want of a place. Siblings are children who"
        " entered with one, teenagers are 13 to 17; cohorts overlap.",
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
        "Children in a children's home whose plan is a foster family, by age.",
        "Children in own and external homes whose planned kind is foster.",
        _OURS,
        (*_EVERYBODY, *AGE_GROUPS),
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
    "fostered_share": MeasureInfo(
        "share",
        "",
        "Share of the children in care who live with foster carers: in-house, an agency's, or kin.",
        "(in-house + IFA + kinship) ÷ children in care.",
        f"{_DFE}: foster placements (codes U1 to U6).",
        _EVERYBODY,
        "quarter_ends",
    ),
}


def measure(run: Run) -> dict[str, Floats]:
    """Children in care at census dates."""
    quarters = run.calendar.quarters_in_months
    by_type = run.at_month_ends(run.stays.type, len(TYPES))
    total = by_type.sum(axis=0, keepdims=True)
    groups = np.vstack([_by_age(run), by_type, _by_child(run)])
    shares = ratio(groups[:-1, quarters], total[:, quarters])
    by_time = _time_in_care(run)
    planned = run.at_quarter_ends(run.stays.planned, len(KINDS))
    return {
        "children_in_care": np.vstack([total, groups]),
        "children_share": shares,
        "time_in_care": by_time,
        "time_in_care_share": ratio(by_time, total[:, quarters]),
        "placements_needed": with_total(planned),
        "unmet_need": _unmet_need(run),
        **_for_want(run),
        **_shares(by_type[:, quarters]),
    }


def _by_age(run: Run) -> Floats:
    c = run.children
    return stock_by_band(c.first, c.last, c.ages, len(run.calendar.month_ends.times))


def _by_child(run: Run) -> Floats:
    """By stream and by ethnic group; last, those on remand."""
    c, n = run.children, len(run.calendar.month_ends.times)
    streams = stock(c.stream, len(Stream), c.first, c.last, n)
    ethnic_groups = stock(c.ethnicity, len(ETHNICITIES), c.first, c.last, n)
    return np.vstack([streams, ethnic_groups, _of(c.on_remand, c.first, c.last, n)])


def _of(which: Bools, first: Ints, last: Ints, dates: int) -> Floats:
    """Intervals of which something is true: one row."""
    who = np.flatnonzero(which)
    return stock(np.zeros_like(who), 1, first[who], last[who], dates)


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
    siblings = _of(c.siblings[child] > 1, first, last, n)
    turned_13 = _turned(run, child, 13)
    teenage = stock(np.zeros_like(child), 1, np.maximum(first, turned_13), last, n)
    disabled = _of(c.disabled[child], first, last, n)
    uasc = _of(c.stream[child] > 0, first, last, n)
    everyone = np.vstack([with_total(kinds), ages, siblings, teenage, disabled, uasc])
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
    for_want = home & (s.planned == _FOSTER)
    return {
        "ifa_for_want_of_in_house": run.number(for_want_of_in_house(run)),
        "residential_for_want_of_carer": with_total(run.by_age(for_want, np.zeros_like(s.type), 1)),
        "under_12_in_residential": under_12[:, run.calendar.quarters_in_months],
    }


def for_want_of_in_house(run: Run) -> Bools:
    """Which placements are with an agency because no in-house place matched."""
    which: Bools = (run.stays.type == _IFA) & (run.rows.placements["ifa_for_want"] > 0)
    return which


def _shares(by_type: Floats) -> dict[str, Floats]:
    in_house = by_type[[_IN_HOUSE]]
    own = in_house + by_type[[_KINSHIP]] + by_type[[_HOME_OWN]]
    fostered = in_house + by_type[[_IFA]] + by_type[[_KINSHIP]]
    return {
        "in_house_share": ratio(in_house, in_house + by_type[[_IFA]]),
        "own_provision_share": ratio(own, by_type.sum(axis=0, keepdims=True)),
        "fostered_share": ratio(fostered, by_type.sum(axis=0, keepdims=True)),
    }
