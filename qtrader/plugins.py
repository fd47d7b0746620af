"""Discovery: which plugins are installed, what state each is in, and what the good ones offer.

``load_plugins`` makes a fresh ``Host`` each time; nothing is global. One bad plugin never hides the others: it is
listed with its state and the reason, and breaks only a run that needs it.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import partial
from inspect import Parameter, isclass, isroutine, signature
from typing import Any, Literal

import importlib_metadata
import pluggy
from packaging.utils import canonicalize_name

from qtrader import hookspecs, kernel_plugin
from qtrader.errors import ConfigError, HandlerError
from qtrader.offers import Call, Defaults, Offer, Refused, take_defaults, take_offers, told, words
from qtrader.requirements import incompatibility, missing_part
from qtrader.suggest import did_you_mean

Status = Literal["active", "disabled", "incompatible", "broken"]


@dataclass(frozen=True, slots=True)
class Plugin:
    """One installed plugin and what became of it; ``reason`` says why when it is not active."""

    name: str
    distribution: str
    version: str
    status: Status
    reason: str | None = None
    offers: tuple[Offer, ...] = ()
    defaults: Defaults | None = None

    @property
    def key(self) -> str:
        """The plugin's name in full, unique in its host."""
        return f"{self.distribution}:{self.name}"


@dataclass(frozen=True, slots=True)
class Host:
    """The plugins of one command or run, sorted by name."""

    plugins: tuple[Plugin, ...]
    _manager: pluggy.PluginManager = field(repr=False, compare=False)

    @property
    def active(self) -> tuple[Plugin, ...]:
        """The plugins that can be used."""
        return tuple(plugin for plugin in self.plugins if plugin.status == "active")

    def notify(self, hook: str, /, **arguments: Any) -> None:
        """Call a hook of every active plugin that implements it, in the order of their names.

        Raises HandlerError naming plugin and hook when one of them raises.
        """
        for plugin in self.active:
            self.tell(plugin, hook, **arguments)

    def tell(self, plugin: Plugin, hook: str, /, **arguments: Any) -> None:
        """Call a hook of one plugin, if it implements it; raises like ``notify``."""
        for call in _calls(self._manager, plugin.key, hook):
            try:
                call(arguments)
            except (Exception, SystemExit) as error:
                owner = f"plugin {plugin.name!r} ({plugin.distribution})"
                raise HandlerError(f"{owner}: {told(hook, error)}") from error


@dataclass(frozen=True, slots=True)
class _Found:
    """A plugin before it is loaded."""

    name: str
    distribution: str
    version: str
    load: Callable[[], object]
    requires: tuple[str, ...] | None = None
    """The distribution's dependencies; None leaves out the check against the kernel's version."""

    def become(self, status: Status, reason: str | None = None) -> Plugin:
        """Settle the plugin's state, with nothing on offer."""
        return Plugin(self.name, self.distribution, self.version, status, reason)


def load_plugins(
    *,
    only: Iterable[str] | None = None,
    extra: Mapping[str, object] | None = None,
    entry_points: Iterable[importlib_metadata.EntryPoint] | None = None,
    kernel_version: str | None = None,
) -> Host:
    """Find, check, import and ask every installed plugin, and never raise because of one.

    ``only`` narrows what is loaded to plugins or distributions of these names (an unknown name is a ConfigError).
    ``extra`` adds plugin objects that are not installed, by name. ``entry_points`` and ``kernel_version`` stand in for
    what is installed.
    """
    version = kernel_version or importlib_metadata.version("qtrader")
    points = importlib_metadata.entry_points(group=hookspecs.PROJECT) if entry_points is None else entry_points
    installed = [_found(point) for point in points]
    chosen = None if only is None else _chosen(frozenset(only), installed)
    manager = pluggy.PluginManager(hookspecs.PROJECT)
    manager.add_hookspecs(hookspecs)
    given: Mapping[str, object] = extra or {}
    found = [_Found("kernel", "qtrader", version, lambda: kernel_plugin)]
    found += [_Found(name, name, "0", partial(given.__getitem__, name)) for name in given]
    plugins = [_load(manager, one) for one in found]
    for one in sorted(installed, key=lambda one: (one.name, one.distribution)):
        if chosen is not None and not {one.name, one.distribution} & chosen:
            plugins.append(one.become("disabled", "left out by QTRADER_PLUGINS"))
        else:
            reason = None if one.requires is None else incompatibility(one.requires, version)
            plugins.append(one.become("incompatible", reason) if reason else _load(manager, one))
    return Host(tuple(sorted(plugins, key=lambda plugin: (plugin.name, plugin.distribution))), manager)


