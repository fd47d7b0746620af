"""Quotes that are crossed: the bar is seen and marked, and nothing fills on it."""

from datetime import date
from pathlib import Path

from qtrader import BacktestEngine

NAMES = [f"{side}_{name}" for side in ("bid", "ask") for name in ("open", "high", "low", "close")]


def test_an_order_waits_for_the_first_bar_whose_quotes_are_not_crossed(tmp_path: Path) -> None:
    rows = [",".join(["date", *NAMES])]
    for day in range(8, 13):
        bid, ask = ("12", "11") if day in (9, 10) else ("10", "11")
        rows.append(",".join([f"2024-07-{day:02}", *[bid] * 4, *[ask] * 4]))
    (tmp_path / "x.csv").write_text("\n".join(rows))
    source = {
        "use": "csv",
        "with": {"path": "x.csv", "symbols": ["X"]},
        "prices": "raw",
        "calendar": "24/7",
        "currency": "USD",
        "asset_class": "fx",
        "crossed_quotes": "keep",
    }
    config = {
        "data": {"source": "quotes", "symbols": ["X"]},
        "data_sources": {"quotes": source},
        "strategies": [{"name": "hold", "use": "buy-and-hold"}],
    }

    result = BacktestEngine.from_config(config, base_dir=tmp_path).run()

    assert result.equity.column("session")[0].as_py() == date(2024, 7, 8)
    assert [str(fill["executed_at"])[:10] for fill in result.fills.to_pylist()] == ["2024-07-11"]
    assert any(line.startswith("X: in 2 of 5 rows a bid is above its ask (2 of them") for line in result.warnings)
