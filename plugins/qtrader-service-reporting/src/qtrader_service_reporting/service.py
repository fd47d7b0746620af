"""The reporting service: it listens to what the account is worth and what was traded, and sums it up at the end."""

from collections.abc import Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any

from qtrader import EventBus, Metrics, Result, wire_alone
from qtrader.errors import StoreError
from qtrader.events import BaseEvent, CashEvent, FillEvent, TradeEvent, ValuationEvent
from qtrader.ports import LEDGER, Handler, Snapshot, Wiring
from qtrader.ports.settings import ReportSettings
from qtrader_service_reporting.metrics import Flow, compute
from qtrader_service_reporting.more import FORMATS, more_writers, write_more
from qtrader_service_reporting.writers import write_equity, write_fills, write_metrics, write_trades

FLOWS = ("deposit", "withdrawal")
CARRY = ("borrow_fee", "margin_interest")
SNAPSHOT = 2


class ReportingService:
    """Collects valuations, flows, trades and fills; gives the figures and writes the files of a run."""

    def __init__(self, event_bus: EventBus, config: ReportSettings, wiring: Wiring | None = None) -> None:
        within = wiring or wire_alone(event_bus, "reporting")
        self._formats = [one for one in config.use if one in FORMATS]
        self._writers = more_writers(config, within.build)
        self._market = within.market
        self._valuations: list[ValuationEvent] = []
        self._flows: list[Flow] = []
        self._carry: dict[str, tuple[Decimal, Decimal]] = {}
        """Currency -> what was billed for holding, and what is accrued."""
        self._trades: list[TradeEvent] = []
        self._fills: list[FillEvent] = []
        if wiring is None:
            event_bus.attach("reporting", self.handlers())

    def handlers(self) -> Sequence[Handler]:
        """The table of topics and functions."""
        return [
            Handler("valuation", self._valuations.append),
            Handler("cash", self.on_cash),
            Handler("trade", self._trades.append),
            Handler("fill", self._fills.append),
        ]

    def on_cash(self, movement: CashEvent) -> None:
        """Keep what came from outside or left, which is no profit, and what holding costs."""
        if movement.kind in FLOWS:
            self._flows.append(Flow(len(self._valuations), movement.currency, movement.amount))
        elif movement.kind in CARRY:
            billed, _ = self._carry.get(movement.currency, (Decimal(0), Decimal(0)))
            self._carry[movement.currency] = LEDGER.subtract(billed, movement.amount), movement.accrued

    def start(self) -> None:
        """Nothing to do beforehand."""

    def stop(self) -> None:
        """Nothing to publish at the end: ``metrics`` and ``write`` are asked for."""

    def metrics(self) -> Metrics:
        """The figures so far."""
        symbols = {fill.symbol for fill in self._fills}
        return compute(
            self._valuations,
            self._flows,
            self._trades,
            self._fills,
            sessions_per_year=self._market.sessions_per_year,
            multipliers={symbol: self._market.instrument(symbol).multiplier for symbol in symbols},
            carry={currency: LEDGER.add(*parts) for currency, parts in self._carry.items()},
        )

    def write(self, folder: Path, result: Result | None = None) -> list[Path]:
        """Write the files into an existing folder and name them.

        `metrics.json` and `equity.parquet` are always written, since every command that opens a run reads them;
        `trades.csv` and `fills.csv` when ``report.use`` has ``csv``. The other writers that it names are handed the
        result of the run. Raises RunError naming the one that fails, or writes elsewhere.
        """
        written = [
            write_metrics(folder / "metrics.json", self.metrics()),
            write_equity(folder / "equity.parquet", self._valuations),
        ]
        if "csv" in self._formats:
            written.append(write_trades(folder / "trades.csv", self._trades))
            written.append(write_fills(folder / "fills.csv", self._fills))
        if result is not None:
            for name, writer in self._writers.items():
                written += write_more(name, writer, result, folder)
        return written

    def snapshot(self) -> Snapshot:
        """Everything collected, as plain JSON values."""
        return {
            "version": SNAPSHOT,
            "valuations": [_dump(one) for one in self._valuations],
            "flows": [[one.place, one.currency, str(one.amount)] for one in self._flows],
            "carry": {currency: list(map(str, parts)) for currency, parts in self._carry.items()},
            "trades": [_dump(one) for one in self._trades],
            "fills": [_dump(one) for one in self._fills],
        }

    def restore(self, snapshot: Snapshot) -> None:
        """Become the service that made the snapshot. Raises StoreError for one of another version."""
        if snapshot["version"] != SNAPSHOT:
            raise StoreError(f"reporting: snapshot version {snapshot['version']!r}; this release reads {SNAPSHOT}")
        self._valuations[:] = [ValuationEvent.model_validate(one) for one in snapshot["valuations"]]
        self._flows[:] = [Flow(place, currency, Decimal(amount)) for place, currency, amount in snapshot["flows"]]
        carry = snapshot["carry"].items()
        self._carry = {currency: (Decimal(billed), Decimal(accrued)) for currency, (billed, accrued) in carry}
        self._trades[:] = [TradeEvent.model_validate(one) for one in snapshot["trades"]]
        self._fills[:] = [FillEvent.model_validate(one) for one in snapshot["fills"]]


def _dump(event: BaseEvent) -> dict[str, Any]:
    return {**event.model_dump(mode="json"), "occurred_at": event.occurred_at.strftime("%Y-%m-%dT%H:%M:%S.%fZ")}
