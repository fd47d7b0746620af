from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from qtrader import hookimpl
from qtrader.catalogue import Catalogue
from qtrader.plugins import Host
from qtrader.ports import ReportWriter
from qtrader.ports.settings import Reference
from qtrader.providers import ToolProvider


@dataclass
class PdfReport:
    pages: int = 1

    def write(self, result: Any, folder: Any) -> list[int]:
        return [self.pages]


@hookimpl
def qtrader_report_writers() -> list[ToolProvider[ReportWriter]]:
    return [ToolProvider("pdf", "Made for a test", f"{__name__}:PdfReport")]


def test_qtrader_report_writers_names_a_tool_that_a_run_can_choose(host_of: Callable[..., Host]) -> None:
    catalogue = Catalogue.of(host_of(acme=[qtrader_report_writers]))

    entry = catalogue.find("report", "pdf")

    assert (entry.plugin.name, entry.summary) == ("acme", "Made for a test")


def test_qtrader_report_writers_gives_the_class_that_is_built_with_options(host_of: Callable[..., Host]) -> None:
    catalogue = Catalogue.of(host_of(acme=[qtrader_report_writers]))

    tool = catalogue.build("report", Reference(use="pdf", with_={"pages": 4}))

    assert tool.write(None, None) == [4]
