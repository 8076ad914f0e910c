"""A history of a few children, small enough to count on one's fingers."""

from __future__ import annotations

from datetime import date
from typing import NamedTuple

import pandas as pd

from sufficiency.history.tables import History

FIRST, LAST = date(2019, 4, 1), date(2023, 3, 31)


class Home(NamedTuple):
    type: str
    started: str
    ended: str | None


class Child(NamedTuple):
    entered: str
    left: str | None
    homes: tuple[Home, ...]
    stream: str = "non_uasc"


def one(type_: str, entered: str, left: str | None, stream: str = "non_uasc") -> Child:
    """A child with one placement."""
    return Child(entered, left, (Home(type_, entered, left),), stream)


CHILDREN = (
    one("ifa", "2018-01-10", None),
    # in-house, then in a home: a move on 1 June 2021
    Child(
        "2020-05-01",
        None,
        (Home("in_house", "2020-05-01", "2021-06-01"), Home("home_external", "2021-06-01", None)),
    ),
    # left in the last year, after another carer of the same type
    Child(
        "2021-04-01",
        "2022-08-01",
        (Home("ifa", "2021-04-01", "2021-10-01"), Home("ifa", "2021-10-01", "2022-08-01")),
    ),
    # before the years that are counted
    one("kinship", "2019-04-01", "2019-10-01"),
    one("supported", "2022-09-01", None, "uasc"),
)


def history(children: tuple[Child, ...] = CHILDREN) -> History:
    """The history of some children, from 1 April 2019 to 31 March 2023."""
    care = pd.DataFrame(
        {
            "period": range(len(children)),
            "child": range(len(children)),
            "entered": pd.to_datetime([c.entered for c in children]),
            "left": pd.to_datetime([c.left for c in children]),
            "stream": [c.stream for c in children],
        }
    )
    rows = [
        (number, order, *home)
        for number, child in enumerate(children)
        for order, home in enumerate(child.homes, 1)
    ]
    placements = pd.DataFrame(rows, columns=["period", "order", "type", "started", "ended"])
    placements["started"] = pd.to_datetime(placements["started"])
    placements["ended"] = pd.to_datetime(placements["ended"])
    return History(first=FIRST, last=LAST, care=care, placements=placements)
