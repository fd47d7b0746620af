"""The composition root: graphs that do not fit are refused before the run, and a third party's service takes part."""

from dataclasses import dataclass, field
from itertools import count
from typing import Any, ClassVar

import pytest

from event_samples import event, made
from market_builders import daily, market
from qtrader import EventBus, hookimpl, wire_alone
from qtrader.errors import HandlerError, UnknownComponent, WiringError
from qtrader.events import CashEvent, PriceBarEvent, RecordEvent, ValuationTriggerEvent
from qtrader.market import Market
from qtrader.ports import Handler, Service
from qtrader.ports.settings import Reference
from qtrader.providers import ServiceProvider, ToolProvider
from qtrader.wiring import make_service
from tiny_run import PROVIDERS, Strategy, Stub, engine, host, play, provider, wire

HEARD: list[tuple[str, Any]] = []


class News(Stub):
    """A service of a third party."""

    name = "news"

    def handlers(self) -> list[Handler]:
        return [Handler("bar", self.on_bar)]

    def on_bar(self, bar: Any) -> None:
        HEARD.append((bar.symbol, self.wiring.market.last(bar.symbol)))


class Late(News):
    """Looks at the other symbol."""

    def on_bar(self, bar: Any) -> None:
        HEARD.append((bar.symbol, self.wiring.market.last("B")))


class Failing(News):
    """Raises at once."""

    def on_bar(self, bar: Any) -> None:
        raise ValueError("no paper today")


class Eavesdropper(Stub):
    """Listens to more than its provider says."""

    name = "news"
    answers = {"fill": RecordEvent}


class Early(Stub):
    """Says that it decides and acts before."""

    name = "news"

    def handlers(self) -> list[Handler]:
        return [Handler("bar", print, "market")]


class Garbled(Stub):
    """Has something else than a table of handlers."""

    name = "news"
    table: ClassVar[Any]

    def handlers(self) -> list[Handler]:
        return self.table  # type: ignore[no-any-return]


class Keen(Stub):
    """Overhears every order topic."""

    name = "news"

    def handlers(self) -> list[Handler]:
        return [Handler("order*", lambda event: HEARD.append((event.topic, event.symbol)))]


@pytest.fixture(autouse=True)
def _quiet() -> None:
    HEARD.clear()


def world(bars: int = 3) -> Market:
    return market(daily("A", range(10, 10 + bars)), daily("B", range(20, 20 + bars)), days=bars)


def wire_with(*extra: ServiceProvider, **changed: ServiceProvider | None) -> Any:
    """A run with the services of some providers beside, or in place of, the stubs."""
    return wire(world(), host(*extra, **changed), services=[{"use": one.name} for one in extra])


# graphs that do not fit


def test_a_topic_that_nobody_knows_cannot_be_emitted() -> None:
    with pytest.raises(WiringError, match="service 'news' emits the unknown topic 'headline'; offer it by"):
        wire_with(provider(News, ["bar"], ["headline"]))


def test_a_topic_that_nobody_knows_cannot_be_consumed() -> None:
    with pytest.raises(WiringError, match="service 'news' consumes the unknown topic 'headline'"):
        wire_with(provider(News, ["headline"]))


def test_a_pattern_that_fits_no_topic_is_refused() -> None:
    with pytest.raises(WiringError, match=r"service 'news' consumes the unknown topic 'ordr\*'"):
        wire_with(provider(News, ["ordr*"]))


def test_a_topic_that_no_service_feeds_is_refused() -> None:
    with pytest.raises(WiringError, match="'news' consumes 'record', which no service of this run emits"):
        wire_with(provider(News, ["record"]))


def test_a_topic_with_two_emitters_is_refused_with_both() -> None:
    with pytest.raises(WiringError, match="topic 'signal' has two emitters, 'strategy' and 'news'; remove one"):
        wire_with(provider(News, ["bar"], ["signal"]))


def test_what_the_engine_emits_nobody_else_may() -> None:
    with pytest.raises(WiringError, match="'valuation_trigger' has two emitters, 'engine' and 'news'"):
        wire_with(provider(News, ["bar"], ["valuation_trigger"]))


