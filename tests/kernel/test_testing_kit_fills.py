"""The suites for fills, slippage and commissions: what keeps to the port passes, what does not is caught."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import pytest

from qtrader.ports import (
    FillDecision,
)
from qtrader.testing import (
    CommissionConformance,
    FillPolicyConformance,
    SlippageConformance,
)


@dataclass
class AtOpen:
    """All of it at the open."""

    same_bar: bool = False  # whether the bar of the decision fills

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


class TestAtOpen(FillPolicyConformance):
    tool = AtOpen()


class TestAtOpenOfTheSameBar(FillPolicyConformance):
    tool = AtOpen(same_bar=True)


class TestCent(SlippageConformance):
    tool = Cent()


class TestFlat(CommissionConformance):
    tool = Flat()


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
class Hardening(Cent):
    """A cent more each time."""

    step: Decimal = Decimal("0.01")  # how far

    def adjust(self, price: Decimal, order: Any, bar: Any) -> Decimal:
        self.step += Decimal("0.01")
        return price + (self.step if order.side == "buy" else -self.step)


@dataclass
class Counted(Flat):
    """Counts fills among its options."""

    fills: int = 0  # charged so far

    def fee(self, fill: Any) -> Decimal:
        self.fills += 1
        return Decimal(1)


WRONG = [
    (SlippageConformance, Hardening(), "test_it_is_deterministic"),
    (SlippageConformance, Hardening(), "test_adjusting_changes_no_option"),
    (CommissionConformance, Counted(), "test_charging_changes_no_option"),
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
]


@pytest.mark.parametrize(
    ("suite", "tool", "test"), WRONG, ids=[f"{type(tool).__name__}-{test}" for _, tool, test in WRONG]
)
def test_what_does_not_keep_to_its_port_is_caught(suite: type[Any], tool: Any, test: str) -> None:
    checked = type("Checked", (suite,), {"tool": tool})()

    with pytest.raises(AssertionError):
        getattr(checked, test)()
