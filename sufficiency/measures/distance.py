"""How far from home children live at census dates, by age and type of placement."""

from __future__ import annotations

import numpy as np

from sufficiency.measures.children import AGE_GROUPS, TYPE_GROUPS
from sufficiency.measures.counting import flow, labels, ratio
from sufficiency.measures.run import Run
from sufficiency.periods import Floats, Ints
from sufficiency.rows import AGES, TYPES, MeasureInfo
from sufficiency.vocabulary import PlacementType

DISTANCE_GROUPS = labels("distance", ("in_area", "within_20_miles", "over_20_miles"))
SEARCHED_GROUPS = labels(
    "type",
    (
        PlacementType.IN_HOUSE,
        PlacementType.IFA,
        PlacementType.HOME_OWN,
        PlacementType.HOME_EXTERNAL,
        PlacementType.SUPPORTED,
    ),
)
"""The types of placement that are searched for; the others serve named children."""

_SEARCHED_CODES = [TYPE_GROUPS.index(group) for group in SEARCHED_GROUPS]
_NEAR, _IN_AREA, _FAR, _IN_AREA_AND_FAR = range(4)

_EVERYBODY = ("",)
_DFE = 'DfE, "Children looked after in England including adoptions"'
_OURS = "this model's"

MEASURES: dict[str, MeasureInfo] = {
    "placement_distance": MeasureInfo(
        "children",
        "",
        "Children in care by where their placement is: inside the authority's boundary; outside it"
        " and within 20 miles of home; outside it and over 20 miles from home. By age, and by type"
        " of placement.",
        "Children in care at the date, each at one of the three distances. in_area is inside the"
        " boundary, however far from home.",
        f"{_DFE}: locality of placement and distance from home. By age, as scrutiny committees ask"
        " for it.",
        (
            *DISTANCE_GROUPS,
            *(f"{distance};{type_}" for type_ in SEARCHED_GROUPS for distance in DISTANCE_GROUPS),
            *(f"{age};{distance}" for age in AGE_GROUPS for distance in DISTANCE_GROUPS),
        ),
        "quarter_ends",
    ),
    "in_area_share": MeasureInfo(
        "share",
        "up",
        "Share of the children in care placed inside the authority's boundary, by type of placement"
        " and by age.",
        "Children placed inside the boundary ÷ children in care, or those of the type or age.",
        f"{_DFE}: locality of placement; sufficiency duty, section 22G of the Children Act 1989.",
        (*_EVERYBODY, *SEARCHED_GROUPS, *AGE_GROUPS),
        "quarter_ends",
    ),
    "over_20_miles_share": MeasureInfo(
        "share",
        "down",
        "Share of the children in care placed over 20 miles from home, inside the area or not, by"
        " type of placement and by age.",
        "Children placed over 20 miles from home ÷ children in care, or those of the type or age.",
        f"{_DFE}: distance between home and placement.",
        (*_EVERYBODY, *SEARCHED_GROUPS, *AGE_GROUPS),
        "quarter_ends",
    ),
    "far_for_want_of_carer": MeasureInfo(
        "children",
        "down",
        "Children who live far away only because no carer was found nearer. Who is far away by"
        " chance, or for their safety, is not counted. Part of unmet_need.",
        "Children in a placement outside the area and over 20 miles from home that was taken"
        " because the search had found nothing nearer.",
        f"{_OURS}; after section 22C of the Children Act 1989 (near home).",
        _EVERYBODY,
        "quarter_ends",
    ),
    "first_placements_in_area_share": MeasureInfo(
        "share",
        "up",
        "Of the children who entered care: the share whose first placement is inside the"
        " authority's boundary.",
        "Placements at entry inside the boundary ÷ placements at entry, begun in the period.",
        f"{_OURS}; councils publish a proxy, where initial health assessments were held.",
        _EVERYBODY,
        "quarters_and_years",
    ),
}


def measure(run: Run) -> dict[str, Floats]:
    """How far from home children live."""
    s, quarters = run.stays, len(run.calendar.quarter_ends.times)
    where = _where(run)
    by_type = run.at_quarter_ends(s.type * 4 + where, 4 * len(TYPES))
    by_type = by_type.reshape(len(TYPES), 4, quarters)
    by_age = run.by_age(np.ones(len(s.type), dtype=np.bool_), where, 4)
    by_age = by_age.reshape(4, len(AGES), quarters).swapaxes(0, 1)
    cells = np.concatenate([by_type.sum(axis=0)[None], by_type[_SEARCHED_CODES], by_age])
    everybody = cells.sum(axis=1)
    in_area = cells[:, _IN_AREA] + cells[:, _IN_AREA_AND_FAR]
    distances = np.stack([in_area, cells[:, _NEAR], cells[:, _FAR]], axis=1)
    return {
        "placement_distance": distances.reshape(-1, quarters),
        "in_area_share": ratio(in_area, everybody),
        "over_20_miles_share": ratio(cells[:, _FAR] + cells[:, _IN_AREA_AND_FAR], everybody),
        "far_for_want_of_carer": run.number(s.far_for_want),
        "first_placements_in_area_share": _first_placements(run, where),
    }


def _first_placements(run: Run, where: Ints) -> Floats:
    entered = np.flatnonzero(run.stays.at_entry)
    inside = ((where[entered] == _IN_AREA) | (where[entered] == _IN_AREA_AND_FAR)).astype(np.int64)
    both = flow(inside, 2, run.stays.quarter[entered], run.calendar)
    return ratio(both[1:], both.sum(axis=0, keepdims=True))


def _where(run: Run) -> Ints:
    placements = run.rows.placements
    in_area = (placements["in_area"] > 0).astype(np.int64)
    return in_area + 2 * (placements["over_20_miles"] > 0)
