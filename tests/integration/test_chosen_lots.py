"""A strategy that chooses which lots leave, in whole runs: what it sees, what is closed, and that it reproduces."""

import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from pyarrow.csv import write_csv

from qtrader import BacktestEngine, Bar, Context, SignalIntention
from qtrader.errors import ConfigError, HandlerError
from qtrader.events import OrderEvent, PositionEvent, SignalEvent, TradeEvent
from qtrader.replay import verify
from qtrader_service_portfolio.beancount import export
from qtrader_service_portfolio.journal import Journal
from small_frames import day, frame

CHECKER = Path(sys.executable).with_name("bean-check")
CLOSES = [10.0, 20.0, 15.0, 12.0, 30.0, 31.0, 32.0, 33.0]
"""A day opens half a point above the close before: purchases of days 1, 2 and 3 are at 10.5, 20.5 and 15.5."""

POLICY = """\
policy: adding
version: 1
sizing: {use: fixed, with: {quantity: 10}}
signals: {already_open: add}
"""


@dataclass
class Chooser:
    """Buys on three days; on the fifth closes the dearest lot, on the sixth the cheapest."""

    by_name: bool = True

    def on_bar(self, bar: Bar, context: Context) -> None:
        if bar.session in (day(0), day(1), day(2)):
            context.emit_signal(bar.symbol, SignalIntention.OPEN_LONG, price=bar.close)
        if bar.session in (day(4), day(5)):
            chooses = max if bar.session == day(4) else min
            names = [chooses(context.lots(bar.symbol), key=lambda lot: lot.price).lot_id] if self.by_name else []
            context.emit_signal(bar.symbol, SignalIntention.CLOSE_LONG, price=bar.close, lots=names)


@pytest.fixture
def engine(tmp_path: Path) -> Callable[..., BacktestEngine]:
    """An engine for ``Chooser`` on eight daily closes, with these lots."""
    write_csv(frame(CLOSES), tmp_path / "x.csv")
    (tmp_path / "policies").mkdir()
    (tmp_path / "policies" / "adding.yaml").write_text(POLICY, encoding="utf-8")
    declared = {"prices": "raw", "stamp": "session", "calendar": "24/7", "currency": "USD", "asset_class": "crypto"}

    def build(by_name: bool = True, **lots: str) -> BacktestEngine:  # noqa: FBT001 - an option of the strategy
        return BacktestEngine.from_config(
            {
                "data": {"source": "file", "symbols": ["X"]},
                "data_sources": {
                    "file": {"use": "csv", "with": {"path": str(tmp_path / "x.csv"), "symbols": ["X"]}, **declared}
                },
                "strategies": [{"name": "own", "use": f"{__file__}:Chooser", "with": {"by_name": by_name}}],
                "portfolio": {"lots": lots},
                "execution": {"commission": {"use": "none"}, "slippage": {"use": "none"}},
                "risk": {"policy": "adding", "policies": [str(tmp_path / "policies")]},
            }
        )

    return build


def told(result: Any, kind: Any) -> list[Any]:
    return list(result.log.discrete_events(kind.topic))


def test_the_lots_that_it_names_leave(engine: Callable[..., BacktestEngine]) -> None:
    """The dearest: 10 at 20.5, sold at 30.5; then the cheapest: 10 at 10.5, sold at 31.5."""
    result = engine(long="specific").run()

    trades = [(one.lot_id, one.quantity, one.gross_pnl) for one in told(result, TradeEvent)]
    assert trades == [("own-X-L000002", 10, 100), ("own-X-L000001", 10, 210)]
    assert [one.lots for one in told(result, SignalEvent)[-2:]] == [("own-X-L000002",), ("own-X-L000001",)]
    assert [(one.quantity, one.lots) for one in told(result, OrderEvent)[-2:]] == [
        (10, ("own-X-L000002",)),
        (10, ("own-X-L000001",)),
    ]
    (last,) = told(result, PositionEvent)[-1].lots
    assert (last.lot_id, last.quantity, last.cost, last.price) == ("own-X-L000003", 10, 155, Decimal("15.5"))
    assert result.equity.column("equity")[-1].as_py() == 100_000 + 100 + 210 + 10 * 33 - 155


def test_without_names_all_leave_at_once(engine: Callable[..., BacktestEngine]) -> None:
    trades = told(engine(by_name=False, long="specific").run(), TradeEvent)

    assert [(one.lot_id, one.quantity) for one in trades] == [(f"own-X-L00000{n}", 10) for n in (1, 2, 3)]


def test_it_reproduces_and_can_be_rebuilt(engine: Callable[..., BacktestEngine]) -> None:
    result = engine(long="specific").run()

    assert verify(result).digest == result.digest
    rebuilt = result.rebuild("portfolio")
    assert [one.quantity for one in rebuilt.positions] == [10]
    assert rebuilt.ledger.balance("Income:Realised", "USD") == -310


def test_the_checker_of_beancount_accepts_the_ledger(engine: Callable[..., BacktestEngine], tmp_path: Path) -> None:
    lines = export(Journal.of(engine(long="specific").run()), title="chosen")
    (tmp_path / "books.beancount").write_text("\n".join(lines), encoding="utf-8")
    done = subprocess.run([CHECKER, tmp_path / "books.beancount"], capture_output=True, text=True)

    assert (done.returncode, done.stdout + done.stderr) == (0, "")


def test_lots_of_a_run_that_lets_nobody_choose_are_not_told(engine: Callable[..., BacktestEngine]) -> None:
    with pytest.raises(HandlerError, match=r"lots\('X'\): lots are told where a strategy may choose.*long: specific"):
        engine(long="fifo").run()


def test_another_word_is_refused(engine: Callable[..., BacktestEngine]) -> None:
    with pytest.raises(ConfigError, match=r"portfolio\.lots\.long: .*'chosen'"):
        engine(long="chosen")
