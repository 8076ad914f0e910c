"""Who enters care, how long children stay, and why they leave."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Annotated, Literal, Self

from pydantic import BeforeValidator, Field, StrictBool, StrictStr, model_validator

from sufficiency.scenario.given import ChildrenGiven, EntryPaths
from sufficiency.scenario.values import (
    AddUp,
    AgeName,
    Count,
    Day,
    EntryGroupName,
    EthnicityName,
    Freeze,
    MonthIndex,
    NotNegative,
    Number,
    Part,
    Positive,
    ReasonName,
    Share,
    tuples,
)


class ChildrenInCare(Part):
    """The children in care on the first day, each with true dates and placement."""

    file: ChildrenGiven
    """CSV file of these children, beside this file: entered, born, entry_group, type,
    placement_started, ethnicity, in_area, over_20_miles. Personal data: it is never copied."""


class Authority(Part):
    """The authority and the children it looks after on the first day."""

    children_in_care: Count
    """Children in care on the first day of the simulation."""
    uasc_in_care: Count | None = None
    """Of these, unaccompanied asylum-seeking children; left out: from the flow of UASC."""
    child_population: Positive
    """Children under 18 who live in the authority."""
    region: Literal["london", "south_east", "rest_of_england"]
    """Region for the national minimum allowances: it decides what carers are paid, nothing else."""
    children: ChildrenInCare | None = None
    """The children in care themselves; left out: they are drawn, as many as are stated."""


class TransferScheme(Part):
    """The National Transfer Scheme for unaccompanied children."""

    joins: Day | None = None
    """First day on which the authority takes transfers; left out: it always has."""
    threshold: Share
    """UASC as a share of the child population, above which no child is transferred in."""
    quota: Count | None = None
    """UASC the authority has agreed to look after: at this number nobody is transferred in, even
    below the threshold; left out: the threshold alone."""
    transfers_per_year: NotNegative | None = None
    """Children transferred in a year below the threshold; left out: `share_of_uasc` of the flow."""
    share_of_uasc: Share
    """Share of the default flow of UASC that comes by transfer."""
    share_referred_on: Share
    """Share of those who arrive directly while above the threshold who are referred elsewhere."""
    referral_days: NotNegative
    """Days from arrival until a child referred elsewhere leaves."""


EthnicGroups = Annotated[Mapping[EthnicityName, Share], AddUp]


class Uasc(Part):
    """Unaccompanied asylum-seeking children: a stream of their own."""

    per_100_in_care: NotNegative
    """UASC who enter a year, direct and transferred, per 100 children in care at the start."""
    direct_per_year: NotNegative | None = None
    """UASC who arrive directly in a year; left out: the rest of `per_100_in_care`."""
    ages: Annotated[Mapping[Literal["14", "15", "16", "17"], Share], AddUp]
    """Age at entry, in whole years."""
    month_index: MonthIndex
    """Season of direct arrivals and transfers."""
    season_strength: NotNegative
    """Power to which the season is raised: 0 is no season, 1 the index as it stands."""
    yearly_variation: NotNegative
    """Variance of the factor by which a whole year differs from the next (gamma, mean 1)."""
    ethnic_groups: EthnicGroups
    """Unaccompanied children by ethnic group."""
    transfer_scheme: TransferScheme


class Surge(Part):
    """A dated peak: extra children over a period."""

    from_: Annotated[Day, Field(alias="from")]
    """First day."""
    to: Day
    """Last day."""
    extra_children: NotNegative
    """Children expected in addition, over the whole period."""
    stream: Literal["non_uasc", "uasc"]
    """Which stream they belong to."""
    ages: Literal["under_1", "1-4", "5-9", "10-15", "16-17", "all"] = "all"
    """Age at entry; `all`: as usual."""

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.to < self.from_:
            raise ValueError(f"a surge must end after it begins ({self.from_} to {self.to})")
        if self.stream == "uasc" and self.ages not in ("all", "10-15", "16-17"):
            raise ValueError("UASC are 14 to 17: `ages` must be all, 10-15 or 16-17")
        return self


class Distribution(Part):
    """A named distribution of a length of time."""

    distribution: Literal[
        "exponential", "lognormal", "weibull", "gamma", "piecewise_constant", "empirical"
    ]
    """Its name."""
    mean_days: Positive | None = None
    """Mean (exponential, weibull, gamma; lognormal if no median is given)."""
    median_days: Positive | None = None
    """Median (lognormal)."""
    sigma: Positive | None = None
    """Standard deviation of the logarithm (lognormal)."""
    shape: Positive | None = None
    """Shape (weibull, gamma); 1 is exponential."""
    breaks_days: Annotated[tuple[NotNegative, ...], BeforeValidator(tuples)] = ()
    """Where the hazard changes (piecewise_constant): the start of each piece but the first."""
    hazards_per_day: Annotated[tuple[NotNegative, ...], BeforeValidator(tuples)] = ()
    """Hazard of each piece (piecewise_constant)."""
    days: Annotated[tuple[NotNegative, ...], BeforeValidator(tuples)] = ()
    """Observed lengths, each as likely (empirical)."""

    @model_validator(mode="after")
    def _complete(self) -> Self:
        needs: dict[str, tuple[tuple[str, ...], ...]] = {
            "exponential": (("mean_days",),),
            "lognormal": (("median_days", "mean_days"), ("sigma",)),
            "weibull": (("mean_days",), ("shape",)),
            "gamma": (("mean_days",), ("shape",)),
            "piecewise_constant": (("hazards_per_day",),),
            "empirical": (("days",),),
        }
        for alternatives in needs[self.distribution]:
            if all(getattr(self, name) in (None, ()) for name in alternatives):
                raise ValueError(f"{self.distribution} needs {' or '.join(alternatives)}")
        if self.distribution == "piecewise_constant":
            if len(self.breaks_days) != len(self.hazards_per_day) - 1:
                raise ValueError("breaks_days must have one entry fewer than hazards_per_day")
            if list(self.breaks_days) != sorted(set(self.breaks_days)):
                raise ValueError("breaks_days must increase")
            if self.hazards_per_day[-1] <= 0:
                raise ValueError("the last hazard must be above 0, or some stays never end")
        return self


class Remand(Part):
    """Children whom a court remands to the authority: exogenous, they need no search for a home."""

    per_100_in_care: NotNegative
    """Children remanded a year, per 100 in care at the start."""
    ages: Annotated[Mapping[Literal["10-15", "16-17"], Share], AddUp]
    """Age at entry."""
    days: Distribution
    """Length of a remand; nobody stays past 18."""
    secure_share: Share
    """Share placed in a secure children's home; the others are in youth custody (type other)."""


