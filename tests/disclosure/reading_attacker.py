"""Somebody who reads the files of a publication and works out what is left out.

It shares no code with the package: it knows what the names of groups mean, adds and subtracts, and
solves what is left by linear programming.
"""

import csv
from itertools import product

import numpy as np
from scipy.optimize import linprog


def read(path):
    with open(path, encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def _cells(folder):
    """Every number of children by option, group and when; None where it is marked `c`."""
    cells, shares = {}, {}
    for row in read(folder / "summary.csv"):
        name = (row["option"], row["group"], "year" if "-" not in row["period"][5:] else "date")
        value = None if row["mean"] == "c" else float(row["mean"] or "nan")
        if row["measure"] == "children_share":
            shares[name] = value
        else:
            cells[name] = value
    return cells, shares


def _parts(group):
    return dict(part.split("=") for part in group.split(";") if part)


def _whole(group, groups):
    """Ways in which a group is the sum of others."""
    for name in {"type", "age"} - set(_parts(group)):
        finer = [g for g in groups if set(_parts(g)) == {*_parts(group), name}]
        of = [g for g in finer if _parts(group).items() <= _parts(g).items()]
        if of:
            yield of


def equations(folder):
    """Unknowns, and what they add up to."""
    cells, shares = _cells(folder)
    rows = [*_of_shares(shares), *_of_differences(folder)]
    for option, when in product({option for option, _, _ in cells}, ("date", "year")):
        groups = {g for o, g, w in cells if (o, w) == (option, when)}
        for group in groups:
            for parts in _whole(group, groups):
                row = {(option, part, when): 1.0 for part in parts}
                rows.append(({**row, (option, group, when): -1.0}, 0.0))
        if when == "year":
            rows += _of_year_and_date(option, groups, cells)
    return cells, rows


def _of_year_and_date(option, groups, cells):
    """Here the children over the year are those at each of its dates."""
    for group in groups:
        if (option, group, "date") in cells:
            yield {(option, group, "year"): 1.0, (option, group, "date"): -1.0}, 0.0
    # ages add up over types, though no file states the sum over a year by age
    for age in {_parts(g)["age"] for g in groups if "age" in _parts(g)}:
        row = {(option, g, "year"): 1.0 for g in groups if _parts(g).get("age") == age}
        yield {**row, (option, f"age={age}", "date"): -1.0}, 0.0


def _of_shares(shares):
    for (option, group, when), share in shares.items():
        if share is not None and share == share:
            yield {(option, group, when): 1.0, (option, "", when): -share}, 0.0


def _of_differences(folder):
    for row in read(folder / "comparison.csv"):
        if row["measure"] != "children_share" and row["difference"] != "c":
            group, when = row["group"], "year" if "-" not in row["period"][5:] else "date"
            both = {(row["option"], group, when): 1.0, ("baseline", group, when): -1.0}
            yield both, float(row["difference"])


def ranges(folder):
    """Of every number that is left out: the least and the most that it may be."""
    cells, rows = equations(folder)
    unknown = [name for name, value in cells.items() if value is None]
    place = {name: at for at, name in enumerate(unknown)}
    matrix, sums = [], []
    for row, total in rows:
        line = np.zeros(len(unknown))
        for name, times in row.items():
            if cells[name] is None:
                line[place[name]] += times
            else:
                total -= times * cells[name]
        if line.any():
            matrix.append(line)
            sums.append(total)
    if not unknown:
        return {}
    if not matrix:
        return dict.fromkeys(unknown, (0.0, np.inf))
    found = {}
    basis, rest = np.array(matrix), np.array(sums)
    for name, at in place.items():
        aim = np.zeros(len(unknown))
        aim[at] = 1.0
        low, high = (
            linprog(sign * aim, A_eq=basis, b_eq=rest, bounds=(0, None), method="highs")
            for sign in (1, -1)
        )
        most = np.inf if high.status == 3 else -high.fun if high.success else np.nan
        found[name] = (low.fun if low.success else np.nan, most)
    return found
