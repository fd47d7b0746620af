"""Schemas as files: one, or a folder of them, each with what it refers to written out in its place."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urljoin

import qtrader_contracts
from qtrader.errors import ContractError

Schema = dict[str, Any]

TEXTS = ("title", "description", "$comment", "examples")
"""Keywords that say something to people and nothing to a validator."""


@dataclass(frozen=True)
class Schemas:
    """Schemas by contract name, and the documents that they may refer to, by ``$id``."""

    documents: Mapping[str, Schema]
    others: Mapping[str, Schema] = field(default_factory=dict)

    def names(self) -> tuple[str, ...]:
        """Every contract's name, sorted."""
        return tuple(sorted(self.documents))

    def whole(self, name: str) -> Schema:
        """A schema with what it refers to in place of each ``$ref``; ContractError for one that leads nowhere."""
        document = self.documents[name]
        known = {one["$id"]: one for one in (*self.others.values(), *self.documents.values()) if "$id" in one}
        whole = _written_out(document, str(document.get("$id", "")), known | {"": document}, name, ())
        return {key: value for key, value in whole.items() if key != "$defs"}


def read_schemas(path: Path) -> Schemas:
    """The schema in a file, or all in a folder, named by their place in it: ``data/bar.v1``.

    A schema may refer to others of the folder, to files beside it, and to the installed ``envelope.v1``.
    Raises ContractError for what is not there or is no JSON Schema.
    """
    envelope = {"envelope.v1": qtrader_contracts.schema("envelope.v1")}
    if path.is_dir():
        files = {file.relative_to(path).with_suffix("").as_posix(): file for file in sorted(path.rglob("*.json"))}
        if not files:
            raise ContractError(f"{path}: the folder holds no schema. Give one with files such as data/bar.v1.json")
        return Schemas({name: _read(file) for name, file in files.items()}, envelope)
    document = _read(path)
    beside = {
        ref: _read(file) for ref in _references(document) if (file := path.parent / ref.partition("#")[0]).is_file()
    }
    return Schemas({path.stem: document}, envelope | beside)


def _read(path: Path) -> Schema:
    from jsonschema_rs import ValidationError, meta

    try:
        document = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise ContractError(
            f"{path}: cannot be read: {error.strerror or error}. Give a file or folder of schemas"
        ) from error
    except ValueError as error:
        raise ContractError(f"{path}: is no JSON: {error}") from error
    if not isinstance(document, dict):
        raise ContractError(f"{path}: holds a {type(document).__name__}. A contract is a JSON object")
    try:
        meta.validate(document)
    except ValidationError as error:
        where = "$" + "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in error.instance_path)
        raise ContractError(f"{path}: {where}: is no JSON Schema: {error.message}") from error
    return document


def _references(schema: Any) -> Iterator[str]:
    """Everything that a schema refers to by a relative path."""
    for key, value in schema.items() if isinstance(schema, dict) else enumerate(schema):
        if key == "$ref" and isinstance(value, str) and not value.startswith("#"):
            yield value
        elif isinstance(value, dict | list):
            yield from _references(value)


def _written_out(schema: Any, base: str, known: Mapping[str, Schema], name: str, inside: tuple[str, ...]) -> Any:
    """A copy in which each reference is the schema that it leads to; one that leads back to itself stays."""
    if isinstance(schema, list):
        return [_written_out(one, base, known, name, inside) for one in schema]
    if not isinstance(schema, dict):
        return schema
    parts = {key: _written_out(value, base, known, name, inside) for key, value in schema.items() if key != "$ref"}
    reference = schema.get("$ref")
    if not isinstance(reference, str):
        return parts
    target = urljoin(base, reference)
    if target in inside:
        return {**parts, "$ref": target}
    document, _, pointer = target.partition("#")
    found = _at(known.get(document), pointer)
    if found is None:
        raise ContractError(f"{name}: {reference!r} leads nowhere. Put the schema that it names beside this one")
    meant = _written_out(found, document, known, name, (*inside, target))
    if isinstance(meant, dict) and not (meant.keys() & parts.keys()) - {*TEXTS}:
        return {**meant, **parts}
    return {**parts, "allOf": [meant, *parts.get("allOf", ())]}


def _at(document: Any, pointer: str) -> Any:
    for part in pointer.split("/")[1:]:
        key = part.replace("~1", "/").replace("~0", "~")
        document = document.get(key) if isinstance(document, dict) else None
    return document


__all__ = ["TEXTS", "Schema", "Schemas", "read_schemas"]
