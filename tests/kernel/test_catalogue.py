"""From a name, a file or an object to a fresh tool, and what is said when that cannot be."""

import hashlib
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from qtrader import hookimpl
from qtrader.catalogue import Catalogue
from qtrader.errors import ConfigError, DuplicateName, PluginBroken, PluginError, UnknownComponent
from qtrader.plugins import Host, load_plugins
from qtrader.ports.settings import Place, Reference
from qtrader.providers import ToolProvider

STRATEGY = """
from dataclasses import dataclass
from decimal import Decimal

@dataclass
class Mine:
    window: int = 5

    def on_bar(self, bar, context):
        pass

class Other:
    pass
"""


@dataclass
class Fixed:
    quantity: int = 100

    def size(self, request: Any) -> int:
        return self.quantity


def sizer(name: str, target: str = f"{__name__}:Fixed") -> Callable[..., Any]:
    @hookimpl
    def qtrader_sizers() -> list[ToolProvider[Any]]:
        return [ToolProvider(name, "Made for a test", target)]

    return qtrader_sizers


@pytest.fixture
def catalogue(host_of: Callable[..., Host]) -> Catalogue:
    return Catalogue.of(host_of(acme=[sizer("fixed")], other=[sizer("equity")]))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "mine.py").write_text(STRATEGY, encoding="utf-8")
    return tmp_path


def test_names_are_sorted(catalogue: Catalogue) -> None:
    assert catalogue.names("sizer") == ("equity", "fixed")


def test_an_unknown_name_lists_the_installed_and_suggests(catalogue: Catalogue) -> None:
    with pytest.raises(UnknownComponent) as caught:
        catalogue.find("sizer", "fixd")

    assert str(caught.value) == "no sizer is named 'fixd'. Installed: equity, fixed. Did you mean 'fixed'?"


def test_a_known_name_that_is_not_installed_says_what_to_install(host_of: Callable[..., Host]) -> None:
    catalogue = Catalogue.of(host_of(acme=[sizer("mine")]))

    with pytest.raises(UnknownComponent, match="Install it: pip install qtrader-risk-equity"):
        catalogue.find("sizer", "equity")


def test_a_kind_of_which_nothing_is_installed_says_so(host_of: Callable[..., Host]) -> None:
    with pytest.raises(UnknownComponent, match=r"None is installed\. Install it: pip install 'qtrader\[standard\]'"):
        Catalogue.of(host_of()).find("strategy", "mine")


def test_an_unknown_kind_is_an_error_with_the_nearest(catalogue: Catalogue) -> None:
    with pytest.raises(PluginError, match="Did you mean 'sizer'"):
        catalogue.find("sizers", "fixed")


def test_a_name_offered_twice_is_an_error_naming_both_distributions(host_of: Callable[..., Host]) -> None:
    catalogue = Catalogue.of(host_of(acme=[sizer("fixed")], other=[sizer("fixed")]))

    with pytest.raises(DuplicateName, match="sizer 'fixed' is offered by 'acme' and 'other': uninstall one"):
        catalogue.find("sizer", "fixed")


def test_a_name_offered_twice_breaks_nothing_else(host_of: Callable[..., Host]) -> None:
    @hookimpl
    def qtrader_strategies() -> list[ToolProvider[Any]]:
        return [ToolProvider("mine", "", "a:B")]

    catalogue = Catalogue.of(host_of(acme=[sizer("fixed"), qtrader_strategies], other=[sizer("fixed")]))

    assert catalogue.find("strategy", "mine").plugin.name == "acme"


@pytest.mark.parametrize(
    ("requires", "source", "status"),
    [
        (["qtrader>=9"], "", "incompatible: it needs qtrader>=9"),
        (["qtrader"], "import nothing_of_the_kind", "broken: ModuleNotFoundError"),
    ],
)
def test_a_plugin_that_could_not_be_loaded_is_named_when_a_name_is_missing(
    site: Any, requires: list[str], source: str, status: str
) -> None:
    site.install("anything", source, requires=requires)
    catalogue = Catalogue.of(load_plugins(entry_points=site.entry_points()))

    with pytest.raises(UnknownComponent, match=f"Plugin 'anything' .acme-anything. is {status}"):
        catalogue.find("sizer", "kelly")


def test_a_disabled_plugin_is_named_when_it_may_have_the_name(site: Any) -> None:
    site.install("risk-kelly", "")
    site.install("other", "")
    catalogue = Catalogue.of(load_plugins(only=[], entry_points=site.entry_points()))

    with pytest.raises(UnknownComponent) as caught:
        catalogue.find("sizer", "kelly")

    assert "Plugin 'risk-kelly' (acme-risk-kelly) is disabled: left out by QTRADER_PLUGINS." in str(caught.value)
    assert "'other'" not in str(caught.value)


