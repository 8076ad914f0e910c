"""In-house foster households: how they come and go, how many there are and how many are needed."""

from __future__ import annotations

import numpy as np

from sufficiency.measures.children import for_want_of_in_house
from sufficiency.measures.counting import labels, ratio, with_total
from sufficiency.measures.run import Run, kind_code, type_code
from sufficiency.periods import Floats
from sufficiency.rows import MeasureInfo
from sufficiency.vocabulary import Kind, PlacementType

_FROM_ANOTHER_AGENCY = 4
"""In the column `origin` of a household."""
_IN_HOUSE, _IFA = type_code(PlacementType.IN_HOUSE), type_code(PlacementType.IFA)
_FOSTER = kind_code(Kind.FOSTER)

_EVERYBODY = ("",)
_OFSTED = 'Ofsted, "Fostering in England"'
_OURS = "this model's"

MEASURES: dict[str, MeasureInfo] = {
    "foster_enquiries": MeasureInfo(
        "households",
        "",
        "Households that enquired about fostering in-house.",
        "Enquiries in the period.",
        f"{_OFSTED}: initial enquiries.",
        _EVERYBODY,
        "quarters_and_years",
    ),
    "foster_applications": MeasureInfo(
        "households",
        "",
        "Households that applied to foster in-house.",
        "Applications in the period.",
        f"{_OFSTED}: applications.",
        _EVERYBODY,
        "quarters_and_years",
    ),
    "foster_applications_withdrawn": MeasureInfo(
        "households",
        "down",
        "Applications to foster in-house that ended without approval, withdrawn or refused.",
        "Applications that ended so in the period, whenever they were made.",
        f"{_OFSTED}: outcome of applications.",
        _EVERYBODY,
        "quarters_and_years",
    ),
    "foster_households_approved": MeasureInfo(
        "households",
        "up",
        "In-house foster households approved, recruits and those that came from another agency"
        " included.",
        "Approvals in the period.",
        f"{_OFSTED}: approvals of mainstream households.",
        _EVERYBODY,
        "quarters_and_years",
    ),
    "foster_households_transferred_in": MeasureInfo(
        "households",
        "up",
        "In-house foster households approved that came from another agency.",
        "The part of foster_households_approved that fostered for another agency before.",
        f"{_OFSTED}: transfers between agencies count as approvals and as deregistrations.",
        _EVERYBODY,
        "quarters_and_years",
    ),
    "foster_households_left": MeasureInfo(
        "households",
        "down",
        "In-house foster households that left, those that went to another agency included. A"
        " household that decides to stop leaves when the last child has gone.",
        "Households closed in the period.",
        f"{_OFSTED}: deregistrations of mainstream households.",
        _EVERYBODY,
        "quarters_and_years",
    ),
    "foster_households_transferred_out": MeasureInfo(
        "households",
        "down",
        "In-house foster households that went to another agency; their children stay with them.",
        "The part of foster_households_left that fosters for another agency after.",
        f"{_OFSTED}: transfers between agencies count as approvals and as deregistrations.",
        _EVERYBODY,
        "quarters_and_years",
    ),
    "foster_households_net": MeasureInfo(
        "households",
        "up",
        "Growth of the number of in-house foster households; below 0: a decline.",
        "foster_households_approved less foster_households_left.",
        _OURS,
        _EVERYBODY,
        "quarters_and_years",
    ),
    "foster_households": MeasureInfo(
        "households",
        "up",
        "In-house foster households, those that wind down or wait for a first child included.",
        "Households approved and not closed.",
        f"{_OFSTED}: mainstream households on 31 March.",
        _EVERYBODY,
        "quarter_ends",
    ),
    "carers": MeasureInfo(
        "people",
        "up",
        "In-house foster carers. Carers, households, places and children are four different units.",
        "foster_households times fostering.carers_per_household.",
        f"{_OFSTED}: 56,345 carers in 33,435 households in 2025.",
        _EVERYBODY,
        "quarter_ends",
    ),
    "filled_per_household": MeasureInfo(
        "places",
        "",
        "Children who live with an in-house household, on average.",
        "places_filled of in_house ÷ foster_households.",
        f"{_OFSTED}: 42,015 filled places in 33,435 households in 2025, 1.26.",
        _EVERYBODY,
        "quarter_ends",
    ),
    "staying_put": MeasureInfo(
        "people",
        "",
        "Young adults who stay with a former in-house carer and hold a foster place.",
        "Staying-put arrangements begun and not ended.",
        "Children Act 1989, section 23CZA; DfE 2024.",
        _EVERYBODY,
        "quarter_ends",
    ),
    "foster_households_needed": MeasureInfo(
        "households",
        "",
        "The Fostering Network's benchmark: households to approve in the year to replace those that"
        " leave, to follow growth, and to have a choice. A sum, not a simulated need: to be read"
        " beside foster_households_short.",
        "Leavers: households that left in the year. Growth: rise, from the year's start to its end"
        " and never below 0, of the children who are fostered, in-house or with an agency, kin left"
        " out, ÷ filled_per_household at the start. Choice: fostering.choice_margin times the"
        " households at the start. Children with an agency are in it, because the number in-house"
        " cannot grow unless the households do.",
        "The Fostering Network, recruitment targets: leavers (there a mean of three years) + growth"
        " (there of the year before) + a larger pool for choice.",
        (*_EVERYBODY, *labels("part", ("leavers", "growth", "choice"))),
        "years",
    ),
    "foster_households_short": MeasureInfo(
        "households",
        "down",
        "Households more that it would take for the children who live elsewhere for want of an"
        " in-house carer, at as many children to a household as live there now. A vacant place need"
        " not match, so it may take more.",
        "Children of ifa_for_want_of_in_house, and children whose plan is a foster family and who"
        " live in another kind of home, in a stopgap or, for want of a carer, far away (each once),"
        " ÷ filled_per_household.",
        f"{_OURS}; beside the benchmark foster_households_needed.",
        _EVERYBODY,
        "quarter_ends",
    ),
}


