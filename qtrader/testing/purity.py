"""What in a module's source makes its answers depend on more than the questions: clocks, chance, files, environment."""

import ast
import inspect
import re
import sys
from collections.abc import Collection, Iterator

REACHES = (
    (r"(datetime\.)?(datetime\.(now|utcnow|today)|date\.today)|time\..*", "reads the clock"),
    (
        r"random\.(?!Random\b).*|random\.Random\(\).*|secrets\..*|numpy\.random\..*|uuid\.uuid[14]|os\.urandom",
        "is left to chance",
    ),
    (r"os\..*|sys\.(argv|path|modules|flags)", "reads the machine it runs on"),
    (r"open|input|io\.open|pathlib\.Path\.(cwd|home)|.*\.(read_text|read_bytes|write_text|write_bytes)", "reads files"),
    (r"(socket|subprocess|urllib|http|requests|sqlite3|shutil|tempfile)(\..*)?", "leaves the process"),
    (r"id|hash|globals|eval|exec|print", "is not the same in every process, or shows it"),
)
"""Dotted names that a pure tool does not use, and why not."""
FETCHING = ("reads the machine it runs on", "reads files", "leaves the process")
"""What a data source is for, and no other tool may do."""


def impurities(owner: type, but: Collection[str] = ()) -> list[str]:
    """Every place where the modules of a class reach for what they were not handed: ``file:line: what``.

    Reasons in ``but`` are let through. Modules of the standard library and of the kernel are not looked at.
    """
    found = []
    for name in dict.fromkeys(base.__module__ for base in owner.__mro__):
        if name.partition(".")[0] in {*sys.stdlib_module_names, "qtrader"} - {"__main__"}:
            continue
        try:
            source = inspect.getsource(sys.modules[name])
        except (OSError, TypeError):  # made in a prompt: there is no source to read
            continue
        found += [f"{name}:{line}: {told}" for line, told in reaches(source) if not told.endswith(tuple(but))]
    return found


def reaches(source: str) -> Iterator[tuple[int, str]]:
    """The lines of a source that make it impure, each with what is wrong."""
    tree = ast.parse(source)
    full = _imported(tree)
    inner = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Attribute)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Global):
            yield node.lineno, f"global {', '.join(node.names)} remembers between two questions"
        elif isinstance(node, ast.For | ast.comprehension) and isinstance(node.iter, ast.Set | ast.SetComp):
            yield node.iter.lineno, f"{ast.unparse(node.iter)} has another order in every process: use a tuple"
        elif isinstance(node, ast.Attribute | ast.Name) and id(node) not in inner:
            yield from _told(node, full)


def _told(node: ast.Attribute | ast.Name, full: dict[str, str]) -> Iterator[tuple[int, str]]:
    text = ast.unparse(node)
    first, dot, rest = text.partition(".")
    dotted = full.get(first, first) + dot + rest
    for pattern, why in REACHES:
        if re.fullmatch(pattern, dotted):
            yield node.lineno, f"{text} {why}"
            return


def _imported(tree: ast.Module) -> dict[str, str]:
    """What each imported name stands for in full."""
    full = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                full[alias.asname or alias.name.partition(".")[0]] = (
                    alias.name if alias.asname else alias.name.partition(".")[0]
                )
        elif isinstance(node, ast.ImportFrom) and not node.level:
            full.update({alias.asname or alias.name: f"{node.module}.{alias.name}" for alias in node.names})
    return full
