from decimal import Decimal
from typing import Any

import pytest
from pydantic import TypeAdapter, ValidationError

from qtrader.ports import Intent, RiskLimit
from qtrader.testing import RiskLimitConformance, books
from qtrader_risk_limits import (
    GrossLeverageLimit,
    NetLeverageLimit,
    check_gross_leverage_limit,
    check_net_leverage_limit,
)

D = Decimal


def intent(side: Any, quantity: str, symbol: str = "AAPL") -> Intent:
    return Intent("s", symbol, side, D(quantity), D(50))


def answer(limit: RiskLimit, account: Any, one: Intent) -> tuple[str, Decimal | None]:
    verdict = limit.check(one, account)
    return verdict.outcome, verdict.quantity


@pytest.mark.parametrize(
    ("side", "quantity", "expected"),
    [
        ("buy", "20", ("pass", None)),  # 20 x 50 and 20 x 50 short: 2000, twice 1000
        ("buy", "21", ("shrink", 20)),
        ("sell", "20", ("pass", None)),
        ("sell", "21", ("shrink", 20)),
    ],
)
def test_longs_and_shorts_add_up_to_the_gross(side: str, quantity: str, expected: Any) -> None:
    assert answer(GrossLeverageLimit(D(2)), books("1000", MSFT="-20"), intent(side, quantity)) == expected


def test_beyond_the_gross_positions_may_only_close() -> None:
    limit, account = GrossLeverageLimit(D(1)), books("1000", AAPL="10", MSFT="-50")

    assert answer(limit, account, intent("buy", "1")) == ("refuse", None)
    assert answer(limit, account, intent("sell", "10")) == ("pass", None)
    assert answer(limit, account, intent("sell", "11")) == ("shrink", 10)
    assert answer(limit, account, intent("buy", "50", "MSFT")) == ("pass", None)


def test_turning_a_position_around_counts_the_other_side_alone() -> None:
    limit, account = GrossLeverageLimit(D(1)), books("1000", AAPL="20")

    assert answer(limit, account, intent("sell", "40")) == ("pass", None)  # 20 x 50 short: 1000
    assert answer(limit, account, intent("sell", "41")) == ("shrink", 40)


def test_the_reason_of_the_gross_has_the_numbers() -> None:
    assert GrossLeverageLimit(D(2)).check(intent("buy", "30"), books("1000", MSFT="-20")).reason == (
        "buy 30 AAPL: longs and shorts would be 2500, 2.5 of the equity of 1000: at most 2, 2000"
    )


@pytest.mark.parametrize(
    ("side", "quantity", "expected"),
    [
        ("buy", "30", ("pass", None)),  # 30 x 50 less 10 x 50: 1000
        ("buy", "31", ("shrink", 30)),
        ("sell", "10", ("pass", None)),  # 10 x 50 and 10 x 50 short: -1000
        ("sell", "11", ("shrink", 10)),
    ],
)
def test_shorts_are_taken_off_the_net(side: str, quantity: str, expected: Any) -> None:
    assert answer(NetLeverageLimit(D(1)), books("1000", MSFT="-10"), intent(side, quantity)) == expected


def test_beyond_the_net_trades_go_towards_the_other_side() -> None:
    limit, account = NetLeverageLimit(D(1)), books("1000", MSFT="50")

    assert answer(limit, account, intent("buy", "1")) == ("refuse", None)
    assert answer(limit, account, intent("sell", "10")) == ("pass", None)  # 2500 - 500, still beyond
    assert answer(limit, account, intent("sell", "70")) == ("pass", None)  # 2500 - 3500 = -1000
    assert answer(limit, account, intent("sell", "71")) == ("shrink", 70)


def test_a_hedge_may_close() -> None:
    account = books("1000", MSFT="40", AAPL="-20")

    assert answer(NetLeverageLimit(D(1)), account, intent("buy", "20")) == ("pass", None)
    assert answer(NetLeverageLimit(D(1)), account, intent("buy", "21")) == ("shrink", 20)


@pytest.mark.parametrize("limit", [GrossLeverageLimit(D(1)), NetLeverageLimit(D(1))])
@pytest.mark.parametrize("side", ["buy", "sell"])
def test_an_account_without_equity_takes_nothing_on(limit: RiskLimit, side: str) -> None:
    assert answer(limit, books("-1"), intent(side, "1")) == ("refuse", None)


@pytest.mark.parametrize("kind", [GrossLeverageLimit, NetLeverageLimit])
@pytest.mark.parametrize("options", [{}, {"max": 0}, {"max": "-1"}, {"max": "NaN"}, {"max": "much"}])
def test_senseless_options_are_refused(kind: type, options: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        TypeAdapter(kind).validate_python(options)


@pytest.mark.parametrize(("size", "ok"), [(50, True), (51, False), (-50, True), (-51, False)])
def test_the_gross_function(size: int, ok: object) -> None:
    found = check_gross_leverage_limit({"MSFT": D(-100)}, "AAPL", D(size), equity=D(100), max_leverage=D("1.5"))

    assert found[0] is ok  # 100 and 50 are 1.5 times 100
    assert "at most 1.5, 150" in found[1]


@pytest.mark.parametrize(("size", "ok"), [(250, True), (251, False), (-50, True), (-51, False)])
def test_the_net_function(size: int, ok: object) -> None:
    found = check_net_leverage_limit({"MSFT": D(-100)}, "AAPL", D(size), equity=D(100), max_leverage=D("1.5"))

    assert found[0] is ok  # 250 - 100 = 150, and -50 - 100 = -150
    assert "at most 1.5, 150, either way" in found[1]


class TestConformance(RiskLimitConformance):
    tool = GrossLeverageLimit(D("1.5"))


class TestNetConformance(RiskLimitConformance):
    tool = NetLeverageLimit(D("0.5"))
