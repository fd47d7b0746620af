from decimal import Decimal

from qtrader.ports import FillDecision
from qtrader.testing import FillPolicyConformance, bar, order
from qtrader_kind_my_template.my_template import MyTemplateFill


class TestMyTemplate(FillPolicyConformance):
    tool = MyTemplateFill()

    def test_a_bar_from_nine_to_twelve_fills_at_ten_and_a_half(self) -> None:
        assert self.tool.decide(order(quantity="7"), bar(prices="10 12 9 11")) == FillDecision(
            Decimal(7), Decimal("10.5")
        )
