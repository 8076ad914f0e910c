"""What the page of a run is made of."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import pandas as pd

from sufficiency.answer.effects import IN_HOUSE
from sufficiency.answer.leading import planned_options
from sufficiency.answer.levels import at_years, side_by_side
from sufficiency.answer.threshold import share_at_threshold
from sufficiency.comparison import Headline
from sufficiency.comparison import headline as headline_of
from sufficiency.comparison.doses import Doses, doses_of
from sufficiency.report.choosing import Choices, choices_of_run
from sufficiency.report.findings import Findings
from sufficiency.report.money import Money, money_of_run
from sufficiency.results.part import Part
from sufficiency.results.results import Results
from sufficiency.scenario import Study
from sufficiency.sensitivity.knowing import Known, known_of
from sufficiency.verification.of_a_run import Held, checks_of_run

NOTHING_FOUND = Findings()


class Tables(NamedTuple):
    """What the page is made of."""

    summary: pd.DataFrame
    """As `summary.csv`."""
    comparison: pd.DataFrame
    """As `comparison.csv`."""
    headline: Headline
    """As `comparison.headline` makes it."""
    study: Study
    """The scenario, its options, and where its values come from."""
    manifest: Mapping[str, Any]
    """As `manifest.json`."""
    money: Money | None = None
    """What it costs; None where the run has no complete financial year."""
    choices: Choices | None = None
    """Options side by side; None where there is none."""
    doses: tuple[Doses, ...] = ()
    """Levers that several options set to different values."""
    known: tuple[Known, ...] = ()
    """How well net cost, and what the leading option changes, are known."""
    checks: tuple[Held, ...] = ()
    """What must hold in every future of the run, recounted."""
    uasc: pd.DataFrame | None = None
    """By date, `reached`: the share of futures at or above the transfer threshold."""
    findings: Findings = NOTHING_FOUND
    """What other commands found about the same scenario."""
    publication: str = ""
    """What to say of what is left out, where the page is made to be published."""


def tables_of(
    results: Results, *, money: bool = True, findings: Findings = NOTHING_FOUND
) -> Tables:
    """The tables of a run that has been written to its folder.

    Args:
        results: The run.
        money: Whether those of money, and all that only the page shows, are wanted too, which take
            a few seconds.
        findings: What other commands found about the same scenario.
    """
    headline, date = headline_of(results), _side_by_side(results)
    leading = _leading(headline, date, planned_options(results.study.scenario))
    return Tables(
        summary=results.summary(),
        comparison=results.comparison(),
        headline=headline,
        study=results.study,
        manifest=results.manifest,
        money=money_of_run(results) if money else None,
        choices=choices_of_run(results),
        doses=doses_of(results, date) if money and date else (),
        known=known_of(results, leading, date) if money else (),
        checks=checks_of_run(results) if money else (),
        uasc=share_at_threshold(results) if money else None,
        findings=findings,
        publication=results.publication if isinstance(results, Part) else "",
    )


def _side_by_side(results: Results) -> str:
    """The date at which options are set side by side; empty in a run too short for it."""
    counted = {k.period for k in results.keys if k.measure == "children_in_care"}
    dates = at_years(results.study.scenario.start, sorted(counted))
    year = side_by_side(dates)
    return "" if year is None else dates[year]


def _leading(headline: Headline, date: str, planned: Sequence[str]) -> str:
    """The plan's first option, or the one that adds most children with in-house carers, if known.

    Args:
        headline: The headline numbers.
        date: When options are set side by side.
        planned: Names of the options that the plan names.
    """
    rows = headline.differences
    if not len(rows):
        return ""
    rows = rows[(rows["item"] == IN_HOUSE) & (rows["when"] == date)].dropna(subset=["difference"])
    if not len(rows):
        return ""
    first = next((name for name in planned if (rows["option"] == name).any()), None)
    return first or str(rows.loc[rows["difference"].idxmax(), "option"])
