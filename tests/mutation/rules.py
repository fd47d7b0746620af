"""Rules that tests must hold: where each stands, and what is left when it is taken out."""

from typing import NamedTuple


class Removal(NamedTuple):
    """One rule, taken out: ``old`` stands exactly once in ``file`` and becomes ``new``; ``tests`` must then fail."""

    file: str
    old: str
    new: str
    tests: str


SCHEMAS = "contracts/src/qtrader_contracts/schemas/"
CONTRACTS, EVENTS, KERNEL, CONFIG = "tests/contracts", "tests/events", "tests/kernel", "tests/config"
BUS, MARKET = f"{KERNEL}/test_event_bus.py", f"{KERNEL}/test_market.py"

REMOVALS = (
    Removal(f"{SCHEMAS}data/bar.v1.json", '{"rule": "low <= open",', '{"rule": "low <= high",', CONTRACTS),
    Removal(f"{SCHEMAS}data/bar.v1.json", '{"rule": "close <= high",', '{"rule": "low <= high",', CONTRACTS),
    Removal(
        f"{SCHEMAS}data/corporate_action.v1.json", '"rule": "numerator > denominator"', '"rule": "1 > 0"', CONTRACTS
    ),
    Removal(f"{SCHEMAS}data/corporate_action.v1.json", '{"const": "delisting"}', '{"const": "none"}', CONTRACTS),
    Removal(f"{SCHEMAS}data/corporate_action.v1.json", '{"const": "cash_dividend"}', '{"const": "none"}', CONTRACTS),
    Removal(f"{SCHEMAS}data/instrument.v1.json", '"rule": "listed <= delisted"', '"rule": "1 > 0"', CONTRACTS),
    Removal(f"{SCHEMAS}manager/order.v1.json", '{"const": "GTD"}', '{"const": "none"}', CONTRACTS),
    Removal(f"{SCHEMAS}manager/order.v1.json", '{"enum": ["limit", "stop_limit"]}', '{"enum": ["none"]}', CONTRACTS),
    Removal(f"{SCHEMAS}manager/order.v1.json", '{"const": "trailing_stop"}', '{"const": "none"}', CONTRACTS),
    Removal(f"{SCHEMAS}execution/fill.v1.json", '"enum": ["buy", "sell"]', '"minLength": 1', CONTRACTS),
    Removal(f"{SCHEMAS}execution/order_update.v1.json", '"rule": "leaves_quantity == 0"', '"rule": "1 > 0"', CONTRACTS),
    Removal(f"{SCHEMAS}strategy/order_request.v1.json", '{"const": "place"}', '{"const": "none"}', CONTRACTS),
    Removal("qtrader/events/market.py", 'Rule("open <= high",', 'Rule("low <= high",', EVENTS),
    Removal("qtrader/events/market.py", '"delisting",)}, needs=("value",)', '"delisting",)}, needs=()', EVENTS),
    Removal("qtrader/events/portfolio.py", '"net_pnl == gross_pnl - commission"', '"1 > 0"', EVENTS),
    Removal("qtrader/events/trading.py", 'needs=("expire_at",)', "needs=()", EVENTS),
    Removal("qtrader/events/trading.py", '"leaves_quantity == 0"', '"1 > 0"', EVENTS),
    Removal("qtrader/events/fields.py", "if self.minimum is not None and number < self.minimum:", "if False:", EVENTS),
    Removal("qtrader/events/fields.py", 'raise TypeError("a FrozenMap cannot be changed', 'return ("', EVENTS),
    Removal("qtrader/events/base.py", 'ConfigDict(frozen=True, extra="forbid")', 'ConfigDict(extra="forbid")', EVENTS),
    Removal("qtrader/events/base.py", 'ConfigDict(frozen=True, extra="forbid")', "ConfigDict(frozen=True)", EVENTS),
    Removal("qtrader/events/event_bus.py", "if not isinstance(event, BaseEvent):", "if False:", BUS),
    Removal("qtrader/events/event_bus.py", "if not self._draining:", "if True:", BUS),
    Removal("qtrader/events/event_bus.py", "if changes != self._changes and", "if False and", BUS),
    Removal("qtrader/events/event_bus.py", "key=lambda one: one.rank", "key=lambda one: one.rank[2]", BUS),
    Removal("qtrader/events/event_bus.py", "        if not doomed:\n", "        if False:\n", BUS),
    Removal("qtrader/bar_table.py", "np.diff(self.time_ns) <= 0", "np.diff(self.time_ns) < 0", MARKET),
    Removal("qtrader/bar_table.py", "self.low > np.minimum(self.open, self.close)", "self.low > self.high", MARKET),
    Removal("qtrader/bar_table.py", "column.flags.writeable = False", "pass", MARKET),
    Removal("qtrader/market.py", "if symbols != sorted(set(symbols)):", "if False:", MARKET),
    Removal("qtrader/market_view.py", "            del self.rescaled[symbol]", "            pass", MARKET),
    Removal("qtrader/wiring.py", "            if topic in emitters:\n", "            if False:\n", KERNEL),
    Removal("qtrader/wiring.py", "        if entry not in declared:\n", "        if False:\n", KERNEL),
    Removal("qtrader/config/strict_yaml.py", "MAX_BYTES = 1_000_000", "MAX_BYTES = 9_000_000", CONFIG),
)
