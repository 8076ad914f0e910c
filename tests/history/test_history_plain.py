"""Plain files: what is read, and that every mistake is told with its place."""

from datetime import date
from pathlib import Path

import pandas as pd
import pytest
from returns_by_hand import a_return, child, episode, rules, told

from sufficiency.errors import SufficiencyError
from sufficiency.history.counting import observed
from sufficiency.history.reading import read_history
from sufficiency.history.tables import History
from sufficiency.history.truncating import known_on
from sufficiency.ssda903.writing import write_return

COUNTS = """month,stream,age_group,entries,exits
2024-04,non_uasc,10-15,3,2
2024-04,uasc,16-17,1,0
2024-05,non_uasc,10-15,2,1
2024-05,non_uasc,16-17,1,0
2024-06,non_uasc,under_1,1,4
"""


def read(folder: Path, **files: str) -> History:
    for name, text in files.items():
        (folder / f"{name}.csv").write_text(text, encoding="utf-8")
    return read_history(folder)


def mistakes(folder: Path, **files: str) -> list[str]:
    """What is said of files that are wrong, a line for each mistake."""
    with pytest.raises(SufficiencyError) as caught:
        read(folder, **files)
    assert caught.value.exit_code == 2
    head, *lines = str(caught.value).splitlines()
    assert head == f"{folder} is not a valid history:"
    return [line.strip() for line in lines]


def test_counts_become_every_month_stream_and_age(tmp_path: Path) -> None:
    history = read(tmp_path, anything=COUNTS)  # told by its columns
    assert (history.first, history.last) == (date(2024, 4, 1), date(2024, 6, 30))
    monthly = history.monthly
    assert len(monthly) == 3 * 2 * 5
    assert told(
        monthly[(monthly["entries"] > 0) | (monthly["exits"] > 0)],
        *("month", "stream", "age_group", "entries", "exits"),
    ) == [
        ("2024-04-01", "non_uasc", "10-15", 3, 2),
        ("2024-04-01", "uasc", "16-17", 1, 0),
        ("2024-05-01", "non_uasc", "10-15", 2, 1),
        ("2024-05-01", "non_uasc", "16-17", 1, 0),
        ("2024-06-01", "non_uasc", "under_1", 1, 4),
    ]
    assert rules(history) == {"taken_as_0": 25}


def test_exits_that_are_not_given_are_not_known(tmp_path: Path) -> None:
    history = read(tmp_path, counts="month,stream,age_group,entries\n2024-04,non_uasc,5-9,1\n")
    assert history.monthly["exits"].isna().all()
    assert set(observed(history)["measure"]) <= {"entries"}


@pytest.mark.parametrize(
    "month",
    [
        *("2024-04", "2024-4", "2024-04-01", "2024-04-17", "01/04/2024", "30/04/2024"),
        *("04/2024", "Apr-24", "apr 2024", "April 2024", "24-Apr", "2024/04"),
        "2024-04-01 00:00:00",
    ],
)
def test_a_month_may_be_written_in_many_ways(tmp_path: Path, month: str) -> None:
    history = read(tmp_path, counts=f"month,stream,age_group,entries\n{month},non_uasc,10-15,1\n")
    assert history.first == date(2024, 4, 1)


@pytest.mark.parametrize(
    ("stream", "age", "meant"),
    [
        ("Non-UASC", "10 - 15", ("non_uasc", "10-15")),
        ("non uasc", "10 to 15", ("non_uasc", "10-15")),
        ("NON_UASC", "Under 1", ("non_uasc", "under_1")),
        ("non-uasc", "<1", ("non_uasc", "under_1")),
        ("non_uasc", "16+", ("non_uasc", "16-17")),
        ("non_uasc", "1\u20134", ("non_uasc", "1-4")),
    ],
)
def test_words_may_be_written_in_many_ways(
    tmp_path: Path, stream: str, age: str, meant: tuple[str, str]
) -> None:
    history = read(tmp_path, counts=f"month,stream,age_group,entries\n2024-04,{stream},{age},7\n")
    monthly = history.monthly
    assert told(monthly[monthly["entries"] == 7], "stream", "age_group") == [meant]


