from qtrader.testing import PolicyConformance
from qtrader_policy_naive.naive import document
from qtrader_policy_naive.plugin import qtrader_risk_policies

HONOURED = ["stop_loss", "take_profit", "order"]


class TestNaive(PolicyConformance):
    policy = qtrader_risk_policies()[0]


def test_the_document_says_what_it_is() -> None:
    assert (document()["policy"], document()["version"]) == ("naive", 2)


def test_a_tenth_of_equity_goes_into_each_position() -> None:
    assert document()["sizing"] == {"use": "equity", "with": {"pct": 0.10}}


def test_it_opens_long_positions_one_at_a_time() -> None:
    assert document()["signals"] == {"already_open": "ignore", "opposite_open": "reject", "shorts": False}


def test_it_sends_market_orders_for_the_session() -> None:
    assert document()["orders"] == {"type": "market", "time_in_force": "DAY", "honour": HONOURED}


def test_it_has_no_limits() -> None:
    assert document()["limits"] == []


def test_each_call_gives_a_fresh_copy() -> None:
    document()["signals"]["shorts"] = True

    assert document()["signals"]["shorts"] is False
