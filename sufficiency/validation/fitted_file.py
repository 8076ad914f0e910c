"""The file of a fitted scenario: it extends the one that was fitted and sets the values found."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from sufficiency.scenario import Observed
from sufficiency.scenario_file.reading import named_from
from sufficiency.scenario_file.writing import file_text
from sufficiency.validation.fitting import Fitted, Moved
from sufficiency.vocabulary import Confidence


def fitted_text(fitted: Fitted, scenario: str | Path, to: Path) -> str:
    """A scenario file that extends the fitted one and sets the values found.

    Args:
        fitted: What was found.
        scenario: The scenario that was fitted: a path, or the name of a shipped one.
        to: The file in which the text will stand.
    """
    met = ", ".join(_named(target.observed) for target in fitted.targets)
    content: dict[str, Any] = {
        "extends": named_from(to.absolute().parent, scenario),
        "name": f"{fitted.name} (fitted)",
    }
    for m in fitted.moved:
        *groups, last = m.path.split(".")
        place = content
        for group in groups:
            place = place.setdefault(group, {})
        place[last] = _sourced(m, met)
    heading = (
        f"# {fitted.name} with its free values fitted by `sufficiency validate --fit`, to published"
        " values\n# with `use: fit` only.\n"
    )
    return file_text(content, heading)


def _sourced(m: Moved, met: str) -> dict[str, Any]:
    source = f"fitted to {met}; was {m.before:g}"
    if m.row.source:
        source += f" ({m.row.source})"
    whole = isinstance(m.before, int)
    low, high = (int(end) if whole else end for end in (m.low, m.high))
    return {
        "value": m.after,
        "low": low,
        "high": high,
        "source": source,
        "confidence": Confidence.FITTED.value,
    }


def _named(given: Observed) -> str:
    group = f"[{given.group}]" if given.group else ""
    return f"{given.measure}{group} {given.value:g} ({given.period})"
