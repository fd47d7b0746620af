"""Slippage that looks at the bar: its spread, its volume, its range."""

from decimal import Decimal
from typing import Any

import pytest
from pydantic import TypeAdapter, ValidationError

from qtrader.testing import SlippageConformance, bar, order
from qtrader_costs.slippage import Spread, Volatility, VolumeShare

D = Decimal


def quoted(bid: str, ask: str) -> Any:
    return bar().model_copy(update={"bid_close": D(bid), "ask_close": D(ask)})


@pytest.mark.parametrize(("side", "price"), [("buy", "100.05"), ("sell", "99.95")])
def test_half_of_the_spread_is_paid(side: str, price: str) -> None:
    assert Spread().adjust(D(100), order(side), quoted("99.9", "100")) == D(price)


@pytest.mark.parametrize(("side", "price"), [("buy", "100.1"), ("sell", "99.9")])
def test_another_part_of_it_may_be(side: str, price: str) -> None:
    assert Spread(fraction=D(1)).adjust(D(100), order(side), quoted("99.9", "100")) == D(price)


def test_a_crossed_quote_helps_nobody() -> None:
    assert Spread().adjust(D(100), order(), quoted("100.2", "100")) == 100


def test_without_quotes_the_fallback_counts() -> None:
    assert Spread(fallback_bps=D(5)).adjust(D(100), order(), bar()) == D("100.05")


@pytest.mark.parametrize(
    ("quantity", "side", "price"),
    [("10", "buy", "100.001"), ("10", "sell", "99.999"), ("25", "buy", "100.00625"), ("5000", "buy", "100.00625")],
)
def test_impact_grows_with_the_square_of_the_share(quantity: str, side: str, price: str) -> None:
    """10 of 1,000 is 0.01: 0.1 x 0.0001 x 100 = 0.001; 2.5 % and more: 0.1 x 0.000625 x 100."""
    assert VolumeShare().adjust(D(100), order(side, quantity), bar(volume="1000")) == D(price)


def test_of_no_volume_the_limit_counts() -> None:
    assert VolumeShare().adjust(D(100), order(), bar(volume="0")) == D("100.00625")


def test_of_unknown_volume_the_fallback_counts() -> None:
    assert VolumeShare(fallback_bps=D(10)).adjust(D(100), order("sell"), bar(volume=None)) == D("99.9")


@pytest.mark.parametrize(("side", "price"), [("buy", "11.15"), ("sell", "10.85")])
def test_a_part_of_the_range_is_paid(side: str, price: str) -> None:
    """12 less 9, a twentieth."""
    assert Volatility().adjust(D(11), order(side), bar(prices="10 12 9 11")) == D(price)


def test_a_seller_always_gets_something() -> None:
    assert Volatility(D(100)).adjust(D(10), order("sell"), bar(prices="10 12 9 11")) == D("0.001")


@pytest.mark.parametrize(
    ("kind", "options"),
    [
        (Spread, {"fraction": "-1"}),
        (VolumeShare, {"limit": "1.1"}),
        (VolumeShare, {"impact": "NaN"}),
        (Volatility, {"fraction": "-0.1"}),
    ],
)
def test_senseless_options_are_refused(kind: Any, options: dict[str, str]) -> None:
    with pytest.raises(ValidationError):
        TypeAdapter(kind).validate_python(options)


class TestSpread(SlippageConformance):
    tool = Spread(fallback_bps=D(3))


class TestVolumeShare(SlippageConformance):
    tool = VolumeShare()


class TestVolatility(SlippageConformance):
    tool = Volatility()
