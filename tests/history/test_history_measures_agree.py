"""Names, groups, periods and values of what is observed, beside the measures of the simulation."""

from datetime import date

import numpy as np
import pandas as pd
import pytest
from returns_by_hand import a_history
from test_history_counts import laid_out, many_lives

from sufficiency.history.ages import days
from sufficiency.history.counting import observed
from sufficiency.history.tables import History
from sufficiency.measures import MEASURES, keys, measure
from sufficiency.rows import (
    CAUSES,
    ENTRY,
    ETHNICITIES,
    GROUPS,
    KINDS,
    PATHWAYS,
    REASONS,
    TYPES,
    Beds,
    CarePeriod,
    Household,
    Placement,
    Rows,
    Search,
    StayingPut,
    Table,
)
from sufficiency.scenario import Fostering, FrozenDict, Prices, Scenario
from sufficiency.vocabulary import KIND_OF_TYPE, EntryGroup, Pathway

FIRST, LAST, YEARS = date(2021, 4, 1), date(2023, 3, 31), 2.0


def as_rows(history: History) -> Rows:
    """A history as the simulation would have left it: days from the first, words as places."""
    children = history.children.set_index("child")
    origin = np.datetime64(FIRST)

    def number(column: pd.Series) -> np.ndarray:
        found = (days(column) - origin).astype(float)
        return np.where(np.isnat(days(column)), np.inf, found)

    care, placed = history.care, history.placements
    who = care["child"]
    care_rows = [
        CarePeriod(
            child=float(child),
            entered=entered,
            left=left,
            born=born,
            group=GROUPS.index(EntryGroup(group)),
            pathway=PATHWAYS.index(Pathway.REMAND if remand else Pathway.LONG),
            reason=REASONS.index(reason) if reason else 0,
            need=0,
            family=child,
            siblings=1,
            ethnicity=ETHNICITIES.index(ethnic),
            disabled=0,
            solo=0,
            dearness=0.5,
        )
        for child, entered, left, born, group, remand, reason, ethnic in zip(
            who,
            number(care["entered"]),
            number(care["left"]),
            number(children["born"].reindex(who)),
            care["entry_group"],
            care["remand"],
            care["reason"],
            children["ethnicity"].reindex(who),
            strict=True,
        )
    ]
    before = placed["cause"].shift(1)
    placement_rows = [
        Placement(
            child=float(child),
            type=TYPES.index(type_),
            planned=KINDS.index(KIND_OF_TYPE[TYPES[TYPES.index(type_)]]),
            started=started,
            ended=ended,
            cause=ENTRY if order == 1 else CAUSES.index(cause),
            provider=-1,
            in_area=float(in_area),
            over_20_miles=float(far),
            far_for_want=0,
            ifa_for_want=0,
            apart=0,
            need=0,
            solo=0,
            same_ethnic_group=np.nan,
        )
        for child, type_, started, ended, order, cause, in_area, far in zip(
            placed["child"],
            placed["type"],
            number(placed["started"]),
            number(placed["ended"]),
            placed["order"],
            before,
            placed["in_area"],
            placed["over_20_miles"],
            strict=True,
        )
    ]

    def table(row: type, rows: list) -> Table:
        return Table(row._fields, [value for one in rows for value in one])

    nothing = np.array([])
    return Rows(
        care_periods=table(CarePeriod, care_rows),
        placements=table(Placement, placement_rows),
        searches=table(Search, []),
        households=table(Household, []),
        staying_put=table(StayingPut, []),
        beds=table(Beds, []),
        until=730.0,
        state_changes=0,
        enquiries=nothing,
        applications=nothing,
        withdrawals=nothing,
    )


def simulated(history: History) -> dict[tuple[str, str, str], float]:
    """What the measures of the simulation make of a history."""
    scenario = Scenario.model_construct(
        start=FIRST,
        years=YEARS,
        fostering=Fostering.model_construct(carers_per_household=1.5, choice_margin=0.05),
        prices=Prices.model_construct(weekly=FrozenDict({})),
    )
    found = measure(scenario, as_rows(history))
    return {tuple(key): value for key, value in zip(found.keys, found.values, strict=True)}


@pytest.fixture(scope="module")
def history() -> History:
    luck = np.random.default_rng(5)
    children, episodes = laid_out(many_lives(80, 4))
    for e in episodes:
        e["in_area"] = bool(luck.integers(0, 2))
        e["miles"] = float(luck.integers(1, 40))
    for c in children:  # so that no age hangs on how long a year is
        c["born"] = c["born"][:4] + "-07-15"
        c["ethnic"] = str(luck.choice(["WBRI", "BAFR", "MWAS", "AIND", "OOTH"]))
    return a_history(children, episodes, first=FIRST, last=LAST)


def test_what_is_observed_is_a_part_of_what_is_simulated(history: History) -> None:
    found = observed(history)
    assert set(found["measure"]) <= set(MEASURES)
    known = {tuple(key) for key in keys(FIRST, YEARS)}
    assert set(found[["measure", "group", "period"]].itertuples(index=False, name=None)) <= known
    assert not found.duplicated(["measure", "group", "period"]).any()


def test_values_are_those_of_the_measures_of_the_simulation(history: History) -> None:
    """All but those where a year of 365.25 days, or two of 730.5, may tell another day."""
    by_calendar = ("three_or_more_in_two_years", "long_term_stability", "time_in_care")
    theirs = simulated(history)
    ours = observed(history)
    ours = ours[~ours["measure"].str.startswith(by_calendar)]
    assert ours["measure"].nunique() == 18
    for measured, group, period, value in ours.itertuples(index=False, name=None):
        expected = theirs[measured, group, period]
        assert value == pytest.approx(expected, abs=1e-9), (measured, group, period)
    aged = ours["group"].str.startswith("age=")
    assert (ours.loc[aged, "value"] > 0).sum() > 100


def test_nothing_that_the_simulation_knows_is_missing(history: History) -> None:
    """Of the measures observed: every group and period with a value, but for emergency beds."""
    ours = observed(history)
    there = set(ours[["measure", "group", "period"]].itertuples(index=False, name=None))
    measured_here = set(ours["measure"])
    by_calendar = {"three_or_more_in_two_years", "long_term_stability"}
    for (measured, group, period), value in simulated(history).items():
        if measured not in measured_here or np.isnan(value):
            continue
        first_day = period == FIRST.isoformat()
        if first_day or measured in by_calendar or "emergency_bed" in group:
            continue
        assert (measured, group, period) in there
