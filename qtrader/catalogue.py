"""What the active plugins offer, by kind and name: find it, import it, build it."""

import inspect
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any, Self

from qtrader.errors import ConfigError, DuplicateName, PluginBroken, PluginError, QTraderError, UnknownComponent
from qtrader.install_hints import EVERYTHING, HINTS
from qtrader.offers import KINDS, Offer, Provider, words
from qtrader.options import construct, fresh
from qtrader.plugins import Host, Plugin
from qtrader.ports.settings import Reference
from qtrader.providers import EventProvider, PolicyDocument, Upcaster
from qtrader.requirements import missing_part
from qtrader.suggest import did_you_mean
from qtrader.targets import class_at, digest_of, digest_of_class, is_path

DUTIES = {
    "data-source": ("bars",),
    "strategy": ("on_bar", "on_bars", "on_start"),
    "sizer": ("size",),
    "risk-limit": ("check",),
    "fill-policy": ("decide",),
    "commission": ("fee",),
    "slippage": ("adjust",),
    "report": ("write",),
}
"""What a class of each kind must have at least one of."""

HERE = Path()


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing on offer and the plugin that offers it."""

    kind: str
    name: str
    summary: str
    provider: Provider
    plugin: Plugin

    @property
    def target(self) -> str:
        """Where its class is, as ``package.module:Class``; empty for a policy document."""
        if isinstance(self.provider, EventProvider):
            return self.provider.model
        return "" if isinstance(self.provider, PolicyDocument) else self.provider.target

    @property
    def version(self) -> int:
        """The version of its contract, for an event type; 0 for all else."""
        return self.provider.version if isinstance(self.provider, EventProvider) else 0


class Catalogue:
    """Everything that active plugins offer. A problem comes up only when what it concerns is asked for."""

    def __init__(self, plugins: Iterable[Plugin]) -> None:
        self._plugins = tuple(plugins)
        self._active = tuple(plugin for plugin in self._plugins if plugin.status == "active")
        self._entries: dict[str, dict[str, list[Entry]]] = {kind: {} for kind in KINDS}
        for plugin in self._active:
            for offer in plugin.offers:
                self._entries[offer.kind].setdefault(offer.name, []).append(_entry(offer, plugin))

    @classmethod
    def of(cls, host: Host) -> Self:
        """Collect what a host's active plugins offer."""
        return cls(host.plugins)

    def names(self, kind: str) -> tuple[str, ...]:
        """The installed names of a kind, sorted."""
        return tuple(sorted(self._of_kind(kind)))

    def entries(self, kind: str) -> tuple[Entry, ...]:
        """Everything of a kind, sorted by name; DuplicateName when two plugins offer one name."""
        return tuple(self.find(kind, name) for name in self.names(kind))

    def __iter__(self) -> Iterator[Entry]:
        """Everything on offer, by kind and name, names offered twice included."""
        return (entry for kind in KINDS for name in self.names(kind) for entry in self._entries[kind][name])

    def named(self, name: str) -> tuple[Entry, ...]:
        """Everything of a name, whatever its kind and however often it is offered."""
        return tuple(entry for entry in self if entry.name == name)

    def duplicates(self) -> tuple[tuple[Entry, ...], ...]:
        """The entries that share their kind and name with others, in groups."""
        groups = (tuple(found) for named in self._entries.values() for found in named.values())
        return tuple(group for group in groups if _is_duplicate(group))

    def find(self, kind: str, name: str) -> Entry:
        """Find one thing by kind and name; of an event type that a plugin offers in several versions, the newest.

        Raises UnknownComponent with the installed names and what to install, or DuplicateName with both owners.
        """
        found = self._of_kind(kind).get(name, [])
        if not found:
            raise UnknownComponent(self._unknown(kind, name))
        if _is_duplicate(found):
            raise DuplicateName(duplicate_message(found))
        return max(found, key=lambda entry: entry.version)

    def provider(self, kind: str, name: str) -> Any:
        """The record that a plugin's hook gave for one thing; raises like ``find``."""
        return self.find(kind, name).provider

    def versions(self) -> dict[str, str]:
        """Distribution and version of every active plugin, by name of the distribution."""
        return dict(sorted((plugin.distribution, plugin.version) for plugin in self._active))

    def load(self, kind: str, use: str, *, base: Path = HERE) -> type:
        """Import the class that a reference's ``use`` names: installed, or in a file relative to ``base``."""
        if not is_path(use):
            installed: type = import_target(self.find(kind, use))
            return installed
        target = class_at(use, base)
        _check_duty(kind, target, use)
        return target

    def build(self, kind: str, reference: Reference, *, base: Path = HERE) -> Any:
        """Build what a reference describes: a fresh object each time, its options checked.

        A file is looked for from the folder of the config that names it, or from ``base``. An object handed over from
        Python is copied from its fields. A risk policy is not built: its ``PolicyDocument`` is given.
        """
        thing = reference.instance
        try:
            if kind == "risk-policy":
                return self.provider(kind, reference.use) if thing is None else thing
            if thing is None:
                target = self.load(kind, reference.use, base=_folder(reference, base))
            else:
                target = _class_of(thing)
                _check_duty(kind, target, target.__name__)
        except (ConfigError, PluginError) as error:
            raise _located(error, reference) from error
        return construct(target, reference) if thing is None or inspect.isclass(thing) else fresh(reference)

    def source_digest(self, reference: Reference, *, base: Path = HERE) -> str | None:
        """SHA-256 of the user's own source behind a reference; None for an installed tool, whose version says it."""
        if reference.instance is not None:
            return digest_of_class(_class_of(reference.instance))
        return digest_of(reference.use, _folder(reference, base)) if is_path(reference.use) else None

    def defaults(self) -> dict[str, Reference]:
        """What a run uses where its config is silent, by kind; two plugins that answer are an error."""
        answers = [plugin for plugin in self._active if plugin.defaults is not None]
        if len(answers) > 1:
            owners = " and ".join(repr(plugin.distribution) for plugin in answers)
            raise DuplicateName(f"defaults come from {owners}: uninstall one, or leave one out with QTRADER_PLUGINS")
        given = (answers[0].defaults or {}) if answers else {}
        return {kind: _reference(answer) for kind, answer in sorted(given.items())}

    def defaults_owner(self) -> str:
        """The name of the plugin that says what a run uses where its config is silent; empty where none does."""
        return next((plugin.name for plugin in self._active if plugin.defaults is not None), "")

    def _of_kind(self, kind: str) -> dict[str, list[Entry]]:
        if kind not in self._entries:
            raise PluginError(f"{kind!r} is not a kind. Kinds: {', '.join(KINDS)}.{did_you_mean(kind, KINDS)}")
        return self._entries[kind]

    def _unknown(self, kind: str, name: str) -> str:
        installed = self.names(kind)
        listed = f"Installed: {', '.join(installed)}." if installed else "None is installed."
        message = f"no {kind} is named {name!r}. {listed}{did_you_mean(name, installed)}"
        standard = EVERYTHING if any(one == kind for one, _ in HINTS) else None
        hint = HINTS.get((kind, name)) or (None if installed else standard)
        if all(plugin.name == "kernel" for plugin in self._plugins):
            hint = EVERYTHING
        for plugin in _suspects(self._plugins, name, hint):
            message += f" Plugin {plugin.name!r} ({plugin.distribution}) is {plugin.status}: {plugin.reason}."
            hint = None if plugin.distribution == hint else hint
        left_out = sum(plugin.status == "disabled" for plugin in self._plugins)
        if left_out and hint is None and " is disabled: " not in message:
            message += f" QTRADER_PLUGINS leaves out {left_out} of the installed plugins; one of them may have it."
        return f"{message} Install it: pip install {hint}" if hint else message


