"""``qtrader backtest``: its options, what ``--json`` prints, what the run folder holds, and running it once more."""

import csv
import json
from collections import Counter
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

KEYS = [
    *("run_id", "run_dir", "digest", "mode", "bars", "events", "signals", "orders", "fills", "trades"),
    *(
        "ambiguous_bars",
        "initial_equity",
        "final_equity",
        "total_return",
        "max_drawdown",
        "sharpe",
        "wall_s",
        "bars_per_second",
    ),
]
"""What the object of ``--json`` has, in this order."""

EQUITY = [
    *("session", "time", "equity", "cash", "market_value", "receivables", "payables", "accruals", "currency"),
]

BUYS_WHEN_TOLD = """
from dataclasses import dataclass
from pathlib import Path

@dataclass
class Mine:
    def on_bar(self, bar, context):
        if (Path(__file__).parent / "buy").exists():
            context.emit_signal(symbol=bar.symbol, price=bar.close, confidence=1, intention="OPEN_LONG")
"""
"""A strategy that looks at what no digest covers."""

LEAVES_A_MARK = """
from pathlib import Path

class Mine:
    def on_bar(self, bar, context):
        (Path(__file__).parent / "called").touch()
"""

OWN = {"use: sma-cross\n    with: {fast: 2, slow: 5}": "use: mine.py:Mine"}


def rows(path: Path) -> list[dict[str, str]]:
    """The rows of a CSV file."""
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


class TestJson:
    """The object that ``--json`` prints."""

    def test_it_has_these_keys(self, desk: Any) -> None:
        assert list(desk.backtest()) == KEYS

    def test_it_is_one_line_and_all_that_is_printed(self, desk: Any) -> None:
        out = desk.good("backtest", "run.yaml", "--json")

        assert out.endswith("}\n")
        assert out.count("\n") == 1

    def test_money_is_text_with_all_its_digits(self, desk: Any) -> None:
        found = desk.backtest()
        (*_, last) = pq.read_table(Path(found["run_dir"]) / "equity.parquet").column("equity").to_pylist()

        assert found["initial_equity"] == "100000"
        assert isinstance(found["final_equity"], str)
        assert Decimal(found["final_equity"]) == last

    def test_ratios_are_numbers(self, desk: Any) -> None:
        found = desk.backtest()

        assert {type(found[name]) for name in ("total_return", "max_drawdown", "sharpe", "wall_s")} == {float}
        assert found["total_return"] == pytest.approx(float(Decimal(found["final_equity"]) / 100000 - 1), rel=1e-9)

    def test_a_ratio_that_is_not_defined_is_null(self, desk: Any, config: Callable[..., str]) -> None:
        """Without a trade every return is zero: there is no deviation to divide by."""
        desk.write("idle.yaml", config({"{fast: 2, slow: 5}": "{fast: 300, slow: 400}"}))

        found = desk.backtest("idle.yaml")

        assert (found["sharpe"], found["total_return"], found["trades"]) == (None, 0.0, 0)

    def test_bars_are_those_of_every_symbol_and_session(self, desk: Any) -> None:
        """Weekdays from 2 January to 30 March 2001: 22 + 20 + 22, less the holidays of 15 January and 19 February."""
        assert desk.backtest()["bars"] == 2 * (22 + 20 + 22 - 2)

    def test_events_are_all_lines_of_the_log_bars_included(self, desk: Any) -> None:
        found = desk.backtest()
        topics = Counter(json.loads(line)["event_type"] for line in desk.good("log", "@last", "--json").splitlines())

        assert found["events"] == topics.total()
        counted = {key: topics[key.rstrip("s")] for key in ("bars", "signals", "orders", "fills")}
        assert {key: found[key] for key in counted} == counted

    def test_trades_are_round_trips(self, desk: Any) -> None:
        """From flat to flat: how often the fills of a symbol bring its quantity back to zero."""
        found = desk.backtest()
        held: Counter[str] = Counter()
        closed = 0
        for fill in rows(Path(found["run_dir"]) / "fills.csv"):
            held[fill["symbol"]] += int(fill["quantity"]) * (1 if fill["side"] == "buy" else -1)
            closed += held[fill["symbol"]] == 0

        assert closed > 0
        assert found["trades"] == closed

    def test_run_id_is_the_name_of_the_run_folder(self, desk: Any) -> None:
        found = desk.backtest()

        assert found["run_id"] == Path(found["run_dir"]).name
        assert (Path(found["run_dir"]) / "manifest.json").is_file()


