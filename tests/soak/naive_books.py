"""Books kept the naive way, with fractions: what the ledger is held against. It shares no line with the product."""

from dataclasses import dataclass, field
from datetime import date, timedelta
from fractions import Fraction

F = Fraction
MINOR = {"USD": F(1, 100), "EUR": F(1, 100), "JPY": F(1)}
FINEST = F(1, 10**8)


def rounded(amount: Fraction, step: Fraction) -> Fraction:
    """Half to even, on a step."""
    return round(amount / step) * step


@dataclass
class Owed:
    """A dividend until it is paid: what comes or goes, and the tax on it."""

    currency: str
    gross: Fraction
    tax: Fraction
    pay: date


@dataclass
class NaiveBooks:
    """Cash by currency, units by strategy and symbol, what is due, what has been paid for what; no lots."""

    capital: Fraction
    quoted: dict[str, str]
    """Symbol -> currency."""
    borrow: Fraction
    interest: Fraction
    cash: dict[str, Fraction] = field(default_factory=dict)
    units: dict[tuple[str, str], Fraction] = field(default_factory=dict)
    owed: list[Owed] = field(default_factory=list)
    unsettled: list[tuple[tuple[str, str], str, Fraction]] = field(default_factory=list)
    """Holder and new symbol of a spin-off, the old symbol, and a part of a unit that waits for a price."""
    fees: dict[str, Fraction] = field(default_factory=dict)
    dividends: dict[str, Fraction] = field(default_factory=dict)
    accrued: dict[tuple[str, str], Fraction] = field(default_factory=dict)
    exchanged: dict[str, Fraction] = field(default_factory=dict)
    day: date | None = None
    basis: dict[tuple[str, str], Fraction] = field(default_factory=dict)
    """What accrues from the last session end on: (kind, symbol or currency) -> value."""

    def __post_init__(self) -> None:
        self.cash = {"USD": self.capital}

    def move(self, currency: str, amount: Fraction) -> None:
        """Cash comes or goes."""
        self.cash[currency] = self.cash.get(currency, F(0)) + amount

    def fill(self, key: tuple[str, str], signed: Fraction, price: Fraction, fee: Fraction) -> None:
        """Units for cash, and a fee."""
        currency = self.quoted[key[1]]
        self.units[key] = self.units.get(key, F(0)) + signed
        self.move(currency, -signed * price - fee)
        self.fees[currency] = self.fees.get(currency, F(0)) + fee

    def split(self, symbol: str, ratio: Fraction, price: Fraction) -> None:
        """More or fewer units of every holder; ``price`` pays for what is no whole unit."""
        for key, held in self.units.items():
            if key[1] == symbol and held:
                exact = held * ratio
                whole = F(int(exact))  # toward zero
                self.units[key] = whole
                self.move(self.quoted[symbol], self._in_cash(abs(exact - whole), price, symbol, held))

    def close(self, symbol: str, value: Fraction) -> None:
        """All units of a symbol leave for a value each."""
        for key, held in self.units.items():
            if key[1] == symbol and held:
                self.units[key] = F(0)
                self.move(self.quoted[symbol], self._in_cash(abs(held), value, symbol, held))

    def may_join(self, old: str, new: str, *, flat: bool) -> bool:
        """Whether every holder of the old symbol is on its side of the new one, or (``flat``) has none of that."""
        return all(
            not (held and (other := self.units.get((key[0], new), F(0)))) or (other * held > 0 and not flat)
            for key, held in self.units.items()
            if key[1] == old
        )

    def rename(self, old: str, new: str) -> None:
        """Units of the old symbol are units of the new one."""
        for key in [key for key, held in self.units.items() if key[1] == old and held]:
            self.units[key[0], new], self.units[key] = self.units[key], F(0)

    def spin_off(self, old: str, new: str, ratio: Fraction) -> None:
        """Units of the new symbol beside those of the old one; a part of a unit is paid later."""
        for key in [key for key, held in self.units.items() if key[1] == old and held]:
            exact, holder = self.units[key] * ratio, (key[0], new)
            self.units[holder] = self.units.get(holder, F(0)) + F(int(exact))
            self.unsettled.append((holder, old, exact - int(exact)))

    def settle(self, prices: dict[str, Fraction], symbol: str | None = None) -> None:
        """Parts of units are paid at the present price: those of a symbol, old or new, or all."""
        for one in [one for one in self.unsettled if symbol in (None, one[0][1], one[1])]:
            (_, new), _, part = one
            self.move(self.quoted[new], self._in_cash(abs(part), prices[new], new, part))
            self.unsettled.remove(one)

    def merge(self, old: str, cash: Fraction, new: str, ratio: Fraction, price: Fraction) -> None:
        """Units of the old symbol become cash, units of the new one, or both; a part of a unit is paid at a price."""
        for key in [key for key, held in self.units.items() if key[1] == old and held]:
            held, self.units[key] = self.units[key], F(0)
            exact, holder = held * ratio, (key[0], new)
            self.units[holder] = self.units.get(holder, F(0)) + F(int(exact))
            self.move(self.quoted[old], self._in_cash(abs(held), cash, old, held))
            self.move(self.quoted[new], self._in_cash(abs(exact - int(exact)), price, new, held))

    def rights(self, symbol: str, ratio: Fraction, asked: Fraction, price: Fraction) -> None:
        """New units for what is asked; a right to a part of one is sold for what it is worth without the rights."""
        worth = rounded((price + ratio * asked) / (1 + ratio), FINEST) - asked
        for key, held in self.units.items():
            if key[1] == symbol and held:
                exact = held * ratio
                self.units[key] += F(int(exact))
                self.move(self.quoted[symbol], -self._in_cash(abs(F(int(exact))), asked, symbol, held))
                self.move(self.quoted[symbol], self._in_cash(abs(exact - int(exact)), worth, symbol, held))

    def _in_cash(self, units: Fraction, price: Fraction, symbol: str, held: Fraction) -> Fraction:
        paid = rounded(units * price, MINOR[self.quoted[symbol]])
        return paid if held > 0 else -paid

    def dividend(self, symbol: str, each: Fraction, currency: str, withheld: Fraction, pay: date, *, now: bool) -> None:
        """Due to who is long, due from who is short; tax of the long's only. Paid now, or when it is due."""
        for key, held in self.units.items():
            if key[1] == symbol and held:
                gross = rounded(held * each, MINOR[currency])
                tax = rounded(gross * withheld, MINOR[currency]) if gross > 0 else F(0)
                if now:
                    self.move(currency, gross - tax)
                else:
                    self.owed.append(Owed(currency, gross, tax, pay))
                self.dividends[currency] = self.dividends.get(currency, F(0)) + gross - tax

    def pay(self, day: date) -> None:
        """What has come due is paid."""
        for one in [one for one in self.owed if one.pay <= day]:
            self.move(one.currency, one.gross - one.tax)
            self.owed.remove(one)

    def exchange(self, rates: dict[str, Fraction]) -> None:
        """No cash stays in other currencies."""
        for currency, amount in self.cash.items():
            if currency != "USD" and amount:
                worth = rounded(amount * rates[currency], FINEST)
                self.move("USD", worth)
                self.exchanged["USD"] = self.exchanged.get("USD", F(0)) + worth
                self.exchanged[currency] = self.exchanged.get(currency, F(0)) - amount
                self.cash[currency] = F(0)

    def accrue(self, day: date) -> None:
        """Fees of shorts and of loans for the nights since the last session end; a new month bills them."""
        if self.day is not None:
            nights = (day - self.day) // timedelta(days=1)
            for (kind, name), value in self.basis.items():
                rate = self.borrow if kind == "borrow" else self.interest
                currency = self.quoted.get(name, name)
                key = kind, currency
                cost = rounded(value * rate * nights / 360, FINEST)
                self.accrued[key] = self.accrued.get(key, F(0)) + cost
            if (day.year, day.month) != (self.day.year, self.day.month):
                for kind, currency in self.accrued:
                    bill = rounded(self.accrued[kind, currency], MINOR[currency])
                    self.accrued[kind, currency] -= bill
                    self.move(currency, -bill)
        self.day = day

    def note_basis(self, prices: dict[str, Fraction]) -> None:
        """What accrues from this session end on."""
        shorts: dict[str, Fraction] = {}
        for symbol in self.quoted:
            net = sum((held for key, held in self.units.items() if key[1] == symbol), F(0))
            if net < 0:
                shorts[symbol] = -net * prices[symbol]
        self.basis = {("borrow", symbol): value for symbol, value in shorts.items()}
        for currency, cash in self.cash.items():
            free = cash - sum((value for one, value in shorts.items() if self.quoted[one] == currency), F(0))
            if free < 0:
                self.basis["interest", currency] = -free

    def equity(self, prices: dict[str, Fraction], rates: dict[str, Fraction]) -> Fraction:
        """Everything, in dollars, unrounded."""
        totals = dict(self.cash)
        for (_, symbol), held in self.units.items():
            totals[self.quoted[symbol]] = totals.get(self.quoted[symbol], F(0)) + held * prices[symbol]
        for one in self.owed:
            totals[one.currency] = totals.get(one.currency, F(0)) + one.gross - one.tax
        for (_, currency), amount in self.accrued.items():
            totals[currency] = totals.get(currency, F(0)) - amount
        return sum((amount * rates.get(currency, F(1)) for currency, amount in totals.items()), F(0))
