"""What many tests need: hosts with hand-made plugins, distributions installed for one test, and the shared cases."""

import os
import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from importlib_metadata import EntryPoint, distributions

from qtrader.plugins import Host, load_plugins


def plugin_module(name: str, functions: Sequence[Callable[..., Any]]) -> ModuleType:
    """A plugin module made of marked functions."""
    module = ModuleType(name)
    for function in functions:
        setattr(module, function.__name__, function)
    return module


@pytest.fixture
def host_of() -> Callable[..., Host]:
    """Make a host with the kernel and the plugins given as ``name=[hook functions]``, and nothing that is installed."""

    def make(**plugins: Sequence[Callable[..., Any]]) -> Host:
        extra = {name: plugin_module(name, functions) for name, functions in plugins.items()}
        return load_plugins(extra=extra, entry_points=())

    return make


class Site:
    """A folder that distributions can be installed into; ``path`` is on the import path while the test runs."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def install(
        self,
        name: str,
        source: str,
        *,
        requires: Sequence[str] = ("qtrader>=0.1,<0.2",),
        version: str = "1.0",
        of: str = "",
    ) -> str:
        """Install distribution ``acme-<name>`` with plugin ``<name>`` and this source; the module's name comes back."""
        distribution = of or f"acme-{name}"
        module = f"{distribution}_{name}".replace("-", "_")
        info = self.path / f"{distribution.replace('-', '_')}-{version}.dist-info"
        info.mkdir()
        lines = [f"Requires-Dist: {one}" for one in requires]
        metadata = ["Metadata-Version: 2.1", f"Name: {distribution}", f"Version: {version}", *lines]
        (info / "METADATA").write_text("\n".join(metadata) + "\n", encoding="utf-8")
        (info / "entry_points.txt").write_text(f"[qtrader]\n{name} = {module}\n", encoding="utf-8")
        (self.path / f"{module}.py").write_text(source, encoding="utf-8")
        return module

    def entry_points(self) -> list[EntryPoint]:
        """The plugins that are installed here."""
        found = [one for dist in distributions(path=[str(self.path)]) for one in dist.entry_points]
        return [one for one in found if one.group == "qtrader"]


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Site]:
    """An empty folder for distributions; what is imported from it is forgotten afterwards."""
    folder = tmp_path / "site"
    folder.mkdir()
    monkeypatch.syspath_prepend(str(folder))
    before = set(sys.modules)
    yield Site(folder)
    for name in set(sys.modules) - before:
        if str(getattr(sys.modules[name], "__file__", "")).startswith(str(folder)):
            del sys.modules[name]


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder with the ground-truth cases: ``QTRADER_SHARED``, else ``../shared`` beside the repository.

    Without it the tests that need it are skipped; where CI is set, they fail.
    """
    folder = Path(os.environ.get("QTRADER_SHARED") or Path(__file__).parents[2] / "shared")
    if not (folder / "cases").is_dir():
        reason = f"no shared cases at {folder}: set QTRADER_SHARED to the folder that holds cases/"
        if os.environ.get("CI"):
            pytest.fail(reason)
        pytest.skip(reason)
    return folder
