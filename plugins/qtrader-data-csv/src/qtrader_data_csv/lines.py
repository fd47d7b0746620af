"""Rows against lines: a quote that is not closed on its line takes the lines after it into one cell, and is refused."""

import codecs
import csv
from collections.abc import Iterable
from itertools import chain
from pathlib import Path

from qtrader.errors import DataError

BLOCK = 1 << 20
LONGEST = 1 << 12
"""Characters of the last line that are looked at."""


def require_rows(file: Path, rows: int, encoding: str, delimiter: str) -> None:
    """Refuse a file of which not every line, its header included, became a row of its own, or whose end is cut."""
    if not _has_quotes(file):
        return
    lines, last = count_lines(file, encoding)
    if lines == rows and _open_quote([last], delimiter) is None:
        return
    refuse_open_quote(file, encoding, delimiter)
    if lines != rows:
        raise DataError(f"{file}: it has {lines} lines, but {rows} rows can be told apart; write a row a line")


def _has_quotes(file: Path) -> bool:
    """Whether there can be a quote: its byte is somewhere, in any encoding."""
    with file.open("rb") as opened:
        return any(b'"' in block for block in iter(lambda: opened.read(BLOCK), b""))


def refuse_open_quote(file: Path, encoding: str, delimiter: str) -> None:
    """Name the first line with a quoted cell that goes on after its end, if there is one."""
    with file.open(encoding=encoding, errors="replace", newline="") as lines:
        line = _open_quote(lines, delimiter)
    if line is not None:
        raise DataError(
            f"{file}: line {line}: a quote that opens here is not closed on its line; close it or remove it"
        )


def _open_quote(lines: Iterable[str], delimiter: str) -> int | None:
    """The first line, from 1, whose quoted cell goes on in the next."""
    rows, ended = csv.reader(chain(lines, ["the end"]), delimiter=delimiter), 0
    try:
        for _ in rows:
            if rows.line_num > ended + 1:
                return ended + 1
            ended = rows.line_num
    except csv.Error:  # larger than any cell may be
        return ended + 1
    return None


def count_lines(file: Path, encoding: str) -> tuple[int, str]:
    """How many lines end with LF, CR or both, or with the file, and the last of them."""
    ends, tail = 0, ""
    decoder = codecs.getincrementaldecoder(encoding)(errors="replace")
    with file.open("rb") as opened:
        while block := opened.read(BLOCK):
            text = decoder.decode(block)
            ends += text.count("\n") - (tail[-1:] == "\r" and text[:1] == "\n")
            if "\r" in text:
                ends += text.count("\r") - text.count("\r\n")
            tail = (tail + text)[-LONGEST:]
    last = tail.removesuffix("\n").removesuffix("\r")
    begin = max(last.rfind("\n"), last.rfind("\r")) + 1
    return ends + (last == tail != ""), last[begin:]
