"""Several strategies on one account, each within its share of equity, through the public API and a configuration."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import pytest

import qtrader as qt
from qtrader import Bar, Context, SignalIntention
from qtrader.errors import ConfigError
from small_frames import day, frame

D = Decimal


@dataclass
class Buyer:
    """Opens one symbol on one day."""

    symbol: str
    opening: int = 1

    def on_bar(self, bar: Bar, context: Context) -> None:
        if bar.symbol == self.symbol and bar.session == day(self.opening):
            context.emit_signal(bar.symbol, SignalIntention.OPEN_LONG, price=bar.close)


def shares(**closes: list[float]) -> dict[str, Any]:
    """Frames of shares, of which one is the smallest lot."""
    return {
        symbol: qt.bars(frame(prices), calendar="24/7", prices="raw", asset_class="equity")
        for symbol, prices in closes.items()
    }


def both(budgets: dict[str, Any] | None, second_day: int = 1) -> Any:
    """Two strategies that want all of what they may have, one symbol each."""
    return qt.backtest(
        {"trend": Buyer("X"), "hold": Buyer("Y", second_day)},
        shares(X=[7, 7, 7, 14, 14, 14], Y=[11, 11, 11, 11, 11, 11]),
        cash=100_000,
        sizing=qt.use("equity", pct=1),
        commission=qt.use("none"),
        slippage=qt.use("none"),
        budgets=budgets,
    )


def orders(result: Any) -> dict[str, Decimal]:
    """Quantity by strategy."""
    return {one.strategy_id: one.quantity for one in result.log.discrete_events("order")}


def test_sixty_and_forty_are_respected_to_one_lot() -> None:
    bought = orders(both({"trend": "0.6", "hold": 0.4}))

    assert bought == {"trend": 60_000 // 7, "hold": 40_000 // 11}
    for units, price, budget in ((bought["trend"], 7, 60_000), (bought["hold"], 11, 40_000)):
        assert units * price <= budget < (units + 1) * price


def test_a_share_follows_the_equity_of_the_account() -> None:
    """Four days on, X stands at 14: 8,571 shares bought at 7.50 have gained 6.50 each."""
    bought = orders(both({"trend": "0.6", "hold": "0.4"}, second_day=4))
    equity = 100_000 + 8571 * (D(14) - D("7.5"))

    assert bought["hold"] == int(D("0.4") * equity / 11)


def test_without_budgets_each_is_sized_from_all_of_it() -> None:
    assert orders(both(None)) == {"trend": 100_000 // 7, "hold": 100_000 // 11}


@pytest.mark.parametrize(
    ("budgets", "told"),
    [
        ({"trend": "0.6", "hold": "0.5"}, r"strategies\[1\].budget: budgets reach 1.1 of equity with this one"),
        ({"trend": "0.6"}, r"strategies\[1\].budget: some strategies have a budget and others none"),
        ({"trend": "0", "hold": "0.5"}, r"strategies\[0\].budget: .*greater than 0"),
        ({"trend": "-0.1", "hold": "0.5"}, r"strategies\[0\].budget: .*greater than 0"),
        ({"trend": "1.5", "hold": "0.5"}, r"strategies\[0\].budget: .*less than or equal to 1"),
        ({"trend": float("nan"), "hold": "0.5"}, r"strategies\[0\].budget: nan is not a number"),
        ({"trnd": "0.6", "hold": "0.4"}, r"budgets\['trnd'\]: no strategy has that name; the run has trend, hold"),
    ],
)
def test_budgets_that_cannot_be_are_errors_before_the_run(budgets: dict[str, Any], told: str) -> None:
    with pytest.raises(ConfigError, match=told):
        both(budgets)
