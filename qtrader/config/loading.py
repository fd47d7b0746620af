"""From files, the command line or a dictionary to checked settings that know where each value came from."""

import json
import os
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from qtrader.config.complaints import complain, complaints
from qtrader.config.folders import folders_of, with_folders
from qtrader.config.layering import Override, apply_overrides, merge, over_bases, read_file, read_layers
from qtrader.config.nodes import Key, Layer, Node, parse_key, quoted
from qtrader.config.printing import to_yaml
from qtrader.config.python_values import from_python, to_json
from qtrader.errors import ConfigError
from qtrader.ports.settings import Place, PlacedSection, Reference, RunSettings
from qtrader.suggest import did_you_mean

_UNREAD_BY_BACKTEST = ("sweep",)
TEXT: Mapping[str, Any] = MappingProxyType({"text": True})
"""Tells the schema that values come from files, where some keys may not be written."""
_OUTSIDE_THE_DIGEST = ("runs", "report", "display")

Model = TypeVar("Model", bound=BaseModel)


@dataclass(frozen=True, slots=True)
class LoadedConfig:
    """A checked configuration. ``folder`` is that of the run file; ``warnings`` name what was written and not read.

    ``effective`` is everything, defaults included, as JSON values, with paths as they were written.
    """

    settings: RunSettings
    folder: Path
    effective: dict[str, Any]
    warnings: tuple[str, ...] = ()
    _root: Node = field(repr=False, kw_only=True)
    _base_dir: Path = field(repr=False, kw_only=True)

    def origin(self, key: str) -> str:
        """Say where a value came from: ``sma_cross.yaml:12``, ``--set``, ``argument`` or ``default``."""
        return self._origin(parse_key(key))

    def place(self, key: str) -> Place:
        """Say where a value was written, for messages and relative paths; defaults start at the working folder."""
        parts = parse_key(key)
        if self._root.find(parts) is None:
            return Place("default", key, self._base_dir)
        return self._root.place(parts)

    def resolve(self, key: str) -> Path:
        """Turn a path in the configuration into an absolute one: relative paths start at the file that says them."""
        value: Any = self.effective
        for part in parse_key(key):
            value = _part(value, part)
        if not isinstance(value, str):
            raise self.place(key).error(f"{quoted(value)} is not a path. Write one.")
        return Path(os.path.normpath(self.place(key).folder / value))

    def folders(self) -> dict[str, Path]:
        """Where relative paths start that do not start at ``folder``, by key path; for loading ``effective`` again."""
        return folders_of(self._root, self.folder)

    def to_yaml(self) -> str:
        """The effective configuration as YAML, with the origin of each value as a comment."""
        return to_yaml(self.effective, self._origin)

    def _origin(self, key: Key) -> str:
        node = self._root.find(key)
        return node.origin if node else "default"


def _part(value: Any, part: str | int) -> Any:
    if isinstance(value, dict):
        return value.get(str(part))
    if isinstance(value, list) and str(part).isdecimal() and int(part) < len(value):
        return value[int(part)]
    return None


def load_config(
    path: str | Path,
    overrides: Iterable[str | Override] = (),
    base_dir: str | Path | None = None,
    defaults: Mapping[str, Any] | None = None,
) -> LoadedConfig:
    """Load a run file, the files under it and the overrides over it.

    ``overrides`` are ``KEY=VALUE`` texts (``--set``) or ``Override`` records (``--start`` and the like). ``base_dir``
    (default: the working folder) is where ``path``, relative paths in overrides and default paths start. ``defaults``
    lie under everything: what the installed plugins choose where the files are silent.
    Raises ConfigError for whatever is wrong, with file, line and key path.
    """
    folder = Path(base_dir or ".").absolute()
    root, warnings = read_tree(path, overrides, folder, defaults)
    return _loaded(root, warnings, (folder / path).parent, folder, TEXT)


def read_tree(
    path: str | Path, overrides: Iterable[str | Override], folder: Path, defaults: Mapping[str, Any] | None
) -> tuple[Node, tuple[str, ...]]:
    """The tree that a run file, its layers and overrides make, and warnings of what in it a backtest does not read."""
    root = _over_defaults(read_layers(folder / path, str(path)), defaults, folder)
    return _without_unread(apply_overrides(root, overrides, folder))


def faults(root: Node) -> list[ConfigError]:
    """Everything that the schema refuses in a tree that was read from files."""
    try:
        settings = RunSettings.model_validate(root.plain(), by_alias=True, by_name=False, context=dict(TEXT))
    except ValidationError as error:
        return complaints(error, RunSettings, root)
    return list(_source_faults(settings, root))


