"""One strategy in a run: its instance, its context, and which bars it is called with."""

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from itertools import groupby
from operator import attrgetter
from typing import Any

from qtrader.errors import ConfigError, RunError
from qtrader.events import BaseEvent
from qtrader.ports import INTERVALS, BarValue, Columns, Indicator, Wiring, intervals_of
from qtrader.ports.settings import StrategySettings
from qtrader_service_strategy.context import NO_BARS, StrategyContext
from qtrader_service_strategy.methods import check_methods, method_of
from qtrader_service_strategy.schedules import Schedule
from qtrader_service_strategy.tracked import ColumnTracked, StreamTracked, TrackedValue, floats


class Instant(dict[str, BarValue]):
    """The bars of one instant, symbol -> bar, in symbol order."""

    __slots__ = ()

    @property
    def symbols(self) -> list[str]:
        """Symbols that have a bar at this instant, in order."""
        return list(self)


class Seat:
    """A fresh copy of one strategy, called with its bars once everything that it tracks is ready.

    ``on_bar`` gets each bar in symbol order; then ``on_bars``, where there is one, gets them all at once. Bars of
    several intervals come one interval after the other, the finest first.
    """

    def __init__(self, settings: StrategySettings, wiring: Wiring) -> None:
        self.name, self._wiring = settings.name, wiring
        self.strategy = wiring.build("strategy", settings)
        self._on_bar: Callable[..., None] | None = method_of(self.strategy, "on_bar")
        self._on_bars: Callable[..., None] | None = method_of(self.strategy, "on_bars")
        if self._on_bar is None and self._on_bars is None and method_of(self.strategy, "on_start") is None:
            raise self._idle()
        check_methods(self.name, self.strategy)
        self._market = wiring.market
        self._subset = _universe(settings, self._market.symbols)
        self._wanted = _wanted(settings, self.strategy, self._market.intervals)
        self._trading: str | None = next(iter(self._market.intervals), None)
        self._followed: list[tuple[str | None, TrackedValue]] = []
        self.call = self.decide if len(self._market.intervals) == 1 else self.decide_several
        """What is called with the bars of an instant: the short way where no bar is to be told from another."""
        finest = self._wanted[0] if self._wanted else None
        self.context = StrategyContext(self.name, self._subset, wiring, self._follow, finest, settings.budget)
        self._streaming = False
        self._ready: set[str] = set()
        self._all_ready = False
        self.started = False

    def start(self) -> None:
        """Call ``on_start`` once; what it tracks decides from which bar on the strategy is called."""
        if self.started:
            return
        self.started = self.context.starting = True
        self._streaming = not self._columns()
        if on_start := method_of(self.strategy, "on_start"):
            self._guarded(on_start, "on_start")
        self.context.starting = False
        if self._on_bar is None and self._on_bars is None and not self.context.schedules:
            raise self._idle()
        self._streaming = self._streaming and bool(self.context.tracked)
        self._await_all()

    def _idle(self) -> ConfigError:
        return ConfigError(
            f"strategy {self.name!r}: {type(self.strategy).__name__} has neither on_bar(bar, context) nor "
            f"on_bars(bars, context), and schedules nothing; write at least one"
        )

    def _await_all(self) -> None:
        self._ready.clear()
        self._all_ready = self._subset is None and not self.context.tracked

    def stop(self) -> None:
        """Call ``on_stop``."""
        if on_stop := method_of(self.strategy, "on_stop"):
            self._guarded(on_stop, "on_stop")

    def _guarded(self, call: Callable[..., None], name: str) -> None:
        try:
            call(self.context)
        except Exception as error:
            raise RunError(f"strategy {self.name!r} failed in {name}: {type(error).__name__}: {error}") from error

    def _columns(self, interval: str | None = None) -> Mapping[str, Columns]:
        """Whole columns of every symbol where the run knows them ahead; none where bars are published by hand."""
        found = {symbol: self._market.columns(symbol, interval) for symbol in self.context.symbols}
        return {symbol: columns for symbol, columns in found.items() if columns is not None}

    def _follow(self, indicator: Indicator, interval: str | None) -> TrackedValue:
        if not self._streaming:
            return ColumnTracked(indicator, self._columns(interval), self._market.latest_of(interval))
        stream = StreamTracked(indicator)
        self._followed.append((interval, stream))
        return stream

    def decide_several(self, bars: Sequence[BarValue]) -> None:
        """Call the strategy with the bars of the intervals that it asked for, one interval after the other."""
        first = bars[0].interval
        if bars[-1].interval == first:  # they come in order, so all are alike: most steps are so
            self._hear(first, bars)
            return
        for interval, group in groupby(bars, key=attrgetter("interval")):
            self._hear(interval, tuple(group))

    def _hear(self, interval: str, bars: Sequence[BarValue]) -> None:
        self._trading = self._trading or interval
        if self._streaming:
            self._stream(interval, bars)
        if interval in (self._wanted or (self._trading,)):
            self.decide(bars)

    def decide(self, bars: Sequence[BarValue]) -> None:
        """Call the strategy with what of the instant's bars, all of one interval, is its own and ready."""
        if not self._all_ready:
            bars = self._taken(bars)
        if on_bar := self._on_bar:
            context = self.context
            try:
                for bar in bars:
                    context.bar = bar
                    on_bar(bar, context)
            except Exception as error:
                raise self._failure("on_bar", context.bar, error) from error
        if self._on_bars and bars:
            self._decide_at_once(bars, self._on_bars)
        if self.context.schedules and bars:
            self._keep_time(bars)

    def _keep_time(self, bars: Sequence[BarValue]) -> None:
        """Call what is scheduled for these bars: those of its finest interval are its clock."""
        context = self.context
        if bars[0].interval == (self._wanted or (self._trading or bars[0].interval,))[0]:
            for schedule in [one for one in context.schedules if one.due_on(bars, self._wiring)]:
                context.bar, context.bars = bars[-1], Instant((bar.symbol, bar) for bar in bars)
                self._call(schedule)

    def tell_moment(self, moment: str, session: date | None, event: BaseEvent) -> None:
        """Call what is scheduled for a session's open or end, once anything is ready; it is caused by the event."""
        context = self.context
        for schedule in [one for one in context.schedules if one.due_at(moment, session, self._wiring)]:
            context.bar, context.news = None, event
            self._call(schedule)

    def _call(self, schedule: Schedule) -> None:
        """Call a schedule with the latest bar of every symbol that is ready, where there is one, and still listed."""
        context, known = self.context, self._market.latest_of(self._wanted[0] if self._wanted else None)
        there = (one for one in context.symbols if one in known and self._is_ready(one) and self._is_listed(one))
        bars = Instant((one, known[one]) for one in there)
        try:
            if bars:
                schedule.call(bars, context)
        except Exception as error:
            what = f"{type(self.strategy).__name__}.{schedule.name}"
            told = f"{type(error).__name__}: {error}"
            raise RunError(f"strategy {self.name!r} ({what}) failed at {context.time.isoformat()}: {told}") from error
        finally:
            context.bars, context.news = NO_BARS, None

    def _is_listed(self, symbol: str) -> bool:
        last, today = self._market.instrument(symbol).delisted, self._market.session
        return last is None or today is None or today <= last

    def _decide_at_once(self, bars: Sequence[BarValue], on_bars: Callable[..., None]) -> None:
        context = self.context
        context.bar, context.bars = bars[-1], Instant((bar.symbol, bar) for bar in bars)
        try:
            on_bars(context.bars, context)
        except Exception as error:
            raise self._failure("on_bars", context.bar, error) from error
        finally:
            context.bars = NO_BARS

    def _taken(self, bars: Sequence[BarValue]) -> list[BarValue]:
        """The bars of its universe, without those of symbols that are not ready."""
        own = bars if self._subset is None else [bar for bar in bars if bar.symbol in self._subset]
        return [bar for bar in own if self._is_ready(bar.symbol)]

    def _stream(self, interval: str, bars: Sequence[BarValue]) -> None:
        """Have everything tracked at an interval follow its bars."""
        follow = [tracked for asked, tracked in self._followed if (asked or self._trading) == interval]
        for bar in bars:
            if self._subset is None or bar.symbol in self._subset:
                row = floats(bar)
                for tracked in follow:
                    tracked.take(bar, row)

    def _is_ready(self, symbol: str) -> bool:
        if symbol in self._ready:
            return True
        if not all(tracked.ready(symbol) for tracked in self.context.tracked):
            return False
        self._ready.add(symbol)
        self._all_ready = not self._streaming and self._subset is None and len(self._ready) == len(self.context.symbols)
        return True

    def _failure(self, method: str, bar: BarValue, error: Exception) -> RunError:
        where = f"{bar.symbol} at {bar.time.isoformat()}"
        what = f"{type(self.strategy).__name__}.{method}"
        failure = RunError(f"strategy {self.name!r} ({what}) failed on {where}: {type(error).__name__}: {error}")
        called = error.__traceback__ is not None and error.__traceback__.tb_next is not None
        return failure if called else failure.of(self.strategy)

    def snapshot(self) -> dict[str, Any]:
        """Counters, streams, and the strategy's own state where it has a ``snapshot``."""
        own = method_of(self.strategy, "snapshot")
        return {
            "name": self.name,
            "trading": self._trading,
            "intents": self.context.intents,
            "tracked": [tracked.snapshot() for tracked in self.context.tracked],
            "schedules": [one.snapshot() for one in self.context.schedules],
            "asked": sorted(self.context.targets.asked),
            "own": own() if own else None,
        }

    def restore(self, snapshot: Mapping[str, Any]) -> None:
        """Become the seat that made the snapshot; the strategy has started."""
        if len(snapshot["tracked"]) != len(self.context.tracked):
            made, mine = len(snapshot["tracked"]), len(self.context.tracked)
            raise RunError(
                f"strategy {self.name!r} tracks {mine} indicators, its snapshot has {made}: same code, same options"
            )
        self._trading = snapshot["trading"]
        self.context.intents = snapshot["intents"]
        for tracked, state in zip(self.context.tracked, snapshot["tracked"], strict=True):
            tracked.restore(state)
        for schedule, state in zip(self.context.schedules, snapshot["schedules"], strict=True):
            schedule.restore(state)
        self.context.targets.asked = set(snapshot["asked"])
        self._await_all()
        restore = method_of(self.strategy, "restore")
        if restore and snapshot["own"] is not None:
            restore(snapshot["own"])


def _wanted(settings: StrategySettings, strategy: Any, offered: Sequence[str]) -> tuple[str, ...] | None:
    """The intervals whose bars the strategy gets, the finest first; None for the trading interval alone.

    Raises ConfigError for one that the run does not have.
    """
    wanted = settings.intervals or intervals_of(strategy)
    for interval in wanted or ():
        if interval not in (offered or INTERVALS):
            raise ConfigError(
                f"strategy {settings.name!r}: intervals: {interval!r} is not in data.interval "
                f"({', '.join(offered or INTERVALS)}); add it there, or leave it out here"
            )
    return None if wanted is None else tuple(sorted(wanted, key=INTERVALS.index))


def _universe(settings: StrategySettings, symbols: Sequence[str]) -> tuple[str, ...] | None:
    """The strategy's own symbols, sorted; None for all. Raises ConfigError for one that the run does not have."""
    if settings.symbols is None:
        return None
    unknown = sorted(set(settings.symbols) - set(symbols)) if symbols else []
    if unknown:
        missing = ", ".join(map(repr, unknown))
        raise ConfigError(f"strategy {settings.name!r}: symbols {missing}: not in data.symbols ({', '.join(symbols)})")
    return tuple(sorted(set(settings.symbols)))
