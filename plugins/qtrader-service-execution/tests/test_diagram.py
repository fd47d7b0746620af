"""The picture in the docs is the one that the table draws."""

import re
from pathlib import Path

from qtrader_service_execution.diagram import mermaid
from qtrader_service_execution.transitions import TERMINAL

PAGE = Path(__file__).parents[3] / "docs" / "orders.md"


def test_the_page_has_the_picture_of_the_table() -> None:
    (drawn,) = re.findall(r"^```mermaid\n(.*?)^```", PAGE.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)

    assert drawn == mermaid()


def test_it_shows_the_sixteen_changes_of_a_simulation() -> None:
    """4 from NEW, 4 from SUBMITTED, 5 from ACK, 3 from PARTIAL."""
    changes = re.findall(r"^    ([A-Z]+) --> ([A-Z]+): ", mermaid(), re.MULTILINE)

    assert {name: sum(before == name for before, _ in changes) for name in ("NEW", "SUBMITTED", "ACK", "PARTIAL")} == {
        "NEW": 4, "SUBMITTED": 4, "ACK": 5, "PARTIAL": 3,
    }  # fmt: skip
    assert len(changes) == 16


def test_every_end_is_an_end() -> None:
    assert set(re.findall(r"^    ([A-Z]+) --> \[\*\]$", mermaid(), re.MULTILINE)) == {one.value for one in TERMINAL}