def test_a_total_of_both_streams_gives_the_one_that_is_missing(tmp_path: Path) -> None:
    text = "month,stream,entries,exits\n2024-04,all,12,9\n2024-04,UASC,5,\n2024-05,all,4,3\n"
    history = read(tmp_path, counts=text + "2024-05,non_uasc,3,3\n2024-05,uasc,1,0\n")
    assert told(history.monthly, "month", "stream", "age_group", "entries", "exits") == [
        ("2024-04-01", "non_uasc", "all", 7, None),  # exits of UASC are not known
        ("2024-04-01", "uasc", "all", 5, None),
        ("2024-05-01", "non_uasc", "all", 3, 3),
        ("2024-05-01", "uasc", "all", 1, 0),
    ]


def test_yearly_counts_are_kept_apart(tmp_path: Path) -> None:
    text = "year,stream,entries\n2022-23,all,109\n2022-23,uasc,20\n2023/24,all,95\n"
    history = read(tmp_path, counts=text)
    assert history.monthly is None
    assert (history.first, history.last) == (date(2022, 4, 1), date(2024, 3, 31))
    assert told(history.yearly, "year", "stream", "age_group", "entries") == [
        ("2022-23", "all", "all", 109),
        ("2022-23", "non_uasc", "all", 89),
        ("2022-23", "uasc", "all", 20),
        ("2023-24", "all", "all", 95),
    ]
    assert told(observed(history), "measure", "group", "period", "value") == [
        ("entries", "", "2022-23", 109),
        ("entries", "", "2023-24", 95),
        ("entries", "stream=non_uasc", "2022-23", 89),
        ("entries", "stream=uasc", "2022-23", 20),
    ]


STOCK = """date,age_group,stream,type,children
2024-03-31,,,,205
2024-03-31,,uasc,,24
2024-03-31,,,in_house,60
31/03/2024,all,all,ifa,145
2025-03-31,10-15,all,,80
2025-03-31,16-17,all,,100
"""


def test_stock_may_be_told_in_several_ways(tmp_path: Path) -> None:
    history = read(tmp_path, stock=STOCK)
    assert told(observed(history), "measure", "group", "period", "value") == [
        ("children_in_care", "", "2024-03-31", 205),
        ("children_in_care", "", "2025-03-31", 180),
        ("children_in_care", "stream=non_uasc", "2024-03-31", 181),
        ("children_in_care", "stream=uasc", "2024-03-31", 24),
        ("children_in_care", "age=10-15", "2025-03-31", 80),
        ("children_in_care", "age=16-17", "2025-03-31", 100),
        ("children_in_care", "type=ifa", "2024-03-31", 145),
        ("children_in_care", "type=in_house", "2024-03-31", 60),
    ]


def test_observed_sums_plain_months_to_quarters_and_complete_years(tmp_path: Path) -> None:
    months = [f"{2024 + (m > 12)}-{(m - 1) % 12 + 1:02d}" for m in range(4, 17)]
    rows = "".join(f"{month},non_uasc,{n}\n{month},uasc,1\n" for n, month in enumerate(months))
    history = read(tmp_path, counts="month,stream,entries\n" + rows)
    found = observed(history).set_index(["group", "period"])["value"]
    assert found["", "2024-Q1"] == 0 + 1 + 2 + 3
    assert found["stream=non_uasc", "2024-Q4"] == 9 + 10 + 11
    assert found["", "2024-25"] == sum(range(12)) + 12
    assert set(found.index.get_level_values("period")) == {
        *(f"2024-Q{n}" for n in range(1, 5)),
        "2024-25",
    }


def test_households_homes_prices_and_shocks(tmp_path: Path) -> None:
    history = read(
        tmp_path,
        counts=COUNTS,
        households=(
            "label,approved_places,youngest,oldest,siblings,uasc,status,approved_on,left_on\n"
            "A,2,0,10,yes,no,Approved,2015-06-01,\nB,1,,,,,left,01/02/2012,30/04/2024\n"
        ),
        homes="name,registered,usable,opens,in_area\nElm,4,3,2026-09-01,yes\n",
        prices='type,existing_weekly,new_weekly,as_of\nifa,£950.50,"1,020",2025-04-01\n',
        shocks="from,to,stream,note\n2020-03,2020-05,all,lockdown\n2024-05-02,2024-05-20,uasc,\n",
    )
    columns = ("label", "approved_places", "siblings", "status", "approved_on", "left_on")
    assert told(history.households, *columns) == [
        ("A", 2, True, "approved", "2015-06-01", None),
        ("B", 1, None, "left", "2012-02-01", "2024-04-30"),
    ]
    assert told(history.homes, "name", "registered", "usable", "opens", "in_area") == [
        ("Elm", 4, 3, "2026-09-01", True)
    ]
    assert told(history.prices, "type", "need", "existing_weekly", "new_weekly") == [
        ("ifa", "", 950.5, 1020)
    ]
    assert told(history.shocks, "from", "to", "stream", "note") == [
        ("2020-03-01", "2020-05-31", "all", "lockdown"),
        ("2024-05-02", "2024-05-20", "uasc", ""),
    ]


