"""A source's rows as checked bars: exact prices, true times, or a fault that names the row."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date
from functools import partial

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from qtrader.errors import ConfigError, DataError
from qtrader.ports import PRICES, QUOTES, Instrument, Interval, SourceFacts

from .bad_rows import BadRowsError, Sheet
from .fixed_point import Volume, prices, volumes
from .quoted import Quoted, check_crossed, mids, quoted
from .sessions import Int32s, Int64s, ordinal
from .times import Clock


@dataclass(frozen=True, slots=True)
class Rows:
    """Checked bars of one symbol at one interval, oldest first, as int64 columns; all prices at one scale."""

    interval: Interval
    open_ns: Int64s
    time_ns: Int64s
    session: Int32s
    prices: dict[str, Int64s]
    scale: int
    volume: Volume | None
    quotes: Quoted | None = None
    mid: bool = False
    """Whether the prices are the middle of bid and ask, because the source has no trades."""
    outside: int = 0
    """How many rows were left out because they lie outside every session."""

    def __len__(self) -> int:
        """Number of bars."""
        return len(self.time_ns)

    def take(self, chosen: "NDArray[np.bool_] | slice") -> "Rows":
        """Some of the rows."""
        return replace(
            self,
            open_ns=self.open_ns[chosen],
            time_ns=self.time_ns[chosen],
            session=self.session[chosen],
            prices={name: column[chosen] for name, column in self.prices.items()},
            volume=None if self.volume is None else self.volume.take(chosen),
            quotes=None if self.quotes is None else self.quotes.take(chosen),
        )

    def until(self, last: date) -> "Rows":
        """The rows whose session is not after a date."""
        return self.take(self.session <= ordinal(last))


@dataclass(frozen=True, slots=True)
class Reading:
    """How one source's rows are to be read for one instrument: all that the checks hang on."""

    facts: SourceFacts
    instrument: Instrument
    interval: Interval
    keep_crossed: bool = False
    """Whether rows whose bid is above their ask are bars, which never fill, and no fault."""

    def strict(self, sheet: Sheet) -> Rows | None:
        """Checked rows, or None when there are none. Raises BadRowsError with all that break one rule."""
        symbol, names = self.instrument.symbol, sheet.table.column_names
        quotes_alone = not set(PRICES) & set(names) and set(QUOTES) <= set(names)
        for name in ("time", *(() if quotes_alone else PRICES)):
            if name not in names:
                raise DataError(f"{symbol}: the source delivers no column {name!r}; it has {', '.join(names)}")
        if sheet.table.num_rows == 0:
            return None
        _source_faults(sheet)
        clock = self._clock(sheet)
        told = self._quotes_alone(sheet) if quotes_alone else self._trades(sheet)
        spans = clock.spans(
            sheet.table.column("time")
        )  # last: a row that is no bar is not the first of two at one time
        made = told(self.interval, spans.open_ns, spans.time_ns, spans.session)
        if spans.inside.all():
            return made
        return replace(made.take(spans.inside), outside=int((~spans.inside).sum()))

    def sift(self, sheet: Sheet) -> tuple[Rows | None, list[BadRowsError]]:
        """Leave out every row that is at fault: the checked rest (None: nothing is left), and the faults."""
        faults: list[BadRowsError] = []
        while True:
            try:
                return self.strict(sheet), faults
            except BadRowsError as fault:
                faults.append(fault)
                sheet = sheet.without(fault.rows)

    def _clock(self, sheet: Sheet) -> Clock:
        dated = pa.types.is_date(sheet.table.column("time").type)
        stamp = self.facts.stamp or ("session" if dated else None)
        if stamp is None:
            raise ConfigError(
                f"{self.instrument.symbol}: it is not declared what a row's time is; "
                "say stamp: session (a date), start or end (of the bar)"
            )
        return Clock(self.interval, self.instrument.calendar, stamp, self.facts.zone, sheet)

    def _trades(self, sheet: Sheet) -> "partial[Rows]":
        known = set(QUOTES) <= set(sheet.table.column_names)
        names = (*PRICES, *QUOTES) if known else PRICES
        units, scale = self._prices(sheet, names, optional=QUOTES)
        trades = {name: units[name] for name in PRICES}
        _check_range(sheet, trades, "")
        quotes = quoted(sheet, units, self.facts.volume_decimals) if known else None
        self._check_quotes(sheet, quotes)
        return partial(
            Rows, prices=trades, scale=scale, volume=volumes(sheet, self.facts.volume_decimals), quotes=quotes
        )

    def _quotes_alone(self, sheet: Sheet) -> "partial[Rows]":
        units, scale = self._prices(sheet, QUOTES)
        quotes = quoted(sheet, units, self.facts.volume_decimals)
        self._check_quotes(sheet, quotes)
        middle, quotes = mids(sheet, quotes, scale)
        return partial(
            Rows,
            prices=middle,
            scale=scale + 1,
            volume=volumes(sheet, self.facts.volume_decimals),
            quotes=quotes,
            mid=True,
        )

    def _prices(
        self, sheet: Sheet, names: tuple[str, ...], optional: tuple[str, ...] = ()
    ) -> tuple[dict[str, Int64s], int]:
        decimals, scale, negative = self.facts.decimals, self.instrument.price_decimals, self.instrument.negative_prices
        return prices(sheet, names, decimals, scale, negative=negative, optional=optional)

    def _check_quotes(self, sheet: Sheet, quotes: Quoted | None) -> None:
        if quotes is None:
            return
        for side in ("bid_", "ask_"):
            _check_range(sheet, {name: quotes.prices[side + name] for name in PRICES}, side)
        if not self.keep_crossed:
            check_crossed(sheet, quotes)


def _source_faults(sheet: Sheet) -> None:
    """What the source itself found wrong with its rows, while it still had them as they are written."""
    told = sheet.column("fault")
    if told is None or told.null_count == len(told):
        return
    rows = np.flatnonzero(np.asarray(pc.is_valid(told))).tolist()
    kinds = {row: told[int(row)].as_py() for row in rows}
    first = kinds[rows[0]]
    alike = [row for row in rows if all(kinds[row][key] == first[key] for key in ("column", "what", "fix"))]
    bad = np.zeros(len(told), dtype=np.bool_)
    bad[alike] = True
    sheet.refuse(bad, first["column"], first["what"], first["fix"], value=lambda row: str(kinds[row]["value"]))


def _check_range(sheet: Sheet, units: dict[str, Int64s], side: str) -> None:
    """low <= open and close <= high, in every row."""
    most = np.maximum(units["open"], units["close"])
    broken = {
        ("low", "is above open or close"): units["low"] > np.minimum(units["open"], units["close"]),
        ("high", "is below open or close"): units["high"] < most,
    }

    def cells(row: int) -> Iterator[str]:
        for name in PRICES:
            column = sheet.column(side + name)
            yield f"{name} {'' if column is None else column[row].as_py()}"

    for (name, what), bad in broken.items():
        sheet.refuse(bad, side + name, what, "mend or remove the row", value=lambda row: f"({', '.join(cells(row))})")
