"""``qtrader backtest``: what it takes; ``qtrader.cli.running`` does it."""

from pathlib import Path

import rich_click as click


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
@click.option(
    "--no-guard", is_flag=True, help="Do not check the books after every event (engine.guard); same events either way."
)
@click.option(
    "--paths", is_flag=True, help="Run the worst and the best path inside bars, too: what of the result is a guess."
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
    no_guard: bool,  # noqa: FBT001 - click hands options over by name
    paths: bool,  # noqa: FBT001
    as_json: bool,  # noqa: FBT001
    quiet: bool,  # noqa: FBT001
) -> None:
    """Run the backtest that CONFIG (a YAML file) describes and keep it in a run folder."""
    from qtrader.cli.running import Output, run_backtest

    given = {"--start": ("data.start", start), "--end": ("data.end", end), "--mode": ("engine.mode", mode)}
    if no_guard:
        given["--no-guard"] = "engine.guard", "false"
    sugar = [(key, value, option) for option, (key, value) in given.items() if value is not None]
    output: Output = "json" if as_json else "quiet" if quiet else "table"
    run_backtest(config, out, [*settings, *sugar], output, paths=paths)