class TestOptions:
    """What the options change."""

    def test_quiet_prints_nothing(self, desk: Any) -> None:
        assert desk.good("backtest", "run.yaml", "--quiet") == ""
        assert len(list((desk.folder / "runs").iterdir())) == 1

    def test_set_overrides_one_setting_and_is_its_origin(self, desk: Any) -> None:
        found = desk.backtest("run.yaml", "--set", "strategies.0.with.fast=3", "--set", "portfolio.cash=5000.50")

        assert found["initial_equity"] == "5000.5"
        assert "fast: 3  # --set" in (Path(found["run_dir"]) / "config.yaml").read_text(encoding="utf-8")

    def test_start_and_end_are_sessions_inclusive(self, desk: Any) -> None:
        """22 to 26 January 2001 is a week of five sessions."""
        found = desk.backtest("run.yaml", "--start", "2001-01-22", "--end", "2001-01-26")

        sessions = pq.read_table(Path(found["run_dir"]) / "equity.parquet").column("session").to_pylist()
        assert (found["bars"], len(sessions)) == (10, 5)
        assert (sessions[0].isoformat(), sessions[-1].isoformat()) == ("2001-01-22", "2001-01-26")

    def test_mode_does_not_change_the_events(self, desk: Any) -> None:
        auto, dense = desk.backtest("run.yaml", "--mode", "auto"), desk.backtest("run.yaml", "--mode", "dense")

        assert (dense["mode"], dense["digest"], dense["run_id"]) == ("dense", auto["digest"], auto["run_id"])

    def test_out_is_where_the_run_folder_goes(self, desk: Any) -> None:
        found = desk.backtest("run.yaml", "--out", "elsewhere/deep")

        assert Path(found["run_dir"]).parent == Path("elsewhere/deep")
        assert not (desk.folder / "runs").exists()

    def test_runs_dir_is_relative_to_the_file_that_says_it(self, desk: Any, config: Callable[..., str]) -> None:
        desk.write("deep/config/other.yaml", config(more="runs: {dir: ../kept}\n"))

        found = desk.backtest("deep/config/other.yaml")

        assert Path(found["run_dir"]).parent == desk.folder / "deep" / "kept"


class TestTable:
    """What a person sees."""

    def test_it_names_figures_warnings_and_folder(self, desk: Any) -> None:
        found = desk.backtest()

        out = desk.good("backtest", "run.yaml", "--out", "new")

        assert out.startswith(found["run_id"])
        assert ["bars", "124", "initial", "equity", "100,000.00"] in [line.split() for line in out.splitlines()]
        assert f"new/{found['run_id']}" in out

    def test_it_fits_80_columns(self, desk: Any) -> None:
        out = desk.good("backtest", "run.yaml")

        assert max(len(line.rstrip()) for line in out.splitlines() if not line.startswith("!")) <= 80

    @pytest.mark.parametrize("options", [(), ("--out", "new")])
    def test_it_ends_with_a_command_that_works(self, desk: Any, options: tuple[str, ...]) -> None:
        *_, last = desk.good("backtest", "run.yaml", *options).splitlines()

        asked, _, command = last.partition(": qtrader ")
        assert asked == "look closer"
        assert "desk-" in desk.good(*command.split())


class TestFolder:
    """What is kept of a run."""

    def test_it_holds_these_files(self, desk: Any, files_in: Callable[[Path], dict[str, bytes]]) -> None:
        folder = Path(desk.backtest()["run_dir"])

        assert sorted(files_in(folder)) == [
            *("bars/0000.arrow", "bars/0001.arrow", "bars/market.json", "config.yaml", "equity.parquet"),
            *("events.arrow", "fills.csv", "manifest.json", "metrics.json", "trades.csv"),
        ]

    def test_bars_are_left_out_when_they_are_not_wanted(self, desk: Any) -> None:
        folder = Path(desk.backtest("run.yaml", "--set", "runs.archive=never")["run_dir"])

        assert not (folder / "bars").exists()

    def test_the_configuration_says_where_each_value_was_written(self, desk: Any) -> None:
        text = (Path(desk.backtest()["run_dir"]) / "config.yaml").read_text(encoding="utf-8")

        assert "  start: 2001-01-02  # run.yaml:5\n" in text
        assert "  cash: 100000  # default\n" in text

    def test_the_manifest_says_what_the_run_was_made_of(self, desk: Any) -> None:
        found = desk.backtest()

        manifest = json.loads((Path(found["run_dir"]) / "manifest.json").read_text(encoding="utf-8"))

        assert (manifest["status"], manifest["event_digest"]) == ("done", found["digest"])
        assert manifest["run_digest"].startswith(found["run_id"].removeprefix("desk-"))
        assert set(manifest["identity"]["data"]) == {"AAPL", "IBM"}
        assert manifest["identity"]["distributions"]["qtrader-strategy-sma-cross"] == "0.1.0"
        assert (manifest["counts"]["bar"], manifest["mode"]) == (124, "dense")
        assert manifest["block_digests"]
        assert manifest["timings"]["wall_s"] > 0

    def test_nothing_in_it_names_a_folder_of_this_machine(
        self, desk: Any, files_in: Callable[[Path], dict[str, bytes]]
    ) -> None:
        found = files_in(Path(desk.backtest()["run_dir"]))

        assert [name for name, content in found.items() if str(desk.folder).encode() in content] == []

    def test_the_events_are_an_arrow_file(self, desk: Any) -> None:
        found = desk.backtest()

        with pa.memory_map(str(Path(found["run_dir"]) / "events.arrow")) as source:
            events = pa.ipc.open_file(source).read_all()

        assert events.column_names == ["seq", "time", "cause", "corr", "event"]
        assert len(events) == found["events"] - found["bars"]

    def test_the_equity_curve_has_a_row_for_each_session(self, desk: Any) -> None:
        table = pq.read_table(Path(desk.backtest()["run_dir"]) / "equity.parquet")

        assert (table.column_names, len(table)) == (EQUITY, 62)
        assert pa.types.is_decimal(table.schema.field("equity").type)

    @pytest.mark.parametrize(("file", "contract"), [("trades.csv", "portfolio/trade"), ("fills.csv", "execution/fill")])
    def test_tables_have_the_fields_of_their_contracts(self, desk: Any, file: str, contract: str) -> None:
        found = desk.backtest()
        envelope = json.loads(desk.good("contracts", "show", "envelope.v1"))["properties"]
        fields = json.loads(desk.good("contracts", "show", f"{contract}.v1"))["properties"]

        header, *_ = (Path(found["run_dir"]) / file).read_text(encoding="utf-8").splitlines()

        assert header.split(",") == [name for name in fields if name not in envelope]

    def test_the_figures_are_json(self, desk: Any) -> None:
        found = desk.backtest()

        figures = json.loads((Path(found["run_dir"]) / "metrics.json").read_text(encoding="utf-8"))

        same = ("initial_equity", "final_equity", "total_return", "max_drawdown", "sharpe")
        assert {name: figures[name] for name in same} == {name: found[name] for name in same}


