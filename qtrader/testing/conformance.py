"""One suite per port: what every tool of a kind must do, whoever wrote it."""

import copy
import json
import math
import pickle
from collections.abc import Sequence
from dataclasses import fields, is_dataclass, replace
from datetime import date
from decimal import Decimal
from typing import Any, ClassVar

from qtrader.events import PriceBarEvent
from qtrader.options import options
from qtrader.ports import (
    BooksView,
    Columns,
    FillValue,
    Intent,
    RiskLimit,
    Sizer,
    SizeRequest,
)
from qtrader.testing.builders import bar, books, fill, order, request


class ToolConformance:
    """What holds for every tool: a documented dataclass that pickles, copies and rebuilds from its fields."""

    tool: ClassVar[Any]

    def test_it_is_a_plain_dataclass(self) -> None:
        """Fields are options, so a tool must be a dataclass."""
        assert is_dataclass(self.tool)

    def test_class_and_options_are_documented(self) -> None:
        """`qtrader plugins show` has something to say."""
        kind = type(self.tool)

        assert kind.__doc__
        assert not kind.__doc__.startswith(f"{kind.__name__}("), "write a docstring: this one was made up by dataclass"

    def test_every_option_has_a_type(self) -> None:
        """Options can be validated and shown."""
        assert {one.name for one in fields(self.tool) if one.init} == {one.name for one in options(type(self.tool))}

    def test_it_pickles_and_copies_to_an_equal_tool(self) -> None:
        """A worker process gets the same tool."""
        assert pickle.loads(pickle.dumps(self.tool)) == self.tool
        assert copy.copy(self.tool) == self.tool

    def test_it_rebuilds_from_its_fields(self) -> None:
        """A run works on a fresh copy."""
        assert replace(self.tool) == self.tool


def _finite(value: Decimal) -> bool:
    return isinstance(value, Decimal) and value.is_finite()


class SizerConformance(ToolConformance):
    """A sizer is pure, deterministic, finite and never negative."""

    requests: ClassVar[Sequence[SizeRequest]] = (
        request(),
        request(equity="0"),
        request(equity="-500"),
        request(equity="0.01", unit_value="99999"),
        request(unit_value="0.00012345"),
        request(side="sell"),
    )

    def test_it_is_a_sizer(self) -> None:
        """It has ``size``."""
        assert isinstance(self.tool, Sizer)

    def test_sizes_are_finite_decimals_and_never_negative(self) -> None:
        """Whatever the account looks like."""
        for one in self.requests:
            quantity = self.tool.size(one).quantity

            assert _finite(quantity), f"{one} gave {quantity!r}"
            assert quantity >= 0, f"{one} gave {quantity!r}"

    def test_the_same_request_gives_the_same_size(self) -> None:
        """No state, no chance."""
        for one in self.requests:
            assert self.tool.size(one) == self.tool.size(one)

    def test_inputs_explain_the_size_in_decimals(self) -> None:
        """They go into the decision event."""
        for one in self.requests:
            assert all(_finite(value) for value in self.tool.size(one).inputs.values())

    def test_sizing_changes_no_option(self) -> None:
        """A tool is a value."""
        before = copy.deepcopy(self.tool)
        for one in self.requests:
            self.tool.size(one)

        assert before == self.tool


class RiskLimitConformance(ToolConformance):
    """A limit is pure, gives a reason unless it passes, and shrinks to less than was asked."""

    intents: ClassVar[Sequence[Intent]] = (
        Intent("s", "AAPL", "buy", Decimal(100), Decimal(50)),
        Intent("s", "AAPL", "buy", Decimal(1_000_000), Decimal(50)),
        Intent("s", "AAPL", "sell", Decimal(100), Decimal(50)),
    )
    accounts: ClassVar[Sequence[BooksView]] = (books(), books("0"), books("1000", AAPL="10"))

    def test_it_is_a_limit(self) -> None:
        """It has ``check``."""
        assert isinstance(self.tool, RiskLimit)

    def test_verdicts_are_consistent(self) -> None:
        """A reason with every refusal, a smaller quantity with every shrink."""
        for intent in self.intents:
            for account in self.accounts:
                verdict = self.tool.check(intent, account)

                assert verdict == self.tool.check(intent, account)
                assert verdict.outcome == "pass" or verdict.reason
                if verdict.outcome == "shrink":
                    assert verdict.quantity is not None
                    assert 0 < verdict.quantity < intent.quantity


class FillPolicyConformance(ToolConformance):
    """A fill policy conserves quantity, stays inside the bar, and never fills on a bar without trades."""

    bars: ClassVar[Sequence[PriceBarEvent]] = (
        bar(),
        bar(prices="10 10 10 10"),
        bar(prices="0.0001 0.0002 0.0001 0.0002"),
    )

    def test_quantity_is_conserved_and_prices_lie_in_the_bar(self) -> None:
        """No more than is left, nowhere but where the market traded."""
        for one in self.bars:
            for side in ("buy", "sell"):
                decision = self.tool.decide(order(side), one)
                if decision is not None:
                    assert 0 <= decision.quantity <= 100
                    assert one.low <= decision.price <= one.high

    def test_a_bar_without_volume_never_fills(self) -> None:
        """Nothing traded, so nobody could."""
        decision = self.tool.decide(order(), bar(volume="0"))

        assert decision is None or decision.quantity == 0

    def test_unknown_volume_fills_like_any_other(self) -> None:
        """Null is unknown, not zero."""
        assert self.tool.decide(order(), bar(volume=None)) == self.tool.decide(order(), bar())

    def test_it_is_deterministic(self) -> None:
        """No state, no chance."""
        assert self.tool.decide(order(), bar()) == self.tool.decide(order(), bar())


