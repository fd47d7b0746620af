"""What one unit costs at the moment of a decision."""

from decimal import Decimal

from qtrader.errors import DataError
from qtrader.ports import Wiring, money
from qtrader_service_manager.cases import Case, Quote
from qtrader_service_manager.plans import Refusal


class Prices:
    """Quotes instruments of the run at their last price, in the account's currency at the rate of the moment."""

    def __init__(self, wiring: Wiring, currency: str) -> None:
        self._market, self._books, self._currency = wiring.market, wiring.books, currency

    def quote(self, case: Case, price: Decimal | None) -> Quote | Refusal:
        """An instrument of the run, its last price (before the first: the one that is given), and a rate."""
        try:
            instrument = self._market.instrument(case.symbol)
        except DataError as error:
            return Refusal("unknown-symbol", str(error))
        last = self._market.last(case.symbol)
        price = price if last is None else last
        if price is None or price <= 0:
            return Refusal("no-price", f"the last price of {case.symbol!r} is {price}; an order needs one above zero")
        unit_value = price if instrument.multiplier == 1 else price * instrument.multiplier
        if instrument.currency != self._currency:
            rate = self._books.rate(instrument.currency)
            case.inputs["rate"], unit_value = money(rate), money(unit_value * rate)
            if not unit_value:
                told = f"a unit of {case.symbol!r} is worth less than 0.00000001 {self._currency}"
                return Refusal("no-price", told)
        case.inputs["price"], case.inputs["unit_value"] = price, unit_value
        return Quote(instrument, price, unit_value)
