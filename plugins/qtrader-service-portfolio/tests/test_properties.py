"""Random worlds against a naive oracle in fractions: lots conserved, costs conserved, equity and fees add up."""

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from qtrader.errors import RunError
from qtrader.events import CashEvent, PositionEvent, TradeEvent, ValuationEvent
from qtrader_service_portfolio import LotTracker

D = Decimal
F = Fraction
WHEN = datetime(2024, 1, 2, tzinfo=UTC)
STEP = F(1, 10**8)

quantities = st.decimals("0.01", "500", places=2)
prices = st.decimals("0.01", "900", places=4)
fees = st.decimals("0", "9", places=2)
sides = st.sampled_from(["buy", "sell"])
fills = st.lists(st.tuples(sides, quantities, prices, fees), min_size=1, max_size=25)


def book_all(tracker: LotTracker, trades: Any) -> list[Any]:
    """Apply fills a day apart; what each did."""
    return [
        tracker.fill(side, quantity, quantity * price, WHEN + timedelta(days=number), fee=fee)
        for number, (side, quantity, price, fee) in enumerate(trades)
    ]


@settings(deadline=None)
@given(fills)
def test_the_lots_are_the_signed_sum_of_fills(trades):
    tracker = LotTracker()
    book_all(tracker, trades)

    held = sum(F(quantity) if side == "buy" else -F(quantity) for side, quantity, _, _ in trades)
    assert held == F(tracker.quantity)
    assert abs(held) == sum(F(lot.quantity) for lot in tracker.lots)


@settings(deadline=None)
@given(fills)
def test_no_lot_is_empty_and_all_are_on_one_side(trades):
    tracker = LotTracker()
    for number, (side, quantity, price, fee) in enumerate(trades):
        tracker.fill(side, quantity, quantity * price, WHEN + timedelta(days=number), fee=fee)
        assert all(lot.quantity > 0 for lot in tracker.lots)
        assert len({lot.side for lot in tracker.lots}) <= 1


@settings(deadline=None)
@given(fills)
def test_every_unit_of_value_is_a_cost_still_held_a_cost_given_up_or_a_proceed(trades):
    """Signed: what was paid less what was received = what is held at cost less what was gained."""
    tracker = LotTracker()
    gained = sum(F(part.gross) for matched in book_all(tracker, trades) for part in matched.closed)

    paid = sum(F(q) * F(p) if side == "buy" else -F(q) * F(p) for side, q, p, _ in trades)
    assert paid == F(tracker.cost) - gained


@settings(deadline=None)
@given(fills)
def test_fees_paid_are_fees_of_closed_lots_and_fees_still_carried(trades):
    tracker = LotTracker()
    spent = sum(F(part.commission) for matched in book_all(tracker, trades) for part in matched.closed)

    assert sum(F(fee) for *_, fee in trades) == spent + F(tracker.fees)


@settings(deadline=None)
@given(fills, st.sampled_from(["fifo", "lifo", "hifo"]), st.sampled_from(["fifo", "lifo", "hifo"]))
def test_costs_equal_those_of_a_naive_book_in_fractions(trades, long, short):
    """Each cut rounds by at most half of 10^-8, and a lot is cut at most once a fill."""
    tracker, naive = LotTracker(long=long, short=short), NaiveBook({1: long, -1: short})
    for number, (side, quantity, price, fee) in enumerate(trades):
        tracker.fill(side, quantity, quantity * price, WHEN + timedelta(days=number), fee=fee)
        naive.fill(1 if side == "buy" else -1, F(quantity), F(price))

    assert [F(lot.quantity) for lot in tracker.lots] == [quantity for quantity, _ in naive.lots]
    for lot, (quantity, price) in zip(tracker.lots, naive.lots, strict=True):
        assert abs(F(lot.cost) - quantity * price) <= len(trades) * STEP / 2


