"""What the keeper of the books shows to the accounting guard: its own objects, to be read and never changed."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Literal, Protocol, runtime_checkable


class AuditedTransaction(Protocol):
    """What was posted together, in one currency; ``kind`` and ``reference`` say why."""

    @property
    def kind(self) -> str: ...  # noqa: D102
    @property
    def reference(self) -> str: ...  # noqa: D102
    @property
    def strategy_id(self) -> str | None: ...  # noqa: D102
    @property
    def symbol(self) -> str | None: ...  # noqa: D102
    @property
    def currency(self) -> str: ...  # noqa: D102
    @property
    def postings(self) -> Sequence[tuple[str, Decimal]]:
        """Accounts and what they grow by: assets and expenses positive, the others negative."""
        ...


class AuditedLedger(Protocol):
    """The journal, which only grows."""

    @property
    def transactions(self) -> int:
        """How many transactions were posted."""
        ...

    def since(self, transactions: int) -> Sequence[AuditedTransaction]:
        """What was posted after so many."""
        ...


class AuditedLot(Protocol):
    """Units that were opened together: quantity, total cost and entry fee carried, all of zero or more."""

    @property
    def number(self) -> int: ...  # noqa: D102
    @property
    def side(self) -> Literal["long", "short"]: ...  # noqa: D102
    @property
    def quantity(self) -> Decimal: ...  # noqa: D102
    @property
    def cost(self) -> Decimal: ...  # noqa: D102
    @property
    def fee(self) -> Decimal: ...  # noqa: D102
    @property
    def opened(self) -> datetime: ...  # noqa: D102


class AuditedPart(Protocol):
    """Units of a lot that left: ``lot`` is as it was before."""

    @property
    def lot(self) -> AuditedLot: ...  # noqa: D102
    @property
    def quantity(self) -> Decimal: ...  # noqa: D102
    @property
    def cost(self) -> Decimal: ...  # noqa: D102
    @property
    def value(self) -> Decimal: ...  # noqa: D102
    @property
    def entry_fee(self) -> Decimal: ...  # noqa: D102
    @property
    def exit_fee(self) -> Decimal: ...  # noqa: D102


class AuditedMatch(Protocol):
    """What a fill did to lots: which it closed, in order, and the one that it opened."""

    @property
    def closed(self) -> Sequence[AuditedPart]: ...  # noqa: D102
    @property
    def opened(self) -> AuditedLot | None: ...  # noqa: D102


class AuditedLots(Protocol):
    """The open lots of one position, with signed totals (short negative) and the entry fees that they carry."""

    @property
    def quantity(self) -> Decimal: ...  # noqa: D102
    @property
    def cost(self) -> Decimal: ...  # noqa: D102
    @property
    def fees(self) -> Decimal: ...  # noqa: D102
    @property
    def ends(self) -> tuple[AuditedLot, AuditedLot] | None:
        """The oldest and the newest lot; None when flat."""
        ...

    @property
    def lots(self) -> Sequence[AuditedLot]:
        """All of them."""
        ...


class AuditedBook(Protocol):
    """One strategy's position in one instrument: ``mark`` is what it is valued at, ``realised`` its profit so far."""

    @property
    def mark(self) -> Decimal: ...  # noqa: D102
    @property
    def realised(self) -> Decimal: ...  # noqa: D102
    @property
    def lots(self) -> AuditedLots: ...  # noqa: D102


class AuditedFunds(Protocol):
    """What the account has, is owed, owes, and has not been billed yet in one currency."""

    @property
    def minor_unit(self) -> Decimal:
        """The step in which the currency is paid."""
        ...

    @property
    def cash(self) -> Decimal: ...  # noqa: D102
    @property
    def receivable(self) -> Decimal: ...  # noqa: D102
    @property
    def payable(self) -> Decimal: ...  # noqa: D102
    @property
    def accrued(self) -> Decimal: ...  # noqa: D102


class AuditedBooks(Protocol):
    """Everything that the guard compares with its own sums."""

    @property
    def ledger(self) -> AuditedLedger: ...  # noqa: D102
    @property
    def books(self) -> Mapping[tuple[str, str], AuditedBook]:
        """Positions by strategy and symbol."""
        ...

    @property
    def funds(self) -> Mapping[str, AuditedFunds]:
        """Money by currency."""
        ...

    @property
    def matched(self) -> AuditedMatch | None:
        """What the last fill did."""
        ...


@runtime_checkable
class Audited(Protocol):
    """The extra duty of the service that keeps the books: show them to the guard after every event."""

    @property
    def audited(self) -> AuditedBooks:
        """The books as they are now."""
        ...