class SlippageConformance(ToolConformance):
    """Slippage never helps the trader."""

    def test_it_never_improves_the_price(self) -> None:
        """Buys pay at least, sells get at most the price."""
        for price in (Decimal("0.0001"), Decimal("10.25"), Decimal(99999)):
            assert self.tool.adjust(price, order("buy"), bar()) >= price
            assert self.tool.adjust(price, order("sell"), bar()) <= price

    def test_it_is_deterministic(self) -> None:
        """No state, no chance."""
        assert self.tool.adjust(Decimal(10), order(), bar()) == self.tool.adjust(Decimal(10), order(), bar())


class CommissionConformance(ToolConformance):
    """A commission is finite, never negative, and the same for the same fill."""

    fills: ClassVar[Sequence[FillValue]] = (
        fill(),
        fill("sell"),
        fill(quantity="0.001"),
        fill(quantity="1000000", price="0.01"),
    )

    def test_fees_are_finite_and_never_negative(self) -> None:
        """A rebate is not a commission."""
        for one in self.fills:
            fee = self.tool.fee(one)

            assert _finite(fee)
            assert fee >= 0
            assert fee == self.tool.fee(one)


class StrategyConformance(ToolConformance):
    """A strategy has something to call, and a snapshot that survives JSON."""

    def test_it_can_be_called(self) -> None:
        """At least one of ``on_bar`` and ``on_bars``."""
        assert any(callable(getattr(self.tool, name, None)) for name in ("on_bar", "on_bars"))

    def test_its_snapshot_is_plain_json(self) -> None:
        """A strategy with a snapshot can be stored and brought back."""
        if not hasattr(self.tool, "snapshot"):
            return
        state = json.loads(json.dumps(self.tool.snapshot()))
        again = replace(self.tool)
        again.restore(state)

        assert self.tool.snapshot() == again.snapshot()


class DataSourceConformance:
    """A source declares its facts, delivers what it lists, keeps to its bounds, and says what it has not got."""

    tool: ClassVar[Any]
    interval: ClassVar[Any] = "1d"

    def _rows(self, symbol: str, start: date | None = None, end: date | None = None) -> Any:
        return self.tool.bars(symbol, self.interval, start, end).read_all()

    def test_it_declares_prices_and_stamp(self) -> None:
        """Nothing is guessed."""
        assert self.tool.facts.prices in ("raw", "split-adjusted", "total-return")
        assert self.tool.facts.stamp in ("start", "end", "session")

    def test_instruments_are_listed_in_symbol_order_without_repetition(self) -> None:
        """A run's order does not hang on a file's."""
        symbols = [one.symbol for one in self.tool.instruments()]

        assert symbols
        assert symbols == sorted(set(symbols))

    def test_every_listed_instrument_delivers_rows_in_time_order(self) -> None:
        """With time, open, high, low and close."""
        for one in self.tool.instruments():
            table = self._rows(one.symbol)
            times = table.column("time").to_pylist()

            assert {"time", "open", "high", "low", "close"} <= set(table.column_names)
            assert times == sorted(set(times))

    def test_the_same_question_gives_the_same_rows(self) -> None:
        """A source holds still."""
        symbol = self.tool.instruments()[0].symbol

        assert self._rows(symbol).equals(self._rows(symbol))

    def test_an_unknown_symbol_is_named_in_the_error(self) -> None:
        """And what there is instead."""
        from qtrader.errors import DataError

        said = ""
        try:
            self._rows("NO-SUCH-SYMBOL")
        except DataError as error:
            said = str(error)

        assert "NO-SUCH-SYMBOL" in said, "an unknown symbol must raise a DataError that names it"

    def test_actions_come_by_ex_date(self) -> None:
        """And belong to the symbol that was asked for."""
        for one in self.tool.instruments():
            actions = self.tool.actions(one.symbol)

            assert [a.ex_date for a in actions] == sorted(a.ex_date for a in actions)
            assert {a.symbol for a in actions} <= {one.symbol}


class IndicatorConformance:
    """An indicator gives the same bits in batch and bar by bar, and never knows the future."""

    tool: ClassVar[Any]
    columns: ClassVar[Columns]

    def test_stream_equals_batch_bit_for_bit(self) -> None:
        """Live and backtest agree."""
        batch = self.tool.over(self.columns)
        stream = self.tool.stream()
        names = ("open", "high", "low", "close", "volume")
        rows = zip(*(getattr(self.columns, name).tolist() for name in names), strict=True)
        for row, values in enumerate(rows):
            value = stream.update(*values)

            assert (value is None) == (row < self.tool.lookback)
            assert value is None or value == batch[row] or (math.isnan(value) and math.isnan(batch[row]))
