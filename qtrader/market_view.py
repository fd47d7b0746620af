"""The market as services see it: prices and instruments up to the clock, and nothing later."""

from collections.abc import Mapping
from datetime import date, datetime
from datetime import time as TimeOfDay  # noqa: N812 - time is a property here
from decimal import Decimal
from functools import cached_property
from typing import Any

import numpy as np

from qtrader.bar_table import utc
from qtrader.errors import DataError
from qtrader.market import Market
from qtrader.ports.data import RESCALING, Instrument, Interval
from qtrader.ports.decimals import LEDGER, money
from qtrader.ports.periods import Edges, Period, edges, moment_in
from qtrader.ports.strategy import Columns

DAILY = ("1d", "1w", "1mo")


class MarketView:
    """Prices and instruments up to the clock, and nothing later.

    The engine moves the clock; whoever holds the view only reads. Prices are raw decimals.
    """

    def __init__(self, market: Market) -> None:
        self._market = market
        self.latest: dict[str, Any] = {}
        """The latest bar of each symbol at the trading interval; the engine fills it."""
        self.coarser: dict[str, dict[str, Any]] = {interval: {} for interval in market.intervals[1:]}
        """By coarser interval: the latest bar of each symbol that is over."""
        self.rescaled: dict[str, Decimal] = {}
        """What the last price of a symbol is to be multiplied by, between a split and the next bar."""
        self._closes: dict[str, tuple[Any, Decimal]] = {}
        """The close that was last read of a symbol, and its bar: several services ask for each."""
        self.time_ns = 0
        self.session: date | None = None
        for table in market.tables:
            if table.live_from:
                self.latest[table.symbol] = table.bar(table.live_from - 1)
        for table in market.coarser:
            if table.live_from:
                self.coarser[table.interval][table.symbol] = table.bar(table.live_from - 1)

    # what the engine calls

    def see(self, bar: Any) -> None:
        """Make a bar the latest of its symbol and interval."""
        symbol = bar.symbol
        if bar.interval in self.coarser:
            self.coarser[bar.interval][symbol] = bar
            return
        self.latest[symbol] = bar
        if symbol in self.rescaled:
            del self.rescaled[symbol]

    def see_action(self, action: Any) -> None:
        """Learn of a corporate action before anybody is told of it."""
        if action.action_type in RESCALING and action.numerator and action.denominator:
            self.rescale(action.symbol, action.numerator, action.denominator)

    def rescale(self, symbol: str, numerator: int, denominator: int) -> None:
        """After a split and until the next bar, the last price is the last close x denominator / numerator."""
        before = self.rescaled.get(symbol, Decimal(1))
        self.rescaled[symbol] = LEDGER.divide(LEDGER.multiply(before, Decimal(denominator)), Decimal(numerator))

    # what everybody may ask

    @property
    def time(self) -> datetime:
        """The present instant, aware, UTC."""
        return utc(self.time_ns)

    @property
    def symbols(self) -> tuple[str, ...]:
        """All symbols of the run, sorted."""
        return self._market.symbols

    @property
    def sessions_per_year(self) -> int:
        """How many sessions a year has, for annualising: 252, or 365 for 24/7."""
        return self._market.sessions_per_year

    def instrument(self, symbol: str) -> Instrument:
        """What is known of an instrument. Raises DataError for a symbol that is not in the run."""
        table = self._market.by_symbol.get(symbol)
        if table is None:
            raise DataError(f"no instrument {symbol!r} in this run; it has {', '.join(self.symbols)}")
        return table.instrument

    def bar(self, symbol: str) -> Any | None:
        """The latest bar of a symbol; None before its first."""
        return self.latest.get(symbol)

    def close(self, symbol: str) -> Decimal | None:
        """The close of the latest bar, as it was. None before the first bar."""
        bar = self.latest.get(symbol)
        if bar is None:
            return None
        read = self._closes.get(symbol)
        if read is None or read[0] is not bar:
            read = self._closes[symbol] = bar, bar.close
        return read[1]

    def close_at(self, symbol: str, at_ns: int) -> tuple[Decimal, int] | None:
        """The close of the latest bar that ended at or before an instant, ns UTC, and when; None where none had."""
        bar = self.latest.get(symbol)
        if bar is None:
            return None
        if bar.time_ns > at_ns:
            table = bar[0]
            row = int(table.time_ns.searchsorted(at_ns, side="right")) - 1
            if row < 0:
                return None
            bar = table.bar(row)
        return bar.close, bar.time_ns

    def last(self, symbol: str) -> Decimal | None:
        """The latest close; after a split restated, to 10^-8. None before the first bar."""
        close = self.close(symbol)
        if close is None or symbol not in self.rescaled:
            return close
        return money(LEDGER.multiply(close, self.rescaled[symbol]))

    def open_time(self, symbol: str) -> int:
        """When the latest bar of a symbol began, ns UTC."""
        bar = self.latest[symbol]
        return int(getattr(bar, "open_ns", bar.time_ns))

    def ends_session(self, bar: Any) -> bool:
        """Whether a bar is the last of its session: it ends when the session closes, or is a day long or longer."""
        close_ns = self._session_ends.get(bar.session)
        return bar.interval in DAILY if close_ns is None else bar.time_ns >= close_ns

    @cached_property
    def _session_ends(self) -> Mapping[date | None, int]:
        """When each session closes, ns UTC."""
        return {session.day: session.close_ns for session in self._market.sessions}

    def edges(self, period: Period) -> Edges:
        """Which sessions of the run are the first and the last of their week, month, quarter or year, by the calendar.

        What the calendar says of the days after the data is known ahead, as it is to everybody.
        """
        found = self._edges.get(period)
        if found is None:
            days = [one.day for one in self._market.sessions]
            found = self._edges[period] = edges(days, self._market.around, period)
        return found

    def moment_in(self, session: date, at: TimeOfDay) -> int:
        """When a session's clock shows a time of its venue's zone, ns UTC."""
        open_ns = self._session_opens.get(session, self.time_ns)
        return moment_in(session, open_ns, at, self._market.zone)

    @cached_property
    def _edges(self) -> dict[Period, Edges]:
        """The edges of the periods that somebody asked about."""
        return {}

    @cached_property
    def _session_opens(self) -> Mapping[date, int]:
        """When each session opens, ns UTC."""
        return {session.day: session.open_ns for session in self._market.sessions}

    @property
    def intervals(self) -> tuple[Interval, ...]:
        """The trading interval, then the coarser ones; empty where bars are published by hand."""
        return self._market.intervals

    def latest_of(self, interval: str | None = None) -> Mapping[str, Any]:
        """The latest bar of each symbol at an interval of the run, kept up to date; None is the trading interval."""
        return self.latest if interval is None or interval in self.intervals[:1] else self.coarser[interval]

    def row(self, symbol: str, interval: str | None = None) -> int:
        """Index of the latest bar in ``columns(symbol, interval)``; -1 before the first."""
        bar = self.latest_of(interval).get(symbol)
        return -1 if bar is None else bar[1]

    def columns(self, symbol: str, interval: str | None = None) -> Columns | None:
        """The whole signal view, later rows included: only for computing causal indicators ahead. None when unknown."""
        return self._market.columns(symbol, interval)

    def history(self, symbol: str, bars: int, interval: str | None = None) -> Columns:
        """The latest ``bars`` rows of the signal view up to now."""
        columns = self._market.columns(symbol, interval)
        stop = self.row(symbol, interval) + 1
        return _rows(columns, max(0, stop - bars), stop)

    def extremes(self, symbol: str, from_ns: int, to_ns: int | None = None) -> tuple[Decimal, Decimal] | None:
        """Lowest low and highest high of the bars that ended after ``from_ns``, until ``to_ns`` or the latest bar.

        At the trading interval; prices before a split are restated as if it had been before them. None where no bar
        ended then, or where nobody knows what was split.
        """
        bar = self.latest.get(symbol)
        if bar is None:
            return None
        table, row, _ = bar
        first, stop = int(table.time_ns.searchsorted(from_ns, side="right")), row + 1
        if to_ns is not None:
            stop = min(int(table.time_ns.searchsorted(to_ns, side="right")), stop)
        return self._market.extremes(symbol).prices(first, stop, self.time_ns) if first < stop else None


