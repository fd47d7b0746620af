"""The book of one strategy in one instrument: its lots, its history, its last mark."""

from decimal import Decimal

from qtrader.ports import Snapshot, money
from qtrader_service_portfolio.amounts import ZERO, value_of
from qtrader_service_portfolio.json_values import decimals, texts
from qtrader_service_portfolio.lot_tracker import LotTracker
from qtrader_service_portfolio.models import Lot, Position

AMOUNTS = ("mark", "realised", "commission", "dividends", "multiplier")


class Book:
    """What one strategy holds of one instrument. Callers are inside the ledger's decimal context.

    ``mark`` is the last price seen; ``realised`` is gross; ``trades`` and ``round_trips`` count for ids;
    ``before_split`` is the last split's ex-date and the quantity before it. ``settled`` is what open contracts of a
    future were worth when they were settled last, signed; None for what is paid for in full.
    """

    __slots__ = (
        "before_split", "commission", "currency", "dividends", "key", "lots", "mark", "multiplier", "name", "realised",
        "round_trips", "settled", "strategy_id", "symbol", "trades",
    )  # fmt: skip

    def __init__(
        self,
        strategy_id: str,
        symbol: str,
        currency: str,
        multiplier: Decimal,
        lots: LotTracker,
        settled: Decimal | None = None,
    ) -> None:
        self.strategy_id = strategy_id
        self.symbol = symbol
        self.currency = currency
        self.multiplier = multiplier
        self.lots = lots
        self.settled = settled
        self.key = strategy_id, symbol
        self.name = f"{strategy_id}-{symbol}"
        self.mark = self.realised = self.commission = self.dividends = ZERO
        self.trades = self.round_trips = 0
        self.before_split: tuple[str, Decimal] | None = None

    def lot_id(self, lot: Lot) -> str:
        """The id of one of its lots, unique in the run."""
        return f"{self.name}-L{lot.number:06d}"

    @property
    def exposure(self) -> Decimal:
        """Signed value of its units at the last mark, whoever paid for them."""
        return value_of(self.lots.quantity, self.mark, self.multiplier)

    @property
    def market_value(self) -> Decimal:
        """Signed value at the last mark: of contracts what they have gained since they were settled."""
        return self.exposure if self.settled is None else self.gained(self.mark)

    def gained(self, price: Decimal) -> Decimal:
        """What open contracts have gained since they were settled, at a price."""
        return value_of(self.lots.quantity, price, self.multiplier) - (self.settled or ZERO)

    @property
    def average_price(self) -> Decimal | None:
        """Cost of one unit, for display; None when flat."""
        quantity = self.lots.quantity
        return money(self.lots.cost / quantity / self.multiplier) if quantity else None

    def position(self) -> Position:
        """The book as a frozen value."""
        return Position(
            strategy_id=self.strategy_id,
            symbol=self.symbol,
            currency=self.currency,
            quantity=self.lots.quantity,
            cost_basis=self.lots.cost,
            average_price=self.average_price,
            price=self.mark,
            market_value=self.market_value,
            unrealised=self.exposure - self.lots.cost,
            realised=self.realised,
            commission=self.commission,
            open_fees=self.lots.fees,
            dividends=self.dividends,
            lots=self.lots.lots,
        )

    def snapshot(self) -> Snapshot:
        """Everything as plain JSON values."""
        return {
            "strategy_id": self.strategy_id,
            "symbol": self.symbol,
            "currency": self.currency,
            **texts({name: getattr(self, name) for name in AMOUNTS}),
            "trades": self.trades,
            "round_trips": self.round_trips,
            "settled": None if self.settled is None else str(self.settled),
            "before_split": self.before_split and [self.before_split[0], str(self.before_split[1])],
            "lots": self.lots.snapshot(),
        }

    @classmethod
    def restored(cls, snapshot: Snapshot, lots: LotTracker) -> "Book":
        """The book that made the snapshot."""
        amounts = decimals({name: snapshot[name] for name in AMOUNTS})
        settled = None if snapshot["settled"] is None else Decimal(snapshot["settled"])
        strategy_id, symbol, currency = snapshot["strategy_id"], snapshot["symbol"], snapshot["currency"]
        book = cls(strategy_id, symbol, currency, amounts["multiplier"], lots, settled)
        for name, amount in amounts.items():
            setattr(book, name, amount)
        book.trades, book.round_trips = snapshot["trades"], snapshot["round_trips"]
        before = snapshot["before_split"]
        book.before_split = before and (before[0], Decimal(before[1]))
        lots.restore(snapshot["lots"])
        return book
