"""A kit for plugin authors: builders of values, a bus that remembers, and one conformance suite per port.

A suite is a class to inherit from; pytest collects its tests. ``tool`` is the tool under test::

    class TestKelly(SizerConformance):
        tool = KellySizer(win_rate=Decimal("0.6"), payoff=Decimal(1))
"""

from qtrader.testing.builders import RecordingBus, bar, books, example, fill, order, request
from qtrader.testing.fills import CommissionConformance, FillPolicyConformance, SlippageConformance
from qtrader.testing.risks import RiskLimitConformance, SizerConformance
from qtrader.testing.services import ServiceConformance, Step
from qtrader.testing.sources import DataSourceConformance
from qtrader.testing.strategies import IndicatorConformance, StrategyConformance
from qtrader.testing.tools import ToolConformance

__all__ = [
    "CommissionConformance",
    "DataSourceConformance",
    "FillPolicyConformance",
    "IndicatorConformance",
    "RecordingBus",
    "RiskLimitConformance",
    "ServiceConformance",
    "SizerConformance",
    "SlippageConformance",
    "Step",
    "StrategyConformance",
    "ToolConformance",
    "bar",
    "books",
    "example",
    "fill",
    "order",
    "request",
]
