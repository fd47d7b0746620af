"""What a data source is, and the values it hands over."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Literal, Protocol, get_args, runtime_checkable

if TYPE_CHECKING:
    import pyarrow as pa

AssetClass = Literal["equity", "etf", "index", "fx", "crypto", "future", "option", "bond", "fund", "other"]
Interval = Literal[
    "1s",
    "5s",
    "10s",
    "15s",
    "30s",
    "1m",
    "2m",
    "3m",
    "5m",
    "10m",
    "15m",
    "30m",
    "1h",
    "2h",
    "4h",
    "6h",
    "8h",
    "12h",
    "1d",
    "1w",
    "1mo",
]
INTERVALS: tuple[Interval, ...] = get_args(Interval)
"""Every interval, the finest first."""
Prices = Literal["raw", "split-adjusted", "total-return"]
Stamp = Literal["start", "end", "session"]
ActionType = Literal[
    "split",
    "reverse_split",
    "cash_dividend",
    "stock_dividend",
    "spin_off",
    "merger",
    "rights",
    "symbol_change",
    "delisting",
]

RESCALING: frozenset[ActionType] = frozenset({"split", "reverse_split", "stock_dividend"})
"""Actions that change the number of units: ``numerator`` new for ``denominator`` old."""
ENDING: frozenset[ActionType] = frozenset({"symbol_change", "merger", "delisting"})
"""Actions after which a symbol trades no more: their ex-date may lie after its last bar."""
ACTION_ORDER: tuple[ActionType, ...] = (
    "symbol_change",
    "split",
    "reverse_split",
    "stock_dividend",
    "spin_off",
    "merger",
    "rights",
    "cash_dividend",
    "delisting",
)
"""The order of actions at one session's open."""


@dataclass(frozen=True, slots=True)
class Instrument:
    """What is traded. Field names are those of contract ``data/instrument.v1``; nothing is guessed downstream.

    ``price_decimals`` is the number of decimals of its prices (None: read off the data), ``tick`` the smallest price
    step, ``lot`` the smallest quantity step, ``multiplier`` the value of one point, ``calendar`` an exchange calendar
    name such as ``XNYS`` or ``24/7``, ``zone`` an IANA time zone, dates are session dates; ``negative_prices`` says
    that a price of zero or below is one, and no mistake.
    """

    symbol: str
    asset_class: AssetClass = "equity"
    currency: str = "USD"
    calendar: str = "24/7"
    zone: str = "UTC"
    price_decimals: int | None = None
    tick: Decimal | None = None
    lot: Decimal = Decimal(1)
    multiplier: Decimal = Decimal(1)
    listed: date | None = None
    delisted: date | None = None
    shortable: bool = True
    negative_prices: bool = False
    sector: str | None = None


@dataclass(frozen=True, slots=True)
class CorporateAction:
    """One corporate action as a source knows it. Field names are those of contract ``data/corporate_action.v1``.

    Splits and stock dividends: ``numerator`` new units for ``denominator`` old ones. Cash dividend: ``amount`` per
    unit in ``currency``. Spin-off: ``ratio`` units of ``new_symbol`` per unit. Merger: ``cash_amount`` and/or ``ratio``
    units of ``new_symbol``. Rights: ``ratio`` at ``subscription_price``. Delisting: ``value`` per unit.
    """

    symbol: str
    action_type: ActionType
    ex_date: date
    record_date: date | None = None
    pay_date: date | None = None
    numerator: int | None = None
    denominator: int | None = None
    reference_price: Decimal | None = None
    amount: Decimal | None = None
    currency: str | None = None
    withholding: Decimal | None = None
    amount_basis: Literal["pre_split", "post_split"] | None = None
    new_symbol: str | None = None
    ratio: Decimal | None = None
    cash_amount: Decimal | None = None
    cost_share: Decimal | None = None
    subscription_price: Decimal | None = None
    value: Decimal | None = None


@dataclass(frozen=True, slots=True)
class SourceFacts:
    """What a source says about its rows; None where it does not know, and then the configuration must say it.

    ``prices`` says what corporate actions are already in the prices; ``stamp`` whether a time is the start or the end
    of its bar, or a ``session`` date; ``zone`` the zone of naive times; ``decimals`` the price decimals of float
    columns, rounded to them (None: the fewest, at most 8, that keep every value exact), ``volume_decimals`` the same of
    volumes and sizes; ``knows_actions`` whether
    ``actions`` tells all splits and dividends there were, so that an empty answer means none.
    """

    prices: Prices | None = None
    stamp: Stamp | None = None
    zone: str | None = None
    decimals: int | None = None
    columns: Mapping[str, str] | None = None
    knows_actions: bool = False
    volume_decimals: int | None = None


@runtime_checkable
class DataSource(Protocol):
    """Where bars come from.

    ``bars`` yields rows in time order with columns ``time`` (timestamp, or date32 for stamp ``session``), ``open``,
    ``high``, ``low``, ``close`` (decimal, integer, float64, or text with the digits), or ``bid_open`` to ``ask_close``
    in their place or beside them, and optionally ``volume``, ``bid_size``, ``ask_size``. ``start`` and ``end`` are
    session dates, both inclusive, None for no bound; rows a day or two outside may come too and are trimmed by session.

    Where a row comes from may be told in the columns ``file`` and ``row`` (its number there, from 1), what the source
    found wrong with it in ``fault`` (see ``qtrader.ports.files``): messages then name the place in the file. The data
    service turns the rows into checked fixed-point columns. An instrument's calendar and currency are empty where the
    source does not know them.
    """

    @property
    def facts(self) -> SourceFacts:
        """What the source declares about its rows."""
        ...

    def instruments(self) -> Sequence[Instrument]:
        """Every instrument that the source can deliver, in symbol order."""
        ...

    def intervals(self, symbol: str) -> Sequence[Interval]:
        """The intervals that the source has for a symbol; the data service aggregates coarser ones from them."""
        ...

    def bars(self, symbol: str, interval: Interval, start: date | None, end: date | None) -> "pa.RecordBatchReader":
        """Rows of one symbol. Raises DataError for a symbol or an interval that the source has not got."""
        ...

    def actions(self, symbol: str) -> Sequence[CorporateAction]:
        """Corporate actions of one symbol, by ex-date."""
        ...
