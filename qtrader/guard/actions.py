"""What a corporate action must do to units and cash, by arithmetic of the guard's own.

A price that pays for a part of a lot step is the action's reference price, else the mark that the books show.
"""

from collections.abc import Callable, Mapping
from datetime import date
from decimal import ROUND_DOWN, Decimal
from typing import TYPE_CHECKING, NamedTuple

from qtrader.guard.spin_offs import SpinOffs
from qtrader.guard.sums import SCALE, ZERO, Flow, Key, OwnPosition, Sums
from qtrader.ports.audit import AuditedBooks
from qtrader.ports.data import RESCALING

if TYPE_CHECKING:
    from qtrader.events import CorporateActionEvent
    from qtrader.market_view import MarketView


class DueDividend(NamedTuple):
    """A dividend that will be paid (``gross`` above zero) or has to be, and the tax withheld from it."""

    action_id: str
    pay_date: date
    key: Key
    currency: str
    gross: Decimal
    tax: Decimal

    def flows(self) -> list[Flow]:
        """What its payment moves."""
        return [
            Flow("dividend_paid", self.action_id, self.key, self.currency, self.gross, invests=False),
            Flow("withholding_paid", self.action_id, self.key, self.currency, -self.tax, invests=False),
        ]


def whole(units: Decimal, step: Decimal) -> Decimal:
    """Units cut toward zero to whole steps."""
    return (units / step).to_integral_value(ROUND_DOWN) * step


