"""Cases lean-02, lean-03 and lean-05: minutes of trades and quotes, filled at the quote, through the public API.

The settings and conventions of each case reach the run by configuration: fills at the last quote of the bar of the
decision, the fee with all its digits, the sizing of lean-02 as a sizer of this file.
"""

import csv
import json
from collections.abc import Callable
from dataclasses import dataclass
from decimal import ROUND_DOWN, ROUND_HALF_UP, Decimal
from pathlib import Path
from typing import Any

import pytest

import qtrader as qt
from qtrader import BacktestEngine, Bar, Context, SignalIntention
from qtrader.events import FillEvent
from qtrader.ports import Size, SizeRequest

CENT = Decimal("0.01")
POLICY = """
policy: of-the-case
version: 1
sizing: {use: fixed, with: {quantity: 100}}
signals: {shorts: true}
orders: {honour: [order]}
"""


@dataclass
class Hold:
    """Buys at the first bar, and holds."""

    def on_bar(self, bar: Bar, context: Context) -> None:
        if not context.position(bar.symbol):
            context.emit_signal(bar.symbol, SignalIntention.OPEN_LONG, price=bar.close)


@dataclass
class ShortWithStop:
    """Sells short at the first bar; when that fills, a stop to buy 2.00 below."""

    sent: bool = False

    def on_bar(self, bar: Bar, context: Context) -> None:
        if not self.sent:
            self.sent = True
            context.emit_signal(bar.symbol, SignalIntention.OPEN_SHORT, price=bar.close)

    def on_fill(self, fill: FillEvent, context: Context) -> None:
        if fill.side == "sell":
            stop = {"order_type": "stop", "stop_price": fill.price - 2, "time_in_force": "GTC"}
            context.emit_signal(fill.symbol, SignalIntention.CLOSE_SHORT, price=fill.price, **stop)


@dataclass(frozen=True)
class WithoutItsFee:
    """A share of what equity leaves after the fee of the order, which is counted where the rest does not pay it."""

    share: Decimal = Decimal("0.9975")
    rate: Decimal = Decimal("0.005")

    def size(self, request: SizeRequest) -> Size:
        units = self._units(request, Decimal(0))
        if units * request.unit_value + units * self.rate > self.share * request.equity:
            units = self._units(request, units * self.rate)
        return Size(units)

    def _units(self, request: SizeRequest, fee: Decimal) -> Decimal:
        return (self.share * (request.equity - fee) / request.unit_value).to_integral_value(ROUND_DOWN)


def joined(folder: Path, name: str) -> list[dict[str, str]]:
    """Minutes of trades, each with its quotes."""
    with (folder / f"{name}_minute_trade.csv").open() as trades, (folder / f"{name}_minute_quote.csv").open() as quotes:
        by_time = {row["time_start"]: row for row in csv.DictReader(quotes)}
        return [{**row, **by_time[row["time_start"]]} for row in csv.DictReader(trades)]


@dataclass
class Played:
    """A case and the run that plays it."""

    case: dict[str, Any]
    rows: list[dict[str, str]]
    result: qt.Result

    @property
    def expected(self) -> dict[str, Any]:
        return dict(self.case["expected"])

    @property
    def equity(self) -> Decimal:
        last: Decimal = self.result.equity["equity"].to_pylist()[-1]
        return last

    @property
    def fees(self) -> Decimal:
        return sum(self.result.fills["commission"].to_pylist(), Decimal(0))


@pytest.fixture(scope="module")
def play(shared: Path, tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Played]:
    """Play a case with a strategy of this file."""

    def build(name: str, symbol: str, strategy: str, sizing: dict[str, Any] | None = None, actions: str = "") -> Played:
        folder, here = shared / "cases" / name, tmp_path_factory.mktemp(name)
        case, rows = json.loads((folder / "case.json").read_text()), joined(folder, symbol.lower())
        with (here / f"{symbol}.csv").open("w", newline="") as file:
            writer = csv.DictWriter(file, rows[0])
            writer.writeheader()
            writer.writerows(rows)
        (here / "of-the-case.yaml").write_text(POLICY)
        columns = {"time": "time_start"}
        place = {"path": str(here / "{symbol}.csv"), "symbols": [symbol], "columns": columns, "interval": "1m"}
        if actions:
            (here / "actions.csv").write_text(actions)
        declared = {
            "prices": "raw" if actions else "total-return", "stamp": "start", "zone": "America/New_York",
            "calendar": "XNYS", "currency": "USD", "asset_class": "equity",
        }  # fmt: skip
        commission = {"rate": "0.005", "minimum": "1.00", "cap": "0.005", "rounding": "none"}
        settings = {
            "data": {
                "source": "case", "symbols": [symbol], "interval": "1m",
                "start": case["settings"]["start"],
            },
            "data_sources": {
                "case": {
                    "use": "csv", "with": place, **declared,
                    **({"actions": str(here / "actions.csv")} if actions else {}),
                },
            },
            "strategies": [{"name": "of-the-case", "use": f"{__file__}:{strategy}"}],
            "portfolio": {"cash": case["settings"]["cash"]},
            "execution": {
                "fill": {"use": "quote", "with": {"same_bar": True, "resting": "trades"}},
                "commission": {"use": "per-share", "with": commission},
                "slippage": {"use": "none"},
            },
            "risk": {"policy": "of-the-case", "policies": [str(here)], **({"sizing": sizing} if sizing else {})},
        }  # fmt: skip
        return Played(case, rows, BacktestEngine.from_config(settings).run())

    return build


