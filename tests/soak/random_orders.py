"""Random worlds of orders: ``python tests/soak/random_orders.py [--worlds N] [--seed N]``.

A world is one to four instruments with gaps, halts, days without trades and splits, and a strategy that sends orders of
every type, wishes for brackets, flips, closes, cancels and replaces. The run's own log is held against what must be
true of orders whatever happens; the kernel's guard looks on. Exit status 1 and the seed where something does not hold.
"""

import argparse
import random
import sys
import tempfile
from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import ROUND_DOWN, Decimal
from pathlib import Path
from typing import Any

from qtrader import BacktestEngine, Bar, Context, Result, SignalIntention
from qtrader.events import FillEvent, OrderEvent, OrderStatus, OrderUpdateEvent
from qtrader_service_execution.transitions import Effect, status_changes

FIRST = date(2024, 1, 1)
SHARE = Decimal("0.1")
CENT = Decimal("0.01")
POLICY = """
policy: wild
version: 1
sizing: {use: fixed, with: {quantity: 60}}
signals: {already_open: add, opposite_open: flip, shorts: true}
orders: {honour: [stop_loss, take_profit, order]}
"""
CHANGES = frozenset((before, after) for before, after, effect, _ in status_changes() if effect is Effect.CHANGE)
REFUSED = ("cancel_refused", "replace_refused")


@dataclass
class Wild:
    """Draws what it does from seed, symbol and session alone."""

    seed: int = 0
    working: dict[str, str] = field(default_factory=dict, init=False)

    def on_order_update(self, update: OrderUpdateEvent, context: Context) -> None:
        if update.status.final:
            self.working.pop(update.order_id, None)
        else:
            self.working[update.order_id] = update.symbol

    def on_bar(self, bar: Bar, context: Context) -> None:
        chance = random.Random(f"{self.seed}:{bar.symbol}:{bar.session}")
        drawn = chance.random()
        mine = [order_id for order_id, symbol in self.working.items() if symbol == bar.symbol]
        if drawn < 0.35:
            intention = chance.choice(list(SignalIntention))
            context.emit_signal(bar.symbol, intention, price=bar.close, **wishes(chance, bar, intention))
        elif drawn < 0.45 and mine:
            context.cancel_order(bar.symbol, chance.choice(mine))
        elif drawn < 0.55 and mine:
            asked = {"quantity": chance.choice([20, 40, 80, 120])} if chance.random() < 0.6 else {}
            context.replace_order(bar.symbol, chance.choice(mine), limit_price=near(chance, bar), **asked)


def near(chance: random.Random, bar: Bar) -> Decimal:
    """A price around the close."""
    return max((bar.close * Decimal(chance.randrange(940, 1060)) / 1000).quantize(CENT), CENT)


def wishes(chance: random.Random, bar: Bar, intention: SignalIntention) -> dict[str, Any]:
    """A type, prices, a time in force, and now and then a bracket."""
    kind = chance.choice(
        ["market", "limit", "stop", "stop_limit", "trailing_stop", "market_on_open", "market_on_close"]
    )
    found: dict[str, Any] = {"order_type": kind, "time_in_force": chance.choice(["DAY", "GTC", "GTC", "IOC", "FOK"])}
    if "limit" in kind:
        found["limit_price"] = near(chance, bar)
    if kind in ("stop", "stop_limit"):
        found["stop_price"] = near(chance, bar)
    if kind == "trailing_stop":
        found["trail_percent"] = Decimal(chance.randrange(1, 8))
    if chance.random() < 0.5:
        up, down = (bar.close * Decimal(chance.randrange(1070, 1100)) / 1000).quantize(CENT), near(chance, bar) * 9 / 10
        down = down.quantize(CENT)
        long = intention in (SignalIntention.OPEN_LONG, SignalIntention.CLOSE_LONG)
        found |= {"stop_loss": down if long else up, "take_profit": up if long else max(down, CENT)}
    return found


def write_world(folder: Path, seed: int, days: int = 60) -> tuple[list[str], set[str]]:
    """Bars and actions as files; the symbols, and those that split."""
    chance = random.Random(seed)
    symbols, splits, rows = [f"S{number}" for number in range(chance.randrange(1, 5))], set(), []
    for symbol in symbols:
        price, lines = Decimal(chance.randrange(20, 200)), ["date,open,high,low,close,volume"]
        split = chance.randrange(days) if chance.random() < 0.4 else None
        for number in range(days):
            session = FIRST + timedelta(days=number)
            if number == split:
                splits.add(symbol)
                rows.append(f"{symbol},split,{session},2,1")
                price /= 2
            if chance.random() < 0.05 and number != split:
                continue
            opened = price * Decimal(chance.randrange(950, 1051)) / 1000
            closed = opened * Decimal(chance.randrange(950, 1051)) / 1000
            high = max(opened, closed) * Decimal(chance.randrange(1000, 1031)) / 1000
            low = min(opened, closed) * Decimal(chance.randrange(970, 1001)) / 1000
            volume = 0 if chance.random() < 0.05 else chance.randrange(200, 2000)
            prices = [one.quantize(CENT) for one in (opened, high, low, closed)]
            prices[1], prices[2] = max(prices), min(prices)
            lines.append(f"{session},{','.join(map(str, prices))},{volume}")
            price = prices[3]
        (folder / f"{symbol}.csv").write_text("\n".join(lines) + "\n")
    (folder / "actions.csv").write_text("\n".join(["symbol,action_type,ex_date,numerator,denominator", *rows]) + "\n")
    (folder / "wild.yaml").write_text(POLICY)
    return symbols, splits


