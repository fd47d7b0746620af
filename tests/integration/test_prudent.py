"""The policy ``prudent`` in whole runs: sizes from realised volatility, ceilings, and the stop after losses."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pyarrow as pa

import qtrader as qt
from qtrader import Bar, Context, SignalIntention
from small_frames import day, frame

LAST = 65
"""Day on which X is opened: 66 closes are known by then."""


@dataclass
class Opener:
    """Opens symbols, each on its day."""

    days: dict[str, int] = field(default_factory=dict)

    def on_bar(self, bar: Bar, context: Context) -> None:
        if bar.session == day(self.days.get(bar.symbol, -1)):
            context.emit_signal(bar.symbol, SignalIntention.OPEN_LONG, price=bar.close)


def run(days: dict[str, int], volume: int = 10_000_000, **closes: Sequence[float]) -> Any:
    """A run of daily bars with that volume, without costs, from 100,000 USD."""
    feeds = {}
    for symbol, prices in closes.items():
        table = frame(prices)
        table = table.set_column(table.schema.get_field_index("Volume"), "Volume", pa.array([volume] * len(prices)))
        feeds[symbol] = qt.bars(table, calendar="24/7", prices="raw", asset_class="equity")
    return qt.backtest(
        Opener(days), feeds, cash=100_000, policy="prudent", commission=qt.use("none"), slippage=qt.use("none")
    )


def swinging(days: int = 70) -> list[float]:
    """Closes that go up and down by one."""
    return [100.0 + number % 2 for number in range(days)]


def calm(days: int = 70) -> list[float]:
    """Closes that hardly move."""
    return [100.0 + (number % 2) / 100 for number in range(days)]


def first(result: Any, topic: str) -> Any:
    """The first event of a topic."""
    return next(iter(result.log.discrete_events(topic)))


def checks(event: Any) -> dict[str, tuple[str, Any]]:
    return {check.name: (check.outcome, check.quantity) for check in event.checks}


def test_a_position_is_to_move_equity_by_three_percent_a_year() -> None:
    closes = np.array(swinging()[LAST - 63 : LAST + 1])
    returns = closes[1:] / closes[:-1] - 1
    stake = 100_000 * 0.03 / (returns.std(ddof=1) * np.sqrt(365))
    decision = first(run({"X": LAST}, X=swinging()), "decision")

    assert decision.quantity == int(stake / closes[-1])
    assert set(checks(decision).values()) == {("pass", None)}
    assert list(checks(decision)) == [
        "drawdown", "daily-loss", "participation", "concentration", "sector", "gross-leverage",
    ]  # fmt: skip


def test_a_calm_share_is_cut_to_a_fifth_of_equity() -> None:
    decision = first(run({"X": LAST}, X=calm()), "decision")

    assert decision.quantity == int(20_000 / calm()[LAST])
    outcome, units = checks(decision)["concentration"]
    assert (outcome, int(units)) == ("shrink", decision.quantity)


def test_a_thin_one_to_a_twentieth_of_its_volume() -> None:
    decision = first(run({"X": LAST}, volume=1000, X=swinging()), "decision")

    assert (decision.quantity, checks(decision)["participation"]) == (50, ("shrink", 50))


def test_nothing_is_opened_before_the_volatility_is_known() -> None:
    refusal = first(run({"X": 62}, X=swinging()), "signal_rejected")

    assert refusal.code == "size-zero"


def test_nothing_new_once_a_fifth_is_lost() -> None:
    """Two positions of a fifth each fall by six tenths: 24 % of equity."""
    crash = [*calm(68), 40.0, 40.0, 40.0]
    result = run({"X": LAST, "Y": LAST, "Z": 69}, X=crash, Y=crash, Z=calm(71))
    equity = result.equity.column("equity").to_pylist()[-1]
    refusal = first(result, "signal_rejected")

    assert 75_500 < equity < 76_500
    assert (refusal.symbol, refusal.code, refusal.checks[0].name) == ("Z", "limit", "drawdown")
