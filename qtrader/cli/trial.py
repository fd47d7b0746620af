"""``qtrader plugins test``: a plugin's own tests, and whether they hold all it offers to the rules of its kind."""

import sys
import tomllib
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import click
import importlib_metadata

from qtrader.catalogue import Catalogue, Entry, import_target
from qtrader.cli.components import problems_of
from qtrader.errors import ConfigError
from qtrader.hookspecs import PROJECT
from qtrader.plugins import load_plugins

FAILED = 1
NO_TESTS = 5
"""What pytest answers when it found none."""


class FolderDistribution(importlib_metadata.Distribution):
    """A distribution as its folder describes it, installed or not."""

    def __init__(self, folder: Path, project: Mapping[str, Any]) -> None:
        self._folder = folder
        points = project["entry-points"][PROJECT]
        needs = [f"Requires-Dist: {need}" for need in project.get("dependencies", ())]
        head = ["Metadata-Version: 2.1", f"Name: {project['name']}", f"Version: {project.get('version', '0')}", *needs]
        lines = [f"[{PROJECT}]", *(f"{name} = {module}" for name, module in points.items())]
        self._texts = {"METADATA": "\n".join(head) + "\n", "entry_points.txt": "\n".join(lines) + "\n"}

    def read_text(self, filename: str) -> str | None:
        """One of the files that an installer would write."""
        return self._texts.get(str(filename))

    def locate_file(self, path: Any) -> Path:
        """Where a file of the distribution is."""
        return self._folder / str(path)


def try_plugin(folder: Path, pytest_args: Sequence[str]) -> int:
    """Run the tests of the plugin in a folder; the exit code is 0 when all pass and cover all that it offers.

    Raises ConfigError where the folder holds no plugin or pytest is not installed.
    """
    distribution = FolderDistribution(folder, _project(folder))
    if find_spec("pytest") is None:
        raise ConfigError("pytest is not installed here, and runs the tests of plugins: pip install pytest")
    import pytest

    pytest.register_assert_rewrite("qtrader.testing")
    source = folder / "src"
    sys.path.insert(0, str((source if source.is_dir() else folder).resolve()))
    host = load_plugins(entry_points=[one for one in distribution.entry_points if one.group == PROJECT])
    catalogue = Catalogue.of(host)
    ill = [plugin for plugin in host.plugins if plugin.status != "active"]
    problems = [f"{plugin.name} ({plugin.distribution}) is {plugin.status}: {plugin.reason}" for plugin in ill]
    problems += problems_of(catalogue)
    for problem in problems:
        click.echo(problem, err=True)
    if problems:
        return FAILED
    watch = Watch([entry for entry in catalogue if entry.plugin.name != "kernel"])
    tests = folder / "tests"
    code = int(pytest.main([str(tests if tests.is_dir() else folder), *pytest_args], plugins=[watch]))
    return _judge(code, watch, tests)


def _project(folder: Path) -> Mapping[str, Any]:
    """What the folder's pyproject.toml says of a plugin. Raises ConfigError where it is none."""
    file = folder / "pyproject.toml"
    advice = "Name the folder of a plugin; qtrader plugins new writes one"
    try:
        document = tomllib.loads(file.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        told = error.strerror if isinstance(error, OSError) else error
        raise ConfigError(f"{file}: cannot be read: {told}. {advice}") from None
    project = document.get("project")
    points = project.get("entry-points") if isinstance(project, dict) else None
    named = points.get(PROJECT) if isinstance(points, dict) else None
    if not isinstance(project, dict) or not isinstance(named, dict) or not named:
        raise ConfigError(f"{file}: no [project.entry-points.{PROJECT}], so it is no plugin. {advice}")
    if "name" not in project:
        raise ConfigError(f"{file}: [project] has no name. Write one, such as qtrader-risk-mine")
    return project


@dataclass(eq=False)  # pytest keeps its plugins in sets
class Watch:
    """Follows a test run and notes which of the things on offer were held to the suite of their kind."""

    entries: Sequence[Entry]
    tests: Counter[tuple[str, str]] = field(default_factory=Counter)
    """How many tests of its kind's suite each thing went through."""
    whole: bool = True
    """Whether no test was left out on purpose."""

    def pytest_deselected(self, items: Sequence[Any]) -> None:
        """Note that some tests were not wanted."""
        self.whole = self.whole and not items

    def pytest_runtest_call(self, item: Any) -> None:
        """Look at what a test of a suite is about, once its fixtures are there."""
        for entry in self.entries:
            if _is_about(getattr(item, "instance", None), entry):
                self.tests[entry.kind, entry.name] += 1


def _is_about(instance: Any, entry: Entry) -> bool:
    from qtrader.testing import SUITES

    suite = SUITES.get(entry.kind)
    if suite is None or not isinstance(instance, suite):
        return False
    if entry.kind == "service":
        return bool(instance.provider.name == entry.name)
    if entry.kind == "risk-policy":
        return bool(instance.policy.name == entry.name)
    return type(instance.tool) is import_target(entry)


def _judge(code: int, watch: Watch, tests: Path) -> int:
    """Say what was held to the rules and what was not; the exit code of the command."""
    from qtrader.testing import SUITES

    if code not in (0, NO_TESTS):
        return code
    if not watch.whole:
        click.echo("Not every test ran, so nothing is said of what they cover.")
        return code
    missing = 0
    for entry in watch.entries:
        if (suite := SUITES.get(entry.kind)) is None:
            continue
        count = watch.tests[entry.kind, entry.name]
        if count:
            click.echo(f"{entry.kind} {entry.name!r}: held to {suite.__name__}, {count} tests")
        else:
            missing += 1
            about = {"service": "provider", "risk-policy": "policy"}.get(entry.kind, "tool")
            told = f"no test holds it to {suite.__name__} of qtrader.testing"
            fix = f"write in {tests} a class that inherits it and sets {about!r}"
            click.echo(f"{entry.kind} {entry.name!r}: {told}; {fix}", err=True)
    return FAILED if missing else code
