"""A scenario as a whole, its options, and where its values come from."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal, Self

from pydantic import BeforeValidator, Field, StrictStr, model_validator

from sufficiency.periods import end_of
from sufficiency.scenario.demand import Authority, Demand, Stays
from sufficiency.scenario.placement import Moves, Placement, StepAcross
from sufficiency.scenario.plan import Governance
from sufficiency.scenario.price_rules import region_missing
from sufficiency.scenario.prices import Budgeted, FinancialYear, Prices, Programme
from sufficiency.scenario.provision import (
    Elsewhere,
    Emergency,
    ExternalHomes,
    Fostering,
    Home,
    Ifa,
    Supported,
)
from sufficiency.scenario.values import (
    Count,
    Day,
    Freeze,
    Number,
    Part,
    Sum,
    TypeName,
    iso,
    tuples,
)


class DatedChange(Part):
    """A value that changes on a date."""

    on: Day
    """First day of the new value."""
    path: StrictStr
    """The setting, as in the file: `fostering.leaving_per_year`."""
    to: Any
    """The new value."""


class Observed(Part):
    """A published value to set beside the simulated one; never an input."""

    measure: StrictStr
    """Name of a measure."""
    group: StrictStr = ""
    """Group, as in summary.csv."""
    period: Annotated[StrictStr, BeforeValidator(iso)]
    """Date, quarter or financial year it belongs to."""
    value: Number
    """The published value."""
    source: StrictStr
    """Who published it."""
    use: Literal["fit", "check"]
    """`fit`: it may be used to adjust free values. `check`: it is only ever compared with."""
    note: StrictStr = ""
    """What to know when comparing."""


class PastValue(Part):
    """A number of the time before the run, for charts to begin with: no input, never compared."""

    measure: StrictStr
    """Name of a measure."""
    group: StrictStr = ""
    """Group, as in summary.csv."""
    period: Annotated[StrictStr, BeforeValidator(iso)]
    """Date, quarter or financial year it belongs to; before the first day of the run."""
    value: Number
    """The value then."""
    source: StrictStr
    """Who published or counted it."""


class Validation(Part):
    """A past period to simulate and to set beside what was published of it (`observed`)."""

    start: Day
    """First day of the period."""
    years: Annotated[float, Field(strict=True, gt=0, le=25)] = 1.0
    """Its length in years."""
    children_in_care: Count
    """Children in care on that day."""
    uasc_in_care: Count | None = None
    """Of these, unaccompanied asylum-seeking children; left out: from the flow of UASC."""
    set: Annotated[Mapping[str, Any], Freeze] | None = None
    """Other values as they were then, by path, as an option sets them."""
    free: Annotated[tuple[StrictStr, ...], BeforeValidator(tuples)] = ()
    """Values that `validate --fit` may move, each inside its own range."""

    @model_validator(mode="after")
    def _possible(self) -> Self:
        if self.uasc_in_care is not None and self.uasc_in_care > self.children_in_care:
            raise ValueError("uasc_in_care: is more than children_in_care")
        return self


class Scenario(Part):
    """A possible future of one authority: everything the simulation needs."""

    name: StrictStr
    """Name shown in tables and reports."""
    description: StrictStr = ""
    """One sentence for the report."""
    start: Day
    """First day; the children, carers and homes stated are those of this day."""
    years: Annotated[float, Field(strict=True, gt=0, le=25)]
    """Years simulated."""
    replications: Annotated[int, Field(strict=True, ge=1, le=100_000)]
    """Futures simulated for each option."""
    seed: Annotated[int, Field(strict=True, ge=0, lt=2**63)]
    """Seed of the random numbers."""
    warm_up_years: Annotated[float, Field(strict=True, ge=0, le=18)]
    """Years before the first day over which homes and carers settle into a usual state."""
    authority: Authority
    demand: Demand
    stays: Stays
    placement: Placement
    moves: Moves
    step_across: StepAcross
    fostering: Fostering
    ifa: Ifa
    homes: Annotated[tuple[Home, ...], BeforeValidator(tuples)] = ()
    """The authority's own children's homes."""
    external_homes: ExternalHomes
    supported: Supported
    emergency: Emergency
    elsewhere: Elsewhere
    prices: Prices
    programme: Annotated[tuple[Programme, ...], BeforeValidator(tuples)] = ()
    """Sums spent on a plan, by financial year."""
    budget: Annotated[Mapping[FinancialYear, Sum], Freeze] = {}
    """£ of net cost budgeted, by financial year of the run."""
    budgeted: Annotated[Mapping[FinancialYear, Budgeted], Freeze] = {}
    """The children and unit costs that a year's budget rests on."""
    ledger: Annotated[
        Mapping[FinancialYear, Annotated[Mapping[TypeName, Sum], Freeze]], Freeze
    ] = {}
    """£ spent by type of placement, by financial year: of the run, or the year before it."""
    changes: Annotated[tuple[DatedChange, ...], BeforeValidator(tuples)] = ()
    """Values that change on a date."""
    validation: Validation | None = None
    """A past period to compare with `observed`; left out: the run itself."""
    observed: Annotated[tuple[Observed, ...], BeforeValidator(tuples)] = ()
    """Published values to compare with."""
    history: Annotated[tuple[PastValue, ...], BeforeValidator(tuples)] = ()
    """What was before the first day: context for charts, which changes no result."""
    plan: Governance | None = None
    """Who answers for the plan, what was decided and what is to be done; it changes no result."""

    @model_validator(mode="after")
    def _fits_together(self) -> Self:
        a = self.authority
        if a.uasc_in_care is not None and a.uasc_in_care > a.children_in_care:
            raise ValueError("authority.uasc_in_care is more than authority.children_in_care")
        names = [home.name for home in self.homes]
        for name in names:
            if names.count(name) > 1:
                raise ValueError(f"homes: two homes are called '{name}'")
        for why_not in (
            self._why_not_these_children(),
            self._why_not_this_forecast(),
            self._why_not_these_allowances(),
        ):
            if why_not:
                raise ValueError(why_not)
        return self

    def _why_not_these_children(self) -> str:
        """What of the children in care that a file gives does not fit the rest, or nothing."""
        authority = self.authority
        if authority.children is None:
            return ""
        given = authority.children.file
        if authority.children_in_care != given.children:
            return (
                f"authority.children_in_care: says {authority.children_in_care}, but the file of "
                f"authority.children has {given.children}"
            )
        if authority.uasc_in_care not in (None, given.uasc):
            return (
                f"authority.uasc_in_care: says {authority.uasc_in_care}, but the file of "
                f"authority.children has {given.uasc}"
            )
        if self.warm_up_years > 0:
            return (
                "warm_up_years: must be 0 with authority.children: where they live is known, and "
                "there is nothing to warm up"
            )
        misfits = given.misfits(self.start)
        if misfits:
            rows = len({misfit.row for misfit in misfits})
            return f"authority.children: {rows} of its rows do not fit the first day of the run"
        return ""

    def _why_not_this_forecast(self) -> str:
        """Why the months of a forecast are not those of the run, or nothing."""
        forecast, first = self.demand.forecast, self.start
        if forecast is None:
            return ""
        if first.day != 1:
            return f"start: must be the first of a month with demand.forecast (found {first})"
        if forecast.file is None:
            return ""
        given, end = forecast.file, end_of(first, self.years)
        if given.first != first:
            return f"demand.forecast: begins in {given.first:%Y-%m}, but the run in {first:%Y-%m}"
        months = (end.year - first.year) * 12 + end.month - first.month + (end.day > 1)
        if given.months < months:
            shorter = f", or run with --years {given.months // 12}" if given.months >= 12 else ""
            return (
                f"demand.forecast: covers {given.months} months, but the run needs {months}: make a"
                f" longer forecast with `sufficiency forecast --months {months}`{shorter}"
            )
        return ""

    def _why_not_these_allowances(self) -> str:
        """Why carers of this region could not be paid, or nothing."""
        prices = self.prices.model_dump(by_alias=True, include={"weekly", "allowance", "fee"})
        for path, text in region_missing(prices, self.authority.region):
            return f"prices.{'.'.join(path)}: {text}"
        return ""


