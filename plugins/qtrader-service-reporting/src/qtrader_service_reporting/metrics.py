"""From what a run left behind (valuations, flows, trades, fills) to its figures. Pure: values in, ``Metrics`` out."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any, TypeVar

from qtrader import Metrics
from qtrader.events import FillEvent, FrozenMap, TradeEvent, ValuationEvent
from qtrader.ports import ledger_context, money
from qtrader_service_reporting import figures
from qtrader_service_reporting.figures import Amount, Drawdown, Figure, Undefined

ONE = Decimal(1)
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Flow:
    """Money that came from outside (or left: below zero), after ``place`` valuations."""

    place: int
    currency: str
    amount: Decimal


@dataclass(frozen=True, slots=True)
class Point:
    """One session of the equity curve: its last valuation and the flows since the session before."""

    session: date
    equity: Decimal
    flow: Decimal
    invested: bool


@dataclass(frozen=True, slots=True)
class Curve:
    """The equity curve by session, from the equity before the first."""

    initial: Decimal
    points: Sequence[Point]

    def wealth(self) -> list[float] | Undefined:
        """What 1.0 became, session by session, flows taken out: each counts as arriving at its session's end."""
        if self.initial <= 0:
            return Undefined("the run started with no equity")
        if all(point.flow == 0 for point in self.points):
            return [1.0, *(float(point.equity / self.initial) for point in self.points)]
        returns = self.returns()
        return returns if isinstance(returns, Undefined) else figures.compound(returns)

    def returns(self) -> list[float] | Undefined:
        """The return of each session on the equity before it."""
        before, found = self.initial, []
        for point in self.points:
            if before <= 0:
                return Undefined(f"equity was {before} before {point.session}: a return on nothing is not defined")
            found.append(float((point.equity - point.flow) / before - 1))
            before = point.equity
        return found


def compute(
    valuations: Sequence[ValuationEvent],
    flows: Sequence[Flow],
    trades: Iterable[TradeEvent],
    fills: Iterable[FillEvent],
    *,
    sessions_per_year: int = 252,
    multipliers: Mapping[str, Decimal] | None = None,
    carry: Mapping[str, Decimal] | None = None,
) -> Metrics:
    """Every figure of a run. ``multipliers`` are those of the instruments, 1 where not named; ``carry`` by currency."""
    with ledger_context():
        currency = valuations[-1].currency if valuations else None
        curve = _curve(valuations, flows)
        found: dict[str, Any] = {
            **_growth(curve, sessions_per_year),
            **_trading(list(trades), currency),
            **_costs(list(fills), currency, multipliers or {}),
            "carry": _foreign("costs of holding", carry or (), currency) or sum((carry or {}).values(), Decimal(0)),
        }
    reasons = {name: value.reason for name, value in found.items() if isinstance(value, Undefined)}
    return Metrics(
        currency=currency,
        sessions_per_year=sessions_per_year,
        reasons=FrozenMap(reasons),
        **{name: _settle(value) for name, value in found.items()},
    )


def _settle(value: Any) -> Any:
    if isinstance(value, Undefined):
        return None
    return figures.significant(value) if isinstance(value, float) else value


def _curve(valuations: Sequence[ValuationEvent], flows: Sequence[Flow]) -> Curve | Undefined:
    """One point per session; without a deposit beforehand the first valuation is the start."""
    if not valuations:
        return Undefined("no session was valued")
    foreign = {flow.currency for flow in flows} - {valuations[-1].currency}
    if foreign:
        return Undefined(f"flows in {', '.join(sorted(foreign))} cannot be set against {valuations[-1].currency}")
    initial = sum((flow.amount for flow in flows if flow.place == 0), Decimal(0)) or valuations[0].equity
    points, since = [], 0
    for place, valuation in enumerate(valuations):
        session = _session(valuation)
        if place + 1 < len(valuations) and _session(valuations[place + 1]) == session:
            continue
        flow = sum((flow.amount for flow in flows if since < flow.place <= place), Decimal(0))
        points.append(Point(session, valuation.equity, flow, valuation.open_positions > 0))
        since = place
    return Curve(initial, points)


def _session(valuation: ValuationEvent) -> date:
    return valuation.session or valuation.occurred_at.date()


