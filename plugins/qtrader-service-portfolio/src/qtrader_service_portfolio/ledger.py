"""The double-entry journal of the account: append-only, constant time, every transaction sums to zero."""

from collections.abc import Iterator, Sequence
from decimal import Decimal
from typing import NamedTuple

from qtrader.errors import LedgerError
from qtrader.ports import Snapshot, ledger_context
from qtrader_service_portfolio.amounts import ZERO
from qtrader_service_portfolio.models import LedgerEntry

Posting = tuple[str, Decimal]
"""An account and what it grows by: assets and expenses positive, liabilities, equity and income negative."""


class Transaction(NamedTuple):
    """What was posted together, in one currency."""

    time_ns: int
    kind: str
    reference: str
    strategy_id: str | None
    symbol: str | None
    currency: str
    postings: tuple[Posting, ...]


class Ledger:
    """Every effect on cash and inventory since the start, or since the snapshot that it was restored from.

    Iterating gives one ``LedgerEntry`` a posting, oldest first; they are made when asked for. A restored ledger begins
    with one transaction of kind ``carried_forward`` that holds the balances so far, so balances are always complete.
    """

    def __init__(self) -> None:
        self._transactions: list[Transaction] = []
        self._first = 1
        self._balances: dict[tuple[str, str], Decimal] = {}
        self._balanced = 0

    def post(
        self,
        postings: tuple[Posting, ...],
        currency: str,
        time_ns: int,
        kind: str,
        reference: str,
        strategy_id: str | None = None,
        symbol: str | None = None,
    ) -> None:
        """Append one transaction in one currency. Raises LedgerError when its postings do not sum to zero."""
        total = ZERO
        for _, amount in postings:
            total += amount
        if total:
            parts = ", ".join(f"{account} {amount}" for account, amount in postings)
            raise LedgerError(
                f"{kind} {reference!r} does not balance: {parts} leave {total} {currency}. This is a defect; report it"
            )
        self._transactions.append(Transaction(time_ns, kind, reference, strategy_id, symbol, currency, postings))

    @property
    def transactions(self) -> int:
        """How many transactions were posted, those before a restore included."""
        return self._first - 1 + len(self._transactions)

    def since(self, transactions: int) -> Sequence[Transaction]:
        """What was posted after so many transactions."""
        return self._transactions[max(transactions - self._first + 1, 0) :]

    def __len__(self) -> int:
        return sum(len(transaction.postings) for transaction in self._transactions)

    def __iter__(self) -> Iterator[LedgerEntry]:
        for number, (time_ns, kind, reference, strategy_id, symbol, currency, postings) in enumerate(
            self._transactions, self._first
        ):
            for account, amount in postings:
                yield LedgerEntry(number, time_ns, kind, reference, strategy_id, symbol, account, currency, amount)

    def balance(self, account: str, currency: str) -> Decimal:
        """The sum of an account's postings in one currency."""
        return self.balances().get((account, currency), ZERO)

    def balances(self) -> dict[tuple[str, str], Decimal]:
        """The sum of every account in every currency, by account and currency."""
        with ledger_context():
            for *_, currency, postings in self._transactions[self._balanced :]:
                for account, amount in postings:
                    key = account, currency
                    self._balances[key] = self._balances.get(key, ZERO) + amount
        self._balanced = len(self._transactions)
        return dict(sorted(self._balances.items()))

    def snapshot(self) -> Snapshot:
        """The number of transactions and the balances, as plain JSON values."""
        balances = [[account, currency, str(amount)] for (account, currency), amount in self.balances().items()]
        return {"transactions": self.transactions, "balances": balances}

    def restore(self, snapshot: Snapshot, time_ns: int) -> None:
        """Go on numbering where the snapshot ended, from balances carried forward."""
        by_currency: dict[str, list[Posting]] = {}
        for account, currency, amount in snapshot["balances"]:
            by_currency.setdefault(currency, []).append((account, Decimal(amount)))
        self.__init__()  # type: ignore[misc]
        self._first = snapshot["transactions"] + 1 - len(by_currency)
        with ledger_context():
            for currency, postings in by_currency.items():
                self.post(tuple(postings), currency, time_ns, "carried_forward", "snapshot")
