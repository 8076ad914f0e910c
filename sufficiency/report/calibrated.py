"""The two pages of a calibration: the quality of the data, and the fit to them."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from sufficiency.answer import fit_page, quality_page
from sufficiency.answer.page_parts import Part
from sufficiency.answer.quality_page import OWN_USE
from sufficiency.calibration.estimates import Calibrated
from sufficiency.calibration.scenario_text import years_of
from sufficiency.charts import Chart
from sufficiency.charts.calibration import fit_charts
from sufficiency.history.tables import History
from sufficiency.report.sheet import Section, Sheet, SheetTable


def quality_sheet(history: History, name: str, made: str) -> Sheet:
    """What was read, what was odd in it, and what is known.

    Args:
        history: The data.
        name: Name of the authority.
        made: How the page was made.
    """
    return Sheet(
        kind="Data quality",
        title=f"{name}: what was read, and what was odd in it",
        subtitle=f"{_day(history.first)} to {_day(history.last)}",
        lead=quality_page.lead(history),
        sections=_sections(quality_page.parts(history), ()),
        caution=OWN_USE,
        note=f"Made by {made}.",
    )


def fit_sheet(calibrated: Calibrated, history: History, name: str, base: str, made: str) -> Sheet:
    """What was fitted beside what was observed, and every estimate beside the base's.

    Args:
        calibrated: What was estimated.
        history: The data.
        name: Name of the authority.
        base: Name of the scenario that the estimates lean on.
        made: How the page was made.
    """
    charts = fit_charts(calibrated, name)
    return Sheet(
        kind="Calibration",
        title=f"{name}: the calibrated scenario beside its data",
        subtitle=f"{years_of(history)}; leaning on {base} where numbers are small",
        lead=fit_page.lead(calibrated, history),
        sections=_sections(fit_page.parts(calibrated, history), charts),
        caution=OWN_USE,
        note=f"Made by {made}.",
    )


def _day(day: date) -> str:
    return f"{day.day} {day:%B %Y}"


def _sections(parts: Iterable[Part], charts: Iterable[Chart]) -> tuple[Section, ...]:
    drawn = {chart.name: chart for chart in charts}
    return tuple(
        Section(
            part.heading,
            part.paragraphs,
            tuple(drawn[name] for name in part.charts if name in drawn),
            tuple(SheetTable(*table) for table in part.tables),
        )
        for part in parts
    )
