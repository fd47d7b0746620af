"""Report writers of other plugins: chosen by name, built before the run, called with its result after it."""

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from qtrader import EventBus, wire_alone
from qtrader.errors import ConfigError, RunError, UnknownComponent
from qtrader.ports.settings import Reference, ReportSettings
from qtrader.testing import finished_run
from qtrader_service_reporting.service import ReportingService


@dataclass
class Page:
    """A page."""

    title: str = "run"

    def write(self, result: Any, folder: Path) -> list[Path]:
        path = folder / "page.txt"
        path.write_text(f"{self.title}: {result.trades.num_rows} trades")
        return [path]


class Failing(Page):
    """Cannot write."""

    def write(self, result: Any, folder: Path) -> list[Path]:
        raise ZeroDivisionError("no trades")


class Straying(Page):
    """Writes beside the folder."""

    def write(self, result: Any, folder: Path) -> list[Path]:
        return super().write(result, folder.parent)


INSTALLED = {"page": Page, "failing": Failing, "straying": Straying}


def build(kind: str, reference: Reference) -> Any:
    """Stands for what is installed."""
    if kind != "report" or reference.use not in INSTALLED:
        raise UnknownComponent(f"no {kind} is named {reference.use!r}.")
    return INSTALLED[reference.use](**reference.with_)


def service(*chosen: Any) -> ReportingService:
    bus = EventBus()
    settings = ReportSettings.model_validate({"use": list(chosen)})
    return ReportingService(bus, settings, replace(wire_alone(bus, "reporting"), build=build))


def test_a_writer_that_is_named_is_handed_the_result(tmp_path: Path) -> None:
    written = service("json", "page").write(tmp_path, finished_run())

    assert [path.name for path in written] == ["metrics.json", "equity.parquet", "page.txt"]
    assert (tmp_path / "page.txt").read_text() == "run: 2 trades"


def test_a_writer_has_the_options_that_are_written_beside_it(tmp_path: Path) -> None:
    service({"use": "page", "with": {"title": "Mine"}}).write(tmp_path, finished_run())

    assert (tmp_path / "page.txt").read_text() == "Mine: 2 trades"


def test_without_a_result_only_its_own_files_are_written(tmp_path: Path) -> None:
    assert [path.name for path in service("page").write(tmp_path)] == ["metrics.json", "equity.parquet"]


def test_a_writer_that_fails_is_named(tmp_path: Path) -> None:
    with pytest.raises(RunError, match=r"report 'failing' \(Failing\) failed: ZeroDivisionError: no trades"):
        service("failing").write(tmp_path, finished_run())


def test_a_writer_that_writes_elsewhere_is_named(tmp_path: Path) -> None:
    folder = tmp_path / "run"
    folder.mkdir()

    with pytest.raises(RunError, match=r"report 'straying' wrote .*page\.txt', which is not in the folder"):
        service("straying").write(folder, finished_run())


@pytest.mark.parametrize(
    ("chosen", "told"),
    [
        (["pdf"], "no report is named 'pdf'.*Always there: json, csv"),
        (["page", "page"], "report 'page' is named twice"),
        ([{"use": "json", "with": {"indent": 2}}], "report 'json' takes no options here"),
    ],
)
def test_a_wrong_choice_stops_the_run_before_it_starts(chosen: list[Any], told: str) -> None:
    with pytest.raises(ConfigError, match=told):
        service(*chosen)


class Greedy(Page):
    """Takes a file of the run for its own."""

    def write(self, result: Any, folder: Path) -> list[Path]:
        (folder / "metrics.json").write_text("{}")
        return [folder / "metrics.json"]


class Boasting(Page):
    """Names what it has not written."""

    def write(self, result: Any, folder: Path) -> list[Path]:
        return [folder / "nothing.txt"]


INSTALLED |= {"greedy": Greedy, "boasting": Boasting}


def test_a_file_of_the_run_is_never_overwritten(tmp_path: Path) -> None:
    with pytest.raises(RunError, match=r"report 'greedy' wrote 'metrics\.json', which is a file of the run"):
        service("greedy").write(tmp_path, finished_run())

    assert len((tmp_path / "metrics.json").read_text()) > 2


def test_a_file_that_was_not_written_is_not_named(tmp_path: Path) -> None:
    with pytest.raises(RunError, match=r"report 'boasting' names 'nothing\.txt', which it has not written"):
        service("boasting").write(tmp_path, finished_run())