@dataclass
class NaiveBook:
    """Units and unit prices in fractions, the plainest way there is."""

    order: dict[int, str]
    sign: int = 0
    lots: list[tuple[Fraction, Fraction]] = field(default_factory=list)
    gained: Fraction = field(default_factory=Fraction)

    def fill(self, sign: int, quantity: Fraction, price: Fraction) -> None:
        while quantity and self.lots and self.sign != sign:
            at = self.next()
            held, cost = self.lots[at]
            gone = min(held, quantity)
            self.gained += gone * (price - cost) * self.sign
            quantity -= gone
            if gone == held:
                self.lots.pop(at)
            else:
                self.lots[at] = (held - gone, cost)
        if quantity:
            self.sign = sign
            self.lots.append((quantity, price))

    def next(self) -> int:
        """Which lot leaves: the oldest, the newest, or of longs the dearest and of shorts the cheapest."""
        order = self.order[self.sign]
        if order == "hifo":
            return max(range(len(self.lots)), key=lambda at: (self.lots[at][1] * self.sign, -at))
        return 0 if order == "fifo" else -1

    def split(self, ratio: Fraction, price: Fraction) -> Fraction:
        """Rescale; the fraction of a whole unit leaves for cash, which is returned, signed and in cents."""
        self.lots = [(quantity * ratio, cost / ratio) for quantity, cost in self.lots]
        held = sum(quantity for quantity, _ in self.lots)
        part = held - held.__floor__() if self.lots else F(0)
        if not part:
            return F(0)
        sign, cash = self.sign, round(part * price * 100) * F(1, 100)
        self.fill(-sign, part, price)
        self.gained += (cash - part * price) * sign
        return cash * sign


@settings(deadline=None)
@given(fills, st.sampled_from([(2, 1), (3, 2), (1, 10), (7, 3), (1, 3), (21, 20)]), st.sampled_from(["1", "0.01"]))
def test_a_split_conserves_units_cost_and_fees(trades, ratio, step):
    tracker = LotTracker()
    book_all(tracker, trades)
    held, cost, carried = F(tracker.quantity), F(tracker.cost), F(tracker.fees)
    closed = tracker.split(*ratio, step=D(step), unit_value=D(7), currency="USD")

    sign = 1 if held > 0 else -1
    whole = abs(held) * F(*ratio) // F(step) * F(step)
    assert sign * whole == F(tracker.quantity) == sign * sum(F(lot.quantity) for lot in tracker.lots)
    assert abs(held) * F(*ratio) - whole - sum(F(part.quantity) for part in closed) < STEP
    assert cost == F(tracker.cost) + sign * sum(F(part.cost) for part in closed)
    assert carried == F(tracker.fees) + sum(F(part.entry_fee) for part in closed)


@settings(deadline=None)
@given(fills)
def test_two_for_one_then_one_for_two_restores_every_lot(trades):
    """With lots of cents of a unit every half is exact."""
    tracker = LotTracker()
    book_all(tracker, trades)
    before = [(lot.quantity, lot.cost, lot.fee) for lot in tracker.lots]
    for ratio in ((2, 1), (1, 2)):
        tracker.split(*ratio, step=D("0.01"), unit_value=D(7), currency="USD")

    assert before == [(lot.quantity, lot.cost, lot.fee) for lot in tracker.lots]


@settings(deadline=None)
@given(st.lists(st.integers(1, 50), min_size=1, max_size=8), prices, fees)
def test_any_partition_of_a_sale_gives_the_same_result_to_a_step_a_part(parts, price, fee):
    """Sold whole or in parts: gross profit to half of 10^-8 a cut, fees exactly."""
    total = D(sum(parts))
    whole, parted = LotTracker(), LotTracker()
    for tracker in (whole, parted):
        for days, cost in enumerate(("33.33", "77.77")):
            tracker.fill("buy", total, D(cost), WHEN + timedelta(days=days), fee=fee)
    at_once = book_all(whole, [("sell", total, price, D(0))])
    in_parts = book_all(parted, [("sell", D(part), price, D(0)) for part in parts])

    one, many = (sum(F(c.gross) for m in result for c in m.closed) for result in (at_once, in_parts))
    assert abs(one - many) <= len(parts) * STEP
    assert whole.fees == parted.fees


