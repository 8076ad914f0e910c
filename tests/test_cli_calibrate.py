from __future__ import annotations

import stat
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import pytest
from typer.testing import CliRunner, Result

from sufficiency.cli import app
from sufficiency.results import together
from sufficiency.scenario_file import load

QUICK = ["--bootstrap", "0", "--no-forecast"]
SECRETS = ("ZQ77SECRET", "XX9 9QZ", "PL4CE CODE", "0WW", "31/12/1999")
"""An identifier, a postcode, and contents of cells that are no codes or dates of use."""

HEADER = "CHILD,SEX,DOB,ETHNIC,UPN,MOTHER,MC_DOB\n"
EPISODES = (
    "CHILD,DECOM,RNE,LS,CIN,PLACE,PLACE_PROVIDER,DEC,REC,REASON_PLACE_CHANGE,HOME_POST,PL_POST\n"
)


def call(*words: object) -> Result:
    return CliRunner().invoke(app, [str(word) for word in words], catch_exceptions=False)


def make_return(folder: Path) -> Path:
    """A return of two years: 40 children, a quarter of whom left; four with odd cells."""
    for year in (2023, 2024):
        part = folder / f"{year}-{year - 1999}"
        part.mkdir(parents=True)
        header, episodes = HEADER, EPISODES
        for n in range(40):
            header += f"ZQ77SECRET{n},1,{1 + n % 28:02d}/06/{2008 + n % 12},WBRI,,,\n"
            began = f"{1 + n % 28:02d}/05/{2023 + n % 2}"
            if 2023 + n % 2 > year:
                continue
            left = f"01/09/{2024},E4A," if n % 4 == 0 and year == 2024 else ",,"
            place = "PL4CE CODE,PR1" if n == 3 else "U6,PR1" if n % 3 else "U6,PR4"
            post = "XX9 9QZ,XX9 9QZ"
            episodes += f"ZQ77SECRET{n},{began},S,C2,N1,{place},{left},{post}\n"
        episodes += "ZQ77SECRET0,0WW,S,C2,N1,U6,PR1,,,,,\n"
        header += "ZQ77SECRETX,1,31/12/1999,0WW,,,\n"
        (part / "header.csv").write_text(header, encoding="utf-8")
        (part / "episodes.csv").write_text(episodes, encoding="utf-8")
    return folder


class Done(NamedTuple):
    """What one calibration left, run once for the tests that only look."""

    folder: Path
    result: Result


@pytest.fixture(scope="module")
def done(tmp_path_factory: pytest.TempPathFactory) -> Done:
    folder = tmp_path_factory.mktemp("calibrated")
    back = make_return(tmp_path_factory.mktemp("given") / "return")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        result = call("calibrate", back, "--to", "s.yaml", "--name", "Kent <b>", *QUICK)
    assert result.exit_code == 0, result.output
    return Done(folder, result)


