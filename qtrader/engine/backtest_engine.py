"""The backtest engine: from a configuration to a result, at once or step by step."""

import gc
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from time import perf_counter
from typing import Any, ClassVar, Self

from qtrader.bar_table import Bar
from qtrader.blame import answered_by, raised_by, run_failure
from qtrader.catalogue import Catalogue
from qtrader.config import LoadedConfig, digest_view, load_config, settings_from_dict
from qtrader.defaults import check_chosen, default_document
from qtrader.emitter import Emitter
from qtrader.engine.loop import Loop
from qtrader.errors import HandlerError, PluginBroken, QTraderError, RunError
from qtrader.events import BaseEvent, FillEvent, OrderEvent, SignalEvent
from qtrader.manifest import make_manifest
from qtrader.market import Market
from qtrader.metrics import Metrics
from qtrader.plugins import Host, load_plugins
from qtrader.ports import BooksView
from qtrader.result import Result
from qtrader.wiring import Run, build

PROGRESS_EVERY = 4096


@dataclass(frozen=True, slots=True)
class Step:
    """One instant that has been processed: its time (UTC), its bars, every event that came of it, the account after."""

    time: datetime
    bars: Sequence[Bar]
    events: Sequence[BaseEvent]
    portfolio: BooksView

    @property
    def signals(self) -> list[SignalEvent]:
        """Signals of this step."""
        return [event for event in self.events if isinstance(event, SignalEvent)]

    @property
    def orders(self) -> list[OrderEvent]:
        """Orders of this step."""
        return [event for event in self.events if isinstance(event, OrderEvent)]

    @property
    def fills(self) -> list[FillEvent]:
        """Fills of this step."""
        return [event for event in self.events if isinstance(event, FillEvent)]


@contextmanager
def rare_collection() -> Iterator[None]:
    """Have Python look for cyclic garbage seldom: bars make hundreds of small tuples a millisecond, and no cycles."""
    before = gc.get_threshold()
    gc.set_threshold(100_000, 20, 100)
    try:
        yield
    finally:
        gc.set_threshold(*before)