def test_what_was_known_of_plain_files_on_an_earlier_day(tmp_path: Path) -> None:
    history = read(
        tmp_path,
        counts=COUNTS,
        stock=STOCK,
        households="label,approved_places,approved_on,left_on\nA,2,2015-06-01,2024-06-02\n"
        "B,1,2024-06-03,\nC,1,,\n",
        shocks="from,to,stream\n2024-05,2024-06,all\n2024-06-20,2024-06-21,all\n",
    )
    known = known_on(history, date(2024, 6, 1))
    assert known.last == date(2024, 6, 1)
    assert list(known.monthly["month"].dt.month.unique()) == [4, 5]
    assert set(known.stock["date"]) == {pd.Timestamp("2024-03-31")}
    assert told(known.households, "label", "left_on") == [("A", None), ("C", None)]
    assert told(known.shocks, "from", "to") == [("2024-05-01", "2024-06-01")]


WRONG = """month,stream,age_group,entries,exits
2024-04,usac,10-15,3,2
2024-13,non_uasc,10-15,1,1
2024-05,non_uasc,Oct-15,-1,c
2024-05,non_uasc,teenagers,2.5,lots
2024-06,,5-9,,1
"""


def test_every_mistake_is_told_with_its_place(tmp_path: Path) -> None:
    assert mistakes(tmp_path, counts=WRONG) == [
        "counts.csv:2:2: stream: is not a word that is known (found 'usac'); did you mean 'uasc'?",
        "counts.csv:3:1: month: must be a month such as 2024-04 (found '2024-13')",
        "counts.csv:4:3: age_group: a spreadsheet made a date of this; write it as text, such as"
        " 10-15 (found 'Oct-15')",
        "counts.csv:4:4: entries: must be 0 or more (found '-1')",
        "counts.csv:4:5: exits: is suppressed (found 'c'): put in the number, or leave ages or"
        " types out",
        "counts.csv:5:3: age_group: is not a word that is known (found 'teenagers'); allowed:"
        " under_1, 1-4, 5-9, 10-15, 16-17, all",
        "counts.csv:5:4: entries: must be a whole number (found '2.5')",
        "counts.csv:5:5: exits: must be a whole number of 0 or more (found 'lots')",
        "counts.csv:6:2: stream: is empty",
        "counts.csv:6:4: entries: is empty",
    ]


def test_mistakes_of_all_files_stand_in_one_message(tmp_path: Path) -> None:
    said = mistakes(
        tmp_path,
        counts=WRONG,
        stock="date,children\n2024-02-30,5\n",
        prices="type,existing_weekly\nifaa,10\n",
    )
    assert {line.split(":")[0] for line in said} == {"counts.csv", "stock.csv", "prices.csv"}
    assert "stock.csv:2:1: date: must be a date such as 2024-04-01 (found '2024-02-30')" in said


ROWS = "month,stream,age_group,entries\n"


