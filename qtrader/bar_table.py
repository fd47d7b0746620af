"""Bars: immutable fixed-point columns for one symbol, and the light row views that strategies and services see."""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from functools import cached_property
from operator import itemgetter
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
from numpy.typing import NDArray

from qtrader.errors import DataError
from qtrader.ports.data import Instrument, Interval
from qtrader.ports.decimals import LEDGER
from qtrader.ports.tables import QUOTES, SIZES
from qtrader.prices import Prices, prices_of
from qtrader.quotes import QuotedBar, Quotes

if TYPE_CHECKING:
    from qtrader.events import PriceBarEvent

Int64s = NDArray[np.int64]
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
EPOCH_DAY = date(1970, 1, 1)
SECOND_NS = 1_000_000_000
INTERVAL_NS: dict[str, int] = {
    **{f"{n}s": n * SECOND_NS for n in (1, 5, 10, 15, 30)},
    **{f"{n}m": n * 60 * SECOND_NS for n in (1, 2, 3, 5, 10, 15, 30)},
    **{f"{n}h": n * 3600 * SECOND_NS for n in (1, 2, 4, 6, 8, 12)},
}
"""Length of each intraday interval in nanoseconds; days, weeks and months follow the calendar instead."""


def utc(time_ns: int) -> datetime:
    """An aware UTC datetime from int64 nanoseconds since the epoch; whole microseconds."""
    return EPOCH + timedelta(microseconds=time_ns // 1000)


@dataclass(frozen=True, eq=False)
class BarTable:
    """Every bar of one symbol at one interval, oldest first, as read-only int64 columns.

    Prices are fixed point: column / 10^price_scale. ``volume`` is column / 10^volume_scale, None when the source has
    none, and unknown in rows where ``volume_known`` is False. ``time_ns`` is when a bar is known (its end), ``open_ns``
    when it began, both UTC; ``session`` is the session date as days since 1970-01-01. Rows before ``live_from`` are
    warm-up: visible to history and indicators, never published. Checks its own contract when made; raises DataError.
    """

    instrument: Instrument
    interval: Interval
    price_scale: int
    time_ns: Int64s
    open_ns: Int64s
    session: NDArray[np.int32]
    open: Int64s
    high: Int64s
    low: Int64s
    close: Int64s
    volume: Int64s | None = None
    volume_scale: int = 0
    volume_known: NDArray[np.bool_] | None = None
    live_from: int = 0
    basis: Literal["trade", "mid"] = "trade"
    quotes: Quotes | None = None
    """Bid and ask, where the source has them."""

    symbol: str = field(init=False)
    """The instrument's symbol."""

    def __post_init__(self) -> None:
        """Freeze the columns and check the bar contract over all rows at once."""
        object.__setattr__(self, "symbol", self.instrument.symbol)
        for column in self._columns():
            if len(column) != len(self.time_ns):
                raise DataError(f"{self.symbol}: columns of different length ({len(column)} and {len(self.time_ns)})")
            column.flags.writeable = False
        self._check()
        if self.quotes is not None:
            self.quotes.check(self.symbol, len(self))

    def _columns(self) -> list[NDArray[Any]]:
        columns: list[NDArray[Any]] = [
            self.time_ns,
            self.open_ns,
            self.session,
            self.open,
            self.high,
            self.low,
            self.close,
        ]
        return [*columns, *(column for column in (self.volume, self.volume_known) if column is not None)]

    def _check(self) -> None:
        """Contract data/bar.v1 and its x-rules in columns: times rise, low <= open, close <= high, volume >= 0."""
        rules: list[tuple[str, NDArray[np.bool_]]] = [
            ("time is not later than the bar before", np.concatenate(([False], np.diff(self.time_ns) <= 0))),
            ("low is above open or close", self.low > np.minimum(self.open, self.close)),
            ("high is below open or close", self.high < np.maximum(self.open, self.close)),
            ("the bar begins after it ends", self.open_ns >= self.time_ns),
        ]
        if self.volume is not None:
            rules.append(("volume is negative", self.volume < 0))
        for what, broken in rules:
            if broken.any():
                row = int(np.argmax(broken))
                shown = {name: int(getattr(self, name)[row]) for name in ("open", "high", "low", "close")}
                at = utc(int(self.time_ns[row])).isoformat()
                raise DataError(
                    f"{self.symbol}: row {row} ({at}): {what}: {shown} in units of 1e-{self.price_scale}; "
                    "mend the source row"
                )

    def __len__(self) -> int:
        """Number of rows, warm-up included."""
        return len(self.time_ns)

    def bar(self, row: int) -> "Bar":
        """One row as a bar."""
        return Bar((self, row, self.symbol))

    @cached_property
    def views(self) -> dict[str, memoryview]:
        """Read-only memory views of the columns: reading a cell gives a Python int fast."""
        names = ("time_ns", "open_ns", "session", "open", "high", "low", "close")
        columns = {name: getattr(self, name) for name in names}
        if self.volume is not None:
            columns["volume"] = self.volume
        return {name: np.ascontiguousarray(column).data for name, column in columns.items()}

    @cached_property
    def prices(self) -> "Prices":
        """Exact decimals of the fixed-point prices: column value -> decimal."""
        return prices_of(self.price_scale)

    def volume_at(self, row: int) -> Decimal | None:
        """Volume of one row; None when unknown."""
        if self.volume is None or (self.volume_known is not None and not self.volume_known[row]):
            return None
        units = Decimal(self.views["volume"][row])
        return units.scaleb(-self.volume_scale, LEDGER) if self.volume_scale else units

    @cached_property
    def digest(self) -> str:
        """SHA-256 of the content: identity, scales and every column in little-endian bytes."""
        identity = (
            self.symbol,
            self.interval,
            self.price_scale,
            self.volume_scale,
            self.basis,
            self.live_from,
            len(self),
        )
        sha = hashlib.sha256(repr(identity).encode())
        for column in self._columns():
            sha.update(np.ascontiguousarray(column, dtype=column.dtype.newbyteorder("<")).data)
        for name, column in self.quotes.columns() if self.quotes is not None else ():
            sha.update(f"{name} {self.quotes.size_scale if self.quotes else 0}".encode())
            sha.update(np.ascontiguousarray(column, dtype=column.dtype.newbyteorder("<")).data)
        return sha.hexdigest()


class Bar(QuotedBar):
    """One row of a table (table, row, symbol), as light as a tuple; made by ``table.bar(row)``. Immutable.

    Values are read from the columns when asked for.
    ``time`` is when the bar is known (its end). Prices are raw, exact decimals. ``bar`` is the bar itself, so that
    ``event.bar.close`` reads the same on a row and on a full event.
    """

    __slots__ = ()

    symbol = property(itemgetter(2), doc="The instrument's symbol.")

    @property
    def bar(self) -> "Bar":
        """The bar itself."""
        return self

    @property
    def interval(self) -> Interval:
        """The bar's length, e.g. ``1d``."""
        return self[0].interval

    @property
    def time_ns(self) -> int:
        """The bar's end, int64 ns, UTC."""
        return int(self[0].views["time_ns"][self[1]])

    @property
    def open_ns(self) -> int:
        """The bar's beginning, int64 ns, UTC."""
        return int(self[0].views["open_ns"][self[1]])

    @property
    def time(self) -> datetime:
        """The bar's end, aware, UTC."""
        return utc(self.time_ns)

    timestamp = time

    @property
    def session(self) -> date:
        """The session that the bar belongs to."""
        return EPOCH_DAY + timedelta(days=int(self[0].views["session"][self[1]]))

    @property
    def open(self) -> Decimal:
        """First price."""
        table, row, _ = self
        return table.prices[table.views["open"][row]]

    @property
    def high(self) -> Decimal:
        """Highest price."""
        table, row, _ = self
        return table.prices[table.views["high"][row]]

    @property
    def low(self) -> Decimal:
        """Lowest price."""
        table, row, _ = self
        return table.prices[table.views["low"][row]]

    @property
    def close(self) -> Decimal:
        """Last price."""
        table, row, _ = self
        return table.prices[table.views["close"][row]]

    @property
    def volume(self) -> Decimal | None:
        """Units traded; None when unknown."""
        return self[0].volume_at(self[1])

    @property
    def tradable(self) -> bool:
        """Whether an order could have filled: the volume is not zero, and no bid is above its ask."""
        return self.volume != 0 and not self.crossed

    def event(self, **origin: Any) -> "PriceBarEvent":
        """The full ``PriceBarEvent`` of this bar, validated."""
        from qtrader.events import PriceBarEvent

        table = self[0]
        return PriceBarEvent(
            symbol=self.symbol,
            asset_class=table.instrument.asset_class,
            interval=table.interval,
            timestamp=self.time,
            session=self.session,
            basis=table.basis,
            open=self.open,
            high=self.high,
            low=self.low,
            close=self.close,
            volume=self.volume,
            **{name: self.quote(name) for name in QUOTES},
            **{name: self.quoted_size(name) for name in SIZES},
            currency=table.instrument.currency,
            **(origin or {"occurred_at": self.time}),
        )

    def __repr__(self) -> str:
        """Symbol, time and prices."""
        return f"Bar({self.symbol} {self.time.isoformat()} o={self.open} h={self.high} l={self.low} c={self.close})"


class Bars(dict[str, Bar]):
    """The bars of one instant, symbol -> bar, in symbol order."""

    __slots__ = ()

    @classmethod
    def of(cls, bars: Iterable[Bar]) -> "Bars":
        """Key bars by their symbol."""
        return cls((bar.symbol, bar) for bar in bars)

    @property
    def symbols(self) -> list[str]:
        """Symbols that have a bar at this instant, in order."""
        return list(self)
