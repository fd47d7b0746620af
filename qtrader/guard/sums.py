"""The guard's own sums: units and money put into each position, and money in each currency."""

from decimal import Decimal
from typing import NamedTuple

from qtrader.ports.data import Instrument
from qtrader.ports.decimals import money

ZERO, ONE = Decimal(0), Decimal(1)
SCALE = Decimal("0.00000001")
Key = tuple[str, str]
"""A strategy and a symbol."""


class Flow(NamedTuple):
    """Cash that must be booked: why (kind and id), for which position (None: none), in which currency, how much.

    ``invests``: whether it was put into the position (negative) or came out of it.
    """

    kind: str
    reference: str
    key: Key | None
    currency: str
    cash: Decimal
    invests: bool = True


class OwnPosition:
    """One strategy's position in one instrument.

    ``units`` are signed. ``invested`` is the money put into it less what came out, fees apart, so that at every moment
    cost (signed) less profit realised is the same number. ``cost``, ``realised`` and ``fees`` are those of the books
    when they were checked last. ``settled`` is what contracts of a future were worth when settled last, else None.
    """

    __slots__ = (
        "before_split",
        "cost",
        "currency",
        "fees",
        "invested",
        "key",
        "lot",
        "multiplier",
        "realised",
        "settled",
        "units",
    )

    def __init__(self, strategy_id: str, instrument: Instrument) -> None:
        self.key = strategy_id, instrument.symbol
        self.currency, self.multiplier, self.lot = instrument.currency, instrument.multiplier, instrument.lot
        self.units = self.invested = self.cost = self.realised = self.fees = ZERO
        self.settled: Decimal | None = ZERO if instrument.asset_class == "future" else None
        self.before_split: tuple[str, Decimal] | None = None
        """The ex-date of the last split, and the units before it."""

    def vary(self, price: Decimal) -> Decimal:
        """Settle the contracts held at a price; the cash that this brings. Nothing where units are paid in full."""
        if self.settled is None:
            return ZERO
        worth = money(self.units * price * self.multiplier)
        gained, self.settled = worth - self.settled, worth
        return gained

    def __str__(self) -> str:
        return f"{self.key[0]} in {self.key[1]}"


class OwnFunds:
    """Money in one currency.

    ``accrued`` is by kind of cost; ``fees`` are what lots carried or carry; ``invested`` is that of all positions.
    ``commission``, ``dividends`` (gross) and ``tax`` are sums since the start.
    """

    __slots__ = (
        "accrued", "cash", "commission", "dividends", "fees", "invested", "payable", "receivable", "tax",
    )  # fmt: skip

    def __init__(self) -> None:
        self.cash = self.receivable = self.payable = self.fees = self.invested = ZERO
        self.commission = self.dividends = self.tax = ZERO
        self.accrued: dict[str, Decimal] = {}


class Sums:
    """All of them: positions by strategy and symbol, those that are ``open``, and ``funds`` by currency."""

    def __init__(self, currency: str) -> None:
        self.positions: dict[Key, OwnPosition] = {}
        self.open: dict[Key, OwnPosition] = {}
        self.funds: dict[str, OwnFunds] = {currency: OwnFunds()}
        self._of_symbol: dict[str, list[OwnPosition]] = {}

    def position(self, strategy_id: str, instrument: Instrument) -> OwnPosition:
        """The position of a strategy in an instrument, flat at first."""
        position = self.positions.get((strategy_id, instrument.symbol))
        if position is None:
            position = self.positions[strategy_id, instrument.symbol] = OwnPosition(strategy_id, instrument)
            self._of_symbol.setdefault(instrument.symbol, []).append(position)
            self.money(instrument.currency)
        return position

    def of_symbol(self, symbol: str) -> list[OwnPosition]:
        """The positions in a symbol, flat ones too."""
        return self._of_symbol.get(symbol, [])

    def held(self, symbol: str) -> list[OwnPosition]:
        """The positions in a symbol that are not flat."""
        return [one for one in self.of_symbol(symbol) if one.units]

    def invest(self, position: OwnPosition, amount: Decimal) -> None:
        """Put money into a position, or (negative) take it out."""
        position.invested += amount
        self.funds[position.currency].invested += amount

    def check_off(self, position: OwnPosition, cost: Decimal, realised: Decimal, fees: Decimal) -> None:
        """Remember what the books show of a position that has been checked."""
        position.cost, position.realised, position.fees = cost, realised, fees
        if position.units:
            self.open[position.key] = position
        else:
            self.open.pop(position.key, None)

    def money(self, currency: str) -> OwnFunds:
        """The money in a currency, none at first."""
        funds = self.funds.get(currency)
        if funds is None:
            funds = self.funds[currency] = OwnFunds()
        return funds
