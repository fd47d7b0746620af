"""How far equity is below its highest so far, followed from value to value without any state of its own."""

from dataclasses import dataclass
from decimal import Decimal

from qtrader.ports import ledger_context


@dataclass(frozen=True)
class DrawdownState:
    """Where a series of equities stands after its latest; shares are of the peak and above 1 once equity is a debt."""

    peak: Decimal
    """The highest equity so far."""
    equity: Decimal
    """The latest equity."""
    drawdown: Decimal
    """How far the latest is below the peak, as a share of it; 0 at a peak."""
    max_drawdown: Decimal
    """The largest drawdown so far."""
    since: int
    """How many values ago the peak was reached, for the last time; 0 at a peak."""
    longest: int
    """The largest ``since`` so far."""


def track_drawdown(state: DrawdownState | None, equity: Decimal) -> DrawdownState:
    """The state after one more equity; ``state`` is that after the one before, None at the first.

    Raises ValueError where the first equity is not above zero: nothing has a share of it.
    """
    if state is None:
        if not equity > 0:
            raise ValueError(f"equity {equity} is no peak to fall from: begin with an equity above 0")
        return DrawdownState(equity, equity, Decimal(0), Decimal(0), since=0, longest=0)
    if equity >= state.peak:
        return DrawdownState(equity, equity, Decimal(0), state.max_drawdown, since=0, longest=state.longest)
    with ledger_context():
        drawdown = (state.peak - equity) / state.peak
    since = state.since + 1
    return DrawdownState(
        state.peak, equity, drawdown, max(state.max_drawdown, drawdown), since, max(state.longest, since)
    )
