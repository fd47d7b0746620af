"""Yearly rates by day, and what a value costs over some nights."""

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from datetime import date
from decimal import ROUND_HALF_EVEN, Decimal

from qtrader.ports.settings import RateSettings
from qtrader_service_portfolio.amounts import SCALE, ZERO

DAYS = {"ACT/360": 360, "ACT/365": 365}


class YearlyRate:
    """A rate that changes on some days."""

    def __init__(self, settings: RateSettings) -> None:
        self._days = sorted(settings.changes)
        self._rates = [settings.rate, *(settings.changes[day] for day in self._days)]

    def __bool__(self) -> bool:
        """Whether it is ever above zero."""
        return any(self._rates)

    def on(self, day: date) -> Decimal:
        """The rate that holds on a day."""
        return self._rates[bisect_right(self._days, day)]


class Rates:
    """One rate for all but those that have their own, by symbol or currency, and the days that a year has."""

    def __init__(self, general: RateSettings, own: Mapping[str, RateSettings], day_count: str) -> None:
        self._general = YearlyRate(general)
        self._own = {name: YearlyRate(one) for name, one in own.items()}
        self._year = DAYS[day_count]

    def __bool__(self) -> bool:
        """Whether anything ever costs something."""
        return any((self._general, *self._own.values()))

    def cost(self, name: str, value: Decimal, nights: Sequence[date]) -> Decimal:
        """What a value costs over nights, each at the rate of the day that it begins on; rounded once, to 10^-8."""
        rate = self._own.get(name, self._general)
        total = sum(map(rate.on, nights), ZERO)
        return (value * total / self._year).quantize(SCALE, ROUND_HALF_EVEN)
