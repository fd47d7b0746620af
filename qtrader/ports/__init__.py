"""What plugins implement and what they are handed: protocols and their value types.

Each is imported when it is first used: a plugin that names a protocol in ``plugin.py`` does not load the others.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from qtrader.ports.actions import by_ex_date, read_actions
    from qtrader.ports.chunks import Chunk, ChunkReader
    from qtrader.ports.data import (
        ACTION_ORDER,
        ENDING,
        INTERVALS,
        RESCALING,
        ActionType,
        AssetClass,
        CorporateAction,
        DataSource,
        Instrument,
        Interval,
        Prices,
        SourceFacts,
        Stamp,
    )
    from qtrader.ports.decimals import LEDGER, NonNegative, Positive, Ratio, ledger_context, money, plain
    from qtrader.ports.exchange_rates import ExchangeRates
    from qtrader.ports.files import FileSource
    from qtrader.ports.fill import (
        CommissionModel,
        FillDecision,
        FillPolicy,
        FillValue,
        Side,
        SlippageModel,
        WorkingOrder,
    )
    from qtrader.ports.market import BarValue
    from qtrader.ports.paths import no_file
    from qtrader.ports.periods import Period
    from qtrader.ports.report import ReportWriter
    from qtrader.ports.risk import (
        BooksView,
        Intent,
        RiskLimit,
        RiskView,
        Size,
        Sizer,
        SizeRequest,
        TradeStatistics,
        Verdict,
    )
    from qtrader.ports.service import Feed, Handler, Identified, Phase, Service, Snapshot, Wiring
    from qtrader.ports.strategy import (
        Bars,
        Columns,
        Context,
        Indicator,
        IndicatorStream,
        Mask,
        SignalIntention,
        Strategy,
        Tracked,
        intervals_of,
    )
    from qtrader.ports.tables import PRICES, QUOTES, SIZES, Origin, bar_rows, pick_columns
    from qtrader.ports.times import as_text, is_text

_HOMES = {
    "ACTION_ORDER": "data",
    "ActionType": "data",
    "AssetClass": "data",
    "BarValue": "market",
    "Bars": "strategy",
    "BooksView": "risk",
    "Chunk": "chunks",
    "ChunkReader": "chunks",
    "Columns": "strategy",
    "CommissionModel": "fill",
    "Context": "strategy",
    "CorporateAction": "data",
    "DataSource": "data",
    "ExchangeRates": "exchange_rates",
    "Feed": "service",
    "FileSource": "files",
    "FillDecision": "fill",
    "FillPolicy": "fill",
    "FillValue": "fill",
    "Handler": "service",
    "INTERVALS": "data",
    "Identified": "service",
    "Indicator": "strategy",
    "IndicatorStream": "strategy",
    "Instrument": "data",
    "Intent": "risk",
    "Interval": "data",
    "LEDGER": "decimals",
    "Mask": "strategy",
    "NonNegative": "decimals",
    "Origin": "tables",
    "PRICES": "tables",
    "Period": "periods",
    "Phase": "service",
    "Positive": "decimals",
    "Prices": "data",
    "QUOTES": "tables",
    "ENDING": "data",
    "RESCALING": "data",
    "Ratio": "decimals",
    "ReportWriter": "report",
    "RiskLimit": "risk",
    "RiskView": "risk",
    "SIZES": "tables",
    "Service": "service",
    "Side": "fill",
    "SignalIntention": "strategy",
    "Size": "risk",
    "SizeRequest": "risk",
    "Sizer": "risk",
    "SlippageModel": "fill",
    "Snapshot": "service",
    "SourceFacts": "data",
    "Stamp": "data",
    "Strategy": "strategy",
    "Tracked": "strategy",
    "TradeStatistics": "risk",
    "Verdict": "risk",
    "Wiring": "service",
    "WorkingOrder": "fill",
    "as_text": "times",
    "bar_rows": "tables",
    "by_ex_date": "actions",
    "intervals_of": "strategy",
    "is_text": "times",
    "ledger_context": "decimals",
    "money": "decimals",
    "no_file": "paths",
    "pick_columns": "tables",
    "plain": "decimals",
    "price_range": "fill",
    "read_actions": "actions",
}
"""The module of this package that each name lives in."""

__all__ = [
    "ACTION_ORDER",
    "ENDING",
    "INTERVALS",
    "LEDGER",
    "PRICES",
    "QUOTES",
    "RESCALING",
    "SIZES",
    "ActionType",
    "AssetClass",
    "BarValue",
    "Bars",
    "BooksView",
    "Chunk",
    "ChunkReader",
    "Columns",
    "CommissionModel",
    "Context",
    "CorporateAction",
    "DataSource",
    "ExchangeRates",
    "Feed",
    "FileSource",
    "FillDecision",
    "FillPolicy",
    "FillValue",
    "Handler",
    "Identified",
    "Indicator",
    "IndicatorStream",
    "Instrument",
    "Intent",
    "Interval",
    "Mask",
    "NonNegative",
    "Origin",
    "Period",
    "Phase",
    "Positive",
    "Prices",
    "Ratio",
    "ReportWriter",
    "RiskLimit",
    "RiskView",
    "Service",
    "Side",
    "SignalIntention",
    "Size",
    "SizeRequest",
    "Sizer",
    "SlippageModel",
    "Snapshot",
    "SourceFacts",
    "Stamp",
    "Strategy",
    "Tracked",
    "TradeStatistics",
    "Verdict",
    "Wiring",
    "WorkingOrder",
    "as_text",
    "bar_rows",
    "by_ex_date",
    "intervals_of",
    "is_text",
    "ledger_context",
    "money",
    "no_file",
    "pick_columns",
    "plain",
    "price_range",
    "read_actions",
]


def __getattr__(name: str) -> Any:
    """Import a name from the module that defines it."""
    if name not in _HOMES:
        raise AttributeError(f"module 'qtrader.ports' has no attribute {name!r}")
    value = getattr(import_module(f"qtrader.ports.{_HOMES[name]}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *_HOMES})
