"""``qtrader data list`` and ``show``."""

import json
from pathlib import Path
from typing import Any

import rich_click as click

from ..inspect.entries import Configured, Installed, Stock, configured, find_supply, stocks
from ..supply import Supply
from .text import columns, condensed

DECLARED = ("prices", "stamp", "zone", "calendar", "currency", "decimals", "actions")
MOST = 40
"""Symbols that are shown without being asked for all."""


def print_sources(installed: Installed, config: Path | None, *, as_json: bool) -> None:
    """Print the installed sources and the configured entries."""
    found = configured(config)
    tools = installed.entries("data-source")
    if as_json:
        click.echo(json.dumps(_listed(tools, found), indent=2))
        return
    click.secho("Installed", bold=True)
    owners = [(one.name, one.summary, f"{one.plugin.distribution} {one.plugin.version}") for one in tools]
    for name, summary, owner in owners:
        click.echo(f"  {name:<12}{summary}\n{'':14}{click.style(owner, dim=True)}")
    if not owners:
        click.echo("  none; for CSV files: pip install qtrader-data-csv")
    if found.file is None:
        click.echo("\nNo configured sources: there is no data_sources.yaml here or in config/. Name one: --config FILE")
        return
    click.secho(f"\nConfigured in {found.file}", bold=True)
    rows = [(name, one.use, one.prices or "", one.calendar or "", one.currency or "", _path(one))
            for name, one in found.entries.items()]  # fmt: skip
    for line in columns(rows or [("none",)]):
        click.echo(f"  {line}")


def _path(settings: Any) -> str:
    return str(settings.with_.get("path", ""))


def _listed(tools: Any, found: Configured) -> dict[str, Any]:
    return {
        "installed": [
            {
                "name": one.name,
                "summary": one.summary,
                "distribution": one.plugin.distribution,
                "version": one.plugin.version,
            }
            for one in tools
        ],
        "config": None if found.file is None else str(found.file),
        "configured": [
            {"name": name, **one.model_dump(mode="json", by_alias=True, exclude_none=True)}
            for name, one in found.entries.items()
        ],
    }


def print_source(installed: Installed, name: str, config: Path | None, *, everything: bool, as_json: bool) -> None:
    """Print what is declared about a source, and what it has."""
    found = configured(config)
    supply = find_supply(name, found, installed)
    declared = _declared(supply)
    kept = list(stocks(supply))
    if as_json:
        click.echo(
            json.dumps({"source": name, "use": supply.settings.use, **declared, "has": [*map(_row, kept)]}, indent=2)
        )
        return
    click.echo(
        f"{click.style(name, bold=True)}  {supply.settings.use}" + (f"  {found.file}" if name in found.entries else "")
    )
    for line in columns([(key, str(value)) for key, value in declared.items() if value is not None]):
        click.echo(f"  {line}")
    if supply.facts.prices is None:
        click.echo("  prices    not declared; a run needs prices: raw, split-adjusted or total-return")
    click.echo()
    rows = [_cells(one) for one in kept]
    head = ("symbol", "bars", "rows", "first", "last", "in", "calendar", "actions")
    for line in condensed(columns([head, *rows], right={2, 7}), MOST + 1, everything=everything):
        click.echo(f"  {line}")


def _declared(supply: Supply) -> dict[str, Any]:
    facts, settings = supply.facts, supply.settings
    said = {key: getattr(facts, key, None) or getattr(settings, key, None) for key in DECLARED}
    if said["actions"] is None and facts.knows_actions:
        said["actions"] = "the source's own"
    return said


def _row(stock: Stock) -> dict[str, Any]:
    instrument = stock.instrument
    return {
        "symbol": instrument.symbol,
        "interval": stock.interval,
        "rows": stock.rows,
        "first": None if stock.first is None else stock.first.isoformat(),
        "last": None if stock.last is None else stock.last.isoformat(),
        "currency": instrument.currency or None,
        "calendar": instrument.calendar or None,
        "asset_class": instrument.asset_class,
        "actions": stock.actions,
    }


def _cells(stock: Stock) -> tuple[str, ...]:
    row = _row(stock)
    first, last = (str(row[key] or "-").replace("T", " ")[:16] for key in ("first", "last"))
    symbol, interval, calendar, currency = (
        str(row[key] or "-") for key in ("symbol", "interval", "calendar", "currency")
    )
    return symbol, interval, f"{stock.rows:,}", first, last, currency, calendar, str(stock.actions)
