"""Assumptions that are not a number with a range: rules that could be otherwise."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from pydantic import ValidationError

from sufficiency.experiment.entries import FORECAST
from sufficiency.scenario import Edit, Study, with_values
from sufficiency.sensitivity.deciding import GROWTH
from sufficiency.sensitivity.tornado import Question
from sufficiency.sensitivity.trials import End

FROM_HOME, FROM_IFA = "step_across.from_home", "step_across.from_ifa"
MARKET_GROWTH = "ifa.market_growth_per_year"


def structures(study: Study) -> tuple[Question, ...]:
    """The rules of a study that could be otherwise."""
    return (*_step_across(study), _market(study), *_entries(study))


def _step_across(study: Study) -> Iterator[Question]:
    """Who still moves to the home that was planned."""
    rule = study.scenario.step_across
    yield Question(
        FROM_HOME,
        _yes(rule.from_home),
        (_end(FROM_HOME, not rule.from_home, _yes(not rule.from_home)),),
        "structure",
        "Whether a child in a home for want of a carer moves when one is found.",
    )
    others = [word for word in ("never", "bridging", "always") if word != rule.from_ifa]
    yield Question(
        FROM_IFA,
        rule.from_ifa,
        tuple(_end(FROM_IFA, word, word) for word in others),
        "structure",
        "From an agency to an in-house carer: never, while it is a short bridge, or always.",
    )


def _market(study: Study) -> Question:
    now = study.scenario.ifa.market_growth_per_year
    return Question(
        MARKET_GROWTH,
        f"{now:+.0%}" if now else "0%",
        tuple(_end(MARKET_GROWTH, value, f"{value:+.0%}") for value in (-GROWTH, GROWTH)),
        "structure",
        "The agencies' share of places grew 3% a year from 2018 to 2021-22 (evidence/supply.md §1);"
        " that it may shrink as fast is an assumption.",
    )


def _entries(study: Study) -> Iterator[Question]:
    """Entries by the rates stated, where a run has sample paths."""
    if study.scenario.demand.forecast is None:
        return
    try:
        scenario = with_values(study.scenario, {FORECAST: None})
    except ValidationError:  # nothing but the paths says how many enter
        return
    by_rates = study.model_copy(update={"scenario": scenario})
    end = End(f"{FORECAST}|none", "the usual rates throughout", study=by_rates)
    note = (
        "Every year's entries at the rates stated, with their usual variation, not of a forecast."
    )
    yield Question(FORECAST, "sample paths", (end,), "structure", note)


def _end(path: str, value: Any, words: str) -> End:
    return End(f"{path}|{words}", words, edits=(Edit(action="set", path=path, value=value),))


def _yes(value: bool) -> str:
    return "yes" if value else "no"