def import_target(entry: Entry) -> Any:
    """Import an entry's class, or an upcaster's function, or say which distribution is at fault."""
    module, _, name = entry.target.partition(":")
    what = f"{entry.kind} {entry.name!r} of {entry.plugin.distribution} {entry.plugin.version}"
    try:
        target = getattr(import_module(module), name)
    except (Exception, SystemExit) as error:
        problem = f"cannot be imported from {entry.target!r}: {words(error)}"
        missing = missing_part(entry.plugin.distribution) if isinstance(error, ImportError) else ""
        raise PluginBroken(f"{what} {problem}.{missing or ' Reinstall or update the distribution'}") from error
    if isinstance(entry.provider, Upcaster) and not callable(target):
        raise PluginBroken(f"{what}: {entry.target!r} is not a function but {target!r}")
    if not isinstance(entry.provider, Upcaster) and not inspect.isclass(target):
        raise PluginBroken(f"{what}: {entry.target!r} is not a class but {target!r}")
    return target


def _is_duplicate(found: Sequence[Entry]) -> bool:
    """Whether two plugins offer one name; one plugin may offer several versions of an event type."""
    return len({entry.plugin.name for entry in found}) > 1


def duplicate_message(found: Sequence[Entry]) -> str:
    """Name what is offered twice and by whom, and say what to do."""
    owners = " and ".join(repr(entry.plugin.distribution) for entry in found)
    one = found[0]
    return f"{one.kind} {one.name!r} is offered by {owners}: uninstall one, or leave one out with QTRADER_PLUGINS"


def _entry(offer: Offer, plugin: Plugin) -> Entry:
    return Entry(offer.kind, offer.name, offer.summary, offer.provider, plugin)


def _suspects(plugins: Sequence[Plugin], name: str, hint: str | None) -> list[Plugin]:
    """The plugins that are not active and may offer a name: those that surely do, or look like it, else all that fail.

    What one that was never imported offers is not known: its distribution and its own name are what there is to go by.
    """
    out = [plugin for plugin in plugins if plugin.status != "active"]
    likely = [plugin for plugin in out if plugin.distribution == hint or name in plugin.name]
    return likely or [plugin for plugin in out if plugin.status != "disabled"]


def _class_of(thing: Any) -> type:
    return thing if inspect.isclass(thing) else type(thing)


def _check_duty(kind: str, target: type, called: str) -> None:
    duties = DUTIES.get(kind, ())
    if duties and not any(callable(getattr(target, duty, None)) for duty in duties):
        raise ConfigError(f"{called!r} is not a {kind}: it has no method {' or '.join(duties)}")


def _folder(reference: Reference, base: Path) -> Path:
    place = reference.place()
    return place.folder if place.where else base


def _located(error: QTraderError, reference: Reference) -> QTraderError:
    """The same error with the place where the reference was written before its message."""
    return type(error)(str(reference.place().error(str(error))))


def _reference(answer: str | Mapping[str, Any]) -> Reference:
    return Reference(use=answer) if isinstance(answer, str) else Reference.model_validate(dict(answer))
