"""A tool is a plain dataclass and its fields are its options: read them, check what was given, build a fresh object."""

import ast
import dataclasses
import inspect
import math
import re
import sys
import textwrap
import types
from collections.abc import Callable, Iterator, Mapping
from dataclasses import MISSING, dataclass
from decimal import Decimal
from typing import Annotated, Any, Literal, Union, get_args, get_origin, get_type_hints

from pydantic import ConfigDict, PydanticUserError, TypeAdapter, ValidationError

from qtrader.errors import ConfigError
from qtrader.ports.settings import Reference
from qtrader.suggest import did_you_mean

_NAMES = {Decimal: "decimal", type(None): "null", Any: "anything"}
_TEXT = {
    bool: (re.compile("true|false"), "write true or false"),
    int: (re.compile("[+-]?[0-9]+"), "write digits"),
    float: (re.compile(r"[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?"), "write a number such as 0.5"),
}
"""How numbers and truth values are written; pydantic alone would also take ``yes``, ``1_000`` and ``20.0`` for 20."""
_ADVICE = {f"{kind.__name__}_parsing": advice for kind, (_, advice) in _TEXT.items()} | {
    "decimal_parsing": "write a number such as 0.5"
}
"""What to write instead of a text that pydantic cannot read, by pydantic's name of the finding."""
_SAME: dict[type, tuple[type, ...]] = {bool: (bool,), int: (int,), float: (float, int, Decimal)}
"""Which Python values are the same number: ``true`` and ``20.0`` are no ``20``."""
_BOUNDS = {"ge": "{} or more", "gt": "above {}", "le": "at most {}", "lt": "below {}"}


@dataclass(frozen=True, slots=True)
class Option:
    """One option of a tool: its field's name, type in words, default as text (None: required) and documentation."""

    name: str
    type: str
    default: str | None
    doc: str


def options(target: type) -> tuple[Option, ...]:
    """List the options of a tool's class in the order of its fields."""
    hints, docs = _hints(target), _docs(target)
    listed = []
    for field in _fields(target):
        hint = hints[field.name]
        doc = _description(hint) or docs.get(field.name, "")
        listed.append(Option(field.name, type_name(hint), _default_text(field), doc))
    return tuple(listed)


def description(target: type) -> str:
    """What the source says about a tool: its class's docstring, else that of its module; empty where there is none."""
    own = inspect.cleandoc(target.__doc__ or "")
    if own and not own.startswith(f"{target.__name__}("):  # that one would be made up by dataclass
        return own
    module = sys.modules.get(target.__module__)
    return inspect.cleandoc((module and module.__doc__) or "")


def option_schemas(target: type) -> dict[str, dict[str, Any]]:
    """A JSON Schema of each option's type; an empty one for a type that JSON has no words for."""
    hints = _hints(target)
    return {field.name: _json_schema(hints[field.name]) for field in _fields(target)}


def _json_schema(hint: Any) -> dict[str, Any]:
    try:
        return _adapter(hint).json_schema()
    except PydanticUserError:
        return {}


def construct(target: type, reference: Reference) -> Any:
    """Build a fresh object of the class from a reference's options; ConfigError says where a wrong one was written."""
    values = _checked(target, reference.with_, reference)
    for fault in _missing(target, reference):
        raise fault
    return _made(lambda: target(**values), target, reference)


def option_faults(target: type, reference: Reference) -> list[ConfigError]:
    """An error for every option that is unknown or wrong; where there is none, one for those that are missing."""
    faults = []
    for name, value in reference.with_.items():
        try:
            _checked(target, {name: value}, reference)
        except ConfigError as error:
            faults.append(error)
    return faults or list(_missing(target, reference))


def _missing(target: type, reference: Reference) -> Iterator[ConfigError]:
    missing = [field.name for field in _fields(target) if field.name not in reference.with_ and _required(field)]
    if missing:
        names = ", ".join(repr(name) for name in missing)
        yield reference.place("with").error(f"{_called(target, reference)!r} needs {names}. {_takes(target)}")


def fresh(reference: Reference) -> Any:
    """Copy a reference's instance from its fields, checked like options; whatever else it remembers stays behind."""
    instance = reference.instance
    target = type(instance)
    if not dataclasses.is_dataclass(target):
        if getattr(instance, "__dict__", None):
            problem = f"{target.__name__!r} is not a dataclass, so its options are not known"
            raise reference.place().error(f"{problem}. Write @dataclass above the class and give it fields")
        return _made(target, target, reference)
    values = {field.name: getattr(instance, field.name) for field in _fields(target)}
    checked = _checked(target, values, reference)
    return _made(lambda: dataclasses.replace(instance, **checked), target, reference)


def type_name(hint: Any) -> str:
    """Say a type the way messages and help do: ``decimal, 0 to 1``."""
    if get_origin(hint) is Annotated:
        bounds = _bounds(hint.__metadata__)
        return f"{type_name(hint.__origin__)}, {bounds}" if bounds else type_name(hint.__origin__)
    origin, arguments = get_origin(hint), get_args(hint)
    if origin is Literal:
        return " or ".join(repr(value) for value in arguments)
    if origin in (Union, types.UnionType):
        return " or ".join(type_name(one) for one in arguments)
    if origin is not None:
        inner = ", ".join(type_name(one) for one in arguments if one is not ...)
        return f"{getattr(origin, '__name__', origin)} of {inner}"
    return _NAMES.get(hint) or str(getattr(hint, "__name__", hint))