def test_a_disabled_plugin_is_named_instead_of_telling_to_install_it(site: Any) -> None:
    site.install("equity", "", of="qtrader-risk-equity")
    catalogue = Catalogue.of(load_plugins(only=[], entry_points=site.entry_points()))

    with pytest.raises(UnknownComponent) as caught:
        catalogue.find("sizer", "equity")

    assert "Plugin 'equity' (qtrader-risk-equity) is disabled" in str(caught.value)
    assert "pip install" not in str(caught.value)


def test_versions_are_those_of_the_active_plugins(site: Any) -> None:
    site.install("good", "", version="2.5")
    site.install("bad", "1 / 0")

    catalogue = Catalogue.of(load_plugins(entry_points=site.entry_points(), kernel_version="0.1.7"))

    assert catalogue.versions() == {"acme-good": "2.5", "qtrader": "0.1.7"}


def test_a_tool_is_built_by_its_installed_name(catalogue: Catalogue) -> None:
    assert catalogue.build("sizer", Reference(use="fixed", with_={"quantity": "7"})) == Fixed(7)


def test_each_build_is_another_object(catalogue: Catalogue) -> None:
    reference = Reference(use="fixed")

    assert catalogue.build("sizer", reference) is not catalogue.build("sizer", reference)


@pytest.mark.parametrize(
    "target", ["acme_is_not_there.x:Y", "qtrader.suggest:NoSuchThing", "qtrader.suggest:did_you_mean"]
)
def test_a_target_that_is_no_class_breaks_the_run_that_asks_for_it(host_of: Callable[..., Host], target: str) -> None:
    catalogue = Catalogue.of(host_of(acme=[sizer("kelly", target)]))

    with pytest.raises(PluginBroken, match=rf"^use: sizer 'kelly' of acme 0.*{target}"):
        catalogue.build("sizer", Reference(use="kelly"))


def test_a_message_begins_where_the_reference_was_written(catalogue: Catalogue) -> None:
    reference = Reference(use="fixd")
    reference.written_at({"use": Place("run.yaml:3", "risk.sizing.use", Path())})

    with pytest.raises(UnknownComponent, match=r"^run\.yaml:3: risk\.sizing\.use: no sizer is named 'fixd'"):
        catalogue.build("sizer", reference)


def test_a_tool_is_built_from_a_file_relative_to_the_base(catalogue: Catalogue, folder: Path) -> None:
    tool = catalogue.build("strategy", Reference(use="mine.py:Mine", with_={"window": 9}), base=folder)

    assert (type(tool).__name__, tool.window) == ("Mine", 9)


def test_a_file_named_in_a_config_is_relative_to_that_config(catalogue: Catalogue, folder: Path) -> None:
    reference = Reference(use="../mine.py:Mine")
    reference.written_at({"use": Place("config/run.yaml:3", "strategies[0].use", folder / "config")})
    (folder / "config").mkdir()

    assert catalogue.build("strategy", reference, base=Path("elsewhere")).window == 5


def test_an_unchanged_file_gives_the_same_class(catalogue: Catalogue, folder: Path) -> None:
    first = catalogue.load("strategy", "mine.py:Mine", base=folder)

    assert catalogue.load("strategy", "mine.py:Mine", base=folder) is first


def test_an_edited_file_gives_the_edited_class(catalogue: Catalogue, folder: Path) -> None:
    catalogue.load("strategy", "mine.py:Mine", base=folder)
    (folder / "mine.py").write_text(STRATEGY.replace("= 5", "= 6"), encoding="utf-8")

    assert catalogue.build("strategy", Reference(use="mine.py:Mine"), base=folder).window == 6


def test_two_files_of_one_name_do_not_mix(catalogue: Catalogue, folder: Path) -> None:
    other = folder / "other"
    other.mkdir()
    (other / "mine.py").write_text(STRATEGY, encoding="utf-8")

    first = catalogue.load("strategy", "mine.py:Mine", base=folder)
    second = catalogue.load("strategy", "mine.py:Mine", base=other)

    assert first is not second


def test_a_file_is_imported_under_a_private_name(catalogue: Catalogue, folder: Path) -> None:
    before = set(sys.modules)
    target = catalogue.load("strategy", "mine.py:Mine", base=folder)

    assert set(sys.modules) - before == {target.__module__}
    assert target.__module__.startswith("_qtrader_file_")


