"""The ledger as a file for beancount, whose checker then proves it again: nothing is tolerated, not 0.00000001.

Two kinds. Plain: inventory in two accounts, ``:Cost`` in money, ``:Units`` in the commodity against ``Equity:Units``.
With lots: positions at cost, sales without one, so that the checker chooses the lots itself, as ``portfolio.lots``
says, and finds the profit that the ledger has, or complains.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import timedelta
from decimal import Decimal

from qtrader.events import from_ns
from qtrader.ports import ledger_context, plain
from qtrader.ports.accounts import CASH, INVENTORY, SHORTS
from qtrader_service_portfolio.amounts import ZERO
from qtrader_service_portfolio.beancount_lots import Lots, joined
from qtrader_service_portfolio.beancount_names import Accounts, commodities
from qtrader_service_portfolio.journal import Booked, Journal, SessionBooks

UNITS = "Equity:Units"
HEAD = (
    'option "inferred_tolerance_default" "*:0"',
    'option "tolerance_multiplier" "0"',
)


def _long(number: Decimal) -> Decimal:
    return max(number, ZERO)


def _short(number: Decimal) -> Decimal:
    return min(number, ZERO)


SIDES: Sequence[tuple[str, Callable[[Decimal], Decimal]]] = ((INVENTORY, _long), (SHORTS, _short))
"""Each account of inventory, and what of a signed position is in it."""


def export(journal: Journal, *, title: str, lots: Mapping[str, str] | None = None) -> Iterator[str]:
    """The lines of the file. ``lots``: with lots, chosen in these orders, by side ``long`` and ``short``.

    Raises ConfigError where the file could not show which lots were chosen.
    """
    file = _LotsFile(journal, lots) if lots is not None else _File(journal)
    with ledger_context():
        body = [line for session in journal.sessions for line in file.session(session)]
    yield f'option "title" {quoted(title)}'
    yield from HEAD
    yield from (f'option "operating_currency" "{currency}"' for currency in file.currencies)
    yield ""
    if journal.sessions:
        yield from file.declarations(journal.sessions[0])
    yield from body


class _File:
    """Inventory in two accounts, cost and units."""

    def __init__(self, journal: Journal) -> None:
        self.currencies = sorted({currency for session in journal.sessions for _, currency in session.balances})
        symbols = {one.symbol for session in journal.sessions for one in session.positions.values()}
        self._commodities = commodities({*symbols, *journal.symbols}, self.currencies)
        self._accounts = Accounts(journal.accounts)
        self._balances: dict[tuple[str, str], Decimal] = {}
        self._positions: dict[tuple[str, str], tuple[Decimal, Decimal, str]] = {}

    def declarations(self, first: SessionBooks) -> Iterator[str]:
        """What each commodity and each account stands for."""
        for symbol, commodity in sorted(self._commodities.items(), key=lambda one: one[1]):
            yield f"{first.day} commodity {commodity}"
            yield f"  symbol: {quoted(symbol)}"
        for name, account, part in self._accounts:
            yield f"{first.day} open {name}{self.booking(account)}"
            yield f"  account: {quoted(account)}"
            if part:
                yield f"  part: {quoted(part)}"
        yield ""

    def booking(self, account: str) -> str:  # noqa: ARG002 - where there are lots, it matters
        """How beancount chooses lots of an account; nothing: it has none."""
        return ""

    def session(self, session: SessionBooks) -> Iterator[str]:
        """What was booked in a session, and on the next day that all is as it was at its end."""
        for booked in self.transactions(session):
            one = booked.transaction
            yield f"{session.day} * {quoted(one.kind)} {quoted(one.reference)}"
            about = {"time": from_ns(one.time_ns).isoformat(), "strategy": one.strategy_id, "symbol": one.symbol}
            yield from (f"  {key}: {quoted(value)}" for key, value in about.items() if value is not None)
            yield from (f"  {line}" for line in self.postings(booked))
        self._note(session)
        after = session.day + timedelta(days=1)
        for account, amount in sorted(self.assertions(session).items()):
            yield f"{after} balance {account[0]} {plain(amount)} {account[1]}"
        yield ""

    def transactions(self, session: SessionBooks) -> Sequence[Booked]:
        """The session's transactions as the file has them."""
        return session.booked

    def postings(self, booked: Booked) -> Iterator[str]:
        """The lines of a transaction."""
        currency = booked.transaction.currency
        for account, amount in booked.transaction.postings:
            part = "Cost" if account in (INVENTORY, SHORTS) else ""
            yield f"{self._accounts.name(account, part)} {plain(amount)} {currency}"
        for move in booked.moves:
            commodity = self._commodities[move.symbol]
            for account, held in SIDES:
                units = held(move.after) - held(move.before)
                if units:
                    yield f"{self._accounts.name(account, 'Units')} {plain(units)} {commodity}"
                    yield f"{self._accounts.name(UNITS)} {plain(-units)} {commodity}"

    def _note(self, session: SessionBooks) -> None:
        self._balances |= session.balances
        for key, one in session.positions.items():
            self._positions[key] = one.quantity, one.cost_basis, one.currency

    def money(self, session: SessionBooks) -> dict[tuple[str, str], Decimal]:
        """What the accounts that were touched hold, and cash in any case; but for inventory."""
        told = {key: amount for key, amount in self._balances.items() if key[0] == CASH or key in session.balances}
        return {
            (self._accounts.name(account), currency): amount
            for (account, currency), amount in told.items()
            if account not in (INVENTORY, SHORTS)
        }

    def assertions(self, session: SessionBooks) -> dict[tuple[str, str], Decimal]:
        """What the accounts that were touched hold: of money as the ledger says, of positions as their events say."""
        found = self.money(session)
        moved = {symbol for _, symbol in session.positions}
        for account, part in SIDES:
            for (_, symbol), (quantity, cost, currency) in self._positions.items():
                if (account, currency) in session.balances:
                    place = self._accounts.name(account, "Cost"), currency
                    found[place] = found.get(place, ZERO) + part(cost)
                if symbol in moved and (account, "Units") in self._accounts:
                    place = self._accounts.name(account, "Units"), self._commodities[symbol]
                    found[place] = found.get(place, ZERO) + part(quantity)
        return found


class _LotsFile(_File):
    """Positions at cost, one account a strategy and side."""

    def __init__(self, journal: Journal, orders: Mapping[str, str]) -> None:
        super().__init__(journal)
        self._lots = Lots(orders, self._commodities, self._accounts)

    def booking(self, account: str) -> str:
        """First in first out, last in first out, or the most expensive first."""
        return self._lots.booking(account)

    def transactions(self, session: SessionBooks) -> Sequence[Booked]:
        """The session's transactions, what a corporate action did to a strategy's inventory as one."""
        return joined(session.booked)

    def postings(self, booked: Booked) -> Iterator[str]:
        """The lines of a transaction, its inventory as lots."""
        if not booked.moves:
            return super().postings(booked)
        return self._lots.postings(booked)

    def assertions(self, session: SessionBooks) -> dict[tuple[str, str], Decimal]:
        """What the accounts hold: money as the ledger says, units as the positions' events say."""
        found = self.money(session)
        for strategy_id, symbol in session.positions:
            quantity = self._positions[strategy_id, symbol][0]
            for account, part in SIDES:
                if (account, strategy_id) in self._accounts:
                    found[self._accounts.name(account, strategy_id), self._commodities[symbol]] = part(quantity)
        return found


def quoted(text: str) -> str:
    """A text in beancount's quotes."""
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'
