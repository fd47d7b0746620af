"""Units of new companies: given at once, and the part that is no whole lot step paid when there are prices."""

from dataclasses import dataclass
from decimal import ROUND_DOWN, Decimal
from typing import TYPE_CHECKING

from qtrader.guard.breach import breach
from qtrader.guard.sums import SCALE, Flow, OwnPosition
from qtrader.ports.audit import AuditedBooks, AuditedTransaction

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from qtrader.events import CorporateActionEvent
    from qtrader.market_view import MarketView

SETTLING = ("spin_off", "cash_in_lieu")
"""Kinds of transactions that settle a spin-off."""


@dataclass(frozen=True, slots=True)
class Unpaid:
    """A part of a lot step, in signed units of the new symbol, that has not been paid yet."""

    action_id: str
    position: OwnPosition
    exact: Decimal
    cut: Decimal
    """The same, cut to 10^-8: what leaves the lots."""
    reference_price: Decimal | None


class SpinOffs:
    """Spin-offs whose costs and fractions wait for the first prices of both companies."""

    def __init__(self, market: "MarketView") -> None:
        self._market = market
        self.given: dict[str, None] = {}
        """Ids of the actions that units were given by."""
        self._unpaid: list[Unpaid] = []

    def give(self, position: OwnPosition, target: OwnPosition, action: "CorporateActionEvent") -> None:
        """Give units of the new symbol for those of the old one."""
        assert action.ratio is not None
        units = position.units * action.ratio
        kept = (units / target.lot).to_integral_value(ROUND_DOWN) * target.lot
        target.units += units.quantize(SCALE, ROUND_DOWN)
        cut = (units - kept).quantize(SCALE, ROUND_DOWN)
        self.given[action.action_id] = None
        if cut:
            self._unpaid.append(Unpaid(action.action_id, target, units - kept, cut, action.reference_price))

    def settles(self, transaction: AuditedTransaction) -> bool:
        """Whether a transaction moves the cost or pays the fraction of one of these."""
        return transaction.kind in SETTLING and transaction.reference in self.given

    def flows(self, booked: "Iterable[AuditedTransaction]", books: AuditedBooks) -> list[Flow]:
        """The flows that those of the transactions must be which settle; their units leave."""
        found = (self._pay(one, books) for one in booked if one.kind == "cash_in_lieu" and self.settles(one))
        return [flow for flow in found if flow is not None]

    def _pay(self, transaction: AuditedTransaction, books: AuditedBooks) -> Flow | None:
        key = transaction.strategy_id, transaction.symbol
        for unpaid in self._unpaid:
            if (unpaid.action_id, unpaid.position.key) == (transaction.reference, key):
                self._unpaid.remove(unpaid)
                position = unpaid.position
                price = unpaid.reference_price or self._market.close(position.key[1])
                assert price is not None
                position.units -= unpaid.cut
                minor = books.funds[position.currency].minor_unit
                cash = (unpaid.exact * price * position.multiplier).quantize(minor)
                return Flow(transaction.kind, transaction.reference, position.key, position.currency, cash)
        return None

    def require_settled(self, booked: "Sequence[AuditedTransaction]") -> None:
        """Raise BooksBreach where a fraction is still unpaid."""
        for unpaid in self._unpaid:
            told = f"{unpaid.action_id}: {unpaid.cut} units of {unpaid.position.key[1]} were to be paid in cash"
            raise breach(told, booked)
