"""Lots for beancount: bought at a cost, sold without one, so that the checker chooses which leave."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from decimal import Decimal

from qtrader.errors import ConfigError
from qtrader.ports import plain
from qtrader.ports.accounts import INVENTORY, SHORTS
from qtrader_service_portfolio.amounts import ZERO
from qtrader_service_portfolio.beancount_names import Accounts
from qtrader_service_portfolio.journal import Booked, Move

BOOKINGS = {(INVENTORY, "fifo"): "FIFO", (INVENTORY, "lifo"): "LIFO", (INVENTORY, "hifo"): "HIFO",
            (SHORTS, "fifo"): "FIFO", (SHORTS, "lifo"): "LIFO"}  # fmt: skip


class Lots:
    """Writes the inventory of transactions as lots, each strategy's longs and shorts in an account of their own."""

    def __init__(self, orders: Mapping[str, str], commodities: Mapping[str, str], accounts: Accounts) -> None:
        self._orders = {INVENTORY: orders["long"], SHORTS: orders["short"]}
        self._commodities, self._accounts = commodities, accounts
        self._opened: dict[tuple[str, str], set[date]] = {}
        """The days on which lots of a position were opened since it was flat."""

    def booking(self, account: str) -> str:
        """What an account's ``open`` says about the choice of lots. Raises ConfigError where it can say nothing."""
        if account not in self._orders:
            return ""
        order = self._orders[account]
        if (account, order) not in BOOKINGS:
            raise ConfigError(
                f"--format beancount-lots: the run chose the lots of {account} by {order!r}, for which beancount has "
                f"no booking method. Use --format beancount"
            )
        return f' "{BOOKINGS[account, order]}"'

    def postings(self, booked: Booked) -> Iterator[str]:
        """The lines of a transaction that moved units."""
        one = booked.transaction
        for account, amount in one.postings:
            if account not in self._orders:
                yield f"{self._accounts.name(account)} {plain(amount)} {one.currency}"
        for move in booked.moves:
            yield from self._filled(booked, move) if move.filled is not None else self._replaced(booked, move)

    def _filled(self, booked: Booked, move: Move) -> Iterator[str]:
        """What a fill closed, at no cost that is said, and what it opened, at its own."""
        change = move.after - move.before
        closes = min(abs(change), abs(move.before)) if move.before * change < 0 else ZERO
        closed = closes.copy_sign(change)
        if closed:
            yield self._sale(_account(move.before), move, closed)
        if change != closed and move.filled is not None:
            account = _account(move.after)
            cost = sum((amount for name, amount in booked.transaction.postings if name == account), ZERO)
            day = move.filled.date()
            self._note(account, move, day, anew=bool(closed) or not move.before)
            yield self._lot(account, move, change - closed, abs(cost), booked.transaction.currency, day)

    def _replaced(self, booked: Booked, move: Move) -> Iterator[str]:
        """All that was held leaves, and what is held after a corporate action comes with the days of its lots."""
        currency = booked.transaction.currency
        if move.before:
            yield self._sale(_account(move.before), move, -move.before)
        for lot in move.lots:
            units = lot.quantity.copy_sign(move.after)
            yield self._lot(_account(move.after), move, units, lot.cost, currency, lot.opened.date())

    def _sale(self, account: str, move: Move, units: Decimal) -> str:
        name = self._accounts.name(account, move.strategy_id)
        return f"{name} {plain(units)} {self._commodities[move.symbol]} {{}}"

    def _lot(self, account: str, move: Move, units: Decimal, cost: Decimal, currency: str, day: date) -> str:
        name, commodity = self._accounts.name(account, move.strategy_id), self._commodities[move.symbol]
        return f"{name} {plain(units)} {commodity} {{{{{plain(cost)} {currency}, {day}}}}}"

    def _note(self, account: str, move: Move, day: date, *, anew: bool) -> None:
        """Remember the day of a lot. Raises ConfigError for a second lot of a day where the latest leave first."""
        days = self._opened.setdefault((move.strategy_id, move.symbol), set())
        if anew:
            days.clear()
        if day in days and self._orders[account] == "lifo":
            raise ConfigError(
                f"--format beancount-lots: two lots of {move.symbol} were opened on {day}, and beancount orders lots "
                f"by day alone. Use --format beancount"
            )
        days.add(day)


def joined(booked: Sequence[Booked]) -> Sequence[Booked]:
    """Transactions, those that one corporate action made of one strategy's inventory joined to one."""
    found: dict[tuple[int, str | None], Booked] = {}
    for place, one in enumerate(booked):
        filled = any(move.filled is not None for move in one.moves)
        alone = filled or not (one.moves or _touches_inventory(one))
        key = (-1 - place, None) if alone else (one.cause, one.transaction.strategy_id)
        found[key] = _join(found[key], one) if key in found else one
    return list(found.values())


def _join(first: Booked, second: Booked) -> Booked:
    one, other = first.transaction, second.transaction
    joint = one._replace(postings=one.postings + other.postings)
    return first._replace(transaction=joint, moves=first.moves + second.moves)


def _touches_inventory(booked: Booked) -> bool:
    return any(account in (INVENTORY, SHORTS) for account, _ in booked.transaction.postings)


def _account(quantity: Decimal) -> str:
    return INVENTORY if quantity > 0 else SHORTS
