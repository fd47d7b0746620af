"""From an error to whoever raised it: the plugin, or the user's own file, that its traceback leads to."""

from collections.abc import Iterable, Iterator
from pathlib import Path
from types import FrameType

from qtrader.errors import HandlerError, QTraderError, RunError
from qtrader.plugins import Plugin
from qtrader.providers import EventProvider, PolicyDocument
from qtrader.targets import OWN_FILE


def run_failure(error: Exception, plugins: Iterable[Plugin]) -> Exception:
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

    A service is named only when no tool or own file stands between it and the error: those call into services.
    """
    owners = _owners(plugins)
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


def _frames(error: BaseException) -> Iterator[tuple[FrameType, int]]:
    """Every frame that an error and its causes passed through, the innermost first."""
    chain = [error]
    while (cause := chain[-1].__cause__) is not None:
        chain.append(cause)
    for one in reversed(chain):
        frames = []
        trace = one.__traceback__
        while trace is not None:
            frames.append((trace.tb_frame, trace.tb_lineno))
            trace = trace.tb_next
        yield from reversed(frames)
