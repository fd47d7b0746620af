"""How much larger than its equity an account may become."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from qtrader.ports import Intent, Positive, RiskView, Verdict
from qtrader_risk_limits.arithmetic import (
    ZERO,
    Answer,
    Band,
    around,
    exact,
    judge,
    positions,
    told,
    told_share,
    units,
    weigh,
    without,
)


@exact
def check_gross_leverage_limit(
    current_positions: Mapping[str, Decimal],
    new_symbol: str,
    new_size: Decimal,
    *,
    equity: Decimal,
    max_leverage: Decimal,
) -> tuple[bool, str]:
    """Whether longs and shorts together are at most ``max_leverage`` times ``equity`` after a trade, and why.

    ``current_positions`` are signed values in money by symbol, short negative; ``new_size`` is the signed money that
    the trade adds to ``new_symbol``. What only reduces that position is ok.
    """
    return _gross(current_positions, new_symbol, new_size, equity, max_leverage)[:2]


@exact
def check_net_leverage_limit(
    current_positions: Mapping[str, Decimal],
    new_symbol: str,
    new_size: Decimal,
    *,
    equity: Decimal,
    max_leverage: Decimal,
) -> tuple[bool, str]:
    """Whether longs less shorts are at most ``max_leverage`` times ``equity``, either way, after a trade, and why.

    Values as in ``check_gross_leverage_limit``. A trade towards the other side is ok, and so is what only reduces the
    position in its symbol, even where that position offsets others.
    """
    return _net(current_positions, new_symbol, new_size, equity, max_leverage)[:2]


def _gross(
    current: Mapping[str, Decimal], symbol: str, change: Decimal, equity: Decimal, most_times: Decimal
) -> Answer:
    held, others = current.get(symbol, ZERO), sum(map(abs, without(current, symbol)), ZERO)
    most = max(equity, ZERO) * most_times
    whole = told_share(others + abs(held + change), equity, "equity")
    reason = f"longs and shorts would be {whole}: at most {told(most_times)}, {told(most)}"
    return weigh(held, change, around(most - others), reason)


def _net(current: Mapping[str, Decimal], symbol: str, change: Decimal, equity: Decimal, most_times: Decimal) -> Answer:
    held, others = current.get(symbol, ZERO), sum(without(current, symbol), ZERO)
    most = max(equity, ZERO) * most_times
    whole = told_share(others + held + change, equity, "equity")
    reason = f"longs less shorts would be {whole}: at most {told(most_times)}, {told(most)}, either way"
    return weigh(held, change, Band(-most - others, most - others), reason)


@dataclass(frozen=True)
class GrossLeverageLimit:
    """Let longs and shorts together become no more than ``max`` times equity: shrink to what fits, or refuse.

    What only reduces a position passes.
    """

    max: Positive
    """The largest value of longs and shorts together, in times of equity; above 0."""

    @exact
    def check(self, intent: Intent, books: RiskView) -> Verdict:
        """Pass, shrink or refuse one intent."""
        worth = units(intent) * intent.unit_value
        answer = _gross(positions(intent, books), intent.symbol, worth, books.equity, self.max)
        return judge(intent, answer, intent.unit_value)


@dataclass(frozen=True)
class NetLeverageLimit:
    """Let longs less shorts become no more than ``max`` times equity, either way: shrink to what fits, or refuse.

    What only reduces a position passes, even a hedge.
    """

    max: Positive
    """The largest value of longs less shorts, or shorts less longs, in times of equity; above 0."""

    @exact
    def check(self, intent: Intent, books: RiskView) -> Verdict:
        """Pass, shrink or refuse one intent."""
        worth = units(intent) * intent.unit_value
        answer = _net(positions(intent, books), intent.symbol, worth, books.equity, self.max)
        return judge(intent, answer, intent.unit_value)
