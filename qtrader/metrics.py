"""The figures of one run, as a value: what `metrics.json` holds and ``result.metrics`` gives back."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

from qtrader.errors import StoreError
from qtrader.events import FrozenMap
from qtrader.ports import plain

_MONEY = {
    "initial_equity",
    "final_equity",
    "expectancy",
    "average_win",
    "average_loss",
    "commission",
    "slippage",
    "carry",
}
_DATES = {"drawdown_start", "drawdown_trough", "drawdown_recovery"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Metrics:
    """The figures of a run; None where one is not defined, and then ``why(name)`` says why not.

    Money is exact, in ``currency``. Ratios are float64, rounded to 12 significant digits: 0.05 is 5 %. Returns are
    those of sessions, the first against the starting equity, deposits and withdrawals taken out; the risk-free rate
    is 0.
    """

    currency: str | None
    sessions: int
    """Sessions that were valued."""
    sessions_per_year: int
    """What annual figures are scaled with: 252, or 365 for markets that never close."""
    initial_equity: Decimal | None
    """Equity before the first session."""
    final_equity: Decimal | None
    total_return: float | None
    cagr: float | None
    """Total return per year of ``sessions_per_year`` sessions."""
    volatility: float | None
    """Standard deviation of session returns (one degree of freedom taken), per year."""
    sharpe: float | None
    """Mean over standard deviation of session returns, per year."""
    sortino: float | None
    """Mean of session returns over their downside deviation (over all sessions, target 0), per year."""
    calmar: float | None
    """CAGR over the deepest drawdown."""
    max_drawdown: float | None
    """Deepest fall from a peak as a share of the peak: 0.2 is a fall of 20 %. The starting equity counts as a peak."""
    drawdown_start: date | None
    """First session below the peak of the deepest drawdown."""
    drawdown_trough: date | None
    """Session of its lowest point."""
    drawdown_recovery: date | None
    """First session back at the peak or above."""
    drawdown_sessions: int | None
    """Sessions spent below that peak, to the recovery or to the end."""
    exposure: float | None
    """Share of sessions that ended with an open position."""
    trades: int
    """Round trips, flat to flat."""
    win_rate: float | None
    """Share of round trips with a net profit; those that made exactly nothing count as no win."""
    profit_factor: float | None
    """What winning round trips made over what losing ones lost, net."""
    expectancy: Decimal | None
    """Net profit of the average round trip."""
    average_win: Decimal | None
    average_loss: Decimal | None
    """Net profit of the average losing round trip, so below zero."""
    commission: Decimal | None
    """All commissions paid."""
    slippage: Decimal | None
    """What all fills cost against their reference prices."""
    carry: Decimal | None
    """Borrow fees and margin interest, billed or accrued."""
    reasons: Mapping[str, str] = field(default_factory=FrozenMap)
    """Why a figure is None, by name."""

    @classmethod
    def undefined(cls, reason: str) -> "Metrics":
        """No figure at all, and one reason for it."""
        values: dict[str, Any] = {one.name: None for one in fields(cls)}
        reasons: FrozenMap[str, str] = FrozenMap(dict.fromkeys(values, reason))
        return cls(**{**values, "sessions": 0, "sessions_per_year": 252, "trades": 0, "reasons": reasons})

    def why(self, name: str) -> str | None:
        """Say why a figure is None; None for a figure that is defined. Raises KeyError for an unknown name."""
        known = [one.name for one in fields(self)]
        if name not in known:
            raise KeyError(f"no figure is called {name!r}; there are {', '.join(known)}")
        return self.reasons.get(name)

    def as_dict(self) -> dict[str, Any]:
        """Plain JSON values: money as decimal text, ratios as numbers, dates as ISO text."""
        return {one.name: _write(getattr(self, one.name)) for one in fields(self)}

    def to_json(self) -> str:
        """The text of `metrics.json`."""
        return json.dumps(self.as_dict(), indent=2, allow_nan=False) + "\n"

    @classmethod
    def from_json(cls, text: str) -> "Metrics":
        """Read the text of `metrics.json`. Raises StoreError where it is not one."""
        try:
            document = json.loads(text)
            return cls(**{name: _read(name, value) for name, value in document.items()})
        except (AttributeError, TypeError, ValueError, InvalidOperation) as error:
            raise StoreError(
                f"metrics.json cannot be read: {error}; run the backtest again to write it anew"
            ) from error


def _write(value: Any) -> Any:
    if isinstance(value, Decimal):
        return plain(value)
    if isinstance(value, date):
        return value.isoformat()
    return dict(value) if isinstance(value, Mapping) else value


def _read(name: str, value: Any) -> Any:
    if value is None:
        return None
    if name in _MONEY:
        return Decimal(value)
    if name in _DATES:
        return date.fromisoformat(value)
    return FrozenMap(value) if name == "reasons" else value
