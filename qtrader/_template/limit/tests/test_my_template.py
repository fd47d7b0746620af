from decimal import Decimal

from qtrader.ports import Intent
from qtrader.testing import RiskLimitConformance, books
from qtrader_kind_my_template.my_template import MyTemplateLimit

BUY = Intent("mine", "AAPL", "buy", Decimal(100), Decimal(50))


class TestMyTemplate(RiskLimitConformance):
    tool = MyTemplateLimit(units=Decimal(120))

    def test_what_is_held_already_leaves_less_room(self) -> None:
        assert self.tool.check(BUY, books(AAPL="50")).quantity == 70  # 120 - 50

    def test_without_room_the_order_is_refused(self) -> None:
        assert self.tool.check(BUY, books(AAPL="120")).outcome == "refuse"
