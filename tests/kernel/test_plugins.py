"""Discovery and loading, with distributions that are really installed in a folder, and every trap that pluggy sets."""

import random
import sys
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import pytest

from qtrader import hookimpl
from qtrader.errors import ConfigError
from qtrader.plugins import Host, Plugin, load_plugins
from qtrader.providers import ToolProvider

SIZER = """
from qtrader import hookimpl
from qtrader.providers import ToolProvider

@hookimpl
def qtrader_sizers():
    return [ToolProvider("{name}", "Made for a test", "acme.sizer:Sizer")]
"""


def of(host: Host, name: str) -> Plugin:
    (plugin,) = (plugin for plugin in host.plugins if plugin.name == name)
    return plugin


def sizers(*records: Any) -> Callable[..., Any]:
    @hookimpl
    def qtrader_sizers() -> Sequence[Any]:
        return records

    return qtrader_sizers


def test_an_installed_plugin_is_active_with_what_it_offers(site: Any) -> None:
    site.install("kelly", SIZER.format(name="kelly"))

    plugin = of(load_plugins(entry_points=site.entry_points()), "kelly")

    assert (plugin.distribution, plugin.version, plugin.status) == ("acme-kelly", "1.0", "active")
    assert [(offer.kind, offer.name) for offer in plugin.offers] == [("sizer", "kelly")]


def test_the_order_in_which_plugins_are_found_changes_nothing(site: Any) -> None:
    for name in ("a", "b", "c", "d"):
        site.install(name, SIZER.format(name=name))
    points = site.entry_points()
    expected = load_plugins(entry_points=points).plugins

    for seed in range(5):
        random.Random(seed).shuffle(points)

        assert load_plugins(entry_points=points).plugins == expected


def test_plugins_are_sorted_by_name(site: Any) -> None:
    for name in ("zebra", "ant", "mole"):
        site.install(name, SIZER.format(name=name))

    host = load_plugins(entry_points=site.entry_points())

    assert [plugin.name for plugin in host.plugins] == ["ant", "kernel", "mole", "zebra"]


def test_each_host_is_its_own(host_of: Callable[..., Host]) -> None:
    host_of(acme=[sizers(ToolProvider("kelly", "", "acme.sizer:Sizer"))])

    assert [plugin.name for plugin in host_of().plugins] == ["kernel"]


@pytest.mark.parametrize(
    ("source", "reason"),
    [
        ("import acme_is_not_there", "ModuleNotFoundError: No module named 'acme_is_not_there'"),
        ("raise SystemExit(3)", "SystemExit: 3"),
        ("1 / 0", "ZeroDivisionError: division by zero"),
        ("def broken(:", "SyntaxError: invalid syntax (acme_bad_bad.py, line 1)"),
    ],
)
def test_a_plugin_that_cannot_be_imported_is_broken_and_stops_no_other(site: Any, source: str, reason: str) -> None:
    site.install("bad", source)
    site.install("good", SIZER.format(name="good"))

    host = load_plugins(entry_points=site.entry_points())

    assert (of(host, "bad").status, of(host, "bad").reason) == ("broken", reason)
    assert of(host, "good").status == "active"


def test_an_entry_point_that_names_a_class_is_refused(site: Any) -> None:
    module = site.install("bad", "class Plugin: pass")
    info = site.path / "acme_bad-1.0.dist-info" / "entry_points.txt"
    info.write_text(f"[qtrader]\nbad = {module}:Plugin\n", encoding="utf-8")

    plugin = of(load_plugins(entry_points=site.entry_points()), "bad")

    assert plugin.status == "broken"
    assert f"must name a module, not <class '{module}.Plugin'>" in str(plugin.reason)


def test_a_misspelt_hook_breaks_its_plugin(host_of: Callable[..., Host]) -> None:
    @hookimpl
    def qtrader_sizer() -> list[Any]:
        return []

    plugin = of(host_of(acme=[qtrader_sizer]), "acme")

    assert plugin.status == "broken"
    assert "unknown hook 'qtrader_sizer'" in str(plugin.reason)


def test_a_misspelt_hook_breaks_no_other_plugin(host_of: Callable[..., Host]) -> None:
    @hookimpl
    def qtrader_sizer() -> list[Any]:
        return []

    host = host_of(acme=[qtrader_sizer], other=[sizers()])

    assert of(host, "other").status == "active"


def test_a_hook_without_its_marker_breaks_its_plugin(host_of: Callable[..., Host]) -> None:
    def qtrader_sizers() -> list[Any]:
        return []

    plugin = of(host_of(acme=[qtrader_sizers]), "acme")

    assert plugin.reason == "qtrader_sizers is not marked: write @hookimpl above it"


