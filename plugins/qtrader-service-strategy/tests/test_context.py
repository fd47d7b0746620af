"""What a strategy can see and say: ids, causes, exactness, refusals."""

import warnings
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import numpy as np
import pytest

from qtrader.errors import HandlerError, RunError
from qtrader.events import CashEvent, OpenLot, OrderRequestEvent, PositionEvent, SignalEvent
from qtrader.ports import SignalIntention

Make = Callable[..., Any]
OPEN = SignalIntention.OPEN_LONG


@dataclass
class Do:
    """Does one thing at each bar."""

    what: Any = None

    def on_bar(self, bar: Any, context: Any) -> None:
        self.what(bar, context)


@dataclass
class DoAtOnce:
    """Does one thing at each instant."""

    what: Any = None

    def on_bars(self, bars: Any, context: Any) -> None:
        self.what(bars, context)


@dataclass
class DoAtStart:
    """Does one thing before the first bar."""

    what: Any = None

    def on_start(self, context: Any) -> None:
        self.what(context)

    def on_bar(self, bar: Any, context: Any) -> None:
        """Nothing."""


@pytest.fixture
def done(alone: Make, bar_of: Make, topics: Make) -> Callable[..., Any]:
    """What is published when a strategy does one thing at one bar of AAPL at 150."""

    def make(what: Any) -> Any:
        bus, _ = alone(Do(what))
        bus.publish(bar_of("AAPL", 0, 150))
        return topics(bus)[-1]

    return make


def signal(**values: Any) -> Any:
    """Emit a signal at the bar's close, but for what is given."""
    return lambda bar, context: context.emit_signal(
        **{"symbol": "AAPL", "intention": OPEN, "price": bar.close, **values}
    )


class TestSignal:
    def test_of_the_brief(self, done: Make) -> None:
        """The brief's call; id, strategy and time are filled in."""
        sent = done(
            lambda bar, context: context.emit_signal(
                symbol="AAPL",
                intention=SignalIntention.OPEN_LONG,
                price=bar.bar.close,
                confidence=0.85,
                stop_loss=Decimal("140.00"),
                take_profit=Decimal("160.00"),
            )
        )

        assert sent == SignalEvent(
            origin=sent.origin,
            signal_id="one-000001",
            strategy_id="one",
            symbol="AAPL",
            intention="OPEN_LONG",
            price="150",
            confidence="0.85",
            stop_loss="140.00",
            take_profit="160.00",
        )
        assert sent.occurred_at == datetime(2024, 1, 2, 21, tzinfo=UTC)

    def test_is_handed_back(self, done: Make) -> None:
        sent: list[Any] = []
        published = done(lambda bar, context: sent.append(signal()(bar, context)))

        assert sent == [published]

    @pytest.mark.parametrize(
        ("confidence", "text"),
        [(0.1, "0.1"), (np.float64(0.1), "0.1"), ("0.25", "0.25"), (Decimal("0.3"), "0.3"), (1, "1")],
        ids=repr,
    )
    def test_confidence_is_the_decimal_that_it_prints(self, done: Make, confidence: Any, text: str) -> None:
        assert done(signal(confidence=confidence)).confidence == Decimal(text)

    def test_confidence_is_one_unless_said(self, done: Make) -> None:
        assert done(signal()).confidence == 1

    def test_ids_count_signals_and_orders_of_one_strategy(self, alone: Make, bar_of: Make, named: Make) -> None:
        """Two strategies count apart; signals and orders together."""

        def act(bar: Any, context: Any) -> None:
            signal()(bar, context)
            context.record(step=1)
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                context.emit_order("AAPL", "buy", 1)

        bus, _ = alone(named(Do(act), "x"), named(Do(act), "y"))
        for number in range(2):
            bus.publish(bar_of("AAPL", number, 150))
        ids = [getattr(one, "signal_id", None) or getattr(one, "request_id", None) for one in bus.history]

        assert [one for one in ids if one] == [
            *("x-000001", "x-000002", "y-000001", "y-000002"),
            *("x-000003", "x-000004", "y-000003", "y-000004"),
        ]

    def test_a_refused_signal_takes_no_id(self, done: Make) -> None:
        def twice(bar: Any, context: Any) -> None:
            with pytest.raises(Exception, match="confidence"):
                signal(confidence=2)(bar, context)
            signal()(bar, context)

        assert done(twice).signal_id == "one-000001"

    @pytest.mark.parametrize(
        ("values", "said"),
        [
            ({"price": 150.5}, "price=150.5 is a float, and prices and quantities are exact: pass a price of the bar"),
            ({"price": 150.5}, "or Decimal('150.5')"),
            ({"price": np.float64(150.5)}, "or Decimal('150.5')"),
            ({"stop_loss": 140.0}, "stop_loss=140.0 is a float"),
            ({"take_profit": 160.0}, "take_profit=160.0 is a float"),
            (
                {"price": Decimal(0)},
                "signal breaks its contract: price Decimal('0'): Value error, '0' is not above 0",
            ),
            ({"confidence": 1.5}, "confidence Decimal('1.5')"),
            ({"confidence": float("nan")}, "confidence Decimal('NaN')"),
            ({"intention": "BUY"}, "intention 'BUY'"),
            ({"symbol": "IBM"}, "'IBM' is not among its symbols (AAPL); add it to data.symbols"),
        ],
        ids=str,
    )
    def test_refusal_says_what_and_what_to_do(self, done: Make, values: dict[str, Any], said: str) -> None:
        with pytest.raises(HandlerError) as refused:
            done(signal(**values))

        assert said in str(refused.value)

    def test_symbol_of_the_run_that_is_not_its_own_is_refused(self, stage: Make, tables: Make, named: Make) -> None:
        play = stage([tables("AAPL", [1]), tables("IBM", [1])], named(Do(signal()), symbols=["IBM"])).play

        with pytest.raises(HandlerError, match=r"'AAPL' is not among its symbols \(IBM\)"):
            play()

    @pytest.mark.parametrize(
        "what",
        [
            lambda context: context.record(x=1),
            lambda context: context.emit_signal("AAPL", OPEN, Decimal(1)),
        ],
    )
    def test_nothing_can_be_said_before_the_first_bar(self, stage: Make, tables: Make, what: Any) -> None:
        with pytest.raises(RunError, match="before the first bar: nothing is known yet"):
            stage([tables("AAPL", [1])], DoAtStart(what))