class EntriesAhead(Part):
    """Entries as a forecast has them, instead of constant rates: one path for each replication."""

    file: EntryPaths | None = None
    """CSV file of sample paths, beside this file: month, stream, path_1, path_2 ..."""
    yearly: Annotated[Mapping[StrictStr, Count], Freeze] | None = None
    """Children of both streams who started to be looked after, by financial year (2024-25), where
    no more is published: a run makes the paths of them."""

    @model_validator(mode="after")
    def _one_of_them(self) -> Self:
        if (self.file is None) == (self.yearly is None):
            raise ValueError("state either `file` or `yearly`")
        if self.yearly is not None and not self.yearly:
            raise ValueError("yearly: needs the entries of at least one financial year")
        for year in self.yearly or ():
            parts = re.fullmatch(r"20(\d\d)-(\d\d)", year, re.ASCII)
            if parts is None or int(parts[2]) != (int(parts[1]) + 1) % 100:
                raise ValueError(f"yearly: '{year[:10]}' is not a financial year like 2024-25")
        return self


class Demand(Part):
    """Who enters care, and when."""

    entries_per_100_in_care: Annotated[Mapping[AgeName, NotNegative], Freeze]
    """Children, UASC apart, who enter a year by age, per 100 in care at the start (then fixed)."""
    entries_per_10000_children: NotNegative | None = None
    """Children, UASC apart, who enter a year per 10,000 children; replaces the sum of the rates."""
    entries_per_year: NotNegative | None = None
    """Children of both streams who enter a year, as published; replaces the sum of the rates."""
    uasc_in_entries_per_year: NotNegative | None = None
    """Of the entries as published, UASC and children on remand. Set by the loader from the
    baseline, so that an option which changes those leaves the other children as they are."""
    trend_per_year: Annotated[Number, Field(gt=-1)]
    """Growth of entries (UASC apart) a year from the start: 0.02 is 2% more each year."""
    month_index: MonthIndex
    """Season of entries, UASC apart."""
    season_strength: NotNegative
    """Power to which the season is raised: 0 is no season, 1 the index as it stands."""
    yearly_variation: NotNegative
    """Variance of the factor by which a whole year differs from the next (gamma, mean 1)."""
    sibling_groups: Annotated[Mapping[Literal["1", "2", "3", "4"], Share], AddUp]
    """Families entering under 16, by the number of children who enter together."""
    sibling_age_correlation: Share
    """Correlation of the ages of siblings (a Gaussian copula keeps each age group's rate)."""
    first_weeks_share: Share
    """Of those who enter under 1, the share who do so in the first four weeks of life."""
    ethnic_groups: EthnicGroups
    """Children by ethnic group, UASC apart; siblings have the same."""
    remand: Remand
    uasc: Uasc
    surges: Annotated[tuple[Surge, ...], BeforeValidator(tuples)] = ()
    """Dated peaks."""
    forecast: EntriesAhead | None = None
    """Entries by month as a forecast has them; left out: the rates. Surges come on top."""


