from decimal import Decimal, localcontext
from typing import Any

import pytest
from pydantic import TypeAdapter, ValidationError

import qtrader_risk_margin
from qtrader.ports import Intent, RiskLimit
from qtrader.testing import RiskLimitConformance, books
from qtrader_risk_margin import (
    BuyingPowerLimit,
    buying_power,
    check_buying_power_limit,
    check_maintenance_margin,
    excess_liquidity,
    initial_requirement,
    maintenance_requirement,
)

D = Decimal
HELD = {"AAPL": D(60000), "MSFT": D(-20000)}


def intent(side: Any, quantity: str, unit_value: str = "50") -> Intent:
    return Intent("s", "AAPL", side, D(quantity), D(unit_value))


def answer(account: Any, one: Intent, **options: Decimal) -> tuple[str, Decimal | None]:
    verdict = BuyingPowerLimit(**options).check(one, account)
    return verdict.outcome, verdict.quantity


def test_it_is_a_limit() -> None:
    assert isinstance(BuyingPowerLimit(), RiskLimit)


def test_initial_margin_is_half_of_longs_and_half_of_shorts() -> None:
    assert initial_requirement(HELD) == 40000  # 30000 + 10000
    assert initial_requirement({"A": D(100)}) == 50
    assert initial_requirement({"A": D(-100)}) == 50
    assert initial_requirement({}) == 0


def test_maintenance_margin_is_a_quarter_of_longs_and_thirty_percent_of_shorts() -> None:
    assert maintenance_requirement(HELD) == 21000  # 15000 + 6000
    assert maintenance_requirement({"A": D(100)}) == 25
    assert maintenance_requirement({"A": D(-100)}) == 30


def test_a_broker_may_ask_for_more() -> None:
    assert initial_requirement(HELD, long=D("0.6"), short=D("1.5")) == 66000  # 36000 + 30000
    assert maintenance_requirement(HELD, long=D("0.3"), short=D("0.4")) == 26000  # 18000 + 8000


def test_buying_power_is_twice_what_is_beyond_the_requirement() -> None:
    assert buying_power(D(50000), HELD) == 20000  # (50000 - 40000) / 0.5
    assert buying_power(D(50000), {}) == 100000
    assert buying_power(D(50000), HELD, side="sell", long=D("0.5"), short=D("0.8")) == 5000  # (50000 - 46000) / 0.8


@pytest.mark.parametrize("equity", ["40000", "39999", "-1"])
def test_there_is_no_buying_power_below_zero(equity: str) -> None:
    assert buying_power(D(equity), HELD) == 0


def test_what_buying_power_buys_takes_all_equity() -> None:
    bought = {**HELD, "XOM": buying_power(D(50000), HELD)}

    assert initial_requirement(bought) == 50000
    assert buying_power(D(50000), bought) == 0


def test_excess_liquidity_is_beyond_maintenance_or_below_it() -> None:
    assert excess_liquidity(D(50000), HELD) == 29000
    assert excess_liquidity(D(20000), HELD) == -1000
    assert excess_liquidity(D(50000), HELD, long=D("0.5"), short=D(1)) == 0  # 30000 + 20000


@pytest.mark.parametrize(("equity", "ok"), [("21000", True), ("20999.99", False)])
def test_the_maintenance_function(equity: str, ok: object) -> None:
    assert check_maintenance_margin(D(equity), HELD) == (ok, f"maintenance takes 21000: equity is {equity}")


@pytest.mark.parametrize(
    ("symbol", "size", "ok"),
    [
        ("XOM", 20000, True),  # 40000 + 10000 of 50000
        ("XOM", 20001, False),
        ("XOM", -20000, True),
        ("XOM", -20001, False),
        ("AAPL", 20000, True),
        ("AAPL", 20001, False),
        ("MSFT", -20001, False),
        ("AAPL", -140000, True),  # 80000 short and 20000 short: 50000
        ("AAPL", -140001, False),
    ],
)
def test_the_buying_power_function(symbol: str, size: int, ok: object) -> None:
    assert check_buying_power_limit(D(50000), HELD, symbol, D(size))[0] is ok


