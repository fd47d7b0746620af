"""Jumps between two sessions that look like a split which nobody told: a simple ratio, and calm on both sides."""

from collections.abc import Collection
from typing import Any

import numpy as np

from ..sessions import DAY_NS
from .findings import Problem
from .prints import LEAST
from .series import Flags, Floats, Series

PLAIN = (2, 3, 4, 5, 6, 7, 8, 10, 15, 20, 25, 30, 40, 50, 100)
RATIOS = (*((many, 1) for many in PLAIN), *((1, many) for many in PLAIN), (3, 2), (5, 2), (2, 3))
SMALL = ((4, 3), (5, 4), (3, 4), (4, 5))
"""Ratios that a bad day reaches too: told only where volume speaks for them."""
CLOSE = 0.03
"""How far (log) the jump may be from the ratio: the day's own move."""
STAYS = 0.25
"""How far (log) the usual price before and after may be from the ratio."""
AROUND = 5
MONTH = 20
BUSY = 4.0
"""How many times its usual volume, in new shares, a stock trades at most on the day of a split. A crash trades more."""
RARE = 12.0
"""How many usual nights a jump must be worth."""
FEW_NIGHTS = 0.01
SEASON = 40


def suspected_splits(
    series: Series,
    known: Collection[int],
    *,
    prices: str | None,
) -> Problem | None:
    """Rows whose open stands to the close before like n to m. ``known``: days since 1970 of splits already told."""
    if len(series) < AROUND:
        return None
    closes, opens = np.log(series.prices["close"]), np.log(series.prices["open"])
    jumps = closes[:-1] - opens[1:]
    nights = np.diff(series.times) >= DAY_NS // 6
    usual = _usual_night(jumps[nights])
    rows = np.flatnonzero(nights & (np.abs(jumps) > RARE * usual) & (np.abs(jumps) > np.log(5 / 4) - CLOSE)) + 1
    items = []
    for row in rows.tolist():
        ratio = _ratio(series, closes, float(jumps[row - 1]), row, quiet=_volume_speaks(series, nights))
        day = int(series.days[row])
        if ratio is None or day in known or abs(jumps[row - 1]) < RARE * _usual_night(_near(jumps, nights, row)):
            continue
        items.append(_item(series, row, *ratio))
    if not items:
        return None
    return Problem(
        "suspected-splits", "warning", series.symbol,
        f"{len(items):,} {'jump looks like a split' if len(items) == 1 else 'jumps look like splits'}"
        f" that {'is' if len(items) == 1 else 'are'} not in the prices",
        _advice(prices), items, [*(_line(series.unit, item) for item in items), *_actions(items)],
    )  # fmt: skip


def _item(series: Series, row: int, numerator: int, denominator: int) -> dict[str, Any]:
    """One suspected split: its place, the prices around it, and the line for a file of actions."""
    kind = "split" if numerator > denominator else "reverse_split"
    date = np.datetime64(int(series.days[row]), "D")
    return {
        "row": int(series.rows[row]),
        "time": series.when(row),
        "numerator": numerator,
        "denominator": denominator,
        "close_before": float(series.prices["close"][row - 1]),
        "open": float(series.prices["open"][row]),
        "action": f"{series.symbol},{kind},{date},{numerator},{denominator}",
    }


def _line(unit: str, item: dict[str, Any]) -> str:
    prices = f"close {item['close_before']:.10g}, then open {item['open']:.10g}"
    return f"{unit} {item['row']} ({item['time']})  {prices}: {item['numerator']} for {item['denominator']}?"


def _near(jumps: Floats, nights: Flags, row: int) -> Floats:
    """The moves of the nights around a row: what is rare in a calm year is not in a crisis."""
    part = slice(max(0, row - 1 - SEASON), row + SEASON)
    return np.asarray(jumps[part][nights[part]], dtype=np.float64)


def _usual_night(jumps: Floats) -> float:
    """The usual move between two sessions; in a few nights a split would be a usual move itself."""
    if len(jumps) < MONTH:
        return FEW_NIGHTS
    return max(1.4826 * float(np.median(np.abs(jumps))), LEAST)


def _advice(prices: str | None) -> str:
    if prices in ("split-adjusted", "total-return"):
        return f"The prices are said to be {prices}, and are not there: declare prices: raw, and tell the splits."
    return "If they are splits: prices: raw, and these lines in the file that actions: names."


def _actions(items: list[dict[str, Any]]) -> list[str]:
    return ["symbol,action_type,ex_date,numerator,denominator", *(str(item["action"]) for item in items)]


def _volume_speaks(series: Series, nights: Flags) -> bool:
    """Whether there are volumes of whole days to compare."""
    return series.volume is not None and bool(nights.all()) and bool(np.nansum(series.volume) > 0)


def _ratio(series: Series, closes: Floats, jump: float, row: int, *, quiet: bool) -> tuple[int, int] | None:
    """The ratio that a jump stands for, if it is near one, stays, and the day is no crash."""
    choices = (*RATIOS, *(SMALL if quiet else ()))
    numerator, denominator = min(choices, key=lambda one: abs(jump - np.log(one[0] / one[1])))
    size = float(np.log(numerator / denominator))
    stays = float(np.median(closes[max(0, row - AROUND) : row]) - np.median(closes[row : row + AROUND]))
    limit = CLOSE / 2 if (numerator, denominator) in SMALL else CLOSE
    if abs(jump - size) > limit or abs(stays - size) > STAYS:
        return None
    if quiet and series.volume is not None:
        usual = np.nanmedian(series.volume[max(0, row - MONTH) : row])
        if series.volume[row] > BUSY * max(numerator / denominator, 1.0) * usual:
            return None
    return numerator, denominator
