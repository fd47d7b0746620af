"""The kit for plugin authors: what keeps to its port passes every suite, what does not is caught by the test meant."""

from datetime import date
from decimal import Decimal
from types import ModuleType
from typing import Any

import numpy as np
import pytest

from qtrader import testing as kit
from qtrader.events import RecordEvent, SignalEvent
from qtrader.ports import (
    Columns,
)
from qtrader.testing import (
    IndicatorConformance,
    RecordingBus,
    bar,
    books,
    example,
    fill,
    order,
    request,
)

# what is right


class Before:
    """The close some bars ago."""

    def __init__(self, lookback: int = 2) -> None:
        self.lookback = lookback

    def over(self, columns: Columns) -> Any:
        return np.concatenate((np.full(self.lookback, np.nan), columns.close[: -self.lookback]))

    def stream(self) -> Any:
        return BeforeStream(self.lookback)


class BeforeStream:
    def __init__(self, lookback: int) -> None:
        self.lookback = lookback
        self.closes: list[float] = []

    def update(self, open: float, high: float, low: float, close: float, volume: float) -> float | None:
        self.closes.append(close)
        return self.closes.pop(0) if len(self.closes) > self.lookback else None

    def reset(self) -> None:
        self.closes.clear()

    def snapshot(self) -> dict[str, Any]:
        return {"closes": self.closes}

    def restore(self, snapshot: dict[str, Any]) -> None:
        self.closes = list(snapshot["closes"])


COLUMN = np.arange(8, dtype=np.float64) ** 2
COLUMNS = Columns(np.arange(8), COLUMN, COLUMN, COLUMN, COLUMN, COLUMN)


class TestBefore(IndicatorConformance):
    tool = Before()
    columns = COLUMNS


# what is wrong


class Foreseeing(Before):
    """Looks at the last bar of all."""

    def over(self, columns: Columns) -> Any:
        return super().over(columns) + columns.close[-1] * (columns.close > columns.close[-2])


class OffByABit(Before):
    """Adds up in another order."""

    def over(self, columns: Columns) -> Any:
        return np.nextafter(super().over(columns), np.inf)


class Clinging(Before):
    """Keeps its closes through a reset."""

    def stream(self) -> Any:
        made = BeforeStream(self.lookback)
        made.reset = lambda: None  # type: ignore[method-assign]
        return made


class Lossy(Before):
    """Saves one close too few."""

    def stream(self) -> Any:
        made = BeforeStream(self.lookback)
        made.snapshot = lambda: {"closes": made.closes[1:]}  # type: ignore[method-assign]
        return made


WRONG = [
    (IndicatorConformance, Before(7), "test_there_are_more_bars_than_it_looks_back"),
    (IndicatorConformance, Foreseeing(), "test_later_bars_change_nothing"),
    (IndicatorConformance, OffByABit(), "test_stream_equals_batch_bit_for_bit"),
    (IndicatorConformance, Clinging(), "test_a_stream_that_was_reset_begins_anew"),
    (IndicatorConformance, Lossy(), "test_a_stream_stopped_anywhere_and_restored_goes_on"),
]


@pytest.mark.parametrize(
    ("suite", "tool", "test"), WRONG, ids=[f"{type(tool).__name__}-{test}" for _, tool, test in WRONG]
)
def test_what_does_not_keep_to_its_port_is_caught(suite: type[Any], tool: Any, test: str) -> None:
    checked = type("Checked", (suite,), {"tool": tool, "columns": COLUMNS})()

    with pytest.raises(AssertionError):
        getattr(checked, test)()


# builders


def test_builders_take_amounts_as_text() -> None:
    assert (request(equity="7").equity, order(quantity="0.5").quantity, fill(price="1.25").price) == (
        Decimal(7), Decimal("0.5"), Decimal("1.25"),
    )  # fmt: skip


def test_a_bar_is_built_from_its_four_prices() -> None:
    one = bar("IBM", prices="1 4 0.5 2", volume=None, day=9)

    assert (one.symbol, one.open, one.high, one.low, one.close, one.volume) == (
        "IBM", Decimal(1), Decimal(4), Decimal("0.5"), Decimal(2), None,
    )  # fmt: skip
    assert one.session == date(2020, 1, 9)


def test_an_account_holds_what_it_is_said_to_hold() -> None:
    account = books("1000", AAPL="10")

    assert (account.equity, account.cash, account.quantity("AAPL"), account.quantity("IBM")) == (1000, 1000, 10, 0)


def test_an_example_holds_to_its_contract_whatever_was_changed() -> None:
    with pytest.raises(ValueError, match="price"):
        example(SignalEvent, price=Decimal(-1))


def test_an_example_is_an_event_made_by_hand() -> None:
    assert (example(SignalEvent).origin.run, example(SignalEvent, symbol="ZZZ").symbol) == (0, "ZZZ")


def test_a_recording_bus_tells_what_was_published() -> None:
    bus = RecordingBus()
    first, second = (bus.publish(event) for event in (example(SignalEvent), example(RecordEvent)))

    assert (bus.topics(), bus.of("record")) == (["signal", "record"], [second])
    assert first is not second


@pytest.mark.parametrize("name", kit.__all__)
def test_no_module_of_the_kit_hides_a_name_of_the_kit(name: str) -> None:
    assert not isinstance(getattr(kit, name), ModuleType)
