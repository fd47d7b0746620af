"""A kit for plugin authors: builders of values, a bus that remembers, and one conformance suite per port.

A suite is a class to inherit from; pytest collects its tests. ``tool`` is the tool under test::

    class TestKelly(SizerConformance):
        tool = KellySizer(win_rate=Decimal("0.6"), payoff=Decimal(1))
"""

from qtrader.testing.builders import RecordingBus, bar, books, fill, order, request
from qtrader.testing.conformance import (
    CommissionConformance,
    DataSourceConformance,
    FillPolicyConformance,
    IndicatorConformance,
    RiskLimitConformance,
    SizerConformance,
    SlippageConformance,
    StrategyConformance,
    ToolConformance,
)

__all__ = [
    "CommissionConformance",
    "DataSourceConformance",
    "FillPolicyConformance",
    "IndicatorConformance",
    "RecordingBus",
    "RiskLimitConformance",
    "SizerConformance",
    "SlippageConformance",
    "StrategyConformance",
    "ToolConformance",
    "bar",
    "books",
    "fill",
    "order",
    "request",
]
