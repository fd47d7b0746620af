from decimal import Decimal

from qtrader.testing import CommissionConformance, fill
from qtrader_kind_my_template.my_template import MyTemplateCommission


class TestMyTemplate(CommissionConformance):
    tool = MyTemplateCommission(amount=Decimal("1.25"))

    def test_a_large_fill_costs_what_a_small_one_does(self) -> None:
        assert self.tool.fee(fill(quantity="1")) == self.tool.fee(fill(quantity="1000000")) == Decimal("1.25")
