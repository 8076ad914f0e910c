"""What type of placement a place and its provider make."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from sufficiency.history.ages import Bools
from sufficiency.history.codes import FOSTER, HOME, IN_HOUSE_PROVIDER, TYPE_OF_PLACE
from sufficiency.ssda903.returns import Finding
from sufficiency.vocabulary import PlacementType

Words = npt.NDArray[np.object_]


def types_of(place: Words, provider: Words, temporary: Bools, findings: list[Finding]) -> Words:
    """The type of each placement, as text; of a temporary one alone: `other`."""
    own = (provider == IN_HOUSE_PROVIDER) | (provider == "")
    foster, home = np.isin(place, FOSTER), place == HOME
    types = _looked_up(place)
    types[foster] = np.where(own[foster], PlacementType.IN_HOUSE.value, PlacementType.IFA.value)
    types[home] = np.where(
        provider[home] == IN_HOUSE_PROVIDER,
        PlacementType.HOME_OWN.value,
        PlacementType.HOME_EXTERNAL.value,
    )
    _note_types(place, provider, types, foster | home, temporary, findings)
    return types


def _looked_up(place: Words) -> Words:
    codes, rows = np.unique(place.astype(str), return_inverse=True)
    words = [TYPE_OF_PLACE.get(code, PlacementType.OTHER).value for code in codes.tolist()]
    return np.array([*words, ""], dtype=object)[:-1][rows]


def _note_types(
    place: Words,
    provider: Words,
    types: Words,
    by_provider: Bools,
    temporary: Bools,
    findings: list[Finding],
) -> None:
    unknown = (by_provider & (provider == "")).sum()
    if unknown:
        findings.append(
            Finding(
                "provider_unknown",
                "Episodes with foster carers or in a children's home do not say who provides it:"
                " carers count as the authority's own, homes as another provider's.",
                "kept",
                int(unknown),
            )
        )
    known = np.isin(place, (*TYPE_OF_PLACE, *FOSTER, HOME)) | temporary
    if not known.all():
        findings.append(
            Finding(
                "place_without_type",
                "Episodes with a place that is blank or unknown count as another type.",
                "kept",
                int((~known).sum()),
            )
        )
