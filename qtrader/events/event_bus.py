"""The event bus: topics, one FIFO queue run to completion, and the log as complete history.

Publishing puts an event into the log and the queue. Outside a handler the queue is drained at once; inside a handler
the event waits its turn, so subscribers see causes before effects and no handler is entered twice. The order in which
handlers were subscribed never matters between services: within a topic they are called in pipeline order (data,
portfolio and its guard, execution, strategy, manager, reporting, then other services by name), then plain subscribers
in the order in which they came. The first handler that raises stops everything.
"""

from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from qtrader.errors import HandlerError, QTraderError, RunError
from qtrader.events.base import BaseEvent
from qtrader.events.limits import LOOKED_AT, flood, most_events, watched
from qtrader.ports.service import Handler, Phase

if TYPE_CHECKING:
    from qtrader.log import EventLog

PIPELINE = ("books", "data", "portfolio", "guard", "execution", "strategy", "manager", "reporting")
"""Who is called first where several services reply to one topic."""
BAR = "bar"


@dataclass(frozen=True, slots=True)
class Subscription:
    """One handler on one topic pattern: the token that ``unsubscribe`` takes."""

    pattern: str
    handler: Handler
    owner: str
    rank: tuple[int, str, int]
    wanted: set[str] | None = None
    """The symbols whose bars are delivered; None for all."""

    @property
    def call(self) -> Callable[[Any], None]:
        """The handler for one event."""
        handler = self.handler
        return (lambda event: handler.call((event,))) if handler.batch else handler.call

    def matches(self, topic: str) -> bool:
        """Whether the pattern (a topic, ``*``, or a prefix such as ``order*``) covers the topic."""
        if self.pattern.endswith("*"):
            return topic.startswith(self.pattern[:-1])
        return topic == self.pattern


Delivery = tuple[Subscription, Callable[[Any], None], set[str] | None]
"""A subscription taken apart for its delivery: whose it is, what is called, and for which symbols."""


