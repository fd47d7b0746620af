"""What strategies are told besides bars: fills, what becomes of their orders, that a session opens or is over."""

from collections.abc import Callable, Sequence

from qtrader.errors import RunError
from qtrader.events import (
    BaseEvent,
    FillEvent,
    OrderUpdateEvent,
    PositionEvent,
    SessionOpenEvent,
    ValuationTriggerEvent,
)
from qtrader.ports import Handler
from qtrader_service_strategy.methods import method_of
from qtrader_service_strategy.seat import Seat


class News:
    """Calls ``on_fill``, ``on_order_update``, ``on_session_open`` and ``on_session_end`` where a strategy has them.

    ``on_fill`` is called once the books know the fill, so that ``context.position`` counts it.
    """

    def __init__(self, seats: Sequence[Seat]) -> None:
        self._seats = {seat.name: seat for seat in seats}
        self._filled: dict[tuple[str, str], list[FillEvent]] = {}
        """Fills that the books do not know yet, by strategy and symbol."""

    def handlers(self) -> Sequence[Handler]:
        """Only for what some strategy wants to hear."""
        rows = []
        if self._wanted("on_fill"):
            rows += [Handler("fill", self.on_fill), Handler("position", self.on_position)]
        if self._wanted("on_order_update"):
            rows.append(Handler("order_update", self.on_order_update))
        if self._wanted("on_session_open"):
            rows.append(Handler("session_open", self.on_session_open))
        if self._wanted("on_session_end"):
            rows.append(Handler("valuation_trigger", self.on_valuation_trigger))
        return rows

    def _wanted(self, method: str) -> bool:
        return any(method_of(seat.strategy, method) for seat in self._seats.values())

    def on_fill(self, fill: FillEvent) -> None:
        """Keep a fill until the books know it."""
        if self._has(fill.strategy_id, "on_fill"):
            self._filled.setdefault((fill.strategy_id, fill.symbol), []).append(fill)

    def on_position(self, position: PositionEvent) -> None:
        """Tell a strategy of the fill that a position follows."""
        waiting = self._filled.get((position.strategy_id, position.symbol))
        if waiting and position.reason == "fill":
            self._tell(position.strategy_id, "on_fill", waiting.pop(0))

    def on_order_update(self, update: OrderUpdateEvent) -> None:
        """Tell a strategy what became of its order."""
        if self._has(update.strategy_id, "on_order_update"):
            self._tell(update.strategy_id, "on_order_update", update)

    def on_session_open(self, opening: SessionOpenEvent) -> None:
        """Tell every strategy that a session opens, before its first bar."""
        for name in self._seats:
            if self._has(name, "on_session_open"):
                self._tell(name, "on_session_open", opening)

    def on_valuation_trigger(self, trigger: ValuationTriggerEvent) -> None:
        """Tell every strategy that a session is over, after its last bar and before it is valued."""
        if trigger.reason == "session_end":
            for name in self._seats:
                if self._has(name, "on_session_end"):
                    self._tell(name, "on_session_end", trigger)

    def _has(self, name: str, method: str) -> bool:
        seat = self._seats.get(name)
        return seat is not None and method_of(seat.strategy, method) is not None

    def _tell(self, name: str, method: str, event: BaseEvent) -> None:
        """Call a method; what the strategy says then is caused by the event."""
        seat = self._seats[name]
        call: Callable[..., None] | None = method_of(seat.strategy, method)
        assert call is not None
        context, what = (
            seat.context,
            event.session if isinstance(event, ValuationTriggerEvent | SessionOpenEvent) else event,
        )
        context.news = event
        try:
            call(what, context)
        except Exception as error:
            raise RunError(
                f"strategy {name!r} ({type(seat.strategy).__name__}.{method}) failed on {event.topic} at "
                f"{event.occurred_at.isoformat()}: {type(error).__name__}: {error}"
            ) from error
        finally:
            context.news = None