def _rows(columns: Columns, start: int, stop: int) -> Columns:
    span = slice(start, stop)
    prices = (columns.open[span], columns.high[span], columns.low[span], columns.close[span])
    return Columns(columns.time_ns[span], *prices, columns.volume[span])


class FollowingMarketView(MarketView):
    """The view of a service that runs alone: it learns the market from bars published by hand."""

    def __init__(self, instruments: Mapping[str, Instrument] | None = None) -> None:
        super().__init__(Market(tables=()))
        self._instruments = dict(instruments or {})
        self._seen: dict[str, list[Any]] = {}
        self._seen_coarser: dict[tuple[str, str], list[Any]] = {}
        self._trading: str | None = None

    def see(self, bar: Any) -> None:
        """Take a bar and move the clock to it. The interval of the first bar is the trading interval."""
        self._trading = self._trading or bar.interval
        if bar.interval == self._trading:
            super().see(bar)
            self._seen.setdefault(bar.symbol, []).append(bar)
        else:
            self.coarser.setdefault(bar.interval, {})[bar.symbol] = bar
            self._seen_coarser.setdefault((bar.symbol, bar.interval), []).append(bar)
        self.time_ns = max(self.time_ns, bar.time_ns)
        self.session = bar.session

    def _bars(self, symbol: str, interval: str | None) -> list[Any]:
        if interval in (None, self._trading):
            return self._seen.get(symbol, [])
        return self._seen_coarser.get((symbol, interval or ""), [])

    @property
    def symbols(self) -> tuple[str, ...]:
        """Symbols seen or described so far, sorted."""
        return tuple(sorted({*self._seen, *self._instruments}))

    def instrument(self, symbol: str) -> Instrument:
        """The instrument as described, else one with the defaults of ``Instrument``."""
        return self._instruments.get(symbol) or Instrument(symbol)

    def row(self, symbol: str, interval: str | None = None) -> int:
        """Index of the latest bar seen."""
        return len(self._bars(symbol, interval)) - 1

    def columns(self, symbol: str, interval: str | None = None) -> Columns | None:  # noqa: ARG002 - not known ahead
        """None: what comes is not known, so indicators follow bar by bar."""
        return None

    def close_at(self, symbol: str, at_ns: int) -> tuple[Decimal, int] | None:
        """The close of the latest bar seen that ended at or before an instant."""
        ended = (bar for bar in reversed(self._bars(symbol, None)) if bar.time_ns <= at_ns)
        return next(((bar.close, bar.time_ns) for bar in ended), None)

    def extremes(self, symbol: str, from_ns: int, to_ns: int | None = None) -> None:
        """None: what was split is not known."""

    def history(self, symbol: str, bars: int, interval: str | None = None) -> Columns:
        """The latest ``bars`` bars seen, raw."""
        seen = self._bars(symbol, interval)[-bars:]
        times = np.array([bar.time_ns for bar in seen], dtype=np.int64)
        opens, highs, lows, closes = (
            np.array([float(getattr(bar, name)) for bar in seen]) for name in ("open", "high", "low", "close")
        )
        volume = np.array([np.nan if bar.volume is None else float(bar.volume) for bar in seen])
        return Columns(times, opens, highs, lows, closes, volume)
