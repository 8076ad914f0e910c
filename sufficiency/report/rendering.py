"""From what a page holds to its text: the templates, and figures as data inside the page."""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Iterable, Mapping
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup, escape

from sufficiency.answer.words import MINUS, WITHHELD_NOTE
from sufficiency.charts import Chart

_NO_BREAK = "\N{WORD JOINER}"
"""No line ends between a sign and the sum of money after it."""


def render(template: str, context: Mapping[str, Any]) -> str:
    """A page from its template, with the look and the script that all pages share."""
    environment = Environment(
        loader=PackageLoader("sufficiency.report", "."),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters.update(breakable=_breakable, slug=_slug)
    shared = {name: environment.get_template(f"page.{name}").render() for name in ("css", "js")}
    text = environment.get_template(template).render(
        {"source": "", "area": "", "withheld": WITHHELD_NOTE, **context, **shared}
    )
    for sign in (MINUS, "+"):
        text = text.replace(f"{sign}£", f"{sign}{_NO_BREAK}£")
    return text


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


def _slug(parts: Iterable[str]) -> str:
    """Words as the name of a file, without its ending: small letters, digits and dashes."""
    plain = unicodedata.normalize("NFKD", " ".join(parts)).encode("ascii", "ignore").decode()
    return "-".join(re.findall(r"[a-z0-9]+", plain.lower()))[:80].strip("-") or "figure"


def _breakable(path: str) -> Markup:
    """A setting's path that may wrap after a dot or an underscore."""
    return Markup(re.sub(r"([._])", r"\1<wbr>", str(escape(path))))
