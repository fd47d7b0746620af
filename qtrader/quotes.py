"""Bid and ask of the bars of one symbol, as columns beside those of a ``BarTable``, and how a bar shows them."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from qtrader.errors import DataError
from qtrader.ports.decimals import LEDGER
from qtrader.ports.tables import PRICES, QUOTES, SIZES

if TYPE_CHECKING:
    from qtrader.bar_table import BarTable

Int64s = NDArray[np.int64]
Mask = NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class Quotes:
    """Open, high, low and close of bid and ask, int64 at the table's price scale, and sizes as far as they are known.

    ``prices`` has the keys ``bid_open`` to ``ask_close``; ``known`` is False where a row has no quotes (None: all
    have); ``sizes`` may hold ``bid_size`` and ``ask_size``, at / 10^size_scale, with ``sizes_known`` likewise.
    """

    prices: Mapping[str, Int64s]
    known: Mask | None = None
    sizes: Mapping[str, Int64s] = field(default_factory=dict)
    size_scale: int = 0
    sizes_known: Mapping[str, Mask] = field(default_factory=dict)

    def columns(self) -> Iterator[tuple[str, NDArray[Any]]]:
        """Every column that there is, by name, in one order."""
        yield from ((name, self.prices[name]) for name in QUOTES)
        if self.known is not None:
            yield "quotes_known", self.known
        yield from ((name, self.sizes[name]) for name in SIZES if name in self.sizes)
        yield from ((f"{name}_known", self.sizes_known[name]) for name in SIZES if name in self.sizes_known)

    @classmethod
    def of(cls, columns: Mapping[str, NDArray[Any]], size_scale: int) -> "Quotes | None":
        """The quotes among columns as ``columns`` names them; None when there are none."""
        if QUOTES[0] not in columns:
            return None
        sizes = {name: columns[name] for name in SIZES if name in columns}
        known = {name: columns[f"{name}_known"] for name in SIZES if f"{name}_known" in columns}
        return cls({name: columns[name] for name in QUOTES}, columns.get("quotes_known"), sizes, size_scale, known)

    @cached_property
    def crossed(self) -> Mask:
        """Rows where a bid is above its ask: something was wrong with the quotes, and nothing fills there."""
        crossed: Mask = np.logical_or.reduce(
            [self.prices[f"bid_{name}"] > self.prices[f"ask_{name}"] for name in PRICES]
        )
        return crossed

    def check(self, symbol: str, rows: int) -> None:
        """Freeze the columns and check them. Raises DataError that names column and row."""
        for name, column in self.columns():
            if len(column) != rows:
                raise DataError(f"{symbol}: column {name} has {len(column)} rows, not {rows}")
            column.flags.writeable = False
        for side in ("bid", "ask"):
            opened, high, low, close = (self.prices[f"{side}_{name}"] for name in PRICES)
            bad = (low > np.minimum(opened, close)) | (high < np.maximum(opened, close))
            if bad.any():
                raise DataError(
                    f"{symbol}: row {int(np.argmax(bad))}: open or close of the {side} is not between low and high"
                )
        for name, column in self.sizes.items():
            if (column < 0).any():
                raise DataError(f"{symbol}: row {int(np.argmax(column < 0))}: {name} is negative")

    def has(self, row: int) -> bool:
        """Whether the quotes of a row are known."""
        return self.known is None or bool(self.known[row])

    def size(self, name: str, row: int) -> Decimal | None:
        """``bid_size`` or ``ask_size`` of a row; None where unknown."""
        known = self.sizes_known.get(name)
        if name not in self.sizes or (known is not None and not known[row]):
            return None
        return Decimal(int(self.sizes[name][row])).scaleb(-self.size_scale, LEDGER)


class QuotedBar(tuple["BarTable", int]):
    """What a row of a table says about bid and ask, under the names of contract ``data/bar.v1``: None where unknown."""

    __slots__ = ()

    def quote(self, name: str) -> Decimal | None:
        """One price, by the name of its column such as ``bid_close``."""
        table, row = self
        quotes = table.quotes
        if quotes is None or not quotes.has(row):
            return None
        return Decimal(int(quotes.prices[name][row])).scaleb(-table.price_scale, LEDGER)

    def quoted_size(self, name: str) -> Decimal | None:
        """``bid_size`` or ``ask_size``."""
        quotes = self[0].quotes
        return None if quotes is None else quotes.size(name, self[1])

    @property
    def crossed(self) -> bool:
        """Whether a bid is above its ask."""
        quotes = self[0].quotes
        return quotes is not None and bool(quotes.crossed[self[1]])

    @property
    def bid_open(self) -> Decimal | None:
        """The first bid."""
        return self.quote("bid_open")

    @property
    def bid_high(self) -> Decimal | None:
        """The highest bid."""
        return self.quote("bid_high")

    @property
    def bid_low(self) -> Decimal | None:
        """The lowest bid."""
        return self.quote("bid_low")

    @property
    def bid_close(self) -> Decimal | None:
        """The last bid."""
        return self.quote("bid_close")

    @property
    def ask_open(self) -> Decimal | None:
        """The first ask."""
        return self.quote("ask_open")

    @property
    def ask_high(self) -> Decimal | None:
        """The highest ask."""
        return self.quote("ask_high")

    @property
    def ask_low(self) -> Decimal | None:
        """The lowest ask."""
        return self.quote("ask_low")

    @property
    def ask_close(self) -> Decimal | None:
        """The last ask."""
        return self.quote("ask_close")

    @property
    def bid_size(self) -> Decimal | None:
        """Units that the last bid was for."""
        return self.quoted_size("bid_size")

    @property
    def ask_size(self) -> Decimal | None:
        """Units that the last ask was for."""
        return self.quoted_size("ask_size")
