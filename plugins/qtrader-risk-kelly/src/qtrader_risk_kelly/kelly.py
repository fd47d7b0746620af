"""A fraction of the stake that makes an account grow fastest, from known odds or from a strategy's closed trades."""

from dataclasses import dataclass
from decimal import Decimal

from qtrader.ports import Positive, Ratio, Size, SizeRequest, TradeStatistics, ledger_context

DIGITS = 40
"""Decimals of an edge: a share such as 2/3 has no last digit, and half of three of them must still be one."""


def kelly_fraction(win_rate: Decimal, payoff: Decimal) -> Decimal:
    """Share of equity that makes it grow fastest: f = p - (1 - p) / b, below zero where there is no edge.

    p is ``win_rate``, 0 to 1; b is ``payoff``, average win over average loss. Never above p. Raises ValueError for a
    rate outside 0 to 1 and for a payoff that is not above zero.

    Source: J. L. Kelly, A New Interpretation of Information Rate, Bell System Technical Journal 35(4), 1956; for odds
    b, Edward O. Thorp, The Kelly Criterion in Blackjack, Sports Betting, and the Stock Market, 2006.
    """
    if not 0 <= win_rate <= 1:
        raise ValueError(f"win_rate {win_rate} is no share: hand over 0 to 1")
    if payoff <= 0:
        raise ValueError(f"payoff {payoff} has no stake: hand over average win / average loss, above zero")
    with ledger_context():
        return (win_rate * payoff - (1 - win_rate)) / payoff


def measured_win_rate(trades: TradeStatistics) -> Decimal | None:
    """Share of trades that won: wins / (wins + losses); None before the first."""
    closed = trades.wins + trades.losses
    with ledger_context():
        return Decimal(trades.wins) / closed if closed else None


def measured_payoff(trades: TradeStatistics) -> Decimal | None:
    """Average win over average loss: (won / wins) / (lost / losses).

    Zero where nothing was won, None where nothing was lost: what a loss will be is not known then.
    """
    if not trades.losses or not trades.lost:
        return None
    if not trades.wins:
        return Decimal(0)
    with ledger_context():
        return (trades.won * trades.losses) / (trades.lost * trades.wins)


@dataclass(frozen=True)
class KellySizer:
    """Stake a fraction of the Kelly share: fraction x (p - (1 - p) / b) x equity / value of one unit."""

    win_rate: Ratio | None = None
    """Share of trades that win, 0 to 1; without it, that of the strategy's closed trades."""
    payoff: Positive | None = None
    """Average win over average loss; without it, that of the strategy's closed trades."""
    fraction: Ratio = Decimal("0.5")
    """Share of the Kelly stake, 0 to 1: 0.5 is half Kelly."""
    min_trades: int = 30
    """Closed trades, wins and losses, before they are believed; at least 1."""
    start_pct: Ratio = Decimal(0)
    """Share of equity in a position until then, 0 to 1: at zero a strategy that has only this sizer never starts."""

    def __post_init__(self) -> None:
        """Refuse to believe in no trades at all."""
        if self.min_trades < 1:
            raise ValueError(f"min_trades {self.min_trades} measures nothing; write at least 1")

    def size(self, request: SizeRequest) -> Size:
        """Units that the stake buys, unrounded; none without an edge."""
        win_rate, payoff = self._odds(request.trades)
        with ledger_context():
            if win_rate is None or payoff is None:
                stake = request.equity * self.start_pct
                return Size(stake / request.unit_value, inputs={"stake": stake})
            share = max(kelly_fraction(win_rate, payoff), Decimal(0)) if payoff else Decimal(0)
            edge = round(share, DIGITS)
            stake = edge * self.fraction * request.equity
            inputs = {"win_rate": win_rate, "payoff": payoff, "edge": edge, "stake": stake}
            return Size(stake / request.unit_value, inputs=inputs)

    def _odds(self, trades: TradeStatistics) -> tuple[Decimal | None, Decimal | None]:
        """Win rate and payoff: the options, else what enough trades measured, else None."""
        win_rate = None if self.win_rate is None else Decimal(self.win_rate)
        payoff = None if self.payoff is None else Decimal(self.payoff)
        if trades.wins + trades.losses < self.min_trades:
            return win_rate, payoff
        return (
            measured_win_rate(trades) if win_rate is None else win_rate,
            measured_payoff(trades) if payoff is None else payoff,
        )
