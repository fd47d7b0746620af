"""Lines of text for a terminal of 80 columns."""

from collections.abc import Sequence

WIDTH = 80


def columns(rows: Sequence[Sequence[str]], right: frozenset[int] | set[int] = frozenset()) -> list[str]:
    """Rows in columns as wide as their longest cell; those in ``right`` are set to the right."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return [
        "  ".join(
            cell.rjust(width) if place in right else cell.ljust(width)
            for place, (cell, width) in enumerate(zip(row, widths, strict=True))
        ).rstrip()
        for row in rows
    ]


def condensed(lines: Sequence[str], most: int, *, everything: bool = False) -> list[str]:
    """The lines, or the first few and how many more there are."""
    if everything or len(lines) <= most:
        return list(lines)
    return [*lines[:most], f"and {len(lines) - most:,} more: --all"]
