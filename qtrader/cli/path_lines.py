"""What ``qtrader backtest --paths`` says: how far the result hangs on what happened inside bars."""

from decimal import Decimal
from typing import Any

from qtrader.ports import plain
from qtrader.sensitivity import Paths, PathTrade

MOST = 5
"""Trades that are listed; ``--json`` has all."""


def paths_summary(found: Paths) -> dict[str, Any]:
    """The object ``paths`` of ``--json``: money as decimal text, times in ISO 8601, UTC."""
    return {
        "final_equity_low": _text(found.final_equity_low),
        "final_equity_high": _text(found.final_equity_high),
        "trades": [
            {
                "strategy_id": trade.strategy_id,
                "symbol": trade.symbol,
                "entry_time": trade.entry_time.isoformat(),
                "currency": trade.currency,
                "booked": _text(trade.booked),
                "adverse": _text(trade.adverse),
                "favourable": _text(trade.favourable),
            }
            for trade in found.trades
        ],
    }


def paths_lines(found: Paths) -> str:
    """The lines under the result."""
    if not found.chooses:
        return "paths: the fill policy has no path inside bars to choose; nothing hangs on it"
    low, high = _money(found.final_equity_low), _money(found.final_equity_high)
    if not found.trades and low == high:
        return f"paths: final equity {low} along the worst and the best path inside bars alike"
    noun = "trade hangs" if len(found.trades) == 1 else "trades hang"
    lines = [f"paths: final equity {low} to {high}, as prices went inside bars; {len(found.trades)} {noun} on it"]
    lines += [f"  {_line(trade)}" for trade in found.trades[:MOST]]
    if len(found.trades) > MOST:
        lines.append(f"  and {len(found.trades) - MOST} more: --json lists all")
    return "\n".join(lines)


def _line(trade: PathTrade) -> str:
    return (
        f"{trade.strategy_id} {trade.symbol} since {trade.entry_time:%Y-%m-%d %H:%M} UTC: {_money(trade.adverse)} at "
        f"worst, {_money(trade.favourable)} at best, {_money(trade.booked)} booked ({trade.currency})"
    )


def _money(value: Decimal | None) -> str:
    return "not closed" if value is None else f"{value:,.2f}"


def _text(value: Decimal | None) -> str | None:
    return None if value is None else plain(value)
