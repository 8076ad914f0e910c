"""A chart in a notebook: the finding, the figures, the same in words, and where it comes from."""

from __future__ import annotations

import html
from collections.abc import Iterable

from sufficiency.charts import Chart

PLOTLY = "application/vnd.plotly.v1+json"
"""What Jupyter and VS Code draw themselves: no script is loaded from a network."""


def show(*charts: Chart | None) -> None:
    """Show charts below a cell of a notebook.

    Args:
        charts: Any charts; None, for a chart that its data do not give, is passed over.
    """
    from IPython.display import display  # part of every notebook, not of a run

    for bundle in bundles(charts):
        display(bundle, raw=True)  # type: ignore[no-untyped-call] # IPython states no types


def bundles(charts: Iterable[Chart | None]) -> list[dict[str, object]]:
    """What a notebook is given to show: text and figures, by media type."""
    found: list[dict[str, object]] = []
    for chart in charts:
        if chart is None:
            continue
        found.append(_text(f"<h3>{_safe(chart.title)}</h3><p>{_safe(chart.subtitle)}</p>"))
        found += [
            {PLOTLY: panel.figure.to_plotly_json(), "text/plain": panel.heading}
            for panel in chart.panels
        ]
        found.append(_text("".join(f"<p>{_safe(line)}</p>" for line in chart.alternative)))
    return found


def _text(markup: str) -> dict[str, object]:
    plain = markup.replace("</h3>", "\n").replace("</p>", "\n")
    for tag in ("<h3>", "<p>"):
        plain = plain.replace(tag, "")
    return {"text/html": markup, "text/plain": html.unescape(plain).strip()}


def _safe(text: str) -> str:
    return html.escape(text, quote=False)
