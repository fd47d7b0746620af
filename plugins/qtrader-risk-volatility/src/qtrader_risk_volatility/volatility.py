"""Positions of one annual volatility: the target over what the symbol's closes have realised."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import pairwise

from qtrader.ports import Positive, Size, SizeRequest, ledger_context

FEWEST = 2
"""Returns that a sample standard deviation needs."""


def simple_returns(closes: Sequence[Decimal]) -> tuple[Decimal, ...]:
    """Each close over the one before it, less one. Raises ValueError for a close that is not above zero."""
    for close in closes:
        if close <= 0:
            raise ValueError(f"close {close} has no return: hand over closes above zero")
    with ledger_context():
        return tuple(after / before - 1 for before, after in pairwise(closes))


def realised_volatility(closes: Sequence[Decimal], periods: int) -> Decimal:
    """Annual volatility of closes: sample standard deviation of their simple returns x the root of ``periods``.

    sqrt(periods x sum((r - mean)^2) / (n - 1)) of n returns, ``periods`` of which make a year. Raises ValueError for
    fewer than three closes.

    Source: John C. Hull, Options, Futures, and Other Derivatives, on volatility from historical data; with simple
    returns in place of logarithms.
    """
    returns = simple_returns(closes)
    if len(returns) < FEWEST:
        raise ValueError(f"{len(closes)} closes have no sample deviation: hand over at least {FEWEST + 1}")
    with ledger_context():
        mean = sum(returns, Decimal(0)) / len(returns)
        squares = sum(((one - mean) * (one - mean) for one in returns), Decimal(0))
        return (periods * squares / (len(returns) - 1)).sqrt()


def calculate_volatility_target_size(
    equity: Decimal, target: Decimal, volatility: Decimal, max_leverage: Decimal
) -> Decimal:
    """Money to put into one position: target / volatility x equity, at most ``max_leverage`` x equity.

    ``target`` and ``volatility`` are annual. Without any volatility the cap alone holds; zero when equity is not
    positive. Raises ValueError for a volatility below zero.

    Source: Harvey, Hoyle, Korgaonkar, Rattray, Sargaison and Van Hemert, The Impact of Volatility Targeting, Journal
    of Portfolio Management 45(1), 2018.
    """
    if volatility < 0:
        raise ValueError(f"volatility {volatility} is below zero: hand over a standard deviation")
    with ledger_context():
        leverage = min(target / volatility, max_leverage) if volatility else max_leverage
        return max(equity, Decimal(0)) * leverage


@dataclass(frozen=True)
class VolatilityTargetSizer:
    """Give a position the annual volatility ``target``: target / realised volatility x equity / value of one unit."""

    target: Positive = Decimal("0.10")
    """Annual volatility of a position as a share of equity: 0.10 is ten percent a year."""
    window: int = 63
    """Returns in the realised volatility, at least 2."""
    max_leverage: Positive = Decimal(1)
    """At most this multiple of equity in a position, however calm its closes."""

    def __post_init__(self) -> None:
        """Refuse a window too short for a deviation."""
        if self.window < FEWEST:
            raise ValueError(f"window {self.window} has no sample deviation; write at least {FEWEST}")

    @property
    def closes_needed(self) -> int:
        """One close more than there are returns."""
        return self.window + 1

    def size(self, request: SizeRequest) -> Size:
        """Units that the stake buys, unrounded; none until there are enough closes, all above zero."""
        target, cap = Decimal(self.target), Decimal(self.max_leverage)
        closes = request.closes.get(request.symbol, ())[-self.closes_needed :]
        if len(closes) < self.closes_needed or min(closes) <= 0:
            return Size(Decimal(0), inputs={"target": target})
        volatility = realised_volatility(closes, request.periods)
        stake = calculate_volatility_target_size(request.equity, target, volatility, cap)
        with ledger_context():
            quantity = stake / request.unit_value
        return Size(quantity, inputs={"target": target, "volatility": volatility, "stake": stake})
