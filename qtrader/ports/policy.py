"""What a risk policy says: the keys of its document. Policies are plugins, and managers read them."""

from typing import Literal

from pydantic import Field

from qtrader.ports.settings import Reference, Section

__all__ = ["OrderRules", "Policy", "SignalRules"]


class SignalRules(Section):
    """What a signal may do to what is held already."""

    already_open: Literal["ignore", "add"] = "ignore"
    opposite_open: Literal["reject", "close", "flip"] = "reject"
    shorts: bool = False


class OrderRules(Section):
    """What orders look like; a ``limit`` is at the signal's price.

    ``honour`` names the wishes of a signal that count: ``stop_loss`` and ``take_profit`` become orders of their own,
    of which one fills; ``order`` stands for its type, prices and time in force.
    """

    type: Literal["market", "limit", "market_on_open", "market_on_close"] = "market"
    time_in_force: Literal["DAY", "GTC", "IOC", "FOK"] = "DAY"
    honour: list[Literal["stop_loss", "take_profit", "order"]] = Field(default_factory=list)


class Policy(Section):
    """A risk policy. ``limits`` run in the order in which they are written."""

    policy: str = Field(min_length=1)
    version: int = Field(ge=0)
    sizing: Reference
    signals: SignalRules = SignalRules()
    orders: OrderRules = OrderRules()
    limits: list[Reference] = Field(default_factory=list)
