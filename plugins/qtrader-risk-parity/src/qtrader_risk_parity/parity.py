"""Weights with which every symbol adds the same risk to the whole, over the covariance of their returns."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import pairwise
from typing import ClassVar

from qtrader.ports import Ratio, Size, SizeRequest, ledger_context

FEWEST = 2
"""Returns that a sample covariance needs."""
MOST_CYCLES = 2000
"""Cycles over all coordinates before the search is given up; a few dozen are usual."""
TOLERANCE = Decimal("1E-12")
"""How far a symbol's share of the risk may be from an equal one, as a part of it."""

Matrix = Sequence[Sequence[Decimal]]
"""Rows of numbers."""


def simple_returns(closes: Sequence[Decimal]) -> tuple[Decimal, ...]:
    """Each close over the one before it, less one. Raises ValueError for a close that is not above zero."""
    for close in closes:
        if close <= 0:
            raise ValueError(f"close {close} has no return: hand over closes above zero")
    with ledger_context():
        return tuple(after / before - 1 for before, after in pairwise(closes))


def sample_covariance(returns: Matrix) -> tuple[tuple[Decimal, ...], ...]:
    """Covariance of equally long series of returns, a row each: sum((a - mean a) (b - mean b)) / (n - 1).

    Raises ValueError for series of different lengths, and of fewer than two returns.
    """
    lengths = sorted({len(row) for row in returns})
    if len(lengths) > 1:
        raise ValueError(f"series of {lengths} returns: hand over series of one length")
    if lengths and lengths[0] < FEWEST:
        raise ValueError(f"{lengths[0]} returns have no covariance: hand over at least {FEWEST} of each")
    with ledger_context():
        centred = [[one - sum(row, Decimal(0)) / len(row) for one in row] for row in returns]
        lower = [[_product(one, two) / (len(one) - 1) for two in centred[: at + 1]] for at, one in enumerate(centred)]
    size = range(len(lower))
    return tuple(tuple(lower[max(row, column)][min(row, column)] for column in size) for row in size)


def risk_contributions(weights: Sequence[Decimal], covariance: Matrix) -> tuple[Decimal, ...]:
    """Each weight's part of the variance of the whole: w_i (C w)_i; they add up to it.

    Source: Maillard, Roncalli and Teiletche, The Properties of Equally Weighted Risk Contribution Portfolios, Journal
    of Portfolio Management 36(4), 2010.
    """
    with ledger_context():
        return tuple(weight * _product(row, weights) for weight, row in zip(weights, covariance, strict=True))


def equal_risk_weights(covariance: Matrix) -> tuple[Decimal, ...]:
    """Weights above zero that add up to one and contribute equal risk, to ``TOLERANCE``.

    The minimum of x'Cx / 2 - sum(ln x_i) / n, scaled to one, found by cyclical coordinate descent on the correlations.
    Raises ValueError for a matrix that is not square and symmetric, for a variance that is not above zero, and where
    ``MOST_CYCLES`` do not suffice: risks that cancel each other have no such weights.

    Source: Griveau-Billion, Richard and Roncalli, A Fast Algorithm for Computing High-dimensional Risk Parity
    Portfolios, 2013; for the function, Spinu, An Algorithm for Computing Risk Parity Weights, 2013.
    """
    size = range(len(covariance))
    if any(len(row) != len(covariance) for row in covariance):
        raise ValueError(f"rows of {[len(row) for row in covariance]} numbers: hand over as many as there are rows")
    for at in size:
        if covariance[at][at] <= 0:
            raise ValueError(f"variance {covariance[at][at]} in row {at} is no risk to share: leave that symbol out")
        for other in range(at):
            if covariance[at][other] != covariance[other][at]:
                one, two = covariance[at][other], covariance[other][at]
                raise ValueError(f"covariances {one} and {two} of rows {at} and {other} differ: hand over equal ones")
    with ledger_context():
        deviations = [covariance[at][at].sqrt() for at in size]
        correlations = [[covariance[i][j] / (deviations[i] * deviations[j]) for j in size] for i in size]
        raw = [level / deviation for level, deviation in zip(_descend(correlations), deviations, strict=True)]
        total = sum(raw, Decimal(0))
        return tuple(one / total for one in raw)


def _descend(correlations: Matrix) -> list[Decimal]:
    """Bring each coordinate to its own minimum in turn, then all along their ray, until the contributions agree."""
    share = Decimal(1) / max(len(correlations), 1)
    levels = [Decimal(1)] * len(correlations)
    for _ in range(MOST_CYCLES):
        slopes = [_product(row, levels) for row in correlations]
        risk = _product(levels, slopes)
        if all(
            abs(level * slope - share * risk) <= TOLERANCE * share * risk
            for level, slope in zip(levels, slopes, strict=True)
        ):
            return levels
        if risk <= 0:
            break
        scale = 1 / risk.sqrt()
        levels = [level * scale for level in levels]
        for at, row in enumerate(correlations):
            rest = _product(row, levels) - row[at] * levels[at]
            levels[at] = ((rest * rest + 4 * row[at] * share).sqrt() - rest) / (2 * row[at])
    raise ValueError(
        f"no weights of equal risk within {MOST_CYCLES} cycles over {len(correlations)} symbols: leave out symbols "
        f"whose returns are opposite"
    )


def _product(one: Sequence[Decimal], two: Sequence[Decimal]) -> Decimal:
    return sum((a * b for a, b in zip(one, two, strict=True)), Decimal(0))


@dataclass(frozen=True)
class RiskParitySizer:
    """Share equity so that every symbol of the run adds the same risk: weight x pct x equity / value of one unit."""

    pct: Ratio = Decimal("0.95")
    """Share of equity spread over all symbols, 0 to 1; what is left pays for costs and gaps."""
    window: int = 63
    """Returns in the covariance, at least 2."""
    peers: ClassVar[bool] = True
    """The covariance is that of all symbols of the run."""

    def __post_init__(self) -> None:
        """Refuse a window too short for a covariance."""
        if self.window < FEWEST:
            raise ValueError(f"window {self.window} has no sample covariance; write at least {FEWEST}")

    @property
    def closes_needed(self) -> int:
        """One close more than there are returns."""
        return self.window + 1

    def size(self, request: SizeRequest) -> Size:
        """Units that the stake buys, unrounded; none where the symbol has no weight."""
        weight = self._weight(request)
        with ledger_context():
            stake = weight * request.equity * self.pct
            inputs = {"pct": Decimal(self.pct), "weight": weight, "stake": stake}
            return Size(stake / request.unit_value, inputs=inputs)

    def _weight(self, request: SizeRequest) -> Decimal:
        """The symbol's weight among those that can be measured; zero where it cannot, or where there is none."""
        returns = self._returns(request.closes)
        if request.symbol not in returns:
            return Decimal(0)
        try:
            weights = equal_risk_weights(sample_covariance(tuple(returns.values())))
        except ValueError:
            return Decimal(0)
        return dict(zip(returns, weights, strict=True))[request.symbol]

    def _returns(self, closes: Mapping[str, tuple[Decimal, ...]]) -> dict[str, tuple[Decimal, ...]]:
        """Returns by symbol, of those whose closes are enough, above zero and not all of one return."""
        latest = {symbol: closes[symbol][-self.closes_needed :] for symbol in sorted(closes)}
        enough = {one: prices for one, prices in latest.items() if len(prices) == self.closes_needed}
        returns = {one: simple_returns(prices) for one, prices in enough.items() if min(prices) > 0}
        return {one: row for one, row in returns.items() if min(row) < max(row)}