class TestCause:
    def test_is_the_bar_that_was_handled(self, stage: Make, tables: Make) -> None:
        """IBM's bar is number 1 of its instant."""

        def act(bar: Any, context: Any) -> None:
            if bar.symbol == "IBM":
                context.record(x=1)

        on_stage = stage([tables("AAPL", [1]), tables("IBM", [2]), tables("MSFT", [3])], Do(act)).play()

        assert [(one.origin.seq, one.origin.cause) for one in on_stage.said("record")] == [(3, 1)]

    def test_at_once_it_is_the_bar_of_the_symbol(self, stage: Make, tables: Make) -> None:
        def act(bars: Any, context: Any) -> None:
            context.emit_signal("AAPL", OPEN, bars["AAPL"].close)
            context.record(breadth=len(bars))

        on_stage = stage([tables("AAPL", [1]), tables("IBM", [2])], DoAtOnce(act)).play()

        assert [one.origin.cause for one in (*on_stage.said("signal"), *on_stage.said("record"))] == [0, 1]

    def test_by_hand_it_is_the_event(self, alone: Make, bar_of: Make, topics: Make) -> None:
        bus, _ = alone(Do(signal()))
        published = bus.publish(bar_of("AAPL", 0, 150))

        assert topics(bus)[0].causation_id == published.event_id


class TestOrder:
    def test_is_a_request_to_place_it(self, done: Make) -> None:
        with pytest.warns(DeprecationWarning, match="emit a signal and let the policy size it"):
            sent = done(lambda bar, context: context.emit_order("AAPL", "sell", 5, reason="by hand"))

        assert sent == OrderRequestEvent(
            origin=sent.origin,
            request_id="one-000001",
            strategy_id="one",
            symbol="AAPL",
            action="place",
            side="sell",
            quantity=5,
            order_type="market",
            reason="by hand",
        )

    def test_warns_once(self, done: Make) -> None:
        def twice(bar: Any, context: Any) -> None:
            for _ in range(2):
                context.emit_order("AAPL", "buy", 5)

        with pytest.warns(DeprecationWarning, match="temporary") as warned:
            done(twice)

        assert len(warned) == 1

    @pytest.mark.parametrize(
        ("values", "said"),
        [
            ({"quantity": 0.5}, "quantity=0.5 is a float"),
            ({"quantity": 0}, "quantity 0: Value error, '0' is not above 0"),
            ({"side": "long"}, "side 'long'"),
            ({"symbol": "IBM"}, "'IBM' is not among its symbols"),
            ({"order_type": "limit"}, "limit_price"),
        ],
        ids=str,
    )
    @pytest.mark.filterwarnings("ignore::DeprecationWarning")
    def test_refusal_says_what(self, done: Make, values: dict[str, Any], said: str) -> None:
        asked = {"symbol": "AAPL", "side": "buy", "quantity": 1, **values}
        with pytest.raises(HandlerError) as refused:
            done(lambda bar, context: context.emit_order(**asked))

        assert said in str(refused.value)