@pytest.mark.parametrize(
    ("text", "mistake"),
    [
        (
            ROWS + "2024-04,uasc,16-17,1\n2024-04,non_uasc,5-9,1\n2024-07,non_uasc,5-9,1\n",
            "counts.csv: month: months are missing: 2024-05, 2024-06; write a row with 0 where"
            " nobody entered",
        ),
        (
            ROWS + "2024-04,non_uasc,5-9,1\n01/04/2024,Non-UASC,5 to 9,2\n",
            "counts.csv:3:1: counts the same as counts.csv:2: leave one out",
        ),
        (
            ROWS + "2024-04,all,5-9,1\n",
            "counts.csv:2:1: stream: write UASC apart: rows of non_uasc and of uasc",
        ),
        (
            ROWS + "2024-04,uasc,16-17,1\n",
            "counts.csv: stream: only UASC are counted; write rows of non_uasc, or of all, too",
        ),
        (
            ROWS + "2024-04,all,all,3\n2024-04,uasc,all,4\n",
            "counts.csv:2:1: stream: a total of both streams is less than one of them",
        ),
        (
            ROWS + "2024-04,non_uasc,all,3\n2024-04,uasc,16-17,4\n",
            "counts.csv:2:1: age_group: one stream is told by age and another is not: tell both by"
            " age, or neither",
        ),
        (
            ROWS + "2024-04,non_uasc,all,3\n2024-04,non_uasc,5-9,1\n2024-04,non_uasc,1-4,1\n",
            "counts.csv:2:1: entries: a total and its parts differ, or two ways of telling them:"
            " 2 and 3",
        ),
        (
            "month,strem,age_group,entries\n2024-04,uasc,16-17,1\n",
            "counts.csv: stream: there is no such column; did you mean 'strem'?",
        ),
        (
            "month,stream,age_group,starts\n2024-04,uasc,16-17,1\n",
            "counts.csv: has no column entries",
        ),
        (ROWS, "counts.csv: has no row below its header"),
        (
            ROWS + "2024-04,uasc,5-9,1\n2024-04,non_uasc,5-9,1,000\n",
            "counts.csv:3:1: Rows have more cells than the header: which is which cannot be known.",
        ),
    ],
)
def test_counts_that_do_not_fit_together(tmp_path: Path, text: str, mistake: str) -> None:
    assert mistake in mistakes(tmp_path, counts=text)


def test_a_stock_told_in_two_ways_must_agree(tmp_path: Path) -> None:
    text = "date,type,children\n2024-03-31,,205\n2024-03-31,ifa,100\n2024-03-31,in_house,95\n"
    assert mistakes(tmp_path, stock=text) == [
        "stock.csv:2:1: children: a total and its parts differ, or two ways of telling them:"
        " 195 and 205"
    ]


def test_a_year_must_be_a_financial_year(tmp_path: Path) -> None:
    text = "year,stream,entries\n2024,all,5\n2023-25,all,5\n"
    assert mistakes(tmp_path, counts=text) == [
        "counts.csv:2:1: year: must be a financial year such as 2023-24 (found '2024')",
        "counts.csv:3:1: year: must be a financial year such as 2023-24 (found '2023-25')",
    ]


def test_hundreds_of_mistakes_in_a_column_are_told_in_a_few_lines(tmp_path: Path) -> None:
    rows = "".join(f"2024-04,non_uasc,5-9,x{n}\n" for n in range(300))
    said = [line for line in mistakes(tmp_path, counts=ROWS + rows) if "entries" in line]
    assert len(said) == 11
    assert said[-1] == "counts.csv:12:4: entries: here and in 289 more rows: not usable either"


def test_a_wrong_value_is_cut_short(tmp_path: Path) -> None:
    said = mistakes(tmp_path, counts=ROWS + f"2024-04,{'n' * 300},5-9,1\n")
    assert all(len(line) < 140 for line in said)


def test_nothing_in_a_file_about_households_is_quoted(tmp_path: Path) -> None:
    text = (
        "label,approved_places,youngest,oldest,siblings,status,approved_on,left_on\n"
        "Mr Secretname,Secretname,Secretname,4,Secretname,Secretname,Secretname,\n"
        "Mr Secretname,2,9,19,yes,approved,2024-01-02,2024-01-01\n"
    )
    said = mistakes(tmp_path, counts=COUNTS, households=text)
    assert "Secretname" not in "\n".join(said)
    assert said == [
        "households.csv:2:2: approved_places: must be a whole number of 0 or more",
        "households.csv:2:3: youngest: must be a whole number of 0 or more",
        "households.csv:2:5: siblings: must be yes or no",
        "households.csv:2:6: status: is not a word that is known; allowed: approved, winding_down,"
        " on_hold, left",
        "households.csv:2:7: approved_on: must be a date such as 2024-04-01",
        "households.csv:3:1: label: stands in an earlier row too",
        "households.csv:3:4: oldest: is an age of 18 at most",
        "households.csv:3:8: left_on: is before approved_on",
    ]


