"""The suite for report writers: a good writer passes, a bad one is caught by exactly the test meant."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from qtrader.testing import ReportConformance, finished_run, stored_run
from suites import failing


@dataclass
class Page:
    """A page of text."""

    def text(self, result: Any) -> str:
        return f"{result.digest} {result.metrics.total_return} {result.trades.num_rows} {result.equity.num_rows}"

    def write(self, result: Any, folder: Path) -> list[Path]:
        path = folder / "page.txt"
        path.write_text(self.text(result))
        return [path]


class TestPage(ReportConformance):
    tool = Page()


def test_the_run_to_write_about_has_two_trades_and_three_sessions() -> None:
    result = finished_run()

    assert (result.trades.num_rows, result.fills.num_rows, result.equity.num_rows) == (2, 2, 3)
    assert result.metrics.total_return == 0.01


def test_the_stored_run_is_the_same_run(tmp_path: Path) -> None:
    assert stored_run(tmp_path).digest == finished_run().digest
    assert stored_run(tmp_path).log.digest() == finished_run().log.digest()


class Lazy(Page):
    """Writes nothing."""

    def write(self, result: Any, folder: Path) -> list[Path]:
        return []


class Secretive(Page):
    """Does not name all that it wrote."""

    def write(self, result: Any, folder: Path) -> list[Path]:
        (folder / "more.txt").write_text("more")
        return super().write(result, folder)


class Straying(Page):
    """Writes where the command was typed, too."""

    def write(self, result: Any, folder: Path) -> list[Path]:
        Path("notes.txt").write_text("notes")
        return super().write(result, folder)


class Overwriting(Page):
    """Adds to the run's own file."""

    def write(self, result: Any, folder: Path) -> list[Path]:
        path = folder / "metrics.json"
        path.write_text(self.text(result))
        return [path]


@dataclass
class Numbering(Page):
    """Numbers its pages."""

    pages: list[str] = field(default_factory=list, init=False, compare=False)

    def text(self, result: Any) -> str:
        self.pages.append("page")
        return f"page {len(self.pages)}"


class Placing(Page):
    """Says where the run is kept."""

    def text(self, result: Any) -> str:
        return f"kept: {result.folder is not None}"


@pytest.mark.parametrize(
    ("tool", "tests"),
    [
        (Lazy(), ["test_it_writes_something"]),
        (Secretive(), ["test_it_names_the_files_that_it_wrote"]),
        (Straying(), ["test_it_writes_into_its_folder_alone"]),
        (Overwriting(), ["test_it_leaves_alone_what_is_there_already"]),
        (Placing(), ["test_a_stored_run_gives_the_bytes_of_one_that_has_just_ended"]),
    ],
    ids=lambda one: type(one).__name__,
)
def test_a_writer_is_caught_by_exactly_the_test_meant(tool: Any, tests: list[str], tmp_path: Path) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(tmp_path)
        assert failing(ReportConformance, tool=tool) == tests


def test_a_writer_that_numbers_its_pages_is_caught() -> None:
    assert "test_the_same_run_gives_the_same_bytes" in failing(ReportConformance, tool=Numbering())
