"""Tables of results for the terminal."""

from decimal import Decimal

from rich.table import Table

from qtrader.result import Result, number, percent


def result_panel(result: Result) -> Table:
    """One run at a glance: what happened on the left, what came of it on the right."""
    figures, counts, timings = result.metrics, result.manifest["counts"], result.manifest["timings"]
    table = Table(title=result.run_id, title_justify="left", show_header=False, box=None, padding=(0, 3, 0, 0))
    for _ in range(4):
        table.add_column()
    rate = f"{timings['wall_s']:.2f} s, {timings['bars_per_second']:,} bars/s, {result.manifest['mode']}"
    rows = [
        ("bars", f"{counts['bar']:,}", "initial equity", money(figures.initial_equity)),
        ("signals", f"{counts.get('signal', 0):,}", "final equity", money(figures.final_equity)),
        ("orders", f"{counts.get('order', 0):,}", "return", percent(figures.total_return)),
        ("fills", f"{counts.get('fill', 0):,}", "CAGR", percent(figures.cagr)),
        ("trades", f"{result.manifest['trades']:,}", "max drawdown", percent(figures.max_drawdown)),
        ("events", f"{result.manifest['events']:,}", "Sharpe", number(figures.sharpe)),
        ("digest", result.digest[:16], "run", rate),
    ]
    for left, value, right, figure in rows:
        table.add_row(f"[dim]{left}[/]", value, f"[dim]{right}[/]", figure)
    return table


def money(value: Decimal | None) -> str:
    """An amount with thousands separators and two decimals, for reading; a dash when there is none."""
    return "-" if value is None else f"{value:,.2f}"
