from decimal import Decimal
from typing import Any

import pytest
from pydantic import TypeAdapter, ValidationError

from qtrader.ports import Intent, RiskLimit
from qtrader.testing import RiskLimitConformance, books
from qtrader_risk_limits import (
    ConcentrationLimit,
    PositionSizeLimit,
    SectorLimit,
    check_concentration_limit,
    check_position_size_limit,
    check_sector_limit,
)

D = Decimal
TECH = {"AAPL": "Technology", "MSFT": "Technology", "XOM": "Energy"}


def intent(side: Any, quantity: str, symbol: str = "AAPL", unit_value: str = "50") -> Intent:
    return Intent("s", symbol, side, D(quantity), D(unit_value))


def answer(limit: RiskLimit, account: Any, one: Intent) -> tuple[str, Decimal | None]:
    verdict = limit.check(one, account)
    return verdict.outcome, verdict.quantity


@pytest.mark.parametrize(
    ("held", "side", "quantity", "expected"),
    [
        ("0", "buy", "100", ("pass", None)),  # 100 of 100
        ("0", "buy", "101", ("shrink", 100)),
        ("0", "sell", "100", ("pass", None)),
        ("0", "sell", "101", ("shrink", 100)),
        ("60", "buy", "40", ("pass", None)),
        ("60", "buy", "41", ("shrink", 40)),  # 100 - 60
        ("-60", "sell", "41", ("shrink", 40)),
        ("100", "buy", "1", ("refuse", None)),
        ("-100", "sell", "1", ("refuse", None)),
        ("60", "sell", "160", ("pass", None)),  # 60 close, 100 short
        ("60", "sell", "161", ("shrink", 160)),
        ("300", "sell", "10", ("pass", None)),  # still 290, and yet less than before
        ("-300", "buy", "300", ("pass", None)),
    ],
)
def test_units_of_a_position(held: str, side: str, quantity: str, expected: Any) -> None:
    assert answer(PositionSizeLimit(max_units=D(100)), books(AAPL=held), intent(side, quantity)) == expected


@pytest.mark.parametrize("side", ["buy", "sell"])
def test_value_of_a_position(side: str) -> None:
    limit = PositionSizeLimit(max_value=D(5000))  # 100 units at 50

    assert answer(limit, books(), intent(side, "100")) == ("pass", None)
    assert answer(limit, books(), intent(side, "101")) == ("shrink", 100)


def test_the_tighter_of_units_and_value_counts() -> None:
    assert answer(PositionSizeLimit(D(80), D(5000)), books(), intent("buy", "200")) == ("shrink", 80)
    assert answer(PositionSizeLimit(D(120), D(5000)), books(), intent("buy", "200")) == ("shrink", 100)  # 5000 / 50
    assert answer(PositionSizeLimit(D(120), D(5000)), books(AAPL="110"), intent("buy", "5")) == ("refuse", None)


def test_what_is_left_is_rounded_down_to_eight_decimals() -> None:
    limit = PositionSizeLimit(max_value=D(100))

    assert answer(limit, books(), intent("buy", "40", unit_value="3")) == ("shrink", D("33.33333333"))


def test_the_reason_has_the_numbers() -> None:
    assert PositionSizeLimit(max_units=D(100)).check(intent("buy", "50"), books(AAPL="60")).reason == (
        "buy 50 AAPL: 60 held would become 110 units: at most 100"
    )


def test_a_price_below_zero_turns_no_side_around() -> None:
    limit = PositionSizeLimit(max_value=D(5000))

    assert answer(limit, books(), intent("buy", "101", unit_value="-50")) == ("shrink", 100)
    assert answer(limit, books(AAPL="300"), intent("sell", "300", unit_value="-50")) == ("pass", None)


def test_what_is_worth_nothing_passes() -> None:
    assert answer(PositionSizeLimit(max_value=D(1)), books(), intent("buy", "9", unit_value="0")) == ("pass", None)


