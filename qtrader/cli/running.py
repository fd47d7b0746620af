"""Running a configuration from the command line: progress, the run folder, and what is printed."""

import json
import signal
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Literal

import rich_click as click
from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeElapsedColumn

from qtrader.cli.extensions import load_installed
from qtrader.cli.path_lines import paths_lines, paths_summary
from qtrader.cli.tables import result_panel
from qtrader.config import Override
from qtrader.engine.backtest_engine import BacktestEngine
from qtrader.errors import RunError, StoreError, VerifyError
from qtrader.plugins import Host
from qtrader.ports import plain
from qtrader.result import Result
from qtrader.run_handles import DEFAULT_ROOT
from qtrader.sensitivity import Paths
from qtrader.sensitivity import paths as paths_of
from qtrader.store import Saved, prepare, save, save_failed

Output = Literal["table", "json", "quiet"]


def run_backtest(
    config: Path, out: Path | None, settings: Sequence[str | tuple[str, str, str]], output: Output, *, paths: bool
) -> None:
    """Run a configuration, keep the run under ``out`` (default: where the configuration says) and print its result.

    ``paths``: run it along the worst and the best path inside bars, too. ``settings`` override the configuration:
    texts ``KEY=VALUE``, or key, value and the option that gave them.
    """
    overrides = [one if isinstance(one, str) else Override(*one) for one in settings]
    host = load_installed()
    engine = BacktestEngine.from_config(config, overrides=overrides, host=host)
    root = out if out is not None else engine.config.resolve("runs.dir")
    prepare(root)
    try:
        result = _play(engine, show=output == "table")
    except RunError as error:
        raise RunError(f"{error}\n{_keep_failed(engine, root)}") from error
    except KeyboardInterrupt:
        click.echo(_keep_failed(engine, root), err=True)
        raise
    saved = save(result, root, config=engine.config, write_reports=engine.write_reports)
    if output == "json":
        told = {"paths": paths_summary(_along_paths(result, saved, host))} if paths else {}
        click.echo(json.dumps(summary(result, saved) | told))
    elif output == "table":
        _show(result, saved)
        if paths:
            click.echo(paths_lines(_along_paths(result, saved, host)))


def _along_paths(result: Result, saved: Saved, host: Host) -> Paths:
    """Play the run along its other paths; where one fails, say that the run itself is kept."""
    try:
        return paths_of(result, host)
    except RunError as error:
        raise RunError(f"--paths: {error}\nthe run itself is kept in {_short(saved.folder)}") from error


def _play(engine: BacktestEngine, *, show: bool) -> Result:
    columns = (TextColumn("{task.description}"), BarColumn(), TaskProgressColumn(), TimeElapsedColumn())
    terminal = Console(stderr=True)
    if not (show and terminal.is_terminal):
        with _stopping(engine):
            return engine.run()
    with _stopping(engine), Progress(*columns, console=terminal, transient=True) as progress:
        task = progress.add_task(engine.run_state.settings.name, total=engine.total_bars)
        return engine.run(lambda done: progress.update(task, completed=done))


@contextmanager
def _stopping(engine: BacktestEngine) -> Iterator[None]:
    """Let Ctrl-C end a run after its present step, so that its log is whole; a second one ends it at once."""

    def interrupt(*_: object) -> None:
        signal.signal(signal.SIGINT, signal.default_int_handler)
        click.echo("stopping after this step; Ctrl-C again: at once", err=True)
        engine.stop()

    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGINT, interrupt)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


def _keep_failed(engine: BacktestEngine, root: Path) -> str:
    """Keep what a failed run committed, and say where, or why that was not possible."""
    manifest, run = engine.failure()
    try:
        folder = _short(save_failed(run.log, manifest, root, config=engine.config))
    except (StoreError, VerifyError) as error:
        return str(error)
    return f"what was committed until then is in {folder}   look closer: qtrader log {folder}"


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
        "ambiguous_bars": result.ambiguous_bars,
        "initial_equity": None if figures.initial_equity is None else plain(figures.initial_equity),
        "final_equity": None if figures.final_equity is None else plain(figures.final_equity),
        "total_return": figures.total_return,
        "max_drawdown": figures.max_drawdown,
        "sharpe": figures.sharpe,
        "wall_s": timings["wall_s"],
        "bars_per_second": timings["bars_per_second"],
    }


def _show(result: Result, saved: Saved) -> None:
    console = Console(highlight=False, emoji=False)
    console.print(result_panel(result))
    for warning in result.warnings:
        console.print(f"[yellow]![/] {escape(warning)}", soft_wrap=True)
    same = f"   same digest as the run of {saved.same_as:%Y-%m-%d %H:%M} UTC" if saved.same_as else ""
    console.print(f"[bold]{escape(_short(saved.folder))}[/]{same}", soft_wrap=True)
    console.print(f"look closer: qtrader runs show {_handle(saved.folder)}", soft_wrap=True, markup=False)


def _handle(folder: Path) -> str:
    """What a user types to name a run just stored."""
    return "@last" if folder.parent.resolve() == DEFAULT_ROOT.resolve() else _short(folder)


def _short(folder: Path) -> str:
    """A folder as seen from here, when it is below here."""
    here = Path.cwd()
    resolved = folder.resolve()
    return str(resolved.relative_to(here)) if resolved.is_relative_to(here) else str(folder)
