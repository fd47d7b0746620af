"""Several layers become one: the files of ``base:`` in order, the run file over them, overrides over all.

Mappings merge key by key, everything else replaces. One exception: where a later layer names another tool (``use``),
the earlier layer's options (``with``) go with the earlier tool.
"""

import os
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

from qtrader.config.nodes import Key, Layer, Node, index_in, parse_key, quoted, show
from qtrader.config.strict_yaml import compose, is_file, is_folder, read_text
from qtrader.errors import ConfigError
from qtrader.suggest import did_you_mean


class Override(NamedTuple):
    """A value given beside the files: ``key`` is a key path, ``value`` YAML text, ``label`` what messages call it."""

    key: str
    value: str
    label: str = "--set"


def merge(below: Node, above: Node) -> Node:
    """Lay ``above`` over ``below``: mappings merge, everything else is replaced."""
    if not isinstance(below.value, dict) or not isinstance(above.value, dict):
        return above
    merged = _kept(below, above)
    for name, node in above.value.items():
        merged[name] = merge(merged[name], node) if name in merged else node
    return Node(merged, above.layer, above.line, above.key_line)


def _kept(below: Node, above: Node) -> dict[str, Node]:
    """What stays of the lower mapping: all but the options of a tool that the upper one exchanges."""
    old, new = below.child("use"), above.child("use")
    exchanged = old is not None and new is not None and old.value != new.value
    return {name: node for name, node in below.value.items() if not (exchanged and name == "with")}


def read_layers(path: Path, shown: str) -> Node:
    """Read a run file and the files that its ``base:`` names into one tree."""
    if not is_file(path):
        if is_folder(path):
            raise ConfigError(f"{shown}: this is a folder. Give the path of a YAML file.")
        near = did_you_mean(path.name, _sibling_files(path))
        raise ConfigError(f"{shown}: there is no such file. Give the path of a YAML file.{near}")
    return over_bases(read_file(Layer(shown, path.name, path.parent), path))


def _sibling_files(path: Path) -> list[str]:
    """Names of the YAML files in a path's folder."""
    return sorted(file.name for file in path.parent.glob("*.yaml")) if is_folder(path.parent) else []


def read_file(layer: Layer, path: Path) -> Node:
    """Read one file, which must hold a mapping."""
    root = compose(read_text(path, layer.shown), layer)
    if not isinstance(root.value, dict):
        held = "is empty" if root.value is None else f"holds {quoted(root.value)}, not a mapping"
        problem = f"the file {held}. Write sections such as 'data:'."
        raise ConfigError(f"{root.where}: {problem}")
    return root


def over_bases(top: Node) -> Node:
    """Merge the files named by ``base:`` under the tree that names them."""
    node = top.child("base")
    if node is None:
        return top
    if not isinstance(node.value, list):
        raise top.place(("base",)).error(f"{quoted(node.value)} is not a list. Write base: [system.yaml].")
    layers = [_read_base(top, index) for index in range(len(node.value))]
    tree = _without(top, "base")
    below = Node({}, top.layer, 1)
    for layer in layers:
        below = merge(below, layer)
    return merge(below, tree)


def _read_base(top: Node, index: int) -> Node:
    place = top.place(("base", index))
    node = top.nearest(("base", index))
    if not isinstance(node.value, str) or not node.value:
        raise place.error(f"{quoted(node.value)} is not a file. Write paths of YAML files, relative to this one.")
    path = Path(os.path.normpath(top.layer.folder / node.value))
    if not is_file(path):
        known = _sibling_files(path)
        raise place.error(f"there is no file {quoted(node.value)}. Correct the path.{did_you_mean(path.name, known)}")
    shown = os.path.normpath(Path(top.layer.shown).parent / node.value) if top.layer.lines else node.value
    root = read_file(Layer(shown, _stored_name(node.value), path.parent), path)
    if (inner := root.child("base")) is not None:
        raise ConfigError(
            f"{root.layer.at(inner.key_line)}: base: a base has no bases. List all files in the run file."
        )
    return root


def _stored_name(text: str) -> str:
    """Name a base file in stored files: as written, but without folders when it was written absolute."""
    return Path(text).name if Path(text).is_absolute() else Path(os.path.normpath(text)).as_posix()


def _without(node: Node, name: str) -> Node:
    kept = {key: value for key, value in node.value.items() if key != name}
    return Node(kept, node.layer, node.line, node.key_line)


def apply_overrides(root: Node, overrides: Iterable[str | Override], folder: Path) -> Node:
    """Lay overrides over a tree, outer keys before inner ones, so that their order does not matter."""
    parsed = [_parse(override, folder) for override in overrides]
    for key, node in sorted(parsed, key=lambda item: (len(item[0]), item[0][-1] != "use")):
        root = _assign(root, key, node, ())
    return root


def _parse(override: str | Override, folder: Path) -> tuple[Key, Node]:
    if isinstance(override, str):
        name, equals, text = override.partition("=")
        if not equals:
            raise ConfigError(f"--set: {quoted(override)} has no '='. Write KEY=VALUE, such as portfolio.cash=50000.")
        override = Override(name.strip(), text)
    layer = Layer(override.label, override.label, folder, lines=False)
    try:
        key = parse_key(override.key)
    except ConfigError as error:
        raise ConfigError(f"{override.label}: {error}") from None
    if key[0] == "base":
        raise ConfigError(f"{override.label}: base: cannot be set here. Write it in the run file.")
    node = compose(override.value, layer, key)
    if isinstance(node.value, dict | list) and override.value.lstrip()[:1] not in ("{", "["):
        raise ConfigError(
            f"{override.label}: {show(key)}: {quoted(override.value)} is not one value. Put it in quotes."
        )
    return key, node


def _assign(target: Node | None, key: Key, node: Node, done: Key) -> Node:
    """Put ``node`` at ``key`` inside ``target``; ``done`` is the key path of ``target`` itself."""
    if not key:
        return merge(target, node) if target else node
    part, rest = key[0], key[1:]
    if target is not None and isinstance(target.value, list):
        items = list(target.value)
        index = _index(items, part, node, done)
        items[index] = _assign(items[index], rest, node, (*done, index))
        return Node(items, target.layer, target.line, target.key_line)
    if target is not None and not isinstance(target.value, dict | None):
        here = show(done)
        raise ConfigError(
            f"{node.where}: {show((*done, *key))}: {here} is {quoted(target.value)}, not a mapping. Set {here}."
        )
    name = str(part)
    inner = _assign(target.child(name) if target else None, rest, node, (*done, name))
    above = Node({name: inner}, node.layer)
    if target is None or target.value is None:
        return above
    return Node(_kept(target, above) | {name: inner}, target.layer, target.line, target.key_line)


def _index(items: list[Node], part: str | int, node: Node, done: Key) -> int:
    if (index := index_in(items, part)) is not None:
        return index
    last = "no items" if not items else "item 0 alone" if len(items) == 1 else f"items 0 to {len(items) - 1}"
    raise ConfigError(f"{node.where}: {show((*done, part))}: {show(done)} is a list with {last}. Give such a number.")
