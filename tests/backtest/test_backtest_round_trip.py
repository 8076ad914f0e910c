"""The round trip through files, on made-up authorities. The benchmark runs fifty of them."""

from __future__ import annotations

import sys
from argparse import Namespace
from pathlib import Path

import numpy as np
import pytest

sys.path.insert(0, str(Path(__file__).parents[2] / "benchmarks"))

from round_trip import FUTURE_WORDS, KIND_WORDS, held, inside, run, share_of
from round_trip_truth import authority, entries_a_year, move_hazards, survival

from sufficiency.scenario_file import load


def test_a_made_up_authority_differs_from_england_and_is_the_same_each_time() -> None:
    one, again, other = (entries_a_year(authority(n, 1).scenario) for n in (1, 1, 2))
    assert one == again
    assert one != other
    rates = load("england").scenario.demand.entries_per_100_in_care
    away = [abs(one[age] / (5 * rate) - 1) for age, rate in rates.items()]
    assert np.mean(away) > 0.1


def test_true_survival_is_that_of_a_known_hazard() -> None:
    # every stay exponential with mean 500 days; 18th birthdays hide some of it, and must not bias
    england = load("england").scenario
    stays = england.stays.model_copy(
        update={"every_child": type(england.stays.short)(distribution="exponential", mean_days=500)}
    )
    known = england.model_copy(update={"stays": stays})
    found = survival(known, "16-17", np.random.default_rng(1))
    assert list(found) == [28, 182, 365]  # hardly anybody of 16 can be seen for two years
    for days, share in found.items():
        assert share == pytest.approx(np.exp(-days / 500), abs=0.005)


def test_the_mean_hazard_of_a_band_is_weighted_by_the_nights_lived() -> None:
    nights = np.zeros((8, 4, 8))
    nights[0, 0, 0], nights[0, 1, 1] = 30, 10
    moves = {
        "scale": 2.0,
        "hazard_per_day": [0.01] * 8,
        "age_factor": [1.0, 3.0, 1.0, 1.0],
        "kind_factor": [1.0, 2.0, 1, 1, 1, 1, 1, 1],
    }
    # (30 x 1 x 1 + 10 x 3 x 2) / 40 = 2.25
    assert move_hazards(moves, nights)[0] == pytest.approx(2 * 0.01 * 2.25)


def test_a_pooled_share_has_the_larger_of_both_errors() -> None:
    alike = share_of([[1, 0], [1, 0]], 0.5)
    assert (alike.number, alike.share) == (4, 0.5)
    assert alike.error == 0.25  # sqrt(0.5 x 0.5 / 4): authorities do not differ at all
    apart = share_of([[1, 1], [0, 0]], 0.5)
    assert apart.error == 0.5  # two authorities, 1 and 0: sqrt(2 x (1 + 1)) / 4
    assert not share_of([[0.0] * 50, [0.0] * 50], 0.95).right


@pytest.mark.slow
def test_three_authorities_come_back_as_they_were(tmp_path: Path) -> None:
    asked = Namespace(
        authorities=3, seed=1, replications=40, bootstrap=100, jobs=2, scratch=tmp_path / "done"
    )
    results = run(asked)
    assert [r["authority"] for r in results] == [1, 2, 3]
    assert len(asked.scratch.read_text().splitlines()) == 3
    for kind in KIND_WORDS:
        found = inside(results, kind)
        # Survivals of one group, and bands of one regression, hang together: a loose tolerance.
        assert found.number >= 3 * 6
        assert found.share > 0.95 - 4 * found.error, kind
    for what in FUTURE_WORDS:
        held_95 = held(results, what, 1, 2)
        assert held_95.share > 0.95 - 4 * held_95.error, what
