"""What amounts in other currencies are worth in the account's: the last rates known, exact, or an error."""

from bisect import bisect_right
from collections.abc import Mapping
from datetime import date, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, NamedTuple

from qtrader.errors import RunError
from qtrader.ports.decimals import LEDGER, money, plain

if TYPE_CHECKING:
    from qtrader.market_view import MarketView
    from qtrader.ports.currency_settings import PairRates
    from qtrader.ports.settings import PortfolioSettings

ONE, ZERO = Decimal(1), Decimal(0)
DAY_NS = 86_400_000_000_000
SPELLINGS = "{}{}", "{}/{}", "{}-{}"


class Price(NamedTuple):
    """What a unit of a currency costs in another, as a fraction: the inverse of a quoted rate stays exact."""

    numerator: Decimal
    denominator: Decimal


class ExchangeRates:
    """Rates into one currency, from bars of pairs in the run and from tables; a pair serves both ways.

    A pair that the settings do not name is looked for among the run's symbols: ``EURUSD``, ``EUR/USD`` or ``EUR-USD``,
    quoted in its second currency. Amounts are rounded once, to 10^-8. A rate that is missing, zero or older than
    ``max_age`` days raises RunError naming pair and date.
    """

    def __init__(self, market: "MarketView", settings: "PortfolioSettings | None" = None) -> None:
        self.currency = "USD" if settings is None else settings.currency
        self._market = market
        self._pairs: Mapping[str, PairRates] = {} if settings is None else settings.rates
        self._max_age = 7 if settings is None else settings.rates_max_age
        self._tables = {
            pair: (days := sorted(one.table), [one.table[day] for day in days])
            for pair, one in self._pairs.items()
            if one.table
        }

    def worth(self, amount: Decimal, currency: str, at_ns: int | None = None) -> Decimal:
        """What an amount is worth in this currency at an instant, ns UTC: now, or before."""
        if currency == self.currency or not amount:
            return amount
        price = self._price(currency, at_ns)
        return money(LEDGER.divide(LEDGER.multiply(amount, price.numerator), price.denominator))

    def between(self, amount: Decimal, currency: str, into: str, at_ns: int | None = None) -> Decimal:
        """What an amount is worth in another currency, over this one."""
        if currency == into or not amount:
            return amount
        source, target = self._price(currency, at_ns), self._price(into, at_ns)
        over = LEDGER.multiply(LEDGER.multiply(amount, source.numerator), target.denominator)
        return money(LEDGER.divide(over, LEDGER.multiply(source.denominator, target.numerator)))

    def rate(self, currency: str) -> Decimal:
        """What a unit of a currency is worth now, to 60 digits."""
        if currency == self.currency:
            return ONE
        price = self._price(currency, None)
        return LEDGER.divide(price.numerator, price.denominator)

    def _price(self, currency: str, at_ns: int | None) -> Price:
        if currency == self.currency:
            return Price(ONE, ONE)
        straight = self._quoted(currency, self.currency, at_ns)
        if straight is not None:
            return Price(straight, ONE)
        inverse = self._quoted(self.currency, currency, at_ns)
        if inverse is not None:
            return Price(ONE, inverse)
        pair = f"{currency}/{self.currency}"
        advice = f"Add a symbol such as {currency}{self.currency} to data.symbols, or a table as portfolio.rates.{pair}"
        raise self._stopped(pair, "the run has no rate", advice)

    def _quoted(self, first: str, second: str, at_ns: int | None) -> Decimal | None:
        """The rate of a pair; None where the run has no such pair."""
        pair = f"{first}/{second}"
        if pair in self._tables:
            return self._tabled(pair)
        named = self._pairs[pair].symbol if pair in self._pairs else self._traded(first, second)
        if named is None:
            return None
        if named not in self._market.symbols:
            raise self._stopped(
                pair, f"portfolio.rates names {named!r}, which is not in the run", "Add it to data.symbols"
            )
        return self._closed(pair, named, self._market.time_ns if at_ns is None else at_ns)

    def _traded(self, first: str, second: str) -> str | None:
        for spelling in SPELLINGS:
            symbol = spelling.format(first, second)
            if symbol in self._market.symbols and self._market.instrument(symbol).currency == second:
                return symbol
        return None

    def _tabled(self, pair: str) -> Decimal:
        days, rates = self._tables[pair]
        place, today = bisect_right(days, self._today) - 1, self._today
        if place < 0:
            raise self._stopped(pair, f"its table begins on {days[0]}", "Give rates from before the first trade")
        if today - days[place] > timedelta(days=self._max_age):
            raise self._stale(pair, f"the last of its table is of {days[place]}")
        return rates[place]

    def _closed(self, pair: str, symbol: str, at_ns: int) -> Decimal:
        known = self._market.close_at(symbol, at_ns)
        if known is None:
            raise self._stopped(pair, f"{symbol} has no bar yet", f"Begin the data of {symbol} earlier")
        rate, since = known
        if rate <= ZERO:
            raise self._stopped(
                pair, f"the close of {symbol} is {plain(rate)}, and a rate is above zero", "Mend the data"
            )
        if at_ns - since > self._max_age * DAY_NS:
            raise self._stale(pair, f"the last bar of {symbol} ended {(at_ns - since) // DAY_NS} days before")
        return rate

    @property
    def _today(self) -> date:
        return self._market.session or self._market.time.date()

    def _stale(self, pair: str, what: str) -> RunError:
        advice = f"Give later rates, or set portfolio.rates_max_age, which is {self._max_age} days"
        return self._stopped(pair, f"{what}, which is too old", advice)

    def _stopped(self, pair: str, what: str, advice: str) -> RunError:
        return RunError(f"no rate of {pair} on {self._today}: {what}. {advice}")
