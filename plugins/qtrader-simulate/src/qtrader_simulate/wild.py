"""A strategy that does anything: what it does hangs on seed, symbol and session alone."""

import warnings
from dataclasses import dataclass, field
from datetime import timedelta
from decimal import Decimal
from random import Random
from typing import Any

from qtrader import Bar, Context, SignalIntention
from qtrader.events import OrderUpdateEvent
from qtrader_simulate.features import dice

CENT = Decimal("0.01")
OPENING = (SignalIntention.OPEN_LONG, SignalIntention.OPEN_SHORT)
KINDS = {
    "limits": ("limit",),
    "stops": ("stop", "stop_limit"),
    "trailing": ("trailing_stop",),
    "auctions": ("market_on_open", "market_on_close"),
}
"""Types of orders by feature; market orders are always there."""


@dataclass
class Wild:
    """Sends, changes and ends orders as its dice fall."""

    seed: int
    features: list[str]
    working: dict[str, str] = field(default_factory=dict, init=False)

    def on_order_update(self, update: OrderUpdateEvent, context: Context) -> None:  # noqa: ARG002 - how it is called
        """Remember what still works."""
        if update.status.final:
            self.working.pop(update.order_id, None)
        else:
            self.working[update.order_id] = update.symbol

    def on_bar(self, bar: Bar, context: Context) -> None:
        """Do one thing, or none."""
        chance = dice(self.seed, bar.symbol, bar.session)
        drawn = chance.random()
        mine = [order_id for order_id, symbol in self.working.items() if symbol == bar.symbol]
        if drawn < 0.35:
            self._signal(chance, bar, context)
        elif drawn < 0.42 and "by_hand" in self.features:
            order = {key: value for key, value in self._order(chance, bar).items() if value is not None}
            with warnings.catch_warnings():
                warnings.simplefilter("ignore", DeprecationWarning)  # hand orders are what is tried here
                context.emit_order(bar.symbol, chance.choice(("buy", "sell")), chance.choice((20, 50)), **order)
        elif drawn < 0.52 and mine and "cancels" in self.features:
            context.cancel_order(bar.symbol, chance.choice(mine))
        elif drawn < 0.62 and mine and "replaces" in self.features:
            quantity = chance.choice((None, 20, 40, 80, 120))
            context.replace_order(bar.symbol, chance.choice(mine), limit_price=near(chance, bar), quantity=quantity)

    def _signal(self, chance: Random, bar: Bar, context: Context) -> None:
        intentions = [SignalIntention.OPEN_LONG]
        intentions += [SignalIntention.CLOSE_LONG] if "closes" in self.features else []
        intentions += [SignalIntention.OPEN_SHORT] if "flips" in self.features else []
        intentions += [SignalIntention.CLOSE_SHORT] if {"closes", "flips"} <= set(self.features) else []
        intention = chance.choice(intentions)
        wishes = self._order(chance, bar)
        if "brackets" in self.features and chance.random() < 0.6:
            wishes |= bracket(chance, bar, long=intention in (SignalIntention.OPEN_LONG, SignalIntention.CLOSE_LONG))
        context.emit_signal(bar.symbol, intention, price=bar.close, **wishes)

    def _order(self, chance: Random, bar: Bar) -> dict[str, Any]:
        """A type with its prices, and a time in force."""
        kinds = ["market", *(kind for feature, kinds in KINDS.items() if feature in self.features for kind in kinds)]
        kind = chance.choice(kinds)
        found: dict[str, Any] = {"order_type": kind}
        if "times" in self.features:
            found["time_in_force"] = chance.choice(("DAY", "GTC", "GTC", "IOC", "FOK", "GTD"))
            if found["time_in_force"] == "GTD":
                found["expire_at"] = bar.time + timedelta(days=chance.choice((0, 1, 1, 2, 3, 5, 8)))
        if "limit" in kind:
            found["limit_price"] = near(chance, bar)
        if kind in ("stop", "stop_limit"):
            found["stop_price"] = near(chance, bar)
        if kind == "trailing_stop":
            found["trail_percent"] = Decimal(chance.randrange(1, 8))
        return found


def near(chance: Random, bar: Bar) -> Decimal:
    """A price around the close."""
    return max((bar.close * Decimal(chance.randrange(940, 1060)) / 1000).quantize(CENT), CENT)


def bracket(chance: Random, bar: Bar, *, long: bool) -> dict[str, Decimal]:
    """A stop loss and a take profit; now and then on the wrong side of what is entered by a limit or a stop."""
    up = (bar.close * Decimal(chance.randrange(1020, 1100)) / 1000).quantize(CENT)
    down = max((bar.close * Decimal(chance.randrange(900, 980)) / 1000).quantize(CENT), CENT)
    return {"stop_loss": down if long else up, "take_profit": up if long else down}
