"""How many units a new position gets: the policy's sizer, then whole lots."""

from decimal import Decimal
from typing import Any

from qtrader.errors import RunError
from qtrader.events import SignalEvent
from qtrader.ports import LEDGER, Side, Size, Sizer, SizeRequest, Wiring, plain
from qtrader.ports.settings import Reference
from qtrader_service_manager.budgets import Budgets
from qtrader_service_manager.cases import Case, Quote, shown
from qtrader_service_manager.facts import Facts
from qtrader_service_manager.plans import Refusal

MOST = Decimal("1E+20")
"""Quantities stay below this: contracts and log columns have 20 digits before the point."""


def whole_lots(quantity: Decimal, lot: Decimal) -> Decimal:
    """The most whole lots in a quantity."""
    units = LEDGER.divide_int(quantity, lot)
    return units if lot == 1 else LEDGER.multiply(units, lot)


class Sizing:
    """The sizer of a run and the account it looks at."""

    def __init__(self, reference: Reference, wiring: Wiring, facts: Facts, budgets: Budgets) -> None:
        self._facts, self._budgets = facts, budgets
        self.name = reference.use
        self._sizer: Sizer = wiring.build("sizer", reference)
        self._books = wiring.books

    def units(self, case: Case, signal: SignalEvent, side: Side, quote: Quote) -> Decimal | Refusal:
        """Whole lots for one signal; its numbers go into the case. Raises RunError for a size that is no quantity."""
        equity, cash, lot = self._budgets.equity(case.strategy_id), self._books.cash, quote.instrument.lot
        size = self._sizer.size(
            SizeRequest(
                strategy_id=case.strategy_id,
                symbol=case.symbol,
                side=side,
                price=quote.price,
                unit_value=quote.unit_value,
                equity=max(equity, Decimal(0)),
                cash=cash,
                confidence=signal.confidence,
                stop_loss=signal.stop_loss,
                lot=lot,
                closes=self._facts.closes(self._sizer, case.symbol),
                periods=self._facts.periods,
                trades=self._facts.trades(case.strategy_id),
            )
        )
        wanted = self._checked(size)
        inputs = case.inputs
        inputs.update(size.inputs)
        inputs["equity"], inputs["cash"], inputs["wanted"] = equity, cash, wanted
        units = whole_lots(wanted, lot)
        if units:
            return units
        return Refusal(
            "size-zero",
            f"sizer {self.name!r} wants {shown(wanted)} units at {plain(quote.unit_value)} each: no whole lot of "
            f"{plain(lot)} (equity {shown(equity)})",
        )

    def _checked(self, size: Any) -> Decimal:
        """The quantity of a sizer's answer, where the answer is one."""
        if not isinstance(size, Size) or not isinstance(size.quantity, Decimal):
            raise RunError(
                f"sizer {self.name!r} answers {size!r}: it must answer Size(quantity) with a Decimal; mend the sizer"
            ).of(self._sizer)
        if not size.quantity.is_finite() or not 0 <= size.quantity < MOST:
            raise RunError(
                f"sizer {self.name!r} wants {size.quantity} units: sizes are finite, never negative and below {MOST}; "
                f"mend the sizer"
            ).of(self._sizer)
        for name, value in size.inputs.items():
            if not isinstance(value, Decimal) or not value.is_finite() or abs(value) >= MOST:
                raise RunError(
                    f"sizer {self.name!r} explains its size by {name}={value!r}: inputs are finite Decimals below "
                    f"{MOST}; mend the sizer"
                ).of(self._sizer)
        return size.quantity
