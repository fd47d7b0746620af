"""The sections of a run's configuration, each handed to the service that reads it. ``qtrader.config`` loads them.

Every key is read by something; unknown keys are errors. Decimals are written as text or numbers and kept exact.
"""

from datetime import date
from decimal import Decimal
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from qtrader.ports.data import AssetClass, Interval, Prices, Stamp


def _exact(value: object) -> object:
    """Read a YAML or Python float as the decimal text it prints, never as its binary value."""
    return Decimal(repr(value)) if isinstance(value, float) else value


Exact = Annotated[Decimal, BeforeValidator(_exact)]
ExactNonNegative = Annotated[Decimal, BeforeValidator(_exact), Field(ge=0)]
ExactPositive = Annotated[Decimal, BeforeValidator(_exact), Field(gt=0)]


class Section(BaseModel):
    """A part of the configuration: frozen, closed."""

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True, arbitrary_types_allowed=True)


class Reference(Section):
    """One choice by name: ``use`` names an installed tool or ``file.py:Class``; ``with`` are its options.

    ``instance`` is set from Python when an object was handed over instead of a name; it never reaches a file.
    """

    use: str
    with_: dict[str, Any] = Field(default_factory=dict, alias="with")
    instance: Any = Field(default=None, exclude=True, repr=False)


class StrategySettings(Reference):
    """One strategy of a run; its name appears in every signal, order, lot and trade."""

    name: Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9_.-]{0,63}$")]
    symbols: list[str] | None = None


class InstrumentSettings(Section):
    """Overrides of what a source says about one instrument; absent keys leave the source's word."""

    asset_class: AssetClass | None = None
    currency: str | None = None
    calendar: str | None = None
    zone: str | None = None
    price_decimals: int | None = None
    tick: ExactPositive | None = None
    lot: ExactPositive | None = None
    multiplier: ExactPositive | None = None
    listed: date | None = None
    delisted: date | None = None
    shortable: bool | None = None
    sector: str | None = None


class SourceSettings(Reference):
    """One entry of ``data_sources``: the tool and what is declared about its rows."""

    prices: Prices | None = None
    stamp: Stamp | None = None
    zone: str | None = None
    calendar: str | None = None
    currency: str | None = None
    asset_class: AssetClass | None = None
    decimals: int | None = None
    actions: str | None = None


class DataSettings(Section):
    """What to feed. ``start`` is the first session that may trade (earlier bars are warm-up), ``end`` is inclusive."""

    source: str
    symbols: list[str] = Field(min_length=1)
    interval: Interval = "1d"
    start: date | None = None
    end: date | None = None
    instruments: dict[str, InstrumentSettings] = Field(default_factory=dict)
    signal_view: Literal["split", "total_return", "raw"] = "split"


class EngineSettings(Section):
    """How the machine runs."""

    mode: Literal["auto", "dense"] = "auto"
    valuation: Literal["session", "bar"] = "session"
    snapshots: Literal["end", "month", "session", "fill"] = "end"


class ExecutionSettings(Section):
    """How the market behaves."""

    fill: Reference = Reference(use="next-open")
    commission: Reference = Reference(use="none")
    slippage: Reference = Reference(use="none")


class RunsSettings(Section):
    """Where runs are kept; ``archive`` copies the bars into the run folder (auto: when under 50 MB)."""

    dir: str = "runs"
    archive: Literal["auto", "always", "never"] = "auto"


class LotSettings(Section):
    """Which lots a closing fill takes."""

    long: Literal["fifo", "lifo"] = "fifo"
    short: Literal["fifo", "lifo"] = "lifo"


class PortfolioSettings(Section):
    """Whose money."""

    currency: Annotated[str, Field(pattern=r"^[A-Z]{3}$")] = "USD"
    cash: ExactNonNegative = Decimal(100000)
    account: Literal["cash", "margin"] = "margin"
    lots: LotSettings = LotSettings()


class RiskSettings(Section):
    """Which rules: ``policy`` is an installed policy's name; ``policies`` are folders of your own, searched after them.

    ``sizing`` and ``override`` come from Python (``qt.backtest(sizing=...)``) and replace the policy's own.
    """

    policy: str = "naive"
    policies: list[str] = Field(default_factory=list)
    sizing: Reference | None = None


class ReportSettings(Section):
    """What is written at the end."""

    use: list[str] = Field(default_factory=lambda: ["json", "csv"])


class RunSettings(Section):
    """Everything that a run is made of: the one schema behind the YAML files and ``qtrader.backtest``."""

    name: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9_-]{0,47}$")] = "run"
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
