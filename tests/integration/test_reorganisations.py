"""Companies that split up, merge, rename or vanish, in ordinary runs: worth stays, orders end, the ledger balances."""

import subprocess
import sys
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from pyarrow.csv import write_csv

from qtrader import BacktestEngine, Bar, Context, Result, SignalIntention
from qtrader.errors import RunError
from qtrader.events import OrderUpdateEvent, PositionEvent, TradeEvent
from qtrader_service_portfolio.beancount import export
from qtrader_service_portfolio.journal import Journal
from small_frames import day

CHECKER = Path(sys.executable).with_name("bean-check")
DAYS = 12
EX = 6


@dataclass
class Holder:
    """Opens the old share on a day, and may close it on another."""

    first: int = 0
    last: int = -1

    def on_bar(self, bar: Bar, context: Context) -> None:
        if bar.symbol == "OLD" and bar.session == day(self.first):
            context.emit_signal("OLD", SignalIntention.OPEN_LONG, price=bar.close)
        if bar.symbol == "OLD" and bar.session == day(self.last):
            context.emit_signal("OLD", SignalIntention.CLOSE_LONG, price=bar.close)


def flat(price: float, days: range) -> pa.Table:
    """Bars of one price, so that worth moves with nothing but what companies do."""
    prices = pa.array([price] * len(days), pa.float64())
    columns = dict.fromkeys(("Open", "High", "Low", "Close"), prices)
    return pa.table({"Date": [day(number) for number in days], **columns, "Volume": [1_000] * len(days)})


def engine(folder: Path, action: str, frames: dict[str, list[pa.Table]], **strategy: Any) -> BacktestEngine:
    """A run over frames of which the later ones of a symbol follow the earlier, with one row of an actions file."""
    for symbol, parts in frames.items():
        write_csv(pa.concat_tables(parts), folder / f"{symbol}.csv")
    names = "symbol,action_type,ex_date,new_symbol,ratio,cash_amount,subscription_price,value"
    (folder / "actions.csv").write_text(f"{names}\nOLD,{action}\n", encoding="utf-8")
    declared = {"prices": "raw", "stamp": "session", "calendar": "24/7", "currency": "USD", "asset_class": "equity"}
    source = {"use": "csv", "with": {"path": str(folder / "{symbol}.csv"), "symbols": [*frames]}, **declared}
    return BacktestEngine.from_config(
        {
            "data": {"source": "files", "symbols": sorted(frames)},
            "data_sources": {"files": {**source, "actions": str(folder / "actions.csv")}},
            "strategies": [{"name": "holder", "use": f"{__file__}:Holder", "with": strategy}],
            "execution": {"commission": {"use": "none"}, "slippage": {"use": "none"}},
            "risk": {"sizing": {"use": "fixed", "with": {"quantity": 101}}},
        }
    )


def held(result: Result) -> dict[str, Fraction]:
    last = {one.symbol: one for one in result.log.discrete_events("position") if isinstance(one, PositionEvent)}
    return {symbol: Fraction(one.quantity) for symbol, one in last.items() if one.quantity}


def worth(result: Result) -> set[Fraction]:
    return {Fraction(one) for one in result.equity["equity"].to_pylist()}


OLD = [flat(50, range(EX))]
WHOLE, AFTER = range(DAYS), range(EX, DAYS)
CASES: dict[str, tuple[str, dict[str, list[pa.Table]], dict[str, int]]] = {
    "spin_off": (
        f"spin_off,{day(EX)},NEW,0.25,,,",
        {"OLD": [*OLD, flat(45, AFTER)], "NEW": [flat(20, AFTER)]},
        {"OLD": 101, "NEW": 25},
    ),
    "stock merger": (f"merger,{day(EX)},NEW,0.5,,,", {"OLD": OLD, "NEW": [flat(100, WHOLE)]}, {"NEW": 50}),
    "mixed merger": (f"merger,{day(EX)},NEW,0.25,25,,", {"OLD": OLD, "NEW": [flat(100, WHOLE)]}, {"NEW": 25}),
    "cash merger": (f"merger,{day(EX)},,,50,,", {"OLD": OLD, "NEW": [flat(1, WHOLE)]}, {}),
    "symbol_change": (f"symbol_change,{day(EX)},NEW,,,,", {"OLD": OLD, "NEW": [flat(50, AFTER)]}, {"NEW": 101}),
    "delisting": (f"delisting,{day(EX)},,,,,50", {"OLD": OLD, "NEW": [flat(1, WHOLE)]}, {}),
    "rights": (f"rights,{day(EX)},,0.25,,40,", {"OLD": [*OLD, flat(48, AFTER)]}, {"OLD": 126}),
}


