"""Bid and ask: in place of trades, beside them, crossed. Numbers worked out by hand."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pyarrow as pa
import pytest

from qtrader import Market
from qtrader.errors import DataError
from qtrader.ports import QUOTES, SourceFacts

Load = Callable[..., Market]
MINUTES = SourceFacts(prices="raw", stamp="start", knows_actions=True)
FIRST = datetime(2024, 7, 5, 13, 30, tzinfo=UTC)
BIDS, ASKS = [1.10, 1.30, 1.00, 1.20], [1.11, 1.32, 1.01, 1.23]
"""Open, high, low, close."""


def quotes(count: int = 2, **columns: Any) -> dict[str, Any]:
    """Minutes that all have the same quotes, unless a column says otherwise."""
    told = dict(zip(QUOTES, [*BIDS, *ASKS], strict=True))
    times = [FIRST + timedelta(minutes=row) for row in range(count)]
    return {"time": times, **{name: columns.pop(name, [value] * count) for name, value in told.items()}, **columns}


def trades(count: int = 2) -> dict[str, Any]:
    return {"open": [1.1] * count, "high": [1.5] * count, "low": [1.0] * count, "close": [1.25] * count}


@pytest.fixture
def loaded(source: Any, load: Load) -> Callable[..., Market]:
    def make(data: Any, declared: Any = None, interval: str = "1m") -> Market:
        return load(source({"X": pa.table(data)}, facts=MINUTES, interval="1m"), declared, interval=interval)

    return make


class TestQuotesAlone:
    def test_make_bars_of_their_middle(self, loaded: Callable[..., Market]) -> None:
        bar = loaded(quotes()).tables[0].bar(0)

        assert [bar.open, bar.high, bar.low, bar.close] == [
            Decimal(text) for text in ("1.105", "1.310", "1.005", "1.215")
        ]

    def test_make_bars_of_basis_mid(self, loaded: Callable[..., Market]) -> None:
        table = loaded(quotes()).tables[0]

        assert (table.basis, table.price_scale) == ("mid", 3)

    def test_are_kept_as_they_are(self, loaded: Callable[..., Market]) -> None:
        bar = loaded(quotes()).tables[0].bar(1)

        assert [bar.bid_open, bar.bid_high, bar.bid_low, bar.bid_close] == [Decimal(str(value)) for value in BIDS]
        assert [bar.ask_open, bar.ask_high, bar.ask_low, bar.ask_close] == [Decimal(str(value)) for value in ASKS]

    def test_must_all_be_there(self, loaded: Callable[..., Market]) -> None:
        with pytest.raises(DataError, match=r"row 2 .*: ask_low has no value"):
            loaded(quotes(ask_low=[1.01, None]))

    def test_stand_in_the_event_of_the_bar(self, loaded: Callable[..., Market]) -> None:
        event = loaded(quotes(bid_size=[5, None], ask_size=[7, 8])).tables[0].bar(0).event()

        assert (event.basis, event.bid_close, event.ask_size) == ("mid", Decimal("1.2"), 7)

    def test_without_a_size_have_none(self, loaded: Callable[..., Market]) -> None:
        bar = loaded(quotes(bid_size=[5, None], ask_size=[7.5, 8])).tables[0].bar(1)

        assert (bar.bid_size, bar.ask_size) == (None, 8)

    @pytest.mark.parametrize(("column", "value"), [("bid_low", 1.15), ("ask_high", 1.22)])
    def test_outside_their_own_range_are_refused(
        self, loaded: Callable[..., Market], column: str, value: float
    ) -> None:
        with pytest.raises(DataError, match=rf"row 2 .*: {column} .* open or close"):
            loaded(quotes(**{column: [BIDS[2] if column == "bid_low" else ASKS[1], value]}))


class TestQuotesBesideTrades:
    def test_leave_the_prices_of_trades(self, loaded: Callable[..., Market]) -> None:
        table = loaded(quotes() | trades()).tables[0]

        assert (table.basis, table.bar(0).close, table.bar(0).bid_close) == (
            "trade",
            Decimal("1.25"),
            Decimal("1.2"),
        )

    def test_may_be_missing_in_a_row(self, loaded: Callable[..., Market]) -> None:
        table = loaded(quotes(bid_open=[None, 1.1]) | trades()).tables[0]

        assert [table.bar(row).ask_close for row in (0, 1)] == [None, Decimal("1.23")]

    def test_without_quotes_a_table_has_the_digest_that_it_had(self, loaded: Callable[..., Market]) -> None:
        with_quotes, without = loaded(quotes() | trades()), loaded({"time": quotes()["time"], **trades()})

        assert without.tables[0].quotes is None
        assert with_quotes.tables[0].digest != without.tables[0].digest


class TestCrossedQuotes:
    CROSSED: Any = {"bid_close": [1.2, 1.24]}

    def test_are_refused_with_both_sides(self, loaded: Callable[..., Market]) -> None:
        with pytest.raises(
            DataError, match=r"row 2 .*close bid 1\.24 ask 1\.23\) is above the ask: .*crossed_quotes: keep"
        ):
            loaded(quotes(**self.CROSSED))

    def test_are_kept_when_that_is_said_and_counted(self, loaded: Callable[..., Market]) -> None:
        market = loaded(quotes(**self.CROSSED), {"crossed_quotes": "keep"})

        assert "X: in 1 of 2 rows a bid is above its ask (1 of them at the close)" in "\n".join(market.warnings)

    def test_that_are_kept_never_fill(self, loaded: Callable[..., Market]) -> None:
        table = loaded(quotes(**self.CROSSED), {"crossed_quotes": "keep"}).tables[0]

        assert [table.bar(row).tradable for row in (0, 1)] == [True, False]
        assert [table.bar(row).event().tradable for row in (0, 1)] == [True, False]

    def test_are_dropped_with_the_bad_rows(self, loaded: Callable[..., Market]) -> None:
        market = loaded(quotes(**self.CROSSED), {"on_bad_rows": "drop"})

        assert len(market.tables[0]) == 1
        assert any("1 row dropped: bid_close is above the ask" in line for line in market.warnings)


class TestCoarserBars:
    def test_take_each_side_for_itself(self, loaded: Callable[..., Market]) -> None:
        data = quotes(5, ask_high=[1.32, 1.4, 1.32, 1.32, 1.32], bid_low=[1.0, 1.0, 0.9, 1.0, 1.0])
        bar = loaded(data, interval="5m").tables[0].bar(0)

        assert (bar.ask_high, bar.ask_low, bar.bid_low, bar.bid_high) == tuple(
            map(Decimal, ("1.4", "1.01", "0.9", "1.3"))
        )

    def test_take_the_last_sizes(self, loaded: Callable[..., Market]) -> None:
        bar = loaded(quotes(5, bid_size=[1, 2, 3, 4, 5]), interval="5m").tables[0].bar(0)

        assert bar.bid_size == 5

    def test_have_no_quotes_where_one_row_has_none(self, loaded: Callable[..., Market]) -> None:
        data = quotes(5, ask_low=[1.01, None, 1.01, 1.01, 1.01]) | trades(5)

        assert loaded(data, interval="5m").tables[0].bar(0).ask_close is None


def test_sizes_of_floats_are_rounded_to_declared_decimals(loaded: Callable[..., Market]) -> None:
    table = loaded(quotes(ask_size=[33.35399601000002, 1.0]), {"volume_decimals": 8}).tables[0]

    assert table.bar(0).ask_size == Decimal("33.35399601")
