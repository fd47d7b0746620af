"""The sections of a run's configuration, each handed to the service that reads it. ``qtrader.config`` loads them.

Every key is read by something; unknown keys are errors. Decimals are written as text or numbers and kept exact.
"""

from decimal import Decimal
from typing import Literal, Self

from pydantic import Field, field_validator, model_validator

from qtrader.ports.carry_settings import BorrowSettings, CurrencyRate, MarginInterestSettings, RateSettings, SymbolRate
from qtrader.ports.currency_settings import PairRates
from qtrader.ports.data import INTERVALS, AssetClass, Interval, Prices, Stamp
from qtrader.ports.sections import PlacedSection, Reference, Section
from qtrader.ports.setting_types import (
    Currency,
    Day,
    Days,
    Digits,
    Exact,
    ExactNonNegative,
    ExactPositive,
    Intervals,
    Pair,
    Participation,
    Place,
    RunName,
    SettingFault,
    StrategyName,
    Symbol,
    Truth,
    second,
)

__all__ = [
    "BorrowSettings",
    "CurrencyRate",
    "DataServiceSettings",
    "DataSettings",
    "EngineSettings",
    "Exact",
    "ExactNonNegative",
    "ExactPositive",
    "ExecutionSettings",
    "InstrumentSettings",
    "LotSettings",
    "ManagerSettings",
    "MarginInterestSettings",
    "PairRates",
    "Place",
    "PlacedSection",
    "PortfolioServiceSettings",
    "PortfolioSettings",
    "RateSettings",
    "Reference",
    "ReportSettings",
    "RiskSettings",
    "RunSettings",
    "RunsSettings",
    "Section",
    "SourceSettings",
    "StrategySettings",
    "SymbolRate",
]


class StrategySettings(Reference):
    """One strategy of a run; its name appears in every signal, order, lot and trade."""

    name: StrategyName
    symbols: list[Symbol] | None = Field(default=None, min_length=1)
    intervals: list[Interval] | None = Field(default=None, min_length=1)
    budget: Participation | None = None


class InstrumentSettings(Section):
    """Overrides of what a source says about one instrument; absent keys leave the source's word.

    ``source`` names the entry of ``data_sources`` that delivers this instrument, when it is not ``data.source``.
    """

    source: str | None = None
    asset_class: AssetClass | None = None
    currency: Currency | None = None
    calendar: str | None = None
    zone: str | None = None
    price_decimals: Digits | None = None
    tick: ExactPositive | None = None
    lot: ExactPositive | None = None
    multiplier: ExactPositive | None = None
    listed: Day | None = None
    delisted: Day | None = None
    shortable: Truth | None = None
    negative_prices: Truth | None = None
    sector: str | None = None


class SourceSettings(Reference):
    """One entry of ``data_sources``: the tool and what is declared about its rows.

    ``on_bad_rows``: a row that cannot be a bar stops the load (refuse), or is left out and counted in the warnings of
    the result (drop). ``crossed_quotes``: a bid above its ask makes a bad row (refuse), or a bar on which nothing ever
    fills, counted in the warnings (keep).
    """

    prices: Prices | None = None
    stamp: Stamp | None = None
    zone: str | None = None
    calendar: str | None = None
    currency: Currency | None = None
    asset_class: AssetClass | None = None
    decimals: Digits | None = None
    volume_decimals: Digits | None = None
    actions: str | None = None
    on_bad_rows: Literal["refuse", "drop"] = "refuse"
    crossed_quotes: Literal["refuse", "keep"] = "refuse"


class DataSettings(PlacedSection):
    """What to feed. ``start`` is the first session that may trade (earlier bars are warm-up), ``end`` is inclusive."""

    source: str
    symbols: list[Symbol] = Field(min_length=1)
    interval: Intervals = "1d"
    start: Day | None = None
    end: Day | None = None
    instruments: dict[str, InstrumentSettings] = Field(default_factory=dict)
    signal_view: Literal["split", "total_return", "raw"] = "split"

    @field_validator("symbols")
    @classmethod
    def _each_once(cls, symbols: list[str]) -> list[str]:
        if again := second(symbols):
            raise SettingFault(f"{symbols[again]!r} is listed twice. List each symbol once", (again,))
        return symbols

    @property
    def intervals(self) -> tuple[Interval, ...]:
        """The trading interval, then the coarser ones, each coarser than those before."""
        listed = self.interval if isinstance(self.interval, list) else [self.interval]
        return tuple(sorted(listed, key=INTERVALS.index))

    @model_validator(mode="after")
    def _start_before_end(self) -> Self:
        if self.start and self.end and self.start > self.end:
            raise SettingFault(f"'{self.start}' is after data.end '{self.end}'. Swap the two", ("start",))
        return self


class DataServiceSettings(Section):
    """What the data service reads: the ``data`` section and the ``data_sources`` that it chooses from."""

    data: DataSettings
    sources: dict[str, SourceSettings] = Field(default_factory=dict)


class EngineSettings(Section):
    """How the machine runs."""

    mode: Literal["auto", "dense"] = "auto"
    valuation: Literal["session", "bar"] = "session"
    snapshots: Literal["end", "month", "session", "fill"] = "end"
    guard: Truth = True


