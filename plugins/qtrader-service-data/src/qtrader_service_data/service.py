"""The data service: loads the market of a run, and publishes bars and corporate actions by hand."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta

import numpy as np
from numpy.typing import NDArray

from qtrader import BarTable, EventBus, Market, wire_alone
from qtrader.errors import ConfigError, DataError
from qtrader.events import PriceBarEvent
from qtrader.ports import Handler, Snapshot, Wiring
from qtrader.ports.settings import DataServiceSettings

from .dated_actions import as_event, in_order
from .loading import Loaded, load_market, load_symbol
from .sessions import ordinal
from .supply import open_supply

VERSION = 1
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class DataService:
    """Emits ``bar`` and ``corporate_action``: in a run the engine plays what ``load`` gives, alone ``stream_bar``."""

    def __init__(self, event_bus: EventBus, config: DataServiceSettings, wiring: Wiring | None = None) -> None:
        self._bus = event_bus
        self._config = config
        self._wiring = wiring or wire_alone(event_bus, "data")
        self._loaded: dict[str, Loaded] = {}
        self._published: set[str] = set()

    def load(self) -> Market:
        """Load everything that the ``data`` section asks for, checked. Raises DataError or ConfigError."""
        return load_market(self._config.data, self._config.sources, self._wiring.build)

    def load_data(self, symbol: str, start_date: str | date | None = None, end_date: str | date | None = None) -> int:
        """Load one symbol for ``stream_bar``, from ``start_date`` to ``end_date`` inclusive; returns how many bars.

        Of several intervals it is the trading interval: whoever listens to bars published by hand would trade on all.
        Dates are session dates, as ``date`` or text like ``2020-01-31``; None is as far as the data goes.
        """
        start, end = _date(start_date, "start_date"), _date(end_date, "end_date")
        if start and end and start > end:
            raise ConfigError(f"start_date {start} is after end_date {end}; swap them")
        data = self._config.data
        overrides = data.instruments.get(symbol)
        name = (overrides and overrides.source) or data.source
        supply = open_supply(name, self._config.sources, self._wiring.build)
        loaded = load_symbol(supply, supply.instrument(symbol, overrides), data.intervals[:1], start, end)
        self._loaded[symbol] = loaded
        return len(loaded.table) - loaded.table.live_from

    def stream_bar(self, moment: datetime | date) -> tuple[PriceBarEvent, ...]:
        """Publish the bars of one moment, in time and symbol order, and before them the corporate actions then due.

        A date, or a naive midnight, is a session date: all its bars. An aware time is the end of a bar. An action is
        published once. Raises DataError when no loaded symbol has a bar there.
        """
        chosen = self._chosen(moment)
        if not chosen:
            raise DataError(self._nothing(moment))
        published = []
        for table, row in chosen:
            self._publish_due(int(table.time_ns[row]))
            event = table.bar(row).event()
            self._bus.publish(event)
            published.append(event)
        return tuple(published)

    def _chosen(self, moment: datetime | date) -> list[tuple[BarTable, int]]:
        tables = [loaded.table for loaded in self._loaded.values()]
        found = [(table, row) for table in tables for row in _rows_at(table, moment)]
        return sorted(found, key=lambda entry: (int(entry[0].time_ns[entry[1]]), entry[0].symbol))

    def _publish_due(self, time_ns: int) -> None:
        due = (action for loaded in self._loaded.values() for action in loaded.live_actions)
        for scheduled in in_order(due):
            if scheduled.time_ns <= time_ns and scheduled.action_id not in self._published:
                self._published.add(scheduled.action_id)
                self._bus.publish(as_event(scheduled))

    def _nothing(self, moment: datetime | date) -> str:
        if not self._loaded:
            return "nothing is loaded; call load_data(symbol=..., start_date=...) first"
        spans = (
            f"{symbol} from {loaded.days[0]} to {loaded.days[1]}" for symbol, loaded in sorted(self._loaded.items())
        )
        return f"no bar at {moment}; loaded are {', '.join(spans)}, sessions only"

    def handlers(self) -> Sequence[Handler]:
        """None: the data service listens to nobody."""
        return ()

    def start(self) -> None:
        """Nothing to do."""

    def stop(self) -> None:
        """Nothing to do."""

    def snapshot(self) -> Snapshot:
        """Which corporate actions were published by hand."""
        return {"version": VERSION, "published": sorted(self._published)}

    def restore(self, snapshot: Snapshot) -> None:
        """Become the service that made the snapshot; what it had loaded is loaded again by ``load_data``."""
        if snapshot.get("version") != VERSION:
            raise ConfigError(
                f"a data service snapshot of version {snapshot.get('version')!r} cannot be read; this is {VERSION}"
            )
        self._published = set(snapshot["published"])


def _rows_at(table: BarTable, moment: datetime | date) -> list[int]:
    """The live rows of a table at a session date or at an instant."""
    rows: NDArray[np.bool_]
    if isinstance(moment, datetime) and moment.tzinfo is not None:
        rows = table.time_ns == (moment - EPOCH) // timedelta(microseconds=1) * 1000
    elif isinstance(moment, datetime) and moment.time() != time():
        raise DataError(f"{moment} has no zone; pass an aware time (tzinfo=...), or a date for all bars of a session")
    else:
        rows = table.session == ordinal(moment.date() if isinstance(moment, datetime) else moment)
    return [row for row in np.flatnonzero(rows).tolist() if row >= table.live_from]


def _date(value: str | date | None, name: str) -> date | None:
    if value is None or (isinstance(value, date) and not isinstance(value, datetime)):
        return value
    if isinstance(value, datetime):
        return value.date()
    try:
        return date.fromisoformat(value)
    except (TypeError, ValueError):
        raise ConfigError(f"{name} is {value!r}; write a date like 2020-01-31") from None
