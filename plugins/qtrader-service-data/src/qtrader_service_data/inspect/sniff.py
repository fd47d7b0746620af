"""How a CSV file is written: what stands between cells, before decimals, and how times are spelled."""

import csv
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

from qtrader.errors import DataError

DELIMITERS = (",", ";", "\t", "|")
DATES = ("%Y-%m-%d", "%Y/%m/%d", "%Y%m%d", "%d.%m.%Y", "%m/%d/%Y", "%d/%m/%Y", "%d-%m-%Y", "%d-%b-%Y", "%b %d, %Y")
CLOCKS = ("", " %H:%M", " %H:%M:%S", " %H%M%S", ";%H%M%S")
ROWS = 2000
SIZE = 1 << 18


def csv_options(path: Path, time: str | None) -> dict[str, str]:
    """The options of the CSV source that the first lines of a file ask for; ``time`` is the column of times."""
    with path.open("rb") as file:
        head = file.read(SIZE)
    if b"\0" in head:
        raise DataError(f"{path}: there are zero bytes in it: UTF-16, or no text at all; save the file as UTF-8")
    text, found = _decoded(head), {}
    lines = text.splitlines()[: ROWS + 1]
    if not lines:
        raise DataError(f"{path}: the file is empty")
    delimiter = max(DELIMITERS, key=lines[0].count)
    if delimiter != ",":
        found["delimiter"] = delimiter
    try:
        rows = [row for line in lines[1:ROWS] for row in csv.reader([line], delimiter=delimiter)]
    except csv.Error as error:
        raise DataError(f"{path}: its lines are too long to be rows of bars ({error}); name a CSV file") from None
    if len(rows) > 1 and len(head) == SIZE:
        rows.pop()
    cells = [cell.strip() for row in rows for cell in row]
    commas, points = (sum(_is_split_by(mark, cell) for cell in cells) for mark in ",.")
    if delimiter != "," and commas > points:
        found["decimal_point"] = ","
    if not _is_utf8(head):
        found["encoding"] = "latin-1"
    if time is not None and (form := _time_format(_column(lines[0], rows, time, delimiter))):
        found["time_format"] = form
    return found


def _decoded(head: bytes) -> str:
    return head.decode("utf-8-sig", "replace") if _is_utf8(head) else head.decode("latin-1")


def _is_utf8(head: bytes) -> bool:
    try:
        head.decode()
    except UnicodeDecodeError as error:
        return error.start > len(head) - 4 and len(head) == SIZE
    return True


def _is_split_by(mark: str, cell: str) -> bool:
    """Whether a cell is digits, the mark, and digits."""
    before, there, after = cell.partition(mark)
    return bool(there) and before.lstrip("+-").isdecimal() and after.isdecimal()


def _column(header: str, rows: Sequence[Sequence[str]], name: str, delimiter: str) -> list[str]:
    names = [one.casefold() for one in next(csv.reader([header], delimiter=delimiter))]
    if name.casefold() not in names:
        return []
    place = names.index(name.casefold())
    return [row[place].strip() for row in rows if len(row) > place and row[place].strip()]


def _time_format(cells: Sequence[str]) -> str | None:
    """The way in which nearly all cells are dates or times; None where they are ISO, or in no way known."""
    if not cells or _share(cells, "iso") > 0.5:
        return None
    forms = [f"{date}{clock}" for date in DATES for clock in CLOCKS]
    best = max(forms, key=lambda form: _share(cells, form))
    return best if _share(cells, best) > 0.5 else None


def _share(cells: Sequence[str], form: str) -> float:
    return sum(_reads(cell, form) for cell in cells) / len(cells)


def _reads(cell: str, form: str) -> bool:
    try:
        if form == "iso":
            return "-" in cell and bool(datetime.fromisoformat(cell))
        datetime.strptime(cell, form)  # noqa: DTZ007 - only whether it can be read
    except ValueError:
        return False
    return True
