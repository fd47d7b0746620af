"""``qtrader verify``: runs that reproduce, wherever they were made, and runs that do not."""

import json
import shutil
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

OWN = {"use: sma-cross\n    with: {fast: 2, slow: 5}": "use: mine.py:Mine"}
PARQUET = {
    "{use: samples, ": "{use: parquet, with: {path: 'bars/{symbol}.parquet'}, stamp: session, ",
    "  start: 2001-01-02\n  end: 2001-03-30\n": "",
    "[AAPL, IBM]": "[ACME]",
}
BUYS = """
class Mine:
    def on_bar(self, bar, context):
        if str(bar.session) == "2001-01-10":
            context.emit_signal(symbol=bar.symbol, price=bar.close, confidence=1, intention="OPEN_LONG")
"""


def own_bars(desk: Any) -> None:
    """Write ten sessions of bars, as Parquet."""

    days = [date(2001, 1, day) for day in (2, 3, 4, 5, 8, 9, 10, 11, 12, 16)]
    prices = [10.0, 11.0, 12.0, 11.0, 10.0, 9.0, 10.0, 12.0, 13.0, 12.0]
    (desk.folder / "bars").mkdir()
    table = pa.table({"date": days, "open": prices, "high": prices, "low": prices, "close": prices})
    pq.write_table(table, desk.folder / "bars" / "ACME.parquet")


def change_manifest(folder: Path, **facts: Any) -> None:
    """Write other facts into a manifest."""
    path = folder / "manifest.json"
    path.write_text(json.dumps({**json.loads(path.read_text(encoding="utf-8")), **facts}), encoding="utf-8")


