"""Statistics of returns and of round trips. All in float64, but money, which stays Decimal; no figure is ever NaN.

A figure that is not defined is ``Undefined`` with the reason. ``wealth`` starts at 1.0 before the first session.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from math import fsum, isfinite, sqrt

from qtrader.ports import LEDGER, money

_NOISE = 1e-12
"""A spread this far below the returns themselves is rounding, not variation."""


@dataclass(frozen=True, slots=True)
class Undefined:
    """Stands where a figure would, and says why there is none."""

    reason: str


Figure = float | Undefined
Amount = Decimal | Undefined


@dataclass(frozen=True, slots=True)
class Drawdown:
    """The deepest fall: its depth as a share of the peak, and places in ``wealth``.

    ``start`` is the first place below the peak; ``recovery`` is None while the fall lasts.
    """

    depth: float
    start: int
    trough: int
    recovery: int | None
    sessions: int


def compound(returns: Sequence[float]) -> list[float]:
    """Grow 1.0 by each return in turn."""
    wealth = [1.0]
    for one in returns:
        wealth.append(wealth[-1] * (1.0 + one))
    return wealth


def cagr(wealth: Sequence[float], periods: int) -> Figure:
    """Growth per year of ``periods`` sessions."""
    if len(wealth) < 2:
        return Undefined("no session was valued")
    if wealth[-1] <= 0:
        return Undefined("nothing was left at the end, so there is no rate of growth")
    try:
        return float(wealth[-1] ** (periods / (len(wealth) - 1)) - 1.0)
    except OverflowError:
        return Undefined("the growth of so short a time, taken to a year, is too large to write down")


def volatility(returns: Sequence[float], periods: int) -> Figure:
    """Sample standard deviation (ddof 1), annualised."""
    if len(returns) < 2:
        return Undefined(f"{len(returns)} session returns; a deviation needs two")
    return _deviation(returns) * sqrt(periods)


def sharpe(returns: Sequence[float], periods: int) -> Figure:
    """Mean over sample standard deviation, annualised; subtract a risk-free rate beforehand."""
    if len(returns) < 2:
        return Undefined(f"{len(returns)} session returns; a Sharpe ratio needs two")
    deviation = _deviation(returns)
    if deviation <= _NOISE * max(abs(one) for one in returns):
        return Undefined("every session returned the same, so there is no deviation to divide by")
    return _mean(returns) / deviation * sqrt(periods)


def sortino(returns: Sequence[float], periods: int) -> Figure:
    """Mean over downside deviation (root mean square of losses over all sessions), annualised."""
    if len(returns) < 2:
        return Undefined(f"{len(returns)} session returns; a Sortino ratio needs two")
    downside = sqrt(fsum(one * one for one in returns if one < 0) / len(returns))
    if downside == 0.0:
        return Undefined("no session lost anything, so there is no downside to divide by")
    return _mean(returns) / downside * sqrt(periods)


def drawdown(wealth: Sequence[float]) -> Drawdown | Undefined:
    """The deepest fall below an earlier peak, the first of equally deep ones."""
    if len(wealth) < 2:
        return Undefined("no session was valued")
    peak = deepest_peak = trough = 0
    depth = 0.0
    for place, value in enumerate(wealth):
        if value >= wealth[peak]:
            peak = place
        elif 1.0 - value / wealth[peak] > depth:
            depth, trough, deepest_peak = 1.0 - value / wealth[peak], place, peak
    if depth == 0.0:
        return Drawdown(0.0, 0, 0, None, 0)
    after = range(trough, len(wealth))
    recovery = next((place for place in after if wealth[place] >= wealth[deepest_peak]), None)
    end = len(wealth) if recovery is None else recovery
    return Drawdown(depth, deepest_peak + 1, trough, recovery, end - deepest_peak - 1)


def calmar(growth: Figure, fall: Drawdown | Undefined) -> Figure:
    """CAGR over the deepest drawdown."""
    if isinstance(growth, Undefined):
        return growth
    if isinstance(fall, Undefined):
        return fall
    return growth / fall.depth if fall.depth else Undefined("equity never fell below an earlier peak")


def win_rate(profits: Sequence[Decimal]) -> Figure:
    """Share of round trips that made money."""
    if not profits:
        return Undefined("no round trip was closed")
    return sum(one > 0 for one in profits) / len(profits)


def profit_factor(profits: Sequence[Decimal]) -> Figure:
    """All gains over all losses."""
    gains, losses = sum(one for one in profits if one > 0), -sum(one for one in profits if one < 0)
    if not profits:
        return Undefined("no round trip was closed")
    return float(LEDGER.divide(Decimal(gains), Decimal(losses))) if losses else Undefined("no round trip lost money")


def average(profits: Sequence[Decimal], absent: str) -> Amount:
    """Mean amount, to the ledger's scale; ``absent`` says what is missing where there is none."""
    return money(LEDGER.divide(sum(profits, Decimal(0)), Decimal(len(profits)))) if profits else Undefined(absent)


def significant(value: float) -> float:
    """Round to 12 significant digits, which every platform agrees on. Raises ValueError for NaN and infinity."""
    if not isfinite(value):
        raise ValueError(f"{value!r} is no figure")
    return float(f"{value:.12g}")


def _mean(returns: Sequence[float]) -> float:
    return fsum(returns) / len(returns)


def _deviation(returns: Sequence[float]) -> float:
    mean = _mean(returns)
    return sqrt(fsum((one - mean) ** 2 for one in returns) / (len(returns) - 1))
