"""Changes of orders that work: what their owner asks for, and what a split does to them."""

from decimal import Decimal

from qtrader.events import OrderCommandEvent
from qtrader.ports import LEDGER, Instrument, money, plain
from qtrader_service_execution.prices import whole_lots
from qtrader_service_execution.refusals import USES
from qtrader_service_execution.state import OrderState

PRICES = ("limit_price", "stop_price")


def unfit_change(state: OrderState, command: OrderCommandEvent, instrument: Instrument) -> str | None:
    """Why an order cannot become what is asked for, or None."""
    if command.quantity is command.limit_price is command.stop_price is None:
        return "nothing is to change: give a quantity, a limit_price or a stop_price"
    if command.quantity is not None and LEDGER.remainder(command.quantity, instrument.lot):
        return f"{plain(command.quantity)} units are no whole number of lots of {plain(instrument.lot)}"
    for name in PRICES:
        price: Decimal | None = getattr(command, name)
        if price is None:
            continue
        if state.kind not in USES[name]:
            return f"{name} {plain(price)} means nothing for a {state.kind} order"
        if price <= 0 and not instrument.negative_prices:
            return f"{name} {plain(price)} is no price: it must be above zero"
        if name == "stop_price" and state.triggered:
            return "its stop has gone off already"
    return None


def change(state: OrderState, command: OrderCommandEvent) -> None:
    """Give an order its new quantity (filled units included) and prices; one that is filled already has none left."""
    if command.quantity is not None:
        state.resize(max(LEDGER.subtract(command.quantity, state.filled), Decimal(0)))
    if command.limit_price is not None:
        state.limit_price = command.limit_price
    if command.stop_price is not None:
        state.stop_price = command.stop_price


def rescale(state: OrderState, numerator: Decimal, denominator: Decimal, lot: Decimal) -> bool:
    """Turn an order for old units into one for new ones, in whole lots, at prices per new unit; False: none is left."""
    units = LEDGER.divide(LEDGER.multiply(state.leaves, numerator), denominator)
    left = whole_lots(units, lot)
    if not left:
        return False
    state.resize(left)
    if state.armed is not None:
        state.armed = whole_lots(LEDGER.divide(LEDGER.multiply(state.armed, numerator), denominator), lot)
        state.skip = whole_lots(LEDGER.divide(LEDGER.multiply(state.skip, numerator), denominator), lot)
    for name in (*PRICES, "trail"):
        price: Decimal | None = getattr(state, name)
        if price is not None:
            setattr(state, name, money(LEDGER.divide(LEDGER.multiply(price, denominator), numerator)))
    return True