def measure(run: Run) -> dict[str, Floats]:
    """In-house foster households, coming, there and needed."""
    rows, table = run.rows, run.rows.households
    approved, closed = table["approved"], table["closed"]
    arrived, left = run.events(approved), run.events(closed)
    there = run.number_between(approved, closed)
    filled = ratio(run.number(run.stays.type == _IN_HOUSE), there)
    return {
        "foster_enquiries": run.events(rows.enquiries),
        "foster_applications": run.events(rows.applications),
        "foster_applications_withdrawn": run.events(rows.withdrawals),
        "foster_households_approved": arrived,
        "foster_households_transferred_in": run.events(
            approved[table["origin"] == _FROM_ANOTHER_AGENCY]
        ),
        "foster_households_left": left,
        "foster_households_transferred_out": run.events(closed[table["transferred"] > 0]),
        "foster_households_net": arrived - left,
        "foster_households": there,
        "carers": there * run.scenario.fostering.carers_per_household,
        "filled_per_household": filled,
        "staying_put": run.number_between(rows.staying_put["started"], rows.staying_put["ended"]),
        "foster_households_needed": _needed(run, left, there, filled),
        "foster_households_short": _households_for(_elsewhere(run), filled),
    }


def _needed(run: Run, left: Floats, there: Floats, filled: Floats) -> Floats:
    """The Fostering Network's benchmark by year: the whole, leavers, growth and choice."""
    days = run.calendar
    census = np.searchsorted(days.quarter_ends.times, days.years.edges, side="right") - 1
    start, end = census[:-1], census[1:]
    fostered = run.number((run.stays.type == _IN_HOUSE) | (run.stays.type == _IFA))
    rise = np.maximum(fostered[:, end] - fostered[:, start], 0.0)
    leavers = left[:, len(days.quarters.labels) :]
    growth = _households_for(rise, filled[:, start])
    choice = run.scenario.fostering.choice_margin * there[:, start]
    return with_total(np.vstack([leavers, growth, choice]))


def _elsewhere(run: Run) -> Floats:
    """Children who live elsewhere for want of an in-house carer, at quarter ends."""
    s = run.stays
    for_want = (s.planned == _FOSTER) & (s.another_kind | s.far_for_want)
    return run.number(for_want | for_want_of_in_house(run))


def _households_for(children: Floats, filled: Floats) -> Floats:
    """Households for so many children; NaN if there are children and no household has one."""
    per_household = np.where(filled > 0, filled, np.nan)
    return np.where(children == 0, 0.0, children / per_household)
