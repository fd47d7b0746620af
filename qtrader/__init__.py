"""QTrader: event-driven backtesting and trading.

What is exported here is imported when it is first used, so that `import qtrader` and the command line stay quick.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from qtrader.api import backtest, bars, open_run, source, use
    from qtrader.bar_table import Bar, BarTable
    from qtrader.config import read_settings
    from qtrader.emitter import Emitter
    from qtrader.engine.backtest_engine import BacktestEngine
    from qtrader.events.event_bus import EventBus
    from qtrader.hookspecs import hookimpl
    from qtrader.market import Market, ScheduledAction, Session
    from qtrader.metrics import Metrics
    from qtrader.ports import Columns, Context, Mask, SignalIntention
    from qtrader.result import Result
    from qtrader.wiring import wire_alone

_EXPORTS = {
    "BacktestEngine": "qtrader.engine.backtest_engine",
    "Bar": "qtrader.bar_table",
    "BarTable": "qtrader.bar_table",
    "Quotes": "qtrader.quotes",
    "Columns": "qtrader.ports",
    "Context": "qtrader.ports",
    "Emitter": "qtrader.emitter",
    "EventBus": "qtrader.events.event_bus",
    "Market": "qtrader.market",
    "Mask": "qtrader.ports",
    "Metrics": "qtrader.metrics",
    "Result": "qtrader.result",
    "ScheduledAction": "qtrader.market",
    "Session": "qtrader.market",
    "SignalIntention": "qtrader.ports",
    "backtest": "qtrader.api",
    "bars": "qtrader.api",
    "hookimpl": "qtrader.hookspecs",
    "open_run": "qtrader.api",
    "read_settings": "qtrader.config",
    "source": "qtrader.api",
    "use": "qtrader.api",
    "wire_alone": "qtrader.wiring",
}

__all__ = [
    "BacktestEngine",
    "Bar",
    "BarTable",
    "Columns",
    "Context",
    "Emitter",
    "EventBus",
    "Market",
    "Mask",
    "Metrics",
    "Quotes",
    "Result",
    "ScheduledAction",
    "Session",
    "SignalIntention",
    "backtest",
    "bars",
    "hookimpl",
    "open_run",
    "read_settings",
    "source",
    "use",
    "wire_alone",
]


def __getattr__(name: str) -> Any:
    """Import an exported name from the module that defines it."""
    if name not in _EXPORTS:
        raise AttributeError(f"module 'qtrader' has no attribute {name!r}")
    value = getattr(import_module(_EXPORTS[name]), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *_EXPORTS})
