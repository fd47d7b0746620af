"""What a signal or a hand order means for one position: pure functions from facts to a plan or a refusal."""

from decimal import Decimal
from typing import Literal, NamedTuple

from qtrader.ports import Side, SignalIntention
from qtrader.ports.policy import SignalRules

ZERO = Decimal(0)
OPENING = (SignalIntention.OPEN_LONG, SignalIntention.OPEN_SHORT)
LONG = (SignalIntention.OPEN_LONG, SignalIntention.CLOSE_LONG)


class Standing(NamedTuple):
    """One strategy's position in one symbol: units held, units after its working orders, and which orders work."""

    held: Decimal = ZERO
    projected: Decimal = ZERO
    entry: str | None = None
    """Id of a working entry order."""
    exit: str | None = None
    """Id of a working exit order."""


class Rules(NamedTuple):
    """What the policy, the account and the instrument allow."""

    signals: SignalRules
    account: Literal["cash", "margin"] = "margin"
    shortable: bool = True


class Plan(NamedTuple):
    """An order to be: ``closing`` units end what is held; ``sized`` says that the sizer adds to them."""

    side: Side
    role: Literal["entry", "exit"]
    closing: Decimal = ZERO
    sized: bool = False


class Refusal(NamedTuple):
    """Why there is no order: a code for programs, a reason for people."""

    code: str
    reason: str


def plan_signal(intention: SignalIntention, standing: Standing, rules: Rules) -> Plan | Refusal:
    """What an intention asks for, given what is held and what already works."""
    return _opening(intention, standing, rules) if intention in OPENING else _closing(intention, standing)


def _closing(intention: SignalIntention, standing: Standing) -> Plan | Refusal:
    direction = "long" if intention in LONG else "short"
    if standing.exit is not None:
        return Refusal("order-pending", f"exit order {standing.exit!r} is still working")
    if (standing.held if direction == "long" else -standing.held) > 0:
        return Plan("sell" if direction == "long" else "buy", "exit", closing=abs(standing.held))
    if standing.entry is not None:
        return Refusal(
            "order-pending", f"nothing {direction} is held yet: entry order {standing.entry!r} is still working"
        )
    return Refusal("nothing-to-close", f"no {direction} position is held ({standing.held} units)")


def _opening(intention: SignalIntention, standing: Standing, rules: Rules) -> Plan | Refusal:
    direction, side = ("long", _BUY) if intention in LONG else ("short", _SELL)
    if standing.entry is not None:
        return Refusal("order-pending", f"entry order {standing.entry!r} is still working")
    along = standing.projected if direction == "long" else -standing.projected
    if along < 0 and rules.signals.opposite_open == "reject":
        return Refusal(
            "opposite-open", f"{standing.projected} units the other way are open; signals.opposite_open is reject"
        )
    if along < 0 and rules.signals.opposite_open == "close":
        return Plan(side, "exit", closing=-along)
    if along > 0 and rules.signals.already_open == "ignore":
        return Refusal("already-open", f"{standing.projected} units are open already; signals.already_open is ignore")
    refusal = may_short(rules) if direction == "short" else None
    return refusal or Plan(side, "entry", closing=max(-along, ZERO), sized=True)


_BUY: Side = "buy"
_SELL: Side = "sell"


def plan_request(side: Side, quantity: Decimal, standing: Standing, rules: Rules) -> Plan | Refusal:
    """What a hand order does: an exit when it only makes the position smaller, else an entry."""
    signed = quantity if side == "buy" else -quantity
    after = standing.projected + signed
    if standing.projected * signed < 0 and quantity <= abs(standing.projected):
        return Plan(side, "exit", closing=quantity)
    refusal = may_short(rules) if after < 0 and side == "sell" else None
    return refusal or Plan(side, "entry", closing=quantity)


def may_short(rules: Rules) -> Refusal | None:
    """Why a short position may not be opened, or None."""
    if not rules.signals.shorts:
        return Refusal("shorts-off", "the policy opens no short positions (signals.shorts is false)")
    if rules.account == "cash":
        return Refusal("cash-account", "a cash account opens no short positions")
    if not rules.shortable:
        return Refusal("not-shortable", "the instrument cannot be sold short (shortable is false)")
    return None
