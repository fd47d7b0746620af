from collections.abc import Callable
from typing import Any

import pytest

from qtrader import hookimpl
from qtrader.catalogue import Catalogue, import_target
from qtrader.errors import DuplicateName, PluginBroken
from qtrader.plugins import Host
from qtrader.providers import EventProvider, Upcaster


def with_language(payload: dict[str, Any]) -> dict[str, Any]:
    return {**payload, "language": "en"}


@hookimpl
def qtrader_upcasters() -> list[Upcaster]:
    return [Upcaster("acme/news.v1", "acme/news.v2", f"{__name__}:with_language")]


def test_qtrader_upcasters_offers_a_function_by_the_contract_that_it_starts_at(host_of: Callable[..., Host]) -> None:
    entry = Catalogue.of(host_of(acme=[qtrader_upcasters])).find("upcaster", "acme/news.v1")

    assert (entry.plugin.name, entry.summary) == ("acme", "to acme/news.v2")
    assert import_target(entry)({"headline": "x"}) == {"headline": "x", "language": "en"}


def test_qtrader_upcasters_that_start_at_one_contract_twice_are_duplicates(host_of: Callable[..., Host]) -> None:
    catalogue = Catalogue.of(host_of(acme=[qtrader_upcasters], other=[qtrader_upcasters]))

    with pytest.raises(DuplicateName, match=r"upcaster 'acme/news\.v1' is offered by 'acme' and 'other'"):
        catalogue.find("upcaster", "acme/news.v1")


def test_qtrader_upcasters_that_are_no_function_are_broken(host_of: Callable[..., Host]) -> None:
    @hookimpl
    def qtrader_upcasters() -> list[Upcaster]:
        return [Upcaster("acme/news.v1", "acme/news.v2", f"{__name__}:__name__")]

    with pytest.raises(PluginBroken, match="is not a function"):
        import_target(Catalogue.of(host_of(acme=[qtrader_upcasters])).find("upcaster", "acme/news.v1"))


@pytest.mark.parametrize(("contract", "to"), [("acme/news", "acme/news.v2"), ("acme/news.v1", "news 2")])
def test_qtrader_upcasters_between_no_contracts_break_the_plugin(
    host_of: Callable[..., Host], contract: str, to: str
) -> None:
    @hookimpl
    def qtrader_upcasters() -> list[Upcaster]:
        return [Upcaster(contract, to, f"{__name__}:with_language")]

    (plugin,) = (one for one in host_of(acme=[qtrader_upcasters]).plugins if one.name == "acme")

    assert plugin.status == "broken"
    assert "write it as 'producer/name.v1'" in str(plugin.reason)


def test_several_versions_of_a_topic_are_one_name_and_the_newest_is_found(host_of: Callable[..., Host]) -> None:
    @hookimpl
    def qtrader_event_types() -> list[EventProvider]:
        return [EventProvider("news", f"{__name__}:V{version}", f"acme/news.v{version}") for version in (2, 10, 1)]

    catalogue = Catalogue.of(host_of(acme=[qtrader_event_types]))

    assert catalogue.provider("event-type", "news").schema == "acme/news.v10"
    assert catalogue.duplicates() == ()


def test_a_topic_of_two_plugins_is_still_a_duplicate(host_of: Callable[..., Host]) -> None:
    def offering(version: int) -> Callable[..., list[EventProvider]]:
        @hookimpl
        def qtrader_event_types() -> list[EventProvider]:
            return [EventProvider("news", f"{__name__}:V{version}", f"acme/news.v{version}")]

        return qtrader_event_types

    catalogue = Catalogue.of(host_of(acme=[offering(1)], other=[offering(2)]))

    with pytest.raises(DuplicateName, match="event-type 'news' is offered by 'acme' and 'other'"):
        catalogue.find("event-type", "news")
