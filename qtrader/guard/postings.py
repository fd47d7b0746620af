"""What was posted, one transaction after another, beside the cash that must have moved."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import TYPE_CHECKING

from qtrader.guard.breach import breach, find, require
from qtrader.guard.glance import COST
from qtrader.guard.sums import ZERO, Flow, Key, Sums
from qtrader.ports import accounts
from qtrader.ports.audit import AuditedBooks, AuditedTransaction
from qtrader.ports.decimals import plain

if TYPE_CHECKING:
    from qtrader.ports.exchange_rates import ExchangeRates

ACCRUALS = {"borrow_fee_accrued": "borrow_fee", "margin_interest_accrued": "margin_interest"}
BILLS = frozenset(ACCRUALS.values())


class Postings:
    """Reads transactions in order, moves the guard's own money, and refuses what should not be there.

    ``moved`` is what the transactions of the present event posted as cost and as profit of each position,
    ``transferred`` the cost by currency that left instruments less what reached some; ``unsummed`` are the transactions
    that ``totals`` does not hold yet.
    """

    def __init__(self, sums: Sums, rates: "ExchangeRates") -> None:
        self._sums, self._rates = sums, rates
        self.unsummed: list[AuditedTransaction] = []
        self._totals: defaultdict[str, dict[str, Decimal]] = defaultdict(dict)
        self.moved: dict[Key, tuple[Decimal, Decimal]] = {}
        self.transferred: dict[str, Decimal] = {}

    def begin(self) -> None:
        """Forget what the event before posted."""
        self.moved.clear()
        self.transferred.clear()

    def totals(self) -> Mapping[str, Mapping[str, Decimal]]:
        """The sums of all postings, by currency, then account."""
        for one in self.unsummed:
            totals = self._totals[one.currency]
            for account, amount in one.postings:
                totals[account] = totals[account] + amount if account in totals else amount
        self.unsummed.clear()
        return self._totals

    def read(
        self,
        booked: Iterable[AuditedTransaction],
        flows: Sequence[Flow],
        books: AuditedBooks,
        at_ns: int | None = None,
    ) -> None:
        """Raise BooksBreach unless the transactions are the flows, with conversions and costs of holding among them.

        ``at_ns`` is the instant whose rates conversions are made at (None: now).
        """
        left = [flow for flow in flows if flow.cash]  # nothing may be booked, or not
        legs: list[AuditedTransaction] = []
        for one in booked:
            cash = self._post(one)
            if one.kind == "conversion":
                legs.append(one)
                if len(legs) == 2:
                    self._convert(legs, at_ns)
                    legs = []
            elif one.kind in ACCRUALS:
                self._accrue(one, cash)
            elif one.kind in BILLS:
                self._bill(one, cash, books)
            elif cash is not None or not self._transfers(one):
                self._flow(one, cash or ZERO, left)
        if legs:
            raise breach("a conversion has one leg", legs)
        for flow in left:
            about = flow.key and f" of {' in '.join(flow.key)}"
            raise breach(f"{flow.kind}{about or ''}, {flow.cash} {flow.currency}, is missing", booked)

    def _post(self, one: AuditedTransaction) -> Decimal | None:
        """Note what a transaction posts as cost and profit; the cash that it moves, None for no posting to cash."""
        self.unsummed.append(one)
        cash, total = None, ZERO
        cost = gain = ZERO
        for account, amount in one.postings:
            total += amount
            if account == accounts.CASH:
                cash = amount if cash is None else cash + amount
            elif account in COST:
                cost += amount
            elif account == accounts.REALISED:
                gain -= amount
        if total:
            raise breach(f"the postings of {one.kind} {one.reference!r} leave {plain(total)} {one.currency}", (one,))
        if (cost or gain) and one.strategy_id is not None and one.symbol is not None:
            key = one.strategy_id, one.symbol
            before = self.moved.get(key)
            self.moved[key] = (cost, gain) if before is None else (before[0] + cost, before[1] + gain)
        return cash

    def _flow(self, one: AuditedTransaction, cash: Decimal, left: list[Flow]) -> None:
        key = None if one.symbol is None else (one.strategy_id, one.symbol)
        for place, flow in enumerate(left):
            if flow[:4] == (one.kind, one.reference, key, one.currency):
                require(cash, flow.cash, (one,), "the cash of {} {!r}", one.kind, one.reference)
                del left[place]
                self._move(flow)
                return
        if cash:
            raise breach(f"nothing asks for {one.kind} {one.reference!r} of {cash} {one.currency}", (one,))

    def _move(self, flow: Flow) -> None:
        """Move the guard's own money."""
        self._sums.money(flow.currency).cash += flow.cash
        if flow.invests and flow.key is not None:
            self._sums.invest(self._sums.positions[flow.key], -flow.cash)

    def _transfers(self, one: AuditedTransaction) -> bool:
        """Whether a transaction moves cost between instruments; then the position's cost is another."""
        moved = [amount for account, amount in one.postings if account == accounts.TRANSFERS]
        if moved and one.strategy_id is not None and one.symbol is not None:
            self._sums.invest(find(self._sums.positions, (one.strategy_id, one.symbol), (one,)), -moved[0])
            self.transferred[one.currency] = self.transferred.get(one.currency, ZERO) + moved[0]
        return bool(moved)

    def _convert(self, legs: Sequence[AuditedTransaction], at_ns: int | None) -> None:
        """The first leg gives away all cash of a currency, the second receives what it is worth."""
        given, got = legs
        source, target = self._sums.money(given.currency), self._sums.money(got.currency)
        require(_cash(given), -source.cash, legs, "what was given of {}", given.currency)
        worth = self._rates.worth(source.cash, given.currency, at_ns)
        require(_cash(got), worth, legs, "what {} {} brought", source.cash, given.currency, of="rates")
        source.cash, target.cash = ZERO, target.cash + worth

    def _accrue(self, one: AuditedTransaction, cash: Decimal | None) -> None:
        amount = -sum((amount for account, amount in one.postings if account == accounts.ACCRUED), ZERO)
        if cash is not None or amount <= 0:
            raise breach(f"{one.kind} of {amount} {one.currency} is no cost of holding", (one,))
        accrued, kind = self._sums.money(one.currency).accrued, ACCRUALS[one.kind]
        accrued[kind] = accrued.get(kind, ZERO) + amount

    def _bill(self, one: AuditedTransaction, cash: Decimal | None, books: AuditedBooks) -> None:
        """What was accrued is paid, to the currency's minor unit; the rest stays accrued."""
        funds, minor = self._sums.money(one.currency), books.funds[one.currency].minor_unit
        due = funds.accrued.get(one.kind, ZERO)
        require(cash or ZERO, -due.quantize(minor), (one,), "the cash of {}", one.kind, of="accruals")
        funds.cash -= due.quantize(minor)
        funds.accrued[one.kind] = due - due.quantize(minor)


def _cash(one: AuditedTransaction) -> Decimal:
    return sum((amount for account, amount in one.postings if account == accounts.CASH), ZERO)
