"""Which option is best, who gains and who makes way, in sentences."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import pandas as pd

from sufficiency.answer.levels import BASELINE
from sufficiency.answer.words import AGE_WORDS, TYPE_WORDS, capital, chance, listed, number, title

NOTHING = "doing nothing"
"""What the baseline is called among options."""
_JUDGED: Mapping[str, str] = {
    "net_cost": "lowest net cost",
    "unmet_need": "fewest without the home planned",
}
"""What an option is the best on, of all that options are compared on."""
FROM_WORDS: Mapping[str, str] = {
    "in_house": "with in-house carers",
    "ifa": "with agency carers",
    "homes": "in other children's homes",
    "supported": "in supported accommodation",
    "unregistered": "in unregistered placements",
    "kinship": "with family and friends",
    "elsewhere": "elsewhere in care",
    "not_in_care": "not in care",
}
"""Where children would live without the option."""
COHORT_WORDS: Mapping[str, str] = {
    "siblings": "siblings",
    "teenage": "teenagers",
    "disabled": "disabled children",
    "uasc": "unaccompanied children",
}
"""Cohorts of unmet need."""
_GROUPS = {f"age={age}" for age in AGE_WORDS} | {f"cohort={name}" for name in COHORT_WORDS}
"""All groups that gain or do not."""


def option_words(option: str) -> str:
    """An option's name as it is read; of the baseline, what it is."""
    return NOTHING if option == BASELINE else f"“{title(option)}”"


def best_of(table: pd.DataFrame, item: str) -> tuple[str, float] | None:
    """The choice that is most often the best on something, and how often.

    None where it is not known, or where all are best equally often, as when nothing differs.

    Args:
        table: As `comparison.choices.side_by_side`.
        item: One of its items.
    """
    rows = table[(table["item"] == item) & table["probability_best"].notna()]
    often = rows["probability_best"]
    if len(rows) < 2 or math.isclose(often.min(), often.max()):
        return None
    row = rows.loc[often.idxmax()]
    return str(row["option"]), float(row["probability_best"])


def best_words(table: pd.DataFrame) -> list[str]:
    """Which choice is most often the best on cost and on unmet need, a sentence each."""
    found = {item: best_of(table, item) for item in _JUDGED}
    return [
        f"{capital(words)}: {option_words(best[0])}, in {chance(best[1])} of futures the best of"
        f" all choices, {NOTHING} included."
        for item, words in _JUDGED.items()
        if (best := found[item]) is not None
    ]


def displaced_words(rows: pd.DataFrame) -> str:
    """Whom the places of one option displaced, in a sentence.

    Args:
        rows: As `comparison.choices.displaced`.
    """
    if not len(rows):
        return ""
    gained = str(rows["gained"].iloc[0])
    if not gained:
        return "Where children live more often with this option cannot be told from no change."
    gain = float(rows["gain"].iloc[0])
    if number(gain) == "0":
        return ""  # of a hundred children that there are not, nothing is to be said
    told = [row for _, row in rows.iterrows() if row["verdict"] == "displaced"]
    told.sort(key=lambda row: -float(row["share"]))
    where = listed([where_words(type_) for type_ in gained.split(";")])
    text = f"Of every 100 children more {where} ({number(gain)} on average)"
    parts = [f"{_hundred(row['share'])} would have lived {FROM_WORDS[row['from']]}" for row in told]
    if not parts and "unknown" in set(rows["verdict"]):
        return ""  # where they would have lived may be what is not shown
    if not parts:
        return f"{text}, it cannot be told where they would have lived."
    return (
        f"{text}, {listed([parts[0], *(p.replace('would have lived ', '') for p in parts[1:])])}."
    )


def where_words(type_: str) -> str:
    """Where children live, in a sentence."""
    words = TYPE_WORDS[type_]
    return f"{'with' if words.endswith(('carers', '(IFA)', 'friends')) else 'in'} {words}"


def _hundred(share: float) -> str:
    """A share of a hundred children; under one is said, not rounded away."""
    return "under 1" if 0 < 100 * share < 0.5 else f"{100 * share:.0f}"


def gains_words(rows: pd.DataFrame) -> str:
    """Which children gain from one option: the clearest findings in a sentence; empty if unknown.

    Args:
        rows: As `comparison.choices.who_gains`.
    """
    needs = [row for row in _told(rows, "unmet_need", "fewer") if row["difference"] <= -0.05]
    text = [f"{number(-row['difference'])} {_who(row['group'])}" for row in needs[:3]]
    known = set(rows.loc[rows["measure"] == "unmet_need", "group"])
    shown = "" if known >= _GROUPS else " shown here"
    if text:
        who = f"Of the ages and cohorts{shown} fewer" if shown else "Fewer"
        return (
            f"{who} live without the home planned for them, on average over the run:"
            f" {listed(text)}."
        )
    if not known:
        return ""
    return (
        f"For no age or cohort{shown} is there a clear change in who lives without the home"
        " planned."
    )


def _told(rows: pd.DataFrame, measure: str, verdict: str) -> list[Any]:
    found = rows[(rows["measure"] == measure) & (rows["verdict"] == verdict)]
    return [row for _, row in found.sort_values("difference").iterrows()]


def _who(group: str) -> str:
    kind, _, name = group.partition("=")
    return f"children of {AGE_WORDS[name]}" if kind == "age" else COHORT_WORDS.get(name, name)


def screen_lines(table: pd.DataFrame, moved: Sequence[pd.DataFrame]) -> tuple[str, ...]:
    """What a run says on the screen about choice: a heading and a few sentences.

    Args:
        table: As `comparison.choices.side_by_side`.
        moved: `comparison.choices.displaced` of each option.
    """
    found = [(words, best_of(table, item)) for item, words in _JUDGED.items()]
    best = [
        f"{capital(words)}: {option_words(best[0])}, best in {chance(best[1])} of futures"
        for words, best in found
        if best is not None
    ]
    if not best:
        return ()
    named = {one[0] for _, one in found if one is not None}
    told = [
        line
        for rows in moved
        if len(rows) and rows["gained"].iloc[0] and rows["option"].iloc[0] in named
        if (line := _one_line(rows))
    ]
    return ("WHICH OPTION IS BEST, doing nothing included", *best, *told[:1])


def _one_line(rows: pd.DataFrame) -> str:
    top = [row for _, row in rows.sort_values("share", ascending=False).iterrows()]
    told = [row for row in top if row["verdict"] == "displaced"][:2]
    first = " would otherwise have lived"
    parts = [
        f"{_hundred(row['share'])}{'' if at else first} {FROM_WORDS[row['from']]}"
        for at, row in enumerate(told)
    ]
    name = option_words(str(rows["option"].iloc[0]))
    if not parts:
        if "unknown" in set(rows["verdict"]):
            return ""
        return f"Where the children gained by {name} would have lived cannot be told."
    return f"Of 100 children gained by {name}, {listed(parts)}."


def ages_of(rows: pd.DataFrame) -> Iterable[tuple[str, str, Any]]:
    """Type, age and row of each change in where children of an age live, if any future differs."""
    for _, row in rows[rows["measure"] == "average_children"].iterrows():
        type_, _, age = str(row["group"]).partition(";")
        if row["verdict"] != "none":
            yield type_.removeprefix("type="), age.removeprefix("age="), row
