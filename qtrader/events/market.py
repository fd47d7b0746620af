"""What the data service says: bars, corporate actions, and the instruments they are about."""

from datetime import datetime
from decimal import Decimal
from typing import Literal, Self

from qtrader.events.base import ValidatedEvent, Value, to_ns
from qtrader.events.fields import (
    Count,
    Currency,
    Flag,
    Moment,
    Name,
    NonNegativePrice,
    NonNegativeQuantity,
    PositiveCount,
    PositivePrice,
    PositiveQuantity,
    Price,
    SessionDate,
    Share,
    Symbol,
    Text,
)
from qtrader.events.rules import Rule, When
from qtrader.ports.data import ActionType, AssetClass, Interval


class PriceBarEvent(ValidatedEvent, title="contract data/bar.v1"):
    """One bar, raw: what was traded in an interval, published when it is known, at its end."""

    topic = "bar"
    source = "data"
    time_field = "timestamp"
    rules = (
        Rule("low <= open", "the low is the lowest price"),
        Rule("low <= close", "the low is the lowest price"),
        Rule("low <= high", "the low is the lowest price"),
        Rule("open <= high", "the high is the highest price"),
        Rule("close <= high", "the high is the highest price"),
        Rule("bid_low <= bid_open", "the low is the lowest bid"),
        Rule("bid_low <= bid_close", "the low is the lowest bid"),
        Rule("bid_low <= bid_high", "the low is the lowest bid"),
        Rule("bid_open <= bid_high", "the high is the highest bid"),
        Rule("bid_close <= bid_high", "the high is the highest bid"),
        Rule("ask_low <= ask_open", "the low is the lowest ask"),
        Rule("ask_low <= ask_close", "the low is the lowest ask"),
        Rule("ask_low <= ask_high", "the low is the lowest ask"),
        Rule("ask_open <= ask_high", "the high is the highest ask"),
        Rule("ask_close <= ask_high", "the high is the highest ask"),
    )

    symbol: Symbol
    asset_class: AssetClass
    interval: Interval
    timestamp: Moment
    session: SessionDate | None = None
    basis: Literal["trade", "mid"] = "trade"
    open: Price
    high: Price
    low: Price
    close: Price
    volume: NonNegativeQuantity | None = None
    bid_open: Price | None = None
    bid_high: Price | None = None
    bid_low: Price | None = None
    bid_close: Price | None = None
    ask_open: Price | None = None
    ask_high: Price | None = None
    ask_low: Price | None = None
    ask_close: Price | None = None
    bid_size: NonNegativeQuantity | None = None
    ask_size: NonNegativeQuantity | None = None
    currency: Currency

    @property
    def crossed(self) -> bool:
        """Whether a bid is above its ask."""
        pairs = (
            (self.bid_open, self.ask_open),
            (self.bid_high, self.ask_high),
            (self.bid_low, self.ask_low),
            (self.bid_close, self.ask_close),
        )
        return any(bid is not None and ask is not None and bid > ask for bid, ask in pairs)

    @property
    def tradable(self) -> bool:
        """Whether an order could have filled: the volume is not zero, and no bid is above its ask."""
        return self.volume != 0 and not self.crossed

    @property
    def bar(self) -> Self:
        """The bar itself, so that ``event.bar.close`` reads like ``event.close``."""
        return self

    @property
    def time(self) -> datetime:
        """The bar's end."""
        return self.timestamp

    @property
    def time_ns(self) -> int:
        """The bar's end, int64 ns since 1970, UTC."""
        return to_ns(self.timestamp)

    def event(self) -> Self:
        """The event itself, as a light row view's ``event()`` gives it."""
        return self


_UNITS = ("split", "reverse_split", "stock_dividend")


class CorporateActionEvent(ValidatedEvent, title="contract data/corporate_action.v1"):
    """What a company did to its shares, published before the ex-date's session opens."""

    topic = "corporate_action"
    source = "data"
    conditions = (
        When({"action_type": _UNITS}, needs=("numerator", "denominator")),
        When({"action_type": ("cash_dividend",)}, needs=("amount", "currency")),
        When({"action_type": ("spin_off",)}, needs=("new_symbol", "ratio")),
        When({"action_type": ("merger",)}, any_of=("ratio", "cash_amount")),
        When({"action_type": ("merger",), "ratio": None}, needs=("new_symbol",)),
        When({"action_type": ("merger",), "new_symbol": None}, needs=("ratio",)),
        When({"action_type": ("rights",)}, needs=("ratio", "subscription_price")),
        When({"action_type": ("symbol_change",)}, needs=("new_symbol",)),
        When({"action_type": ("delisting",)}, needs=("value",)),
    )
    rules = (
        Rule(
            "numerator > denominator",
            "a split gives more units than it takes",
            {"action_type": ("split", "stock_dividend")},
        ),
        Rule(
            "numerator < denominator",
            "a reverse split gives fewer units than it takes",
            {"action_type": ("reverse_split",)},
        ),
        Rule("record_date <= pay_date", "nothing is paid before its record date"),
        Rule("new_symbol != symbol", "the new symbol is another one"),
    )

    action_id: Name
    symbol: Symbol
    action_type: ActionType
    ex_date: SessionDate
    record_date: SessionDate | None = None
    pay_date: SessionDate | None = None
    numerator: PositiveCount | None = None
    denominator: PositiveCount | None = None
    reference_price: PositivePrice | None = None
    amount: PositivePrice | None = None
    currency: Currency | None = None
    withholding: Share | None = None
    amount_basis: Literal["pre_split", "post_split"] | None = None
    new_symbol: Symbol | None = None
    ratio: PositiveQuantity | None = None
    cash_amount: PositivePrice | None = None
    cost_share: Share | None = None
    subscription_price: NonNegativePrice | None = None
    value: NonNegativePrice | None = None


class InstrumentValue(Value, title="contract data/instrument.v1"):
    """An instrument as its contract has it; ``qtrader.ports.Instrument`` is what the run works with."""

    rules = (Rule("listed <= delisted", "nothing is delisted before it is listed"),)

    symbol: Symbol
    asset_class: AssetClass = "equity"
    currency: Currency = "USD"
    calendar: Name = "24/7"
    zone: Name = "UTC"
    price_decimals: Count | None = None
    tick: PositivePrice | None = None
    lot: PositiveQuantity = Decimal(1)
    multiplier: PositiveQuantity = Decimal(1)
    listed: SessionDate | None = None
    delisted: SessionDate | None = None
    shortable: Flag = True
    negative_prices: Flag = False
    sector: Text | None = None
