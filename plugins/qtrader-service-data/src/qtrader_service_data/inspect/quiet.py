"""Stretches in which nothing happens: no volume, or one price throughout. Often a filled-in hole."""

import numpy as np

from .findings import Problem
from .series import Flags, Series

ZEROS = 5
SAME = {True: 5, False: 60}
"""From how many rows on a stretch of one price is named: bars of a day, and shorter ones."""


def no_volume(series: Series) -> Problem | None:
    """Stretches of rows with zero volume."""
    if series.volume is None:
        return None
    return _stretches(
        series, series.volume == 0, ZEROS,
        ("zero-volume", "stretches of zero volume", "Orders fill on no bar without volume. Were holes filled in?"),
    )  # fmt: skip


def same_price(series: Series, *, daily: bool) -> Problem | None:
    """Stretches in which open, high, low and close are one price."""
    prices = series.prices
    flat = prices["high"] == prices["low"]
    again = flat[1:] & flat[:-1] & (np.diff(prices["close"]) == 0)
    flat = np.concatenate((again, [False])) | np.concatenate(([False], again))
    return _stretches(
        series, flat, SAME[daily],
        ("constant-price", "stretches of one price", "Were holes filled with the last price? Then remove those rows."),
    )  # fmt: skip


def _stretches(series: Series, mask: Flags, least: int, words: tuple[str, str, str]) -> Problem | None:
    """A problem of every stretch of at least so many true rows."""
    edges = np.flatnonzero(np.diff(np.concatenate(([False], mask, [False])).astype(np.int8)))
    found = [(int(first), int(after)) for first, after in edges.reshape(-1, 2) if after - first >= least]
    if not found:
        return None
    kind, title, fix = words
    items = [
        {"first": series.when(first), "last": series.when(after - 1), "rows": after - first} for first, after in found
    ]
    lines = [f"{item['rows']:,} rows from {item['first']} to {item['last']}" for item in items]
    return Problem(kind, "warning", series.symbol, f"{len(found):,} {title}", fix, items, lines)
