"""Spoilt plain files: an answer or one message, never a traceback, a hang or a wrong count."""

import contextlib
from io import StringIO

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sufficiency.errors import SufficiencyError
from sufficiency.history.counting import observed
from sufficiency.history.plain import read_plain
from sufficiency.history.together import of_plain
from sufficiency.history.truncating import known_on
from sufficiency.scenario_file.problems import Problems, ScenarioFileError
from sufficiency.ssda903.sources import RawTable

FILES = {
    "counts.csv": "month,stream,age_group,entries,exits\n2024-04,non_uasc,10-15,3,2\n"
    "2024-04,uasc,16-17,1,0\n2024-05,all,10-15,2,1\n2024-05,uasc,16-17,0,0\n",
    "years.csv": "year,stream,entries\n2022-23,all,109\n2022-23,uasc,20\n2023-24,all,95\n",
    "stock.csv": "date,age_group,stream,type,children\n2024-03-31,,,,205\n2024-03-31,,uasc,,24\n"
    "2024-03-31,,,in_house,60\n2024-03-31,,,ifa,145\n",
    "households.csv": "label,approved_places,youngest,oldest,siblings,uasc,status,approved_on,"
    "left_on\nA,2,0,10,yes,no,approved,2015-06-01,\nB,1,,,,,left,2012-02-01,2024-04-30\n",
    "homes.csv": "name,registered,usable,opens,closes,in_area\nElm,4,3,2026-09-01,,yes\n",
    "prices.csv": "type,need,age_band,existing_weekly,new_weekly,as_of\n"
    "ifa,,,950,1020,2025-04-01\n",
    "shocks.csv": "from,to,stream,note\n2020-03,2020-05,all,lockdown\n",
}
SPOILT = st.one_of(
    st.sampled_from(
        [
            *("", "0", "-1", "1e9", "99999999999999999999", "nan", "inf", "1,5", "½", "²", "٣"),
            *("2024-02-30", "9999-12-31", "0000-00-00", "2024-04", "Oct-15", "all", "uasc", "None"),
            *(
                "{found}",
                "(found)",
                "%s",
                "\x1b[31m",
                "'",
                '"',
                "=1+1",
                "16-17",
                "01/13/2024",
                "1899",
            ),
        ]
    ),
    st.text(max_size=30),
)
changes = st.lists(
    st.tuples(st.sampled_from(sorted(FILES)), st.integers(0, 10), st.integers(0, 20), SPOILT),
    max_size=6,
)
copies = st.lists(st.tuples(st.sampled_from(sorted(FILES)), st.integers(0, 10)), max_size=2)


def table(name: str) -> RawTable:
    frame = pd.read_csv(StringIO(FILES[name]), dtype="str", keep_default_na=False)
    frame.index = pd.RangeIndex(2, 2 + len(frame))
    return RawTable(name, tuple(frame.columns), frame)


@pytest.mark.slow
@settings(max_examples=40, deadline=None)
@given(changes, copies, st.dates())
def test_spoilt_files_are_read_or_refused(changed: list, copied: list, on: object) -> None:
    tables = {name: table(name) for name in FILES}
    for name, row, column, text in changed:
        frame = tables[name].frame
        frame.iloc[row % len(frame), column % frame.shape[1]] = text.strip()
    for name, row in copied:
        frame = tables[name].frame
        again = pd.concat([frame, frame.iloc[[row % len(frame)]]])
        again.index = pd.RangeIndex(2, 2 + len(again))
        tables[name] = RawTable(name, tables[name].columns, again)
    problems = Problems()
    with contextlib.suppress(SufficiencyError):
        plain = read_plain(tables.values(), (), problems)
        problems.raise_if_any("folder")
        history = of_plain(plain, ())
        assert history is not None
        measured = observed(history)
        assert (measured["value"] >= 0).all()
        known_on(history, on)  # type: ignore[arg-type]  # a day
        written = tables["years.csv"].frame["entries"]
        total = sum(float(text.replace(",", "")) for text in written if text.isascii())
        assert history.yearly["entries"].sum() >= total  # nothing that was written is lost
    said = str(ScenarioFileError("folder", problems)) if problems else ""
    assert "\x1b" not in said
    assert len(said.splitlines()) < 60


def test_a_row_that_stands_twice_is_a_mistake_but_for_a_shock() -> None:
    for name in FILES:
        one = table(name)
        again = pd.concat([one.frame, one.frame.iloc[[0]]])
        again.index = pd.RangeIndex(2, 2 + len(again))
        problems = Problems()
        read_plain([RawTable(name, one.columns, again)], (), problems)
        assert bool(problems) is (name != "shocks.csv"), name
