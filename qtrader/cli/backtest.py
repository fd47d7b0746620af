"""``qtrader backtest``: run a configuration, show what came of it, say where it is kept."""

import json
from pathlib import Path
from typing import Any

import rich_click as click
from rich.console import Console
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeElapsedColumn

from qtrader.cli.extensions import load_installed
from qtrader.cli.tables import result_panel
from qtrader.engine.backtest_engine import BacktestEngine
from qtrader.errors import RunError
from qtrader.ports import plain
from qtrader.result import Result
from qtrader.store import Saved, save, save_failed


@click.command()
@click.argument("config", type=click.Path(path_type=Path))
@click.option(
    "--out", type=click.Path(path_type=Path), help="Folder that run folders go into; default: runs.dir of the config."
)
@click.option(
    "--set",
    "settings",
    multiple=True,
    metavar="KEY=VALUE",
    help="Override one setting, e.g. strategies.0.with.fast=10.",
)
@click.option("--start", metavar="DATE", help="First session that may trade (data.start).")
@click.option("--end", metavar="DATE", help="Last session, inclusive (data.end).")
@click.option(
    "--mode", type=click.Choice(["auto", "dense"]), help="How the engine runs (engine.mode); same events either way."
)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object instead of the table.")
@click.option("--quiet", is_flag=True, help="Print nothing but errors.")
def backtest(
    config: Path,
    out: Path | None,
    settings: tuple[str, ...],
    start: str | None,
    end: str | None,
    mode: str | None,
    as_json: bool,  # noqa: FBT001 - click hands options over by name
    quiet: bool,  # noqa: FBT001
) -> None:
    """Run the backtest that CONFIG (a YAML file) describes and keep it in a run folder."""
    sugar = {"data.start": start, "data.end": end, "engine.mode": mode}
    overrides = [*settings, *(f"{key}={value}" for key, value in sugar.items() if value is not None)]
    engine = BacktestEngine.from_config(config, overrides=overrides, host=load_installed())
    root = out if out is not None else engine.config.resolve("runs.dir")
    try:
        result = _play(engine, show=not (as_json or quiet))
    except RunError as error:
        manifest, run = engine.failure()
        folder = save_failed(run.log, manifest, root, config=engine.config)
        raise RunError(f"{error}\nWhat was committed until then is in {_short(folder)}") from error
    saved = save(result, root, config=engine.config, write_reports=engine.write_reports)
    if as_json:
        click.echo(json.dumps(summary(result, saved)))
    elif not quiet:
        _show(result, saved)


def _play(engine: BacktestEngine, *, show: bool) -> Result:
    columns = (TextColumn("{task.description}"), BarColumn(), TaskProgressColumn(), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True, disable=not show) as progress:
        task = progress.add_task(engine.run_state.settings.name, total=engine.total_bars)
        return engine.run(lambda done: progress.update(task, completed=done))


def summary(result: Result, saved: Saved) -> dict[str, Any]:
    """The object that ``--json`` prints: money as decimal text, ratios as numbers or null."""
    figures, counts, timings = result.metrics, result.manifest["counts"], result.manifest["timings"]
    return {
        "run_id": saved.folder.name,
        "run_dir": str(saved.folder),
        "digest": result.digest,
        "mode": result.manifest["mode"],
        "bars": counts["bar"],
        "events": result.manifest["events"],
        "signals": counts.get("signal", 0),
        "orders": counts.get("order", 0),
        "fills": counts.get("fill", 0),
        "trades": result.manifest["trades"],
        "initial_equity": None if figures.initial_equity is None else plain(figures.initial_equity),
        "final_equity": None if figures.final_equity is None else plain(figures.final_equity),
        "total_return": figures.total_return,
        "max_drawdown": figures.max_drawdown,
        "sharpe": figures.sharpe,
        "wall_s": timings["wall_s"],
        "bars_per_second": timings["bars_per_second"],
    }


def _show(result: Result, saved: Saved) -> None:
    console = Console(highlight=False)
    console.print(result_panel(result))
    for warning in result.warnings:
        console.print(f"[yellow]![/] {warning}", soft_wrap=True)
    same = f"   same digest as the run of {saved.same_as:%Y-%m-%d %H:%M} UTC" if saved.same_as else ""
    console.print(f"[bold]{_short(saved.folder)}[/]{same}   look closer: qtrader runs show @last", soft_wrap=True)


def _short(folder: Path) -> str:
    """A folder as seen from here, when it is below here."""
    here = Path.cwd()
    resolved = folder.resolve()
    return str(resolved.relative_to(here)) if resolved.is_relative_to(here) else str(folder)