def _growth(curve: Curve | Undefined, periods: int) -> dict[str, Any]:
    """What the equity curve says."""
    if isinstance(curve, Undefined):
        nothing = dict.fromkeys((*_EQUITY, *_RETURNS, *_DRAWDOWN, "exposure"), curve)
        return {**nothing, "sessions": 0}
    points, wealth, returns = curve.points, curve.wealth(), curve.returns()
    growth = wealth if isinstance(wealth, Undefined) else figures.cagr(wealth, periods)
    fall = wealth if isinstance(wealth, Undefined) else figures.drawdown(wealth)
    return {
        "sessions": len(points),
        "initial_equity": curve.initial,
        "final_equity": points[-1].equity,
        "total_return": wealth if isinstance(wealth, Undefined) else wealth[-1] - 1.0,
        "cagr": growth,
        "volatility": returns if isinstance(returns, Undefined) else figures.volatility(returns, periods),
        "sharpe": returns if isinstance(returns, Undefined) else figures.sharpe(returns, periods),
        "sortino": returns if isinstance(returns, Undefined) else figures.sortino(returns, periods),
        "calmar": figures.calmar(growth, fall),
        **_fall(fall, [point.session for point in points]),
        "exposure": sum(point.invested for point in points) / len(points),
    }


_EQUITY = ("initial_equity", "final_equity", "total_return")
_RETURNS = ("cagr", "volatility", "sharpe", "sortino", "calmar")
_DRAWDOWN = ("max_drawdown", "drawdown_start", "drawdown_trough", "drawdown_recovery", "drawdown_sessions")


def _fall(fall: Drawdown | Undefined, sessions: Sequence[date]) -> dict[str, Any]:
    """The deepest drawdown, with places in the wealth (the start is place 0) turned into sessions."""
    if isinstance(fall, Undefined):
        return dict.fromkeys(_DRAWDOWN, fall)
    if not fall.depth:
        never = Undefined("equity never fell below an earlier peak")
        return {**dict.fromkeys(_DRAWDOWN, never), "max_drawdown": 0.0, "drawdown_sessions": 0}
    lasting = Undefined("the peak was not reached again")
    return {
        "max_drawdown": fall.depth,
        "drawdown_start": sessions[fall.start - 1],
        "drawdown_trough": sessions[fall.trough - 1],
        "drawdown_recovery": lasting if fall.recovery is None else sessions[fall.recovery - 1],
        "drawdown_sessions": fall.sessions,
    }


def round_trips(trades: Iterable[TradeEvent]) -> list[Decimal]:
    """Net profit of each closed round trip, in the order in which they closed."""
    running: dict[str, Decimal] = {}
    closed = []
    for trade in trades:
        profit = running.pop(trade.round_trip_id, Decimal(0)) + trade.net_pnl
        if trade.closes_round_trip:
            closed.append(profit)
        else:
            running[trade.round_trip_id] = profit
    return closed


def _trading(trades: Sequence[TradeEvent], currency: str | None) -> dict[str, Any]:
    """What the closed round trips say."""
    profits = round_trips(trades)
    mixed = _foreign("trades", (trade.currency for trade in trades), currency)
    wins, losses = [one for one in profits if one > 0], [one for one in profits if one < 0]
    found: dict[str, Figure | Amount] = {
        "profit_factor": figures.profit_factor(profits),
        "expectancy": figures.average(profits, "no round trip was closed"),
        "average_win": figures.average(wins, "no round trip made money"),
        "average_loss": figures.average(losses, "no round trip lost money"),
    }
    if mixed:
        found = dict.fromkeys(found, mixed)
    return {"trades": len(profits), "win_rate": figures.win_rate(profits), **found}


def _costs(fills: Sequence[FillEvent], currency: str | None, multipliers: Mapping[str, Decimal]) -> dict[str, Any]:
    """What the fills cost, in fees and against their reference prices."""
    paid = sum((fill.commission for fill in fills), Decimal(0))
    slipped = sum((fill.slippage * fill.quantity * multipliers.get(fill.symbol, ONE) for fill in fills), Decimal(0))
    foreign_fees = _foreign("commissions", (fill.commission_currency for fill in fills), currency)
    foreign_prices = _foreign("prices", (fill.currency for fill in fills), currency)
    return {"commission": foreign_fees or money(paid), "slippage": foreign_prices or money(slipped)}


def _foreign(what: str, found: Iterable[str], currency: str | None) -> Undefined | None:
    """Why amounts cannot be added up: they are not all in the account's currency."""
    currencies = sorted({*found, *([currency] if currency else [])})
    return Undefined(f"{what} are in several currencies: {', '.join(currencies)}") if len(currencies) > 1 else None