def _called(target: type, reference: Reference) -> str:
    """What messages call a tool: its name, or its class's when it was handed over as an object."""
    return target.__name__ if reference.instance is not None else reference.use


def _made(make: Callable[[], Any], target: type, reference: Reference) -> Any:
    try:
        return make()
    except (TypeError, ValueError) as error:
        problem = f"{_called(target, reference)!r} refuses these options: {error}"
        raise reference.place("with").error(problem) from error


def _checked(target: type, given: Mapping[str, Any], reference: Reference) -> dict[str, Any]:
    """The options as values of their fields' types."""
    hints, called = _hints(target), _called(target, reference)
    names = [field.name for field in _fields(target)]
    values = {}
    for name, value in given.items():
        place = reference.place(f"with.{name}")
        if name not in names:
            near = did_you_mean(str(name), names)
            raise place.error(f"unknown option of {called!r}. {_takes(target)}{near}")
        try:
            values[name] = _value(hints[name], value)
        except ValueError as error:
            takes = f"option {name!r} of {called!r} takes {type_name(hints[name])}"
            raise place.error(f"{takes}, not {_quoted(value)}: {error}") from None
    return values


def _value(hint: Any, value: Any) -> Any:
    """Read a value as an option's type: from text as a file holds it, or from a Python value that is the same."""
    try:
        result = _adapter(hint).validate_python(value)
    except ValidationError as error:
        found = error.errors(include_url=False, include_context=False)[0]
        raise ValueError(
            _ADVICE.get(found["type"]) or found["msg"].replace("Input should be", "it should be")
        ) from None
    kind = type(result)
    if isinstance(value, str):
        if kind in _TEXT and not _TEXT[kind][0].fullmatch(value):
            raise ValueError(_TEXT[kind][1])
    elif kind in _TEXT and type(value) not in _SAME[kind]:
        raise ValueError(f"it is of type {type(value).__name__}")
    if kind is float and not math.isfinite(result):
        raise ValueError("it is not a finite number")
    return result


def _quoted(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 60 else f"{text[:57]}..."


def _adapter(hint: Any) -> TypeAdapter[Any]:
    try:
        return TypeAdapter(hint, config=ConfigDict(arbitrary_types_allowed=True))
    except PydanticUserError:  # a dataclass or model, which brings its own settings
        return TypeAdapter(hint)


def _fields(target: type) -> list[dataclasses.Field[Any]]:
    """Fields that can be given; a class that is no dataclass has none."""
    if not dataclasses.is_dataclass(target):
        return []
    return [field for field in dataclasses.fields(target) if field.init]


def _hints(target: type) -> dict[str, Any]:
    try:
        return get_type_hints(target, include_extras=True)
    except NameError as error:
        raise ConfigError(f"the types of the options of {target.__name__!r} cannot be read: {error}") from error


def _required(field: dataclasses.Field[Any]) -> bool:
    return field.default is MISSING and field.default_factory is MISSING


def _default_text(field: dataclasses.Field[Any]) -> str | None:
    if _required(field):
        return None
    value = field.default if field.default_factory is MISSING else field.default_factory()
    return _text(value)


def _text(value: Any) -> str:
    """A default as YAML has it; lists and mappings on one line."""
    if isinstance(value, list | tuple):
        return f"[{', '.join(map(_text, value))}]"
    if isinstance(value, Mapping):
        return f"{{{', '.join(f'{_text(key)}: {_text(one)}' for key, one in value.items())}}}"
    return "null" if value is None else str(value).lower() if isinstance(value, bool) else str(value)


def _takes(target: type) -> str:
    listed = ", ".join(f"{one.name} ({one.type})" for one in options(target))
    return f"It takes: {listed}." if listed else "It takes no options."


def _bounds(metadata: tuple[Any, ...]) -> str:
    found = {key: value for one in _flat(metadata) for key in _BOUNDS if (value := getattr(one, key, None)) is not None}
    if set(found) == {"ge", "le"}:
        return f"{found['ge']} to {found['le']}"
    return " and ".join(_BOUNDS[key].format(value) for key, value in found.items())


def _flat(metadata: tuple[Any, ...]) -> Iterator[Any]:
    for one in metadata:
        yield one
        yield from getattr(one, "metadata", ())


def _description(hint: Any) -> str:
    """The description that stands in the annotation, if any."""
    metadata = getattr(hint, "__metadata__", ())
    return next((text for one in metadata if (text := getattr(one, "description", None))), "")


def _docs(target: type) -> dict[str, str]:
    """What the source says about each field: a string below it, or a comment behind it."""
    docs: dict[str, str] = {}
    for owner in reversed(target.__mro__):
        if dataclasses.is_dataclass(owner):
            docs.update(_source_docs(owner))
    return docs


def _source_docs(owner: type) -> Iterator[tuple[str, str]]:
    try:
        source = textwrap.dedent(inspect.getsource(owner))
    except (OSError, TypeError):  # made in a prompt: there is no source to read
        return
    (definition,) = ast.parse(source).body
    lines = source.encode().splitlines()
    body: list[ast.stmt] = getattr(definition, "body", [])
    for node, following in zip(body, [*body[1:], None], strict=True):
        if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
            behind = lines[(node.end_lineno or 1) - 1][node.end_col_offset or 0 :].decode()
            yield node.target.id, _string(following) or behind.strip().lstrip("#").strip()


def _string(statement: ast.stmt | None) -> str:
    """The text of a statement that is nothing but a string."""
    value = statement.value if isinstance(statement, ast.Expr) else None
    return inspect.cleandoc(value.value) if isinstance(value, ast.Constant) and isinstance(value.value, str) else ""
