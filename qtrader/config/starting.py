"""A first configuration, made of what is installed: every key that there is, its default, and what it means."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Literal, get_args, get_origin

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from qtrader.catalogue import Catalogue
from qtrader.config.complaints import known_keys, model_at
from qtrader.config.keys import KEYS, TOOLS
from qtrader.config.printing import scalar
from qtrader.defaults import default_document
from qtrader.errors import ConfigError, QTraderError
from qtrader.install_hints import EVERYTHING
from qtrader.options import Option, options
from qtrader.ports.decimals import plain
from qtrader.ports.settings import Reference, RunSettings

FILES: Mapping[str, tuple[str, tuple[str, ...]]] = {
    "run.yaml": ("What to run.", ("name", "data", "strategies", "report", "services")),
    "system.yaml": ("How the machine and the market behave.", ("engine", "execution", "runs")),
    "portfolio.yaml": ("Whose money, which rules.", ("portfolio", "risk")),
    "data_sources.yaml": ("Where bars come from. A run names one of these in data.source.", ("data_sources",)),
}
_SYMBOLS = 4
_COMMENTS_AT = 40

Line = tuple[str, str]
"""What a line says, and the comment behind it."""


def starter(catalogue: Catalogue, source: str | None, strategy: str | None, *, one_file: bool) -> dict[str, str]:
    """The text of each file by its name. ``source`` and ``strategy`` are installed names, chosen where None.

    Raises ConfigError where nothing is installed that runs without being told more, PluginError for an unknown name.
    """
    source, symbols = _source(catalogue, source)
    strategy = strategy or _first(catalogue, "strategy")
    given = {
        "name": "first",
        "data.source": source,
        "data.symbols": symbols,
        "data_sources.NAME.use": source,
        "strategies[].name": strategy,
        "strategies[].use": strategy,
    }
    written = _Starter(catalogue, given)
    files = {"run.yaml": ("What to run.", tuple(RunSettings.model_fields))} if one_file else FILES
    bases = [name for name in files if name != "run.yaml"]
    return {name: written.text(name, about, sections, bases) for name, (about, sections) in files.items()}


def write(folder: Path, files: Mapping[str, str]) -> list[Path]:
    """Write files into a folder, all or none of them. Raises ConfigError where one is there already."""
    there = [str(folder / name) for name in files if (folder / name).exists()]
    if there:
        raise ConfigError(f"{', '.join(there)}: is there already and stays as it is. Choose another folder")
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name, text in files.items():
            with (folder / name).open("x", encoding="utf-8") as file:
                file.write(text)
    except OSError as error:
        raise ConfigError(f"{folder}: cannot be written: {error.strerror or error}. Choose another folder") from error
    return [folder / name for name in files]


def _source(catalogue: Catalogue, name: str | None) -> tuple[str, list[str]]:
    """A source, and symbols that it has."""
    for one in catalogue.names("data-source") if name is None else (name,):
        try:
            made = catalogue.build("data-source", Reference(use=one))
            symbols = [instrument.symbol for instrument in made.instruments()][:_SYMBOLS]
        except QTraderError:
            if name is not None:
                raise
            continue  # one that has to be told where its files are
        if symbols:
            return one, symbols
    raise ConfigError(f"no installed data source has instruments without being told more: pip install {EVERYTHING}")


def _first(catalogue: Catalogue, kind: str) -> str:
    """The first name of a kind whose tool can do without options."""
    for name in catalogue.names(kind):
        if all(option.default is not None for option in options(catalogue.load(kind, name))):
            return name
    raise ConfigError(f"no installed {kind} can be built without options: pip install {EVERYTHING}")


class _Starter:
    """Writes sections with the values given, and defaults for all else."""

    def __init__(self, catalogue: Catalogue, given: Mapping[str, Any]) -> None:
        self._catalogue, self._given = catalogue, given
        self._defaults = default_document(catalogue)

    def text(self, name: str, about: str, sections: tuple[str, ...], bases: list[str]) -> str:
        lines: list[Line] = [(f"# {about}", "")]
        if name == "run.yaml":
            lines.append(
                ("# Look at it with: qtrader config check run.yaml. Run it with: qtrader backtest run.yaml", "")
            )
        for section in sections:
            lines += [("", "")] if section != "name" else []
            lines += self._field(section, RunSettings.model_fields[section], section, "")
            if section == "name" and bases:
                lines.append((f"base: {_flow(bases)}", "in order; keys in this file override them, lists replace"))
        return "".join(f"{_beside(*line)}\n" for line in lines)

    def _field(self, name: str, field: FieldInfo, key: str, indent: str) -> Iterator[Line]:
        """The lines of one key."""
        meaning = _meaning(key, field)
        section, listed = model_at(field.annotation, ()), model_at(field.annotation, (0,))
        if section is not None and issubclass(section, Reference):
            yield from self._chosen(name, key, meaning, indent)
        elif section is not None:
            yield f"{indent}{name}:", ""
            yield from self._section(section, key, f"{indent}  ")
        elif listed is not None and name in ("strategies", "data_sources"):
            yield f"{indent}{name}:", ""
            yield from self._item(listed, name, indent)
        elif listed is not None and not self._default(field, key):
            yield f"{indent}# {name}:", meaning or f"by name: {', '.join(known_keys(listed))}"
        else:
            value = self._given.get(key, self._default(field, key))
            yield (f"{indent}# {name}:" if value is None else f"{indent}{name}: {_flow(value)}"), meaning

    def _section(self, section: type[BaseModel], key: str, indent: str) -> Iterator[Line]:
        for name, field in section.model_fields.items():
            if not field.exclude:
                yield from self._field(field.alias or name, field, f"{key}.{field.alias or name}", indent)

    def _item(self, section: type[BaseModel], name: str, indent: str) -> Iterator[Line]:
        """The one strategy, or the one source."""
        key = f"{name}[]" if name == "strategies" else f"{name}.NAME"
        use = str(self._given[f"{key}.use"])
        inner = list(self._section(section, key, f"{indent}    "))
        if name == "data_sources":
            yield f"{indent}  {use}:", "a name of your choice"
            first: list[Line] = []
        else:
            place = next(index for index, (text, _) in enumerate(inner) if text.lstrip().startswith("name:"))
            text, comment = inner.pop(place)
            first = [(f"{indent}  - {text.lstrip()}", comment)]
        yield from first
        yield from (self._reference_line(text, comment, key, use, indent) for text, comment in inner)

    def _reference_line(self, text: str, comment: str, key: str, use: str, indent: str) -> Line:
        kind = TOOLS[key]
        if text.lstrip().startswith("use:"):
            return text, " | ".join(self._catalogue.names(kind))
        if text.lstrip().startswith("with:"):
            return (
                f"{indent}    with: {self._options(kind, use)}",
                f"its options; all of them: qtrader plugins show {use}",
            )
        return text, comment

    def _chosen(self, name: str, key: str, meaning: str, indent: str) -> Iterator[Line]:
        """A reference to what is used where nothing is said."""
        kind, (section, part) = TOOLS[key], key.split(".")
        default = self._defaults.get(section, {}).get(part)
        if default is None:
            yield f"{indent}# {name}: {{use: NAME}}", f"{meaning}: {' | '.join(self._catalogue.names(kind))}"
            return
        yield f"{indent}{name}:", meaning.partition(";")[0]
        yield f"{indent}  use: {scalar(default['use'])}", " | ".join(self._catalogue.names(kind))
        yield f"{indent}  with: {self._options(kind, default['use'])}", "its options"

    def _options(self, kind: str, use: str) -> str:
        found = [
            one for one in options(self._catalogue.load(kind, use)) if one.default not in (None, "null", "[]", "{}")
        ]
        return f"{{{', '.join(f'{one.name}: {_default_of(one)}' for one in found)}}}"

    def _default(self, field: FieldInfo, key: str) -> Any:
        section, _, part = key.partition(".")
        chosen = self._defaults.get(section, {}).get(part)
        return chosen if chosen is not None else field.get_default(call_default_factory=True)


def _default_of(option: Option) -> str:
    """An option's default in YAML: what is a list or a mapping already is one."""
    text = option.default or ""
    return text if text[:1] in ("[", "{") else scalar(text)


def _meaning(key: str, field: FieldInfo) -> str:
    """A key in words, and what it may be."""
    known = KEYS.get(key) or KEYS.get(f"{key}[]")
    text = known.text if known else ""
    choices = get_args(field.annotation) if get_origin(field.annotation) is Literal else ()
    return f"{text}: {' | '.join(choices)}" if choices else text


def _flow(value: Any) -> str:
    if isinstance(value, list):
        return f"[{', '.join(scalar(one) for one in value)}]"
    return "{}" if isinstance(value, dict) else scalar(value if isinstance(value, str | bool | int) else plain(value))


def _beside(text: str, comment: str) -> str:
    return f"{text.ljust(_COMMENTS_AT - 2)}  # {comment}" if comment else text