class TestSame:
    """Runs that come out the same."""

    def test_it_says_so_and_gives_the_digest(self, desk: Any) -> None:
        found = desk.backtest()

        assert desk.good("verify", "@last") == f"same digest {found['digest']}\n"

    def test_it_leaves_the_folder_as_it_was(self, desk: Any, files_in: Callable[[Path], dict[str, bytes]]) -> None:
        desk.backtest()
        before = files_in(desk.folder)

        desk.good("verify", "@last")

        assert files_in(desk.folder) == before

    def test_a_users_own_strategy_is_found_from_any_folder(
        self, desk: Any, config: Callable[..., str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
    ) -> None:
        desk.write("config/own.yaml", config(OWN))
        desk.write("config/mine.py", BUYS)
        found = desk.backtest("config/own.yaml", "--out", "far/away")
        monkeypatch.chdir(tmp_path)

        assert found["fills"] == 2
        assert desk.good("verify", Path("desk") / found["run_dir"]) == f"same digest {found['digest']}\n"

    def test_a_strategy_named_by_a_base_file_elsewhere_is_found(self, desk: Any, config: Callable[..., str]) -> None:
        """Relative paths start at the file that says them, also when the run is played again."""
        head, tail = config(OWN).split("strategies:")
        desk.write("shared/parts/base.yaml", f"strategies:{tail}")
        desk.write("shared/parts/mine.py", BUYS)
        desk.write("config/own.yaml", f"base: [../shared/parts/base.yaml]\n{head}")
        found = desk.backtest("config/own.yaml")

        assert desk.good("verify", "@last", "--runs", "runs") == f"same digest {found['digest']}\n"

    def test_a_strategy_named_with_set_is_found(self, desk: Any, monkeypatch: pytest.MonkeyPatch) -> None:
        desk.write("mine.py", BUYS)
        run = desk.folder / "config" / "run.yaml"
        run.parent.mkdir()
        shutil.move(desk.folder / "run.yaml", run)
        found = desk.backtest("config/run.yaml", "--set", "strategies.0.use=mine.py:Mine")
        monkeypatch.chdir(run.parent)

        assert desk.good("verify", Path("..") / found["run_dir"]) == f"same digest {found['digest']}\n"

    def test_a_source_that_is_gone_does_not_matter_when_the_bars_are_archived(
        self, desk: Any, config: Callable[..., str]
    ) -> None:
        own_bars(desk)
        desk.write("own.yaml", config(PARQUET))
        found = desk.backtest("own.yaml")
        shutil.rmtree(desk.folder / "bars")

        assert found["bars"] == 10
        assert desk.good("verify", "@last") == f"same digest {found['digest']}\n"

    def test_bars_that_are_not_archived_are_read_again(self, desk: Any) -> None:
        found = desk.backtest("run.yaml", "--set", "runs.archive=never")

        assert desk.good("verify", "@last") == f"same digest {found['digest']}\n"

    def test_code_that_changed_without_effect_is_told(self, desk: Any, config: Callable[..., str]) -> None:
        desk.write("own.yaml", config(OWN))
        desk.write("mine.py", BUYS)
        found = desk.backtest("own.yaml")
        desk.write("mine.py", BUYS + "# nothing\n")

        first, second = desk.good("verify", "@last").splitlines()

        assert first == f"same digest {found['digest']}"
        assert second.startswith("although strategies.trend was '")


class TestOther:
    """Runs that do not come out the same: exit code 1, and the first event that differs."""

    def check(self, desk: Any, *messages: str) -> None:
        done = desk("verify", "@last")
        assert (done.code, done.out) == (1, "")
        for message in messages:
            assert message in done.err

    def test_a_strategy_that_was_changed(self, desk: Any, config: Callable[..., str]) -> None:
        desk.write("own.yaml", config(OWN))
        desk.write("mine.py", BUYS)
        found = desk.backtest("own.yaml")
        desk.write("mine.py", BUYS.replace("confidence=1", "confidence=0.5"))
        first, *_ = desk.good("log", "@last", "--topic", "signal").split()

        self.check(
            desk,
            f"{found['run_id']} does not reproduce: event {first} (signal at 2001-01-10T21:00:00.000000Z): ",
            "confidence was '1' and is '0.5'",
            "\n  strategies.trend was '",
        )

    def test_a_strategy_that_looks_at_something_else(self, desk: Any, config: Callable[..., str]) -> None:
        desk.write("own.yaml", config(OWN))
        asks = "from pathlib import Path\n" + BUYS.replace(
            'str(bar.session) == "2001-01-10"', 'not (Path(__file__).parent / "stop").exists()'
        )
        desk.write("mine.py", asks)
        desk.backtest("own.yaml")
        desk.write("stop", "")

        self.check(desk, " was signal and is ", "config, data and versions are the same: look for a clock or chance")

    def test_a_strategy_that_fails_now(self, desk: Any, config: Callable[..., str]) -> None:
        desk.write("own.yaml", config(OWN))
        desk.write("mine.py", BUYS)
        desk.backtest("own.yaml")
        desk.write("mine.py", BUYS.replace("confidence=1", "confidence=1 / 0"))

        self.check(desk, "does not reproduce: it fails now. ", "ZeroDivisionError: division by zero", "mine.py:5")

    def test_stored_events_that_were_changed(self, desk: Any) -> None:
        folder = Path(desk.backtest()["run_dir"])
        events = (folder / "events.arrow").read_bytes()
        where = events.index(b"trend-000001-1-F1")
        changed = events[: where + 16] + b"9" + events[where + 17 :]
        (folder / "events.arrow").write_bytes(changed)

        self.check(
            desk, "its stored events are not those that it wrote: event ", "fill_id was 'trend-000001-1-F9' and is"
        )

    def test_a_stored_digest_that_was_changed(self, desk: Any) -> None:
        found = desk.backtest()
        change_manifest(Path(found["run_dir"]), event_digest="0" * 64)

        self.check(desk, f"its manifest gives digest {'0' * 64}, but its events have {found['digest']}", "was changed")

    def test_a_stored_setting_that_was_changed(self, desk: Any) -> None:
        folder = Path(desk.backtest()["run_dir"])
        config = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))["config"]
        change_manifest(folder, config={**config, "portfolio": {**config["portfolio"], "cash": "99999"}})

        self.check(
            desk,
            "does not reproduce: event 0 (cash at 2001-01-02T14:30:00.000000Z): amount was '100000' and is '99999'",
            "\n  config.portfolio.cash was '100000' and is '99999'",
        )


