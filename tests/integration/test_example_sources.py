"""The examples of sources on real data: they run, and what they say of the data is what the data's own page says."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
import yaml

from qtrader import BacktestEngine, Result

EXAMPLES = Path(__file__).parents[2] / "examples" / "sources"
DATA = "../../../shared/data/"


@pytest.fixture(scope="module")
def results(shared: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Result]:
    """Every example, run once, with the shared data wherever they are."""
    folder = tmp_path_factory.mktemp("examples")
    (folder / "actions.csv").write_bytes((EXAMPLES / "actions.csv").read_bytes())
    for page in EXAMPLES.glob("*.yaml"):
        text = page.read_text(encoding="utf-8").replace(DATA, f"{shared}/data/").replace("../../runs", "runs")
        (folder / page.name).write_text(text, encoding="utf-8")
    names = sorted(page.stem for page in EXAMPLES.glob("*.yaml") if page.stem != "base")
    return {name: BacktestEngine.from_config(folder / f"{name}.yaml").run() for name in names}


def lots(name: str) -> Iterator[tuple[str, Any]]:
    instruments = yaml.safe_load((EXAMPLES / f"{name}.yaml").read_text())["data"].get("instruments", {})
    yield from ((symbol, one["lot"]) for symbol, one in instruments.items())


def test_each_kind_of_market_has_an_example(results: dict[str, Result]) -> None:
    assert list(results) == ["crypto", "equities", "fx", "mixed"]


@pytest.mark.parametrize("name", ["crypto", "equities", "fx", "mixed"])
def test_each_example_trades(results: dict[str, Result], name: str) -> None:
    assert results[name].trades.num_rows > 0


def test_every_symbol_of_the_mixed_run_trades(results: dict[str, Result]) -> None:
    assert set(results["mixed"].fills.column("symbol").to_pylist()) == {"AAPL", "BTCUSD", "EURUSD"}


@pytest.mark.parametrize("name", ["crypto", "fx", "mixed"])
def test_quantities_are_whole_lots(results: dict[str, Result], name: str) -> None:
    fills = results[name].fills.to_pylist()

    for symbol, lot in lots(name):
        quantities = [fill["quantity"] for fill in fills if fill["symbol"] == symbol]
        assert quantities
        assert all(round(float(quantity) / lot, 6).is_integer() for quantity in quantities)


def test_coins_are_bought_in_fractions(results: dict[str, Result]) -> None:
    quantities = results["crypto"].fills.column("quantity").to_pylist()

    assert any(float(quantity) % 1 for quantity in quantities)


def test_crossed_minutes_are_counted_as_the_file_has_them(results: dict[str, Result], shared: Path) -> None:
    table = pq.read_table(shared / "data/fx_minute/USDJPY_fxcm_201302.parquet").to_pydict()
    sides = [(f"bid_{name}", f"ask_{name}") for name in ("open", "high", "low", "close")]
    count = len(table["ts"])
    crossed = sum(any(table[bid][row] > table[ask][row] for bid, ask in sides) for row in range(count))
    closes = sum(table["bid_close"][row] > table["ask_close"][row] for row in range(count))
    told = next(line for line in results["fx"].warnings if "above its ask" in line)

    assert told.startswith(
        f"USDJPY: in {crossed} of {count} rows a bid is above its ask ({closes} of them at the close)"
    )
    assert closes == 683


def test_crossed_minutes_are_refused_unless_they_are_to_be_kept(shared: Path, tmp_path: Path) -> None:
    text = (EXAMPLES / "fx.yaml").read_text().replace(DATA, f"{shared}/data/").replace("crossed_quotes: keep", "")
    (tmp_path / "fx.yaml").write_text(text)
    (tmp_path / "base.yaml").write_text((EXAMPLES / "base.yaml").read_text())

    with pytest.raises(
        Exception, match=r"USDJPY_fxcm_201302\.parquet row \d+ .*the quotes are crossed; .*crossed_quotes: keep"
    ):
        BacktestEngine.from_config(tmp_path / "fx.yaml").run()
