"""Prices that stick out of everything around them: an open, high, low or close that no neighbour confirms."""

from collections.abc import Mapping
from itertools import pairwise

import numpy as np

from .findings import Problem
from .series import Floats, Series

BLOCK = 250
LIMIT = 10.0
"""How many usual moves a price must stick out to be named."""
LEAST = 0.0005
"""What counts as a usual move where prices hardly move at all."""
FEWEST = 30
"""With fewer rows there is no telling what is usual."""


def usual_moves(closes: Floats) -> Floats:
    """The usual move from row to row: median absolute deviation of log returns in blocks, the livelier neighbours'."""
    returns = np.diff(np.log(closes))
    edges = np.linspace(0, len(returns), max(1, len(returns) // BLOCK) + 1).astype(np.int64)
    parts = [returns[first:last] for first, last in pairwise(edges.tolist())]
    scales = np.array([_spread(part) for part in parts])
    around = np.concatenate((scales[:1], scales, scales[-1:]))
    widest = np.maximum(np.maximum(around[:-2], around[1:-1]), around[2:])
    return np.asarray(np.maximum(np.repeat(widest, np.diff(edges)), LEAST), dtype=np.float64)


def _spread(returns: Floats) -> float:
    """Robust; where most returns are one and the same, the mean deviation keeps it from being nothing."""
    away = np.abs(returns - np.median(returns))
    return max(1.4826 * float(np.median(away)), float(away.mean()) / 2)


def wild_prints(series: Series) -> Problem | None:
    """Rows with a price more than LIMIT usual moves beyond its neighbours, worst first."""
    if len(series) < FEWEST:
        return None
    beyond = _beyond(series.prices)
    moves = usual_moves(series.prices["close"])
    scores = {name: values / np.maximum(moves[:-1], moves[1:]) for name, values in beyond.items()}
    names = tuple(scores)
    table = np.array([scores[name] for name in names])
    worst, which = table.max(axis=0), table.argmax(axis=0)
    rows = np.flatnonzero(worst > LIMIT)
    if not len(rows):
        return None
    items, lines = [], []
    for row in rows[np.argsort(-worst[rows], kind="stable")]:
        name, at = names[int(which[row])], int(row) + 1
        value, close = float(series.prices[name][at]), float(series.prices["close"][at - 1])
        items.append({"row": int(series.rows[at]), "time": series.when(at), "column": name, "value": value,
                      "close_before": close, "score": round(float(worst[row]), 1)})  # fmt: skip
        lines.append(
            f"{series.where(at)}  {name} {value:.10g}, close before {close:.10g}, {worst[row]:.0f} usual moves"
        )
    return Problem(
        "outliers", "warning", series.symbol,
        f"{len(rows):,} {'price sticks' if len(rows) == 1 else 'prices stick'} out of everything around",
        "Compare with another source; mend the cell, or remove the row.",
        items, lines,
    )  # fmt: skip


def _beyond(prices: Mapping[str, Floats]) -> dict[str, Floats]:
    """How far (log) each price of the inner rows lies beyond the row's own other prices and both neighbours."""
    opens, highs, lows, closes = (np.log(prices[name]) for name in ("open", "high", "low", "close"))
    lower, upper = np.minimum(opens, closes)[1:-1], np.maximum(opens, closes)[1:-1]
    before, after = closes[:-2], closes[2:]
    return {
        "low": np.minimum(np.minimum(lows[:-2], lows[2:]), lower) - lows[1:-1],
        "high": highs[1:-1] - np.maximum(np.maximum(highs[:-2], highs[2:]), upper),
        "close": np.maximum(np.minimum(before, after) - closes[1:-1], closes[1:-1] - np.maximum(before, after)),
        "open": np.maximum(
            np.minimum(before, closes[1:-1]) - opens[1:-1], opens[1:-1] - np.maximum(before, closes[1:-1])
        ),
    }