def play(folder: Path, symbols: list[str], seed: int, fill: str, *, actions: bool) -> Result:
    """One run of a world."""
    source = {
        "use": "csv", "with": {"path": str(folder / "{symbol}.csv"), "symbols": symbols}, "prices": "raw",
        "stamp": "session", "calendar": "24/7", "currency": "USD", "asset_class": "equity",
        **({"actions": str(folder / "actions.csv")} if actions else {}),
    }  # fmt: skip
    return BacktestEngine.from_config(
        {
            "data": {"source": "files", "symbols": symbols},
            "data_sources": {"files": source},
            "strategies": [{"name": "wild", "use": f"{Path(__file__).resolve()}:Wild", "with": {"seed": seed}}],
            "portfolio": {"cash": 1_000_000},
            "execution": {
                "fill": {"use": fill}, "commission": {"use": "none"}, "slippage": {"use": "none"},
                "max_participation": str(SHARE),
            },
            "risk": {"policy": "wild", "policies": [str(folder)]},
        }
    ).run()  # fmt: skip


class Checked:
    """What a run's log says of its orders, and what is wrong with it."""

    def __init__(self, result: Result, splits: set[str]) -> None:
        self.splits = splits
        self.orders: dict[str, OrderEvent] = {}
        self.updates: dict[str, list[OrderUpdateEvent]] = defaultdict(list)
        self.fills: dict[str, list[FillEvent]] = defaultdict(list)
        self.faults: list[str] = []
        for topic in ("order", "order_update", "fill"):
            for event in result.log.discrete_events(topic):
                self._note(event)
        self.bars = {(bar.symbol, bar.time_ns): bar for bar in result.log if bar.topic == "bar"}  # type: ignore[attr-defined]

    def _note(self, event: Any) -> None:
        if isinstance(event, OrderEvent):
            self.orders[event.order_id] = event
        elif isinstance(event, OrderUpdateEvent):
            self.updates[event.order_id].append(event)
        else:
            self.fills[event.source_order_id].append(event)

    def check(self) -> list[str]:
        """Everything that does not hold."""
        for order in self.orders.values():
            self._life(order)
            self._quantities(order)
            self._prices(order)
        self._volumes()
        self._groups()
        return self.faults

    def _require(self, holds: bool, order_id: str, told: str) -> None:  # noqa: FBT001 - an assertion
        if not holds:
            self.faults.append(f"{order_id}: {told}")

    def _life(self, order: OrderEvent) -> None:
        updates = self.updates[order.order_id]
        status: OrderStatus | None = None
        for update in updates:
            legal = update.previous is status and (status is update.status or (status, update.status) in CHANGES)
            if status is not None:
                self._require(legal, order.order_id, f"{status} became {update.status} ({update.trigger})")
                over = status.final and update.trigger not in REFUSED
                self._require(not over, order.order_id, f"{update.trigger} after {status}")
            status = update.status
        self._require(status is not None and status.final, order.order_id, f"ended as {status}")

    def _quantities(self, order: OrderEvent) -> None:
        filled = sum((one.quantity for one in self.fills[order.order_id]), Decimal(0))
        last = self.updates[order.order_id][-1]
        self._require(filled == last.filled_quantity, order.order_id, f"{filled} of {last.filled_quantity} in fills")

    def _prices(self, order: OrderEvent) -> None:
        """Fills lie in the bar that they came with; limits are never worse, stops never better, unless changed."""
        name, fills = order.order_id, self.fills[order.order_id]
        replaced = [one.reason or "" for one in self.updates[name] if one.trigger == "replace"]
        revised = any(not reason.startswith(("oco", "parent")) for reason in replaced)
        sign = 1 if order.side == "buy" else -1
        for fill in fills:
            bar = self.bars[fill.symbol, fill.origin.time_ns]
            self._require(bar.low <= fill.price <= bar.high, name, f"{fill.price} is not in the bar of {bar.time}")
            if order.limit_price is not None and not revised:
                self._require(sign * fill.price <= sign * order.limit_price, name, f"{fill.price} is beyond its limit")
        if order.order_type == "stop" and order.stop_price is not None and fills and not revised:
            self._require(sign * fills[0].price >= sign * order.stop_price, name, "it filled better than its stop")

    def _volumes(self) -> None:
        taken: dict[tuple[str, int], Decimal] = defaultdict(Decimal)
        for fill in (one for fills in self.fills.values() for one in fills):
            taken[fill.symbol, fill.origin.time_ns] += fill.quantity
        for key, quantity in taken.items():
            most = (self.bars[key].volume * SHARE).to_integral_value(ROUND_DOWN)
            self._require(quantity <= most, str(key), f"{quantity} filled of {most}")

    def _groups(self) -> None:
        """Children fill no more than their parent has; what protects never opens."""
        for parent in self.orders.values():
            children = [one for one in self.orders.values() if one.parent_order_id == parent.order_id]
            if not children or parent.symbol in self.splits:
                continue
            total, filled = (sum((fill.quantity for one in ids for fill in self.fills[one.order_id]), Decimal(0))
                             for ids in (children, [parent]))  # fmt: skip
            self._require(total <= filled, parent.order_id, f"its children filled {total} of {filled}")


def check(seed: int) -> list[str]:
    """What is wrong with the world of a seed."""
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        symbols, splits = write_world(folder, seed)
        fill = ("next-open", "ohlc-path", "close")[seed % 3]
        result = play(folder, symbols, seed, fill, actions=bool(splits))
        return Checked(result, splits).check()


def main() -> int:
    """Check many worlds."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--worlds", type=int, default=300)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    for seed in range(options.seed, options.seed + options.worlds):
        if faults := check(seed):
            print(f"seed {seed}:", *faults, sep="\n  ")  # noqa: T201
            return 1
    print(f"{options.worlds} worlds, nothing wrong")  # noqa: T201
    return 0


if __name__ == "__main__":
    sys.exit(main())