@pytest.fixture
def back(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The return, in the current folder."""
    monkeypatch.chdir(tmp_path)
    return make_return(tmp_path / "return")


def test_it_writes_a_scenario_that_loads_and_says_what_it_did(done: Done) -> None:
    names = {path.name for path in done.folder.iterdir()}
    assert names == {"s.yaml", "s-children.personal-data.csv", "s-quality.html", "s-fit.html"}
    scenario = load(done.folder / "s.yaml").scenario
    assert scenario.name == "Kent <b>"
    assert scenario.authority.children_in_care == 30
    assert scenario.authority.children is not None
    assert scenario.authority.children.file.children == 30
    assert scenario.stays.keep_stock_and_flow is False
    for said in ("MAIN ESTIMATES", "IN THE DATA", "personal data", *names):
        assert said in done.result.stdout


def test_the_terminal_has_80_columns(done: Done) -> None:
    assert not [line for line in done.result.stdout.splitlines() if len(line) > 80]


def test_nothing_of_a_row_is_in_any_output(done: Done) -> None:
    told = {path.name: path.read_text(encoding="utf-8") for path in done.folder.iterdir()}
    told["screen"] = done.result.output
    assert len(told) == 5
    for name, text in told.items():
        assert not [secret for secret in SECRETS if secret.lower() in text.lower()], name
        if "personal" not in name:  # no date of birth
            assert "2012-06-" not in text, name


def test_only_the_owner_reads_the_file_of_children(done: Done) -> None:
    mode = (done.folder / "s-children.personal-data.csv").stat().st_mode
    assert stat.S_IMODE(mode) == 0o600


def test_pages_are_for_own_use_and_say_so(done: Done) -> None:
    for page in ("s-quality.html", "s-fit.html"):
        text = (done.folder / page).read_text(encoding="utf-8")
        assert "own use" in text
        assert "Kent &lt;b&gt;" in text
        assert "<b>" not in text.split("<script")[0]
    quality = (done.folder / "s-quality.html").read_text(encoding="utf-8")
    assert "episodes.csv" in quality
    assert "Completeness" in quality
    fit = (done.folder / "s-fit.html").read_text(encoding="utf-8")
    for section in ("How long children stay", "Why children leave", "Entries by month"):
        assert section in fit


@pytest.mark.slow
def test_a_zip_comes_to_the_same_as_a_folder(back: Path) -> None:
    with zipfile.ZipFile("return.zip", "w") as packed:
        for file in back.rglob("*.csv"):
            packed.write(file, file.relative_to(back).as_posix())
    call("calibrate", back, "--to", "a.yaml", "--name", "X", *QUICK)
    assert call("calibrate", "return.zip", "--to", "b.yaml", "--name", "X", *QUICK).exit_code == 0
    one, other = (Path(name).read_text(encoding="utf-8") for name in ("a.yaml", "b.yaml"))
    assert one.replace("a-children", "b-children") == other


def test_nothing_is_written_over_unless_asked(back: Path) -> None:
    Path("s-fit.html").write_text("mine", encoding="utf-8")
    result = call("calibrate", back, "--to", "s.yaml", *QUICK)
    assert result.exit_code == 2
    assert "s-fit.html exists already" in result.stderr
    assert {path.name for path in Path().iterdir()} == {"return", "s-fit.html"}
    assert call("calibrate", back, "--to", "s.yaml", "--replace", *QUICK).exit_code == 0
    assert Path("s-fit.html").read_text(encoding="utf-8") != "mine"


def test_what_fails_on_the_way_leaves_everything_as_it_was(
    back: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    Path("s.yaml").write_text("mine", encoding="utf-8")
    taken = 0
    take = together._take

    def fails_at_last(draft: Path, file: Path, kept: Path, *, replace: bool) -> None:
        nonlocal taken
        taken += 1
        take(draft, file, kept, replace=replace)
        if taken == 4:
            raise PermissionError(13, "no more room")

    monkeypatch.setattr(together, "_take", fails_at_last)
    result = call("calibrate", back, "--to", "s.yaml", "--replace", *QUICK)
    assert result.exit_code == 2
    assert taken == 4
    assert {path.name for path in Path().iterdir()} == {"return", "s.yaml"}
    assert Path("s.yaml").read_text(encoding="utf-8") == "mine"


def test_without_children_there_is_no_personal_data(back: Path) -> None:
    assert call("calibrate", back, "--to", "s.yaml", "--no-children", *QUICK).exit_code == 0
    assert not list(Path().glob("*personal-data*"))
    assert load("s.yaml").scenario.authority.children is None


def test_the_number_of_children_who_live_there_may_be_stated(back: Path) -> None:
    call("calibrate", back, "--to", "s.yaml", "--child-population", 12345, *QUICK)
    assert load("s.yaml").scenario.authority.child_population == 12345


def test_another_base_is_named_relative_to_the_file(back: Path) -> None:
    Path("bases").mkdir()
    Path("new").mkdir()
    Path("bases/ours.yaml").write_text(
        "extends: england\nname: Ours\nifa: {market: 0.8}\n", encoding="utf-8"
    )
    result = call("calibrate", back, "--to", "new/s.yaml", "--extends", "bases/ours.yaml", *QUICK)
    assert result.exit_code == 0, result.output
    assert 'extends: "../bases/ours.yaml"' in Path("new/s.yaml").read_text(encoding="utf-8")
    assert load("new/s.yaml").scenario.ifa.market == 0.8


def test_quiet_prints_only_the_scenario(back: Path) -> None:
    result = call("calibrate", back, "--to", "s.yaml", "--quiet", *QUICK)
    assert result.stdout == "s.yaml\n"


def test_counts_alone_calibrate_what_they_can(write: Callable[..., Path]) -> None:
    months = [(y, m) for y in (2022, 2023, 2024, 2025) for m in range(1, 13)]
    months = [(y, m) for y, m in months if (2022, 4) <= (y, m) <= (2025, 3)]
    Path("counts").mkdir()
    rows = ["month,stream,age_group,entries"]
    rows += [f"{y}-{m:02d},non_uasc,{a},{3 + m % 2}" for y, m in months for a in ("10-15", "16-17")]
    write("\n".join(rows) + "\n", "counts/counts.csv")
    write("date,children\n2025-03-31,300\n", "counts/stock.csv")
    result = call("calibrate", "counts", "--to", "s.yaml", *QUICK)
    assert result.exit_code == 0, result.output
    study = load("s.yaml")
    assert study.scenario.authority.children_in_care == 300
    assert study.scenario.authority.children is None
    # 7 in two months of each age: 42 a year of 300 in care, less the base's children on remand,
    # 0.36 to every 3.94 others.
    rate = next(
        row for row in study.assumptions if row.path == "demand.entries_per_100_in_care.16-17"
    )
    assert "local 12.8," in rate.note
    assert study.scenario.stays.by_group is None
    assert "All the rest is the base's" in " ".join(result.stdout.split())
    assert max(len(line) for line in result.stdout.splitlines()) <= 80


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["nowhere", "--to", "s.yaml"], "nowhere"),
        (["empty", "--to", "s.yaml"], "empty cannot be read"),
        (["empty", "--to", "s.txt"], "ending in .yaml"),
        (["empty", "--to", "no/such/s.yaml"], "there is no folder"),
        (["empty", "--to", "s.yaml", "--extends", "englnd"], "did you mean 'england'"),
    ],
)
def test_a_mistake_ends_in_one_message(
    words: list[str], said: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("empty").mkdir()
    result = call("calibrate", *words, *QUICK)
    assert result.exit_code == 2
    assert said in result.stderr
    assert "Traceback" not in result.output
    assert [path.name for path in Path().iterdir()] == ["empty"]


@pytest.mark.slow
def test_a_forecast_of_entries_stands_beside_the_scenario(back: Path) -> None:
    result = call("calibrate", back, "--to", "s.yaml", "--bootstrap", "0", "--no-children")
    assert result.exit_code == 0, result.output
    forecast = load("s.yaml").scenario.demand.forecast
    assert forecast is not None
    assert forecast.file is not None
    assert forecast.file.months == 60
    assert forecast.file.first.isoformat() == "2025-04-01"


@pytest.mark.slow
def test_the_length_of_the_forecast_may_be_stated(back: Path) -> None:
    quick = ("--bootstrap", "0", "--no-children")
    result = call("calibrate", back, "--to", "s.yaml", "--years", 8, *quick)
    assert result.exit_code == 0, result.output
    scenario = load("s.yaml").scenario
    assert scenario.demand.forecast is not None
    assert scenario.demand.forecast.file is not None
    assert scenario.demand.forecast.file.months == 96
    assert scenario.years == 8
    usual = load("england").scenario.years
    call("calibrate", back, "--to", "t.yaml", "--years", round(usual), *QUICK)
    assert "\nyears:" not in Path("t.yaml").read_text(encoding="utf-8")
    for wrong in (0, 26):
        refused = CliRunner().invoke(
            app, ["calibrate", "x", "--to", "u.yaml", "--years", f"{wrong}"]
        )
        assert refused.exit_code == 2
        assert "--years" in refused.output
        assert "equal to" in refused.output


def test_data_that_say_nothing_are_refused(tmp_path: Path) -> None:
    folder = tmp_path / "my counts"
    folder.mkdir()
    (folder / "counts.csv").write_text("year,stream,entries\n2023-24,non_uasc,66\n", "utf-8")
    found = call("calibrate", folder, "--to", tmp_path / "a.yaml")
    assert found.exit_code == 2
    assert "sufficiency forecast '" in found.stderr
    assert not (tmp_path / "a.yaml").exists()


def test_what_to_do_next_can_be_typed_as_it_stands(back: Path, tmp_path: Path) -> None:
    to = tmp_path / "my area.yaml"
    found = call("calibrate", back, "--to", to, *QUICK, "--no-children")
    assert f"next: sufficiency check '{to}'" in found.stdout


def test_files_not_read_are_not_counted_as_rows(back: Path, tmp_path: Path) -> None:
    (back / "README.txt").write_text("about", "utf-8")
    found = call("calibrate", back, "--to", tmp_path / "a.yaml", *QUICK)
    assert "1 file not read" in " ".join(found.stdout.split())