@pytest.mark.parametrize(
    ("held", "side", "quantity", "expected"),
    [
        ("0", "buy", "400", ("pass", None)),  # 400 x 50 = 20000, a fifth of 100000
        ("0", "buy", "401", ("shrink", 400)),
        ("0", "sell", "400", ("pass", None)),
        ("0", "sell", "401", ("shrink", 400)),
        ("300", "buy", "101", ("shrink", 100)),
        ("-300", "sell", "101", ("shrink", 100)),
        ("400", "buy", "1", ("refuse", None)),
        ("900", "sell", "900", ("pass", None)),
        ("900", "sell", "1300", ("pass", None)),
        ("900", "sell", "1301", ("shrink", 1300)),  # 900 close, 400 short
    ],
)
def test_share_of_equity_in_a_symbol(held: str, side: str, quantity: str, expected: Any) -> None:
    assert answer(ConcentrationLimit(D("0.2")), books("100000", AAPL=held), intent(side, quantity)) == expected


def test_other_symbols_do_not_count_in_a_concentration() -> None:
    assert answer(ConcentrationLimit(D("0.2")), books(MSFT="2000"), intent("buy", "400")) == ("pass", None)


@pytest.mark.parametrize("equity", ["0", "-500"])
def test_without_equity_positions_may_only_close(equity: str) -> None:
    limit, account = ConcentrationLimit(D(1)), books(equity, AAPL="10")

    assert answer(limit, account, intent("buy", "1")) == ("refuse", None)
    assert answer(limit, account, intent("sell", "10")) == ("pass", None)
    assert answer(limit, account, intent("sell", "11")) == ("shrink", 10)


def test_the_reason_of_a_concentration_has_share_and_money() -> None:
    assert ConcentrationLimit(D("0.2")).check(intent("buy", "600"), books()).reason == (
        "buy 600 AAPL: the position would be 30000, 0.3 of the equity of 100000: at most 0.2, 20000"
    )


@pytest.mark.parametrize(
    ("side", "quantity", "expected"),
    [
        ("buy", "300", ("pass", None)),  # 300 and 300 of MSFT at 50: 30000
        ("buy", "301", ("shrink", 300)),
        ("sell", "300", ("pass", None)),
        ("sell", "301", ("shrink", 300)),
    ],
)
def test_share_of_equity_in_a_sector(side: str, quantity: str, expected: Any) -> None:
    account = books("100000", sectors=TECH, MSFT="-300", XOM="900")

    assert answer(SectorLimit(D("0.3")), account, intent(side, quantity)) == expected


def test_a_full_sector_takes_no_more_and_lets_positions_close() -> None:
    account = books("100000", sectors=TECH, MSFT="700", AAPL="100")

    assert answer(SectorLimit(D("0.3")), account, intent("buy", "1")) == ("refuse", None)
    assert answer(SectorLimit(D("0.3")), account, intent("sell", "100")) == ("pass", None)
    assert answer(SectorLimit(D("0.3")), account, intent("sell", "101")) == ("shrink", 100)


def test_an_unknown_sector_is_refused_unless_allowed() -> None:
    one = intent("buy", "1", symbol="NEW")

    assert SectorLimit(D(1)).check(one, books(sectors=TECH)).reason == (
        "buy 1 NEW: the sector of NEW is not known: name it, or write unknown: allow"
    )
    assert answer(SectorLimit(D(1), unknown="allow"), books(sectors=TECH), one) == ("pass", None)


def test_a_position_of_unknown_sector_may_close() -> None:
    assert answer(SectorLimit(D(1)), books(NEW="5"), intent("sell", "5", symbol="NEW")) == ("pass", None)


