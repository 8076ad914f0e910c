"""What kind of home children need, and when they move."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Literal, Self, get_args

from pydantic import BeforeValidator, Field, StrictBool, model_validator

from sufficiency.scenario.demand import Distribution
from sufficiency.scenario.values import (
    AddUp,
    EntryGroupName,
    Freeze,
    KindName,
    NotNegative,
    Part,
    Positive,
    Share,
    TypeName,
    tuples,
)


class NeedShares(Part):
    """Shares of children by need."""

    standard: Share
    """Standard."""
    enhanced: Share
    """Enhanced."""
    complex: Share
    """Complex."""

    @model_validator(mode="after")
    def _whole(self) -> Self:
        total = self.standard + self.enhanced + self.complex
        if abs(total - 1) > 1e-6:
            raise ValueError(f"shares must add up to 1 (they add up to {total:.4g})")
        return self


class ByNeed(Part):
    """A chance for each need."""

    standard: Share
    """Standard need."""
    enhanced: Share
    """Enhanced need."""
    complex: Share
    """Complex need."""


Plan = Annotated[Mapping[KindName, Share], AddUp]
MoveAge = Literal["under_5", "5-9", "10-15", "16-17"]
NeedAge = Literal["under_5", "5-9", "10-17", "uasc", "disabled"]
NEED_AGES: tuple[NeedAge, ...] = get_args(NeedAge)
PlacesName = Literal["1", "2", "3", "4"]
PLACES_NAMES: tuple[PlacesName, ...] = get_args(PlacesName)
IfaAge = Literal["under_10", "10-15", "16-17"]


class Placement(Part):
    """What kind of home children need: the plan at entry, after a move, and the mix on day one."""

    need: Annotated[Mapping[NeedAge, NeedShares], Freeze]
    """Need by age; unaccompanied and disabled children apart."""
    disabled_share: Share
    """Share of children who are disabled, UASC apart."""
    solo: ByNeed
    """Share of children with whom no other child but siblings can live in one home, by need."""
    plan_at_entry: Annotated[Mapping[EntryGroupName, Plan], Freeze]
    """Planned kind of home at entry, before `plan_weights`."""
    plan_weights: Annotated[Mapping[KindName, Positive], Freeze]
    """Factors on the planned shares (then scaled to 1 again); foster is 1."""
    kin_weight_court: Positive
    """Further factor on a kin plan at entry for children on the court pathway."""
    kin_weight_other: Positive
    """Further factor on a kin plan at entry for children on other pathways."""
    plan_after_move: Annotated[Mapping[KindName, Annotated[Mapping[MoveAge, Plan], Freeze]], Freeze]
    """Planned kind after a planned or other move, by the kind the child leaves and age."""
    acceptable: Annotated[
        Mapping[KindName, Annotated[tuple[KindName, ...], BeforeValidator(tuples)]], Freeze
    ]
    """Kinds to fall back on, in order, when no place of the planned kind is found."""
    youngest_in_home: NotNegative
    """Youngest age at which a child is placed in a home for want of a carer."""
    distant_ifa_under: NotNegative
    """Below this age a child for whom no carer matches goes to an agency far away,
    even past a limit on places."""
    apart_at_start: Share
    """Share of sibling groups in care when the run begins whose children were placed apart."""
    for_want_at_start: Share
    """Share of the children in homes when the run begins who are there for want of a carer."""
    mix_at_start: Annotated[Mapping[TypeName, Share], AddUp]
    """Where children live, as published: used to place those in care before the first day."""


class Moves(Part):
    """When and why children move."""

    hazard_per_day: Annotated[
        tuple[NotNegative, ...], BeforeValidator(tuples), Field(min_length=8, max_length=8)
    ]
    """Hazard by time in placement: to 7, 30, 91, 182, 365, 730, 1826 days, and beyond."""
    scale: NotNegative
    """Factor on the whole hazard; emergent moves come on top."""
    frailty_variance: NotNegative
    """Variance between children of a lasting factor on the hazard (gamma, mean 1)."""
    age_factor: Annotated[Mapping[MoveAge, NotNegative], Freeze]
    """Factor by age at the start of the placement."""
    kind_factor: Annotated[Mapping[KindName, NotNegative], Freeze]
    """Factor by kind of home; a stopgap counts as other."""
    causes: Annotated[Mapping[Literal["planned", "breakdown", "other"], Share], AddUp]
    """Cause of a move that comes of the hazard."""
    to_home_after_breakdown: Annotated[Mapping[Literal["under_10", "10-17"], Share], Freeze]
    """Share of breakdowns after which the plan is a children's home."""
    need_rises_after_breakdown: Annotated[Mapping[Literal["under_10", "10-17"], Share], Freeze]
    """Share of breakdowns after which a child's need is one level higher, for good."""
    move_on_share: Share
    """Share of children still in care at 16 who move on to supported accommodation before 18."""
    adoption_stage: Distribution
    """Time a child lives with adopters before the order."""


class StepAcross(Part):
    """Who may still move to the planned home. A settled child is not moved to save money."""

    from_home: StrictBool
    """Children in a home whose plan is a foster family."""
    from_ifa: Literal["bridging", "never", "always"]
    """From an agency to an in-house carer: while it is a short bridge, never, or always."""