def _found(point: importlib_metadata.EntryPoint) -> _Found:
    dist = point.dist
    if dist is None:
        return _Found(point.name, point.name, "0", point.load)
    try:
        return _Found(point.name, canonicalize_name(dist.name), dist.version, point.load, tuple(dist.requires or ()))
    except (KeyError, TypeError, ValueError, OSError, importlib_metadata.MetadataNotFound) as error:
        return _Found(point.name, point.name, "0", partial(_unreadable, error))


def _unreadable(error: Exception) -> object:
    raise Refused(f"its distribution's metadata cannot be read ({words(error)}): reinstall it")


def _chosen(only: frozenset[str], installed: list[_Found]) -> frozenset[str]:
    known = {one.name for one in installed} | {one.distribution for one in installed}
    names = ", ".join(sorted({one.name for one in installed})) or "none"
    for name in sorted(only - known):
        near = did_you_mean(name, known)
        raise ConfigError(f"QTRADER_PLUGINS: no plugin is named {name!r}. Installed: {names}.{near}")
    return only


def _load(manager: pluggy.PluginManager, found: _Found) -> Plugin:
    """Import a plugin, register it and take everything it offers; undo it all where any of that fails."""
    plugin = found.become("active")
    calls = partial(_calls, manager, plugin.key)
    try:
        _register(manager, found.load(), plugin.key)
        offers, defaults = tuple(take_offers(calls)), take_defaults(calls)
    except KeyboardInterrupt:
        raise
    except BaseException as error:  # noqa: BLE001 - a plugin may raise anything, and must not stop the others
        if manager.has_plugin(plugin.key):
            manager.unregister(name=plugin.key)
        missing = missing_part(found.distribution) if isinstance(error, ImportError) else ""
        return found.become("broken", words(error) + (f".{missing}" if missing else ""))
    return Plugin(found.name, found.distribution, found.version, "active", None, offers, defaults)


def _register(manager: pluggy.PluginManager, thing: object, key: str) -> None:
    if thing is None or isclass(thing) or isroutine(thing):
        raise Refused(f"the entry point must name a module, not {thing!r}")
    for name in dir(thing):
        if isroutine(function := getattr(thing, name)):
            _check_function(name, function)
    manager.register(thing, key)
    manager.check_pending()


def _check_function(name: str, function: Callable[..., Any]) -> None:
    """Refuse what pluggy would silently ignore, or never call as it is written."""
    mark = getattr(function, f"{hookspecs.PROJECT}_impl", None)
    if mark is None:
        if name.startswith(f"{hookspecs.PROJECT}_"):
            raise Refused(f"{name} is not marked: write @hookimpl above it")
        return
    if mark.get("wrapper") or mark.get("hookwrapper"):
        raise Refused(f"{name} is a hook wrapper: there is nothing to wrap, return records instead")
    for parameter in signature(function).parameters.values():
        if parameter.default is not Parameter.empty:
            told_off = f"parameter {parameter.name!r} of {name} has a default, so it is never filled"
            raise Refused(f"{told_off}: write it without one")


def _calls(manager: pluggy.PluginManager, key: str, hook: str) -> Iterator[Call]:
    """One plugin's implementations of a hook."""
    for implementation in getattr(manager.hook, hook).get_hookimpls():
        if implementation.plugin_name == key:
            yield partial(_call, implementation)


def _call(implementation: pluggy.HookImpl, given: Mapping[str, Any]) -> Any:
    """Call one implementation with the arguments that it asks for."""
    return implementation.function(*(given[name] for name in implementation.argnames))