class TestNot:
    """Runs that cannot be played again: the user's mistake, or nothing to verify."""

    def test_a_source_that_is_gone(self, desk: Any, config: Callable[..., str]) -> None:
        own_bars(desk)
        desk.write("own.yaml", config(PARQUET))
        found = desk.backtest("own.yaml", "--set", "runs.archive=never")
        shutil.rmtree(desk.folder / "bars")

        done = desk("verify", "@last")

        assert (done.code, done.out) == (2, "")
        assert done.err.startswith(f"config of {found['run_id']}: data_sources.wiki: ")
        assert "no such file" in done.err

    def test_a_strategy_file_that_is_gone(self, desk: Any, config: Callable[..., str]) -> None:
        desk.write("own.yaml", config(OWN))
        desk.write("mine.py", BUYS)
        found = desk.backtest("own.yaml")
        (desk.folder / "mine.py").unlink()

        done = desk("verify", "@last")

        assert (done.code, done.out) == (2, "")
        assert done.err.startswith(f"config of {found['run_id']}: strategies[0].use: 'mine.py' cannot be read")

    @pytest.mark.parametrize("file", ["events.arrow", "bars/0000.arrow", "bars/market.json"])
    def test_a_file_that_is_cut(self, desk: Any, file: str) -> None:
        path = Path(desk.backtest()["run_dir"]) / file
        path.write_bytes(path.read_bytes()[:-200])

        done = desk("verify", "@last")

        assert (done.code, done.out) == (2, "")
        assert "cannot be read" in done.err
        assert done.err.count("\n") == 1


class TestFilesBesideTheLog:
    """What was derived from the events is guarded, too."""

    @pytest.mark.parametrize("name", ["equity.parquet", "trades.csv", "fills.csv", "config.yaml"])
    def test_a_changed_byte_is_found(self, desk: Any, name: str) -> None:
        file = Path(desk.backtest()["run_dir"]) / name
        content = bytearray((desk.folder / file).read_bytes())
        content[len(content) // 2] ^= 1
        (desk.folder / file).write_bytes(content)

        done = desk("verify", "@last")

        assert done.code == 1
        assert f"not all that was stored beside them: {name} was changed" in done.err

    def test_a_file_that_is_gone_is_named(self, desk: Any) -> None:
        (desk.folder / desk.backtest()["run_dir"] / "trades.csv").unlink()

        assert "trades.csv is gone" in desk("verify", "@last").err

    def test_files_of_others_are_theirs(self, desk: Any) -> None:
        found = desk.backtest()
        (desk.folder / found["run_dir"] / "notes.txt").write_text("mine")

        assert desk.good("verify", "@last") == f"same digest {found['digest']}\n"

    def test_figures_that_were_changed_are_not_shown(self, desk: Any) -> None:
        file = desk.folder / desk.backtest()["run_dir"] / "metrics.json"
        file.write_text(file.read_text().replace('"final_equity": "', '"final_equity": "9'))

        done = desk("runs", "show", "@last")

        assert (done.code, done.out) == (2, "")
        assert "metrics.json was changed since the run" in done.err
        assert "metrics.json was changed" in desk("verify", "@last").err

    @pytest.mark.parametrize("facts", [{"trades": 7}, {"identity": {"config": {}}}])
    def test_a_manifest_that_was_changed_is_named(self, desk: Any, facts: dict[str, Any]) -> None:
        change_manifest(desk.folder / desk.backtest()["run_dir"], **facts)

        done = desk("verify", "@last")

        assert done.code == 1
        assert "manifest" in done.err

    def test_a_manifest_of_another_version_is_not_read(self, desk: Any) -> None:
        change_manifest(desk.folder / desk.backtest()["run_dir"], version=99)

        done = desk("verify", "@last")

        assert (done.code, done.out) == (2, "")
        assert "manifest.json is of version 99, and this QTrader reads 1" in done.err