@pytest.fixture(scope="module")
def held(play: Callable[..., Played]) -> Played:
    return play("lean-02-spy-minute-buyhold", "SPY", "Hold", {"use": f"{__file__}:WithoutItsFee"})


@pytest.fixture(scope="module")
def stopped(play: Callable[..., Played]) -> Played:
    return play("lean-03-spy-minute-short-stop", "SPY", "ShortWithStop")


@pytest.fixture(scope="module")
def split(play: Callable[..., Played], shared: Path) -> Played:
    """The split as upstream rounds it: 1 / 0.1428572 new shares for one, at 645.57 x 0.1428572."""
    name = "lean-05-aapl-split-one-share"
    told = json.loads((shared / "cases" / name / "case.json").read_text())["settings"]["split"]
    factor = Decimal(told["factor"])
    scale = 10 ** -int(factor.as_tuple().exponent)
    row = f"AAPL,split,{told['ex_date']},{scale},{int(factor * scale)},{Decimal(told['reference_price']) * factor:f}\n"
    columns = "symbol,action_type,ex_date,numerator,denominator,reference_price\n"
    return play(name, "AAPL", "Hold", {"use": "fixed", "with": {"quantity": 1}}, columns + row)


def cents(amount: Decimal) -> Decimal:
    """To the cent, half away from zero, as the cases print."""
    return amount.quantize(CENT, ROUND_HALF_UP)


@pytest.mark.parametrize("name", ["held", "stopped", "split"])
def test_equity_fees_and_orders_are_those_of_the_case(name: str, request: pytest.FixtureRequest) -> None:
    played: Played = request.getfixturevalue(name)

    assert cents(played.equity) == Decimal(played.expected["end_equity"])
    assert cents(played.fees) == Decimal(played.expected["total_fees"])
    assert played.result.orders.num_rows == played.result.fills.num_rows == played.expected["total_orders"]


@pytest.mark.parametrize("name", ["held", "stopped", "split"])
def test_the_profit_is_that_of_the_case(name: str, request: pytest.FixtureRequest) -> None:
    played: Played = request.getfixturevalue(name)
    profit = played.equity / Decimal(played.case["settings"]["cash"]) - 1

    assert abs(profit * 100 - Decimal(played.expected["net_profit_pct"])) <= Decimal("0.001")


def test_it_buys_at_the_ask_of_the_first_minute(held: Played) -> None:
    [fill] = held.result.fills.to_pylist()

    assert fill["price"] == Decimal(held.rows[0]["ask_close"])
    assert fill["quantity"] == held.expected["derived"]["quantity"]
    assert fill["executed_at"].isoformat() == "2013-10-07T13:31:00+00:00"


def test_the_stop_through_the_market_fills_at_the_open_of_the_next_minute(stopped: Played) -> None:
    short, cover = stopped.result.fills.to_pylist()

    assert short["price"] == Decimal(stopped.rows[0]["bid_close"])
    assert (cover["side"], cover["executed_at"].isoformat()) == ("buy", "2013-10-07T13:31:00+00:00")
    assert cover["price"] == Decimal(stopped.rows[1]["open"])


def test_after_the_split_six_shares_are_left_and_the_rest_is_cash(split: Played) -> None:
    derived = split.expected["derived"]
    lieu = [one for one in split.result.log.discrete_events("cash") if getattr(one, "kind", "") == "cash_in_lieu"]
    reference = Decimal(split.case["settings"]["split"]["reference_price"])
    worth = Decimal(derived["cash_in_lieu_fraction"]) * reference * Decimal(split.case["settings"]["split"]["factor"])

    assert split.result.positions["quantity"].to_pylist()[-1] == derived["shares_after_split"]
    assert [one.amount for one in lieu] == [cents(worth)]  # type: ignore[attr-defined]
