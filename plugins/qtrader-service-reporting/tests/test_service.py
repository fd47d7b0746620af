"""The service on a bus, with events made by hand."""

import json
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from qtrader import EventBus
from qtrader.errors import ConfigError, StoreError
from qtrader.events import CashEvent
from qtrader.ports import Service
from qtrader.ports.settings import ReportSettings
from qtrader_service_reporting.service import ReportingService

Build = Callable[..., Any]


def cash(kind: str, amount: str) -> CashEvent:
    """A movement of cash in USD."""
    zero = Decimal(0)
    totals = dict.fromkeys(("balance", "receivable", "payable", "accrued"), zero)
    return CashEvent(currency="USD", kind=kind, amount=Decimal(amount), **totals)


@pytest.fixture
def bus() -> EventBus:
    return EventBus()


@pytest.fixture
def service(bus: EventBus) -> ReportingService:
    return ReportingService(bus, ReportSettings())


@pytest.fixture
def story(valuation: Build, trade: Build, fill: Build) -> list[Any]:
    """1000 in, one fill, a dividend, a losing round trip, 100 more in, two sessions."""
    return [
        cash("deposit", "1000"),
        fill(),
        valuation("2024-01-02", "990", open_positions=1),
        cash("dividend", "5"),
        trade("a", "-20"),
        cash("deposit", "100"),
        valuation("2024-01-03", "1090"),
    ]


def test_service_has_the_port_of_a_service(service: ReportingService) -> None:
    assert isinstance(service, Service)


def test_figures_come_from_what_was_published(bus: EventBus, service: ReportingService, story: list[Any]) -> None:
    for event in story:
        bus.publish(event)

    found = service.metrics()

    assert (found.initial_equity, found.final_equity) == (Decimal(1000), Decimal(1090))
    assert found.total_return == -0.01  # 990 / 1000, then 1090 - 100 flat
    assert (found.trades, found.win_rate, found.exposure) == (1, 0.0, 0.5)
    assert (found.commission, found.slippage) == (Decimal(1), Decimal("0.2"))


def test_dividend_is_profit_and_no_flow(bus: EventBus, service: ReportingService, valuation: Build) -> None:
    for event in (cash("deposit", "1000"), valuation("2024-01-02", "1000"), cash("dividend", "10")):
        bus.publish(event)
    bus.publish(valuation("2024-01-03", "1010"))

    assert service.metrics().total_return == 0.01


def test_every_file_is_written_and_named(service: ReportingService, tmp_path: Path) -> None:
    written = service.write(tmp_path)

    assert [path.name for path in written] == ["metrics.json", "equity.parquet", "trades.csv", "fills.csv"]
    assert all(path.is_file() for path in written)


def test_csv_files_are_left_out_where_not_asked_for(bus: EventBus, tmp_path: Path) -> None:
    written = ReportingService(bus, ReportSettings(use=["json"])).write(tmp_path)

    assert [path.name for path in written] == ["metrics.json", "equity.parquet"]


def test_unknown_report_is_refused_with_the_choices(bus: EventBus) -> None:
    with pytest.raises(ConfigError, match=r"no report is named 'jsom'\. .*Always there: json, csv"):
        ReportingService(bus, ReportSettings(use=["jsom"]))


@pytest.mark.parametrize("cut", range(8))
def test_restored_service_goes_on_as_if_never_stopped(
    bus: EventBus, service: ReportingService, story: list[Any], tmp_path: Path, cut: int
) -> None:
    """Stopped after any event, taken through JSON, and fed the rest, it writes the same bytes."""
    for event in story[:cut]:
        bus.publish(event)
    saved = json.loads(json.dumps(service.snapshot()))
    other_bus = EventBus()
    other = ReportingService(other_bus, ReportSettings())
    other.restore(saved)
    (tmp_path / "one").mkdir()
    (tmp_path / "other").mkdir()

    for event in story[cut:]:
        bus.publish(event)
        other_bus.publish(event)

    whole = [path.read_bytes() for path in service.write(tmp_path / "one")]
    assert [path.read_bytes() for path in other.write(tmp_path / "other")] == whole


def test_snapshot_of_another_version_is_refused(service: ReportingService) -> None:
    later = {**service.snapshot(), "version": 3}

    with pytest.raises(StoreError, match="snapshot version 3; this release reads 2"):
        service.restore(later)


def held(kind: str, amount: str, accrued: str, currency: str = "USD") -> CashEvent:
    """An accrual, or a bill, and what is accrued after it."""
    totals = dict.fromkeys(("balance", "receivable", "payable"), Decimal(0))
    return CashEvent(currency=currency, kind=kind, amount=Decimal(amount), accrued=Decimal(accrued), **totals)


BILLED = [held("borrow_fee", "0", "5.004"), held("margin_interest", "0", "7.504"), held("borrow_fee", "-5", "2.504")]


def test_carry_is_what_was_billed_and_what_is_accrued(service: ReportingService, valuation: Build) -> None:
    for event in [*BILLED, held("margin_interest", "-2.5", "0.004")]:
        service.on_cash(event)
    service.handlers()[0].call(valuation("2024-01-02", "1000"))

    assert service.metrics().carry == Decimal("5") + Decimal("2.5") + Decimal("0.004")


def test_carry_goes_on_after_a_restore(service: ReportingService, valuation: Build) -> None:
    for event in BILLED:
        service.on_cash(event)
    other = ReportingService(EventBus(), ReportSettings())
    other.restore(service.snapshot())
    other.on_cash(held("margin_interest", "-2.5", "0.004"))
    other.handlers()[0].call(valuation("2024-01-02", "1000"))

    assert other.metrics().carry == Decimal("7.504")


def test_carry_in_another_currency_is_not_added_up(service: ReportingService, valuation: Build) -> None:
    service.on_cash(held("borrow_fee", "0", "5", "EUR"))
    service.handlers()[0].call(valuation("2024-01-02", "1000"))
    found = service.metrics()

    assert (found.carry, found.why("carry")) == (None, "costs of holding are in several currencies: EUR, USD")