class EventBus:
    """An in-memory bus. ``log`` is its history; a bus without one makes its own, outside any run."""

    def __init__(self, log: "EventLog | None" = None) -> None:
        if log is None:
            from qtrader.log import EventLog

            log = EventLog()
        self.log = log
        self.current: Any = None
        """The event or bar being handled: the cause of what is emitted now."""
        self.market_routes: tuple[tuple[set[str] | None, tuple[Subscription]], ...] = ()
        """Who hears of each bar early: the symbols that it wants (None: all), and the subscription."""
        self.decide_routes: tuple[Subscription, ...] = ()
        self._subscriptions: list[Subscription] = []
        self._routes: dict[str, tuple[Subscription, ...]] = {}
        self._deliveries: dict[type[BaseEvent], tuple[Delivery, ...]] = {}
        self._queue: deque[BaseEvent] = deque()
        self._draining = False
        self._count = 0
        self._changes = 0
        self._most = most_events(len(log.market.tables) if log.market is not None else 0)
        self._left = self._most
        self._refilled_ns = -1

    def subscribe(
        self,
        topic: str,
        handler: Callable[[Any], None],
        *,
        phase: Phase = "decide",
        batch: bool = False,
        symbols: set[str] | None = None,
    ) -> Subscription:
        """Call ``handler`` with every event of a topic, of ``*`` (all) or of a prefix pattern such as ``order*``.

        A handler subscribed while an event is being delivered gets the next one, not this one.
        """
        return self._add(Handler(topic, handler, phase, batch, symbols), "subscriber", len(PIPELINE) + 1)

    def attach(self, owner: str, handlers: Sequence[Handler]) -> list[Subscription]:
        """Subscribe a service's whole table; its place in the order follows from its name alone."""
        rank = PIPELINE.index(owner) if owner in PIPELINE else len(PIPELINE)
        return [self._add(handler, owner, rank) for handler in handlers]

    def _add(self, handler: Handler, owner: str, rank: int) -> Subscription:
        if not handler.topic or "*" in handler.topic[:-1]:
            raise ValueError(f"{handler.topic!r} is no topic: use a name, '*', or a prefix pattern such as 'order*'")
        if not callable(handler.call):
            raise TypeError(f"a handler must be callable, not {handler.call!r}")
        self._count += 1
        if rank >= len(PIPELINE):
            handler = replace(handler, call=watched(handler.call))
        name = owner if rank == len(PIPELINE) else ""
        subscription = Subscription(handler.topic, handler, owner, (rank, name, self._count), handler.symbols)
        self._subscriptions = sorted([*self._subscriptions, subscription], key=lambda one: one.rank)
        self._reroute()
        return subscription

    def unsubscribe(self, subscription: Subscription | str, handler: Callable[[Any], None] | None = None) -> None:
        """Remove a subscription, or every one of ``handler`` on a topic, at once: the present event does not reach it.

        Raises KeyError when there is nothing to remove.
        """
        if isinstance(subscription, Subscription):
            doomed = [one for one in self._subscriptions if one is subscription]
        else:
            doomed = [one for one in self._subscriptions if one.pattern == subscription and _call_of(one) == handler]
        if not doomed:
            raise KeyError(f"nothing is subscribed as {subscription!r}")
        self._subscriptions = [one for one in self._subscriptions if one not in doomed]
        self._reroute()

    def _reroute(self) -> None:
        self._routes, self._deliveries = {}, {}
        self._changes += 1
        bars = [one for one in self._subscriptions if one.matches(BAR)]
        self.market_routes = tuple((one.wanted, (one,)) for one in bars if one.handler.phase == "market")
        self.decide_routes = tuple(one for one in bars if one.handler.phase == "decide")

    @property
    def subscriptions(self) -> tuple[Subscription, ...]:
        """Every subscription, in calling order."""
        return tuple(self._subscriptions)

    def subscribers(self, topic: str) -> tuple[Subscription, ...]:
        """Who gets events of a topic, in calling order; early phase of ``bar`` first."""
        routes = self._routes.get(topic)
        if routes is None:
            routes = tuple(one for one in self._subscriptions if one.matches(topic))
            if topic == BAR:
                routes = tuple(sorted(routes, key=lambda one: one.handler.phase != "market"))
            self._routes[topic] = routes
        return routes

    def has_service(self, topic: str) -> bool:
        """Whether a service of the run listens to a topic by its name; plain subscribers and patterns do not count."""
        return any(one.pattern == topic and one.owner != "subscriber" for one in self._subscriptions)

    def _deliver_to(self, kind: type[BaseEvent]) -> tuple[Delivery, ...]:
        """Who gets events of a kind, ready to be called."""
        found = self._deliveries[kind] = tuple((one, one.call, one.wanted) for one in self.subscribers(kind.topic))
        return found

    def publish(self, event: BaseEvent) -> BaseEvent:
        """Log an event, queue it, and, outside a handler, deliver everything queued. Returns the event as logged.

        Inside a run an event made by hand is derived anew with its place in that run. Raises TypeError for anything but
        an event, HandlerError when a handler raises.
        """
        if not isinstance(event, BaseEvent):
            raise TypeError(f"publish takes events (BaseEvent), not {type(event).__name__}: {event!r}")
        return self.accept(self.log.adopt(event, self.current))

    def accept(self, event: BaseEvent) -> BaseEvent:
        """Queue an event that is in the log already; the emitter's way in."""
        self._queue.append(event)
        self._left -= 1
        if not self._left:
            self._refill()
        if not self._draining:
            self.drain()
        return event

    def _refill(self) -> None:
        """Allow as many events again, unless the clock of a run has not moved since the last time."""
        log = self.log
        if log.market is not None and log.time_ns == self._refilled_ns:
            raise flood(log[-LOOKED_AT:], self._most, log.time_ns)
        self._left, self._refilled_ns = self._most, log.time_ns

    def drain(self) -> None:
        """Deliver everything queued, in order, including what handlers add."""
        queue, subscription = self._queue, None
        self._draining = True
        try:
            while queue:
                event: Any = queue.popleft()
                self.current = event
                changes, deliveries = self._changes, self._deliveries.get(type(event))
                for subscription, call, wanted in self._deliver_to(type(event)) if deliveries is None else deliveries:
                    if changes != self._changes and subscription not in self._subscriptions:
                        continue
                    if wanted is None or getattr(event, "symbol", None) in wanted:
                        call(event)
        except Exception as error:
            if subscription is None:
                raise
            raise handler_error(subscription, event, event.seq, error) from error
        finally:
            self._draining = False
            self.current = None
        self.log.settle()

    def deliver_bars(self, routes: tuple[Subscription, ...], bars: Sequence[Any]) -> None:
        """Give the bars of one instant to one phase's handlers; what they publish is queued and then drained."""
        self._draining = True
        try:
            for subscription in routes:
                handler = subscription.handler
                if handler.batch:
                    self.current = bars[-1]
                    handler.call(bars)
                    continue
                wanted = subscription.wanted
                for bar in bars:
                    if wanted is None or bar.symbol in wanted:
                        self.current = bar
                        handler.call(bar)
        except Exception as error:
            seq = self.log.bar_seq(self.current)
            raise handler_error(subscription, self.current, seq, error) from error
        finally:
            self._draining = False
            self.current = None
        if self._queue:
            self.drain()

    @property
    def history(self) -> "EventLog":
        """Everything published, complete and in order, bars included: a sequence of events."""
        return self.log


def _call_of(subscription: Subscription) -> Callable[[Any], None]:
    """The handler as it was subscribed."""
    call: Callable[[Any], None] = getattr(subscription.handler.call, "__wrapped__", subscription.handler.call)
    return call


def handler_error(subscription: Subscription, event: Any, seq: int, error: Exception) -> RunError:
    """Name event, handler and service; keep an error that is one already."""
    if isinstance(error, HandlerError):
        return error
    name = getattr(subscription.handler.call, "__qualname__", repr(subscription.handler.call))
    number = f" #{seq}" if seq >= 0 else ""
    where = (
        f"{event.topic}{number}"
        if isinstance(event, BaseEvent)
        else f"{BAR}{number} ({event.symbol} at {event.time.isoformat()})"
    )
    told = str(error) if isinstance(error, QTraderError) else f"{type(error).__name__}: {error}"
    return HandlerError(f"{subscription.owner}: {name} failed on {where}: {told}")
