"""What the books say: positions, cash, trades and the value of it all."""

from datetime import timedelta
from typing import Literal

from qtrader.events.base import ValidatedEvent, Value
from qtrader.events.fields import (
    Count,
    Currency,
    Flag,
    Moment,
    Money,
    Name,
    NonNegativeMoney,
    PositiveQuantity,
    Price,
    Quantity,
    SessionDate,
    Symbol,
    Text,
)
from qtrader.events.rules import Rule

PositionReason = Literal[
    "fill", "split", "reverse_split", "stock_dividend", "cash_dividend", "spin_off", "merger", "rights",
    "symbol_change", "delisting", "variation", "restore",
]  # fmt: skip
CashKind = Literal[
    "deposit", "withdrawal", "dividend", "withholding", "cash_in_lieu", "borrow_fee", "margin_interest", "conversion",
    "merger", "rights", "delisting", "variation", "adjustment",
]  # fmt: skip


class OpenLot(Value):
    """Units that were opened together and are still held; ``lot_id`` is how an order names them."""

    lot_id: Name
    quantity: PositiveQuantity
    cost: Money
    price: Price
    opened: Moment


class PositionEvent(ValidatedEvent, title="contract portfolio/position.v1"):
    """One position of one strategy, after something changed it."""

    topic = "position"
    source = "portfolio"

    strategy_id: Name
    symbol: Symbol
    currency: Currency
    quantity: Quantity
    cost_basis: Money
    average_price: Price | None = None
    price: Price
    market_value: Money
    realised_pnl: Money
    unrealised_pnl: Money
    commission: NonNegativeMoney
    dividends: Money
    cash_balance: Money
    reason: PositionReason
    lots: tuple[OpenLot, ...] = ()


class CashEvent(ValidatedEvent, title="contract portfolio/cash.v1"):
    """A movement of cash outside a fill, or of what is owed to or by the account."""

    topic = "cash"
    source = "portfolio"

    strategy_id: Name | None = None
    symbol: Symbol | None = None
    currency: Currency
    kind: CashKind
    amount: Money
    balance: Money
    receivable: Money
    payable: Money
    accrued: Money
    action_id: Name | None = None
    reason: Text | None = None


class TradeEvent(ValidatedEvent, title="contract portfolio/trade.v1"):
    """Units of one lot, closed by one fill: what came of them."""

    topic = "trade"
    source = "portfolio"
    time_field = "exit_time"
    rules = (
        Rule("entry_time <= exit_time", "a trade is opened before it is closed"),
        Rule("net_pnl == gross_pnl - commission", "net is gross less commission"),
        Rule("mae <= 0", "what it was worst is no gain"),
        Rule("mae <= gross_pnl", "it did not end worse than it was worst"),
        Rule("mfe >= 0", "what it was best is no loss"),
        Rule("mfe >= gross_pnl", "it did not end better than it was best"),
    )

    trade_id: Name
    round_trip_id: Name
    closes_round_trip: Flag
    strategy_id: Name
    symbol: Symbol
    currency: Currency
    side: Literal["long", "short"]
    quantity: PositiveQuantity
    entry_time: Moment
    exit_time: Moment
    entry_price: Price
    exit_price: Price
    gross_pnl: Money
    commission: NonNegativeMoney
    net_pnl: Money
    mae: Money | None = None
    mfe: Money | None = None
    lot_id: Name
    entry_fill_id: Name
    exit_fill_id: Name

    @property
    def held(self) -> timedelta:
        """How long these units were held."""
        return self.exit_time - self.entry_time


class ValuationEvent(ValidatedEvent, title="contract portfolio/valuation.v1"):
    """What the account is worth at one instant: one point of the equity curve."""

    topic = "valuation"
    source = "portfolio"
    rules = (
        Rule("equity == cash + market_value + receivables - payables - accruals", "equity is the sum of its parts"),
    )

    session: SessionDate | None = None
    currency: Currency
    equity: Money
    cash: Money
    market_value: Money
    receivables: Money
    payables: Money
    accruals: Money
    realised_pnl: Money
    unrealised_pnl: Money
    open_positions: Count


class Balance(Value):
    """Cash in one currency."""

    currency: Currency
    amount: Money


class Holding(Value):
    """One position inside a consolidated portfolio."""

    symbol: Symbol
    currency: Currency
    side: Literal["long", "short", "flat"]
    quantity: Quantity
    average_price: Price | None = None
    cost_basis: Money
    price: Price
    market_value: Money
    unrealised_pnl: Money
    realised_pnl: Money
    commission: NonNegativeMoney
    dividends: Money


class StrategyHoldings(Value):
    """The positions of one strategy."""

    strategy_id: Name
    positions: tuple[Holding, ...]


class ConsolidatedPortfolioEvent(ValidatedEvent, title="contract portfolio/consolidated_portfolio.v1"):
    """The whole account: cash, exposures and every position by strategy."""

    topic = "consolidated_portfolio"
    source = "portfolio"

    currency: Currency
    session: SessionDate | None = None
    initial_equity: Money
    equity: Money
    cash: Money
    balances: tuple[Balance, ...]
    market_value: Money
    long_exposure: Money
    short_exposure: Money
    gross_exposure: Money
    net_exposure: Money
    leverage: Price | None = None
    realised_pnl: Money
    unrealised_pnl: Money
    commission: NonNegativeMoney
    dividends: Money
    currency_effect: Money | None = None
    strategies: tuple[StrategyHoldings, ...]


PortfolioStateEvent = ConsolidatedPortfolioEvent
"""The brief's second name for it."""
