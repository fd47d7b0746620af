from collections.abc import Callable
from typing import Any

from qtrader import hookimpl
from qtrader.catalogue import Catalogue
from qtrader.plugins import Host
from qtrader.providers import EventProvider

MARKET = {"bar", "corporate_action"}
STRATEGY = {"signal", "order_request", "record", "target"}
MANAGER = {"order", "order_command", "decision", "signal_rejected"}
EXECUTION = {"order_update", "fill", "ambiguity"}
PORTFOLIO = {"position", "cash", "trade", "valuation", "consolidated_portfolio"}
KERNEL_TOPICS = MARKET | STRATEGY | MANAGER | EXECUTION | PORTFOLIO | {"session_open", "valuation_trigger"}


class NewsEvent:
    """Something was written."""


@hookimpl
def qtrader_event_types() -> list[EventProvider]:
    return [EventProvider("news", f"{__name__}:NewsEvent", "acme/news.v1")]


def test_qtrader_event_types_adds_a_topic_beside_the_kernels_own(host_of: Callable[..., Host]) -> None:
    catalogue = Catalogue.of(host_of(acme=[qtrader_event_types]))

    assert list(catalogue.names("event-type")) == sorted(KERNEL_TOPICS | {"news"})


def test_qtrader_event_types_names_the_event_class(host_of: Callable[..., Host]) -> None:
    catalogue = Catalogue.of(host_of(acme=[qtrader_event_types]))

    assert catalogue.load("event-type", "news").__name__ == "NewsEvent"


def test_qtrader_event_types_of_the_kernel_have_one_class_and_one_contract_each(host_of: Callable[..., Host]) -> None:
    catalogue = Catalogue.of(host_of())

    for entry in catalogue.entries("event-type"):
        event_class: Any = catalogue.load("event-type", entry.name)
        folder, _, version = entry.summary.partition(".v")
        assert (event_class.topic, event_class.version) == (entry.name, int(version))
        assert folder.endswith(f"/{entry.name}")


def test_qtrader_event_types_with_a_contract_of_no_version_break_the_plugin(host_of: Callable[..., Host]) -> None:
    @hookimpl
    def qtrader_event_types() -> list[EventProvider]:
        return [EventProvider("news", f"{__name__}:NewsEvent", "acme/news")]

    (plugin,) = (one for one in host_of(acme=[qtrader_event_types]).plugins if one.name == "acme")

    expected = "qtrader_event_types() gave the contract 'acme/news' for 'news': write it as 'producer/name.v1'"
    assert (plugin.status, plugin.reason) == ("broken", expected)
