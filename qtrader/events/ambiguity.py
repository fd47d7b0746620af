"""What only the unknown path inside a bar decided."""

from qtrader.events.base import ValidatedEvent
from qtrader.events.fields import Currency, Money, Name, PositiveQuantity, Price, Symbol
from qtrader.events.rules import Rule


class AmbiguityEvent(ValidatedEvent, title="contract execution/ambiguity.v1"):
    """A fill that is a guess: inside the same bar another order of its group would have filled in its place."""

    topic = "ambiguity"
    source = "execution"
    rules = (Rule("order_id != other_order_id", "the other outcome is of another order"),)

    fill_id: Name
    order_id: Name
    other_order_id: Name
    group_id: Name
    strategy_id: Name
    symbol: Symbol
    quantity: PositiveQuantity
    price: Price
    other_price: Price
    currency: Currency
    difference: Money | None = None