class TestAgain:
    """A run whose folder is there already."""

    def test_an_identical_run_says_so_and_changes_nothing(
        self, desk: Any, files_in: Callable[[Path], dict[str, bytes]]
    ) -> None:
        folder = Path(desk.backtest()["run_dir"])
        before = files_in(folder)

        out = desk.good("backtest", "run.yaml")

        assert "same digest as the run of 20" in out
        assert files_in(folder) == before
        assert [path.name for path in folder.parent.iterdir()] == [folder.name]

    def test_another_digest_is_an_error(
        self, desk: Any, config: Callable[..., str], files_in: Callable[[Path], dict[str, bytes]]
    ) -> None:
        desk.write("own.yaml", config(OWN))
        desk.write("mine.py", BUYS_WHEN_TOLD)
        folder = Path(desk.backtest("own.yaml")["run_dir"])
        before = files_in(folder)
        desk.write("buy", "")

        done = desk("backtest", "own.yaml")

        assert (done.code, done.out) == (1, "")
        assert f"{folder}: NOT REPRODUCIBLE: the same config, data and versions gave digest " in done.err
        assert f"qtrader verify {folder} names the first event that differs" in done.err
        assert files_in(folder) == before

    def test_a_folder_that_cannot_be_written_is_refused_before_the_run(
        self, desk: Any, config: Callable[..., str]
    ) -> None:
        desk.write("own.yaml", config(OWN))
        desk.write("mine.py", LEAVES_A_MARK)

        done = desk("backtest", "own.yaml", "--out", "mine.py")

        assert done.code == 2
        assert done.err == (
            "mine.py: the run cannot be written: File exists. Choose another folder with --out or runs.dir\n"
        )
        assert not (desk.folder / "called").exists()

    def test_a_run_of_the_same_first_digits_gets_one_more(self, desk: Any) -> None:
        first = Path(desk.backtest()["run_dir"])
        manifest = json.loads((first / "manifest.json").read_text(encoding="utf-8"))
        digest = manifest["run_digest"]
        other = {**manifest, "run_digest": digest[:6] + "0" * 58}
        (first / "manifest.json").write_text(json.dumps(other), encoding="utf-8")

        found = desk.backtest()

        kept = json.loads((Path(found["run_dir"]) / "manifest.json").read_text(encoding="utf-8"))
        assert found["run_id"] == kept["run_id"] == f"desk-{digest[:7]}"
        assert f"desk-{digest[:7]}" in desk.good("runs", "show", found["run_id"])
        assert json.loads((first / "manifest.json").read_text(encoding="utf-8")) == other

    def test_a_folder_that_is_no_run_is_left_alone(self, desk: Any) -> None:
        name = desk.backtest("run.yaml", "--out", "elsewhere")["run_id"]
        desk.write(f"runs/{name}/notes.txt", "mine")

        found = desk.backtest()

        assert found["run_id"].startswith(name)
        assert len(found["run_id"]) == len(name) + 1
        assert [path.name for path in (desk.folder / "runs" / name).iterdir()] == ["notes.txt"]