def test_the_buying_power_function_says_why() -> None:
    assert check_buying_power_limit(D(50000), HELD, "XOM", D(30000)) == (
        False,
        "initial margin would take 55000: equity is 50000",
    )
    assert check_buying_power_limit(D(0), HELD, "MSFT", D(20000)) == (
        True,
        "a trade of 20000 only reduces the -20000 that are held",
    )


@pytest.mark.parametrize(
    ("held", "side", "quantity", "expected"),
    [
        ("0", "buy", "40", ("pass", None)),  # 40 x 50 = 2000, a half of it 1000
        ("0", "buy", "41", ("shrink", 40)),
        ("0", "sell", "40", ("pass", None)),
        ("0", "sell", "41", ("shrink", 40)),
        ("30", "buy", "11", ("shrink", 10)),
        ("-30", "sell", "11", ("shrink", 10)),
        ("40", "buy", "1", ("refuse", None)),
        ("-40", "sell", "1", ("refuse", None)),
        ("40", "sell", "80", ("pass", None)),  # 40 close, 40 short
        ("40", "sell", "81", ("shrink", 80)),
        ("90", "sell", "20", ("pass", None)),  # still 70, and yet less than before
    ],
)
def test_equity_covers_the_initial_margin(held: str, side: str, quantity: str, expected: Any) -> None:
    assert answer(books("1000", AAPL=held), intent(side, quantity)) == expected


@pytest.mark.parametrize("others", ["20", "-20"])
def test_other_positions_take_margin_long_or_short(others: str) -> None:
    account = books("1000", MSFT=others)  # 20 x 50 x 0.5 = 500

    assert answer(account, intent("buy", "20")) == ("pass", None)
    assert answer(account, intent("buy", "21")) == ("shrink", 20)


def test_an_account_without_equity_may_only_close() -> None:
    account = books("-10", AAPL="20")

    assert answer(account, intent("buy", "1")) == ("refuse", None)
    assert answer(account, intent("sell", "20")) == ("pass", None)
    assert answer(account, intent("sell", "21")) == ("shrink", 20)


def test_long_and_short_have_rates_of_their_own() -> None:
    assert answer(books("1000"), intent("buy", "21"), long=D(1)) == ("shrink", 20)  # 20 x 50
    assert answer(books("1000"), intent("sell", "26"), short=D("0.8")) == ("shrink", 25)  # 25 x 50 x 0.8


def test_what_is_left_is_rounded_down_to_eight_decimals() -> None:
    assert answer(books("100"), intent("buy", "99", unit_value="3")) == ("shrink", D("66.66666666"))  # 200 / 3


def test_what_is_worth_nothing_passes() -> None:
    assert answer(books("0"), intent("buy", "9", unit_value="0")) == ("pass", None)


def test_the_reason_has_the_numbers() -> None:
    assert BuyingPowerLimit().check(intent("buy", "50"), books("1000")).reason == (
        "buy 50 AAPL: initial margin would take 1250: equity is 1000"
    )


@pytest.mark.parametrize(
    "options", [{"long": 0}, {"short": 0}, {"long": 50}, {"short": "-0.5"}, {"long": "NaN"}, {"long": "half"}]
)
def test_senseless_rates_are_refused(options: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        TypeAdapter(BuyingPowerLimit).validate_python(options)


@pytest.mark.parametrize("rate", ["0", "-0.5", "NaN"])
def test_a_function_refuses_what_is_no_rate(rate: str) -> None:
    with pytest.raises(ValueError, match=f"long {rate} is no margin rate: write a share above 0"):
        buying_power(D(1), {}, long=D(rate))


def test_answers_do_not_depend_on_the_callers_precision() -> None:
    with localcontext() as context:
        context.prec = 3

        assert excess_liquidity(D("100000.01"), {"A": D(400000)}) == D("0.01")


@pytest.mark.parametrize("name", qtrader_risk_margin.__all__)
def test_exports_are_there(name: str) -> None:
    assert getattr(qtrader_risk_margin, name).__name__ == name


class TestConformance(RiskLimitConformance):
    tool = BuyingPowerLimit()
