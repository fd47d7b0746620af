"""What companies do in the long run: one act after another, told to the service and done to the naive books."""

from datetime import timedelta
from decimal import Decimal
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from stage import QUOTED

from qtrader.events import CorporateActionEvent

if TYPE_CHECKING:
    from ledger_steps import Soak

F = Fraction
RESCALING = {"split": (3, 2), "reverse_split": (1, 7), "stock_dividend": (21, 20)}
KINDS = (*RESCALING, "pay", "end", "spin_off", "merger", "rights", "symbol_change")
PAIR = "AAA", "BBB"
"""The two that are quoted in one currency: units of one can become units of the other."""


def cents(amount: Decimal) -> Decimal:
    """To two decimals."""
    return amount.quantize(Decimal("0.01"))


class Acts:
    """Chooses acts by the dice of a run, at whole cents and simple ratios."""

    def __init__(self, soak: "Soak") -> None:
        self.soak, self.random, self.market, self.naive = soak, soak.random, soak.market, soak.naive

    def one(self) -> str:
        """One act of one company; what it was."""
        symbol, kind = self.random.choice([*QUOTED]), self.random.choice(KINDS)
        if kind in RESCALING:
            self.rescale(kind, symbol)
        elif kind == "pay":
            self.dividend(symbol, self.random.choice(("USD", QUOTED[symbol])))
        elif kind == "end":
            value = cents(self.market.prices[symbol] * self.random.randrange(150) / 100)
            self.tell("delisting", symbol, value=value)
            self.naive.close(symbol, F(value))
        elif kind == "rights":
            self.rights(symbol)
        else:
            kind, symbol = self.reorganise(kind)
        self.naive.exchange(self.soak.rates)
        return f"{kind} of {symbol}"

    def rescale(self, kind: str, symbol: str) -> None:
        """More or fewer units for what they were worth."""
        more, of = RESCALING[kind]
        after = cents(self.market.prices[symbol] * of / more)
        self.tell(kind, symbol, numerator=more, denominator=of, reference_price=after)
        self.naive.split(symbol, F(more, of), F(after))
        self.market.prices[symbol] = after

    def dividend(self, symbol: str, currency: str) -> None:
        """A small one, paid some days later."""
        finest = Decimal(1) if currency == "JPY" else Decimal("0.01")
        each, rates = self.random.randrange(1, 40) * finest, {"USD": F(1), **self.soak.rates}
        if F(each) * rates[currency] * 2 > F(self.market.prices[symbol]) * rates[QUOTED[symbol]]:
            each = finest  # no more than it is worth
        pay = self.market.session + timedelta(days=self.random.randrange(12))
        tax = Decimal(self.random.choice(("0", "0.15")))
        facts = {"amount": each, "currency": currency, "pay_date": pay, "withholding": tax}
        self.tell("cash_dividend", symbol, **facts)
        self.naive.dividend(symbol, F(each), currency, F(tax), pay, now=pay <= self.market.session)

    def rights(self, symbol: str) -> None:
        """Rights at a price from half of the last to a tenth above it."""
        price, ratio = self.market.prices[symbol], Decimal(self.random.randrange(1, 9)) / 8
        asked = cents(price * self.random.randrange(50, 111) / 100)
        self.tell("rights", symbol, ratio=ratio, subscription_price=asked)
        if asked < price:
            self.naive.rights(symbol, F(ratio), F(asked), F(price))
            self.market.prices[symbol] = max(cents((price + ratio * asked) / (1 + ratio)), Decimal(5))

    def reorganise(self, kind: str) -> tuple[str, str]:
        """A spin-off, merger or change of symbol between the two, where sides allow it; else a merger for cash."""
        old, new = self.random.sample(PAIR, 2)
        ratio = Decimal(self.random.randrange(1, 40)) / 20
        if not self.naive.may_join(old, new, flat=kind == "symbol_change"):
            kind = "cash_merger"
        if kind == "symbol_change":
            self.tell(kind, old, new_symbol=new)
            self.naive.rename(old, new)
        elif kind == "spin_off":
            self.tell(kind, old, new_symbol=new, ratio=ratio)
            self.naive.spin_off(old, new, F(ratio))
        else:
            cash = cents(self.market.prices[old] * self.random.randrange(1, 150) / 100)
            stock = {} if kind == "cash_merger" else {"new_symbol": new, "ratio": ratio}
            if stock and self.random.random() < 0.5:
                cash = Decimal(0)
            self.tell("merger", old, **stock, **({"cash_amount": cash} if cash or not stock else {}))
            self.naive.merge(old, F(cash), new, F(ratio) if stock else F(0), F(self.market.prices[new]))
        return kind, old

    def tell(self, kind: str, symbol: str, **facts: Any) -> None:
        """Tell the service of it."""
        self.soak.count += 1
        event = CorporateActionEvent(
            action_id=f"a{self.soak.count}",
            action_type=kind,
            symbol=symbol,
            ex_date=self.market.session,
            occurred_at=self.market.time,
            **facts,
        )
        self.soak.hear(event)