class BacktestEngine:
    """Wires a run and plays it. Made by ``from_config``; plays once."""

    emits_by: ClassVar[type[Emitter]] = Emitter
    """What makes the services' events; a subclass may choose one that validates each."""

    def __init__(self, config: LoadedConfig, *, host: Host | None = None, market: Market | None = None) -> None:
        self.config = config
        self.host = host or load_plugins()
        check_chosen(config.settings)
        catalogue = Catalogue.of(self.host)
        identity = digest_view(config.effective)
        try:
            self.run_state: Run = build(
                config.settings,
                catalogue,
                identity=identity,
                base=config.folder,
                market=market,
                emits_by=self.emits_by,
            )
        except QTraderError as error:
            if faulty := answered_by(error, self.host.plugins):
                raise type(error)(f"{error}{faulty}") from error
            raise
        except (Exception, SystemExit) as error:
            told = f"the run cannot be wired: {type(error).__name__}: {error}"
            raise PluginBroken(told + raised_by(error, self.host.plugins)) from error
        self._loop = Loop(self.run_state)
        self._steps: Iterator[Sequence[Bar]] | None = None
        self._result: Result | None = None
        self._started = 0.0
        self._error: Exception | None = None
        self._stopped = False
        self._pause_at = PROGRESS_EVERY

    @classmethod
    def from_config(
        cls,
        config: str | Path | Mapping[str, Any] | LoadedConfig,
        *,
        overrides: Sequence[Any] = (),
        base_dir: Path | None = None,
        market: Market | None = None,
        host: Host | None = None,
    ) -> Self:
        """Build from a YAML file, a mapping of the same shape, or a configuration loaded before.

        ``overrides`` are ``KEY=VALUE`` texts; relative paths of a mapping start at ``base_dir``; ``market`` stands in
        for what the data service would load. Every service is made, subscribed and checked, and the data loaded.
        Raises ConfigError, PluginError, DataError or WiringError, each saying what to mend.
        """
        host = host or load_plugins()
        if isinstance(config, LoadedConfig):
            return cls(config, host=host, market=market)
        defaults = default_document(Catalogue.of(host))
        if isinstance(config, Mapping):
            loaded = settings_from_dict(config, overrides, base_dir, defaults)
        else:
            loaded = load_config(config, overrides, base_dir, defaults)
        return cls(loaded, host=host, market=market)

    @property
    def services(self) -> Mapping[str, Any]:
        """The run's services by name, in pipeline order."""
        return self.run_state.services

    @property
    def event_bus(self) -> Any:
        """The run's bus: subscribe to watch it."""
        return self.run_state.bus

    @property
    def total_bars(self) -> int:
        """How many bars the run will publish."""
        return len(self.run_state.market.timeline)

    def run(self, progress: Callable[[int], None] | None = None) -> Result:
        """Play to the end and give the result; ``progress`` is told the number of bars done now and then.

        Raises HandlerError when a handler or plugin fails; what was committed until then stays in the log.
        """
        with self._guarded(), rare_collection():
            self._play_all(progress)
            self._finish()
        if progress is not None:
            progress(self.run_state.log.bars)
        return self.get_results()

    def stop(self) -> None:
        """Have ``run`` raise KeyboardInterrupt after the present step; what was committed until then stays."""
        self._stopped, self._pause_at = True, 0

    def _play_all(self, progress: Callable[[int], None] | None) -> None:
        log = self.run_state.log
        for _ in self._play():
            if log.bars >= self._pause_at:
                if self._stopped:
                    raise KeyboardInterrupt
                self._pause_at = log.bars + PROGRESS_EVERY
                if progress is not None:
                    progress(log.bars)

    def process_bar(self) -> Step | None:
        """Play one step of time (all bars of one instant, and all that follows); None when the data has ended."""
        log = self.run_state.log
        before = len(log)
        with self._guarded():
            bars = next(self._play(), None)
            if bars is None:
                self._finish()
                return None
        return Step(self.run_state.view.time, bars, log[before:], self.run_state.books.keep())

    @contextmanager
    def _guarded(self) -> Iterator[None]:
        """Whatever stops the run names who raised it, is kept and told to the plugins; a failed run does not go on."""
        if self._error is not None:
            raise RunError(f"this run failed before ({self._error}): mend the cause and make a new engine")
        try:
            yield
        except KeyboardInterrupt:
            self._fail(RunError("stopped by hand"))
            raise
        except (Exception, SystemExit) as error:
            failure = self._fail(run_failure(error, self.host.plugins))
            if failure is error:
                raise
            raise failure from error

    def _fail(self, failure: Exception) -> Exception:
        """Keep what stopped the run and tell the plugins; one that fails at that is named, too."""
        self._error = failure
        try:
            self.host.notify("qtrader_run_failed", run=self.run_state, error=failure)
        except HandlerError as second:
            self._error = type(failure)(f"{failure}\nand then {second}")
        return self._error

    def _play(self) -> Iterator[Sequence[Bar]]:
        if self._steps is None:
            self._started = perf_counter()
            self.host.notify("qtrader_run_wired", run=self.run_state)
            self._open()
            self._steps = self._loop.play()
        return self._steps

    def _open(self) -> None:
        run = self.run_state
        session = next(iter(run.market.sessions), None)
        begins = [*([session.open_ns] if session else []), *run.market.timeline.time_ns[:1].tolist()]
        run.view.time_ns = run.log.time_ns = min(begins, default=0)
        run.view.session = session.day if session else None
        for service in run.services.values():
            service.start()

    def _finish(self) -> None:
        if self._result is not None:
            return
        self._loop.finish()
        wall = perf_counter() - self._started
        reporting: Any = self.run_state.services["reporting"]
        metrics: Metrics = reporting.metrics()
        manifest = make_manifest(self.run_state, self.config, status="done", wall_s=wall)
        self._result = Result(self.run_state.log, metrics, manifest, self.config.effective, recipe=self.config)
        self.host.notify("qtrader_run_finished", run=self.run_state, result=self._result)

    def get_results(self) -> Result:
        """Equity curve, metrics and trade log of the finished run. Raises RunError while it has not ended."""
        if self._result is None:
            raise RunError("the run has not ended: call run(), or process_bar() until it returns None")
        return self._result

    def write_reports(self, folder: Path) -> Sequence[Path]:
        """Have the reporting service write its files about the finished run. Raises RunError naming who failed."""
        reporting: Any = self.run_state.services["reporting"]
        try:
            written: Sequence[Path] = reporting.write(folder, self._result)
        except RunError as error:
            raise run_failure(error, self.host.plugins) from error
        return written

    def failure(self) -> tuple[dict[str, Any], Run]:
        """The manifest of a run that failed, and what it left.

        An event that breaks its contract may be what brought the run down: then it is named before the error.
        """
        errors = [self._error]
        try:
            self.run_state.log.seal()
        except RunError as error:
            errors.insert(0, error)
        manifest = make_manifest(self.run_state, self.config, status="failed", wall_s=perf_counter() - self._started)
        manifest["error"] = "; then ".join(f"{type(error).__name__}: {error}" for error in errors)
        return manifest, self.run_state