class TestRecord:
    @pytest.mark.parametrize(
        ("value", "kept"),
        [
            (1 / 3, 0.333333333333),
            (123456789.123456789, 123456789.123),
            (1e-300, 1e-300),
            (np.float64(0.1) + np.float64(0.2), 0.3),
            (np.float32(0.5), 0.5),
            (np.int64(7), 7),
            (np.bool_(True), True),
            (Decimal("1.50"), "1.5"),
            (7, 7),
            ("text", "text"),
            (True, True),
            (None, None),
        ],
        ids=repr,
    )
    def test_keeps_plain_values(self, done: Make, value: Any, kept: Any) -> None:
        """Floats to 12 significant digits, decimals as text, NumPy's numbers as Python's."""
        found = done(lambda bar, context: context.record(x=value)).values["x"]

        assert (found, type(found)) == (kept, type(kept))

    def test_speaks_of_the_bar_s_symbol(self, done: Make) -> None:
        assert done(lambda bar, context: context.record(x=1)).symbol == "AAPL"

    def test_at_once_it_speaks_of_none(self, stage: Make, tables: Make) -> None:
        on_stage = stage([tables("AAPL", [1])], DoAtOnce(lambda bars, context: context.record(x=1))).play()

        assert [one.symbol for one in on_stage.said("record")] == [None]

    @pytest.mark.parametrize("value", [float("nan"), float("inf"), np.float64("nan")], ids=repr)
    def test_refuses_what_is_not_finite(self, done: Make, value: float) -> None:
        with pytest.raises(HandlerError, match="is not a finite number; leave it out, or record None"):
            done(lambda bar, context: context.record(x=value))

    @pytest.mark.parametrize("value", [[1], {"a": 1}, datetime(2024, 1, 1, tzinfo=UTC)], ids=repr)
    def test_refuses_what_is_not_plain(self, done: Make, value: Any) -> None:
        with pytest.raises(HandlerError, match="the record breaks its contract: values"):
            done(lambda bar, context: context.record(x=value))


