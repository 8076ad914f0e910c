"""A scenario file that takes its entries from a forecast."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from sufficiency.forecast.of_history import Stock, eve_of
from sufficiency.forecast.result import Forecast
from sufficiency.history.told import Then, tree
from sufficiency.scenario import Scenario
from sufficiency.scenario_file.population import PUT_IN_YOURS, SCALED, scaled_population
from sufficiency.scenario_file.writing import file_text
from sufficiency.vocabulary import Confidence, Stream


def scenario_text(
    forecast: Forecast,
    *,
    name: str,
    base: Scenario,
    extends: str,
    entries_file: str,
    stock: Stock | None,
    source: str,
    own_population: bool = False,
    before: Sequence[Then] = (),
) -> str:
    """The text of a scenario file that extends a base.

    Args:
        forecast: Its entries.
        name: Name of the scenario.
        base: What it extends.
        extends: How the file names that.
        entries_file: The file of the paths, beside it.
        stock: Children in care, if the history says.
        source: Where the counts come from, in a few words; empty if from the base itself.
        own_population: Whether the children who live in the base are this authority's.
        before: What is told of the years before.
    """
    months = next(iter(forecast.paths.values())).shape[1]
    years = min(float(base.years), months / 12)
    content: dict[str, Any] = {
        "extends": extends,
        "name": name,
        "description": _description(forecast, base, stock, source),
        "start": forecast.first,
        "years": int(years) if years == int(years) else years,
    }
    if stock is not None:
        content["authority"] = _authority(stock, source)
        if not own_population:
            content["authority"] |= _population(stock, base)
        content["demand"] = _demand(forecast, stock, base, source)
    content.setdefault("demand", {})["forecast"] = _instead(base, entries_file)
    if before:
        content["history"] = tree(before, source)
    return file_text(content, _heading(stock, extends, source, own_population))


def _description(forecast: Forecast, base: Scenario, stock: Stock | None, source: str) -> str:
    """What the scenario is made from: the base's own description is of another authority."""
    from_ = f"{source} up to {eve_of(forecast.first):%B %Y}" if source else base.name
    in_care = (
        f" and children in care on {stock.day.day} {stock.day:%B %Y}" if stock is not None else ""
    )
    return f"Entries forecast from {from_}{in_care}; all else as in {base.name}."


def _heading(stock: Stock | None, extends: str, source: str, own_population: bool) -> str:
    lines = [
        "Entries by month as forecast by `sufficiency forecast`: one path for each replication."
    ]
    if stock is None and source:
        lines += [
            f"Children in care are those of `{extends}`: put your own number in",
            "(authority: {children_in_care: ...}), or stays will not agree with the entries.",
        ]
    scaled = stock is not None and not own_population
    kept = "Carers" if scaled else "Child population, carers"
    lines.append(f"{kept}, homes and prices are those of `{extends}`.")
    return "".join(f"# {line}\n" for line in lines)


def _authority(stock: Stock, source: str) -> dict[str, Any]:
    values = {"children_in_care": stock.children, "uasc_in_care": stock.uasc}
    return {
        name: _sourced(value, "children", f"{source}, children in care", stock.day.isoformat())
        for name, value in values.items()
        if value is not None
    }


def _population(stock: Stock, base: Scenario) -> dict[str, Any]:
    """The children who live there, in proportion: the base's are another authority's."""
    living = scaled_population(base, stock.children)
    if living is None:
        return {}
    return {
        "child_population": {
            "value": living,
            "unit": "children",
            "source": SCALED,
            "as_of": stock.day.isoformat(),
            "confidence": Confidence.ASSUMPTION.value,
            "note": PUT_IN_YOURS,
        }
    }


def _instead(base: Scenario, entries_file: str) -> dict[str, Any]:
    """The file of paths, in place of what the base says of entries to come."""
    given = base.demand.forecast
    yearly = {"yearly": None} if given is not None and given.yearly is not None else {}
    return {"file": entries_file, **yearly}


def _demand(forecast: Forecast, stock: Stock, base: Scenario, source: str) -> dict[str, Any]:
    """Entries a year that go with the stock, so that stays agree with both."""
    if Stream.NON_UASC not in forecast.paths or Stream.UASC not in forecast.paths:
        return {}
    by_stream = {stream: first_year(forecast, stream) for stream in map(str, forecast.paths)}
    as_of = eve_of(forecast.first).isoformat()
    said = f"{source}; average of the forecast's first twelve months"
    both = round(sum(by_stream.values()), 1)
    out: dict[str, Any] = {"entries_per_year": _sourced(both, "children a year", said, as_of)}
    if base.demand.entries_per_10000_children is not None:
        out["entries_per_10000_children"] = None  # it would count instead
    uasc = base.demand.uasc
    stated = (uasc.direct_per_year, uasc.transfer_scheme.transfers_per_year)
    if stock.children and stated == (None, None):
        rate = round(100 * by_stream[Stream.UASC] / stock.children, 2)
        unit = "children a year per 100 in care"
        out["uasc"] = {"per_100_in_care": _sourced(rate, unit, said, as_of)}
    return out


def first_year(forecast: Forecast, stream: str) -> float:
    """Children who enter in the first twelve months, or at that pace, on average."""
    paths = forecast.paths[stream][:, :12]
    return float(np.mean(paths.sum(axis=1)) * 12 / paths.shape[1])


def _sourced(value: float, unit: str, source: str, as_of: str) -> dict[str, Any]:
    return {
        "value": value,
        "unit": unit,
        "source": source,
        "as_of": as_of,
        "confidence": Confidence.DERIVED.value,
    }
