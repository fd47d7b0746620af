"""Rows that cannot be bars. One set of checks serves three readers of what they find.

Each check looks at whole columns and raises a ``BadRowsError`` with *all* rows that break its rule. Strict loading lets
it out: the run stops with the first of them named. ``Reading.sift`` (``normalise.py``) catches it, leaves the rows out
and checks the rest again: that is ``on_bad_rows: drop``, and how ``qtrader data check`` comes by every bad row.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from qtrader.errors import DataError
from qtrader.ports import Origin

from .sessions import Int64s

CellText = Callable[[int], str]


@dataclass(frozen=True, slots=True)
class BadRow:
    """One row that cannot be a bar: where it stands, which cell, what is wrong with it and what to do.

    ``file`` is empty for rows that come from no file. ``number`` counts from 1: in a CSV file the line, header
    included. ``column`` is called as the file calls it; ``value`` is the cell as text, empty where there is none.
    ``reason`` is column and fault without the value, the same for all rows that fail alike.
    """

    symbol: str
    file: str
    unit: str
    number: int
    time: str
    column: str
    value: str
    what: str
    fix: str

    @property
    def reason(self) -> str:
        """What dropped rows are counted by."""
        return f"{self.column} {self.what}"

    @property
    def place(self) -> str:
        """Symbol, file, row and time, the way messages begin."""
        file = f"{self.file} " if self.file else ""
        return f"{self.symbol}: {file}{self.unit} {self.number} ({self.time})"

    def __str__(self) -> str:
        """The whole message."""
        shown = f"{self.value} " if self.value else ""
        return f"{self.place}: {self.column} {shown}{self.what}; {self.fix}"


@dataclass(frozen=True, slots=True)
class Sheet:
    """A source's rows with the place that each came from."""

    table: Any
    """A ``pyarrow.Table`` as ``DataSource.bars`` describes it."""
    symbol: str = ""
    origin: Origin = field(default_factory=Origin)
    """How the source calls rows and columns."""

    @classmethod
    def of(cls, table: Any, symbol: str) -> "Sheet":
        """Rows as a source delivered them."""
        return cls(table, symbol, Origin.of(table.schema))

    def column(self, name: str) -> Any:
        """One column; None when there is none."""
        return self.table.column(name) if name in self.table.column_names else None

    def without(self, rows: Int64s) -> "Sheet":
        """The rows that are left when some are taken out."""
        kept = np.ones(self.table.num_rows, dtype=np.bool_)
        kept[rows] = False
        return Sheet(self.table.filter(kept), self.symbol, self.origin)

    def place(self, row: int) -> str:
        """Name a row at the beginning of a message."""
        return self.bad_row(row, "", "", "", "").place

    def bad_row(self, row: int, column: str, value: str, what: str, fix: str) -> BadRow:
        """Describe one row of the table, counted from 0."""
        number, file, time = (self.column(name) for name in ("row", "file", "time"))
        return BadRow(
            symbol=self.symbol,
            file="" if file is None else str(file[row].as_py()),
            unit=self.origin.unit,
            number=row + 1 if number is None else number[row].as_py(),
            time="no time" if time is None else shown(time[row]),
            column=self.origin.names.get(column, column),
            value=value,
            what=what,
            fix=fix,
        )

    def refuse(self, bad: Any, column: str, what: str, fix: str, *, value: CellText | None = None) -> None:
        """Raise BadRowsError for the rows where the mask ``bad`` is true, if there are any.

        ``value`` gives a row's cell as text; without it the cell of the table is shown.
        """
        rows = np.flatnonzero(np.asarray(bad, dtype=np.bool_))
        if len(rows):
            raise BadRowsError(self, rows, column, what, fix, value or self._cell_of(column))

    def _cell_of(self, column: str) -> CellText:
        cells = self.column(column)

        def text(row: int) -> str:
            try:
                value = None if cells is None else cells[row].as_py()
            except (OverflowError, ValueError):
                return shown(cells[row])
            return "" if value is None else repr(value) if isinstance(value, str) else str(value)

        return text


class BadRowsError(DataError):
    """All rows of a sheet that break one rule; the message names the first."""

    def __init__(self, sheet: Sheet, rows: Int64s, column: str, what: str, fix: str, value: CellText) -> None:
        self.rows = rows
        self._describe: Callable[[Any], BadRow] = lambda row: sheet.bad_row(
            int(row), column, value(int(row)), what, fix
        )
        more = f" ({several(len(rows) - 1, 'more row')} like it)" if len(rows) > 1 else ""
        super().__init__(f"{self._describe(rows[0])}; on_bad_rows: drop leaves such rows out{more}")

    def __len__(self) -> int:
        """How many rows."""
        return len(self.rows)

    def __iter__(self) -> Iterator[BadRow]:
        """Each bad row, described."""
        return map(self._describe, self.rows)

    @property
    def reason(self) -> str:
        """What the rows are counted by."""
        return next(iter(self)).reason


def counted(faults: Sequence[BadRowsError]) -> dict[str, int]:
    """How many rows were found for each reason, in the order in which they were found."""
    counts: dict[str, int] = {}
    for fault in faults:
        counts[fault.reason] = counts.get(fault.reason, 0) + len(fault)
    return counts


def several(count: int, what: str) -> str:
    """A number of things: ``1 row``, ``2 rows``."""
    return f"{count} {what}{'' if count == 1 else 's'}"


def shown(cell: Any) -> str:
    """A cell of dates or times for a message."""
    try:
        moment = cell.as_py()
    except (OverflowError, ValueError):
        return "beyond all calendars"
    if moment is None:
        return "no time"
    return str(moment.isoformat(sep=" ") if hasattr(moment, "hour") else moment.isoformat())
