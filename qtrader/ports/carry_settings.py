"""The settings of what it costs to hold: borrowed shares, borrowed cash."""

from decimal import Decimal
from typing import Literal

from pydantic import Field

from qtrader.ports.sections import Section
from qtrader.ports.setting_types import Currency, Day, ExactNonNegative, Symbol

DayCount = Literal["ACT/360", "ACT/365"]


class RateSettings(Section):
    """A yearly rate, 0.05 for 5 %, and from which day it became another."""

    rate: ExactNonNegative = Decimal(0)
    changes: dict[Day, ExactNonNegative] = Field(default_factory=dict)


class SymbolRate(RateSettings):
    """The rate of one symbol's shares."""


class CurrencyRate(RateSettings):
    """The rate of one currency's loans."""


class BorrowSettings(RateSettings):
    """What shorts cost by calendar days; ``symbols`` have rates of their own.

    ``basis``: of the close, or of the collateral: 102 % of the close, rounded up to a whole unit of currency.
    ``available``: how many units of a symbol can be borrowed; of one that is not named, any number.
    """

    day_count: DayCount = "ACT/360"
    basis: Literal["close", "collateral"] = "close"
    symbols: dict[Symbol, SymbolRate] = Field(default_factory=dict)
    available: dict[Symbol, ExactNonNegative] = Field(default_factory=dict)


class MarginInterestSettings(RateSettings):
    """What borrowed cash costs by calendar days; ``currencies`` have rates of their own."""

    day_count: DayCount = "ACT/360"
    currencies: dict[Currency, CurrencyRate] = Field(default_factory=dict)
