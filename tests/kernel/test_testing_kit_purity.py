"""What makes a tool impure is found in its source, and nothing else is taken for it."""

import sys
from importlib import import_module
from pathlib import Path

import pytest

from qtrader.testing import SizerConformance
from qtrader.testing.purity import impurities, reaches
from suites import failing

SIZER = """
from dataclasses import dataclass
from decimal import Decimal
import os, random, time
import datetime as dt
from datetime import datetime
from pathlib import Path
import numpy as np
from qtrader.ports import Size

SEEN = 0

@dataclass(frozen=True)
class Made:
    \"\"\"Made for a test.\"\"\"

    def size(self, request):
        {line}
        return Size(Decimal(1))
"""


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("time.time()", "time.time reads the clock"),
        ("datetime.now()", "datetime.now reads the clock"),
        ("dt.date.today()", "dt.date.today reads the clock"),
        ("random.random()", "random.random is left to chance"),
        ("np.random.rand()", "np.random.rand is left to chance"),
        ("os.environ['X']", "os.environ reads the machine it runs on"),
        ("open('x')", "open reads files"),
        ("Path('x').read_text()", "Path('x').read_text reads files"),
        ("hash(request.symbol)", "hash is not the same in every process, or shows it"),
        ("print(request)", "print is not the same in every process, or shows it"),
        ("global SEEN", "global SEEN remembers between two questions"),
        ("[one for one in {1, 2}]", "{1, 2} has another order in every process: use a tuple"),
    ],
)
def test_a_reach_is_found_and_named(line: str, told: str) -> None:
    assert [found for _, found in reaches(SIZER.format(line=line))] == [told]


@pytest.mark.parametrize(
    "line",
    [
        "pass",
        "random.Random('seed').random()",
        "datetime(2020, 1, 2)",
        "time = request.time",
        "sorted({1, 2})",
        "request.hash, request.open, request.now",
        "np.array([1])",
    ],
)
def test_what_only_looks_like_one_is_left_alone(line: str) -> None:
    assert list(reaches(SIZER.format(line=line))) == []


def test_an_impure_tool_is_caught_by_exactly_the_test_meant(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "made_sizer.py").write_text(SIZER.format(line="time.time()"))
    monkeypatch.syspath_prepend(str(tmp_path))
    made = import_module("made_sizer")

    assert failing(SizerConformance, tool=made.Made()) == ["test_it_reads_nothing_but_what_it_is_handed"]
    assert impurities(made.Made) == ["made_sizer:18: time.time reads the clock"]
    del sys.modules["made_sizer"]
