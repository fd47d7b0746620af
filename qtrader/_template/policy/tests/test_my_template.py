from qtrader.testing import PolicyConformance
from qtrader_kind_my_template.plugin import qtrader_risk_policies


class TestMyTemplate(PolicyConformance):
    policy = qtrader_risk_policies()[0]

    def test_a_twentieth_of_equity_goes_into_each_position(self) -> None:
        assert self.policy.document["sizing"] == {"use": "equity", "with": {"pct": 0.05}}
