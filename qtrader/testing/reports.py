"""What every report writer must do, and a finished run to write about."""

import json
import tempfile
from contextlib import chdir
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

from qtrader.contracts import kernel_contracts
from qtrader.events import CashEvent, EventBus, FillEvent, OrderEvent, SignalEvent, TradeEvent, ValuationEvent
from qtrader.log import EventLog
from qtrader.log_file import read_log, write_log
from qtrader.market import Market
from qtrader.metrics import Metrics
from qtrader.ports import ReportWriter
from qtrader.result import Result
from qtrader.testing.builders import example
from qtrader.testing.tools import ToolConformance

RUN = 0x2A


def finished_run() -> Result:
    """A small run that has just ended: two trades, two fills, three sessions; not stored anywhere."""
    kinds = kernel_contracts().event_classes()
    log = EventLog(RUN, Market(tables=()), kinds)
    bus = EventBus(log)
    days = [example(ValuationEvent, equity=Decimal(worth), cash=Decimal(worth), market_value=Decimal(0))
            for worth in (1000, 990, 1010)]  # fmt: skip
    trades = [example(TradeEvent), example(TradeEvent)]
    fills = [example(FillEvent), example(FillEvent)]
    for event in (example(CashEvent), example(SignalEvent), example(OrderEvent), *fills, *trades, *days):
        bus.publish(event)
    log.seal()
    metrics = replace(
        Metrics.undefined("a run made by hand"),
        currency="USD",
        sessions=3,
        initial_equity=Decimal(1000),
        final_equity=Decimal(1010),
        total_return=0.01,
        trades=2,
    )
    manifest = {
        "version": 1, "run_id": "made-00002a", "name": "made", "status": "done", "run_digest": "2a" * 32,
        "event_digest": log.digest(), "block_digests": log.block_digests(), "counts": {"bar": 0, **log.counts},
        "events": len(log), "trades": 2, "mode": "dense", "warnings": ["made by hand"],
    }  # fmt: skip
    return Result(log, metrics, manifest, {"name": "made", "report": {"use": ["json"]}})


def stored_run(folder: Path) -> Result:
    """The same run, written into a folder and read back."""
    live = finished_run()
    write_log(folder / "events.arrow", live.log.chunks, live.log.kinds)
    chunks = read_log(folder / "events.arrow", live.log.kinds)
    log = EventLog.of_chunks(RUN, Market(tables=()), live.log.kinds, chunks, bars=0)
    manifest, config = json.loads(json.dumps([live.manifest, live.config]))
    return Result(log, Metrics.from_json(live.metrics.to_json()), manifest, config, folder)


class ReportConformance(ToolConformance):
    """A report writer writes into its folder alone, names its files, and writes the same bytes about the same run."""

    def result(self) -> Result:
        """The run to write about."""
        return finished_run()

    def _written(self, result: Result) -> dict[str, bytes]:
        """The files that it writes about a run, by name."""
        with tempfile.TemporaryDirectory() as scratch, chdir(scratch):
            folder = Path(scratch) / "run"
            folder.mkdir()
            self.tool.write(result, folder)
            return _content(folder)

    def test_it_is_a_report_writer(self) -> None:
        """It has ``write``."""
        assert isinstance(self.tool, ReportWriter)

    def test_it_writes_something(self) -> None:
        """A writer that writes nothing would pass every other test."""
        assert self._written(self.result()), "no file was written"

    def test_it_names_the_files_that_it_wrote(self) -> None:
        """All of them, and no other."""
        with tempfile.TemporaryDirectory() as scratch:
            named: Any = self.tool.write(self.result(), Path(scratch))
            there = {path for path in Path(scratch).rglob("*") if path.is_file()}

            assert set(named) == there, f"it named {sorted(map(str, named))} and wrote {sorted(map(str, there))}"

    def test_it_writes_into_its_folder_alone(self) -> None:
        """Not beside it, not where the command was typed."""
        with tempfile.TemporaryDirectory() as scratch:
            outside, folder = Path(scratch), Path(scratch) / "deep" / "run"
            folder.mkdir(parents=True)
            (outside / "here").mkdir()
            with chdir(outside / "here"):
                self.tool.write(self.result(), folder)
            beside = [name for name in _content(outside) if not name.startswith("deep/run/")]

            assert beside == [], f"written outside its folder: {beside}"

    def test_it_leaves_alone_what_is_there_already(self) -> None:
        """The run's own files are in the folder."""
        own = dict.fromkeys(("manifest.json", "config.yaml", "events.arrow", "metrics.json"), b"the run's own")
        with tempfile.TemporaryDirectory() as scratch:
            folder = Path(scratch)
            for name, content in own.items():
                (folder / name).write_bytes(content)
            self.tool.write(self.result(), folder)
            after = _content(folder)
            changed = [name for name, content in own.items() if after.get(name) != content]

            assert changed == [], f"files of the run were changed: {changed}"

    def test_the_same_run_gives_the_same_bytes(self) -> None:
        """No clock, no chance, no names of folders."""
        first, second = self._written(self.result()), self._written(self.result())
        different = sorted(name for name in {*first, *second} if first.get(name) != second.get(name))

        assert different == [], f"other bytes the second time: {different}"

    def test_a_stored_run_gives_the_bytes_of_one_that_has_just_ended(self) -> None:
        """A report can be written again later."""
        with tempfile.TemporaryDirectory() as scratch:
            stored, live = self._written(stored_run(Path(scratch))), self._written(finished_run())
        different = sorted(name for name in {*stored, *live} if stored.get(name) != live.get(name))

        assert different == [], f"other bytes for the stored run: {different}"


def _content(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}
