"""The values of the books: lots, what closes them, ledger entries, dividends due, positions. All frozen."""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Literal, NamedTuple

from qtrader.ports import LEDGER

LotSide = Literal["long", "short"]
LotOrder = Literal["fifo", "lifo", "hifo", "specific"]
OnExcess = Literal["flip", "refuse"]


class Lot(NamedTuple):
    """Units that were opened together.

    ``quantity`` is above zero on both sides. ``cost`` is the total that the units cost (long) or brought (short),
    gross of fees; ``fee`` is the entry fee that they still carry. ``price`` is for display: the entry price per unit,
    restated by splits. ``number`` counts the lots of one tracker.
    """

    number: int
    side: LotSide
    quantity: Decimal
    cost: Decimal
    fee: Decimal
    price: Decimal
    opened: datetime
    fill_id: str = ""


class ClosedLot(NamedTuple):
    """Units of one lot that left together: their share of its cost and entry fee, what they brought, the exit fee.

    ``value`` is what the units brought (long) or what buying them back cost (short). ``lot`` is the lot before.
    """

    lot: Lot
    quantity: Decimal
    cost: Decimal
    value: Decimal
    entry_fee: Decimal
    exit_fee: Decimal

    @property
    def gross(self) -> Decimal:
        """Profit before fees."""
        if self.lot.side == "long":
            return LEDGER.subtract(self.value, self.cost)
        return LEDGER.subtract(self.cost, self.value)

    @property
    def commission(self) -> Decimal:
        """Entry and exit fee together."""
        return LEDGER.add(self.entry_fee, self.exit_fee)

    @property
    def net(self) -> Decimal:
        """Profit after both fees."""
        return LEDGER.subtract(self.gross, self.commission)


class Matched(NamedTuple):
    """What a fill did to the lots: which it closed, in order, and the one that it opened, if any."""

    closed: tuple[ClosedLot, ...]
    opened: Lot | None


@dataclass(frozen=True, slots=True)
class LedgerEntry:
    """One posting. The postings of one transaction sum to zero in each currency.

    Assets and expenses grow by positive amounts; liabilities, equity and income by negative ones.
    """

    transaction: int
    time_ns: int
    kind: str
    reference: str
    strategy_id: str | None
    symbol: str | None
    account: str
    currency: str
    amount: Decimal


@dataclass(frozen=True, slots=True)
class Dividend:
    """A cash dividend that a book is entitled to (``gross`` above zero) or owes (below), and the tax withheld."""

    action_id: str
    strategy_id: str
    symbol: str
    currency: str
    gross: Decimal
    tax: Decimal
    pay_date: date


@dataclass(frozen=True, slots=True)
class Position:
    """What one strategy holds of one instrument, with its history of profit, fees and dividends.

    ``quantity`` and ``cost_basis`` are signed: short negative, where the basis is minus the proceeds. ``realised`` is
    gross of fees; ``open_fees`` is the part of ``commission`` that open lots still carry; ``dividends`` are net of tax.
    """

    strategy_id: str
    symbol: str
    currency: str
    quantity: Decimal
    cost_basis: Decimal
    average_price: Decimal | None
    price: Decimal
    market_value: Decimal
    unrealised: Decimal
    realised: Decimal
    commission: Decimal
    open_fees: Decimal
    dividends: Decimal
    lots: tuple[Lot, ...]
