"""Convert the file ``stocks.csv.gz`` of the package bokeh_sampledata into this plugin's two data files.

    python tools/convert.py bokeh_sampledata/_data/stocks.csv.gz src/qtrader_data_samples/data

Prices are read as decimals, never as floats. The vendor's adjusted close holds every split and cash dividend:
adjusted / raw is constant between events, and where it changes by the factor f between two sessions,

- f = 2, 3, ... is a split of f new shares for one old share;
- otherwise the vendor took f = (close + dividend) / close with the close of the ex-date, so dividend = (f - 1) x close.

The adjusted close carries 12 significant digits and more: outside events the ratio moves by less than 1e-12, an
event moves it by more than 1e-3, and every dividend comes out within 1e-9 of a whole cent. Anything else stops the
conversion.
"""

import csv
import gzip
import hashlib
import sys
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from itertools import pairwise
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

SYMBOLS = ("AAPL", "GOOG", "IBM", "MSFT")
PRICE = pa.decimal128(9, 4)
KINDS: dict[str, pa.DataType] = {
    "symbol": pa.string(),
    "date": pa.date32(),
    **dict.fromkeys(("open", "high", "low", "close"), PRICE),
    "volume": pa.int64(),
    "adj_close": pa.float64(),
}
SCHEMA = pa.schema([pa.field(name, kind, nullable=False) for name, kind in KINDS.items()])
NOISE = Decimal("1e-9")
CENT = Decimal("0.01")
ACTION_COLUMNS = ("symbol", "action_type", "ex_date", "numerator", "denominator", "amount", "currency", "amount_basis")
Row = tuple[str, date, Decimal, Decimal, Decimal, Decimal, int, Decimal]


def read_rows(path: Path) -> list[Row]:
    """The rows of the four symbols, by symbol and date."""
    with gzip.open(path, "rt", encoding="utf-8", newline="") as lines:
        header, *records = csv.reader(lines)
    if header != ["Ticker", "Date", "Open", "High", "Low", "Close", "Volume", "Adj Close"]:
        raise SystemExit(f"{path}: unexpected columns {header}")
    rows = (_row(*record) for record in records if record[0] in SYMBOLS)
    return sorted(rows, key=lambda row: row[:2])


def _row(symbol: str, day: str, *cells: str) -> Row:
    first, high, low, last = (Decimal(cell) for cell in cells[:4])
    return symbol, date.fromisoformat(day), first, high, low, last, int(cells[4]), Decimal(cells[5])


def find_actions(rows: list[Row]) -> Iterator[dict[str, str]]:
    """The splits and dividends that the adjusted closes of one symbol reveal."""
    for before, now in pairwise(rows):
        factor = (now[7] / now[5]) / (before[7] / before[5])
        if abs(factor - 1) < NOISE:
            continue
        action = {"symbol": now[0], "ex_date": now[1].isoformat()}
        whole = round(factor)
        if whole > 1 and abs(factor - whole) < NOISE:
            yield action | {"action_type": "split", "numerator": str(whole), "denominator": "1"}
            continue
        dividend = (factor - 1) * now[5]
        if abs(dividend - dividend.quantize(CENT)) > NOISE:
            raise SystemExit(f"{now[0]} {now[1]}: factor {factor} is neither a split nor whole cents ({dividend})")
        yield action | {
            "action_type": "cash_dividend",
            "amount": str(dividend.quantize(CENT)),
            "currency": "USD",
            "amount_basis": "post_split",
        }


def write_bars(rows: list[Row], path: Path) -> None:
    """One Parquet file, a row group per symbol."""
    with pq.ParquetWriter(
        path,
        SCHEMA,
        compression="zstd",
        compression_level=19,
        store_decimal_as_integer=True,
        use_dictionary=["symbol"],
        column_encoding={
            "date": "DELTA_BINARY_PACKED",
            "volume": "DELTA_BINARY_PACKED",
            "adj_close": "BYTE_STREAM_SPLIT",
            **dict.fromkeys(("open", "high", "low", "close"), "DELTA_BINARY_PACKED"),
        },
    ) as writer:
        for symbol in SYMBOLS:
            columns = list(zip(*(row for row in rows if row[0] == symbol), strict=True))
            columns[7] = tuple(map(float, columns[7]))
            arrays = [pa.array(column, kind) for column, kind in zip(columns, KINDS.values(), strict=True)]
            writer.write_table(pa.Table.from_arrays(arrays, schema=SCHEMA))


def write_actions(rows: list[Row], path: Path) -> None:
    """One CSV file; the columns are fields of contract data/corporate_action.v1."""
    with path.open("w", encoding="utf-8", newline="") as lines:
        writer = csv.DictWriter(lines, ACTION_COLUMNS, lineterminator="\n")
        writer.writeheader()
        for symbol in SYMBOLS:
            writer.writerows(find_actions([row for row in rows if row[0] == symbol]))


def main(source: str, folder: str) -> None:
    """Convert and say what was written."""
    rows = read_rows(Path(source))
    target = Path(folder)
    target.mkdir(parents=True, exist_ok=True)
    write_bars(rows, target / "daily.parquet")
    write_actions(rows, target / "actions.csv")
    for path in (Path(source), target / "daily.parquet", target / "actions.csv"):
        digest = hashlib.sha256(path.read_bytes()).hexdigest()
        sys.stdout.write(f"{digest}  {path.name}  {path.stat().st_size} bytes\n")


if __name__ == "__main__":
    main(*sys.argv[1:])
