"""Plugins that cannot be read, loaded or understood: a state and a reason each, and the others go on."""

from collections.abc import Callable
from typing import Any

import pytest

from qtrader import hookimpl
from qtrader.catalogue import Catalogue
from qtrader.errors import UnknownComponent
from qtrader.plugins import Host, Plugin, load_plugins
from qtrader.providers import EventProvider, PolicyDocument, ServiceProvider
from qtrader.requirements import missing_part

GOOD = """
from qtrader import hookimpl
from qtrader.providers import ToolProvider

@hookimpl
def qtrader_sizers():
    return [ToolProvider("good", "Made for a test", "acme.sizer:Sizer")]
"""


def of(host: Host, name: str) -> Plugin:
    (plugin,) = (plugin for plugin in host.plugins if plugin.name == name)
    return plugin


@pytest.mark.parametrize("metadata", [None, "", "Metadata-Version: 2.1\nVersion: 1.0\n", "\0\xff"])
def test_unreadable_metadata_break_one_plugin_and_no_other(site: Any, metadata: str | None) -> None:
    site.install("bad", GOOD)
    site.install("good", GOOD)
    file = site.path / "acme_bad-1.0.dist-info" / "METADATA"
    file.unlink() if metadata is None else file.write_text(metadata, encoding="utf-8")

    host = load_plugins(entry_points=site.entry_points())

    assert of(host, "bad").status in ("broken", "incompatible")
    assert of(host, "good").status == "active"


@pytest.mark.parametrize("raised", ["GeneratorExit('x')", "BaseException('x')"])
def test_whatever_is_raised_at_import_breaks_the_plugin_alone(site: Any, raised: str) -> None:
    site.install("bad", f"raise {raised}")
    site.install("good", GOOD)

    host = load_plugins(entry_points=site.entry_points())

    assert (of(host, "bad").status, of(host, "bad").reason) == ("broken", f"{raised.partition('(')[0]}: x")
    assert of(host, "good").status == "active"


def test_ctrl_c_while_a_plugin_is_imported_is_no_fault_of_the_plugin(site: Any) -> None:
    site.install("bad", "raise KeyboardInterrupt")

    with pytest.raises(KeyboardInterrupt):
        load_plugins(entry_points=site.entry_points())


def test_an_error_that_cannot_be_printed_is_named_by_its_type(site: Any) -> None:
    site.install("bad", "class Odd(Exception):\n    def __str__(self):\n        raise ValueError\nraise Odd")

    reason = of(load_plugins(entry_points=site.entry_points()), "bad").reason

    assert str(reason).endswith(".Odd: <exception str() failed>")


def test_an_error_of_many_lines_is_told_in_one(site: Any) -> None:
    site.install("bad", "raise RuntimeError('one\\ntwo')")

    assert of(load_plugins(entry_points=site.entry_points()), "bad").reason == "RuntimeError: one two"


def test_a_missing_dependency_is_named_with_what_to_install(site: Any) -> None:
    site.install("bad", "import acme_engine", requires=["qtrader>=0.1,<0.2", "Acme_Engine>=2", "numpy"])

    reason = of(load_plugins(entry_points=site.entry_points()), "bad").reason

    expected = "ModuleNotFoundError: No module named 'acme_engine'. acme-bad needs acme-engine: pip install acme-engine"
    assert reason == expected


def test_a_dependency_of_an_extra_or_another_system_is_not_missing(site: Any) -> None:
    other = ["qtrader>=0.1,<0.2", "nowhere; extra == 'more'", "nowhere-else; sys_platform == 'none'"]
    site.install("bad", GOOD, requires=other)

    assert missing_part("acme-bad") == ""


def test_nothing_is_said_of_a_distribution_that_is_not_there() -> None:
    assert missing_part("acme-nowhere") == ""


@pytest.mark.parametrize(
    ("hook", "record", "reason"),
    [
        ("qtrader_services", ServiceProvider("a", "", "a.b:C", None), "gave the topics None for 'a'"),  # type: ignore[arg-type]
        ("qtrader_services", ServiceProvider("a", "", "a.b:C", (), "bar"), "gave the topics 'bar' for 'a'"),  # type: ignore[arg-type]
        ("qtrader_services", ServiceProvider("a", "", "a.b:C", (7,)), "gave the topics (7,) for 'a'"),  # type: ignore[arg-type]
        ("qtrader_event_types", EventProvider("a", "a.b:C", None), "gave the contract None for 'a'"),  # type: ignore[arg-type]
        ("qtrader_risk_policies", PolicyDocument("a", "", []), "gave the document [] for 'a'"),  # type: ignore[arg-type]
    ],
)
def test_a_record_with_a_part_of_the_wrong_type_breaks_its_plugin(
    host_of: Callable[..., Host], hook: str, record: Any, reason: str
) -> None:
    def answer() -> list[Any]:
        return [record]

    answer.__name__ = hook

    plugin = of(host_of(acme=[hookimpl(answer)]), "acme")

    assert plugin.status == "broken"
    assert reason in str(plugin.reason)


def test_a_default_that_is_no_reference_breaks_its_plugin(host_of: Callable[..., Host]) -> None:
    @hookimpl
    def qtrader_defaults() -> Any:
        return {"sizer": 7}

    plugin = of(host_of(acme=[qtrader_defaults]), "acme")

    assert plugin.reason == "qtrader_defaults() gives 7 for 'sizer': write a name, or {'use': ...}"


def out(name: str, distribution: str, status: Any) -> Plugin:
    return Plugin(name, distribution, "1.0", status, "a reason")


def message(*plugins: Plugin, name: str = "dozen") -> str:
    with pytest.raises(UnknownComponent) as caught:
        Catalogue(plugins).find("sizer", name)
    return str(caught.value)


def test_a_failing_plugin_may_be_the_one_that_is_missed() -> None:
    told = message(out("a", "acme-a", "broken"), out("b", "acme-b", "incompatible"))

    assert " Plugin 'a' (acme-a) is broken: a reason. Plugin 'b' (acme-b) is incompatible: a reason." in told


def test_one_that_looks_like_the_missed_one_is_named_alone() -> None:
    told = message(out("a", "acme-a", "broken"), out("dozen", "acme-b", "disabled"))

    assert "acme-a" not in told
    assert " Plugin 'dozen' (acme-b) is disabled: a reason." in told


def test_the_distribution_that_has_it_is_not_to_be_installed_again() -> None:
    told = message(out("equity", "qtrader-risk-equity", "broken"), name="equity")

    assert told.endswith(" Plugin 'equity' (qtrader-risk-equity) is broken: a reason.")