def test_a_handler_that_its_provider_does_not_declare_is_refused() -> None:
    with pytest.raises(WiringError, match=r"'news' handles 'fill', but its provider declares only \['bar'\]"):
        wire_with(provider(Eavesdropper, ["bar"]))


def test_a_phase_that_its_provider_does_not_declare_is_refused() -> None:
    with pytest.raises(WiringError, match=r"'news' handles 'bar@market', but its provider declares only \['bar'\]"):
        wire_with(provider(Early, ["bar"]))


@pytest.mark.parametrize("table", [None, "bar", [("bar", print)], count(), [Handler("bar", None)]])  # type: ignore[arg-type]
def test_a_table_of_anything_but_handlers_is_refused_with_the_service(table: Any) -> None:
    Garbled.table = table

    with pytest.raises(WiringError, match=r"service 'news': handlers\(\) answers .*: it must answer a list of Handler"):
        wire_with(provider(Garbled, ["bar"]))


@pytest.mark.parametrize("name", sorted(PROVIDERS))
def test_a_missing_service_names_what_to_install(name: str) -> None:
    with pytest.raises(UnknownComponent, match=rf"no service is named '{name}'.*pip install qtrader-service-{name}"):
        wire_with(**{name: None})


def test_a_service_named_twice_is_refused() -> None:
    plugins = host(provider(News, ["bar"]))

    with pytest.raises(WiringError, match="services: news: named twice"):
        wire(world(), plugins, services=[{"use": "news"}, {"use": "news"}])


def test_a_service_of_the_pipeline_cannot_be_added_again() -> None:
    with pytest.raises(WiringError, match="services: strategy: named twice, or part of every run already"):
        wire(world(), services=[{"use": "strategy"}])


def test_a_graph_that_fits_is_wired() -> None:
    run = wire(world())

    assert list(run.services) == ["data", "portfolio", "execution", "strategy", "manager", "reporting"]
    assert all(isinstance(one, Service) for one in run.services.values())


# a third party's service


def test_a_third_party_s_service_gets_every_bar() -> None:
    play(world(), host(provider(News, ["bar"])), services=[{"use": "news"}])

    assert HEARD == [("A", 10), ("B", 20), ("A", 11), ("B", 21), ("A", 12), ("B", 22)]


def test_a_third_party_s_service_gets_bars_when_deciding_after_all_of_the_instant_are_known() -> None:
    play(world(1), host(provider(Late, ["bar"])), services=[{"use": "news"}])

    assert HEARD == [("A", 20), ("B", 20)]


def test_a_service_that_is_not_named_in_the_configuration_takes_no_part() -> None:
    play(world(), host(provider(News, ["bar"])))

    assert HEARD == []


def test_a_third_party_s_service_gets_its_options() -> None:
    plugins = host(provider(News, ["bar"]))
    run = wire(world(), plugins, services=[{"use": "news", "with": {"feed": "wire"}}])

    assert run.services["news"].config == {"feed": "wire"}  # type: ignore[attr-defined]


def test_a_pattern_covers_the_topics_that_begin_with_it() -> None:
    play(world(2), host(provider(Keen, ["order*"])), services=[{"use": "news"}])

    assert {"order", "order_update"} == {topic for topic, _ in HEARD}


def test_services_are_called_in_pipeline_order_and_others_after_them() -> None:
    run = wire_with(provider(News, ["bar"]))

    assert list(dict.fromkeys(one.owner for one in run.bus.subscriptions)) == [
        "books",
        "portfolio",
        "execution",
        "strategy",
        "manager",
        "news",
    ]


def test_a_service_that_fails_is_named_with_its_handler() -> None:
    with pytest.raises(HandlerError, match=r"news: Failing\.on_bar failed on .*ValueError: no paper today"):
        engine(world(), host(provider(Failing, ["bar"])), services=[{"use": "news"}]).run()


# what a service is given


def test_each_service_speaks_under_its_own_name() -> None:
    run = wire(world())

    assert list(run.services) == [one.wiring.emitter.source for one in run.services.values()]  # type: ignore[attr-defined]


