"""Check a file: find out what its rows are, then everything that a run would refuse and that a user should look at."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from qtrader.errors import DataError
from qtrader.ports import RESCALING, Instrument, read_actions

from ..bad_rows import BadRowsError, Sheet
from ..normalise import Reading, Rows
from ..sessions import ALWAYS_OPEN, DAY_NS, day_of, ordinal, sessions
from ..supply import Build
from ..times import length_ns
from .boundaries import in_zone
from .cells import floats
from .clock import KINDS, Found, Kind, interval_of, kind_of, nanoseconds
from .declared import Declarations, Opened, completed, open_file
from .entry import yaml_entry
from .findings import Column, Contents, Problem, Report
from .gaps import missing_bars, missing_sessions, outside_sessions
from .market import Market, settle
from .prints import wild_prints
from .quiet import no_volume, same_price
from .series import Series
from .splits import suspected_splits

ENOUGH = 1000
"""Rows from which on a symbol is enough to tell what all rows are."""


@dataclass(frozen=True, slots=True)
class Facts:
    """What the rows of a file are: found, or declared."""

    kind: Kind
    interval: Found
    market: Market

    def named(self) -> dict[str, Found]:
        """The facts by the keys under which they are declared."""
        return {"interval": self.interval, "stamp": self.market.stamp, "zone": self.market.zone,
                "calendar": self.market.calendar}  # fmt: skip

    def reading(self, said: Declarations, opened: Opened, symbol: str) -> Reading:
        """How a run would read the rows; where nothing is known, in the way that refuses least."""
        dated = self.kind == "date"
        stamp = self.market.stamp.value or "start"
        interval = self.interval.value or ("1d" if dated else "1s")
        zone = self.market.zone.value or "UTC"
        calendar = self.market.calendar.value or ALWAYS_OPEN
        declared = replace(
            opened.source.facts,
            stamp=stamp,
            zone=None if dated else zone,
            decimals=said.decimals,
            volume_decimals=said.volume_decimals,
        )
        keep = said.crossed_quotes == "keep"
        return Reading(declared, Instrument(symbol, calendar=calendar, zone=""), interval, keep)  # type: ignore[arg-type]


def check_file(
    path: Path, said: Declarations, build: Build, actions: Path | None = None, *, most: int | None = None
) -> Report:
    """Check every row of a file. ``most``: how many rows of each kind of fault to describe (None: all).

    Raises DataError or ConfigError for a file that cannot be read at all.
    """
    opened = open_file(path, said, build)
    said = completed(said, opened)
    sheets = list(read_sheets(opened))
    facts = find_facts(sheets, said, opened)
    known = _known_splits(actions)
    contents: list[Contents] = []
    problems: list[Problem] = []
    for sheet in sheets:
        rows, faults = facts.reading(said, opened, sheet.symbol).sift(sheet)
        good = series_of(without(sheet, faults)).tidy()
        problems += bad_rows(faults, most)
        problems += _warnings(good, series_of(sheet).timely(), facts, said, known.get(sheet.symbol, ()))
        contents.append(_contents(good, sheet.table.num_rows, rows))
    columns = [Column(key, name, _holds(sheets[0], key, facts)) for key, name in opened.picked.items()]
    unread = [name for name in opened.names if name not in opened.picked.values()]
    entry = yaml_entry(opened, said, facts.named(), actions)
    return Report(str(path), opened.use, columns, unread, facts.named(), contents, problems, entry)


def read_sheets(opened: Opened) -> Iterator[Sheet]:
    """The rows of each symbol as the source delivers them."""
    for instrument in opened.source.instruments():
        symbol = instrument.symbol
        for interval in opened.source.intervals(symbol):
            yield Sheet.of(opened.source.bars(symbol, interval, None, None).read_all(), symbol)


def find_facts(sheets: Sequence[Sheet], said: Declarations, opened: Opened) -> Facts:
    """What the rows are, read off the first symbol with many rows."""
    widest = next((one for one in sheets if one.table.num_rows >= ENOUGH), None) or max(
        sheets, key=lambda one: one.table.num_rows
    )
    series = series_of(widest).tidy()
    kind = kind_of(_joined(widest.table.column("time")))
    if not len(series):
        raise DataError(
            f"{opened.path}: no row has a time and prices that can be read. {_first_fault(widest, said, opened, kind)}"
        )
    interval = Found(said.interval, "as declared", declared=True) if said.interval else interval_of(series.times)
    return Facts(kind, interval, settle(series, kind, interval.value, said.market))


def _first_fault(sheet: Sheet, said: Declarations, opened: Opened, kind: Kind) -> str:
    """What is wrong with a row of a file in which nothing is right."""
    unknown = Found(None, "")
    facts = Facts(kind, unknown, Market(unknown, unknown, unknown))
    _, faults = facts.reading(said, opened, sheet.symbol).sift(sheet)
    firsts = sorted((next(iter(fault)) for fault in faults), key=lambda row: row.number)
    return str(firsts[0]) if firsts else "Check the columns"


def series_of(sheet: Sheet) -> Series:
    """The rows of a sheet as numbers; the bid stands for prices where there are no trades."""
    names = sheet.table.column_names
    side = "" if "open" in names else "bid_"
    times = _joined(sheet.table.column("time"))
    numbers = sheet.column("row")
    point = sheet.origin.decimal_point
    return Series(
        symbol=sheet.symbol,
        unit=sheet.origin.unit,
        dated=kind_of(times) == "date",
        rows=np.arange(1, len(times) + 1) if numbers is None else np.asarray(numbers, dtype=np.int64),
        times=nanoseconds(times),
        timed=np.asarray(pc.is_valid(times)),
        prices={name: floats(sheet.table.column(f"{side}{name}"), point) for name in ("open", "high", "low", "close")},
        volume=floats(sheet.table.column("volume"), point) if "volume" in names else None,
    )


def _joined(column: "pa.ChunkedArray[Any]") -> "pa.Array[Any]":
    return pa.concat_arrays(column.chunks) if column.num_chunks else pa.array([], column.type)


def without(sheet: Sheet, faults: Iterable[BadRowsError]) -> Sheet:
    """The rows that ``sift`` left, as the source delivered them."""
    for fault in faults:
        sheet = sheet.without(fault.rows)
    return sheet


def bad_rows(faults: Iterable[BadRowsError], most: int | None) -> Iterator[Problem]:
    """A problem for each rule that rows break, with every row that breaks it."""
    reasons: dict[str, list[BadRowsError]] = {}
    for fault in faults:
        reasons.setdefault(fault.reason, []).append(fault)
    for reason, same in sorted(reasons.items(), key=lambda one: next(iter(one[1][0])).number):
        count = sum(map(len, same))
        shown = [row for fault in same for row, _ in zip(fault, range(most or count), strict=False)]
        items = [{"file": row.file, "row": row.number, "time": row.time, "column": row.column, "value": row.value,
                  "what": row.what, "fix": row.fix} for row in shown]  # fmt: skip
        lines = [f"{row.unit} {row.number} ({row.time}){': ' if row.value else ''}{row.value}" for row in shown]
        lines += [""] * (count - len(lines))  # rows beyond ``most`` are counted, not described
        yield Problem("bad-rows", "error", shown[0].symbol, f"{count:,} {'row' if count == 1 else 'rows'}: {reason}",
                      _sentence(shown[0].fix), items, lines)  # fmt: skip


def _sentence(text: str) -> str:
    return f"{text[:1].upper()}{text[1:]}."


def _warnings(
    series: Series, timely: Series, facts: Facts, said: Declarations, known: Iterable[int]
) -> Iterator[Problem]:
    """What to look at. A bad row is no gap: ``timely`` are all rows that have a time."""
    if len(series) < 2:
        return
    daily = length_ns(facts.interval.value or "1d") is None  # type: ignore[arg-type]  # read off get_args(Interval)
    found = [
        suspected_splits(series, set(known), prices=said.prices),
        wild_prints(series),
        *_against_calendar(timely, facts, daily=daily),
        no_volume(series),
        same_price(series, daily=daily),
    ]
    yield from (problem for problem in found if problem is not None)


def _against_calendar(series: Series, facts: Facts, *, daily: bool) -> Iterator[Problem | None]:
    """What the calendar has and the rows have not, and the other way round."""
    calendar, zone = facts.market.calendar.value, facts.market.zone.value
    if calendar is None or (facts.kind == "naive" and zone is None) or facts.interval.value in (None, "1w", "1mo"):
        return
    times = in_zone(series.times, zone) if facts.kind == "naive" and zone else series.times
    table = sessions(calendar, day_of(int(times[0] // DAY_NS)), day_of(int(times[-1] // DAY_NS)))
    if daily:
        yield missing_sessions(series, _session_days(times, facts), table)
        return
    length = length_ns(facts.interval.value) or 0  # type: ignore[arg-type]  # as above
    begins = times - length if facts.market.stamp.value == "end" else times
    place = table.containing(begins)
    inside = (begins + length > table.open_ns[place]) & (begins < table.close_ns[place])
    if inside.any():
        yield missing_sessions(series, table.days[place[inside]], table)
        yield missing_bars(series, begins, length, table)
    yield outside_sessions(series, begins, length, table)


def _session_days(times: "np.ndarray[Any, np.dtype[np.int64]]", facts: Facts) -> Any:
    """Dates of daily rows; a row stamped with its end belongs to the day that ends there."""
    late = facts.market.stamp.value == "end"
    return ((times - late) // DAY_NS).astype(np.int32)


def _known_splits(actions: Path | None) -> dict[str, list[int]]:
    found: dict[str, list[int]] = {}
    for action in read_actions(actions) if actions is not None else ():
        if action.action_type in RESCALING:
            found.setdefault(action.symbol, []).append(ordinal(action.ex_date))
    return found


def _contents(series: Series, count: int, rows: Rows | None) -> Contents:
    first, last = (series.when(row) for row in (0, -1)) if len(series) else ("-", "-")
    return Contents(series.symbol, count, first, last, None if rows is None else rows.scale)


def _holds(sheet: Sheet, key: str, facts: Facts) -> str:
    """What a column is, in words."""
    if key == "time":
        return KINDS[facts.kind]
    column = sheet.column(key)
    if column is None:
        return ""
    example = next((str(cell) for cell in column.slice(0, ENOUGH).to_pylist() if cell is not None), "nothing")
    return f"{str(column.type).replace('string', 'text').replace('double', 'float64')}, such as {example}"