def test_a_failed_register_leaves_nothing_of_the_plugin_behind(host_of: Callable[..., Host]) -> None:
    calls: list[str] = []

    @hookimpl
    def qtrader_run_failed(run: Any, error: Any) -> None:
        calls.append("good half")

    @hookimpl
    def qtrader_run_wired(engine: Any) -> None:
        calls.append("bad half")

    host = host_of(acme=[qtrader_run_failed, qtrader_run_wired])
    host.notify("qtrader_run_failed", run=None, error=None)

    assert of(host, "acme").status == "broken"
    assert calls == []
    assert host._manager.get_plugin("acme:acme") is None


def test_a_plugin_broken_by_its_second_hook_offers_nothing_of_its_first(host_of: Callable[..., Host]) -> None:
    @hookimpl
    def qtrader_strategies() -> list[Any]:
        raise RuntimeError("no strategies today")

    good = sizers(ToolProvider("kelly", "", "acme.sizer:Sizer"))

    plugin = of(host_of(acme=[good, qtrader_strategies]), "acme")

    assert plugin.reason == "qtrader_strategies raised RuntimeError: no strategies today"
    assert plugin.offers == ()


def test_a_parameter_with_a_default_is_refused_because_pluggy_never_fills_it(host_of: Callable[..., Host]) -> None:
    @hookimpl
    def qtrader_run_finished(run: Any, result: Any = None) -> None:
        raise AssertionError

    plugin = of(host_of(acme=[qtrader_run_finished]), "acme")

    expected = "parameter 'result' of qtrader_run_finished has a default, so it is never filled: write it without one"
    assert plugin.reason == expected


def test_a_generator_that_fails_late_fails_under_its_plugins_name(host_of: Callable[..., Host]) -> None:
    @hookimpl
    def qtrader_sizers() -> Iterator[Any]:
        yield ToolProvider("kelly", "", "acme.sizer:Sizer")
        raise KeyError("second")

    host = host_of(acme=[qtrader_sizers], other=[sizers()])

    assert of(host, "acme").reason == "qtrader_sizers raised KeyError: 'second'"
    assert of(host, "other").status == "active"


def test_an_endless_generator_is_stopped(host_of: Callable[..., Host]) -> None:
    @hookimpl
    def qtrader_sizers() -> Iterator[Any]:
        while True:
            yield ToolProvider("kelly", "", "acme.sizer:Sizer")

    plugin = of(host_of(acme=[qtrader_sizers]), "acme")

    assert plugin.reason == "qtrader_sizers() gave more than 1000 records and did not end"


@pytest.mark.parametrize("mark", [hookimpl(wrapper=True), hookimpl(hookwrapper=True)])
def test_a_hook_wrapper_is_refused(host_of: Callable[..., Host], mark: Callable[..., Any]) -> None:
    @mark
    def qtrader_sizers() -> Iterator[Any]:
        yield

    plugin = of(host_of(acme=[qtrader_sizers]), "acme")

    assert plugin.reason == "qtrader_sizers is a hook wrapper: there is nothing to wrap, return records instead"


@pytest.mark.parametrize(
    ("record", "reason"),
    [
        ("kelly", "qtrader_sizers() gave 'kelly' where a ToolProvider belongs"),
        (ToolProvider("Kelly Sizer", "", "a.b:C"), "gave the name 'Kelly Sizer': write it in lower case with hyphens"),
        (ToolProvider("kelly", "", "a.b.C"), "gave the target 'a.b.C' for 'kelly': write it as 'package.module:Class'"),
        (ToolProvider("kelly", "", dict), "gave the target <class 'dict'> for 'kelly'"),  # type: ignore[arg-type]
    ],
)
def test_garbage_in_place_of_a_record_breaks_its_plugin(host_of: Callable[..., Host], record: Any, reason: str) -> None:
    plugin = of(host_of(acme=[sizers(record)]), "acme")

    assert plugin.status == "broken"
    assert reason in str(plugin.reason)


@pytest.mark.parametrize("answer", [None, "kelly", 7, {"kelly": 1}])
def test_an_answer_that_is_no_list_of_records_breaks_its_plugin(host_of: Callable[..., Host], answer: Any) -> None:
    @hookimpl
    def qtrader_sizers() -> Any:
        return answer

    plugin = of(host_of(acme=[qtrader_sizers]), "acme")

    assert plugin.reason == f"qtrader_sizers() returned {answer!r}: return a list of records"


