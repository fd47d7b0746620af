"""``qtrader runs``, and the names that a stored run goes by."""

import json
import os
from pathlib import Path
from typing import Any

import pytest


@pytest.fixture
def three(desk: Any) -> list[str]:
    """Three runs, the latest last: two of one name and one of another."""
    names = []
    for age, options in enumerate((["name=one"], ["name=one", "portfolio.cash=5000"], ["name=two"])):
        found = desk.backtest("run.yaml", *(part for one in options for part in ("--set", one)))
        stamp = 1_700_000_000 + age
        os.utime(Path(found["run_dir"]) / "manifest.json", (stamp, stamp))
        names.append(found["run_id"])
    return names


def test_the_list_has_the_latest_first(desk: Any, three: list[str]) -> None:
    rows = json.loads(desk.good("runs", "list", "--json"))

    assert [row["run"] for row in rows] == three[::-1]
    assert set(rows[0]) == {"run", "status", "bars", "fills", "digest", "stored"}
    assert (rows[0]["status"], rows[0]["bars"], rows[0]["stored"]) == ("done", 124, "2023-11-14 22:13:22")


def test_the_list_for_people_fits_80_columns_and_cuts_no_name(desk: Any) -> None:
    name = "a-very-long-name-that-somebody-gave-to-this-run"
    found = desk.backtest("run.yaml", "--set", f"name={name}")

    lines = desk.good("runs", "list").splitlines()

    assert max(len(line.rstrip()) for line in lines) <= 80
    assert "".join(line.split()[0] for line in lines[1:]) == found["run_id"]


def test_the_list_tells_of_a_folder_that_cannot_be_read(desk: Any, three: list[str]) -> None:
    desk.write("runs/torn/manifest.json", "{")

    rows = json.loads(desk.good("runs", "list", "--json"))

    assert {row["run"]: row["status"] for row in rows} == {**dict.fromkeys(three, "done"), "torn": "unreadable"}


def test_an_empty_list_says_how_to_make_a_run(desk: Any) -> None:
    assert desk.good("runs", "list") == "no runs in 'runs' yet: qtrader backtest CONFIG makes one\n"


def test_show_has_figures_warnings_and_files(desk: Any) -> None:
    found = desk.backtest()

    out = desk.good("runs", "show", "@last")

    assert out.startswith(found["run_id"])
    assert ["fills", str(found["fills"])] in [line.split()[:2] for line in out.splitlines()]
    assert f"\nruns/{found['run_id']}\n" in out
    assert any(line.endswith(" bytes  events.arrow") for line in out.splitlines())


@pytest.mark.parametrize(
    ("handle", "place"), [("@last", 2), ("@last~0", 2), ("@last~1", 1), ("@last~2", 0), ("two", 2), ("tw", 2)]
)
def test_a_run_goes_by_its_age_or_a_unique_prefix(desk: Any, three: list[str], handle: str, place: int) -> None:
    assert desk.good("runs", "show", handle).startswith(three[place])


def test_a_run_goes_by_its_id_its_folder_and_wherever_that_is(
    desk: Any, three: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    for handle in (three[0], f"runs/{three[0]}", desk.folder / "runs" / three[0]):
        assert desk.good("runs", "show", handle).startswith(three[0])
    monkeypatch.chdir(desk.folder / "runs" / three[0])
    assert desk.good("runs", "show", ".").startswith(three[0])


def test_runs_elsewhere_are_found_with_the_option(desk: Any) -> None:
    found = desk.backtest("run.yaml", "--out", "elsewhere")

    for command in (("runs", "show", "@last"), ("log", "desk"), ("verify", found["run_id"])):
        assert desk.good(*command, "--runs", "elsewhere")


@pytest.mark.parametrize("command", [("runs", "show"), ("log",), ("verify",)])
@pytest.mark.parametrize(
    ("handle", "message"),
    [
        ("one", "'one' fits 2 runs: {0}, {1}; write more of it"),
        ("tow", "no run 'tow' in 'runs'."),
        ("@last~3", "'@last~3': there are only 3 runs in 'runs'"),
        ("@first", "'@first' is no run: write @last, @last~1, an id, a unique prefix or a folder"),
        ("@last~x", "'@last~x' is no run"),
        ("elsewhere/one", "no run 'elsewhere/one' in 'runs'."),
    ],
)
def test_a_name_without_a_run_is_the_users_mistake(
    desk: Any, three: list[str], command: tuple[str, ...], handle: str, message: str
) -> None:
    done = desk(*command, handle)

    assert (done.code, done.out) == (2, "")
    assert message.format(*sorted(three[:2])) in done.err
    assert done.err.count("\n") == 1


def test_where_there_are_no_runs_the_message_says_how_to_make_one(desk: Any) -> None:
    done = desk("runs", "show", "@last")

    assert (done.code, done.out) == (2, "")
    assert done.err == "no runs in 'runs': run `qtrader backtest CONFIG` first, or name the folder with --runs\n"


@pytest.mark.parametrize(
    ("content", "told"),
    [("{", "Expecting property name"), ("[]", "manifest.json says no 'archived'"), ("{}", "'archived'")],
)
def test_a_manifest_that_is_none_is_named(desk: Any, content: str, told: str) -> None:
    desk.write("runs/torn/manifest.json", content)

    done = desk("runs", "show", "torn")

    assert (done.code, done.out) == (2, "")
    assert done.err.startswith("runs/torn: no run can be read there: ")
    assert told in done.err
