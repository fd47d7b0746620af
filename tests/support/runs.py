"""Runs for integration tests: the sample configuration, small worlds, random strategies, canonical streams."""

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np

from qtrader import BacktestEngine, Bar, Context, SignalIntention
from qtrader.bar_table import BarTable
from qtrader.contracts import to_contract
from qtrader.market import Market
from qtrader.replay import canonical

ROOT = Path(__file__).parent.parent.parent
SAMPLE = ROOT / "config" / "sma_cross.yaml"


@dataclass
class RandomTrader:
    """Opens and closes by coin, the coin of a bar hanging on seed, symbol and session alone."""

    seed: int = 1

    def on_bar(self, bar: Bar, context: Context) -> None:
        chance = random.Random(f"{self.seed}:{bar.symbol}:{bar.session}")
        if chance.random() < 0.4:
            intention = chance.choice([SignalIntention.OPEN_LONG, SignalIntention.CLOSE_LONG])
            context.emit_signal(bar.symbol, intention, price=bar.close)
            context.record(drawn=chance.randrange(100))


@dataclass
class Nothing:
    """Never trades."""

    seen: list[Any] = field(default_factory=list)

    def on_bar(self, bar: Bar, context: Context) -> None:
        self.seen.append(bar)


@dataclass
class Clock:
    """Aims at another share at each call, and says why it was called."""

    calls: int = field(default=0, init=False)

    def on_start(self, context: Context) -> None:
        context.schedule(self.thirds, every=3)
        context.schedule(self.opens, every="session", at="session_open")
        context.schedule(self.months, every="month")
        context.schedule(self.weeks, every="week", at="session_open")
        context.schedule(self.noons, every="session", at="12:00")

    def thirds(self, bars: Any, context: Context) -> None:
        self._act("third", context)

    def opens(self, bars: Any, context: Context) -> None:
        context.record(why="open")

    def months(self, bars: Any, context: Context) -> None:
        self._act("month", context)

    def weeks(self, bars: Any, context: Context) -> None:
        self._act("week", context)

    def noons(self, bars: Any, context: Context) -> None:
        context.record(why="noon")

    def _act(self, why: str, context: Context) -> None:
        self.calls += 1
        context.record(why=why)
        context.target_percent({"A": f"0.{self.calls % 4 + 1}"})

    def snapshot(self) -> dict[str, int]:
        return {"calls": self.calls}

    def restore(self, snapshot: dict[str, int]) -> None:
        self.calls = snapshot["calls"]


def settings(symbols: Sequence[str], strategies: Any = None, **sections: Any) -> dict[str, Any]:
    """A run over a market that is handed over: no source is read."""
    return {
        "name": "world",
        "data": {"source": "none", "symbols": list(symbols)},
        "data_sources": {"none": {"use": "samples", "prices": "raw"}},
        "strategies": strategies or [{"name": "chance", "use": "runs:RandomTrader", "with": {"seed": 1}}],
        "portfolio": {"cash": 100_000},
        **sections,
    }


def play(market: Market, strategies: Any = None, **sections: Any) -> BacktestEngine:
    """Run a market to its end."""
    symbols = [table.symbol for table in market.tables]
    engine = BacktestEngine.from_config(settings(symbols, strategies, **sections), market=market)
    engine.run()
    return engine


def stream(log: Any) -> list[dict[str, Any]]:
    """The canonical stream of a log: numbers, times, topics and payloads; no ids made from the run digest."""
    return [canonical(to_contract(event), event) for event in log]


def canonical_until(log: Any, time_ns: int) -> Iterator[dict[str, Any]]:
    """The canonical stream up to a time, without what is only said because the data ended."""
    for event in log:
        if event.time_ns > time_ns:
            return
        yield canonical(to_contract(event), event)


def cut(table: BarTable, rows: int) -> BarTable:
    """The first rows of a table."""
    names = ("time_ns", "open_ns", "session", "open", "high", "low", "close", "volume")
    columns = {name: np.array(getattr(table, name)[:rows]) for name in names}
    return BarTable(table.instrument, table.interval, table.price_scale, live_from=table.live_from, **columns)


def random_walk(seed: int, bars: int) -> list[int]:
    """Whole prices that wander, never below 20."""
    chance = random.Random(seed)
    prices = [100]
    while len(prices) < bars:
        prices.append(max(20, prices[-1] + chance.choice([-3, -2, -1, 0, 1, 2, 3])))
    return prices


def money(text: str) -> Decimal:
    """A decimal from its text."""
    return Decimal(text)
