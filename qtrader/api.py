"""The Python face: a strategy and data in, a result out."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, is_dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

from qtrader.engine.backtest_engine import BacktestEngine
from qtrader.errors import ConfigError
from qtrader.frames import FrameBars, FrameSource, bars
from qtrader.options import options as options_of
from qtrader.ports import DataSource
from qtrader.ports.files import HOLE
from qtrader.ports.settings import Reference
from qtrader.result import Result
from qtrader.store import open_run
from qtrader.wiring import installed

__all__ = ["Data", "backtest", "bars", "open_run", "source", "use"]

Day = str | date | None


@dataclass(frozen=True)
class Data:
    """What to feed a backtest: an installed source (or one made by hand), symbols, and interval or intervals."""

    source: Reference
    symbols: Sequence[str]
    interval: str | Sequence[str] = "1d"
    declared: Mapping[str, Any] | None = None


def use(name: str, **options: Any) -> Reference:
    """Choose an installed tool by name, or your own as ``file.py:Class``; ``options`` are the fields of its class."""
    return Reference.model_validate({"use": name, "with": options})


def source(
    name: str,
    *,
    symbols: str | Sequence[str],
    interval: str | Sequence[str] = "1d",
    prices: str | None = None,
    stamp: str | None = None,
    zone: str | None = None,
    calendar: str | None = None,
    currency: str | None = None,
    asset_class: str | None = None,
    decimals: int | None = None,
    actions: str | None = None,
    on_bad_rows: str | None = None,
    crossed_quotes: str | None = None,
    volume_decimals: int | None = None,
    file_interval: str | None = None,
    **options: Any,
) -> Data:
    """Choose an installed data source; ``options`` are its own. What is declared overrides the source's word.

    ``interval`` may be a list such as ``["1m", "1d"]``: the run trades at the first, the finest, and sees the others.
    Sources of files are told what the files hold: bars of ``file_interval`` (default: the first interval), and, where
    ``path`` is one file for all, the symbols, for a file without a symbol column.
    """
    named = [symbols] if isinstance(symbols, str) else list(symbols)
    if not interval:
        raise ConfigError("interval=[]: name at least one, such as interval='1d'")
    finest = interval if isinstance(interval, str) else interval[0]
    options |= _what_files_hold(name, options, named, finest, file_interval)
    declared = {
        "prices": prices,
        "stamp": stamp,
        "zone": zone,
        "calendar": calendar,
        "currency": currency,
        "asset_class": asset_class,
        "decimals": decimals,
        "actions": actions,
        "on_bad_rows": on_bad_rows,
        "crossed_quotes": crossed_quotes,
        "volume_decimals": volume_decimals,
    }
    kept = {key: value for key, value in declared.items() if value is not None}
    return Data(use(name, **options), named, interval, kept)


def _what_files_hold(
    name: str, options: Mapping[str, Any], symbols: Sequence[str], interval: str, file_interval: str | None
) -> dict[str, Any]:
    """The options by which a source of files is told what is in them, as far as it takes such options."""
    takes = {one.name for one in options_of(installed().load("data-source", name))} if "path" in options else set()
    told: dict[str, Any] = {}
    if "interval" in takes:
        told["interval"] = file_interval or interval
    elif file_interval is not None:
        raise ConfigError(f"file_interval={file_interval!r}: source {name!r} reads no files of it; leave it out")
    if "symbols" in takes and "symbols" not in options and HOLE not in str(options["path"]):
        told["symbols"] = list(symbols)
    return told


def backtest(
    strategy: Any,
    data: "Data | Mapping[str, FrameBars] | DataSource",
    *,
    cash: Decimal | int | str = 100_000,
    name: str = "run",
    start: Day = None,
    end: Day = None,
    currency: str = "USD",
    account: str = "margin",
    rates: Mapping[str, Any] | None = None,
    conversion: str = "always",
    borrow: Any = None,
    margin_interest: Any = None,
    policy: str | None = None,
    sizing: Any = None,
    budgets: Mapping[str, Any] | None = None,
    fill: Any = None,
    commission: Any = None,
    slippage: Any = None,
    max_participation: Any = None,
    valuation: str = "session",
    signal_view: str = "split",
    snapshots: str = "end",
    mode: str = "auto",
    guard: bool = True,
) -> Result:
    """Run a backtest in memory; reads and writes no configuration.

    ``strategy`` is an instance of a plain class, a list of them, or a mapping name -> instance; it is a recipe: the
    run works on a fresh copy made from its fields. ``data`` comes from ``qtrader.source``, or is a mapping symbol ->
    ``qtrader.bars(frame, ...)``. ``start`` and ``end`` are session dates, inclusive. ``sizing``, ``fill``,
    ``commission`` and ``slippage`` take ``qtrader.use(name, ...)``, a name, or an instance; ``borrow`` and
    ``margin_interest`` a yearly rate, or, as ``rates`` does, a mapping of what a configuration has there. ``guard``
    says whether the books are checked after every event; ``budgets`` are shares of equity by name of a strategy;
    ``max_participation`` is the share of a bar's volume that may fill. The defaults used are listed in
    ``result.config``. Raises ConfigError, DataError, PluginError, or RunError when it fails.
    """
    choices = {
        "currency": currency, "account": account, "rates": rates, "conversion": conversion, "borrow": borrow,
        "margin_interest": margin_interest, "policy": policy, "sizing": sizing, "budgets": budgets, "fill": fill,
        "commission": commission, "slippage": slippage, "max_participation": max_participation, "valuation": valuation,
        "signal_view": signal_view, "snapshots": snapshots, "mode": mode,
        "guard": guard,
    }  # fmt: skip
    return engine(strategy, data, cash=cash, name=name, start=start, end=end, **choices).run()


def engine(strategy: Any, data: Any, *, cash: Any, name: str, start: Day, end: Day, **choices: Any) -> BacktestEngine:
    """The engine behind ``backtest``, wired and not yet played."""
    feed = _data(data)
    config: dict[str, Any] = {
        "name": name,
        "data": _without_none(
            {
                "source": "data",
                "symbols": list(feed.symbols),
                "interval": feed.interval,
                "start": start,
                "end": end,
                "signal_view": choices["signal_view"],
            }
        ),
        "data_sources": {"data": {**_reference(feed.source), **(feed.declared or {})}},
        "strategies": _with_budgets(_strategies(strategy), choices["budgets"] or {}),
        "engine": {key: choices[key] for key in ("mode", "valuation", "snapshots", "guard")},
        "portfolio": {
            "cash": _cash(cash),
            "currency": choices["currency"],
            "account": choices["account"],
            "conversion": choices["conversion"],
            **({} if choices["rates"] is None else {"rates": choices["rates"]}),
            **{key: _rates(choices[key]) for key in ("borrow", "margin_interest") if choices[key] is not None},
        },
        "execution": {
            **{key: _reference(choices[key]) for key in ("fill", "commission", "slippage") if choices[key] is not None},
            **_without_none({"max_participation": choices["max_participation"]}),
        },
        "risk": {
            **({"policy": choices["policy"]} if choices["policy"] is not None else {}),
            **({"sizing": _reference(choices["sizing"])} if choices["sizing"] is not None else {}),
        },
    }
    return BacktestEngine.from_config(config)


def _without_none(values: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in values.items() if value is not None}


def _cash(cash: Any) -> Any:
    if isinstance(cash, float):
        raise ConfigError(f"cash={cash!r}: money is exact; write cash={str(cash)!r} or Decimal({str(cash)!r})")
    return cash


def _rates(given: Any) -> Any:
    return given if isinstance(given, Mapping) else {"rate": given}


def _data(data: Any) -> Data:
    if isinstance(data, Data):
        return data
    if isinstance(data, Mapping):
        frames = {str(symbol): one for symbol, one in data.items()}
        if not frames:
            raise ConfigError("data is an empty mapping; give it a frame: {'AAPL': qtrader.bars(frame, ...)}")
        wrong = [symbol for symbol, one in frames.items() if not isinstance(one, FrameBars)]
        if wrong:
            raise ConfigError(f"data[{wrong[0]!r}]: wrap the frame: qtrader.bars(frame, calendar=..., prices=...)")
        made = FrameSource(frames)
        return Data(_instance(made), sorted(frames), made.interval)
    if isinstance(data, DataSource):
        return Data(_instance(data), [one.symbol for one in data.instruments()])
    raise ConfigError(
        f"data must be qtrader.source(...) or a mapping symbol -> qtrader.bars(frame, ...), not {type(data).__name__}"
    )


def _strategies(strategy: Any) -> dict[str, Any]:
    if isinstance(strategy, Mapping):
        return {str(name): one for name, one in strategy.items()}
    recipes = list(strategy) if isinstance(strategy, list | tuple) else [strategy]
    named: dict[str, Any] = {}
    for recipe in recipes:
        plain = recipe.use.rpartition(":")[2] if isinstance(recipe, Reference) else _class_of(recipe).__name__
        plain = plain.lstrip("_")
        if plain in named:
            raise ConfigError(f"two strategies would be called {plain!r}: hand over a mapping name -> strategy")
        named[plain] = recipe
    return named


def _with_budgets(strategies: Mapping[str, Any], budgets: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The strategies as a configuration lists them, each with its budget if it has one."""
    if unknown := [name for name in budgets if name not in strategies]:
        raise ConfigError(f"budgets[{unknown[0]!r}]: no strategy has that name; the run has {', '.join(strategies)}")
    return [
        {"name": name, **_reference(recipe), **_without_none({"budget": budgets.get(name)})}
        for name, recipe in strategies.items()
    ]


