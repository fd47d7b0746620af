"""A service of a finished run, made again from the run's log: it says again what it said."""

from pathlib import Path
from typing import Any

import pytest

from market_builders import daily, market, split
from qtrader import BacktestEngine, Result, open_run
from qtrader.errors import RunError, StoreError
from qtrader.store import save
from runs import SAMPLE, play, random_walk

SAID = ("position", "cash", "trade", "valuation", "consolidated_portfolio")


def run(*overrides: str) -> BacktestEngine:
    engine = BacktestEngine.from_config(
        SAMPLE, overrides=["data.end=2001-06-29", "data.symbols=[AAPL, IBM]", *overrides]
    )
    engine.run()
    return engine


def payloads(events: Any) -> list[tuple[str, int, dict[str, Any]]]:
    """Topic, time and content of events, without the places that they have in their logs."""
    return [
        (one.topic, one.time_ns, {name: value for name, value in one.__dict__.items() if name != "origin"})
        for one in events
    ]


def said_then(result: Result) -> list[tuple[str, int, dict[str, Any]]]:
    return payloads(one for one in result.log.discrete_events() if one.topic in SAID)


def said_again(result: Result) -> list[tuple[str, int, dict[str, Any]]]:
    said: list[Any] = []
    result.rebuild("portfolio", watch=lambda service, event, answers: said.extend(answers))
    return payloads(said)


def test_the_portfolio_of_the_sample_run_says_every_event_again() -> None:
    """Thirteen years, with AAPL's split of 2:1 in 2000 and 2005 and the dividends of four companies."""
    result = BacktestEngine.from_config(SAMPLE).run()

    assert said_again(result) == said_then(result)


@pytest.mark.parametrize(
    "overrides",
    [
        ("engine.snapshots=fill",),
        ("engine.snapshots=session", "engine.valuation=bar"),
        ("engine.snapshots=month", "portfolio.lots.long=lifo"),
    ],
)
def test_settings_are_those_of_the_run(overrides: tuple[str, ...]) -> None:
    result = run(*overrides).get_results()

    assert len(said_then(result)) > 300
    assert said_again(result) == said_then(result)


@pytest.mark.parametrize("archive", ["always", "never"])
def test_a_stored_run_is_rebuilt_from_its_archive_or_its_source(tmp_path: Path, archive: str) -> None:
    engine = run(f"runs.archive={archive}")
    stored = open_run(save(engine.get_results(), tmp_path, config=engine.config).folder)

    assert said_again(stored) == said_then(engine.get_results())


def test_a_source_that_has_changed_is_refused(tmp_path: Path) -> None:
    engine = run("runs.archive=never")
    stored = open_run(save(engine.get_results(), tmp_path, config=engine.config).folder)
    stored.manifest["identity"]["data"]["AAPL"] = "0" * 64

    with pytest.raises(StoreError, match="were not archived with it, and those of the source have changed"):
        stored.rebuild("portfolio")


def test_many_symbols_with_bars_on_different_days_and_a_split() -> None:
    """Marks are those of the bars that were known at each event: B has none on odd days, C's split comes between."""
    even = list(range(0, 80, 2))
    tables = daily("A", random_walk(1, 80)), daily("B", random_walk(2, 40), even), daily("C", random_walk(3, 80))
    world = market(*tables, actions=[split("C", 33, 3, 2)], days=80)
    result = play(world, engine={"valuation": "bar", "snapshots": "fill"}).get_results()

    assert result.manifest["counts"]["fill"] > 10
    assert said_again(result) == said_then(result)


def test_the_ledger_of_a_rebuilt_portfolio_is_that_of_the_run() -> None:
    engine = run()

    rebuilt = engine.get_results().rebuild("portfolio")

    assert list(rebuilt.ledger) == list(engine.services["portfolio"].ledger)
    assert rebuilt.positions == engine.services["portfolio"].positions


def test_a_service_that_hears_every_bar_is_refused() -> None:
    with pytest.raises(RunError, match="service 'execution' hears of every bar"):
        run().get_results().rebuild("execution")


def test_nothing_that_was_published_is_changed() -> None:
    result = run().get_results()
    before = result.log.digest()

    result.rebuild("portfolio")

    assert result.log.digest() == before


def test_at_a_split_the_last_price_is_restated_as_it_was() -> None:
    """A closes at 100 the day before its split of 2:1: at the open the last price is 50."""
    world = market(daily("A", [90, 100, 51, 52]), actions=[split("A", 2)], days=4)
    result = play(world).get_results()
    prices: list[Any] = []

    def watch(service: Any, event: Any, said: Any) -> None:
        if event is not None and event.topic == "corporate_action":
            prices.append(service._wiring.market.last("A"))

    result.rebuild("portfolio", watch=watch)

    assert prices == [50]
