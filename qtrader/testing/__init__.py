"""A kit for plugin authors: builders of values, a bus that remembers, and one conformance suite per port.

A suite is a class to inherit from; pytest collects its tests. ``tool`` is the tool under test::

    class TestKelly(SizerConformance):
        tool = KellySizer(win_rate=Decimal("0.6"), payoff=Decimal(1))
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from qtrader.testing.builders import RecordingBus, bar, bars, books, example, fill, order, request
from qtrader.testing.fills import CommissionConformance, FillPolicyConformance, SlippageConformance
from qtrader.testing.policies import PolicyConformance
from qtrader.testing.reports import ReportConformance, finished_run, stored_run
from qtrader.testing.risks import RiskLimitConformance, SizerConformance
from qtrader.testing.services import ServiceConformance, Step
from qtrader.testing.sources import DataSourceConformance
from qtrader.testing.stage import Stage, signals
from qtrader.testing.strategies import IndicatorConformance, StrategyConformance
from qtrader.testing.tools import PureToolConformance, ToolConformance

SUITES: Mapping[str, type[Any]] = MappingProxyType(
    {
        "strategy": StrategyConformance,
        "sizer": SizerConformance,
        "risk-limit": RiskLimitConformance,
        "risk-policy": PolicyConformance,
        "data-source": DataSourceConformance,
        "fill-policy": FillPolicyConformance,
        "commission": CommissionConformance,
        "slippage": SlippageConformance,
        "service": ServiceConformance,
        "report": ReportConformance,
    }
)
"""The suite of each kind that has one; ``qtrader plugins test`` asks for it."""

__all__ = [
    "SUITES",
    "CommissionConformance",
    "DataSourceConformance",
    "FillPolicyConformance",
    "IndicatorConformance",
    "PolicyConformance",
    "PureToolConformance",
    "RecordingBus",
    "ReportConformance",
    "RiskLimitConformance",
    "ServiceConformance",
    "SizerConformance",
    "SlippageConformance",
    "Stage",
    "Step",
    "StrategyConformance",
    "ToolConformance",
    "bar",
    "bars",
    "books",
    "example",
    "fill",
    "finished_run",
    "order",
    "request",
    "signals",
    "stored_run",
]