class Actions:
    """Changes the guard's units as each action says, and tells which cash must have moved."""

    def __init__(
        self, books: Callable[[], AuditedBooks], sums: Sums, spin_offs: SpinOffs, market: "MarketView"
    ) -> None:
        self._books, self._sums, self._spin_offs, self._market = books, sums, spin_offs, market
        self._due: list[DueDividend] = []
        self.restated: dict[str, int] = {}
        """Symbol -> end of its last bar when an action changed its mark; later bars are marks again."""
        self._kinds: Mapping[str, Callable[[OwnPosition, CorporateActionEvent], list[Flow]]] = {
            **dict.fromkeys(RESCALING, self._split),
            "cash_dividend": self._dividend,
            "spin_off": self._spin_off,
            "merger": self._merger,
            "rights": self._rights,
            "symbol_change": self._symbol_change,
            "delisting": self._delisting,
        }

    def happen(self, action: "CorporateActionEvent") -> list[Flow]:
        """Book an action on every position of its symbol; the flows that must have been booked for it."""
        kind = self._kinds[action.action_type]
        paid = action.action_type == "cash_dividend"  # to who was entitled, though a split may have cashed out all
        positions = self._sums.of_symbol(action.symbol) if paid else self._sums.held(action.symbol)
        flows = [flow for position in positions for flow in kind(position, action)]
        if action.action_type in RESCALING:
            self._restate(action.symbol)
        return flows

    def pay_due(self, day: date) -> list[Flow]:
        """The flows of dividends that have come due by a day."""
        due = [one for one in self._due if one.pay_date <= day]
        if due:
            self._due = [one for one in self._due if one.pay_date > day]
        return [flow for one in due for flow in self._pay(one)]

    def _pay(self, one: DueDividend) -> list[Flow]:
        funds = self._sums.money(one.currency)
        funds.receivable -= max(one.gross, ZERO)
        funds.payable -= max(-one.gross, ZERO) + one.tax
        return one.flows()

    def marked(self, symbol: str) -> Decimal | None:
        """The close that a symbol must be marked at; None before its first bar, and until the next after a split."""
        if symbol in self.restated:
            bar = self._market.bar(symbol)
            if bar is None or bar.time_ns <= self.restated[symbol]:
                return None
            del self.restated[symbol]
        return self._market.close(symbol)

    def _restate(self, symbol: str) -> None:
        bar = self._market.bar(symbol)
        if bar is not None:
            self.restated[symbol] = bar.time_ns

    def _split(self, position: OwnPosition, action: "CorporateActionEvent") -> list[Flow]:
        assert action.numerator is not None
        assert action.denominator is not None
        day, before = action.ex_date.isoformat(), position.units
        if position.before_split is None or position.before_split[0] != day:
            position.before_split = day, before
        grown = abs(before) * action.numerator  # in units / denominator, exact
        kept = whole(grown / action.denominator, position.lot)
        position.units = kept if before > 0 else -kept
        if kept and whole(grown / action.denominator, SCALE) <= kept:
            return []  # less than 10^-8 is nothing
        price = action.reference_price or self._books().books[position.key].mark
        worth = (grown - kept * action.denominator) * price * position.multiplier / action.denominator
        return [self._in_lieu(action.action_id, position, worth, before)]

    def _in_lieu(self, action_id: str, position: OwnPosition, worth: Decimal, side: Decimal) -> Flow:
        """Cash for a part of a lot step: received by who is long, paid by who is short."""
        cash = self._rounded(worth, position.currency)
        return Flow("cash_in_lieu", action_id, position.key, position.currency, cash if side > 0 else -cash)

    def _rounded(self, amount: Decimal, currency: str) -> Decimal:
        """An amount as a broker pays it."""
        return amount.quantize(self._books().funds[currency].minor_unit)

    def _dividend(self, position: OwnPosition, action: "CorporateActionEvent") -> list[Flow]:
        assert action.amount is not None
        assert action.currency is not None
        before, units = position.before_split, position.units
        if before is not None and before[0] == action.ex_date.isoformat() and action.amount_basis == "pre_split":
            units = before[1]
        gross = self._rounded(units * action.amount * position.multiplier, action.currency)
        tax = ZERO
        if gross > 0 and action.withholding:
            tax = self._rounded(gross * action.withholding, action.currency)
        funds = self._sums.money(action.currency)
        funds.receivable += max(gross, ZERO)
        funds.payable += max(-gross, ZERO) + tax
        funds.dividends += gross
        funds.tax += tax
        pay_date = action.pay_date or action.ex_date
        due = DueDividend(action.action_id, pay_date, position.key, action.currency, gross, tax)
        if due.pay_date <= action.ex_date:
            return self._pay(due)
        self._due.append(due)
        return []

    def _spin_off(self, position: OwnPosition, action: "CorporateActionEvent") -> list[Flow]:
        self._spin_offs.give(position, self._target(position, action), action)
        return []

    def _target(self, position: OwnPosition, action: "CorporateActionEvent") -> OwnPosition:
        assert action.new_symbol is not None
        return self._sums.position(position.key[0], self._market.instrument(action.new_symbol))

    def _merger(self, position: OwnPosition, action: "CorporateActionEvent") -> list[Flow]:
        units, flows = position.units, []
        position.units = ZERO
        if action.cash_amount is not None:
            cash = self._rounded(units * action.cash_amount * position.multiplier, position.currency)
            flows.append(Flow("merger", action.action_id, position.key, position.currency, cash))
        if action.ratio is None:
            return flows
        target, given = self._target(position, action), abs(units) * action.ratio
        price = action.reference_price or self._market.close(target.key[1])
        assert price is not None
        kept, received = whole(given, target.lot), whole(given, SCALE)
        target.units += kept if units > 0 else -kept
        if received > kept or not received:
            leaves = target if received else position
            flows.append(self._in_lieu(action.action_id, leaves, (given - kept) * price * target.multiplier, units))
        return flows

    def _rights(self, position: OwnPosition, action: "CorporateActionEvent") -> list[Flow]:
        assert action.ratio is not None
        assert action.subscription_price is not None
        units, mark = position.units, self._books().books[position.key].mark
        price = self.marked(position.key[1])
        if action.subscription_price >= (mark if price is None else price):  # None: there was no bar since a split
            return []
        given = abs(units) * action.ratio
        taken = whole(given, position.lot)
        position.units += taken if units > 0 else -taken
        value = self._rounded(taken * action.subscription_price * position.multiplier, position.currency)
        flows = [Flow("rights", action.action_id, position.key, position.currency, -value if units > 0 else value)]
        if given > taken:
            worth = (given - taken) * (mark - action.subscription_price) * position.multiplier
            flows.append(self._in_lieu(action.action_id, position, worth, units))
        if position is self._sums.held(action.symbol)[-1]:
            self._restate(action.symbol)
        return flows

    def _symbol_change(self, position: OwnPosition, action: "CorporateActionEvent") -> list[Flow]:
        if action.new_symbol in self._market.symbols:
            self._target(position, action).units += position.units
            position.units = ZERO
        return []

    def _delisting(self, position: OwnPosition, action: "CorporateActionEvent") -> list[Flow]:
        assert action.value is not None
        units, position.units = position.units, ZERO
        value = self._rounded(units * action.value * position.multiplier, position.currency)
        if position.settled:
            self._sums.invest(position, -position.settled)
            value, position.settled = value - position.settled, ZERO
        return [Flow("delisting", action.action_id, position.key, position.currency, value)]
