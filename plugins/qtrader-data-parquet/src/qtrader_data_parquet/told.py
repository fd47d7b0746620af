"""What a Parquet file says of itself in the metadata of its schema, where ``qtrader data import`` wrote it."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, get_args

from qtrader.errors import DataError
from qtrader.ports import Interval, Prices, Stamp

PREFIX = b"qtrader."
WORDS = {"prices": get_args(Prices), "stamp": get_args(Stamp), "interval": get_args(Interval)}
INSTRUMENT_KEYS = ("calendar", "currency")
WHOLE = ("decimals", "volume_decimals")
KEYS = (*WORDS, "zone", *WHOLE)


def told(file: Path) -> dict[str, Any]:
    """The declarations in a file; empty for one that says nothing. Raises DataError for words that mean nothing."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        metadata = pq.read_schema(file).metadata or {}
    except (pa.ArrowException, OSError, UnicodeDecodeError) as error:
        raise DataError(
            f"{file}: not a readable Parquet file: {error}; it may be cut or damaged: fetch or write it again"
        ) from None
    found: dict[str, Any] = {}
    for key in (*KEYS, *INSTRUMENT_KEYS):
        raw = metadata.get(PREFIX + key.encode())
        if raw is not None:
            found[key] = _value(key, raw.decode("utf-8", "replace"), file)
    return found


def _value(key: str, text: str, file: Path) -> Any:
    if key in WORDS and text not in WORDS[key]:
        raise DataError(f"{file}: metadata {key} is {text!r}; import the file again, or write {', '.join(WORDS[key])}")
    if key not in WHOLE:
        return text
    if not text.isascii() or not text.isdecimal():
        raise DataError(f"{file}: metadata {key} is {text!r}; import the file again, or write a whole number")
    return int(text)


def agreed(files: Sequence[tuple[Path, Mapping[str, Any]]]) -> dict[str, Any]:
    """What all files say alike about their rows. Raises DataError where one source would have to be two."""
    if not files:
        return {}
    first, said = files[0]
    for other, others in files[1:]:
        for key in KEYS:
            if said.get(key) != others.get(key):
                raise DataError(
                    f"{other}: its {key} is {others.get(key)!r}, but {said.get(key)!r} in {first}; the files of one "
                    f"source share it: make two sources of them"
                )
    return {key: said[key] for key in KEYS if key in said}