class ExecutionSettings(Section):
    """How the market behaves. What is left out is chosen by the installed ``qtrader_defaults``.

    ``max_participation``: the share of a bar's volume that all orders of an instrument together may fill (None: all).
    """

    fill: Reference | None = None
    commission: Reference | None = None
    slippage: Reference | None = None
    max_participation: Participation | None = None


class RunsSettings(Section):
    """Where runs are kept; ``archive`` copies the bars into the run folder (auto: when under 50 MB)."""

    dir: str = "runs"
    archive: Literal["auto", "always", "never"] = "auto"


class LotSettings(Section):
    """Which lots a closing fill takes; ``specific``: those that the strategy's signal or order names."""

    long: Literal["fifo", "lifo", "hifo", "specific"] = "fifo"
    short: Literal["fifo", "lifo", "hifo", "specific"] = "lifo"


class PortfolioSettings(Section):
    """Whose money, what other currencies cost, and what borrowed shares and cash cost: nothing where no rate is given.

    ``conversion``: what is paid or received in another currency is exchanged for the account's at once (always), or
    stays, and is owed where it was not there (never).
    """

    currency: Currency = "USD"
    cash: ExactNonNegative = Decimal(100000)
    account: Literal["cash", "margin"] = "margin"
    lots: LotSettings = LotSettings()
    rates: dict[Pair, PairRates] = Field(default_factory=dict)
    rates_max_age: Days = 7
    conversion: Literal["always", "never"] = "always"
    borrow: BorrowSettings = BorrowSettings()
    margin_interest: MarginInterestSettings = MarginInterestSettings()

    @model_validator(mode="after")
    def _pairs_are_of_the_account_s_currency(self) -> Self:
        for pair in self.rates:
            if self.currency not in pair.split("/"):
                told = f"{pair!r} says nothing of {self.currency}, the currency of the account. Give pairs with it"
                raise SettingFault(told, ("rates", pair))
        return self


class PortfolioServiceSettings(Section):
    """What the portfolio service is built with: whose money, and how often it publishes a full snapshot.

    ``month`` means the first session end of each month; every choice but ``none`` publishes one more at the end.
    """

    portfolio: PortfolioSettings = PortfolioSettings()
    snapshots: Literal["none", "end", "month", "session", "fill"] = "end"


class RiskSettings(PlacedSection):
    """Which rules: ``policy`` is an installed policy's name; ``policies`` are folders of your own, searched after them.

    ``sizing`` replaces the policy's own. Left out, the policy is chosen by the installed ``qtrader_defaults``.
    """

    policy: str | None = None
    policies: list[str] = Field(default_factory=list)
    sizing: Reference | None = None


class ManagerSettings(Section):
    """What the manager reads: which rules, for whose money, and the share of equity of strategies that have one."""

    risk: RiskSettings = RiskSettings()
    portfolio: PortfolioSettings = PortfolioSettings()
    budgets: dict[str, Participation] = Field(default_factory=dict)


class ReportSettings(PlacedSection):
    """What is written at the end: names, or ``use`` and ``with`` for an installed report writer that has options."""

    use: list[str | Reference] = ["json", "csv"]


class RunSettings(Section):
    """Everything that a run is made of: the one schema behind the YAML files and ``qtrader.backtest``."""

    name: RunName = "run"
    data: DataSettings
    data_sources: dict[str, SourceSettings] = Field(default_factory=dict)
    strategies: list[StrategySettings] = Field(min_length=1)
    engine: EngineSettings = EngineSettings()
    execution: ExecutionSettings = ExecutionSettings()
    portfolio: PortfolioSettings = PortfolioSettings()
    risk: RiskSettings = RiskSettings()
    report: ReportSettings = ReportSettings()
    runs: RunsSettings = RunsSettings()
    services: list[Reference] = Field(default_factory=list)

    @model_validator(mode="after")
    def _strategies_have_own_names(self) -> Self:
        names = [strategy.name for strategy in self.strategies]
        if again := second(names):
            key = ("strategies", again, "name")
            raise SettingFault(f"{names[again]!r} is the name of two strategies. Give each a name of its own", key)
        return self

    @model_validator(mode="after")
    def _budgets_share_one_account(self) -> Self:
        total = Decimal(0)
        for place, strategy in enumerate(self.strategies):
            key, total = ("strategies", place, "budget"), total + (strategy.budget or 0)
            if (strategy.budget is None) is not (self.strategies[0].budget is None):
                raise SettingFault("some strategies have a budget and others none. Give one to each, or to none", key)
            if total > 1:
                raise SettingFault(f"budgets reach {total} of equity with this one. Share out 1 at most", key)
        return self

    @model_validator(mode="after")
    def _strategies_see_what_is_loaded(self) -> Self:
        for place, strategy in enumerate(self.strategies):
            asked = (
                ("symbols", strategy.symbols, "data.symbols", self.data.symbols),
                ("intervals", strategy.intervals, "data.interval", self.data.intervals),
            )
            for name, chosen, where, loaded in asked:
                for index, one in enumerate(chosen or ()):
                    if one not in loaded:
                        key = ("strategies", place, name, index)
                        raise SettingFault(f"{one!r} is not in {where}. Add it there, or leave it out here", key)
        return self
