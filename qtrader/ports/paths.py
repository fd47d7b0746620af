"""What stands at a path where a file was expected."""

import stat
from pathlib import Path

KINDS = (
    (stat.S_ISDIR, "a directory"),
    (stat.S_ISFIFO, "a named pipe"),
    (stat.S_ISCHR, "a device"),
    (stat.S_ISBLK, "a device"),
    (stat.S_ISSOCK, "a socket"),
)


def no_file(path: Path) -> str:
    """Say why a path is no file that can be read again and again; what to do comes after it."""
    try:
        mode = path.stat().st_mode
    except (OSError, ValueError):
        return "no such file"
    kind = next((told for matches, told in KINDS if matches(mode)), "something else")
    return f"it is {kind}, not a file"
