"""A run made of one random table of children: by type and age, at a date and over a year."""

from pathlib import Path

import numpy as np

from sufficiency.comparison import compare
from sufficiency.results import by_hand
from sufficiency.results.files import write_csv
from sufficiency.rows import Key

TYPES = ("ifa", "in_house", "kinship", "secure")
AGES = ("under_1", "1-4", "5-9", "10-15")
DATES = ("2026-04-01", "2026-06-30", "2027-03-31")
YEAR = "2026-27"
OPTIONS = ("baseline", "more_carers")


def run_of(folder: Path, children):
    """A run in which so many children are in care, by option, type and age, at all dates."""
    children = np.asarray(children, dtype=float)
    found = {Key("average_children", "", YEAR): children.sum(axis=(1, 2))}
    for place, type_ in enumerate(TYPES):
        of = children[:, place]
        found[Key("average_children", f"type={type_}", YEAR)] = of.sum(axis=1)
        for age in AGES:
            key = Key("average_children", f"type={type_};age={age}", YEAR)
            found[key] = of[:, AGES.index(age)]
    everybody = children.sum(axis=(1, 2))
    groups = {"": everybody}
    groups |= {f"type={t}": children[:, i].sum(axis=1) for i, t in enumerate(TYPES)}
    groups |= {f"age={a}": children[:, :, i].sum(axis=1) for i, a in enumerate(AGES)}
    for group, values in groups.items():
        for date in DATES:
            found[Key("children_in_care", group, date)] = values
            if group:
                share = values / np.where(everybody > 0, everybody, np.nan)
                found[Key("children_share", group, date)] = share
    numbers = np.stack([*found.values()], axis=-1)
    futures = np.repeat(numbers[:, None], 3, axis=1)
    units = {
        "average_children": {"unit": "children", "better": ""},
        "children_in_care": {"unit": "children", "better": ""},
        "children_share": {"unit": "share", "better": ""},
    }
    results = by_hand(folder, futures, list(found), OPTIONS, measures=units)
    write_csv(results.folder / "comparison.csv", compare(results))
    return results