def test_mistakes_in_homes_prices_and_shocks(tmp_path: Path) -> None:
    said = mistakes(
        tmp_path,
        homes="name,registered,usable,opens,closes\nElm,2,3,2025-01-01,2024-01-01\n",
        prices="type,existing_weekly,new_weekly\nifa,,\nifa,5,\nfostering,5,\n",
        shocks="from,to\n2024-05,2024-04\n",
    )
    assert said == [
        "homes.csv:2:3: usable: is more than registered",
        "homes.csv:2:5: closes: is not after opens",
        "prices.csv:2:2: existing_weekly: no price is given",
        "prices.csv:3:1: type: the same price stands in an earlier row too",
        "prices.csv:4:1: type: is not a word that is known (found 'fostering'); allowed: in_house,"
        " ifa, kinship, home_own, home_external, supported, emergency_bed, unregistered, parents,"
        " adoption, secure, other",
        "shocks.csv:2:2: to: is before from",
    ]


def test_a_folder_with_nothing_of_the_past_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SufficiencyError, match="holds no history") as caught:
        read(tmp_path, weather="day,rain\n2024-04-01,3\n")
    assert "counts.csv" in str(caught.value)


def test_a_table_that_looks_like_episodes_is_refused_with_what_it_lacks(tmp_path: Path) -> None:
    with pytest.raises(SufficiencyError, match="looks like episodes"):
        read(tmp_path, counts=COUNTS, episodes="CHILD,DECOM,RNE,LS,CIN,PLACE\n1,2,S,C2,N1,U4\n")


def test_files_that_are_not_known_are_findings(tmp_path: Path) -> None:
    history = read(
        tmp_path, counts=COUNTS.replace("exits", "leavers"), weather="day,rain\n2024,1\n"
    )
    assert {"table_not_recognised", "column_not_used"} <= set(rules(history))


# ---- A return and plain files together ---------------------------------------------------------


@pytest.fixture
def with_return(tmp_path: Path) -> Path:
    """Two years of returns, with entries in May 2021 and June 2022."""
    returned = a_return(
        [child(n, "2010-05-01") for n in range(3)],
        [
            episode(0, "2022-06-01", miles=3.0),
            episode(1, "2020-01-01", miles=3.0),
            episode(2, "2021-05-01", "2021-06-01", rec="E4A", miles=3.0),
        ],
        last=date(2023, 3, 31),
    )
    write_return(returned, tmp_path / "data")
    return tmp_path / "data"


def test_counts_beyond_the_return_are_added_to_it(with_return: Path) -> None:
    months = [f"2022-{m:02d}" for m in range(4, 13)] + [f"2023-{m:02d}" for m in range(1, 7)]
    rows = [
        f"{month},{stream},{int(stream == 'uasc')}\n"
        for month in months
        for stream in ("uasc", "non_uasc")
    ]
    history = read(with_return, counts="month,stream,entries\n" + "".join(rows))
    assert history.last == date(2023, 3, 31)
    monthly = history.monthly
    assert monthly["month"].min() == pd.Timestamp("2021-04-01")
    assert monthly["month"].max() == pd.Timestamp("2023-06-01")
    later = monthly[monthly["month"] > pd.Timestamp("2023-03-31")]
    assert told(later, "month", "stream", "age_group", "entries")[:2] == [
        ("2023-04-01", "non_uasc", "all", 0),
        ("2023-04-01", "uasc", "all", 1),
    ]
    assert rules(history)["counts_differ"] == 12  # every month of the return that both count
    return_alone = monthly[monthly["month"] <= pd.Timestamp("2023-03-31")]
    assert return_alone["entries"].sum() == 2


def test_a_stock_that_differs_from_the_return_is_a_finding(with_return: Path) -> None:
    text = "date,children\n2022-03-31,1\n2023-03-31,3\n2024-03-31,9\n"
    history = read(with_return, stock=text)
    assert rules(history)["stock_differs"] == 1
    assert told(
        history.stock.groupby("date")["children"].sum().reset_index(), "date", "children"
    ) == [
        ("2022-03-31", 1),
        ("2023-03-31", 2),
        ("2024-03-31", 9),
    ]


def test_mistakes_of_plain_files_beside_a_return_are_told(with_return: Path) -> None:
    assert mistakes(with_return, stock="date,children\n2022-03-31,-1\n") == [
        "stock.csv:2:2: children: must be 0 or more (found '-1')"
    ]
