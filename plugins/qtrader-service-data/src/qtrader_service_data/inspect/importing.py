"""A clean Parquet file from a file of bars: the rows that a run takes, exact, with all that was declared about them."""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, replace
from importlib import metadata
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq

from qtrader.errors import ConfigError, DataError

from ..bad_rows import BadRowsError, Sheet
from ..normalise import Reading, Rows
from ..supply import Build
from .check import Facts, find_facts, read_sheets, without
from .declared import Declarations, Opened, completed, open_file
from .exact import Exact, exact, table_of

PREFIX = "qtrader."
"""Begins the keys of the metadata in the schema; what follows is a key of ``data_sources``, or a note."""
OWN = "qtrader-service-data"
CHUNK = 1 << 22


@dataclass(frozen=True, slots=True)
class Imported:
    """What was written: where, how many rows, and the faults of those that were dropped."""

    out: Path
    rows: int
    symbols: tuple[str, ...]
    faults: tuple[BadRowsError, ...]
    metadata: dict[str, str]

    @property
    def dropped(self) -> int:
        """How many rows were left out."""
        return sum(map(len, self.faults))


def import_file(
    path: Path, out: Path, said: Declarations, build: Build, *, drop: bool = False, force: bool = False
) -> Imported:
    """Write the rows of a file to ``out``. Everything that a run needs to know must be declared.

    Raises DataError with the first bad row unless ``drop``, ConfigError for what is not declared, and for an ``out``
    that is there already unless ``force``.
    """
    _check_out(path, out, force=force)
    opened = open_file(path, said, build)
    said = completed(said, opened)
    sheets = list(read_sheets(opened))
    facts = find_facts(sheets, said, opened)
    _check_declared(opened, said, facts)
    parts, originals, faults = [], [], []
    for sheet in sheets:
        reading = _reading(said, opened, facts, sheet.symbol)
        rows, found = reading.sift(sheet)
        if found and not drop:
            raise DataError(_refusal(path, found))
        faults += found
        if rows is not None:
            parts.append(exact(without(sheet, found), reading.facts))
            originals.append((reading, rows))
    if not parts:
        raise DataError(f"{path}: no row is left to write; look at them: qtrader data check {path}")
    told = _metadata(path, said, facts, parts, faults)
    _write(out, parts, told, originals)
    symbols = tuple(part.symbol for part in parts)
    return Imported(out, sum(map(len, parts)), symbols, tuple(faults), told)


def _check_out(path: Path, out: Path, *, force: bool) -> None:
    if out.resolve() == path.resolve():
        raise ConfigError(f"--out {out}: this is the file itself; name another")
    if out.is_dir() or not out.parent.is_dir():
        raise ConfigError(f"--out {out}: name a file in a folder that is there")
    if out.exists() and not force:
        raise ConfigError(f"--out {out}: there is a file already; name another, or add --force")


def _check_declared(opened: Opened, said: Declarations, facts: Facts) -> None:
    """Refuse to guess: say which options are missing, and what the rows look like."""
    dated = facts.kind == "date"
    needed = {
        "prices": said.prices is None,
        "calendar": said.calendar is None,
        "symbol": not opened.named,
        "interval": said.interval is None and (not dated or facts.interval.value != "1d"),
        "stamp": said.stamp is None and not dated,
        "zone": said.zone is None and facts.kind == "naive",
    }
    if missing := [key for key, open_ in needed.items() if open_]:
        found = facts.named()
        looks = [f"{key} {found[key].value} ({found[key].why})" for key in missing if key in found and found[key].value]
        hint = f". The rows look like {'; '.join(looks)}" if looks else ""
        options = ", ".join(f"--{key}" for key in missing)
        raise ConfigError(
            f"{opened.path}: nothing is guessed here; add {options}{hint}. See: qtrader data check {opened.path}"
        )


def _reading(said: Declarations, opened: Opened, facts: Facts, symbol: str) -> Reading:
    """The rows as declared; ``_check_declared`` has seen to it that nothing else is left."""
    reading = facts.reading(said, opened, symbol)
    return replace(reading, facts=replace(reading.facts, prices=said.prices))  # type: ignore[arg-type]  # a choice


def _refusal(path: Path, found: list[BadRowsError]) -> str:
    count = sum(map(len, found))
    first = min(found, key=lambda fault: next(iter(fault)).number)
    others = f"; {count - 1:,} more rows cannot be bars" if count > 1 else ""
    advice = f"mend them (qtrader data check {path} --all lists them), or leave them out: --on-bad-rows drop"
    return f"{next(iter(first))}{others}. Nothing was written: {advice}"


def _metadata(
    path: Path, said: Declarations, facts: Facts, parts: list[Exact], faults: list[BadRowsError]
) -> dict[str, str]:
    """What goes with the file. No clock is read: the same input gives the same file."""
    dated = facts.market.stamp.value == "session"
    told = {
        "prices": said.prices,
        "stamp": facts.market.stamp.value,
        "zone": None if dated else "UTC",
        "calendar": said.calendar,
        "currency": said.currency,
        "interval": facts.interval.value,
        "decimals": said.decimals,
        "volume_decimals": said.volume_decimals,
        "source_file": path.name,
        "source_sha256": _sha256(path),
        "rows": sum(map(len, parts)),
        "dropped_rows": sum(map(len, faults)),
        "created_by": f"{OWN} {metadata.version(OWN)}",
    }
    return {key: str(value) for key, value in told.items() if value is not None}


def _sha256(path: Path) -> str:
    """The digest of a file, or of all files of a folder in the order of their names."""
    digest = hashlib.sha256()
    for file in [path] if path.is_file() else sorted(one for one in path.rglob("*") if one.is_file()):
        with file.open("rb") as content:
            while block := content.read(CHUNK):
                digest.update(block)
    return digest.hexdigest()


def _write(out: Path, parts: list[Exact], told: dict[str, str], originals: list[tuple[Reading, Rows]]) -> None:
    """Write beside ``out``, read back, compare, and only then put it in its place."""
    table = table_of(parts).replace_schema_metadata({f"{PREFIX}{key}": value for key, value in told.items()})
    draft = out.with_name(f"{out.name}.part")
    try:
        pq.write_table(table, draft, compression="zstd", use_dictionary=["symbol"], write_page_checksum=True)
        for reading, rows in originals:
            _compare(out, reading, rows, draft)
        draft.replace(out)
    finally:
        draft.unlink(missing_ok=True)


def _compare(out: Path, reading: Reading, rows: Rows, draft: Path) -> None:
    """A run from the new file must see the bars that one from the old file sees."""
    symbol = reading.instrument.symbol
    table = pq.read_table(draft, filters=[("symbol", "==", symbol)]).drop_columns(["symbol"])
    again = reading.strict(Sheet(table, symbol))
    if again is None or [*_content(again)] != [*_content(rows)]:
        raise DataError(f"{out}: {symbol}: the bars read back differ from those of the file; nothing was written")


def _content(rows: Rows) -> Iterator[bytes | int]:
    """Everything in checked rows, to be compared."""
    yield rows.scale
    for column in (rows.open_ns, rows.time_ns, rows.session, *rows.prices.values()):
        yield np.ascontiguousarray(column).tobytes()
    for volume in (rows.volume, *(rows.quotes.sizes.values() if rows.quotes else ())):
        if volume is not None:
            yield from (volume.scale, volume.units.tobytes(), b"" if volume.known is None else volume.known.tobytes())
    for column in rows.quotes.prices.values() if rows.quotes else ():
        yield np.ascontiguousarray(column).tobytes()
