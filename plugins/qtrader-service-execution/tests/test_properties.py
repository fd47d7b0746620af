"""Whatever orders, bars, commands, splits and restarts come: what must hold of orders, by the design's numbers."""

from collections import defaultdict
from datetime import date
from decimal import ROUND_DOWN, Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qtrader.errors import HandlerError, IdempotencyConflict
from qtrader.events import CorporateActionEvent
from qtrader_service_execution.book import OrderBook
from qtrader_service_execution.matching import Matching

D = Decimal
SHARE = D("0.1")
CHANGES = {
    None: {"NEW"},
    "NEW": {"NEW", "SUBMITTED", "REJECTED"},
    "SUBMITTED": {"SUBMITTED", "ACK"},
    "ACK": {"ACK", "PARTIAL", "FILLED", "CANCELED", "EXPIRED"},
    "PARTIAL": {"PARTIAL", "FILLED", "CANCELED", "EXPIRED"},
}
"""What a market that answers at once does to orders."""
FINAL = {"FILLED", "CANCELED", "REJECTED", "EXPIRED"}
TOO_LATE = {"cancel_refused", "replace_refused"}

symbols = st.sampled_from("AB")
prices = st.integers(8, 12).map(D)
picks = st.integers(0, 20)
orders = st.fixed_dictionaries(
    {
        "symbol": symbols,
        "side": st.sampled_from(["buy", "sell"]),
        "quantity": st.integers(1, 150).map(D),
        "time_in_force": st.sampled_from(["DAY", "GTC", "IOC", "FOK"]),
        "kind": st.sampled_from(["market", "limit", "stop", "stop_limit", "trailing_stop", "market_on_open"]),
        "limit_price": prices,
        "stop_price": prices,
    }
)
bars = st.tuples(symbols, st.lists(prices, min_size=4, max_size=4), st.sampled_from([None, 0, 50, 400, 1500]))
steps = st.lists(
    st.one_of(
        st.tuples(st.just("order"), orders),
        st.tuples(st.just("order"), orders),
        st.tuples(st.just("bar"), bars),
        st.tuples(st.just("bar"), bars),
        st.tuples(st.just("again"), picks),
        st.tuples(st.just("cancel"), picks),
        st.tuples(st.just("replace"), st.tuples(picks, st.integers(1, 200).map(D))),
        st.tuples(st.sampled_from(["end", "split", "reborn"]), st.none()),
    ),
    max_size=40,
)


class Played:
    """A world after some steps: its orders, and what it published."""

    def __init__(self, kit: Any, script: Any, *, share: Decimal | None = SHARE) -> None:
        self.world = kit.World(policy=kit.Rules(), max_participation=None if share is None else str(share))
        self.world.show(1, "10 10 10 10")
        self.world.show(1, "10 10 10 10", symbol="B")
        self.day, self.sent, self.bars = 1, [], {}
        self.split_symbols: set[str] = set()
        self.numbers: dict[str, int] = defaultdict(int)
        for name, what in script:
            getattr(self, name)(what)

    def order(self, what: Any) -> None:
        fields = dict(what)
        kind, symbol = fields.pop("kind"), fields["symbol"]
        for price, kinds in (("limit_price", ("limit", "stop_limit")), ("stop_price", ("stop", "stop_limit"))):
            if kind not in kinds:
                del fields[price]
        if kind == "trailing_stop":
            fields["trail_amount"] = D(1)
        self.numbers[symbol] += 1
        number = f"{symbol}{self.numbers[symbol]}"
        self.sent.append(self.world.order(number, order_type=kind, **fields))

    def bar(self, what: Any) -> None:
        symbol, (opened, close, one, other), volume = what
        self.day += 1
        if self.day < 31:
            high, low = max(opened, close, one, other), min(opened, close, one, other)
            volume = None if volume is None else str(volume)
            self.world.show(self.day, f"{opened} {high} {low} {close}", symbol=symbol, volume=volume)
            bar = self.world.view.bar(symbol)
            self.bars[symbol, bar.time_ns] = (low, high, None if volume is None else D(volume))

    def again(self, pick: int) -> None:
        if pick < len(self.sent):
            self.world.bus.publish(self.sent[pick])

    def cancel(self, pick: int) -> None:
        if pick < len(self.sent):
            order = self.sent[pick]
            self.world.command("cancel", order.order_id, symbol=order.symbol)

    def replace(self, what: Any) -> None:
        pick, quantity = what
        if pick < len(self.sent):
            order = self.sent[pick]
            self.world.command("replace", order.order_id, symbol=order.symbol, quantity=quantity)

    def end(self, _: None) -> None:
        if 1 < self.day < 31:
            self.world.end(self.day, hour=22)

    def split(self, _: None) -> None:
        self.split_symbols.add("A")
        action = {"action_id": f"ca-{self.day}", "symbol": "A", "action_type": "split", "ex_date": date(2024, 1, 3)}
        self.world.bus.publish(CorporateActionEvent(**action, numerator=2, denominator=1))

    def reborn(self, _: None) -> None:
        self.world = self.world.reborn()

    def said(self, *topics: str) -> list[dict[str, Any]]:
        """What was published of some topics, without envelopes."""
        return [one.model_dump(exclude={"origin"}) for topic in topics for one in self.world.bus.of(topic)]


def of_orders(played: Played) -> dict[str, tuple[list[Any], list[Any]]]:
    """Updates and fills by order."""
    found: dict[str, tuple[list[Any], list[Any]]] = defaultdict(lambda: ([], []))
    for update in played.world.bus.of("order_update"):
        found[update.order_id][0].append(update)
    for fill in played.world.bus.of("fill"):
        found[fill.source_order_id][1].append(fill)
    return found


