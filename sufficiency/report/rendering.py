"""From what a page holds to its text: the templates, and figures as data inside the page."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup, escape

from sufficiency.answer.words import MINUS
from sufficiency.charts import Chart

_NO_BREAK = "\N{WORD JOINER}"
"""No line ends between a minus and the sum of money after it."""


def render(template: str, context: Mapping[str, Any]) -> str:
    """A page from its template, with the look and the script that all pages share."""
    environment = Environment(
        loader=PackageLoader("sufficiency.report", "."),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["breakable"] = _breakable
    shared = {name: environment.get_template(f"page.{name}").render() for name in ("css", "js")}
    text = environment.get_template(template).render({**context, **shared})
    return text.replace(f"{MINUS}£", f"{MINUS}{_NO_BREAK}£")


def figures(made: Iterable[Chart]) -> str:
    """All figures as JSON that can stand inside a page."""
    found = {
        f"{chart.name}-{place}": _untitled(panel.figure)
        for chart in made
        for place, panel in enumerate(chart.panels, start=1)
    }
    text = json.dumps(found, separators=(",", ":"), ensure_ascii=True)
    return text.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")


def _untitled(figure: Any) -> dict[str, Any]:
    """A figure without its title and key, which the page shows as text that can wrap."""
    found: dict[str, Any] = json.loads(figure.to_json())
    layout = found["layout"]
    layout.pop("title", None)
    layout["showlegend"] = False
    layout["height"] -= layout["margin"]["t"] - 10
    layout["margin"]["t"] = 10
    return found


def _breakable(path: str) -> Markup:
    """A setting's path that may wrap after a dot or an underscore."""
    return Markup(re.sub(r"([._])", r"\1<wbr>", str(escape(path))))