@pytest.mark.parametrize(
    ("use", "problem"),
    [
        ("nowhere.py:Mine", r"'nowhere\.py' cannot be read \(No such file or directory\): looked for '.*nowhere\.py'"),
        ("mine.py:Mien", r"'mine\.py' has no class 'Mien'\. It defines: Mine, Other\. Did you mean 'Mine'\?"),
        ("mine.py", r"'mine\.py' names a file but no class: write 'mine\.py:ClassName'\. It defines: Mine, Other"),
        ("mine.py:Other", r"'mine\.py:Other' is not a strategy: it has no method on_bar or on_bars or on_start"),
        ("mine.py:dataclass", r"'mine\.py' has no class 'dataclass'"),
        ("a b:C", r"'a b:C' is no reference: write 'path/file\.py:ClassName'"),
        ("acme_is_not_there:Mine", r"module 'acme_is_not_there' cannot be imported: ModuleNotFoundError"),
    ],
)
def test_a_wrong_reference_says_what_is_wrong_and_what_there_is(
    catalogue: Catalogue, folder: Path, use: str, problem: str
) -> None:
    with pytest.raises(ConfigError, match=f"^use: {problem}"):
        catalogue.build("strategy", Reference(use=use), base=folder)


@pytest.mark.parametrize(
    ("source", "line", "problem"),
    [
        ("x = 1\n1 / 0\n", 2, "ZeroDivisionError: division by zero"),
        ("x = 1\n\nif x\n", 3, "SyntaxError: expected ':'"),
        ("import acme_is_not_there\n", 1, "ModuleNotFoundError: No module named 'acme_is_not_there'"),
    ],
)
def test_a_file_that_fails_names_its_line(
    catalogue: Catalogue, folder: Path, source: str, line: int, problem: str
) -> None:
    (folder / "bad.py").write_text(source, encoding="utf-8")

    with pytest.raises(ConfigError, match=rf"bad\.py:{line}: {problem}"):
        catalogue.build("strategy", Reference(use="bad.py:Bad"), base=folder)


def test_a_failed_import_leaves_no_module_behind(catalogue: Catalogue, folder: Path) -> None:
    before = set(sys.modules)
    (folder / "bad.py").write_text("1 / 0", encoding="utf-8")

    with pytest.raises(ConfigError):
        catalogue.load("strategy", "bad.py:Bad", base=folder)

    assert set(sys.modules) == before


def test_a_tool_is_built_from_a_module(catalogue: Catalogue) -> None:
    assert catalogue.build("sizer", Reference(use=f"{__name__}:Fixed", with_={"quantity": 3})) == Fixed(3)


def test_an_object_handed_over_is_copied(catalogue: Catalogue) -> None:
    original = Fixed(9)

    copy = catalogue.build("sizer", Reference(use="Fixed", instance=original))

    assert copy == original
    assert copy is not original


def test_an_object_of_another_kind_is_refused(catalogue: Catalogue) -> None:
    with pytest.raises(ConfigError, match="'Fixed' is not a strategy"):
        catalogue.build("strategy", Reference(use="Fixed", instance=Fixed()))


def test_a_class_handed_over_is_built_with_options(catalogue: Catalogue) -> None:
    assert catalogue.build("sizer", Reference(use="Fixed", with_={"quantity": 4}, instance=Fixed)) == Fixed(4)


def test_the_digest_of_a_file_is_that_of_its_bytes(catalogue: Catalogue, folder: Path) -> None:
    expected = hashlib.sha256(STRATEGY.encode()).hexdigest()

    assert catalogue.source_digest(Reference(use="mine.py:Mine"), base=folder) == expected


def test_the_digest_of_a_module_is_that_of_its_file(catalogue: Catalogue) -> None:
    expected = hashlib.sha256(Path(__file__).read_bytes()).hexdigest()

    assert catalogue.source_digest(Reference(use=f"{__name__}:Fixed")) == expected


def test_an_installed_tool_has_no_source_digest(catalogue: Catalogue) -> None:
    assert catalogue.source_digest(Reference(use="fixed")) is None


def test_the_digest_of_an_object_is_that_of_its_classs_text(catalogue: Catalogue) -> None:
    text = "@dataclass\nclass Fixed:\n    quantity: int = 100\n\n    def size(self, request: Any) -> int:\n"
    expected = hashlib.sha256(f"{text}        return self.quantity\n".encode()).hexdigest()

    assert catalogue.source_digest(Reference(use="Fixed", instance=Fixed(3))) == expected