@pytest.mark.parametrize("kind", CASES)
def test_at_fair_prices_worth_is_the_same_at_every_valuation(tmp_path: Path, kind: str) -> None:
    action, frames, expected = CASES[kind]
    result = engine(tmp_path, action, frames).run()

    assert held(result) == expected
    assert worth(result) == {Fraction(100_000)}
    assert len(result.equity) == DAYS


@pytest.mark.parametrize("kind", CASES)
def test_the_ledger_made_of_the_log_is_the_one_of_the_run(tmp_path: Path, kind: str) -> None:
    action, frames, _ = CASES[kind]
    run = engine(tmp_path, action, frames)
    result = run.run()
    live: Any = run.run_state.services["portfolio"]

    rebuilt = result.rebuild("portfolio")
    assert [*rebuilt.ledger] == [*live.ledger]
    assert rebuilt.positions == live.positions
    cash = {currency: amount for (name, currency), amount in live.ledger.balances().items() if name == "Assets:Cash"}
    assert cash == {"USD": result.equity["cash"][-1].as_py()}


@pytest.mark.parametrize("orders", [None, {"long": "fifo", "short": "lifo"}], ids=["plain", "lots"])
@pytest.mark.parametrize("kind", CASES)
def test_the_checker_of_beancount_accepts_it(tmp_path: Path, kind: str, orders: dict[str, str] | None) -> None:
    action, frames, _ = CASES[kind]
    lines = [*export(Journal.of(engine(tmp_path, action, frames).run()), title=kind, lots=orders)]
    (tmp_path / "books.beancount").write_text("\n".join(lines), encoding="utf-8")

    done = subprocess.run([CHECKER, tmp_path / "books.beancount"], capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")
    assert any("balance Assets:Cash" in line for line in lines)


def test_what_is_sold_at_the_first_open_after_a_spin_off_has_its_share_of_cost(tmp_path: Path) -> None:
    """The fill comes before the session is valued: 101 x 45 of cost 5,050 are sold for 4,545, at no gain."""
    action, frames, _ = CASES["spin_off"]
    result = engine(tmp_path, action, frames, last=EX - 1).run()
    lines = [*export(Journal.of(result), title="sold")]
    (tmp_path / "books.beancount").write_text("\n".join(lines), encoding="utf-8")

    assert held(result) == {"NEW": 25}
    assert worth(result) == {Fraction(100_000)}
    trades = {one.symbol: one.gross_pnl for one in result.log.discrete_events("trade") if isinstance(one, TradeEvent)}
    assert trades == {"OLD": 0, "NEW": 0}
    done = subprocess.run([CHECKER, tmp_path / "books.beancount"], capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize("kind", ["stock merger", "symbol_change", "delisting"])
def test_an_order_of_a_share_that_ends_is_cancelled_with_the_reason(tmp_path: Path, kind: str) -> None:
    action, frames, _ = CASES[kind]
    result = engine(tmp_path, action, frames, first=EX - 1).run()
    updates = [one for one in result.log.discrete_events("order_update") if isinstance(one, OrderUpdateEvent)]

    ended = [(one.symbol, one.status.value, one.reason) for one in updates if one.leaves_quantity == 0]
    assert ended == [("OLD", "CANCELED", kind.split()[-1])]
    assert held(result) == {}
    assert worth(result) == {Fraction(100_000)}


def test_trades_of_a_merger_tell_what_was_realised(tmp_path: Path) -> None:
    """101 x 25 = 2,525 in cash of 5,050; 25.25 units of NEW, a quarter of which is paid: 25.00."""
    action, frames, _ = CASES["mixed merger"]
    result = engine(tmp_path, action, frames).run()
    trades = [one for one in result.log.discrete_events("trade") if isinstance(one, TradeEvent)]

    assert [(one.symbol, Fraction(one.quantity), Fraction(one.gross_pnl)) for one in trades] == [
        ("OLD", Fraction(101, 2), 0),
        ("NEW", Fraction(1, 4), 0),
    ]


def test_units_of_a_share_that_the_run_has_not_got_stop_it_with_what_to_do(tmp_path: Path) -> None:
    run = engine(tmp_path, f"spin_off,{day(EX)},LOST,0.25,,,", {"OLD": [flat(50, WHOLE)]})

    with pytest.raises(RunError, match=r"gives LOST, whose prices the run has not got: .* Add LOST to data.symbols"):
        run.run()
