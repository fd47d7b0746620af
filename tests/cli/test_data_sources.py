"""``qtrader data list`` and ``show``."""

import csv
import json
from importlib.resources import files
from typing import Any

SOURCES = """\
data_sources:
  wiki: {use: samples, prices: raw, calendar: XNYS, currency: USD}
  mine: {use: parquet, with: {path: mine.parquet}, prices: raw, calendar: XLON, currency: GBP}
"""


def test_list_names_what_is_installed_and_by_whom(desk: Any) -> None:
    listed = json.loads(desk.good("data", "list", "--json"))

    owners = {one["name"]: one["distribution"] for one in listed["installed"]}
    assert owners["csv"] == "qtrader-data-csv"
    assert owners["samples"] == "qtrader-data-samples"
    assert all(one["summary"] for one in listed["installed"])


def test_list_reads_the_usual_file_beside_or_in_config(desk: Any) -> None:
    desk.write("data_sources.yaml", "data_sources: {}\n")
    desk.write("config/data_sources.yaml", SOURCES)

    listed = json.loads(desk.good("data", "list", "--json"))

    assert listed["config"] == "config/data_sources.yaml"
    assert [one["name"] for one in listed["configured"]] == ["wiki", "mine"]


def test_list_without_a_configuration_says_where_one_would_be(desk: Any) -> None:
    assert "there is no data_sources.yaml here or in config/" in desk.good("data", "list")


def test_list_follows_the_base_of_a_run_file(desk: Any) -> None:
    desk.write("sources.yaml", SOURCES)
    desk.write("mine.yaml", "name: x\nbase: [sources.yaml]\ndata_sources:\n  wiki: {currency: EUR}\n")

    listed = json.loads(desk.good("data", "list", "--config", "mine.yaml", "--json"))

    assert {one["name"]: one["currency"] for one in listed["configured"]} == {"wiki": "EUR", "mine": "GBP"}


def test_show_says_what_a_source_has(desk: Any) -> None:
    desk.write("data_sources.yaml", SOURCES)
    actions = csv.DictReader(
        (files("qtrader_data_samples") / "data/actions.csv").read_text(encoding="utf-8").splitlines()
    )
    count = sum(row["symbol"] == "AAPL" for row in actions)

    shown = json.loads(desk.good("data", "show", "wiki", "--json"))

    assert (shown["prices"], shown["stamp"], shown["use"]) == ("raw", "session", "samples")
    assert shown["has"][0] == {
        "symbol": "AAPL",
        "interval": "1d",
        "rows": 3270,
        "first": "2000-03-01",
        "last": "2013-03-01",
        "currency": "USD",
        "calendar": "XNYS",
        "asset_class": "equity",
        "actions": count,
    }


def test_show_takes_an_installed_source_that_needs_no_options(desk: Any) -> None:
    out = desk.good("data", "show", "samples")

    assert [line.split()[0] for line in out.splitlines() if "1d" in line] == ["AAPL", "GOOG", "IBM", "MSFT"]


def test_show_of_an_unknown_source_names_the_nearest(desk: Any) -> None:
    done = desk("data", "show", "sample")

    assert (done.code, done.out) == (2, "")
    assert "no source is called 'sample'" in done.err
    assert "Did you mean 'samples'?" in done.err


def test_show_of_a_file_that_is_not_there_names_entry_and_line(desk: Any) -> None:
    desk.write("data_sources.yaml", SOURCES)

    done = desk("data", "show", "mine")

    assert done.code == 2
    assert "mine.parquet: no such file" in done.err


def test_lists_fit_80_columns(desk: Any) -> None:
    desk.write("data_sources.yaml", SOURCES)
    text = desk.good("data", "list") + desk.good("data", "show", "wiki")

    assert max(map(len, text.splitlines())) <= 80