def test_all_services_share_one_view_and_one_projection_of_the_books() -> None:
    services = wire(world()).services.values()

    assert len({id(one.wiring.market) for one in services}) == 1  # type: ignore[attr-defined]
    assert len({id(one.wiring.books) for one in services}) == 1  # type: ignore[attr-defined]


def test_a_service_can_be_made_again() -> None:
    run = wire(world())
    fresh = make_service(run, "strategy")

    assert isinstance(fresh, Strategy)
    assert fresh is not run.services["strategy"]


@dataclass
class Knife:
    """A tool with a state of its own, which no run may share with another."""

    length: int = 5
    used: list[str] = field(default_factory=list, init=False)

    def size(self, request: Any) -> Any:
        """Never asked."""


@hookimpl
def qtrader_sizers() -> list[ToolProvider[Any]]:
    return [ToolProvider("knife", "Cuts", f"{__name__}:Knife")]


@pytest.mark.parametrize(
    "reference",
    ["knife", Reference(use="knife"), Reference(use="knife", instance=Knife())],
    ids=["name", "reference", "instance"],
)
def test_a_tool_is_built_fresh_each_time(reference: Any) -> None:
    tools = wire(world(), host(tools=qtrader_sizers)).tools
    first, second = tools.build("sizer", reference), tools.build("sizer", reference)
    first.used.append("cut")

    assert (first.length, second.length, second.used) == (5, 5, [])


def test_tools_remember_which_distributions_they_came_from() -> None:
    tools = wire(world(), host(tools=qtrader_sizers)).tools
    tools.build("sizer", Reference(use="knife", **{"with": {"length": 7}}))

    assert {"qtrader", "qtrader-contracts", "tiny"} == set(tools.versions)


def test_what_was_not_used_is_not_remembered() -> None:
    tools = wire(world(), host(tools=qtrader_sizers)).tools
    before = set(tools.versions)
    tools.source_digest(Reference(use="knife"))

    assert before == set(tools.versions)


# the run digest


def test_the_run_digest_changes_with_config_data_and_actions() -> None:
    base = engine(world()).run_state.digest
    others = [
        engine(world(), portfolio={"cash": 7}).run_state.digest,
        engine(market(daily("A", [10, 11, 12]), daily("B", [20, 21, 23]), days=3)).run_state.digest,
    ]

    assert len({base, *others}) == 3


def test_the_guard_needs_a_portfolio_service_that_shows_its_books() -> None:
    with pytest.raises(
        WiringError, match=r"engine\.guard: the portfolio service \(Portfolio\) does not show its books"
    ):
        engine(world(), engine={"guard": True})


def test_the_run_digest_does_not_change_with_mode_output_and_archive() -> None:
    others = [
        {"engine": {"mode": "dense"}},
        {"runs": {"dir": "elsewhere", "archive": "never"}},
        {"report": {"use": []}},
    ]

    assert {engine(world()).run_state.digest} == {engine(world(), **one).run_state.digest for one in others}


# alone


def test_a_service_alone_learns_market_and_books_from_its_bus() -> None:
    bus = EventBus()
    wiring = wire_alone(bus, "acme")
    bar = event(PriceBarEvent)
    bus.publish(bar)
    told = made(CashEvent, currency=wiring.books.currency)
    bus.publish(told)

    assert (bar.close, told.balance) == (wiring.market.last(bar.symbol), wiring.books.cash)


def test_a_service_alone_emits_outside_a_run() -> None:
    bus = EventBus()
    wire_alone(bus, "acme").emitter.emit(ValuationTriggerEvent, session=None, reason="end")

    assert [(one.topic, one.origin.run) for one in bus.history] == [("valuation_trigger", 0)]


def test_a_service_alone_is_told_the_bar_before_it_is_called() -> None:
    bus = EventBus()
    seen: list[Any] = []
    bus.subscribe("bar", lambda bar: seen.append(wiring.market.last(bar.symbol)), phase="market")
    wiring = wire_alone(bus, "acme")
    bar = event(PriceBarEvent)
    bus.publish(bar)

    assert [bar.close] == seen