def settings_from_dict(
    document: Mapping[str, Any],
    overrides: Iterable[str | Override] = (),
    base_dir: str | Path | None = None,
    defaults: Mapping[str, Any] | None = None,
    *,
    shown: str = "argument",
    folders: Mapping[str, Path] | None = None,
) -> LoadedConfig:
    """Load a configuration written in Python: the same sections, keys and checks; relative paths start at ``base_dir``.

    References may be ``{"use": ..., "with": {...}}`` or ``Reference`` objects; values are text or Python's own types.
    ``shown`` names the configuration in messages; ``folders`` are those that ``LoadedConfig.folders`` told.
    """
    folder = Path(base_dir or ".").absolute()
    root = over_bases(from_python(document, Layer(shown, shown, folder, lines=False)))
    if folders:
        root = with_folders(root, folders)
    root = _over_defaults(root, defaults, folder)
    return _loaded(*_without_unread(apply_overrides(root, overrides, folder)), folder, folder, {})


def _over_defaults(root: Node, defaults: Mapping[str, Any] | None, folder: Path) -> Node:
    if not defaults:
        return root
    return merge(from_python(defaults, Layer("default", "default", folder, lines=False)), root)


def read_settings(
    source: Path | Mapping[str, Any], model: type[Model], shown: str = "", *, layered: bool = False
) -> Model:
    """Read a strict YAML file, or a document parsed before, into a model, such as a risk policy.

    ``shown`` names the source in messages, which say file, line and key path; with ``layered``, the files that
    ``base:`` names lie under it. Raises ConfigError.
    """
    if isinstance(source, Mapping):
        return validated(from_python(source, Layer(shown, shown, Path(), lines=False)), model, TEXT)
    shown = shown or str(source)
    root = read_layers(source, shown) if layered else read_file(Layer(shown, source.name, source.parent), source)
    return validated(root, model, TEXT)


def _loaded(
    root: Node, warnings: tuple[str, ...], folder: Path, base_dir: Path, context: Mapping[str, Any]
) -> LoadedConfig:
    settings = validated(root, RunSettings, context)
    for fault in _source_faults(settings, root):
        raise fault
    return LoadedConfig(settings, folder, to_json(settings), warnings, _root=root, _base_dir=base_dir)


def _without_unread(root: Node) -> tuple[Node, tuple[str, ...]]:
    """Take out the sections that a backtest does not read, and say so."""
    unread = [name for name in _UNREAD_BY_BACKTEST if name in root.value]
    kept = {name: node for name, node in root.value.items() if name not in unread}
    warnings = tuple(
        f"{root.value[name].layer.at(root.value[name].key_line)}: {name}: a backtest does not read this section"
        for name in unread
    )
    return Node(kept, root.layer, root.line, root.key_line), warnings


def validated(root: Node, model: type[Model], context: Mapping[str, Any]) -> Model:
    """The settings that a tree describes, each section told where it was written. Raises ConfigError."""
    try:
        settings = model.model_validate(root.plain(), by_alias=True, by_name=False, context=dict(context))
    except ValidationError as error:
        raise complain(error, model, root) from None
    _tell_places(settings, root, ())
    return settings


def _tell_places(value: Any, root: Node, key: Key) -> None:
    """Tell every section that asks for it where it was written."""
    node = root.find(key)
    if node is None:
        return
    if isinstance(value, PlacedSection):
        inside: dict[str, Key] = {"": key} | {str(name): (*key, name) for name, _ in node.children()}
        if isinstance(value, Reference):
            inside |= {f"with.{name}": (*key, "with", name) for name in value.with_}
        value.written_at({name: root.place(part) for name, part in inside.items()})
    if isinstance(value, BaseModel):
        for name, info in type(value).model_fields.items():
            _tell_places(getattr(value, name), root, (*key, info.alias or name))
    elif isinstance(value, dict | list):
        for part, item in value.items() if isinstance(value, dict) else enumerate(value):
            _tell_places(item, root, (*key, part))


def _source_faults(settings: RunSettings, root: Node) -> Iterator[ConfigError]:
    """Names of data sources that nothing describes."""
    known = settings.data_sources
    named: dict[Key, str | None] = {("data", "source"): settings.data.source}
    for symbol, instrument in settings.data.instruments.items():
        named["data", "instruments", symbol, "source"] = instrument.source
    for key, name in named.items():
        if name is not None and name not in known:
            listed = f"data_sources has: {', '.join(sorted(known))}" if known else "data_sources is empty"
            problem = f"no data source is named {quoted(name)}. {listed}.{did_you_mean(name, known)}"
            yield root.place(key).error(problem)


def digest_view(effective: Mapping[str, Any]) -> dict[str, Any]:
    """The part of an effective configuration that decides a run: without mode, guard, output, reports and display."""
    view = {name: value for name, value in effective.items() if name not in _OUTSIDE_THE_DIGEST}
    if "engine" in view:
        view["engine"] = {name: value for name, value in view["engine"].items() if name not in ("mode", "guard")}
    return view


def canonical_json(value: Mapping[str, Any]) -> str:
    """One text for equal values: sorted keys, no spaces, no escapes."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)
