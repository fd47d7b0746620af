"""From ``package.module:Class`` or ``path/file.py:Class`` to the class."""

import hashlib
import inspect
import re
import sys
import traceback
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import Any

from qtrader.errors import ConfigError
from qtrader.suggest import did_you_mean

OWN_FILE = "_qtrader_file_"
"""How the private names of modules made from a user's own files begin."""

_FILE = re.compile(r"(?P<path>.+\.py):(?P<name>[A-Za-z_]\w*)")
_MODULE = re.compile(r"(?P<module>[A-Za-z_]\w*(\.[A-Za-z_]\w*)*):(?P<name>[A-Za-z_]\w*)")


def is_path(use: str) -> bool:
    """Whether a reference names a file or a module, not an installed tool."""
    return ":" in use or use.endswith(".py")


def class_at(use: str, base: Path) -> type:
    """Import the class that ``path/file.py:Class`` (relative to ``base``) or ``package.module:Class`` names."""
    if found := _FILE.fullmatch(use):
        path = base / found["path"]
        return _class_in(_module_of(path, _read(path, found["path"])), found["name"], found["path"])
    if found := _MODULE.fullmatch(use):
        return _class_in(_imported(found["module"]), found["name"], found["module"])
    if use.endswith(".py"):
        path = base / use
        names = ", ".join(_classes(_module_of(path, _read(path, use)))) or "no class"
        raise ConfigError(f"{use!r} names a file but no class: write '{use}:ClassName'. It defines: {names}")
    forms = "'path/file.py:ClassName', 'package.module:ClassName' or an installed name"
    raise ConfigError(f"{use!r} is no reference: write {forms}")


def digest_of(use: str, base: Path) -> str | None:
    """SHA-256 of the source that a reference to a file or a module names, in hexadecimal; None without source."""
    if found := _FILE.fullmatch(use):
        return hashlib.sha256(_read(base / found["path"], found["path"])).hexdigest()
    if found := _MODULE.fullmatch(use):
        origin = inspect.getsourcefile(_imported(found["module"]))
        return hashlib.sha256(Path(origin).read_bytes()).hexdigest() if origin else None
    return None


def digest_of_class(target: type) -> str | None:
    """SHA-256 of a class's source text, in hexadecimal; None where it was made without one."""
    try:
        return hashlib.sha256(inspect.getsource(target).encode()).hexdigest()
    except (OSError, TypeError):
        return None


def _read(path: Path, written: str) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        looked = f"looked for {str(path.resolve())!r}; relative paths start at the folder of the file that holds them"
        raise ConfigError(f"{written!r} cannot be read ({error.strerror}): {looked}") from error


def _module_of(path: Path, source: bytes) -> ModuleType:
    """Run a file's source as a module whose private name is made from its path and content.

    The same content is imported once; edited content is another module, whatever was cached before.
    """
    place = str(path.resolve())
    name = OWN_FILE + hashlib.sha256(b"%b\0%b" % (place.encode(), source)).hexdigest()[:24]
    if name in sys.modules:
        return sys.modules[name]
    module = ModuleType(name)
    module.__file__ = place
    sys.modules[name] = module
    try:
        exec(compile(source, place, "exec", dont_inherit=True), module.__dict__)
    except (Exception, SystemExit) as error:
        del sys.modules[name]
        told = error.msg if isinstance(error, SyntaxError) else error
        raise ConfigError(f"{_line_of(error, place)}: {type(error).__name__}: {told}. Correct the file") from error
    return module


def _line_of(error: BaseException, place: str) -> str:
    """Where in the user's file an error came up, as ``file:line``."""
    if isinstance(error, SyntaxError) and error.filename == place:
        return f"{place}:{error.lineno}"
    lines = [frame.lineno for frame in traceback.extract_tb(error.__traceback__) if frame.filename == place]
    return f"{place}:{lines[-1]}" if lines else place


def _imported(name: str) -> ModuleType:
    try:
        return import_module(name)
    except (Exception, SystemExit) as error:
        told = f"module {name!r} cannot be imported: {type(error).__name__}: {error}"
        raise ConfigError(f"{told}. Correct the name, or install the module") from error


def _class_in(module: ModuleType, name: str, written: str) -> type:
    found: Any = getattr(module, name, None)
    if inspect.isclass(found):
        return found
    names = _classes(module)
    listed = ", ".join(names) or "no class"
    raise ConfigError(f"{written!r} has no class {name!r}. It defines: {listed}.{did_you_mean(name, names)}")


def _classes(module: ModuleType) -> list[str]:
    """The public classes that a module defines itself."""
    classes = {name: value for name, value in vars(module).items() if inspect.isclass(value)}
    own = (name for name, value in classes.items() if value.__module__ == module.__name__)
    return sorted(name for name in own if not name.startswith("_"))
