from decimal import Decimal, localcontext
from typing import Any

import pytest
from pydantic import TypeAdapter, ValidationError

import qtrader_risk_limits
from qtrader.ports import Intent, RiskLimit
from qtrader.testing import RiskLimitConformance, books
from qtrader_risk_limits import (
    DailyLossLimit,
    ParticipationLimit,
    check_daily_loss_limit,
    check_participation_limit,
)

D = Decimal


def intent(side: Any, quantity: str) -> Intent:
    return Intent("s", "AAPL", side, D(quantity), D(50))


def answer(limit: RiskLimit, account: Any, one: Intent) -> tuple[str, Decimal | None]:
    verdict = limit.check(one, account)
    return verdict.outcome, verdict.quantity


@pytest.mark.parametrize("side", ["buy", "sell"])
@pytest.mark.parametrize(
    ("equity", "expected"),
    [("98000", "pass"), ("97999.99", "refuse"), ("100000", "pass"), ("130000", "pass")],  # 0.02 x 100000 = 2000
)
def test_a_day_may_lose_a_share_of_equity(equity: str, expected: str, side: str) -> None:
    assert answer(DailyLossLimit(D("0.02")), books(equity, before="100000"), intent(side, "1")) == (expected, None)


@pytest.mark.parametrize(
    ("held", "side", "quantity", "expected"),
    [
        ("10", "sell", "10", ("pass", None)),
        ("10", "sell", "25", ("shrink", 10)),
        ("10", "buy", "1", ("refuse", None)),
        ("-10", "buy", "10", ("pass", None)),
        ("-10", "buy", "11", ("shrink", 10)),
        ("-10", "sell", "1", ("refuse", None)),
    ],
)
def test_after_the_loss_positions_may_only_close(held: str, side: str, quantity: str, expected: Any) -> None:
    account = books("90000", before="100000", AAPL=held)

    assert answer(DailyLossLimit(D("0.02")), account, intent(side, quantity)) == expected


def test_the_reason_of_a_loss_has_the_numbers() -> None:
    verdict = DailyLossLimit(D("0.02")).check(intent("buy", "5"), books("97000", before="100000"))

    assert verdict.reason == (
        "buy 5 AAPL: equity lost 3000, 0.03 of the equity of 100000 at the last session's end: at most 0.02, 2000"
    )


@pytest.mark.parametrize(
    ("quantity", "expected"), [("100", ("pass", None)), ("101", ("shrink", 100))]
)  # a tenth of 1000
@pytest.mark.parametrize("side", ["buy", "sell"])
def test_an_order_is_a_share_of_the_volume(side: str, quantity: str, expected: Any) -> None:
    limit = ParticipationLimit(D("0.1"))

    assert answer(limit, books(volumes={"AAPL": "1000"}), intent(side, quantity)) == expected


def test_what_is_held_leaves_no_less_volume() -> None:
    account = books(volumes={"AAPL": "1000"}, AAPL="700")

    assert answer(ParticipationLimit(D("0.1")), account, intent("buy", "100")) == ("pass", None)
    assert answer(ParticipationLimit(D("0.1")), account, intent("buy", "101")) == ("shrink", 100)


def test_a_position_closes_whatever_the_volume() -> None:
    account = books(volumes={"AAPL": "1000"}, AAPL="700")

    assert answer(ParticipationLimit(D("0.1")), account, intent("sell", "700")) == ("pass", None)
    assert answer(ParticipationLimit(D("0.1")), account, intent("sell", "900")) == ("shrink", 700)


def test_a_bar_without_volume_takes_nothing() -> None:
    assert answer(ParticipationLimit(D(1)), books(volumes={"AAPL": "0"}), intent("buy", "1")) == ("refuse", None)


def test_an_unknown_volume_is_allowed_unless_refused() -> None:
    assert answer(ParticipationLimit(D("0.1")), books(), intent("buy", "9")) == ("pass", None)
    assert ParticipationLimit(D("0.1"), unknown="refuse").check(intent("buy", "9"), books()).reason == (
        "buy 9 AAPL: the volume of the latest bar is not known: write unknown: allow to trade anyway"
    )
    assert answer(ParticipationLimit(D(1), "refuse"), books(AAPL="9"), intent("sell", "9")) == ("pass", None)


@pytest.mark.parametrize(
    ("kind", "options"),
    [
        (DailyLossLimit, {}),
        (DailyLossLimit, {"max_pct": 2}),
        (DailyLossLimit, {"max_pct": "-0.01"}),
        (ParticipationLimit, {}),
        (ParticipationLimit, {"max_pct": "NaN"}),
        (ParticipationLimit, {"max_pct": "0.1", "unknown": "pass"}),
    ],
)
def test_senseless_options_are_refused(kind: type, options: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        TypeAdapter(kind).validate_python(options)


def test_the_loss_function() -> None:
    assert check_daily_loss_limit(D(100), D(98), 0.02)[0]
    assert check_daily_loss_limit(D(100), D("97.99"), D("0.02")) == (
        False,
        "equity lost 2.01, 0.0201 of the equity of 100 at the last session's end: at most 0.02, 2",
    )
    assert check_daily_loss_limit(D(0), D(5), D(1)) == (
        False,
        "equity was 0 at the last session's end: there is nothing to lose",
    )


@pytest.mark.parametrize(("quantity", "ok"), [(10, True), (11, False), (-10, True), (-11, False)])
def test_the_participation_function(quantity: int, ok: object) -> None:
    assert check_participation_limit(D(quantity), D(100), max_pct=D("0.1"))[0] is ok


def test_the_participation_function_without_a_volume() -> None:
    assert check_participation_limit(D(1), None, max_pct=D("0.1"))[0]
    assert not check_participation_limit(D(1), None, max_pct=D("0.1"), unknown="refuse")[0]


def test_answers_do_not_depend_on_the_callers_precision() -> None:
    with localcontext() as context:
        context.prec = 3

        assert not check_daily_loss_limit(D("100000.00"), D("97999.99"), D("0.02"))[0]


@pytest.mark.parametrize("name", qtrader_risk_limits.__all__)
def test_exports_are_there(name: str) -> None:
    assert getattr(qtrader_risk_limits, name).__name__ == name


def test_what_is_not_exported_is_named() -> None:
    with pytest.raises(AttributeError, match="has no attribute 'check_luck'"):
        _ = qtrader_risk_limits.check_luck


class TestConformance(RiskLimitConformance):
    tool = DailyLossLimit(D("0.02"))


class TestParticipationConformance(RiskLimitConformance):
    tool = ParticipationLimit(D("0.1"))


class TestParticipationRefusedConformance(RiskLimitConformance):
    tool = ParticipationLimit(D("0.1"), unknown="refuse")
