"""Where the relative paths of a configuration start: values keep the folder of the file that they were written in."""

import os
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path

from qtrader.config.nodes import Key, Node, show


def folders_of(root: Node, folder: Path) -> dict[str, Path]:
    """The folders other than ``folder`` that relative paths start at, by the key path of what was written there."""
    return {show(key): found for key, found in _changes(root, folder, ())}


def _changes(node: Node, around: Path, key: Key) -> Iterator[tuple[Key, Path]]:
    if node.layer.name == "default":
        return
    if os.path.normpath(node.layer.folder) != os.path.normpath(around):
        yield key, node.layer.folder
    for part, child in node.children():
        yield from _changes(child, node.layer.folder, (*key, part))


def with_folders(node: Node, folders: Mapping[str, Path], key: Key = (), around: Path | None = None) -> Node:
    """The tree with its values back in the folders that ``folders_of`` told."""
    here = folders.get(show(key), around)
    parts = {part: with_folders(child, folders, (*key, part), here) for part, child in node.children()}
    layer = node.layer if here is None else replace(node.layer, folder=here)
    value = list(parts.values()) if isinstance(node.value, list) else parts if parts else node.value
    return Node(value, layer, node.line, node.key_line)
