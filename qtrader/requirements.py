"""What a plugin's distribution says that it depends on: the versions of the kernel, and what must be installed."""

import json
from collections.abc import Iterable

import importlib_metadata
from packaging.requirements import InvalidRequirement, Requirement
from packaging.utils import canonicalize_name

NAMED = 5
"""Distributions that a message names."""


def incompatibility(requires: Iterable[str], kernel: str) -> str | None:
    """Why a distribution was not made for this version of the kernel; None where it was."""
    try:
        wanted = [one for one in map(Requirement, requires) if _applies(one) and _name(one) == "qtrader"]
    except InvalidRequirement as error:
        return f"its dependencies cannot be read: {error}"
    if not wanted:
        fix = 'add "qtrader>=0.1,<0.2" to its dependencies'
        return f"it does not say which versions of qtrader it works with: {fix}"
    for requirement in wanted:
        if not requirement.specifier.contains(kernel, prereleases=True):
            return f"it needs qtrader{requirement.specifier}, this is qtrader {kernel}"
    return None


def missing_part(distribution: str) -> str:
    """Name what an installed distribution depends on and is not there, in a sentence that begins with a space."""
    try:
        needed = importlib_metadata.distribution(distribution).requires or ()
    except importlib_metadata.PackageNotFoundError:
        return ""
    missing = sorted({_name(one) for one in map(Requirement, needed) if _applies(one) and not _installed(one.name)})
    if not missing:
        return ""
    return f" {distribution} needs {', '.join(missing)}: pip install {' '.join(missing)}"


def editable(distributions: Iterable[str]) -> str:
    """Name those whose code can be edited without a new version, in a sentence that begins with a space."""
    found = sorted(name for name in distributions if _is_editable(name))
    if not found:
        return ""
    more = f" and {len(found) - NAMED} more" if len(found) > NAMED else ""
    return (
        f" Or the code was edited: {', '.join(found[:NAMED])}{more} can be without a new version (installed editable)"
    )


def _is_editable(name: str) -> bool:
    try:
        origin = json.loads(importlib_metadata.distribution(name).read_text("direct_url.json") or "{}")
    except (importlib_metadata.PackageNotFoundError, ValueError):
        return False
    return bool(origin.get("dir_info", {}).get("editable"))


def _applies(requirement: Requirement) -> bool:
    return requirement.marker is None or requirement.marker.evaluate({"extra": ""})


def _name(requirement: Requirement) -> str:
    return canonicalize_name(requirement.name)


def _installed(name: str) -> bool:
    try:
        importlib_metadata.distribution(name)
    except importlib_metadata.PackageNotFoundError:
        return False
    return True
