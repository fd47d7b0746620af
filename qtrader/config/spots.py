"""Where the references of one configuration are: the table ``TOOLS`` laid over what was written."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from qtrader.config.complaints import model_at
from qtrader.config.keys import TOOLS
from qtrader.config.nodes import Key, Node
from qtrader.ports.settings import Reference, RunSettings

_PART = re.compile(r"\[\]|[^.\[\]]+")


@dataclass(frozen=True, slots=True)
class Spot:
    """A reference: its key path, the kind of tool that it names, and the section that it is."""

    key: Key
    kind: str
    section: type[Reference]


def spots(root: Node) -> Iterator[Spot]:
    """Every reference that was written, or that lies under everything as a default."""
    for pattern, kind in TOOLS.items():
        for key in _keys(root, tuple(_PART.findall(pattern)), ()):
            section = model_at(RunSettings, key)
            assert section is not None
            assert issubclass(section, Reference)
            yield Spot(key, kind, section)


def _keys(node: Node | None, pattern: tuple[str, ...], done: Key) -> Iterator[Key]:
    if node is None or node.value is None:
        return
    if not pattern:
        yield done
    elif pattern[0] in ("[]", "NAME"):
        for part, child in node.children():
            yield from _keys(child, pattern[1:], (*done, part))
    else:
        yield from _keys(node.child(pattern[0]), pattern[1:], (*done, pattern[0]))