def keep_to_the_table(played: Played) -> None:
    """Property 8: only changes of the table, nothing after an end, what has filled never falls, nothing below zero."""
    for updates, fills in of_orders(played).values():
        before, done = None, D(0)
        for update in updates:
            status = update.status.value
            if before in FINAL:
                assert (status, update.trigger in TOO_LATE) == (before, True)
            else:
                assert status in CHANGES[before]
            assert update.leaves_quantity >= 0
            assert update.filled_quantity <= update.quantity
            if update.symbol not in played.split_symbols:
                assert update.filled_quantity >= done
            before, done = status, update.filled_quantity
        if updates[0].symbol not in played.split_symbols:
            assert sum(one.quantity for one in fills) == done


def keep_to_their_prices(played: Played) -> None:
    """Property 16: inside the bar, a limit never worse; a stop never better in the bar that reached it."""
    orders = {one.order_id: one for one in played.sent}
    for order_id, (updates, fills) in of_orders(played).items():
        order, reached = orders[order_id], {one.origin.time_ns for one in updates if one.trigger == "triggered"}
        sign = 1 if order.side == "buy" else -1
        for fill in fills:
            low, high, _ = played.bars[fill.symbol, fill.origin.time_ns]
            assert low <= fill.price <= high
            if order.symbol in played.split_symbols:
                continue
            if order.limit_price is not None:
                assert sign * fill.price <= sign * order.limit_price
            if order.order_type == "stop" and fill.origin.time_ns in reached:
                assert sign * fill.price >= sign * order.stop_price


def keep_to_the_volume(played: Played) -> None:
    """Properties 17 and 18: all orders together within their share; nothing of a bar that is old or had no trade."""
    sent = {one.order_id: one.origin.time_ns for one in played.sent}
    taken: dict[Any, Decimal] = defaultdict(D)
    for fill in played.world.bus.of("fill"):
        taken[fill.symbol, fill.origin.time_ns] += fill.quantity
        assert fill.origin.time_ns > sent[fill.source_order_id]
    for key, quantity in taken.items():
        volume = played.bars[key][2]
        if volume is not None:
            assert 0 < quantity <= (volume * SHARE).to_integral_value(ROUND_DOWN)


@settings(max_examples=150, deadline=None)
@given(script=steps)
def test_orders_keep_to_table_prices_and_volume(kit: Any, script: Any) -> None:
    played = Played(kit, script)

    keep_to_the_table(played)
    keep_to_their_prices(played)
    keep_to_the_volume(played)


@settings(max_examples=75, deadline=None)
@given(script=steps)
def test_orders_and_restarts_that_come_again_change_nothing(kit: Any, script: Any) -> None:
    """Properties 7 and 9: one key is one order, before and after a restart."""
    plain = [step for step in script if step[0] not in ("again", "reborn")]

    assert Played(kit, script).said("order_update", "fill") == Played(kit, plain).said("order_update", "fill")


@settings(max_examples=75, deadline=None)
@given(sent=st.lists(orders, min_size=1, max_size=8), after=st.lists(bars, min_size=1, max_size=10))
def test_orders_of_different_symbols_may_come_in_any_order(kit: Any, sent: Any, after: Any) -> None:
    """Property 9: each symbol's fills are those that it would have alone."""
    later = [("bar", one) for one in after]
    mixed = Played(kit, [*(("order", one) for one in sent), *later])
    sorted_ = Played(kit, [*(("order", one) for one in sorted(sent, key=lambda one: one["symbol"])), *later])

    for symbol in "AB":
        of_one = [[one for one in world.said("fill") if one["symbol"] == symbol] for world in (mixed, sorted_)]
        assert of_one[0] == of_one[1]


@settings(max_examples=50, deadline=None)
@given(script=steps, pick=picks, more=st.integers(1, 9))
def test_another_payload_under_a_key_is_a_conflict_and_changes_nothing(
    kit: Any, script: Any, pick: int, more: int
) -> None:
    """Property 7, whatever has become of the order."""
    played = Played(kit, script)
    if pick >= len(played.sent):
        return
    before = played.said("order_update", "fill")
    order = played.sent[pick]
    with pytest.raises(IdempotencyConflict, match="quantity"):
        played.world.service.submit(order.model_copy(update={"quantity": order.quantity + more}))

    assert played.said("order_update", "fill") == before


def test_a_market_that_breaks_them_is_caught(kit: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each check can fail: fills without a bound, fills at better prices, keys forgotten, a life after the end."""
    order = {"symbol": "A", "side": "buy", "quantity": D(30), "time_in_force": "GTC", "kind": "market"}
    order |= {"limit_price": D(9), "stop_price": D(9)}
    script = [("order", order), ("bar", ("A", [D(10)] * 4, 400))]
    with monkeypatch.context() as patch:
        patch.setattr(Matching, "available", lambda *_: None)
        with pytest.raises(AssertionError):
            keep_to_the_volume(Played(kit, [("order", order | {"quantity": D(100)}), *script[1:]]))
    real = Matching.match
    with monkeypatch.context() as patch:
        patch.setattr(Matching, "match", lambda *args, **more: real(*args, **more)._replace(price=D(5)))
        with pytest.raises(AssertionError):
            keep_to_their_prices(Played(kit, script))
    with monkeypatch.context() as patch:
        patch.setattr(OrderBook, "of_key", lambda *_: None)
        with pytest.raises(HandlerError, match="came before under idempotency_key"):
            Played(kit, [script[0], ("again", 0)])
    played = Played(kit, script)
    played.world.bus.publish(played.world.bus.of("order_update")[-2].model_copy())
    with pytest.raises(AssertionError):
        keep_to_the_table(played)
