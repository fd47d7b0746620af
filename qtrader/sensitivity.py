"""How much of a result is a guess: the same run under the worst and the best path inside its bars."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any, NamedTuple

from qtrader.catalogue import Catalogue
from qtrader.engine.backtest_engine import BacktestEngine
from qtrader.errors import RunError
from qtrader.options import options
from qtrader.plugins import Host, load_plugins
from qtrader.ports.settings import Reference
from qtrader.replay import stored_config

if TYPE_CHECKING:
    from qtrader.config import LoadedConfig
    from qtrader.result import Result

ADVERSE, FAVOURABLE = "adverse", "favourable"
"""The option ``path`` of a fill policy where the path is not known, and the worse is taken, or the better."""


class Position(NamedTuple):
    """What a trade is known by in every run: who held what, since when."""

    strategy_id: str
    symbol: str
    entry_time: datetime
    currency: str


@dataclass(frozen=True, slots=True)
class PathTrade:
    """A position that comes out otherwise under another path: net profit in ``currency``, None where it is not closed.

    ``entry_time`` is UTC.
    """

    strategy_id: str
    symbol: str
    entry_time: datetime
    currency: str
    booked: Decimal | None
    adverse: Decimal | None
    favourable: Decimal | None


@dataclass(frozen=True, slots=True)
class Paths:
    """The lowest and highest final equity that were seen, the run itself included, and the trades that they hang on.

    ``chooses``: whether the fill policy has a path to choose; else every figure is that of the run. Equity is in the
    account's currency; None for a run that was never valued.
    """

    final_equity_low: Decimal | None
    final_equity_high: Decimal | None
    trades: tuple[PathTrade, ...] = ()
    chooses: bool = True


def paths(result: "Result", host: Host | None = None) -> Paths:
    """Play a run twice more, along the adverse and the favourable path, and compare.

    ``host``: the plugins that it may use, all that are installed by default. Raises RunError for a run that failed, or
    where one of the two fails.
    """
    if result.manifest["status"] != "done":
        raise RunError(f"{result.run_id} failed when it was run: there is nothing to compare")
    config = result.recipe or stored_config(result)
    booked = result.metrics.final_equity
    fill = config.settings.execution.fill
    assert fill is not None  # a run without one is never wired
    host = host or load_plugins()
    policy = Catalogue.of(host).build("fill-policy", fill, base=config.folder)
    if not _chooses(policy):
        return Paths(booked, booked, chooses=False)
    adverse, favourable = (
        result if policy.path == path else _along(fill, replace(policy, path=path), config, result, host)
        for path in (ADVERSE, FAVOURABLE)
    )
    seen = [one for run in (result, adverse, favourable) if (one := run.metrics.final_equity) is not None]
    trades = _differing(*(_profits(run) for run in (result, adverse, favourable)))
    return Paths(min(seen, default=None), max(seen, default=None), trades)


def _chooses(policy: Any) -> bool:
    """Whether a fill policy has an option ``path`` that may be adverse or favourable."""
    kinds = [one.type for one in options(type(policy)) if one.name == "path"]
    return any(f"{ADVERSE!r}" in kind and f"{FAVOURABLE!r}" in kind for kind in kinds)


def _along(fill: Reference, policy: Any, config: "LoadedConfig", result: "Result", host: Host) -> "Result":
    """The same run under another fill policy, on the same bars."""
    chosen = fill.model_copy(update={"instance": policy})
    execution = config.settings.execution.model_copy(update={"fill": chosen})
    settings = config.settings.model_copy(update={"execution": execution})
    loaded = result.recipe is not None or result.manifest.get("archived", True)
    market = result.log.market if loaded else None
    return BacktestEngine.from_config(replace(config, settings=settings), market=market, host=host).run()


def _profits(run: "Result") -> Mapping[Position, Decimal]:
    """Net profit by position, over everything that closed it."""
    found: dict[Position, Decimal] = {}
    columns = [run.trades.column(name).to_pylist() for name in (*Position._fields, "net_pnl")]
    for *key, profit in zip(*columns, strict=True):
        position = Position(*key)
        found[position] = found.get(position, Decimal(0)) + profit
    return found


def _differing(*runs: Mapping[Position, Decimal]) -> tuple[PathTrade, ...]:
    """Positions whose profits differ between the runs, in the order in which they were entered."""
    everywhere = sorted({position for run in runs for position in run}, key=lambda one: (one.entry_time, one))
    compared = ((position, [run.get(position) for run in runs]) for position in everywhere)
    return tuple(PathTrade(*position, *profits) for position, profits in compared if len(set(profits)) > 1)
