"""How many units a new position gets: the policy's sizer, then whole lots."""

from decimal import Decimal

from qtrader.errors import RunError
from qtrader.events import SignalEvent
from qtrader.ports import LEDGER, Side, Sizer, SizeRequest, Wiring, plain
from qtrader.ports.settings import Reference
from qtrader_service_manager.cases import Case, Quote, shown
from qtrader_service_manager.plans import Refusal


def whole_lots(quantity: Decimal, lot: Decimal) -> Decimal:
    """The most whole lots in a quantity."""
    units = LEDGER.divide_int(quantity, lot)
    return units if lot == 1 else LEDGER.multiply(units, lot)


class Sizing:
    """The sizer of a run and the account it looks at."""

    def __init__(self, reference: Reference, wiring: Wiring) -> None:
        self.name = reference.use
        self._sizer: Sizer = wiring.build("sizer", reference)
        self._books = wiring.books

    def units(self, case: Case, signal: SignalEvent, side: Side, quote: Quote) -> Decimal | Refusal:
        """Whole lots for one signal; its numbers go into the case. Raises RunError for a size that is no quantity."""
        equity, cash, lot = self._books.equity, self._books.cash, quote.instrument.lot
        size = self._sizer.size(
            SizeRequest(
                strategy_id=case.strategy_id,
                symbol=case.symbol,
                side=side,
                price=quote.price,
                unit_value=quote.unit_value,
                equity=equity,
                cash=cash,
                confidence=signal.confidence,
                stop_loss=signal.stop_loss,
                lot=lot,
            )
        )
        wanted = size.quantity
        if not wanted.is_finite() or wanted < 0:
            raise RunError(
                f"sizer {self.name!r} wants {wanted} units: sizes are finite and never negative; mend the sizer"
            )
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