@pytest.mark.parametrize(
    ("kind", "options"),
    [
        (PositionSizeLimit, {}),
        (PositionSizeLimit, {"max_units": 0}),
        (PositionSizeLimit, {"max_value": "-1"}),
        (PositionSizeLimit, {"max_units": "NaN"}),
        (ConcentrationLimit, {}),
        (ConcentrationLimit, {"max_pct": "1.01"}),
        (ConcentrationLimit, {"max_pct": "-0.1"}),
        (SectorLimit, {"max_pct": 20}),
        (SectorLimit, {"max_pct": "0.2", "unknown": "maybe"}),
    ],
)
def test_senseless_options_are_refused(kind: type, options: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        TypeAdapter(kind).validate_python(options)


def test_the_size_function_counts_units_or_money() -> None:
    assert check_position_size_limit(D(60), D(40), D(100))[0]
    assert check_position_size_limit(D(60), D(41), D(100)) == (False, "60 held would become 101: at most 100")
    assert not check_position_size_limit(D(-60), D(-41), D(100))[0]
    assert check_position_size_limit(D(300), D(-10), D(100)) == (
        True,
        "a trade of -10 only reduces the 300 that are held",
    )


@pytest.mark.parametrize(
    ("positions", "size", "ok"),
    [
        ({"AAPL": "10", "MSFT": "80"}, "10", True),  # 20 of 100
        ({"AAPL": "10", "MSFT": "80"}, "11", False),  # 21 of 101
        ({"AAPL": "-10", "MSFT": "-80"}, "-10", True),
        ({"AAPL": "-10", "MSFT": "80"}, "-11", False),
        ({"AAPL": "10", "MSFT": "80"}, "-30", True),  # 20 short of 100
        ({"AAPL": "10", "MSFT": "80"}, "-31", False),
        ({"AAPL": "90", "MSFT": "10"}, "-5", True),  # still 85 of 95, and yet less than before
        ({"cash": "80"}, "20", True),  # cash is part of the whole where it is given
        ({}, "1", False),  # 1 of 1
    ],
)
def test_the_concentration_function(positions: dict[str, str], size: str, ok: object) -> None:
    current = {symbol: D(value) for symbol, value in positions.items()}

    assert check_concentration_limit(current, "AAPL", D(size), D("0.2"))[0] is ok


def test_the_concentration_function_takes_its_arguments_by_name_and_a_float_as_it_prints() -> None:
    current = {"AAPL": D(10), "MSFT": D(80)}

    assert check_concentration_limit(current_positions=current, new_symbol="AAPL", new_size=D(10), max_pct=0.2)[0]
    assert check_concentration_limit(current, "AAPL", D(30), 0.2) == (
        False,
        "the position would be 40, 0.333333 of the whole of 120: at most 0.2, 24",
    )


@pytest.mark.parametrize("pct", [20, D("-0.1"), D("NaN")])
def test_a_function_refuses_what_is_no_share(pct: Any) -> None:
    with pytest.raises(ValueError, match="is no share of a whole: write 0 to 1"):
        check_concentration_limit({}, "AAPL", D(1), pct)


def test_the_sector_function() -> None:
    current = {"MSFT": D(-20), "XOM": D(500)}

    def ok(size: int, symbol: str = "AAPL", **options: Any) -> bool:
        return check_sector_limit(current, symbol, D(size), sectors=TECH, equity=D(100), max_pct=D("0.3"), **options)[0]

    assert (ok(10), ok(11), ok(-10), ok(-11)) == (True, False, True, False)
    assert (ok(1, "NEW"), ok(1, "NEW", unknown="allow")) == (False, True)


class TestConformance(RiskLimitConformance):
    tool = PositionSizeLimit(max_units=D(50), max_value=D(2000))


class TestConcentrationConformance(RiskLimitConformance):
    tool = ConcentrationLimit(D("0.2"))


class TestSectorConformance(RiskLimitConformance):
    tool = SectorLimit(D("0.3"))


class TestSectorAllowedConformance(RiskLimitConformance):
    tool = SectorLimit(D("0.3"), unknown="allow")