step_kinds = st.one_of(
    st.tuples(st.just("fill"), sides, quantities, prices, fees),
    st.tuples(st.just("price"), prices),
    st.tuples(st.just("split"), st.sampled_from([(2, 1), (3, 2), (1, 10), (21, 20)])),
    st.tuples(st.just("dividend"), st.decimals("0.01", "2", places=2), st.sampled_from([None, 1, 4]), fees),
    st.tuples(st.just("value")),
)
worlds = st.lists(step_kinds, min_size=1, max_size=25)


def play(desk: Any, step: Any) -> None:
    """One step, one session later than the one before."""
    desk.now += 1
    kind, *what = step
    if kind == "fill":
        side, quantity, price, fee = what
        (desk.buy if side == "buy" else desk.sell)(quantity, price, fee)
    elif kind == "price":
        desk.price("AAPL", what[0])
    elif kind == "split":
        desk.split(*what[0])
    elif kind == "dividend":
        amount, delay, tenths = what
        try:
            desk.dividend(amount, delay and desk.now + delay, withholding=min(tenths / 10, D(1)))
        except RunError as error:
            if "more than the last price" not in str(error):
                raise
    else:
        desk.value()


class Oracle:
    """The account in fractions, from what was fed alone: one naive book, cash, and dividends due."""

    def __init__(self) -> None:
        self.book = NaiveBook({1: "fifo", -1: "lifo"})
        self.cash = F(10_000)
        self.fees = self.receivable = self.payable = F(0)
        self.due: list[tuple[int, Fraction, Fraction]] = []
        self.mark = F(0)

    def follow(self, desk: Any, step: Any) -> None:
        kind, *what = step
        if kind == "fill":
            side, quantity, price, fee = what
            sign = 1 if side == "buy" else -1
            self.book.fill(sign, F(quantity), F(price))
            self.cash -= sign * F(quantity) * F(price) + F(fee)
            self.fees += F(fee)
            self.mark = F(desk.position.price)
        elif kind == "price":
            self.mark = F(what[0])
        elif kind == "split":
            ratio = F(*what[0])
            # at the price that the service took, which is rounded to 10^-8
            price = F(desk.position.price) if desk.service.positions else self.mark / ratio
            self.cash += self.book.split(ratio, price)
            self.mark = price
        elif kind == "dividend":
            self._dividend(desk.now, *what)
        else:
            for day, gross, tax in self.due:
                if day <= desk.now:
                    self.cash += gross - tax
            self.due = [one for one in self.due if one[0] > desk.now]

    def _dividend(self, now: int, amount: Decimal, delay: int | None, tenths: Decimal) -> None:
        if self.mark < F(amount):
            return  # refused
        gross = round(self.held * F(amount) * 100) * F(1, 100)
        tax = round(gross * F(min(tenths / 10, D(1))) * 100) * F(1, 100) if gross > 0 else F(0)
        if delay is None:
            self.cash += gross - tax
        elif gross:
            self.due.append((now + delay, gross, tax))

    @property
    def held(self) -> Fraction:
        return self.book.sign * sum((quantity for quantity, _ in self.book.lots), F(0))

    @property
    def equity(self) -> Fraction:
        return self.cash + self.held * self.mark + sum(gross - tax for _, gross, tax in self.due)


@settings(deadline=None)
@given(worlds)
def test_cash_and_quantity_equal_those_of_the_oracle_after_every_step(desk_with, steps):
    desk, oracle = desk_with(), Oracle()
    for step in steps:
        play(desk, step)
        oracle.follow(desk, step)
        held = F(desk.position.quantity) if desk.service.positions else F(0)
        assert (oracle.cash, oracle.held) == (F(desk.cash), held)


@settings(deadline=None)
@given(worlds)
def test_equity_equals_that_of_the_oracle_to_the_rounding_of_one_value(desk_with, steps):
    desk, oracle = desk_with(), Oracle()
    for step in [*steps, ("value",)]:
        play(desk, step)
        oracle.follow(desk, step)

    assert abs(oracle.equity - F(desk.last(ValuationEvent).equity)) <= STEP


