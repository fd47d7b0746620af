"""The kit for plugin authors: what keeps to its port passes every suite, what does not is caught by the test meant."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from types import ModuleType
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from qtrader import EventBus, wire_alone
from qtrader import testing as kit
from qtrader.errors import DataError, RunError
from qtrader.events import BaseEvent, FrozenMap, RecordEvent, SignalEvent
from qtrader.ports import (
    Columns,
    CorporateAction,
    FillDecision,
    Handler,
    Instrument,
    Size,
    SourceFacts,
    Verdict,
)
from qtrader.providers import ServiceProvider
from qtrader.testing import (
    CommissionConformance,
    DataSourceConformance,
    FillPolicyConformance,
    IndicatorConformance,
    RecordingBus,
    RiskLimitConformance,
    ServiceConformance,
    SizerConformance,
    SlippageConformance,
    StrategyConformance,
    bar,
    books,
    example,
    fill,
    order,
    request,
)

# what is right


@dataclass
class Fixed:
    """A fixed number of units."""

    quantity: Decimal = Decimal(10)

    def size(self, request: Any) -> Size:
        return Size(self.quantity, {"quantity": self.quantity})


@dataclass
class Ceiling:
    """At most some units."""

    most: Decimal = Decimal(50)

    def check(self, intent: Any, books: Any) -> Verdict:
        room = self.most - books.quantity(intent.symbol)
        return Verdict("pass") if intent.quantity <= room else Verdict("shrink", room, f"at most {self.most}")


@dataclass
class AtOpen:
    """All of it at the open."""

    same_bar: bool = False

    def decide(self, order: Any, bar: Any) -> FillDecision | None:
        return None if bar.volume == 0 else FillDecision(order.quantity, bar.open, optimistic=self.same_bar)


@dataclass
class Cent:
    """A cent against the trader."""

    def adjust(self, price: Decimal, order: Any, bar: Any) -> Decimal:
        return price + (Decimal("0.01") if order.side == "buy" else Decimal("-0.01"))


@dataclass
class Flat:
    """One a fill."""

    def fee(self, fill: Any) -> Decimal:
        return Decimal(1)


@dataclass
class Counting:
    """Counts bars."""

    bars: int = field(default=0, init=False)

    def on_bar(self, bar: Any, context: Any) -> None:
        self.bars += 1

    def snapshot(self) -> dict[str, Any]:
        return {"bars": self.bars}

    def restore(self, snapshot: dict[str, Any]) -> None:
        self.bars = snapshot["bars"]


@dataclass
class Rows:
    """Six days of one symbol."""

    facts: SourceFacts = field(default_factory=lambda: SourceFacts("raw", "session"))

    def instruments(self) -> list[Instrument]:
        return [Instrument("A")]

    def intervals(self, symbol: str) -> list[str]:
        return ["1d"]

    def bars(self, symbol: str, interval: str, start: date | None, end: date | None) -> pa.RecordBatchReader:
        if symbol != "A":
            raise DataError(f"no {symbol!r}; there is 'A'")
        if interval != "1d":
            raise DataError(f"no bars of {interval}")
        days = [date(2020, 1, day) for day in range(1, 25, 4)]
        kept = [day for day in days if (start or day) <= day <= (end or day)]
        prices = dict.fromkeys(("open", "high", "low", "close"), [1.0] * len(kept))
        return pa.table({"time": pa.array(kept, pa.date32()), **prices}).to_reader()

    def actions(self, symbol: str) -> list[CorporateAction]:
        return []


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


class Echo:
    """Writes down each signal, and how many there were."""

    def __init__(self, bus: EventBus, wiring: Any) -> None:
        self.count = 0
        self.emit = (wiring or wire_alone(bus, "echo")).emitter.emit
        if wiring is None:
            bus.attach("echo", self.handlers())

    def handlers(self) -> list[Handler]:
        return [Handler("signal", self.on_signal)]

    def on_signal(self, signal: Any) -> None:
        self.count += 1
        self.emit(RecordEvent, strategy_id=signal.strategy_id, values=FrozenMap({"n": self.count}))

    def start(self) -> None: ...

    def stop(self) -> None: ...

    def snapshot(self) -> dict[str, Any]:
        return {"version": 1, "count": self.count}

    def restore(self, snapshot: dict[str, Any]) -> None:
        if snapshot["version"] != 1:
            raise RunError("another version")
        self.count = snapshot["count"]


class EchoSuite(ServiceConformance):
    provider = ServiceProvider("echo", "Echoes", "echo:Echo", ("signal",), ("record",))
    service: type[Any] = Echo

    def make(self, bus: EventBus, wiring: Any) -> Any:
        return self.service(bus, wiring)

    def steps(self) -> Sequence[BaseEvent]:
        return STORY


STORY = [example(SignalEvent, signal_id=f"s-{number}") for number in range(4)]


class TestFixed(SizerConformance):
    tool = Fixed()


class TestCeiling(RiskLimitConformance):
    tool = Ceiling(Decimal(50))
    intents = tuple(one for one in RiskLimitConformance.intents if one.quantity > 50)
    accounts = (books(), books("1000", AAPL="10"))


class TestAtOpen(FillPolicyConformance):
    tool = AtOpen()


class TestAtOpenOfTheSameBar(FillPolicyConformance):
    tool = AtOpen(same_bar=True)


class TestCent(SlippageConformance):
    tool = Cent()


class TestFlat(CommissionConformance):
    tool = Flat()


class TestCounting(StrategyConformance):
    tool = Counting()


class TestRows(DataSourceConformance):
    tool = Rows()


class TestBefore(IndicatorConformance):
    tool = Before()
    columns = COLUMNS


class TestEcho(EchoSuite):
    pass


# what is wrong


class Undocumented(Fixed): ...


class Negative(Fixed):
    """Shrinks below nothing."""

    def size(self, request: Any) -> Size:
        return Size(Decimal(-1))


class Endless(Fixed):
    """Divides by nothing."""

    def size(self, request: Any) -> Size:
        return Size(Decimal("NaN"))


class Floating(Fixed):
    """Explains itself in floats."""

    def size(self, request: Any) -> Size:
        return Size(Decimal(1), {"share": 0.1})  # type: ignore[dict-item]


class Moody(Fixed):
    """Sizes one more each time."""

    def size(self, request: Any) -> Size:
        self.quantity += 1
        return Size(self.quantity)


class Silent(Ceiling):
    """Refuses without a word."""

    def check(self, intent: Any, books: Any) -> Verdict:
        return Verdict("refuse")


class Growing(Ceiling):
    """Shrinks to more."""

    def check(self, intent: Any, books: Any) -> Verdict:
        return Verdict("shrink", intent.quantity + 1, "more is more")


class Forgetful(Ceiling):
    """Remembers what it let through."""

    def check(self, intent: Any, books: Any) -> Verdict:
        self.most -= 1
        return Verdict("refuse", None, f"{self.most} are left")


class Greedy(AtOpen):
    """Fills one too many."""

    def decide(self, order: Any, bar: Any) -> FillDecision | None:
        return FillDecision(order.quantity + 1, bar.open)


class Beyond(AtOpen):
    """Fills above the high."""

    def decide(self, order: Any, bar: Any) -> FillDecision | None:
        return FillDecision(order.quantity, bar.high + 1)


class Idle(AtOpen):
    """Never fills."""

    def decide(self, order: Any, bar: Any) -> FillDecision | None:
        return None


class Blind(AtOpen):
    """Fills whatever the volume."""

    def decide(self, order: Any, bar: Any) -> FillDecision | None:
        return FillDecision(order.quantity, bar.open)


class Timid(AtOpen):
    """Takes unknown volume for none."""

    def decide(self, order: Any, bar: Any) -> FillDecision | None:
        return FillDecision(order.quantity, bar.open) if bar.volume else None


@dataclass
class Boastful(AtOpen):
    """Fills in the bar of the decision and does not say so."""

    same_bar: bool = True

    def decide(self, order: Any, bar: Any) -> FillDecision | None:
        return FillDecision(order.quantity, bar.open)


class Kind(Cent):
    """A cent for the trader."""

    def adjust(self, price: Decimal, order: Any, bar: Any) -> Decimal:
        return price - Decimal("0.01") if order.side == "buy" else price


class Generous(Flat):
    """Pays for trading."""

    def fee(self, fill: Any) -> Decimal:
        return Decimal(-1)


class Rough(Flat):
    """Rounds as nobody does."""

    rounding = "up"


@dataclass
class HalfSaved:
    """Can be saved and not brought back."""

    def on_bar(self, bar: Any, context: Any) -> None: ...

    def snapshot(self) -> dict[str, Any]:
        return {}


@dataclass
class Mute:
    """Is never called."""


class Undeclared(Rows):
    """Says nothing of its prices."""

    def __init__(self) -> None:
        super().__init__(SourceFacts())


class Boundless(Rows):
    """Gives everything, whatever the bounds."""

    def bars(self, symbol: str, interval: str, start: date | None, end: date | None) -> pa.RecordBatchReader:
        return super().bars(symbol, interval, None, None)


class Exclusive(Rows):
    """Leaves out the last day."""

    def bars(self, symbol: str, interval: str, start: date | None, end: date | None) -> pa.RecordBatchReader:
        rows = super().bars(symbol, interval, start, end).read_all()
        return (rows if end is None else rows.slice(0, len(rows) - 1)).to_reader()


class Obliging(Rows):
    """Has every symbol there is."""

    def bars(self, symbol: str, interval: str, start: date | None, end: date | None) -> pa.RecordBatchReader:
        return super().bars("A", interval, start, end)


class Backwards(Rows):
    """Gives the latest first."""

    def bars(self, symbol: str, interval: str, start: date | None, end: date | None) -> pa.RecordBatchReader:
        rows = super().bars(symbol, interval, start, end).read_all()
        return rows.take(pa.array(range(len(rows) - 1, -1, -1))).to_reader()


class Twice(Rows):
    """Lists an instrument twice."""

    def instruments(self) -> list[Instrument]:
        return [Instrument("A"), Instrument("A")]


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
    (SizerConformance, Undocumented(), "test_class_and_options_are_documented"),
    (SizerConformance, object(), "test_it_is_a_plain_dataclass"),
    (SizerConformance, Flat(), "test_it_is_a_sizer"),
    (SizerConformance, Negative(), "test_sizes_are_finite_decimals_and_never_negative"),
    (SizerConformance, Endless(), "test_sizes_are_finite_decimals_and_never_negative"),
    (SizerConformance, Floating(), "test_inputs_explain_the_size_in_decimals"),
    (SizerConformance, Moody(), "test_the_same_request_gives_the_same_size"),
    (SizerConformance, Moody(), "test_sizing_changes_no_option"),
    (RiskLimitConformance, Flat(), "test_it_is_a_limit"),
    (RiskLimitConformance, Silent(), "test_whatever_does_not_pass_has_a_reason"),
    (RiskLimitConformance, Growing(), "test_shrinking_leaves_less_than_was_asked_and_more_than_nothing"),
    (RiskLimitConformance, Forgetful(), "test_the_same_question_gets_the_same_verdict"),
    (RiskLimitConformance, Forgetful(), "test_checking_changes_no_option"),
    (FillPolicyConformance, Flat(), "test_it_is_a_fill_policy"),
    (FillPolicyConformance, Greedy(), "test_quantity_is_conserved"),
    (FillPolicyConformance, Beyond(), "test_prices_lie_in_the_bar"),
    (FillPolicyConformance, Idle(), "test_it_fills_something"),
    (FillPolicyConformance, Blind(), "test_a_bar_without_volume_never_fills"),
    (FillPolicyConformance, Timid(), "test_unknown_volume_fills_like_ample_volume"),
    (FillPolicyConformance, Boastful(), "test_fills_in_the_bar_of_the_decision_are_called_optimistic"),
    (SlippageConformance, Kind(), "test_it_never_improves_the_price"),
    (SlippageConformance, Flat(), "test_it_is_a_slippage_model"),
    (CommissionConformance, Generous(), "test_fees_are_finite_and_never_negative"),
    (CommissionConformance, Rough(), "test_its_rounding_is_one_that_execution_knows"),
    (CommissionConformance, Cent(), "test_it_is_a_commission_model"),
    (StrategyConformance, Mute(), "test_it_can_be_called"),
    (StrategyConformance, HalfSaved(), "test_what_can_be_saved_can_be_brought_back"),
    (DataSourceConformance, Undeclared(), "test_it_declares_prices_and_stamp"),
    (DataSourceConformance, Boundless(), "test_bounds_are_inclusive_and_kept_within_two_days"),
    (DataSourceConformance, Exclusive(), "test_bounds_are_inclusive_and_kept_within_two_days"),
    (DataSourceConformance, Exclusive(), "test_each_bound_may_be_left_open"),
    (DataSourceConformance, Obliging(), "test_an_unknown_symbol_is_named_in_the_error"),
    (DataSourceConformance, Backwards(), "test_every_listed_instrument_delivers_rows_in_time_order"),
    (DataSourceConformance, Twice(), "test_instruments_are_listed_in_symbol_order_without_repetition"),
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


def test_a_strategy_that_loses_what_it_saved_is_caught() -> None:
    class Losing(Counting):
        """Brings back nothing."""

        def restore(self, snapshot: dict[str, Any]) -> None:
            self.bars = 0

    tool = Losing()
    tool.bars = 3
    checked = type("Checked", (StrategyConformance,), {"tool": tool})()

    with pytest.raises(AssertionError):
        checked.test_its_snapshot_is_plain_json()


class Deaf(Echo):
    """Listens to nothing that it declares."""

    def handlers(self) -> list[Handler]:
        return []


class Chatty(Echo):
    """Says more than it declares."""

    def on_signal(self, signal: Any) -> None:
        super().on_signal(signal)
        self.emit(SignalEvent, **{k: v for k, v in example(SignalEvent).__dict__.items() if k != "origin"})

    def handlers(self) -> list[Handler]:
        return [Handler("signal", lambda one: self.on_signal(one) if one in STORY else None)]


class Amnesiac(Echo):
    """Forgets how many there were."""

    def snapshot(self) -> dict[str, Any]:
        return {"version": 1, "count": 0}


class Rich(Echo):
    """Saves what JSON cannot hold."""

    def snapshot(self) -> dict[str, Any]:
        return {"version": 1, "count": self.count, "pair": (1, 2)}


class Trusting(Echo):
    """Reads any snapshot."""

    def restore(self, snapshot: dict[str, Any]) -> None:
        self.count = snapshot["count"]


class Unattached(Echo):
    """Alone it subscribes nothing."""

    def __init__(self, bus: EventBus, wiring: Any) -> None:
        super().__init__(EventBus() if wiring is None else bus, wiring)


@pytest.mark.parametrize(
    ("service", "test"),
    [
        (Deaf, "test_it_handles_what_its_provider_declares"),
        (Deaf, "test_the_story_makes_it_say_everything_that_it_declares"),
        (Chatty, "test_the_story_makes_it_say_everything_that_it_declares"),
        (Unattached, "test_alone_a_bus_is_enough"),
        (Amnesiac, "test_stopped_anywhere_and_restored_it_goes_on_as_if_never_stopped"),
        (Rich, "test_its_snapshot_is_plain_json_with_a_version"),
        (Trusting, "test_a_snapshot_of_another_version_is_refused"),
    ],
)
def test_a_service_that_does_not_keep_to_its_port_is_caught(service: type[Any], test: str) -> None:
    checked = type("Checked", (EchoSuite,), {"service": service})()

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


def test_conformance_suites_say_what_is_wrong_in_words() -> None:
    checked = type("Checked", (SizerConformance,), {"tool": Negative()})()

    with pytest.raises(AssertionError, match="gave Decimal"):
        checked.test_sizes_are_finite_decimals_and_never_negative()


@pytest.mark.parametrize("name", kit.__all__)
def test_no_module_of_the_kit_hides_a_name_of_the_kit(name: str) -> None:
    assert not isinstance(getattr(kit, name), ModuleType)
