"""Every key of a configuration: what it means, and which part of a run reads it."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType


@dataclass(frozen=True, slots=True)
class Meaning:
    """A key in words, and its readers: ``kernel`` or names of services."""

    text: str
    readers: tuple[str, ...]


def _key(text: str, *readers: str) -> Meaning:
    return Meaning(text, readers)


KEYS: Mapping[str, Meaning] = MappingProxyType(
    {
        "name": _key("Name of the run and of its folder: small letters, digits, _ and -", "kernel"),
        "data.source": _key("A name from data_sources", "data"),
        "data.symbols": _key("What to trade, each once", "data"),
        "data.interval": _key(
            "Length of a bar, or a list such as [1m, 1d]: the first is traded at; coarser bars are made of finer ones",
            "data",
        ),
        "data.start": _key("First session that may trade; earlier bars are warm-up", "data"),
        "data.end": _key("Last session, inclusive", "data"),
        "data.signal_view": _key(
            "What indicators read: prices adjusted for splits so far, for dividends too, or as traded", "data"
        ),
        "strategies[].name": _key("Appears in every signal, order, lot and trade", "strategy"),
        "strategies[].use": _key("The strategy", "strategy"),
        "strategies[].with": _key("Its options", "strategy"),
        "strategies[].intervals": _key(
            "The intervals whose bars it gets; left out, those that its class names, else the first of data.interval",
            "strategy",
        ),
        "strategies[].budget": _key("Share of equity that it is sized from and keeps within, 0 to 1", "manager"),
        "strategies[].symbols": _key("The symbols it sees; left out, all of data.symbols", "strategy"),
        "report.use[]": _key("What is written at the end", "reporting"),
        "services[]": _key("References to further services, beside the six that every run has", "kernel"),
        "data.instruments.NAME.source": _key("The source that delivers it, where that is not data.source", "data"),
        "data.instruments.NAME.asset_class": _key("Kind of instrument", "data"),
        "data.instruments.NAME.currency": _key("Currency of its prices", "data"),
        "data.instruments.NAME.calendar": _key("Exchange whose sessions count, such as XNYS, or 24/7", "data"),
        "data.instruments.NAME.zone": _key("Time zone, such as America/New_York", "data"),
        "data.instruments.NAME.price_decimals": _key("Decimals of its prices, 0 to 18", "data"),
        "data.instruments.NAME.tick": _key("Smallest price step", "data"),
        "data.instruments.NAME.lot": _key("Smallest quantity step", "data"),
        "data.instruments.NAME.multiplier": _key("Value of one point", "data"),
        "data.instruments.NAME.listed": _key("First session on which it can be traded", "data"),
        "data.instruments.NAME.delisted": _key("Last session on which it can be traded", "data"),
        "data.instruments.NAME.shortable": _key("Whether it can be sold short: true or false", "data"),
        "data.instruments.NAME.negative_prices": _key("Whether prices may be zero or below: true or false", "data"),
        "data.instruments.NAME.sector": _key("Any text", "data"),
        "engine.mode": _key("How the engine runs; the same events either way", "kernel"),
        "engine.valuation": _key("How often a point of the equity curve is made", "kernel"),
        "engine.snapshots": _key("When the whole portfolio is written as an event", "portfolio"),
        "engine.guard": _key("Whether the books are checked after every event that touches them", "kernel"),
        "execution.fill": _key("When and at what price orders fill; left out, the installed default", "execution"),
        "execution.commission": _key("What the broker takes; left out, the installed default", "execution"),
        "execution.slippage": _key(
            "How much worse fills are than the price seen; left out, the installed default", "execution"
        ),
        "execution.max_participation": _key(
            "Share of a bar's volume that all orders of an instrument together may fill; left out: all",
            "execution",
        ),
        "runs.dir": _key("Where run folders go", "kernel"),
        "runs.archive": _key("When the bars are copied into the run folder; auto: when under 50 MB", "kernel"),
        "portfolio.currency": _key("Currency of the account, three capital letters", "kernel", "portfolio"),
        "portfolio.cash": _key("Cash at the start", "portfolio"),
        "portfolio.account": _key("Kind of account; cash: no shorts, no loan", "manager"),
        "portfolio.lots.long": _key("Which lots of a long position a sale takes", "portfolio"),
        "portfolio.lots.short": _key("Which lots of a short position a purchase takes", "portfolio"),
        "portfolio.rates.NAME.symbol": _key("Symbol of the run whose closes are the rate", "kernel"),
        "portfolio.rates.NAME.table": _key("By day: the rate from then on", "kernel"),
        "portfolio.rates_max_age": _key("How many days old a rate may be", "kernel"),
        "portfolio.conversion": _key("Whether cash in other currencies is exchanged at once", "portfolio"),
        "portfolio.borrow.rate": _key("What shorts cost a year: 0.05 for 5 %", "portfolio"),
        "portfolio.borrow.changes": _key("By day: the rate from then on", "portfolio"),
        "portfolio.borrow.day_count": _key("Days of a year", "portfolio"),
        "portfolio.borrow.basis": _key(
            "What the rate is of: the close, or 102 % of it rounded up to a whole unit of currency", "portfolio"
        ),
        "portfolio.borrow.available": _key("By symbol: the units that can be borrowed to be sold short", "manager"),
        "portfolio.borrow.symbols.NAME.rate": _key("A rate of its own", "portfolio"),
        "portfolio.borrow.symbols.NAME.changes": _key("By day: its rate from then on", "portfolio"),
        "portfolio.margin_interest.rate": _key("What borrowed cash costs a year: 0.05 for 5 %", "portfolio"),
        "portfolio.margin_interest.changes": _key("By day: the rate from then on", "portfolio"),
        "portfolio.margin_interest.day_count": _key("Days of a year", "portfolio"),
        "portfolio.margin_interest.currencies.NAME.rate": _key("A rate of its own", "portfolio"),
        "portfolio.margin_interest.currencies.NAME.changes": _key("By day: its rate from then on", "portfolio"),
        "risk.policy": _key(
            "Name of the policy that turns signals into orders; left out, the installed default", "manager"
        ),
        "risk.policies": _key("Folders with policies of your own, searched after the installed ones", "manager"),
        "risk.sizing": _key("A sizer in place of the policy's own", "manager"),
        "data_sources.NAME.use": _key("The data source", "data"),
        "data_sources.NAME.with": _key("Its options", "data"),
        "data_sources.NAME.prices": _key("What the prices are; required where the source does not know", "data"),
        "data_sources.NAME.stamp": _key(
            "What a time in the data is: start or end of the bar, or its session's date", "data"
        ),
        "data_sources.NAME.zone": _key("Time zone of times without one, such as America/New_York", "data"),
        "data_sources.NAME.calendar": _key("Exchange whose sessions count, such as XNYS, or 24/7", "data"),
        "data_sources.NAME.currency": _key("Currency of the prices", "data"),
        "data_sources.NAME.asset_class": _key("Kind of instrument", "data"),
        "data_sources.NAME.decimals": _key("Decimals of prices that are stored as floating point, 0 to 18", "data"),
        "data_sources.NAME.volume_decimals": _key(
            "Decimals of volumes that are stored as floating point, 0 to 18", "data"
        ),
        "data_sources.NAME.on_bad_rows": _key("What becomes of rows that cannot be bars: refuse, or drop", "data"),
        "data_sources.NAME.crossed_quotes": _key(
            "What becomes of bars whose bid is above the ask: refuse, or keep; they never fill", "data"
        ),
        "data_sources.NAME.actions": _key("CSV file of splits and dividends", "data"),
    }
)
"""By key path; ``[]`` is an item of a list, ``NAME`` a name of the user's choice."""

NAMED = frozenset(
    {
        ("data_sources",),
        ("data", "instruments"),
        ("portfolio", "rates"),
        ("portfolio", "borrow", "symbols"),
        ("portfolio", "margin_interest", "currencies"),
    }
)
"""The mappings whose keys are the user's: names of sources, symbols, currencies."""

TOOLS: Mapping[str, str] = MappingProxyType(
    {
        "data_sources.NAME": "data-source",
        "strategies[]": "strategy",
        "execution.fill": "fill-policy",
        "execution.commission": "commission",
        "execution.slippage": "slippage",
        "risk.sizing": "sizer",
        "report.use[]": "report",
        "services[]": "service",
    }
)
"""Where a configuration holds references, and the kind of thing that each of them names."""
