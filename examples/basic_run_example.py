"""Run the sample backtest and print what came of it: `python examples/basic_run_example.py`."""

from pathlib import Path

from qtrader import BacktestEngine

CONFIG = Path(__file__).parent.parent / "config" / "sma_cross.yaml"


def main() -> None:
    """Build the engine from its configuration, run it, and look at the three parts of the result."""
    engine = BacktestEngine.from_config(CONFIG)
    engine.run()
    results = engine.get_results()

    print(results)
    print("\nEquity, last five sessions:")
    for row in results.equity.slice(results.equity.num_rows - 5).to_pylist():
        print(f"  {row['session']}  {row['equity']:>16,.2f} {row['currency']}")
    print("\nTrades, first five:")
    for row in results.trades.slice(0, 5).to_pylist():
        print(
            f"  {row['symbol']:<5} {row['quantity']:>6.0f}  {row['entry_time']:%Y-%m-%d} {row['entry_price']:>8.2f}"
            f"  {row['exit_time']:%Y-%m-%d} {row['exit_price']:>8.2f}  net {row['net_pnl']:>10,.2f}"
        )


if __name__ == "__main__":
    main()
