"""Every effective value of a configuration: where it came from, and which plugin reads it."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from qtrader.catalogue import Catalogue
from qtrader.config.keys import KEYS, NAMED, TOOLS
from qtrader.config.loading import LoadedConfig
from qtrader.config.nodes import Key, show
from qtrader.config.printing import scalar
from qtrader.defaults import default_document
from qtrader.errors import DuplicateName, QTraderError
from qtrader.options import Option, options
from qtrader.providers import PolicyDocument
from qtrader.targets import is_path

KERNEL = "kernel"


@dataclass(frozen=True, slots=True)
class Row:
    """One value: its key path, where it came from (``system.yaml:10``, ``--set``, ``default of costs``), who reads it.

    ``value`` is None for a key that is not set and has no default; ``readers`` are ``kernel`` and plugins.
    """

    key: str
    value: str | None
    origin: str
    readers: tuple[str, ...]

    def as_json(self) -> dict[str, Any]:
        """The same as JSON values."""
        return asdict(self)


def explain(config: LoadedConfig, catalogue: Catalogue) -> list[Row]:
    """Rows for everything that a run of this configuration goes by, options that were left out included."""
    return list(_Explained(config, catalogue).rows())


class _Explained:
    """One configuration, its tools' defaults, and who reads what."""

    def __init__(self, config: LoadedConfig, catalogue: Catalogue) -> None:
        self._config, self._catalogue = config, catalogue
        self._defaults = default_document(catalogue)
        supplied = {one.source for one in config.settings.data.instruments.values() if one.source}
        self._sources = {config.settings.data.source, *supplied}

    def rows(self) -> Iterator[Row]:
        yield from self._walk(self._config.effective, ())
        yield from self._policy()

    def _walk(self, value: Any, key: Key) -> Iterator[Row]:
        pattern = pattern_of(key)
        if pattern in TOOLS and isinstance(value, Mapping):
            yield from self._reference(value, key, TOOLS[pattern])
        elif isinstance(value, Mapping) and pattern not in KEYS:
            for name, part in value.items():
                yield from self._walk(part, (*key, name))
        elif isinstance(value, list) and any(isinstance(one, Mapping) for one in value):
            for index, part in enumerate(value):
                yield from self._walk(part, (*key, index))
        elif known := next((one for one in (pattern, f"{pattern}[]") if one in KEYS), None):
            yield Row(show(key), _shown(value), self._origin(key), self._readers(known))

    def _reference(self, section: Mapping[str, Any], key: Key, kind: str) -> Iterator[Row]:
        reads = (self._owner(kind, str(section["use"])),)
        unread = kind == "data-source" and key[-1] not in self._sources
        for name, value in section.items():
            place = (*key, name)
            if name == "with":
                yield from self._options(value, place, kind, str(section["use"]), () if unread else reads)
            elif name == "use":
                yield Row(show(place), _shown(value), self._origin(place), () if unread else reads)
            else:
                yield Row(
                    show(place), _shown(value), self._origin(place), () if unread else self._readers(pattern_of(place))
                )

    def _options(
        self, given: Mapping[str, Any], key: Key, kind: str, use: str, reads: tuple[str, ...]
    ) -> Iterator[Row]:
        """The options that were written, and those of the tool that were not."""
        for name, value in given.items():
            yield Row(show((*key, name)), _shown(value), self._origin((*key, name)), reads)
        if kind == "service":
            return
        base = self._config.place(show(key[:-1])).folder
        for option in self._takes(kind, use, base):
            if option.name not in given:
                yield _left_out(show((*key, option.name)), option, use, reads)

    def _takes(self, kind: str, use: str, base: Path) -> tuple[Option, ...]:
        """The options of a tool; none of one that cannot be found, about which ``check`` has more to say."""
        try:
            return options(self._catalogue.load(kind, use, base=base))
        except QTraderError:
            return ()

    def _policy(self) -> Iterator[Row]:
        """What the policy's document says, where it is an installed one."""
        name = self._config.settings.risk.policy
        if name is None or name not in self._catalogue.names("risk-policy"):
            return
        entry = self._catalogue.find("risk-policy", name)
        assert isinstance(entry.provider, PolicyDocument)
        replaced = self._config.settings.risk.sizing is not None
        for part, value in entry.provider.document.items():
            if part not in ("policy", "version") and not (part == "sizing" and replaced):
                yield from self._said(value, (f"policy {name}", part), entry.plugin.name)

    def _said(self, value: Any, key: Key, owner: str) -> Iterator[Row]:
        kind = {"sizing": "sizer", "limits": "risk-limit"}.get(str(key[1]), "")
        shown = f"{key[0]}: {show(key[1:])}"
        if isinstance(value, Mapping) and "use" in value and kind:
            reads = (self._owner(kind, str(value["use"])),)
            yield Row(f"{shown}.use", str(value["use"]), owner, reads)
            given = value.get("with", {})
            for name, one in given.items():
                yield Row(f"{shown}.with.{name}", _shown(one), owner, reads)
            for option in self._takes(kind, str(value["use"]), Path()):
                if option.name not in given:
                    yield _left_out(f"{shown}.with.{option.name}", option, str(value["use"]), reads)
        elif isinstance(value, Mapping):
            for name, part in value.items():
                yield from self._said(part, (*key, name), owner)
        elif isinstance(value, list) and any(isinstance(one, Mapping) for one in value):
            for index, part in enumerate(value):
                yield from self._said(part, (*key, index), owner)
        else:
            yield Row(shown, _shown(value), owner, self._readers("risk.policy"))

    def _origin(self, key: Key) -> str:
        origin = self._config.origin(show(key))
        if origin != "default":
            return origin
        value: Any = self._defaults
        for part in key:
            value = value.get(part) if isinstance(value, Mapping) else None
        return f"default of {self._catalogue.defaults_owner()}" if value is not None else origin

    def _readers(self, pattern: str) -> tuple[str, ...]:
        return tuple(KERNEL if one == KERNEL else self._owner("service", one) for one in KEYS[pattern].readers)

    def _owner(self, kind: str, use: str) -> str:
        """The plugin that a name is of, and the name where the plugin's does not say it."""
        if is_path(use):
            return use
        try:
            plugin = self._catalogue.find(kind, use).plugin.name
        except DuplicateName:
            return f"{use} (offered twice)"
        except QTraderError:
            return f"{use} (not installed)"
        return plugin if plugin.endswith(use) else f"{plugin} {use}"


def _left_out(key: str, option: Option, use: str, reads: tuple[str, ...]) -> Row:
    """The row of an option that nobody wrote."""
    if option.default is None:
        return Row(key, None, f"required by {use}", reads)
    return Row(key, None if option.default == "null" else option.default, f"default of {use}", reads)


def pattern_of(key: Key) -> str:
    """A key path as the table of keys writes it: ``strategies[].use``, ``data_sources.NAME.use``."""
    named: list[str | int] = []
    for part in key:
        named.append("NAME" if tuple(named) in NAMED else part)
    return re.sub(r"\[[0-9]+\]", "[]", show(tuple(named)))


def _shown(value: Any) -> str | None:
    if value is None:
        return None
    if isinstance(value, list | tuple):
        return f"[{', '.join(scalar(one) for one in value)}]"
    if isinstance(value, Mapping):
        return f"{{{', '.join(f'{name}: {scalar(one)}' for name, one in value.items())}}}"
    return str(value).lower() if isinstance(value, bool) else str(value)


__all__ = ["Row", "explain", "pattern_of"]
