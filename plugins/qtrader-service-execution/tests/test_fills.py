"""What a fill costs and when it happened."""

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import numpy as np
import pytest

from qtrader.bar_table import BarTable
from qtrader.errors import HandlerError, RunError
from qtrader.ports import Instrument
from qtrader_service_execution.answers import check_fee, check_price
from qtrader_service_execution.prices import minor_unit, traded_price, whole_lots

D = Decimal


def a_table(open_: datetime, end: datetime) -> BarTable:
    """One row: open 10, close 11, from ``open_`` to ``end``."""

    def ns(moment: datetime) -> np.ndarray[Any, Any]:
        return np.array([int(moment.timestamp()) * 10**9], dtype=np.int64)

    def cents(price: int) -> np.ndarray[Any, Any]:
        return np.array([price], dtype=np.int64)

    session = np.array([(end.date() - date(1970, 1, 1)).days], dtype=np.int32)
    return BarTable(
        Instrument("A"), "1d", 2, ns(end), ns(open_), session, cents(1000), cents(1200), cents(900), cents(1100)
    )


# when


def test_a_fill_at_the_open_happened_when_the_bar_began(world: Any) -> None:
    began, ended = datetime(2024, 1, 2, 14, 30, tzinfo=UTC), datetime(2024, 1, 2, 21, tzinfo=UTC)
    world.order()
    world.service.on_bar(a_table(began, ended).bar(0))

    assert world.fills[0].executed_at == began


def test_a_fill_never_happened_before_its_order_rested(world: Any) -> None:
    world.bar(2)  # ends at 21:00, and the order is decided then
    world.order()
    began, ended = datetime(2024, 1, 2, 14, 30, tzinfo=UTC), datetime(2024, 1, 3, 21, tzinfo=UTC)
    world.service.on_bar(a_table(began, ended).bar(0))

    assert world.fills[0].executed_at == datetime(2024, 1, 2, 21, tzinfo=UTC)


def test_a_fill_at_the_close_happened_when_the_bar_ended(kit: Any) -> None:
    world = kit.World(policy=kit.Policy(moment="close"))
    world.order()
    world.bar(2, "10", "11")

    assert (world.fills[0].executed_at, world.fills[0].price) == (datetime(2024, 1, 2, 21, tzinfo=UTC), 11)


def test_a_same_bar_policy_fills_on_the_bar_of_the_decision(kit: Any) -> None:
    world = kit.World(policy=kit.Policy(moment="close", same_bar=True))
    world.bar(2, "10", "11")
    world.order()

    assert [(f.price, f.executed_at) for f in world.fills] == [(D(11), datetime(2024, 1, 2, 21, tzinfo=UTC))]


def test_a_fill_on_the_bar_of_the_decision_is_optimistic(kit: Any) -> None:
    world = kit.World(policy=kit.Policy(moment="close", same_bar=True))
    world.bar(2)
    world.order()

    assert world.fills[0].optimistic is True


def test_a_same_bar_order_is_acknowledged_before_it_fills(kit: Any) -> None:
    world = kit.World(policy=kit.Policy(moment="close", same_bar=True))
    world.bar(2)
    world.order()

    assert world.triggers() == ["received", "sent", "ack", "fill"]


def test_a_later_fill_is_not_optimistic(world: Any) -> None:
    world.bar(2)
    world.order()
    world.bar(3)

    assert world.fills[0].optimistic is False


def test_a_stale_bar_is_not_the_bar_of_the_decision(kit: Any) -> None:
    world = kit.World(policy=kit.Policy(moment="close", same_bar=True))
    world.bar(2, symbol="A")
    world.bar(3, symbol="B")
    world.order(symbol="A")  # decided on day 3, when A did not trade

    assert world.fills == []


def test_a_same_bar_order_without_any_bar_rests(kit: Any) -> None:
    world = kit.World(policy=kit.Policy(moment="close", same_bar=True))
    world.order()
    world.bar(2, "10", "11")

    assert [(f.price, f.optimistic) for f in world.fills] == [(D(11), False)]


def test_a_same_bar_order_waits_when_nothing_traded(kit: Any) -> None:
    world = kit.World(policy=kit.Policy(moment="close", same_bar=True))
    world.bar(2, volume="0")
    world.order()

    assert world.fills == []


# price


def test_a_buyer_pays_the_slippage(kit: Any) -> None:
    world = kit.World(slippage=kit.Slip(D("0.05")))
    world.order()
    world.bar(2, "10")

    fill = world.fills[0]
    assert (fill.reference_price, fill.price, fill.slippage) == (D(10), D("10.05"), D("0.05"))


def test_a_seller_loses_the_slippage(kit: Any) -> None:
    world = kit.World(slippage=kit.Slip(D("0.05")))
    world.order(side="sell")
    world.bar(2, "10")

    fill = world.fills[0]
    assert (fill.reference_price, fill.price, fill.slippage) == (D(10), D("9.95"), D("0.05"))


