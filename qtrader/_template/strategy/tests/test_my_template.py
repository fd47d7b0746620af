from qtrader.ports import SignalIntention
from qtrader.testing import StrategyConformance, bar, signals
from qtrader_kind_my_template.my_template import MyTemplateStrategy


class TestMyTemplate(StrategyConformance):
    tool = MyTemplateStrategy(bars=2)

    def test_it_opens_when_the_close_is_above_that_of_two_bars_ago(self) -> None:
        bars = [bar(prices=f"{close} {close} {close} {close}", day=day) for day, close in enumerate((10, 9, 8, 12), 2)]

        (said,) = signals(self.tool, bars)

        assert (said.intention, said.price, said.occurred_at.day) == (SignalIntention.OPEN_LONG, 12, 5)