class Assumption(Part):
    """Where one value comes from and how uncertain it is. One row of the assumptions log."""

    path: str
    """The setting."""
    value: Any
    """Its value."""
    low: float | None = None
    """Low end of its range."""
    high: float | None = None
    """High end of its range."""
    unit: str = ""
    """Unit."""
    source: str = ""
    """Who published it, or why it was chosen."""
    as_of: str = ""
    """Date it belongs to."""
    confidence: str = ""
    """How well it is supported."""
    note: str = ""
    """What to know about it."""
    where: str = ""
    """`file:line:column` of the value."""


class Edit(Part):
    """One change that an option makes to the baseline."""

    action: Literal["set", "add"]
    """`set` replaces a value; `add` appends to a list or adds to a number."""
    path: str
    """The setting."""
    value: Any
    """The new value, the items to append, or the amount to add."""


class Option(Part):
    """A plan to compare with the baseline."""

    name: str
    """Its name in the file."""
    description: str = ""
    """What the plan is, in a sentence."""
    edits: tuple[Edit, ...]
    """What it changes, in order."""


class Study(Part):
    """What a scenario file says: a baseline, options, and where the values come from."""

    scenario: Scenario
    """The baseline."""
    options: tuple[Option, ...] = ()
    """Plans to compare with it."""
    assumptions: tuple[Assumption, ...] = ()
    """Where values come from, in the order of the file."""
    warnings: tuple[str, ...] = ()
    """What a reader should know (a steady state far from the stated number)."""
