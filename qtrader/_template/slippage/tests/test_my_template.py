from decimal import Decimal

from qtrader.testing import SlippageConformance, bar, order
from qtrader_kind_my_template.my_template import MyTemplateSlippage


class TestMyTemplate(SlippageConformance):
    tool = MyTemplateSlippage(step=Decimal("0.05"))

    def test_a_buy_at_ten_pays_five_cents_more(self) -> None:
        assert self.tool.adjust(Decimal(10), order("buy"), bar()) == Decimal("10.05")
