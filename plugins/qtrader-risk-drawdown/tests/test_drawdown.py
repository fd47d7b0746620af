from dataclasses import FrozenInstanceError
from decimal import Decimal, localcontext
from typing import Any

import pytest
from pydantic import TypeAdapter, ValidationError

import qtrader_risk_drawdown
from qtrader.ports import Intent, RiskLimit
from qtrader.testing import RiskLimitConformance, books
from qtrader_risk_drawdown import DrawdownLimit, DrawdownState, check_drawdown_limit, track_drawdown

D = Decimal


def intent(side: Any, quantity: str = "100") -> Intent:
    return Intent("s", "AAPL", side, D(quantity), D(50))


def answer(account: Any, one: Intent) -> tuple[str, Decimal | None]:
    verdict = DrawdownLimit(D("0.2")).check(one, account)
    return verdict.outcome, verdict.quantity


def tracked(*equities: str) -> DrawdownState:
    state = None
    for equity in equities:
        state = track_drawdown(state, D(equity))
    assert state is not None
    return state


def test_it_is_a_limit() -> None:
    assert isinstance(DrawdownLimit(D("0.2")), RiskLimit)


@pytest.mark.parametrize("side", ["buy", "sell"])
@pytest.mark.parametrize(
    ("equity", "expected"),
    [("80000", "pass"), ("79999.99", "refuse"), ("100000", "pass"), ("120000", "pass"), ("-1", "refuse")],
)
def test_equity_may_be_a_share_below_its_peak(equity: str, expected: str, side: str) -> None:
    assert answer(books(equity, peak="100000"), intent(side)) == (expected, None)  # 100000 - 0.2 x 100000 = 80000


@pytest.mark.parametrize(
    ("held", "side", "quantity", "expected"),
    [
        ("100", "sell", "100", ("pass", None)),
        ("100", "sell", "40", ("pass", None)),
        ("100", "sell", "101", ("shrink", 100)),
        ("100", "buy", "1", ("refuse", None)),
        ("-100", "buy", "100", ("pass", None)),
        ("-100", "buy", "101", ("shrink", 100)),
        ("-100", "sell", "1", ("refuse", None)),
    ],
)
def test_beyond_it_positions_may_only_close(held: str, side: str, quantity: str, expected: Any) -> None:
    assert answer(books("70000", peak="100000", AAPL=held), intent(side, quantity)) == expected


def test_the_day_before_does_not_matter() -> None:
    assert answer(books("85000", peak="100000", before="200000"), intent("buy")) == ("pass", None)


def test_the_reason_has_the_numbers() -> None:
    assert DrawdownLimit(D("0.2")).check(intent("buy", "7"), books("75000", peak="100000")).reason == (
        "buy 7 AAPL: equity of 75000 is 25000, 0.25, below its highest, 100000: at most 0.2, 20000"
    )


@pytest.mark.parametrize("options", [{}, {"max_pct": 20}, {"max_pct": "-0.1"}, {"max_pct": "NaN"}])
def test_a_senseless_share_is_refused(options: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        TypeAdapter(DrawdownLimit).validate_python(options)


@pytest.mark.parametrize(
    ("peak", "equity", "ok"),
    [("100", "80", True), ("100", "79.99", False), ("100", "100", True), ("0", "0", False), ("-5", "3", False)],
)
def test_the_function(peak: str, equity: str, ok: object) -> None:
    assert check_drawdown_limit(D(peak), D(equity), D("0.2"))[0] is ok


def test_the_function_reads_a_float_as_it_prints_and_says_why() -> None:
    assert check_drawdown_limit(D(10), D(9), 0.1)[0]
    assert check_drawdown_limit(D(10), D("8.5"), 0.1) == (
        False,
        "equity of 8.5 is 1.5, 0.15, below its highest, 10: at most 0.1, 1",
    )
    assert check_drawdown_limit(D(0), D(0), 1) == (False, "the highest equity was 0: there is nothing to lose")


@pytest.mark.parametrize("pct", [20, D("-0.1"), D("NaN")])
def test_the_function_refuses_what_is_no_share(pct: Any) -> None:
    with pytest.raises(ValueError, match="is no share of a whole: write 0 to 1"):
        check_drawdown_limit(D(1), D(1), pct)


def test_answers_do_not_depend_on_the_callers_precision() -> None:
    with localcontext() as context:
        context.prec = 3

        assert not check_drawdown_limit(D("100000.00"), D("79999.99"), D("0.2"))[0]
        assert tracked("100000", "66666").drawdown == D("0.33334")


def test_tracking_begins_at_a_peak() -> None:
    assert tracked("100") == DrawdownState(D(100), D(100), D(0), D(0), since=0, longest=0)


def test_tracking_a_fall() -> None:
    assert tracked("100", "80", "90") == DrawdownState(D(100), D(90), D("0.1"), D("0.2"), since=2, longest=2)


def test_tracking_a_new_peak_keeps_the_worst() -> None:
    assert tracked("100", "80", "90", "120") == DrawdownState(D(120), D(120), D(0), D("0.2"), since=0, longest=2)
    assert tracked("100", "80", "120", "90") == DrawdownState(D(120), D(90), D("0.25"), D("0.25"), since=1, longest=1)


def test_reaching_the_peak_again_ends_a_fall() -> None:
    assert tracked("100", "80", "100") == DrawdownState(D(100), D(100), D(0), D("0.2"), since=0, longest=1)


def test_a_debt_is_a_fall_of_more_than_everything() -> None:
    assert tracked("100", "-50").drawdown == D("1.5")


def test_tracking_changes_no_state() -> None:
    state = tracked("100", "80")
    track_drawdown(state, D(10))

    assert state == tracked("100", "80")
    with pytest.raises(FrozenInstanceError):
        state.peak = D(1)  # type: ignore[misc]


@pytest.mark.parametrize("equity", ["0", "-1"])
def test_nothing_falls_from_no_equity(equity: str) -> None:
    with pytest.raises(ValueError, match=f"equity {equity} is no peak to fall from: begin with an equity above 0"):
        track_drawdown(None, D(equity))


@pytest.mark.parametrize("name", qtrader_risk_drawdown.__all__)
def test_exports_are_there(name: str) -> None:
    assert getattr(qtrader_risk_drawdown, name).__name__ == name


class TestConformance(RiskLimitConformance):
    tool = DrawdownLimit(D("0.05"))
