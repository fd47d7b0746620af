"""What a run leaves behind, whether it has just ended or was read from its folder."""

import json
from collections.abc import Mapping
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from qtrader.log import EventLog
from qtrader.metrics import Metrics

if TYPE_CHECKING:
    from qtrader.config import LoadedConfig
    from qtrader.rebuild import Watch
    from qtrader.replay import Verdict
    from qtrader.sensitivity import Paths

INT64 = 2**63
EQUITY_COLUMNS = (
    "session",
    "time",
    "equity",
    "cash",
    "market_value",
    "receivables",
    "payables",
    "accruals",
    "currency",
)


class Result:
    """The result of a run: tables, figures, the complete log and where everything came from.

    Tables are PyArrow: money decimal128, times UTC. ``metrics`` are float64 figures, None with ``metrics.why(name)``
    where a figure is not defined. ``config`` is the effective configuration, ``manifest`` the run's facts.
    ``recipe`` is the configuration as it was loaded, with the objects that came from Python; a stored run has none.
    """

    def __init__(
        self,
        log: EventLog,
        metrics: Metrics,
        manifest: Mapping[str, Any],
        config: Mapping[str, Any],
        folder: Path | None = None,
        recipe: "LoadedConfig | None" = None,
    ) -> None:
        self.log = log
        self.metrics = metrics
        self.manifest = dict(manifest)
        self.config = dict(config)
        self.folder = folder
        self.recipe = recipe

    @property
    def run_id(self) -> str:
        """The run's name and the first digits of its digest: the name of its folder, when it has one."""
        return self.folder.resolve().name if self.folder is not None else str(self.manifest["run_id"])

    @property
    def digest(self) -> str:
        """The event digest, SHA-256: equal digests mean equal runs, event for event."""
        return str(self.manifest["event_digest"])

    @property
    def warnings(self) -> list[str]:
        """What the user should know before believing the figures."""
        return list(self.manifest["warnings"])

    def table(self, topic: str) -> pa.Table:
        """All events of a topic: seq, time, then the contract's fields."""
        return self.log.table(topic)

    @cached_property
    def equity(self) -> pa.Table:
        """One row per valuation: session, time, equity and what it is made of, in ``currency``."""
        return self.table("valuation").select(list(EQUITY_COLUMNS))

    @cached_property
    def fills(self) -> pa.Table:
        """Every fill."""
        return self.table("fill")

    @cached_property
    def ambiguous(self) -> pa.Table:
        """Every fill that is a guess about a bar's inside, with the other outcome: which order, price, difference."""
        return self.table("ambiguity")

    @property
    def ambiguous_bars(self) -> int:
        """In how many bars only the unknown path decided between two orders of a group."""
        return bars_of(self.ambiguous)

    @cached_property
    def trades(self) -> pa.Table:
        """One row per closing fill and lot."""
        return self.table("trade")

    @cached_property
    def orders(self) -> pa.Table:
        """Every order as it was sent."""
        return self.table("order")

    @cached_property
    def positions(self) -> pa.Table:
        """Every change of a position, with the books' totals after it."""
        return self.table("position")

    @cached_property
    def records(self) -> pa.Table:
        """What strategies recorded: seq, time, strategy_id, symbol, then one column per recorded name."""
        rows = self.table("record").to_pylist()
        values = [json.loads(row.pop("values")) for row in rows]
        names = sorted({name for one in values for name in one})
        columns = {name: _column([one.get(name) for one in values]) for name in names}
        fixed = pa.Table.from_pylist(
            rows, schema=pa.schema([f for f in self.table("record").schema if f.name != "values"])
        )
        for name, column in columns.items():
            fixed = fixed.append_column(name, column)
        return fixed

    def verify(self) -> "Verdict":
        """Run it again from its stored data: "same digest", or a VerifyError that names the first difference."""
        from qtrader.replay import verify

        return verify(self)

    def paths(self) -> "Paths":
        """Run it along the adverse and the favourable path inside bars, too: how much of the result is a guess."""
        from qtrader.sensitivity import paths

        return paths(self)

    def rebuild(self, service: str, *, watch: "Watch | None" = None) -> Any:
        """A service of the run as it was at the end, such as ``portfolio``: made anew and fed with the run's log.

        ``watch(service, event, said)`` is called after each event that it heard; ``said`` is what it answered.
        """
        from qtrader.rebuild import rebuild

        return rebuild(self, service, watch=watch)

    def __repr__(self) -> str:
        """Return, drawdown, Sharpe, trades, mode, digest and warnings at a glance."""
        figures = self.metrics
        counts = self.manifest["counts"]
        lines = [
            f"{self.run_id}   {_several(counts['bar'], 'bar')}   {_several(counts.get('signal', 0), 'signal')}   "
            f"{_several(counts.get('order', 0), 'order')}   {_several(counts.get('fill', 0), 'fill')}   "
            f"{_several(self.manifest['trades'], 'trade')}   {self.manifest['mode']}",
            f"return {percent(figures.total_return)}   CAGR {percent(figures.cagr)}   "
            f"drawdown {percent(figures.max_drawdown)}   Sharpe {number(figures.sharpe)}",
            *(f"! {warning}" for warning in self.warnings),
            f"digest {self.digest[:16]}",
        ]
        return "\n".join(lines)


def bars_of(events: pa.Table) -> int:
    """How many bars some events are of: symbols and times that differ."""
    return int(events.select(["symbol", "time"]).group_by(["symbol", "time"]).aggregate([]).num_rows)


def _several(count: int, what: str) -> str:
    return f"{count:,} {what}{'' if count == 1 else 's'}"


def _column(values: list[Any]) -> pa.Array:
    kinds = {type(value) for value in values if value is not None}
    if kinds <= {int, float} and len(kinds) == 2:
        return pa.array([None if value is None else float(value) for value in values], pa.float64())
    if len(kinds) > 1 or (kinds == {int} and any(abs(value or 0) >= INT64 for value in values)):
        return pa.array([None if value is None else str(value) for value in values], pa.string())
    return pa.array(values)


def percent(value: float | None) -> str:
    """A ratio as a percentage with one decimal; a dash when undefined."""
    return "-" if value is None else f"{value * 100:.1f} %"


def number(value: float | None) -> str:
    """A figure with two decimals; a dash when undefined."""
    return "-" if value is None else f"{value:.2f}"
