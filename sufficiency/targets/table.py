"""`target.csv`: what is known of each value of the lever."""

from __future__ import annotations

import pandas as pd

from sufficiency.targets.searching import Target


def table(target: Target) -> pd.DataFrame:
    """One row per value tried.

    `next` is the amount of the lever whose effect on the mean is `next_change`, with its error
    `next_se`; both are empty where it is not known. `enough` is 1 if the share of futures that meet
    the goal reaches the confidence. `share_met` is of all the `futures` of a value; `mean`, `se`,
    `p10` and `p90` are of those that every value has, so that rows can be compared.
    """
    return pd.DataFrame(
        {
            "lever": dose.value,
            "futures": dose.share.futures,
            "mean": dose.mean,
            "se": dose.se,
            "p10": dose.p10,
            "p90": dose.p90,
            "share_met": dose.share.value,
            "share_low95": dose.share.low,
            "share_high95": dose.share.high,
            "enough": int(dose.share.value >= target.confidence),
            "next": target.further,
            "next_change": dose.further,
            "next_se": dose.further_se,
        }
        for dose in target.doses
    )
