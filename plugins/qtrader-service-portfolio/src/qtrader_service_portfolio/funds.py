"""What the account has in one currency, and what it has earned and spent in it."""

from decimal import Decimal

from qtrader.errors import LedgerError
from qtrader.ports import Snapshot
from qtrader_service_portfolio.amounts import LARGEST_AMOUNT, ZERO, minor_unit
from qtrader_service_portfolio.json_values import decimals, texts

AMOUNTS = ("cash", "receivable", "payable", "accrued", "realised", "commission", "dividends", "converted")


class Funds:
    """Cash in one currency, what is owed to the account, what it owes, and what it owes but has not been billed yet.

    ``realised`` (gross of fees), ``commission`` and ``dividends`` (net of tax) are sums since the start over all books;
    ``converted`` is what was bought of the currency for others, less what was sold.
    """

    __slots__ = (*AMOUNTS, "currency")

    def __init__(self, currency: str) -> None:
        self.currency = currency
        self.cash = self.receivable = self.payable = self.accrued = ZERO
        self.realised = self.commission = self.dividends = self.converted = ZERO

    @property
    def minor_unit(self) -> Decimal:
        """The step in which the currency is paid."""
        return minor_unit(self.currency)

    def after(self, change: Decimal) -> Decimal:
        """The cash there would be. Raises LedgerError where no book could hold it."""
        balance = self.cash + change
        if not -LARGEST_AMOUNT < balance < LARGEST_AMOUNT:
            raise LedgerError(f"cash of {balance:E} {self.currency} is more than a book can hold ({LARGEST_AMOUNT:E})")
        return balance

    def snapshot(self) -> Snapshot:
        """Everything as plain JSON values."""
        return texts({name: getattr(self, name) for name in AMOUNTS})

    @classmethod
    def restored(cls, currency: str, snapshot: Snapshot) -> "Funds":
        """The funds that made the snapshot."""
        funds = cls(currency)
        for name, amount in decimals(dict(snapshot)).items():
            setattr(funds, name, amount)
        return funds