def _class_of(thing: Any) -> type:
    return thing if isinstance(thing, type) else type(thing)


def _instance(thing: Any) -> Reference:
    """A reference to an object (or a class with its defaults): class and fields for the record, itself for the run."""
    if thing is None:
        raise ConfigError("None is no strategy, source or tool; hand over an object, or qtrader.use(name, ...)")
    kind = _class_of(thing)
    made = is_dataclass(thing) and thing is not kind
    options = {one.name: getattr(thing, one.name) for one in fields(thing) if one.init} if made else {}
    plain = {key: value for key, value in options.items() if _is_setting(value)}
    return Reference.model_validate({"use": f"{kind.__module__}:{kind.__qualname__}", "with": plain, "instance": thing})


def _is_setting(value: Any) -> bool:
    """Whether a configuration can say it: text, numbers, dates, and lists and mappings of them."""
    if isinstance(value, Mapping):
        return all(isinstance(key, str) and _is_setting(part) for key, part in value.items())
    if isinstance(value, list | tuple):
        return all(map(_is_setting, value))
    return value is None or isinstance(value, str | int | float | bool | Decimal | date)


def _reference(choice: Any) -> dict[str, Any]:
    if isinstance(choice, str):
        return {"use": choice}
    if isinstance(choice, Path):
        return {"use": str(choice)}
    reference = choice if isinstance(choice, Reference) else _instance(choice)
    return {"use": reference.use, "with": dict(reference.with_), "instance": reference.instance}
