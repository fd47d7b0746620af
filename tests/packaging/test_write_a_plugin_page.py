"""The page for authors does what it says: the Kelly sizer made from its blocks is built, installed, tested and used."""

import re
import tomllib
from collections.abc import Sequence
from pathlib import Path

import pytest

from places import ROOT, Place
from qtrader.scaffold import TEMPLATES, distribution_name
from qtrader.testing import SUITES

PAGE = (ROOT / "docs" / "write-a-plugin.md").read_text(encoding="utf-8")
BLOCK = re.compile(r"^```(\w+)\n(.*?)^```", re.MULTILINE | re.DOTALL)
IMPORTS = "from decimal import Decimal\nfrom qtrader_risk_kelly.kelly import KellySizer\n"
"""What the page says that the test imports beside what its block shows."""
PLACES = ("src/qtrader_risk_kelly/kelly.py", "src/qtrader_risk_kelly/plugin.py", "tests/test_kelly.py")


def blocks(text: str, *languages: str) -> list[str]:
    """The code blocks of some languages, in order."""
    return [code for language, code in BLOCK.findall(text) if language in languages]


@pytest.fixture(scope="module")
def kelly(stranger: Place) -> Path:
    """The plugin as the page makes it: written by the command, its three files and its entry point from the blocks."""
    stranger.said("plugins", "new", "sizer", "kelly", "--into", "page")
    folder: Path = stranger.folder / "page" / "qtrader-risk-kelly"
    for place, code in zip(PLACES, blocks(PAGE, "python"), strict=True):
        assert place in PAGE
        (folder / place).write_text((IMPORTS if "test" in place else "") + code, encoding="utf-8")
    stranger.install_built(folder)
    return folder


def test_the_design_shows_the_same_plugin(shared: Path) -> None:
    """The blocks are those of the design, word for word; only spaces and empty lines are the formatter's."""
    text = (shared / "design" / "face.md").read_text(encoding="utf-8")
    section = text[text.index("## 3. A sizer plugin") : text.index("## 4. ")]

    for language in ("python", "toml"):
        assert [block.split() for block in blocks(section, language)] == [
            block.split() for block in blocks(PAGE, language)
        ]


def test_what_the_command_writes_says_what_the_page_says_of_pyproject(kelly: Path) -> None:
    written = tomllib.loads((kelly / "pyproject.toml").read_text())["project"]
    (block,) = blocks(PAGE, "toml")

    assert written["entry-points"] == tomllib.loads(block)["project"]["entry-points"]
    assert str(written["dependencies"]).replace("'", '"') in block.replace("dependencies = ", "")


def test_the_plugin_of_the_page_passes_its_tests(stranger: Place, kelly: Path) -> None:
    assert stranger.said("plugins", "test", kelly).splitlines()[-1] == (
        "sizer 'kelly': held to SizerConformance, 12 tests"
    )


def test_it_is_shown_with_its_options_and_what_they_mean(stranger: Place, kelly: Path) -> None:
    shown = stranger.said("plugins", "show", "kelly")

    assert "sizer kelly  Fractional Kelly stake from a known edge" in shown
    assert "win_rate  decimal, 0 to 1  required  share of trades that win, 0 to 1" in shown
    assert "fraction  decimal, 0 to 1  default 0.5  half Kelly" in shown


def test_the_line_for_configurations_is_one(kelly: Path, stranger: Place, services: Sequence[str]) -> None:
    """The sizer of the page sizes the positions of a run."""
    (line,) = re.findall(r"`(risk: \{sizing: .*\})`", PAGE)
    source = stranger.folder / "page" / "own.py"
    source.write_text(OWN, encoding="utf-8")
    (stranger.folder / "page" / "run.yaml").write_text(
        RUN + line.replace("sizing:", "policy: own, policies: [.], sizing:")
    )
    (stranger.folder / "page" / "own.yaml").write_text("policy: own\nversion: 1\nsizing: {use: kelly}\n")

    stranger.said("backtest", "page/run.yaml", "--out", "page/runs")
    said = stranger.said("log", "@last", "--runs", "page/runs", "--topic", "decision")

    assert "'edge': '0.3'" in said  # 0.55 - 0.45 / 1.8
    assert "'stake': '15000'" in said  # 0.3 x 0.5 x 100000


OWN = """
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
import pyarrow as pa
from qtrader import SignalIntention
from qtrader.ports import FillDecision, Instrument, SourceFacts

@dataclass
class Bars:
    facts = SourceFacts(prices="raw", stamp="session", knows_actions=True)
    def instruments(self): return [Instrument("A", calendar="24/7", currency="USD")]
    def intervals(self, symbol): return ["1d"]
    def actions(self, symbol): return []
    def bars(self, symbol, interval, start, end):
        days = [date(2024, 1, 1) + timedelta(n) for n in range(9)]
        prices = dict.fromkeys(("open", "high", "low", "close"), [50] * 9)
        return pa.table({"time": pa.array(days, pa.date32()), **prices}).to_reader()

@dataclass
class Buy:
    def on_bar(self, bar, context): context.emit_signal(bar.symbol, SignalIntention.OPEN_LONG, price=bar.close)

@dataclass
class Fill:
    same_bar = False
    def decide(self, order, bar): return FillDecision(order.quantity, bar.open)

@dataclass
class Free:
    def fee(self, fill): return Decimal(0)
    def adjust(self, price, order, bar): return price
"""
RUN = """\
name: page
data: {source: own, symbols: [A]}
data_sources: {own: {use: "own.py:Bars"}}
strategies: [{name: mine, use: "own.py:Buy"}]
execution: {fill: {use: "own.py:Fill"}, commission: {use: "own.py:Free"}, slippage: {use: "own.py:Free"}}
"""


@pytest.mark.parametrize("kind", TEMPLATES)
def test_the_table_of_kinds_is_true(kind: str) -> None:
    template = TEMPLATES[kind]
    (row,) = [line for line in PAGE.splitlines() if line.startswith(f"| `{kind}` |")]

    assert f"`{distribution_name(kind, 'NAME')}`" in row
    assert f"`{SUITES[template.offers].__name__}`" in row
