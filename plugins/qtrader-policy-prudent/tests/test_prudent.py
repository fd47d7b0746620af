from qtrader.testing import PolicyConformance
from qtrader_policy_prudent.plugin import qtrader_risk_policies
from qtrader_policy_prudent.prudent import document


class TestPrudent(PolicyConformance):
    policy = qtrader_risk_policies()[0]


def test_the_document_says_what_it_is() -> None:
    assert (document()["policy"], document()["version"]) == ("prudent", 1)


def test_what_stops_everything_is_asked_first() -> None:
    order = ["drawdown", "daily-loss", "participation", "concentration", "sector", "gross-leverage"]

    assert [limit["use"] for limit in document()["limits"]] == order


def test_each_call_gives_a_fresh_copy() -> None:
    document()["limits"].clear()

    assert len(document()["limits"]) == 6
