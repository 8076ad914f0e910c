"""Returns written by hand: a row is a child or an episode, with what matters of it."""

from collections.abc import Sequence
from datetime import date

import pandas as pd

from sufficiency.history.from_return import from_return
from sufficiency.history.tables import History
from sufficiency.ssda903.returns import Return

FIRST, LAST = date(2021, 4, 1), date(2024, 3, 31)
"""Three years of returns, unless a test says otherwise."""


def child(number: int, born: str, ethnic: str = "WBRI", uasc_until: str | None = None) -> dict:
    return {
        "child": number,
        "sex": "female",
        "born": born,
        "ethnic": ethnic,
        "uasc_until": uasc_until,
    }


def episode(
    number: int,
    started: str,
    ended: str | None = None,
    rne: str = "S",
    place: str = "U4",
    provider: str = "PR1",
    rec: str | None = None,
    reason: str = "",
    **more: object,
) -> dict:
    """An episode; while a child stays in care its REC is X1, when it is open it is blank."""
    return {
        "child": number,
        "started": started,
        "ended": ended,
        "rne": rne,
        "legal_status": more.get("legal_status", "C2"),
        "need": more.get("need", "N1"),
        "place": place,
        "provider": provider,
        "reason_ended": ("X1" if ended else "") if rec is None else rec,
        "reason_changed": reason,
        "in_area": more.get("in_area"),
        "miles": more.get("miles"),
        "urn": more.get("urn", ""),
    }


def a_return(
    children: Sequence[dict],
    episodes: Sequence[dict],
    first: date = FIRST,
    last: date = LAST,
    years: tuple[int, ...] | None = None,
) -> Return:
    about = pd.DataFrame(list(children), columns=list(child(0, "2010-01-01")))
    rows = pd.DataFrame(list(episodes), columns=list(episode(0, "2021-04-01")))
    for table, columns in ((about, ("born", "uasc_until")), (rows, ("started", "ended"))):
        for column in columns:
            table[column] = pd.to_datetime(table[column]).astype("datetime64[us]")
    rows["in_area"] = rows["in_area"].astype("boolean")
    rows["miles"] = rows["miles"].astype("float64")
    covered = years or tuple(range(first.year + 1, last.year + 1))
    return Return(about, rows, first, last, covered, ())


def a_history(children: Sequence[dict], episodes: Sequence[dict], **more: object) -> History:
    return from_return(a_return(children, episodes, **more))  # type: ignore[arg-type]  # its settings


def told(table: pd.DataFrame, *columns: str) -> list[tuple]:
    """Rows as plain tuples: dates in ISO form, None for what is missing."""
    rows = table[list(columns)].astype(object).to_numpy().tolist()
    return [tuple(_plain(cell) for cell in row) for row in rows]


def _plain(cell: object) -> object:
    if pd.isna(cell):  # type: ignore[call-overload]  # any cell
        return None
    return cell.date().isoformat() if isinstance(cell, pd.Timestamp) else cell


def rules(history: History) -> dict[str, int]:
    """How many rows each finding concerns."""
    return {finding.rule: finding.count for finding in history.findings}