Reasons = Annotated[Mapping[ReasonName, Share], AddUp]


class PathwayShares(Part):
    """How stays divide into pathways, for one entry group."""

    short: Share
    """Home again within weeks."""
    court: Share
    """Through the court to kin: special guardianship, child arrangements, or home."""
    adoption: Share
    """Adopted."""
    long: Share
    """Long-term care, most until 18."""

    @model_validator(mode="after")
    def _whole(self) -> Self:
        total = self.short + self.court + self.adoption + self.long
        if abs(total - 1) > 1e-6:
            raise ValueError(f"pathway shares must add up to 1 (they add up to {total:.4g})")
        return self


class UascStay(Part):
    """How an unaccompanied child's stay ends before 18."""

    age_assessed_18: Share
    """Share found to be 18 or over."""
    other: Share
    """Share who leave otherwise before 18."""
    days: Distribution
    """Time to either."""


LeavingReason = Literal[
    "returned_home", "relatives", "special_guardianship", "child_arrangements", "adopted",
    "independent", "other_authority", "age_assessed_18", "other",
]  # fmt: skip
"""Why a child may leave before the 18th birthday."""

ReasonShares = Annotated[Mapping[LeavingReason, Share], AddUp]


class GroupStay(Part):
    """How long children of one entry group stay and why they leave, by time since entry."""

    breaks_days: Annotated[tuple[Positive, ...], BeforeValidator(tuples)] = ()
    """Days since entry at which the chance of leaving changes: the starts of the pieces but the
    first."""
    leaving_per_year: Annotated[
        tuple[NotNegative, ...], BeforeValidator(tuples), Field(min_length=1)
    ]
    """Hazard of leaving care in each piece, all reasons together; the 18th birthday ends a stay."""
    reasons: Annotated[tuple[ReasonShares, ...], BeforeValidator(tuples)]
    """Why children leave before 18 in each piece: shares of the leavers."""

    @model_validator(mode="after")
    def _fit(self) -> Self:
        pieces = len(self.leaving_per_year)
        if len(self.breaks_days) != pieces - 1:
            raise ValueError(
                "breaks_days: must have one entry fewer than leaving_per_year "
                f"({len(self.breaks_days)} and {pieces})"
            )
        if list(self.breaks_days) != sorted(set(self.breaks_days)):
            raise ValueError("breaks_days: must increase")
        if len(self.reasons) != pieces:
            raise ValueError(
                f"reasons: must have as many entries as leaving_per_year ({len(self.reasons)} "
                f"and {pieces})"
            )
        return self


class Stays(Part):
    """How long children stay in care and why they leave. Nobody is in care past 18."""

    pathways: Annotated[Mapping[AgeName, PathwayShares], Freeze]
    """Share of each pathway, by age at entry, UASC apart."""
    short: Distribution
    """Length of a short stay."""
    court: Annotated[Mapping[AgeName, Distribution], Freeze]
    """Length of a stay that ends with an order to kin, by age at entry."""
    adoption: Annotated[Mapping[AgeName, Distribution], Freeze]
    """Time from entry to the adoption order, by age at entry."""
    long_leaving_per_year: Annotated[Mapping[AgeName, NotNegative], Freeze]
    """Hazard of leaving long-term care while under 16, by age at entry."""
    long_leaving_per_year_at_16: NotNegative
    """Hazard of leaving long-term care at 16 and 17."""
    uasc: UascStay
    reasons: Annotated[Mapping[Literal["short", "court", "long"], Reasons], Freeze]
    """Why a child left, by pathway."""
    keep_stock_and_flow: StrictBool
    """Scale stays so that entries and stated children in care agree (see `long_stay_factor`)."""
    long_stay_factor: Positive
    """Factor on the odds of the long pathway and against leaving it; set by stock and flow."""
    every_child: Distribution | None = None
    """One distribution for everybody instead of pathways (theory checks; local data)."""
    by_group: Annotated[Mapping[EntryGroupName, GroupStay], Freeze] | None = None
    """Stays by time since entry, for any of the entry groups: instead of the pathways of the group
    (and before `long_stay_factor`, which does not touch them)."""
