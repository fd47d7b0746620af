"""Who may import whom: the first law of the architecture."""

import ast
import subprocess
import sys
from collections.abc import Callable, Iterable
from typing import Any

import pytest

import qtrader

PUBLIC = {
    "qtrader",
    "qtrader.errors",
    "qtrader.events",
    "qtrader.ports",
    "qtrader.ports.accounts",
    "qtrader.ports.policy",
    "qtrader.ports.settings",
    "qtrader.providers",
    "qtrader.testing",
}
LIBRARIES = {"qtrader_indicators", "qtrader_matching"}
HEAVY = ("exchange_calendars", "jsonschema", "jsonschema_rs", "numpy", "pandas", "pyarrow", "talib")
FRONT = {"click", "rich", "rich_click"}
MAY_DRAW = (
    "qtrader/cli/",
    "qtrader/hookspecs.py",
    "plugins/qtrader-simulate/src/qtrader_simulate/commands/",
    "plugins/qtrader-service-data/src/qtrader_service_data/commands/",
    "plugins/qtrader-service-portfolio/src/qtrader_service_portfolio/commands/",
)
PROGRAMS = {"beancount"}
"""What tests run as a program, and nothing that is shipped may import: its licence is not ours."""


def kernel_offences(sources: Iterable[Any]) -> list[str]:
    """Imports of plugins; the contracts are a dependency of the kernel and no plugin."""
    return [
        f"{source.path}:{line}: imports {module}"
        for source in sources
        for module, _, line in source.imports()
        if module.split(".")[0].startswith("qtrader_") and module.split(".")[0] != "qtrader_contracts"
    ]


def public_offences(sources: Iterable[Any]) -> list[str]:
    """Imports of kernel modules, or of names in them, that are not public."""
    found = []
    for source in sources:
        for module, names, line in source.imports():
            if module.split(".")[0] != "qtrader":
                continue
            private = [name for name in names if module == "qtrader" and name not in qtrader.__all__]
            if module not in PUBLIC or private:
                found.append(f"{source.path}:{line}: imports {', '.join(private) or module}, which is not public")
    return found


def neighbour_offences(sources: Iterable[Any]) -> list[str]:
    """Imports of another plugin."""
    return [
        f"{source.path}:{line}: imports {module}"
        for source in sources
        for module, _, line in source.imports()
        if (top := module.split(".")[0]).startswith("qtrader_") and top not in {source.package, *LIBRARIES}
    ]


def entry_point_offences(sources: Iterable[Any]) -> list[str]:
    """Anything in plugin.py but hook implementations."""
    return [
        f"{source.path}:{node.lineno}: {node.name} belongs in a module of its own"
        for source in sources
        if source.path.endswith("/plugin.py")
        for node in source.tree.body
        if isinstance(node, ast.FunctionDef | ast.ClassDef)
        and not any(ast.unparse(one).startswith("hookimpl") for one in node.decorator_list)
    ]


def front_offences(sources: Iterable[Any]) -> list[str]:
    """Imports of what draws on a terminal, outside commands and the type of the hook that adds some."""
    return [
        f"{source.path}:{line}: imports {module}"
        for source in sources
        for module, _, line in source.imports()
        if module.split(".")[0] in FRONT and not source.path.startswith(MAY_DRAW)
    ]


def program_offences(sources: Iterable[Any]) -> list[str]:
    """Imports of what is for tests to run."""
    return [
        f"{source.path}:{line}: imports {module}"
        for source in sources
        for module, _, line in source.imports()
        if module.split(".")[0] in PROGRAMS
    ]


def test_kernel_imports_no_plugin(kernel: list[Any]) -> None:
    assert kernel_offences(kernel) == []


def test_plugins_import_only_the_public_modules_of_the_kernel(plugins: list[Any]) -> None:
    assert public_offences(plugins) == []


def test_no_plugin_imports_another(plugins: list[Any]) -> None:
    assert neighbour_offences(plugins) == []


def test_contracts_import_nothing_but_the_standard_library(contracts: list[Any]) -> None:
    modules = {module.split(".")[0] for source in contracts for module, _, _ in source.imports()}

    assert modules <= {*sys.stdlib_module_names, "qtrader_contracts"}


def test_entry_points_hold_hooks_alone(plugins: list[Any]) -> None:
    assert entry_point_offences(plugins) == []


def test_listing_plugins_imports_nothing_heavy(plugin_projects: dict[str, Any]) -> None:
    """Import every entry point and call every hook in a fresh process, then see what came along."""
    modules = [
        module for one in plugin_projects.values() for module in one["project"]["entry-points"]["qtrader"].values()
    ]
    program = f"""
import importlib, sys
import click
for name in {modules!r}:
    module = importlib.import_module(name)
    for hook in [value for key, value in vars(module).items() if key.startswith("qtrader_") and callable(value)]:
        hook(*[click.Group()][: hook.__name__ == "qtrader_commands"])
print(*sorted(set({HEAVY!r}) & set(sys.modules)))
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)

    assert done.stdout.split() == []


def test_terminal_libraries_stay_in_the_command_line(production: list[Any]) -> None:
    assert front_offences(production) == []


def test_nothing_imports_the_checker_of_the_ledger(production: list[Any]) -> None:
    assert program_offences(production) == []


@pytest.mark.parametrize(
    ("rule", "text"),
    [
        (kernel_offences, "import qtrader_costs"),
        (kernel_offences, "def late():\n    from qtrader_costs.commission import PerShare"),
        (kernel_offences, "if TYPE_CHECKING:\n    import qtrader_service_data"),
        (public_offences, "from qtrader.wiring import build"),
        (public_offences, "from qtrader.events.event_bus import EventBus"),
        (public_offences, "from qtrader import engine"),
        (neighbour_offences, "from qtrader_costs import PerShare"),
        (entry_point_offences, "class Extra: ..."),
        (entry_point_offences, "def helper(): ..."),
        (front_offences, "from rich.table import Table"),
        (program_offences, "from beancount import loader"),
    ],
)
def test_rule_catches(snippet: Callable[..., list[Any]], rule: Callable[[Any], list[str]], text: str) -> None:
    made_up = snippet(text, path="plugins/qtrader-x/src/qtrader_x/plugin.py", package="qtrader_x")

    assert len(rule(made_up)) == 1