class TestView:
    def test_time_is_the_bar_s_end(self, stage: Make, tables: Make) -> None:
        seen: list[Any] = []
        stage([tables("AAPL", [1])], Do(lambda bar, context: seen.append(context.time))).play()

        assert seen == [datetime(2024, 1, 2, 21, tzinfo=UTC)]

    def test_history_ends_at_the_clock(self, stage: Make, tables: Make) -> None:
        seen: list[Any] = []
        act = Do(lambda bar, context: seen.append(context.history("AAPL", 2).close.tolist()))
        stage([tables("AAPL", [1, 2, 3])], act).play()

        assert seen == [[1.0], [1.0, 2.0], [2.0, 3.0]]

    @pytest.mark.parametrize(("asked", "said"), [(("XYZ", 2), "history of 'XYZ'"), (("AAPL", 0), "history of 0 bars")])
    def test_history_of_what_is_not_there(self, stage: Make, tables: Make, asked: Any, said: str) -> None:
        play = stage([tables("AAPL", [1])], Do(lambda bar, context: context.history(*asked))).play

        with pytest.raises(HandlerError, match=said):
            play()

    def test_symbols_are_sorted(self, stage: Make, tables: Make, named: Make) -> None:
        seen: list[Any] = []
        act = Do(lambda bar, context: seen.append(list(context.symbols)))
        sets = [tables(symbol, [1]) for symbol in ("AAPL", "IBM", "MSFT")]
        stage(sets, named(act, "all"), named(act, "some", ["MSFT", "AAPL"])).play()

        assert seen == [["AAPL", "IBM", "MSFT"]] * 3 + [["AAPL", "MSFT"]] * 2

    def test_books_are_its_own_positions_and_the_account_s_money(self, alone: Make, bar_of: Make, named: Make) -> None:
        """5 AAPL of its own, 3 of another's, 1000 in cash: at 10, equity is 1000 + 8 x 10."""
        seen: list[Any] = []
        act = Do(lambda bar, context: seen.append((context.position("AAPL"), context.cash, context.equity)))
        bus, _ = alone(named(act, "one"))
        for strategy, quantity in (("one", 5), ("two", 3)):
            bus.publish(position(strategy, quantity))
        bus.publish(
            CashEvent(currency="USD", kind="deposit", amount=1000, balance=1000, receivable=0, payable=0, accrued=0)
        )
        bus.publish(bar_of("AAPL", 0, 10))

        assert seen == [(Decimal(5), Decimal(1000), Decimal(1080))]

    def test_position_of_a_foreign_symbol_is_refused(self, done: Make) -> None:
        with pytest.raises(HandlerError, match="'IBM' is not among its symbols"):
            done(lambda bar, context: context.position("IBM"))

    def test_lots_are_those_that_its_position_tells(self, alone: Make, bar_of: Make, named: Make) -> None:
        """Of one strategy's 5 AAPL in two lots, and none of the other's."""
        seen: list[Any] = []
        bus, _ = alone(named(Do(lambda bar, context: seen.append(context.lots("AAPL"))), "one"))
        bus.publish(bar_of("AAPL", 0, 10))
        lots = tuple(
            OpenLot(
                lot_id=f"L{units}", quantity=units, cost=10 * units, price=10, opened=bar_of("AAPL", 0, 10).timestamp
            )
            for units in (2, 3)
        )
        bus.publish(position("one", 5).model_copy(update={"lots": lots}))
        bus.publish(position("two", 3))
        bus.publish(bar_of("AAPL", 1, 10))
        bus.publish(position("one", 0))
        bus.publish(bar_of("AAPL", 2, 10))

        assert seen == [(), lots, ()]

    @pytest.mark.parametrize(("units", "side"), [(5, "long"), (-5, "short")])
    def test_lots_that_are_not_told_are_refused(
        self, alone: Make, bar_of: Make, named: Make, units: int, side: str
    ) -> None:
        bus, _ = alone(named(Do(lambda bar, context: context.lots("AAPL")), "one"))
        bus.publish(position("one", units))

        with pytest.raises(HandlerError, match=f"Set portfolio.lots.{side}: specific"):
            bus.publish(bar_of("AAPL", 0, 10))

    def test_lots_of_a_foreign_symbol_are_refused(self, done: Make) -> None:
        with pytest.raises(HandlerError, match="'IBM' is not among its symbols"):
            done(lambda bar, context: context.lots("IBM"))

    def test_a_signal_names_lots(self, alone: Make, bar_of: Make, named: Make) -> None:
        def close(bar: Any, context: Any) -> None:
            context.emit_signal("AAPL", SignalIntention.CLOSE_LONG, price=bar.close, lots=["L2", "L1"])

        bus, _ = alone(named(Do(close), "one"))
        bus.publish(bar_of("AAPL", 0, 10))
        (signal,) = [one for one in bus.history if one.topic == "signal"]

        assert signal.lots == ("L2", "L1")

    @pytest.mark.parametrize("wrong", ["L1", [1], [""]])
    def test_names_of_lots_that_are_no_names_are_refused(self, done: Make, wrong: Any) -> None:
        def close(bar: Any, context: Any) -> None:
            context.emit_signal("AAPL", SignalIntention.CLOSE_LONG, price=bar.close, lots=wrong)

        with pytest.raises(HandlerError, match="the signal breaks its contract: lots"):
            done(close)

    def test_it_knows_its_name(self, done: Make) -> None:
        assert dict(done(lambda bar, context: context.record(name=context.strategy_id)).values) == {"name": "one"}


def position(strategy: str, quantity: int) -> PositionEvent:
    """A position in AAPL, bought at 10."""
    value = Decimal(10 * quantity)
    return PositionEvent(
        strategy_id=strategy,
        symbol="AAPL",
        currency="USD",
        quantity=Decimal(quantity),
        cost_basis=value,
        price=Decimal(10),
        market_value=value,
        realised_pnl=Decimal(0),
        unrealised_pnl=Decimal(0),
        commission=Decimal(0),
        dividends=Decimal(0),
        cash_balance=Decimal(0),
        reason="fill",
    )
