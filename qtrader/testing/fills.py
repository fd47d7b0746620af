"""What every fill policy, slippage model and commission must do."""

import copy
from collections.abc import Sequence
from decimal import Decimal
from typing import ClassVar

from qtrader.events import PriceBarEvent
from qtrader.ports import CommissionModel, FillDecision, FillPolicy, FillValue, SlippageModel, WorkingOrder, price_range
from qtrader.testing.builders import bar, fill, order
from qtrader.testing.tools import PureToolConformance, finite


class FillPolicyConformance(PureToolConformance):
    """A fill policy conserves quantity, stays inside the bar, and never fills on a bar without trades."""

    orders: ClassVar[Sequence[WorkingOrder]] = (
        order(),
        order("sell"),
        order(quantity="0.001"),
        order("sell", quantity="12345678"),
    )
    bars: ClassVar[Sequence[PriceBarEvent]] = (
        bar(),
        bar(prices="10 10 10 10"),
        bar(prices="0.0001 0.0002 0.0001 0.0002"),
        bar(prices="-1 2 -3 -2"),
    )

    def _decisions(self) -> list[tuple[WorkingOrder, PriceBarEvent, FillDecision]]:
        found = [(one, shown, self.tool.decide(one, shown)) for one in self.orders for shown in self.bars]
        return [(one, shown, decision) for one, shown, decision in found if decision is not None]

    def _with_volume(self, volume: str | None) -> PriceBarEvent:
        return self.bars[0].model_copy(update={"volume": None if volume is None else Decimal(volume)})

    def test_it_is_a_fill_policy(self) -> None:
        """It has ``decide`` and says whether it fills in the bar of the decision."""
        assert isinstance(self.tool, FillPolicy)
        assert self.tool.same_bar in (True, False)

    def test_it_fills_something(self) -> None:
        """A policy that never fills would pass every other test."""
        assert any(decision.quantity for _, _, decision in self._decisions())

    def test_quantity_is_conserved(self) -> None:
        """No more than is left of the order, and never less than nothing."""
        for one, _, decision in self._decisions():
            assert finite(decision.quantity), f"{one} gave {decision}"
            assert 0 <= decision.quantity <= one.quantity, f"{one} gave {decision}"

    def test_prices_lie_in_the_bar(self) -> None:
        """Nowhere but where the market traded."""
        for _, shown, decision in self._decisions():
            assert finite(decision.price), f"{shown} gave {decision}"
            low, high = price_range(shown)
            assert low <= decision.price <= high, f"{shown} gave {decision}"

    def test_a_bar_without_volume_never_fills(self) -> None:
        """Nothing traded, so nobody could."""
        for one in self.orders:
            decision = self.tool.decide(one, self._with_volume("0"))

            assert decision is None or decision.quantity == 0

    def test_unknown_volume_fills_like_ample_volume(self) -> None:
        """Null is unknown, not zero: rules about volume are off."""
        for one in self.orders:
            ample = self.tool.decide(one, self._with_volume("1000000000000"))
            assert self.tool.decide(one, self._with_volume(None)) == ample

    def test_fills_in_the_bar_of_the_decision_are_called_optimistic(self) -> None:
        """Nobody trades at a price that is known only when the market has shut."""
        if self.tool.same_bar:
            assert all(decision.optimistic for _, _, decision in self._decisions())

    def test_it_is_deterministic(self) -> None:
        """No state, no chance."""
        assert self._decisions() == self._decisions()

    def test_deciding_changes_no_option(self) -> None:
        """A tool is a value."""
        before = copy.deepcopy(self.tool)
        self._decisions()

        assert before == self.tool


class SlippageConformance(PureToolConformance):
    """Slippage never helps the trader."""

    prices: ClassVar[Sequence[Decimal]] = (Decimal("0.0001"), Decimal("10.25"), Decimal(99999), Decimal("-3.5"))

    def test_it_is_a_slippage_model(self) -> None:
        """It has ``adjust``."""
        assert isinstance(self.tool, SlippageModel)

    def test_it_never_improves_the_price(self) -> None:
        """Buys pay at least, sells get at most the price."""
        for price in self.prices:
            bought, sold = (self.tool.adjust(price, order(side), bar()) for side in ("buy", "sell"))

            assert finite(bought), f"buying at {price} gave {bought!r}"
            assert finite(sold), f"selling at {price} gave {sold!r}"
            assert bought >= price, f"buying at {price} gave {bought}"
            assert sold <= price, f"selling at {price} gave {sold}"

    def test_it_is_deterministic(self) -> None:
        """No state, no chance."""
        assert self.tool.adjust(Decimal(10), order(), bar()) == self.tool.adjust(Decimal(10), order(), bar())

    def test_adjusting_changes_no_option(self) -> None:
        """A tool is a value."""
        before = copy.deepcopy(self.tool)
        for price in self.prices:
            self.tool.adjust(price, order(), bar())

        assert before == self.tool


class CommissionConformance(PureToolConformance):
    """A commission is finite, never negative, and the same for the same fill."""

    fills: ClassVar[Sequence[FillValue]] = (
        fill(),
        fill("sell"),
        fill(quantity="0.001"),
        fill(quantity="1000000", price="0.01"),
        fill(price="-3.5"),
    )

    def test_it_is_a_commission_model(self) -> None:
        """It has ``fee``."""
        assert isinstance(self.tool, CommissionModel)

    def test_fees_are_finite_and_never_negative(self) -> None:
        """A rebate is not a commission."""
        for one in self.fills:
            fee = self.tool.fee(one)

            assert finite(fee), f"{one} costs {fee!r}"
            assert fee >= 0, f"{one} costs {fee}"

    def test_the_same_fill_costs_the_same(self) -> None:
        """No state, no chance."""
        for one in self.fills:
            assert self.tool.fee(one) == self.tool.fee(one)

    def test_charging_changes_no_option(self) -> None:
        """A tool is a value."""
        before = copy.deepcopy(self.tool)
        for one in self.fills:
            self.tool.fee(one)

        assert before == self.tool

    def test_its_rounding_is_one_that_execution_knows(self) -> None:
        """``minor`` or ``none``, where it says anything."""
        assert getattr(self.tool, "rounding", "minor") in ("minor", "none")
