from decimal import Decimal

from qtrader.testing import SizerConformance, request
from qtrader_kind_my_template.my_template import MyTemplateSizer


class TestMyTemplate(SizerConformance):
    tool = MyTemplateSizer(share=Decimal("0.1"))

    def test_a_tenth_of_equity_buys_two_hundred_units_at_fifty(self) -> None:
        assert self.tool.size(request(equity="100000", unit_value="50")).quantity == 200  # 0.1 x 100000 / 50
