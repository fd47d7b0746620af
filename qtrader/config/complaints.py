"""What the schema refuses, said the way a user can act on: file, line, key path, the value, what to write instead."""

import re
from types import UnionType
from typing import Any, Union, get_args, get_origin

from pydantic import BaseModel, ValidationError

from qtrader.config.nodes import Key, Node, quoted, show
from qtrader.errors import ConfigError
from qtrader.ports.setting_types import Place, SettingFault, UnreadKey
from qtrader.suggest import did_you_mean

_WRONG = {
    "int": "is not a whole number. Write digits only, such as 20.",
    "decimal": "is not a number. Write it with digits, such as 0.005.",
    "finite": "is not a finite number. Write it with digits, such as 0.005.",
    "bool": "is neither true nor false. Write one of the two.",
    "string": "is not text. Write text; what YAML or Python reads otherwise goes in quotes.",
    "list": "is not a list. Write [one, two].",
    "dict": "is not a mapping. Write {key: value}.",
    "model": "is not a mapping. Write {key: value}.",
}
_TYPE_FAULTS = ("type", "parsing", "parsing_size", "from_float", "number")


def complain(error: ValidationError, model: type[BaseModel], root: Node) -> ConfigError:
    """Turn pydantic's findings into one message: an unknown key first, as it often explains the rest."""
    return complaints(error, model, root)[0]


def complaints(error: ValidationError, model: type[BaseModel], root: Node) -> list[ConfigError]:
    """A message for each of pydantic's findings, unknown keys first.

    A key that is missing beside an unknown one is left out: it is the unknown one, most likely.
    """
    found = error.errors(include_url=False)
    unknown = [one for one in found if _is_unknown(one)]
    beside = {tuple(one["loc"])[:-1] for one in unknown}
    rest = [one for one in found if not _is_unknown(one)]
    kept = [one for one in rest if one["type"] != "missing" or tuple(one["loc"])[:-1] not in beside]
    return [_complaint(one, model, root) for one in (*unknown, *kept)]


def _complaint(found: Any, model: type[BaseModel], root: Node) -> ConfigError:
    key = _written(model, tuple(found["loc"]))
    if _is_unknown(found):
        return _unknown_key(model, root, key)
    fault = found.get("ctx", {}).get("error")
    if isinstance(fault, SettingFault):
        return root.place((*key, *fault.key)).error(f"{fault}.")
    if found["type"] == "missing":
        return root.place(key).error(f"is missing. Add {show(key[-1:])!r} to {show(key[:-1]) or 'the file'}.")
    return root.place(key).error(f"{quoted(found['input'])} {_wrong(found)}")


def _written(model: type[BaseModel], key: Key) -> Key:
    """The key path as it was written: pydantic adds the name of the type where a value may be of several."""
    annotation: Any = model
    kept: list[str | int] = []
    for part in key:
        if get_origin(annotation) in (Union, UnionType) and part in [one.__name__ for one in get_args(annotation)]:
            continue
        kept.append(part)
        annotation = _inside(annotation, part)
    return tuple(kept)


def _is_unknown(found: Any) -> bool:
    return found["type"] == "extra_forbidden" or isinstance(found.get("ctx", {}).get("error"), UnreadKey)


def _unknown_key(model: type[BaseModel], root: Node, key: Key) -> ConfigError:
    name, owner, node = str(key[-1]), model_at(model, key[:-1]), root.nearest(key)
    known = known_keys(owner) if owner else []
    problem = f"unknown key {quoted(name)}. Known here: {', '.join(known)}.{did_you_mean(name, known)}"
    return Place(node.layer.at(node.key_line), show(key), node.layer.folder).error(problem)


def _wrong(found: Any) -> str:
    """Say what is wrong with a value and what to write, from the kind of the finding."""
    kind, _, rest = found["type"].partition("_")
    if kind in _WRONG and rest in _TYPE_FAULTS:
        return _WRONG[kind]
    if found["type"] == "literal_error":
        expected = str(found["ctx"]["expected"])
        near = did_you_mean(str(found["input"]), re.findall(r"'([^']*)'", expected))
        return f"is not allowed. Write {expected}.{near}"
    if found["type"] == "too_short":
        return f"has too few items. Write at least {found['ctx']['min_length']}."
    return f"is not allowed. {found['msg'].replace('Input', 'The value', 1)}."


def known_keys(model: type[BaseModel]) -> list[str]:
    """Names that a file may use in a section, in alphabetical order."""
    return sorted(field.alias or name for name, field in model.model_fields.items() if not field.exclude)


def model_at(annotation: Any, key: Key) -> type[BaseModel] | None:
    """The section that the schema puts at a key path, None where it puts something else."""
    for part in key:
        annotation = _inside(annotation, part)
    return _section(annotation)


def _section(annotation: Any) -> type[BaseModel] | None:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    if get_origin(annotation) in (Union, UnionType):
        return next((found for arm in get_args(annotation) if (found := _section(arm))), None)
    return None


def _inside(annotation: Any, part: str | int) -> Any:
    """The type of what lies under a name or index of a type."""
    if section := _section(annotation):
        fields = {field.alias or name: field.annotation for name, field in section.model_fields.items()}
        return fields.get(str(part))
    if get_origin(annotation) in (list, dict):
        return get_args(annotation)[-1]
    return None