def test_slippage_is_not_clipped_to_the_bar(kit: Any) -> None:
    world = kit.World(slippage=kit.Slip(D(5)))
    world.order()
    world.bar(2, "10", "11")  # high 11

    assert world.fills[0].price == 15


def test_slippage_that_helps_the_trader_stops_the_run(kit: Any) -> None:
    world = kit.World(slippage=kit.Slip(D("-0.01")))
    world.order()

    with pytest.raises(HandlerError, match=r"slippage moved the price of a buy from 10 to 9\.99"):
        world.bar(2, "10")


def test_slippage_that_helps_a_seller_is_refused(kit: Any) -> None:
    with pytest.raises(RunError, match="of a sell from 10 to 11"):
        check_price(kit.Slip(D(1)), D(11), D(10), "sell")


@pytest.mark.parametrize(
    ("side", "adjusted", "price"),
    [("buy", "10.0201", "10.03"), ("sell", "9.9899", "9.98"), ("buy", "10.02", "10.02"), ("sell", "9.98", "9.98")],
)
def test_a_price_between_ticks_moves_on_against_the_trader(side: Any, adjusted: str, price: str) -> None:
    assert traded_price(D(10), D(adjusted), side, D("0.01")) == D(price)


def test_ticks_need_not_be_powers_of_ten() -> None:
    assert traded_price(D(100), D("100.1"), "buy", D("0.25")) == D("100.25")


def test_the_tick_of_the_instrument_counts(kit: Any) -> None:
    world = kit.World(slippage=kit.Slip(D("0.001")), instruments=[Instrument("A", tick=D("0.05"))])
    world.order()
    world.bar(2, "10")

    assert (world.fills[0].price, world.fills[0].slippage) == (D("10.05"), D("0.05"))


def test_without_a_tick_the_price_has_eight_decimals() -> None:
    assert traded_price(D("10"), D("10.000000001"), "buy", None) == D("10.00000001")
    assert traded_price(D("10"), D("9.999999999"), "sell", None) == D("9.99999999")


def test_a_finer_price_than_eight_decimals_keeps_its_own() -> None:
    assert traded_price(D("0.1234567890"), D("0.12345678991"), "buy", None) == D("0.1234567900")


def test_a_price_without_slippage_is_left_as_it_is() -> None:
    assert traded_price(D("143.372382812345"), D("143.372382812345"), "buy", None) == D("143.372382812345")


# fee


def test_the_fee_is_charged_in_cents_half_even(kit: Any) -> None:
    world = kit.World(commission=kit.Fee(D("0.005")))
    world.order(quantity=D(697))
    world.bar(2, "10")

    assert world.fills[0].commission == D("3.48")  # 697 x 0.005 = 3.485, half to the even cent


def test_a_model_can_keep_all_digits(kit: Any) -> None:
    world = kit.World(commission=kit.Fee(D("0.005"), rounding="none"))
    world.order(quantity=D(697))
    world.bar(2, "10")

    assert world.fills[0].commission == D("3.485")


def test_a_model_without_an_opinion_is_rounded(kit: Any) -> None:
    class Plain:
        def fee(self, fill: Any) -> Decimal:
            return D("1.005")

    world = kit.World(commission=Plain())
    world.order()
    world.bar(2)

    assert world.fills[0].commission == D("1.00")  # half to the even cent


def test_the_model_sees_the_price_after_slippage(kit: Any) -> None:
    world = kit.World(slippage=kit.Slip(D(1)), instruments=[Instrument("A", multiplier=D(50))])
    world.order(quantity=D(3))
    world.bar(2, "10")

    seen = world.commission.seen[0]
    assert (seen.quantity, seen.price, seen.multiplier, seen.side) == (D(3), D(11), D(50), "buy")


def test_fees_and_prices_are_in_the_currency_of_the_instrument(kit: Any) -> None:
    world = kit.World(commission=kit.Fee(D("0.105")), instruments=[Instrument("A", currency="JPY")])
    world.order(quantity=D(15))
    world.bar(2, "1000")

    fill = world.fills[0]
    assert (fill.currency, fill.commission_currency, fill.commission) == ("JPY", "JPY", D(2))  # 1.575 to whole yen


@pytest.mark.parametrize(
    ("currency", "minor"), [("USD", "0.01"), ("JPY", "1"), ("KWD", "0.001"), ("USDT", "0.00000001")]
)
def test_the_minor_unit_is_that_of_the_currency(currency: str, minor: str) -> None:
    assert minor_unit(currency) == D(minor)


def test_a_metal_has_no_minor_unit_of_its_own() -> None:
    assert minor_unit("XAU") == D("0.00000001")


def test_a_negative_fee_is_refused(kit: Any) -> None:
    with pytest.raises(RunError, match=r"charges -0\.01"):
        check_fee(kit.Fee(D("-0.01")), D("-0.01"))


@pytest.mark.parametrize(("quantity", "lot", "whole"), [("7", "2", "6"), ("0.37", "0.25", "0.25"), ("0.9", "1", "0")])
def test_lots_are_whole(quantity: str, lot: str, whole: str) -> None:
    assert whole_lots(D(quantity), D(lot)) == D(whole)
