"""No silent settings: a run reads every key that the schema has, and ``explain`` names who does.

Each access to a field of a section is recorded with the module that asks. A run of the sample market, with every
section in its configuration, must have read them all; what was not accessed by a reader of the table is silent.
"""

import sys
from collections import defaultdict
from typing import Any

import pytest

from qtrader import cli
from qtrader.config import LoadedConfig
from qtrader.config.keys import KEYS
from qtrader.ports import settings as sections
from qtrader.ports.settings import Section

RUN = """\
name: whole
data:
  source: wiki
  symbols: [AAPL, IBM]
  start: 2001-01-02
  end: 2001-03-30
  instruments:
    IBM: {source: wiki, currency: USD}
data_sources:
  wiki: {use: samples, prices: raw, calendar: XNYS, currency: USD}
strategies:
  - {name: trend, use: sma-cross, with: {fast: 2, slow: 5}, symbols: [AAPL], budget: 0.5}
portfolio:
  rates: {EUR/USD: {table: {2001-01-02: 0.95}}}
  borrow: {symbols: {IBM: {rate: 0.1}}, available: {IBM: 100}}
  margin_interest: {currencies: {USD: {rate: 0.1}}}
runs: {dir: kept}
execution: {max_participation: 0.5}
risk:
  policy: own
  policies: [mine]
  sizing: {use: fixed, with: {quantity: 3}}
"""

POLICY = """\
policy: own
version: 1
sizing: {use: equity}
"""

OF = {
    "RunSettings": "",
    "DataSettings": "data.",
    "InstrumentSettings": "data.instruments.NAME.",
    "SourceSettings": "data_sources.NAME.",
    "StrategySettings": "strategies[].",
    "EngineSettings": "engine.",
    "ExecutionSettings": "execution.",
    "RunsSettings": "runs.",
    "LotSettings": "portfolio.lots.",
    "PairRates": "portfolio.rates.NAME.",
    "BorrowSettings": "portfolio.borrow.",
    "MarginInterestSettings": "portfolio.margin_interest.",
    "SymbolRate": "portfolio.borrow.symbols.NAME.",
    "CurrencyRate": "portfolio.margin_interest.currencies.NAME.",
    "PortfolioSettings": "portfolio.",
    "RiskSettings": "risk.",
    "ReportSettings": "report.",
}
"""Where each section lies in a configuration."""

HANDED_ON = {
    "data.interval": "qtrader.ports.settings",
    "engine.snapshots": "qtrader.wiring",
    "strategies[].budget": "qtrader.wiring",
    "strategies[].with": "qtrader.options",
    "strategies[].use": "qtrader.catalogue",
    "data_sources.NAME.use": "qtrader.catalogue",
    "services[]": "qtrader.wiring",
}
"""Keys whose reader is handed the value by the kernel, which does the reading for it."""


@pytest.fixture(scope="module")
def readers(tmp_path_factory: pytest.TempPathFactory) -> dict[str, set[str]]:
    """By key path: the modules that read it while a configuration was run and its run was kept."""
    found: dict[str, set[str]] = defaultdict(set)
    names = {model: {*model.model_fields} for model in vars(sections).values() if _is_section(model)}
    get, dump, resolve = Section.__getattribute__, Section.model_dump, LoadedConfig.resolve

    def note(section: Any, *fields: str) -> None:
        for field in names.get(type(section), set()) & {*fields} if type(section).__name__ in OF else ():
            found[OF[type(section).__name__] + field.rstrip("_")].add(sys._getframe(2).f_globals["__name__"])

    def noted_get(self: Any, name: str) -> Any:
        note(self, name)
        return get(self, name)

    def noted_dump(self: Any, **options: Any) -> Any:
        note(self, *(names.get(type(self), set()) - set(options.get("exclude") or ())))
        return dump(self, **options)

    def noted_resolve(self: Any, key: str) -> Any:
        found[key].add(sys._getframe(1).f_globals["__name__"])
        return resolve(self, key)

    folder = tmp_path_factory.mktemp("silent")
    (folder / "mine").mkdir()
    (folder / "mine" / "own.yaml").write_text(POLICY, encoding="utf-8")
    (folder / "run.yaml").write_text(RUN, encoding="utf-8")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Section, "__getattribute__", noted_get)
        patch.setattr(Section, "model_dump", noted_dump)
        patch.setattr(LoadedConfig, "resolve", noted_resolve)
        assert cli.run(["backtest", str(folder / "run.yaml"), "--quiet"]) == 0
    return found


def _is_section(thing: Any) -> bool:
    return isinstance(thing, type) and issubclass(thing, Section)


def _package(module: str) -> str:
    """Who a module belongs to: ``kernel``, or the service of a package."""
    top = module.partition(".")[0]
    return "kernel" if top == "qtrader" else top.removeprefix("qtrader_service_")


@pytest.mark.parametrize("key", KEYS)
def test_a_key_is_read_by_those_that_explain_names(readers: dict[str, set[str]], key: str) -> None:
    asked = {one for one in readers[key.removesuffix("[]")] if not one.startswith(("qtrader.config", "pydantic"))}

    missing = set(KEYS[key].readers) - {_package(module) for module in asked}
    if missing and key in HANDED_ON:
        assert HANDED_ON[key] in asked
    else:
        assert missing == set(), f"{key} is read by {sorted(asked)} alone"


def test_a_key_that_nobody_reads_would_be_noticed(readers: dict[str, set[str]]) -> None:
    assert readers["portfolio.colour"] == set()
    assert "qtrader.store" in readers["runs.archive"]
