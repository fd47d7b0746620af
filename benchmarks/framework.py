"""QTrader itself: as it is, and with every event validated by pydantic."""

from typing import Any

from benchmarks.outcome import Outcome
from benchmarks.workloads import CASH, FEE, QUANTITY
from qtrader import BacktestEngine, Emitter, Market
from qtrader.events import BaseEvent, Origin


class ValidatingEmitter(Emitter):
    """Builds every event through pydantic, as if nobody could be trusted."""

    def post(self, kind: type[Any], values: dict[str, Any], correlate: BaseEvent | None = None) -> Any:
        """Publish one event of a kind, validated."""
        return self.place(kind.model_validate({**values, "origin": Origin(0, 0, 0)}), correlate=correlate)


class ValidatingEngine(BacktestEngine):
    """An engine whose services speak through such emitters."""

    emits_by = ValidatingEmitter


def dense(strategy: object, market: Market) -> BacktestEngine:
    """QTrader as it is."""
    return BacktestEngine.from_config(config(strategy, market), market=market)


def unguarded(strategy: object, market: Market) -> BacktestEngine:
    """QTrader without a check of the books after every event."""
    return BacktestEngine.from_config({**config(strategy, market), "engine": {"guard": False}}, market=market)


def validated(strategy: object, market: Market) -> BacktestEngine:
    """QTrader with every event, bars included, validated by pydantic."""
    engine = ValidatingEngine.from_config(config(strategy, market), market=market)
    engine.event_bus.subscribe("bar", lambda bar: bar.event(), phase="market")
    return engine


def config(strategy: object, market: Market) -> dict[str, Any]:
    """A run from Python: 100 units a signal, filled at the next open for a dollar."""
    kind = type(strategy)
    return {
        "name": "benchmark",
        "data": {
            "source": "memory",
            "symbols": [table.symbol for table in market.tables],
            "interval": market.tables[0].interval,
        },
        "data_sources": {"memory": {"use": "memory"}},
        "strategies": [{"name": "s", "use": f"{kind.__module__}:{kind.__qualname__}", "instance": strategy}],
        "portfolio": {"cash": CASH},
        "execution": {
            "fill": {"use": "next-open"},
            "commission": {"use": "per-share", "with": {"rate": 0, "minimum": FEE}},
            "slippage": {"use": "none"},
        },
        "risk": {"policy": "naive", "sizing": {"use": "fixed", "with": {"quantity": QUANTITY}}},
    }


def play(engine: BacktestEngine) -> Outcome:
    """Run it to the end: the result is sealed, checked, digested and summed up."""
    result = engine.run()
    counts = result.manifest["counts"]
    equity = result.equity.column("equity")[-1].as_py()
    return Outcome(counts["bar"], result.manifest["events"], counts.get("fill", 0), equity)
