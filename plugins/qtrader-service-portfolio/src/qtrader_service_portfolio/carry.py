"""What it costs to hold: borrow fees of shorts and interest on loans, by calendar days, billed once a month."""

from collections.abc import Iterator
from datetime import date, timedelta
from decimal import ROUND_CEILING, Decimal

from qtrader.ports import Snapshot, accounts
from qtrader.ports.settings import PortfolioSettings
from qtrader_service_portfolio.account import Account
from qtrader_service_portfolio.amounts import ONE, ZERO, round_to_minor, value_of
from qtrader_service_portfolio.announcements import Announcements
from qtrader_service_portfolio.json_values import decimals, texts
from qtrader_service_portfolio.rates import Rates

COLLATERAL = Decimal("1.02")
BORROW, INTEREST = "borrow_fee", "margin_interest"
EXPENSES = {BORROW: accounts.BORROW, INTEREST: accounts.INTEREST}


class Carry:
    """Accrues at each session end for the nights since the one before, on what was held and owed at that one.

    Shorts pay for their net units over all strategies at that session's close. Loans pay per currency on what is left
    of cash below zero once the value of the shorts is taken away, so that proceeds of shorts hide no loan. Amounts
    accrue at 10^-8 as a liability; the first session end of a month bills it, rounded to the currency's minor unit, and
    what rounding leaves stays accrued. Callers are inside the ledger's decimal context, with books marked.
    """

    def __init__(self, account: Account, say: Announcements, settings: PortfolioSettings) -> None:
        self._account, self._say = account, say
        borrow, interest = settings.borrow, settings.margin_interest
        self._borrow = Rates(borrow, borrow.symbols, borrow.day_count)
        self._interest = Rates(interest, interest.currencies, interest.day_count)
        self._collateral = borrow.basis == "collateral"
        self._day: date | None = None
        self._shorts: dict[str, Decimal] = {}
        """Symbol -> what its net short was worth at the last session end, above zero."""
        self._loans: dict[str, Decimal] = {}
        """Currency -> what was borrowed at the last session end, above zero."""
        self._accrued: dict[str, dict[str, Decimal]] = {BORROW: {}, INTEREST: {}}
        """Kind -> currency -> what is accrued and not yet billed."""

    def end_session(self, day: date, time_ns: int) -> None:
        """Accrue until ``day``, and bill what a new month bills."""
        if self._day is not None and day > self._day:
            nights = [self._day + timedelta(days=number) for number in range((day - self._day).days)]
            changed = {*self._accrue_borrow(nights, time_ns), *self._accrue_interest(nights, time_ns)}
            new_month = (day.year, day.month) != (self._day.year, self._day.month)
            for kind, totals in self._accrued.items():
                for currency in sorted(totals):
                    billed = new_month and self._bill(kind, currency, time_ns)
                    if not billed and (kind, currency) in changed:
                        self._say.cash(self._account, kind, ZERO, currency=currency, reason=f"accrued until {day}")
        self._day = day

    def begin_nights(self) -> None:
        """Note what accrues from here on: what is short, and what is owed."""
        if self._borrow or self._interest:
            self._shorts, self._loans = dict(self._values_of_shorts()), dict(self._loans_now())

    def _accrue_borrow(self, nights: list[date], time_ns: int) -> Iterator[tuple[str, str]]:
        for symbol, value in self._shorts.items():
            currency, amount = self._account.books_of(symbol)[0].currency, self._borrow.cost(symbol, value, nights)
            if self._accrue(BORROW, currency, amount, time_ns, symbol):
                yield BORROW, currency

    def _accrue_interest(self, nights: list[date], time_ns: int) -> Iterator[tuple[str, str]]:
        for currency, loan in self._loans.items():
            if self._accrue(INTEREST, currency, self._interest.cost(currency, loan, nights), time_ns, None):
                yield INTEREST, currency

    def _accrue(self, kind: str, currency: str, amount: Decimal, time_ns: int, symbol: str | None) -> bool:
        if not amount:
            return False
        account, totals = self._account, self._accrued[kind]
        postings = (EXPENSES[kind], amount), (accounts.ACCRUED, -amount)
        account.ledger.post(postings, currency, time_ns, f"{kind}_accrued", kind, None, symbol)
        totals[currency] = totals.get(currency, ZERO) + amount
        account.funds[currency].accrued += amount
        return True

    def _bill(self, kind: str, currency: str, time_ns: int) -> bool:
        account, amount = self._account, round_to_minor(self._accrued[kind][currency], currency)
        if not amount:
            return False
        funds = account.funds[currency]
        balance = funds.after(-amount)
        postings = (accounts.ACCRUED, amount), (accounts.CASH, -amount)
        account.ledger.post(postings, currency, time_ns, kind, kind)
        funds.cash = balance
        funds.accrued -= amount
        self._accrued[kind][currency] -= amount
        self._say.cash(account, kind, -amount, currency=currency)
        return True

    def _values_of_shorts(self) -> Iterator[tuple[str, Decimal]]:
        for symbol, (units, price, multiplier) in self._net().items():
            if units < 0:
                base = (price * COLLATERAL).quantize(ONE, ROUND_CEILING) if self._collateral else price
                yield symbol, value_of(-units, base, multiplier)

    def _loans_now(self) -> Iterator[tuple[str, Decimal]]:
        shorts: dict[str, Decimal] = {}
        for symbol, (units, price, multiplier) in self._net().items():
            if units < 0:
                currency = self._account.books_of(symbol)[0].currency
                shorts[currency] = shorts.get(currency, ZERO) + value_of(-units, price, multiplier)
        for currency, funds in self._account.funds.items():
            free = funds.cash - shorts.get(currency, ZERO)
            if free < 0:
                yield currency, -free

    def _net(self) -> dict[str, tuple[Decimal, Decimal, Decimal]]:
        """Symbol -> net units over all strategies, mark and multiplier, by symbol; nobody borrows contracts."""
        found: dict[str, tuple[Decimal, Decimal, Decimal]] = {}
        for book in sorted(self._account.open.values(), key=lambda book: (book.symbol, book.strategy_id)):
            if book.settled is None:
                units = found[book.symbol][0] if book.symbol in found else ZERO
                found[book.symbol] = units + book.lots.quantity, book.mark, book.multiplier
        return found

    def snapshot(self) -> Snapshot:
        """Everything as plain JSON values."""
        return {
            "day": self._day and self._day.isoformat(),
            "shorts": texts(self._shorts),
            "loans": texts(self._loans),
            "accrued": {kind: texts(totals) for kind, totals in self._accrued.items()},
        }

    def restore(self, snapshot: Snapshot) -> None:
        """Become the carry that made the snapshot."""
        self._day = snapshot["day"] and date.fromisoformat(snapshot["day"])
        self._shorts, self._loans = decimals(snapshot["shorts"]), decimals(snapshot["loans"])
        self._accrued = {kind: decimals(totals) for kind, totals in snapshot["accrued"].items()}
