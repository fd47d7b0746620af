"""Write a plugin to begin with: the template's files for one kind, its names replaced.

The template is a plugin that works (``qtrader/_template``): what all kinds share in ``distribution``, the rest in a
folder for each kind. A page of the shared part goes on where a kind has more of it.
"""

import keyword
import re
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path
from types import MappingProxyType

import importlib_metadata
from packaging.version import Version

from qtrader.catalogue import Catalogue
from qtrader.errors import ConfigError, DuplicateName
from qtrader.install_hints import FREE, HINTS
from qtrader.plugins import Host
from qtrader.suggest import did_you_mean

SHARED = "distribution"
KERNEL = "qtrader>=0.1,<0.2"
"""How the template says which kernel it works with."""

_NAME = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")
_LONGEST = 40
_TAKEN = {"plugin", "tests"}
"""Names of modules that every plugin has."""


@dataclass(frozen=True, slots=True)
class Template:
    """How plugins of one kind are called and what they offer.

    A distribution is named ``qtrader-<prefix>-<name>``; ``offers`` is the kind in ``qtrader plugins list``; ``needs``
    are its dependencies beside the kernel.
    """

    prefix: str
    offers: str
    needs: tuple[str, ...] = ()


TEMPLATES: Mapping[str, Template] = MappingProxyType(
    {
        "strategy": Template("strategy", "strategy"),
        "sizer": Template("risk", "sizer"),
        "limit": Template("limit", "risk-limit"),
        "policy": Template("policy", "risk-policy", ("pyyaml>=6",)),
        "data-source": Template("data", "data-source", ("pyarrow>=20",)),
        "fill-policy": Template("fill", "fill-policy"),
        "commission": Template("commission", "commission"),
        "slippage": Template("slippage", "slippage"),
        "service": Template("service", "service"),
        "report": Template("report", "report"),
    }
)
"""What ``qtrader plugins new`` can write, by kind."""


def find_kind(text: str) -> str:
    """Find the template for a kind, also by its name in ``qtrader plugins list``. Raises ConfigError."""
    known = {template.offers: kind for kind, template in TEMPLATES.items()} | {kind: kind for kind in TEMPLATES}
    if text not in known:
        raise ConfigError(
            f"there is no template for {text!r}. There are: {', '.join(TEMPLATES)}.{did_you_mean(text, known)}"
        )
    return known[text]


def distribution_name(kind: str, name: str) -> str:
    """The name of the distribution that offers a tool: ``qtrader-risk-kelly`` for the sizer ``kelly``."""
    return f"qtrader-{TEMPLATES[kind].prefix}-{name}"


def check_name(kind: str, name: str, host: Host) -> None:
    """Refuse a name that cannot be one, or that something installed or first-party has. Raises ConfigError."""
    if not _NAME.fullmatch(name) or len(name) > _LONGEST:
        rule = f"small letters and digits, words joined by '-', beginning with a letter, at most {_LONGEST} characters"
        raise ConfigError(f"{name!r} cannot be the name of a plugin: {rule}{_nearest(kind, name)}")
    if keyword.iskeyword(name) or name in _TAKEN:
        raise ConfigError(f"{name!r} cannot be the name of a plugin: its module could not be called that. Add a word")
    _check_free(kind, name, host)


def _check_free(kind: str, name: str, host: Host) -> None:
    offered = TEMPLATES[kind].offers
    owners = [one.plugin.distribution for one in Catalogue.of(host).named(name) if one.kind == offered]
    if not owners and (offered, name) in HINTS.keys() - FREE:
        owners = [HINTS[offered, name]]
    wanted = distribution_name(kind, name)
    if owners:
        raise DuplicateName(f"{offered} {name!r} is offered by {owners[0]!r} already: choose another name")
    if any(plugin.distribution == wanted for plugin in host.plugins):
        raise DuplicateName(f"{wanted!r} is installed already. Choose another name")


def _nearest(kind: str, name: str) -> str:
    """Propose the name that was probably meant, where there is one."""
    bare = re.sub(r"[^a-z0-9]+", "-", re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "-", name).lower()).strip("-0123456789")
    prefix = TEMPLATES[kind].prefix
    bare = bare.removeprefix("qtrader-").removeprefix(f"{prefix}-")[:_LONGEST].strip("-")
    return f". Write {bare!r}" if bare else ""


def write_plugin(kind: str, name: str, into: Path) -> Path:
    """Write the distribution of one tool into a new folder of ``into`` and give that folder; nothing is overwritten.

    Raises ConfigError when the folder is there already or cannot be written.
    """
    folder = into / distribution_name(kind, name)
    names = _names(kind, name)
    try:
        folder.mkdir(parents=True)
        for place, text in template_files(kind).items():
            path = folder / _renamed(place, names)
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(_renamed(text, names), encoding="utf-8")
    except FileExistsError as error:
        told = "is there already, and nothing is overwritten. Choose another name, or another folder with --into"
        raise ConfigError(f"{error.filename}: {told}") from None
    except OSError as error:
        raise ConfigError(f"{folder}: cannot be written: {error.strerror}. Choose another folder with --into") from None
    return folder


def template_files(kind: str) -> dict[str, str]:
    """The template's files of a kind by their place in the distribution, names not yet replaced."""
    found: dict[str, str] = {}
    for part in (SHARED, kind):
        for place, text in _walk(files("qtrader") / "_template" / part, ""):
            found[place] = found.get(place, "") + text
    return dict(sorted(found.items()))


def _walk(folder: Traversable, prefix: str) -> list[tuple[str, str]]:
    found = []
    for item in folder.iterdir():
        if item.is_dir():
            found += _walk(item, f"{prefix}{item.name}/") if item.name != "__pycache__" else []
        else:
            found.append((prefix + item.name, item.read_text(encoding="utf-8")))
    return found


def _names(kind: str, name: str) -> dict[str, str]:
    """What stands in the template, and what is written instead; a longer name before one that it begins with."""
    template = TEMPLATES[kind]
    module = name.replace("-", "_")
    needs = ", ".join(f'"{need}"' for need in (_this_kernel(), *template.needs))
    return {
        f'"{KERNEL}"': needs,
        "kind-my-template": f"{template.prefix}-{name}",
        "kind_my_template": f"{template.prefix}_{module}",
        "my-template": name,
        "my_template": module,
        "MyTemplate": "".join(word.capitalize() for word in name.split("-")),
        "my-kind": kind.replace("-", " "),
    }


def _this_kernel() -> str:
    """The kernels that a plugin written now works with: those of the same minor version."""
    major, minor, *_ = *Version(importlib_metadata.version("qtrader")).release, 0
    return f"qtrader>={major}.{minor},<{major}.{minor + 1}"


def _renamed(text: str, names: Mapping[str, str]) -> str:
    return re.sub("|".join(map(re.escape, names)), lambda found: names[found[0]], text)
