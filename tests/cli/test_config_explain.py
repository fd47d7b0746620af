"""``qtrader config explain``: each value, its origin and its reader."""

import json
from typing import Any

import pytest


@pytest.fixture
def rows(desk: Any) -> Any:
    """The rows of ``explain --json`` by key."""

    def explained(*arguments: str) -> dict[str, dict[str, Any]]:
        return {row["key"]: row for row in json.loads(desk.good("config", "explain", "run.yaml", *arguments, "--json"))}

    return explained


@pytest.mark.parametrize(
    ("key", "value", "origin", "readers"),
    [
        ("name", "desk", "run.yaml:1", ["kernel"]),
        ("data.symbols", "[AAPL, IBM]", "run.yaml:4", ["service-data"]),
        ("data.interval", "1d", "default", ["service-data"]),
        ("data_sources.wiki.use", "samples", "run.yaml:8", ["data-samples"]),
        ("data_sources.wiki.prices", "raw", "run.yaml:8", ["service-data"]),
        ("data_sources.wiki.zone", None, "default", ["service-data"]),
        ("strategies[0].name", "trend", "run.yaml:10", ["service-strategy"]),
        ("strategies[0].with.fast", "2", "run.yaml:12", ["strategy-sma-cross"]),
        ("engine.mode", "auto", "default", ["kernel"]),
        ("engine.snapshots", "end", "default", ["service-portfolio"]),
        ("execution.commission.use", "none", "default of standard", ["costs none"]),
        ("portfolio.currency", "USD", "default", ["kernel", "service-portfolio"]),
        ("risk.policy", "naive", "default of standard", ["service-manager"]),
        ("policy naive: sizing.use", "equity", "policy-naive", ["risk-equity"]),
    ],
)
def test_a_value_its_origin_and_its_readers(
    rows: Any, key: str, value: str | None, origin: str, readers: list[str]
) -> None:
    assert rows()[key] == {"key": key, "value": value, "origin": origin, "readers": readers}


def test_an_override_says_so(rows: Any) -> None:
    row = rows("--set", "portfolio.cash=5")["portfolio.cash"]

    assert (row["value"], row["origin"]) == ("5", "--set")


def test_an_option_that_was_left_out_has_its_tools_default(rows: Any) -> None:
    found = rows("--set", "execution.commission={use: per-share, with: {rate: 0.005}}")

    assert found["execution.commission.with.rate"]["readers"] == ["costs per-share"]
    assert found["execution.commission.with.minimum"]["origin"] == "default of per-share"


def test_a_value_of_a_base_file_has_its_line(desk: Any, rows: Any) -> None:
    desk.write("base.yaml", "# whose money\nportfolio:\n  cash: 7\n")
    desk.write("run.yaml", "base: [base.yaml]\n" + (desk.folder / "run.yaml").read_text())

    row = rows()["portfolio.cash"]

    assert (row["value"], row["origin"]) == ("7", "base.yaml:3")


def test_a_source_that_the_run_does_not_use_is_read_by_nobody(rows: Any) -> None:
    found = rows("--set", "data_sources.other={use: parquet, with: {path: x}}")

    assert found["data_sources.other.with.path"]["readers"] == []
    assert found["data_sources.wiki.use"]["readers"] == ["data-samples"]


def test_a_class_in_a_file_is_its_own_reader(desk: Any, rows: Any) -> None:
    desk.write(
        "mine.py",
        "from dataclasses import dataclass\n\n\n@dataclass\nclass Mine:\n    days: int = 3\n\n"
        "    def on_bar(self, bar, context): ...\n",
    )

    found = rows("--set", "strategies.0.use=mine.py:Mine")

    assert found["strategies[0].with.days"]["value"] == "3"
    assert found["strategies[0].with.days"]["readers"] == ["mine.py:Mine"]


def test_a_tool_that_is_not_installed_is_explained_as_far_as_it_goes(rows: Any) -> None:
    found = rows("--set", "execution.fill={use: midpoint, with: {depth: 3}}")

    assert found["execution.fill.with.depth"]["readers"] == ["midpoint (not installed)"]


def test_the_rows_are_the_effective_configuration(desk: Any, rows: Any) -> None:
    """Every scalar that the run folder's config.yaml would hold has its row."""
    from qtrader.config import load_config

    def leaves(value: Any, path: str) -> dict[str, Any]:
        if isinstance(value, dict):
            return {k: v for name, part in value.items() for k, v in leaves(part, f"{path}.{name}").items()}
        if isinstance(value, list) and value and isinstance(value[0], dict):
            return {k: v for i, part in enumerate(value) for k, v in leaves(part, f"{path}[{i}]").items()}
        return {path.removeprefix("."): value}

    effective = load_config("run.yaml", base_dir=desk.folder).effective
    wanted = {key for key, value in leaves(effective, "").items() if value not in ({}, [])}

    assert {key for key in wanted if not key.startswith(("execution", "risk"))} <= set(rows())


@pytest.mark.parametrize("columns", [80, 120])
def test_the_table_fits_the_terminal(desk: Any, monkeypatch: pytest.MonkeyPatch, columns: int) -> None:
    monkeypatch.setenv("COLUMNS", str(columns))

    lines = desk.good("config", "explain", "run.yaml").splitlines()

    assert max(map(len, lines)) <= columns
    assert "  commission.use" in "\n".join(lines)
    assert any(line.split() == ["archive", "auto", "default", "kernel"] for line in lines)


def test_what_is_not_set_is_shown_when_asked_for(desk: Any) -> None:
    few, many = (desk.good("config", "explain", "run.yaml", *more) for more in ([], ["--all"]))

    assert "wiki.zone" not in few
    assert "wiki.zone" in many


def test_a_wrong_configuration_is_refused_as_backtest_refuses_it(desk: Any) -> None:
    done = desk("config", "explain", "run.yaml", "--set", "data.strat=2001-01-01")

    assert (done.code, done.out) == (2, "")
    assert "unknown key 'strat'" in done.err