@settings(deadline=None)
@given(worlds)
def test_realised_profit_equals_the_oracles_to_half_a_step_a_cut(desk_with, steps):
    desk, oracle = desk_with(), Oracle()
    for step in steps:
        play(desk, step)
        oracle.follow(desk, step)

    realised = F(desk.position.realised) if desk.service.positions else F(0)
    assert abs(oracle.book.gained - realised) <= len(steps) * len(steps) * STEP


@settings(deadline=None)
@given(worlds)
def test_equity_is_capital_profit_and_dividends_less_fees(desk_with, steps):
    """Identity 3: start + realised + unrealised + dividends net of tax - commission."""
    desk = desk_with()
    for step in [*steps, ("value",)]:
        play(desk, step)

    event, state = desk.last(ValuationEvent), desk.service.get_state()
    assert event.equity == 10_000 + event.realised_pnl + event.unrealised_pnl + state.dividends - state.commission


@settings(deadline=None)
@given(worlds)
def test_postings_sum_to_zero_and_cash_postings_to_the_cash(desk_with, steps):
    """Identity 1, and R79, after every step."""
    desk = desk_with()
    for step in steps:
        play(desk, step)
        sums: dict[int, Fraction] = defaultdict(Fraction)
        cash = F(0)
        for entry in desk.service.ledger:
            sums[entry.transaction] += F(entry.amount)
            cash += F(entry.amount) if entry.account == "Assets:Cash" else 0
        assert set(sums.values()) == {F(0)}
        assert cash == F(desk.service.get_state().cash)


@settings(deadline=None)
@given(worlds)
def test_fills_and_cash_events_sum_to_the_cash_at_every_event(desk_with, steps):
    """Computed from the stream alone: every total that an event carries is the sum of what came before it."""
    desk = desk_with()
    cash = F(0)
    for step in [("value",), *steps]:
        seen = len(desk.emitter.events)
        if step[0] == "fill":
            side, quantity, price, fee = step[1:]
            cash += (F(quantity) * F(price)) * (-1 if side == "buy" else 1) - F(fee)
        play(desk, step)
        for event in desk.emitter.events[seen:]:
            if isinstance(event, CashEvent):
                cash += F(event.amount)
                assert cash == F(event.balance)
            elif isinstance(event, PositionEvent):
                assert cash == F(event.cash_balance)


@settings(deadline=None)
@given(worlds)
def test_trades_add_up_to_realised_profit_and_spent_fees(desk_with, steps):
    """Identity 5: fees paid = fees of trades + fees carried by open lots."""
    desk = desk_with()
    for step in steps:
        play(desk, step)

    trades = desk.of(TradeEvent)
    positions = desk.service.positions
    assert sum((t.gross_pnl for t in trades), D(0)) == sum((p.realised for p in positions), D(0))
    carried = sum((p.open_fees for p in positions), D(0))
    assert sum((p.commission for p in positions), D(0)) == sum((t.commission for t in trades), D(0)) + carried


@settings(deadline=None)
@given(worlds, st.integers(0, 25))
def test_restoring_anywhere_and_going_on_equals_the_uninterrupted_run(desk_with, steps, stop):
    whole, broken = desk_with(), desk_with()
    for number, step in enumerate(steps):
        play(whole, step)
        if number == stop:
            saved = broken.service.get_snapshot()
            broken.service = broken.build()
            broken.service.restore_from_snapshot(saved)
        play(broken, step)

    told = [[event.model_dump() for event in desk.emitter.events] for desk in (whole, broken)]
    assert told[0] == told[1]
    assert whole.service.get_snapshot() == broken.service.get_snapshot()


@settings(deadline=None)
@given(fills)
def test_a_dividend_on_long_and_short_of_one_size_nets_to_nothing(desk_with, trades):
    desk = desk_with()
    for side, quantity, price, fee in trades:
        (desk.buy if side == "buy" else desk.sell)(quantity, price, fee, strategy_id="one")
        (desk.sell if side == "buy" else desk.buy)(quantity, price, fee, strategy_id="two")
    before = desk.cash
    desk.price("AAPL", 1)
    desk.dividend("0.37", pay=desk.now + 1)
    desk.value(desk.now + 1)

    assert before == desk.cash
