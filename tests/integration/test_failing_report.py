"""A report that fails takes nothing of the run with it, and is written when it is mended."""

from pathlib import Path
from typing import Any

import pytest

from qtrader import BacktestEngine, open_run
from qtrader.errors import RunError
from qtrader.store import save
from runs import SAMPLE


def short() -> BacktestEngine:
    """Sixteen months of the sample run."""
    return BacktestEngine.from_config(SAMPLE, overrides=["data.end=2001-03-01", "data.symbols=[AAPL, IBM]"])


def test_the_run_is_stored_without_the_report_that_failed(tmp_path: Path) -> None:
    engine = short()
    result = engine.run()

    def failing(folder: Path) -> list[Path]:
        engine.write_reports(folder)
        raise RunError("report 'page' (Page) failed: OSError: no ink")

    with pytest.raises(RunError, match=r"no ink\nthe run is kept without it in .*; mend the report and run it again"):
        save(result, tmp_path, config=engine.config, write_reports=failing)

    (folder,) = tmp_path.iterdir()
    assert open_run(folder).digest == result.digest
    assert open_run(folder).metrics == result.metrics


def test_the_next_rerun_writes_it(tmp_path: Path) -> None:
    engine = short()
    result = engine.run()

    def failing(folder: Path) -> list[Path]:
        raise RunError("no ink")

    def mended(folder: Path) -> list[Any]:
        (folder / "page.txt").write_text("ink")
        return []

    with pytest.raises(RunError, match="no ink"):
        save(result, tmp_path, config=engine.config, write_reports=failing)
    saved = save(result, tmp_path, config=engine.config, write_reports=mended)

    assert (saved.folder / "page.txt").read_text() == "ink"
    assert saved.same_as is None
