"""From an error to whoever raised it: the plugin, or the user's own file, that its traceback leads to."""

import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from types import FrameType

from qtrader.errors import HandlerError, QTraderError, RunError
from qtrader.plugins import Plugin
from qtrader.providers import EventProvider, PolicyDocument
from qtrader.targets import OWN_FILE


def run_failure(error: Exception | SystemExit, plugins: Iterable[Plugin]) -> Exception:
    """What a run that stopped with ``error`` raises: a RunError that names who raised it.

    The user's mistakes that only come up in a run (a ConfigError and the like) stay what they are.
    """
    if isinstance(error, QTraderError) and not isinstance(error, RunError):
        return error
    told = str(error) if isinstance(error, RunError) else f"the run failed: {type(error).__name__}: {error}"
    kind = HandlerError if isinstance(error, HandlerError) else RunError
    return kind(told + raised_by(error, plugins))


def raised_by(error: BaseException, plugins: Iterable[Plugin]) -> str:
    """Name function, file, line and plugin that an error came out of, on a line of its own; empty when none did.

    A tool that gave a wrong answer raised nothing: its class is named. A service is named only when no tool or own file
    stands between it and the error: those call into services.
    """
    owners = _owners(plugins)
    if faulty := answered_by(error, plugins):
        return faulty
    service = ""
    for frame, line in _frames(error):
        place = f"\nraised by {frame.f_code.co_qualname}, {Path(frame.f_code.co_filename).name}:{line}"
        module = str(frame.f_globals.get("__name__", ""))
        plugin = owners.get(module.partition(".")[0])
        if module.startswith(OWN_FILE):
            return place
        if plugin is not None:
            told = f"{place}, of plugin {plugin.name!r} ({plugin.distribution} {plugin.version})"
            if all(offer.kind != "service" for offer in plugin.offers):
                return told
            service = service or told
    return service


def answered_by(error: BaseException, plugins: Iterable[Plugin]) -> str:
    """Name class, file and plugin of the tool whose answer an error is about, like ``raised_by``; else empty."""
    tools = (one.tool for one in _chain(error) if isinstance(one, QTraderError) and one.tool is not None)
    tool = next(tools, None)
    if tool is None:
        return ""
    module = type(tool).__module__
    file = Path(str(getattr(sys.modules.get(module), "__file__", module))).name
    plugin = _owners(plugins).get(module.partition(".")[0])
    told = f"\nanswered by {type(tool).__qualname__}, {file}"
    if plugin is None:
        return told
    return f"{told}, of plugin {plugin.name!r} ({plugin.distribution} {plugin.version})"


def _owners(plugins: Iterable[Plugin]) -> dict[str, Plugin]:
    """The plugin behind each top-level package that an offered class lives in, the kernel's own left out."""
    owners: dict[str, Plugin] = {}
    for plugin in plugins:
        for offer in plugin.offers:
            if plugin.name != "kernel" and not isinstance(offer.provider, PolicyDocument):
                record = offer.provider
                target = record.model if isinstance(record, EventProvider) else record.target
                owners.setdefault(target.partition(":")[0].partition(".")[0], plugin)
    return owners


def _chain(error: BaseException) -> list[BaseException]:
    """An error and its causes, the last one first."""
    chain = [error]
    while (cause := chain[-1].__cause__) is not None:
        chain.append(cause)
    return chain


def _frames(error: BaseException) -> Iterator[tuple[FrameType, int]]:
    """Every frame that an error and its causes passed through, the innermost first."""
    for one in reversed(_chain(error)):
        frames = []
        trace = one.__traceback__
        while trace is not None:
            frames.append((trace.tb_frame, trace.tb_lineno))
            trace = trace.tb_next
        yield from reversed(frames)
