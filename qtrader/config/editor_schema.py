"""One JSON Schema of every configuration that the installed plugins understand, for completion and checks in editors.

An editor sees one file at a time, and a run may be spread over several: so nothing is required but what makes an item
of a list whole. Scalars may be written with quotes or without, as the loader reads them.
"""

from collections.abc import Iterable, Mapping
from decimal import Decimal
from inspect import getdoc
from typing import Any

from pydantic import BaseModel, TypeAdapter
from pydantic.fields import FieldInfo

from qtrader.catalogue import Catalogue
from qtrader.config.complaints import model_at
from qtrader.config.keys import KEYS, TOOLS
from qtrader.errors import QTraderError
from qtrader.options import Option, option_schemas, options
from qtrader.ports.decimals import plain
from qtrader.ports.settings import Reference, RunSettings
from qtrader.wiring import SECTIONS

Schema = dict[str, Any]

_NUMBER = r"^[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?$"
_OWN_FILE = r"\.py:[A-Za-z_]\w*$"
_BOUNDS = {"ge": "minimum", "gt": "exclusiveMinimum", "le": "maximum", "lt": "exclusiveMaximum"}
_KEPT = ("pattern", "minLength", "maxLength", "minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "format")
"""Keywords that mean the same whichever way a value is written."""


def editor_schema(catalogue: Catalogue) -> Schema:
    """The schema, with the tools that are installed; the same text for the same plugins."""
    properties = _properties(RunSettings, "", catalogue)
    base = {"type": "array", "items": {"type": "string"}, "description": "Files under this one, relative to it"}
    sweep = {"type": "object", "description": "Read by sweeps; a backtest leaves it alone"}
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "QTrader configuration",
        "type": "object",
        "properties": {**properties, "base": base, "sweep": sweep},
        "additionalProperties": False,
    }


def _properties(model: type[BaseModel], before: str, catalogue: Catalogue) -> Schema:
    """The keys of a section. ``before`` is the section's key path, in the spelling of the table of keys."""
    found = {}
    for name, field in model.model_fields.items():
        if not field.exclude and field.annotation is not None:
            key = f"{before}.{field.alias or name}" if before else name
            found[field.alias or name] = _field(field, key, catalogue)
    return found


def _field(field: FieldInfo, key: str, catalogue: Catalogue) -> Schema:
    schema = _value(field, key, catalogue)
    if key in KEYS:
        schema["description"] = KEYS[key].text
    if not field.is_required() and (default := _plain(field)) is not None:
        schema["default"] = default
    return schema


def _value(field: FieldInfo, key: str, catalogue: Catalogue) -> Schema:
    if section := model_at(field.annotation, ()):
        return _section(section, key, catalogue)
    if key == "report.use":
        named = _names(("json", "csv", *catalogue.names("report")))["anyOf"]
        return {"type": "array", "items": {"anyOf": [*named, _section(Reference, f"{key}[]", catalogue)]}}
    if section := model_at(field.annotation, (0,)):
        listed = str(field.annotation).startswith("list")
        inner = _section(section, f"{key}[]" if listed else f"{key}.NAME", catalogue)
        return {"type": "array", "items": inner} if listed else {"type": "object", "additionalProperties": inner}
    if key == "risk.policy":
        return _names(catalogue.names("risk-policy"))
    return _as_written(_bare_schema(field))


def _section(section: type[BaseModel], key: str, catalogue: Catalogue) -> Schema:
    schema: Schema = {
        "type": "object",
        "description": (getdoc(section) or "").splitlines()[0],
        "properties": _properties(section, key, catalogue),
        "additionalProperties": False,
    }
    if issubclass(section, Reference):
        kind = TOOLS[key]
        whole = key.endswith("[]")
        schema["properties"] |= {"use": _use(kind, catalogue), "with": {"type": "object", "description": "Its options"}}
        if cases := [
            _when(kind, name, catalogue, whole=whole) for name in _offered(kind, catalogue) if kind != "service"
        ]:
            schema["allOf"] = cases
        if whole:
            schema["required"] = [name for name, field in section.model_fields.items() if field.is_required()]
    return schema


def _offered(kind: str, catalogue: Catalogue) -> list[str]:
    """The names that a reference may use: not those that two plugins offer, nor the services that every run has."""
    doubled = {group[0].name for group in catalogue.duplicates() if group[0].kind == kind}
    given = SECTIONS if kind == "service" else ()
    return [name for name in catalogue.names(kind) if name not in doubled and name not in given]


