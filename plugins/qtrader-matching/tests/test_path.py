"""Orders along a path, against a walk that goes a tick at a time."""

from collections.abc import Iterator, Sequence
from decimal import Decimal
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qtrader.ports import WorkingOrder
from qtrader_matching import Prices, decide, follow, path_of

BAR = Prices(Decimal(10), Decimal(12), Decimal(9), Decimal(11))


def order(side: Any, kind: str, **prices: Any) -> WorkingOrder:
    exact = {name: Decimal(str(one)) for name, one in prices.items()}
    return WorkingOrder("o-1", "A", side, Decimal(1), order_type=kind)._replace(**exact)


@pytest.mark.parametrize(
    ("side", "which", "path"),
    [
        ("buy", "adverse", "10 12 9 11"),
        ("sell", "adverse", "10 9 12 11"),
        ("buy", "favourable", "10 9 12 11"),
        ("sell", "favourable", "10 12 9 11"),
        ("buy", "high-first", "10 12 9 11"),
        ("sell", "high-first", "10 12 9 11"),
        ("sell", "low-first", "10 9 12 11"),
        ("buy", "low-first", "10 9 12 11"),
    ],
)
def test_which_extreme_comes_first(side: Any, which: Any, path: str) -> None:
    assert path_of(BAR, side, which) == tuple(map(Decimal, path.split()))


def test_a_trailing_stop_follows_the_high_and_is_met_on_the_way_down() -> None:
    """10, 9, 14: the stop goes to 8, and to 12; on the way to the close of 11 it is met."""
    trailing = order("sell", "trailing_stop", stop_price=7, trail_amount=2)
    decision = follow(trailing, [Decimal(one) for one in (10, 9, 14, 11)])
    assert decision is not None
    assert (decision.price, decision.moment) == (Decimal(12), "inside")


def test_a_stop_limit_fills_where_it_is_triggered_when_the_limit_allows() -> None:
    decision = follow(order("buy", "stop_limit", stop_price=11, limit_price="11.5"), path_of(BAR, "buy", "adverse"))
    assert decision is not None
    assert decision.price == 11


def test_a_stop_limit_waits_for_its_limit_after_the_trigger() -> None:
    """10, 9, 12, 11: triggered at 11 on the way up; 9.5 came before, so it fills nothing."""
    waiting = order("buy", "stop_limit", stop_price=11, limit_price="9.5")
    before, after = (follow(waiting, path_of(BAR, "buy", which)) for which in ("low-first", "high-first"))  # type: ignore[arg-type]
    assert before is not None
    assert after is not None
    assert (before.quantity, before.triggered) == (0, True)
    assert after.price == Decimal("9.5")


def ticks(path: Sequence[int]) -> Iterator[int]:
    yield path[0]
    for before, after in pairwise(path):
        step = 1 if after > before else -1
        yield from range(before + step, after + step, step) if after != before else ()


def walk(kind: str, side: str, limit: int, stop: int, trail: int, path: Sequence[int]) -> tuple[int, int] | None:
    """Price and units of the fill that one who watches every tick gets: limits must be traded through."""
    sign = 1 if side == "buy" else -1
    triggered = kind == "limit"
    for place, tick in enumerate(ticks(path)):
        began = False
        if not triggered and sign * tick >= sign * stop:
            if kind in ("stop", "trailing_stop"):
                return (tick if place == 0 else stop), 1
            triggered = began = True
        if triggered and sign * tick < sign * limit:
            return (tick if place == 0 or began else limit), 1
        if kind == "trailing_stop":
            stop = sign * min(sign * stop, sign * (tick + sign * trail))
    return None


PATHS = st.lists(st.integers(80, 120), min_size=2, max_size=6)


@given(
    st.sampled_from(["limit", "stop", "stop_limit", "trailing_stop"]), st.sampled_from(["buy", "sell"]),
    st.integers(80, 120), st.integers(80, 120), st.integers(1, 10), PATHS,
)  # fmt: skip
def test_it_is_what_a_walk_from_tick_to_tick_gives(
    kind: str, side: Any, limit: int, stop: int, trail: int, path: list[int]
) -> None:
    asked = order(side, kind, limit_price=limit, stop_price=stop, trail_amount=trail)
    decision = follow(asked, [Decimal(one) for one in path])
    found = None if decision is None or not decision.quantity else (int(decision.price), 1)

    assert found == walk(kind, side, limit, stop, trail, path)


@given(
    st.sampled_from(["market", "market_on_open", "market_on_close", "limit", "stop"]), st.sampled_from(["buy", "sell"])
)
def test_what_needs_no_path_is_decided_as_without_one(kind: str, side: Any) -> None:
    asked = order(side, kind, limit_price=10, stop_price=11)
    assert follow(asked, path_of(BAR, side, "adverse")) == decide(asked, BAR)


def test_an_order_without_its_price_is_an_error() -> None:
    with pytest.raises(ValueError, match="needs a stop_price"):
        follow(order("buy", "stop_limit", limit_price=10), path_of(BAR, "buy", "adverse"))