def test_a_plugin_that_gives_one_name_twice_is_broken(host_of: Callable[..., Host]) -> None:
    record = ToolProvider[Any]("kelly", "", "acme.sizer:Sizer")

    plugin = of(host_of(acme=[sizers(record, record)]), "acme")

    assert plugin.reason == "qtrader_sizers() gives 'kelly' twice"


@pytest.mark.parametrize("wanted", ["qtrader>=0.1,<0.2", "qtrader", "Qtrader[standard]>=0.1", "qtrader~=0.1.0"])
def test_a_plugin_made_for_this_kernel_is_active(site: Any, wanted: str) -> None:
    site.install("kelly", SIZER.format(name="kelly"), requires=["numpy>=1", wanted])

    host = load_plugins(entry_points=site.entry_points(), kernel_version="0.1.3")

    assert of(host, "kelly").status == "active"


def test_a_pre_release_of_the_kernel_counts_as_that_version(site: Any) -> None:
    site.install("kelly", SIZER.format(name="kelly"), requires=["qtrader>=0.1"])

    host = load_plugins(entry_points=site.entry_points(), kernel_version="0.2.0.dev1")

    assert of(host, "kelly").status == "active"


def test_a_plugin_made_for_another_kernel_is_incompatible(site: Any) -> None:
    site.install("kelly", SIZER.format(name="kelly"), requires=["qtrader>=0.2,<0.3"])

    plugin = of(load_plugins(entry_points=site.entry_points(), kernel_version="0.1.3"), "kelly")

    assert (plugin.status, plugin.reason) == ("incompatible", "it needs qtrader<0.3,>=0.2, this is qtrader 0.1.3")


def test_an_incompatible_plugin_is_not_imported(site: Any) -> None:
    module = site.install("kelly", SIZER.format(name="kelly"), requires=["qtrader>=0.2"])

    load_plugins(entry_points=site.entry_points(), kernel_version="0.1.3")

    assert module not in sys.modules


@pytest.mark.parametrize("requires", [[], ["numpy"], ["qtrader>=0.1; extra == 'test'"], ["qtrader-contracts>=0.1"]])
def test_a_plugin_that_names_no_kernel_version_is_incompatible(site: Any, requires: list[str]) -> None:
    site.install("kelly", SIZER.format(name="kelly"), requires=requires)

    plugin = of(load_plugins(entry_points=site.entry_points()), "kelly")

    assert plugin.status == "incompatible"
    assert 'add "qtrader>=0.1,<0.2" to its dependencies' in str(plugin.reason)


def test_a_plugin_whose_dependencies_cannot_be_read_is_incompatible(site: Any) -> None:
    site.install("kelly", SIZER.format(name="kelly"), requires=["qtrader>>1"])

    plugin = of(load_plugins(entry_points=site.entry_points()), "kelly")

    assert plugin.status == "incompatible"
    assert "its dependencies cannot be read" in str(plugin.reason)


@pytest.mark.parametrize("named", ["kelly", "acme-kelly"])
def test_what_is_not_named_is_disabled(site: Any, named: str) -> None:
    site.install("kelly", SIZER.format(name="kelly"))
    site.install("other", SIZER.format(name="other"))

    host = load_plugins(only=[named], entry_points=site.entry_points())

    assert {plugin.name: plugin.status for plugin in host.plugins} == {
        "kelly": "active",
        "kernel": "active",
        "other": "disabled",
    }


def test_a_disabled_plugin_is_not_imported(site: Any) -> None:
    module = site.install("kelly", "raise AssertionError")

    plugin = of(load_plugins(only=[], entry_points=site.entry_points()), "kelly")

    assert (plugin.status, plugin.reason) == ("disabled", "left out by QTRADER_PLUGINS")
    assert module not in sys.modules


def test_a_name_that_no_plugin_has_is_an_error_with_the_nearest(site: Any) -> None:
    site.install("kelly", SIZER.format(name="kelly"))

    with pytest.raises(ConfigError, match=r"no plugin is named 'kely'\. Installed: kelly\. Did you mean 'kelly'\?"):
        load_plugins(only=["kely"], entry_points=site.entry_points())


def test_a_provider_may_be_written_with_its_port() -> None:
    assert ToolProvider[Any]("kelly", "", "a.b:C") == ToolProvider("kelly", "", "a.b:C")


def test_two_distributions_may_call_their_plugins_the_same(site: Any) -> None:
    site.install("kelly", SIZER.format(name="one"), of="acme-a")
    site.install("kelly", SIZER.format(name="two"), of="acme-b")

    host = load_plugins(entry_points=site.entry_points())

    assert [plugin.distribution for plugin in host.active] == ["acme-a", "acme-b", "qtrader"]