def _use(kind: str, catalogue: Catalogue) -> Schema:
    told = [f"{name}: {catalogue.find(kind, name).summary}" for name in _offered(kind, catalogue)]
    named = {"enum": _offered(kind, catalogue)}
    own = {"type": "string", "pattern": _OWN_FILE}
    description = "\n".join([f"An installed {kind}, or a class in a file of your own", *told])
    return {"description": description, "anyOf": [named, own] if named["enum"] else [own]}


def _names(names: tuple[str, ...]) -> Schema:
    """Names to offer; files of the user's own may add others."""
    return {"anyOf": [{"enum": list(names)}, {"type": "string"}]}


def _when(kind: str, name: str, catalogue: Catalogue, *, whole: bool) -> Schema:
    """What ``with`` holds where ``use`` names a tool."""
    condition = {"properties": {"use": {"const": name}}, "required": ["use"]}
    try:
        target = catalogue.load(kind, name)
    except QTraderError:  # a broken plugin: `qtrader plugins check` says why
        return {"if": condition, "then": {}}
    schemas, listed = option_schemas(target), options(target)
    inner: Schema = {
        "type": "object",
        "description": (getdoc(target) or "").partition("\n\n")[0].replace("\n", " "),
        "properties": {one.name: _option(one, schemas[one.name]) for one in listed},
        "additionalProperties": False,
    }
    required = [one.name for one in listed if one.default is None]
    if whole and required:
        inner["required"] = required
        return {"if": condition, "then": {"properties": {"with": inner}, "required": ["with"]}}
    return {"if": condition, "then": {"properties": {"with": inner}}}


def _option(option: Option, schema: Schema) -> Schema:
    default = {} if option.default in (None, "null") else {"default": option.default}
    told = ". ".join(part for part in (option.doc, option.type) if part)
    return {**_as_written(schema), "description": told, **default}


def _bare_schema(field: FieldInfo) -> Schema:
    annotation: Any = field.rebuild_annotation()
    return TypeAdapter(annotation).json_schema()


def _plain(field: FieldInfo) -> Any:
    """A field's default as a JSON value, None where there is none that can be written."""
    value = field.get_default(call_default_factory=True)
    if isinstance(value, Decimal):
        return plain(value)
    return value if isinstance(value, str | bool | int | list) else None


def _either(schema: Schema) -> Schema:
    """One of several types; a number or text is a decimal, whose bounds may stand beside the two."""
    arms = schema["anyOf"]
    if {"number", "string"} <= {one.get("type") for one in arms}:
        numbers = [one for one in arms if one.get("type") == "number"]
        bounds = {_BOUNDS[key]: schema[key] for key in _BOUNDS if key in schema}
        arms = [{**numbers[0], **bounds}, *(one for one in arms if one.get("type") not in ("number", "string"))]
    written = [_as_written(one) for one in arms]
    return written[0] if len(written) == 1 else {"anyOf": written}


def _both_ways(values: Iterable[Any]) -> list[Any]:
    """Allowed values, numbers and truth also as text."""
    return [way for one in values for way in ([one] if isinstance(one, str) else [one, str(one).lower()])]


def _as_written(schema: Any) -> Schema:
    """A type's schema for what YAML makes of a value: numbers and truth are text too, text may look like a number."""
    if "$ref" in schema or "$defs" in schema:
        return {}
    if "anyOf" in schema:
        return _either(schema)
    kept = {_BOUNDS.get(key, key): schema[key] for key in (*_KEPT, *_BOUNDS) if key in schema}
    kind = schema.get("type")
    if "enum" in schema or "const" in schema:
        return {"enum": _both_ways(schema.get("enum", [schema.get("const")]))}
    if kind == "boolean":
        return {"enum": [True, False, "true", "false"]}
    if kind == "integer":
        return {"type": ["integer", "string"], **kept, "pattern": "^[+-]?[0-9]+$"}
    if kind == "number":
        return {"type": ["number", "string"], **kept, "pattern": _NUMBER}
    if kind == "string":
        return {"type": "string", **kept} if "format" in kept else {"type": ["string", "number", "boolean"], **kept}
    if kind == "array":
        bounds = {key: schema[key] for key in ("minItems", "maxItems") if key in schema}
        return {"type": "array", "items": _as_written(schema.get("items", {})), **bounds}
    if kind == "object":
        inner = schema.get("additionalProperties", {})
        return {
            "type": "object",
            **({"additionalProperties": _as_written(inner)} if isinstance(inner, Mapping) else {}),
        }
    return {"type": kind} if kind else {}
