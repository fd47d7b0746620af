"""A source's rows as checked bars: exact prices, true times, or an error that names the row."""

from dataclasses import dataclass, replace
from datetime import date
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from qtrader.errors import ConfigError, DataError
from qtrader.ports import Instrument, Interval, SourceFacts

from .fixed_point import Volume, Where, prices, volumes
from .sessions import Int32s, Int64s, ordinal
from .times import Clock, shown

PRICES = ("open", "high", "low", "close")


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
    outside: int = 0
    """How many rows were left out because they lie outside every session."""

    def __len__(self) -> int:
        """Number of bars."""
        return len(self.time_ns)

    def take(self, chosen: "NDArray[np.bool_] | slice") -> "Rows":
        """Some of the rows."""
        volume = self.volume
        if volume is not None:
            known = None if volume.known is None else volume.known[chosen]
            volume = Volume(volume.units[chosen], volume.scale, known)
        return replace(
            self,
            open_ns=self.open_ns[chosen],
            time_ns=self.time_ns[chosen],
            session=self.session[chosen],
            prices={name: column[chosen] for name, column in self.prices.items()},
            volume=volume,
        )

    def until(self, last: date) -> "Rows":
        """The rows whose session is not after a date."""
        return self.take(self.session <= ordinal(last))


def normalise(
    reader: "pa.RecordBatchReader", facts: SourceFacts, instrument: Instrument, interval: Interval
) -> Rows | None:
    """Turn what a source delivers into checked rows; None when it delivers none."""
    table = reader.read_all()
    symbol = instrument.symbol
    if missing := [name for name in ("time", *PRICES) if name not in table.column_names]:
        raise DataError(
            f"{symbol}: the source delivers no column {missing[0]!r}; it has {', '.join(table.column_names)}"
        )
    if table.num_rows == 0:
        return None
    times = table.column("time")

    def where(row: int) -> str:
        return f"{symbol}: row {row + 1} ({shown(times[row].as_py())})"

    spans = _clock(facts, instrument, interval, where).spans(times)
    columns = {name: table.column(name) for name in PRICES}
    units, scale = prices(columns, where, facts.decimals, instrument.price_decimals)
    _check_ranges(units, where, columns)
    volume = volumes(table.column("volume") if "volume" in table.column_names else None, where)
    rows = Rows(interval, spans.open_ns, spans.time_ns, spans.session, units, scale, volume)
    if spans.inside.all():
        return rows
    return replace(rows.take(spans.inside), outside=int((~spans.inside).sum()))


def _clock(facts: SourceFacts, instrument: Instrument, interval: Interval, where: Where) -> Clock:
    if facts.stamp is None:
        raise ConfigError(
            f"{instrument.symbol}: it is not declared what a row's time is; "
            "say stamp: session (a date), start or end (of the bar)"
        )
    return Clock(interval, instrument.calendar, facts.stamp, facts.zone, where)


def _check_ranges(units: dict[str, Int64s], where: Where, columns: dict[str, "pa.ChunkedArray[Any]"]) -> None:
    """low <= open and close <= high, in every row."""
    broken = {
        "low is above open or close": units["low"] > np.minimum(units["open"], units["close"]),
        "high is below open or close": units["high"] < np.maximum(units["open"], units["close"]),
    }
    for what, bad in broken.items():
        if bad.any():
            row = int(np.argmax(bad))
            cells = ", ".join(f"{name} {column[row]}" for name, column in columns.items())
            raise DataError(f"{where(row)}: {what} ({cells}); mend or remove the row")
