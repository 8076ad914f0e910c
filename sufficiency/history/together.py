"""Plain files as a history, or added to one that a return made."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta

import numpy as np
import pandas as pd

from sufficiency.history.ages import day, days
from sufficiency.history.census import stock_at
from sufficiency.history.observed_plain import ALL
from sufficiency.history.plain import Plain
from sufficiency.history.tables import History
from sufficiency.ssda903.returns import Finding


def of_plain(plain: Plain, about_files: tuple[Finding, ...]) -> History | None:
    """A history of plain files alone; None if they say nothing of children."""
    spans = list(_spans(plain))
    if not spans:
        return None
    return History(
        first=spans[0][0],
        last=max(last for _, last in spans),
        monthly=plain.monthly,
        yearly=plain.yearly,
        stock=plain.stock,
        households=plain.households,
        homes=plain.homes,
        prices=plain.prices,
        shocks=plain.shocks,
        findings=(*about_files, *plain.findings),
    )


def with_plain(history: History, plain: Plain) -> History:
    """A history of a return, with what plain files say beyond it.

    Where both count the same, the return is used; that they differ is a finding.
    """
    findings = list(plain.findings)
    return replace(
        history,
        monthly=_months_of_both(history, plain.monthly, findings),
        stock=_stock_of_both(history, plain.stock, findings),
        yearly=plain.yearly,
        households=plain.households,
        homes=plain.homes,
        prices=plain.prices,
        shocks=plain.shocks,
        findings=(*history.findings, *findings),
    )


def _spans(plain: Plain) -> Iterator[tuple[date, date]]:
    """First and last days of what is counted: monthly before yearly before stock."""
    if plain.monthly is not None:
        months = days(plain.monthly["month"]).astype("datetime64[M]")
        yield _date(months.min()), _date(months.max() + 1) - timedelta(days=1)
    if plain.yearly is not None:
        years = [int(label[:4]) for label in plain.yearly["year"]]
        yield date(min(years), 4, 1), date(max(years) + 1, 3, 31)
    if plain.stock is not None:
        dates = days(plain.stock["date"])
        yield _date(dates.min()), _date(dates.max())


def _date(of: np.datetime64) -> date:
    found: date = pd.Timestamp(of.astype("datetime64[D]")).date()
    return found


def _months_of_both(
    history: History, plain: pd.DataFrame | None, findings: list[Finding]
) -> pd.DataFrame | None:
    own = history.monthly
    if plain is None or own is None:
        return own
    key = ["month", "stream"]
    both = pd.concat(
        [table.groupby(key)["entries"].sum() for table in (own, plain)], axis=1, join="inner"
    )
    differ = int((both.iloc[:, 0] != both.iloc[:, 1]).groupby(level="month").any().sum())
    if differ:
        text = "Months are counted otherwise in the plain file: the return is used."
        findings.append(Finding("counts_differ", text, "kept", differ, column="entries"))
    more = plain[~plain["month"].isin(own["month"])]
    return pd.concat([own, more], ignore_index=True).sort_values(
        ["month", "stream"], kind="stable", ignore_index=True
    )


def _stock_of_both(
    history: History, plain: pd.DataFrame | None, findings: list[Finding]
) -> pd.DataFrame | None:
    own = history.stock
    if plain is None or own is None:
        return own
    dates = days(plain["date"])
    covered = (dates >= day(history.first)) & (dates <= day(history.last))
    at = np.unique(dates[covered])
    counted = stock_at(history, at).groupby("date")["children"].sum()
    told = _totals(plain[covered])
    differ = int((told != counted.reindex(told.index, fill_value=0)).sum())
    if differ:
        text = "Children in care are told otherwise in the plain file: the return is used."
        findings.append(Finding("stock_differs", text, "kept", differ, column="children"))
    both = pd.concat([own, plain[~covered]], ignore_index=True)
    return both.sort_values(["date", "stream"], kind="stable", ignore_index=True)


def _totals(stock: pd.DataFrame) -> pd.Series[int]:
    """Everybody on each date, from one of the ways in which it is told."""
    way = (stock["stream"] != ALL) + 2 * (stock["age_group"] != ALL) + 4 * (stock["type"] != "")
    return stock.groupby(["date", way])["children"].sum().groupby("date").first()
