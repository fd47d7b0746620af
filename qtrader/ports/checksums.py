"""Files held against the SHA-256 sums that were once written down for them, as ``sha256sum FILE... > SUMS`` does it."""

import hashlib
from pathlib import Path

from qtrader.errors import DataError


def check_sums(sums: Path, file: Path) -> None:
    """Refuse a file, or any file of a folder, that is not what it was when the sums were made."""
    known = read_sums(sums)
    for one in sorted(path for path in file.rglob("*") if path.is_file()) if file.is_dir() else [file]:
        told = known.get(one.resolve())
        if told is None:
            raise DataError(f"{one}: it is not in {sums}; add its sum, or leave checksums out")
        with one.open("rb") as stream:
            found = hashlib.file_digest(stream, "sha256").hexdigest()
        if found != told:
            raise DataError(
                f"{one}: its SHA-256 is {found}, but {told} in {sums}: it changed; restore it, or renew its sum"
            )


def read_sums(sums: Path) -> dict[Path, str]:
    """The sums by file; names in the list start at its own folder."""
    try:
        lines = sums.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise DataError(f"{sums}: the checksums cannot be read: {error}") from None
    known = {}
    for number, line in enumerate(lines, start=1):
        told, _, name = line.partition(" ")
        if len(told) != 64 or not name[1:]:
            raise DataError(f"{sums}:{number}: {line!r} is no sum and name; write the file with sha256sum")
        known[(sums.parent / name[1:]).resolve()] = told
    return known
