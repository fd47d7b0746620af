"""The kernel's accounting guard beside the real books: faults planted in the books, and in what the guard hears."""

import re
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest

from qtrader.errors import BooksBreach
from qtrader.events import TradeEvent, ValuationEvent
from qtrader.guard import accounting_guard
from qtrader.ports import Instrument
from qtrader.ports.settings import LotSettings

D = Decimal
DUST = D("0.00000001")
USD = "USD"


@pytest.fixture(params=["glance", "exact"], autouse=True)
def way(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """Ordinary fills are looked at twice, one way after the other: with the glance, and by the exact check alone."""
    if request.param == "exact":
        monkeypatch.setattr(accounting_guard, "is_right", lambda *facts: False)
    return str(request.param)


def account(desk: Any) -> Any:
    return desk.service.audited


def book(desk: Any) -> Any:
    return account(desk).books["trend", "AAPL"]


def lots(desk: Any) -> Any:
    return book(desk).lots


def tamper(desk: Any, change: Callable[[Any], object]) -> None:
    """Change the books after the service has heard the next event, and before the guard does."""
    for name in ("on_fill", "on_corporate_action", "on_valuation_trigger"):
        heard = getattr(desk.service, name)

        def hear(event: Any, heard: Any = heard) -> None:
            heard(event)
            change(desk)

        setattr(desk.service, name, hear)


def repost(change: Callable[[Any], Any]) -> Callable[[Any], object]:
    """Change the last transaction of the ledger; None takes it away."""

    def apply(desk: Any) -> None:
        transactions = account(desk).ledger._transactions
        changed = change(transactions.pop())
        transactions.extend([] if changed is None else changed)

    return apply


def misplace(desk: Any, heard_by: str, wrong: dict[str, str]) -> None:
    """Post what the next event of a kind posts to other accounts."""
    heard = getattr(desk.service, heard_by)

    def hear(event: Any) -> None:
        heard(event)
        repost(
            lambda last: [last._replace(postings=tuple((wrong.get(name, name), one) for name, one in last.postings))]
        )(desk)

    setattr(desk.service, heard_by, hear)


def with_postings(*postings: tuple[str, str]) -> Callable[[Any], object]:
    return repost(lambda last: [last._replace(postings=tuple((name, D(amount)) for name, amount in postings))])


def set_lot(place: int, **facts: Any) -> Callable[[Any], None]:
    def apply(desk: Any) -> None:
        of_book = lots(desk)._lots
        of_book[place] = of_book[place]._replace(**facts)

    return apply


def adds(of: Callable[[Any], Any], name: str, amount: Any) -> Callable[[Any], None]:
    def apply(desk: Any) -> None:
        owner = of(desk)
        setattr(owner, name, getattr(owner, name) + D(amount))

    return apply


def funds(desk: Any) -> Any:
    return account(desk).funds[USD]


def set_matched(**facts: Any) -> Callable[[Any], None]:
    def apply(desk: Any) -> None:
        account(desk).matched = account(desk).matched._replace(**facts)

    return apply


def set_part(**facts: Any) -> Callable[[Any], None]:
    def apply(desk: Any) -> None:
        first, *others = account(desk).matched.closed
        account(desk).matched = account(desk).matched._replace(closed=(first._replace(**facts), *others))

    return apply


# faults in the books, found at the fill


SALE = "the sale of 30 of 100 bought for 1000 (fee 1), at 12 (fee 0.50)"
BOOKED = (
    ("Assets:Cash", "359.5"),
    ("Expenses:Commission", "0.5"),
    ("Assets:Inventory", "-300"),
    ("Income:Realised", "-60"),
)
"""What that sale posts: 30 x 12 less 0.50; 30 of 100 lots' units cost 300; the profit is 60."""


def sell_of_many(desk: Any) -> None:
    desk.buy(100, 10, 1)
    desk.buy(50, 11, 1)


FAULTS = {
    "cash is a hundred-millionth off": (adds(funds, "cash", DUST), "cash in USD is .*: off by 0.00000001"),
    "a unit too many": (
        adds(lots, "quantity", 1),
        "the position of trend in AAPL is 121, .* 120",
    ),
    "cost too high": (
        adds(lots, "cost", DUST),
        "cost less profit of trend in AAPL .*0.00000001",
    ),
    "profit too high": (adds(book, "realised", DUST), "cost less profit of trend in AAPL .*: off by -0.00000001"),
    "fees too low": (adds(lots, "fees", -DUST), "what lots of trend in AAPL carry of fees"),
    "a hole in the postings": (
        with_postings(*BOOKED[:3], ("Income:Realised", "-60.00000001")),
        "the postings of fill 'f3' leave -0.00000001 USD",
    ),
    "cash posted for another account": (
        with_postings(("Assets:Inventory", "59.5"), ("Expenses:Commission", "0.5"), ("Income:Realised", "-60")),
        "the cash of fill 'f3' is 0, and .* 359.5",
    ),
    "cost posted as profit": (
        with_postings(*BOOKED[:2], ("Assets:Inventory", "-310"), ("Income:Realised", "-50")),
        "the cost posted for trend in AAPL is -310, and its lots make -300",
    ),
    "commission posted as loss": (
        with_postings(BOOKED[0], BOOKED[2], ("Income:Realised", "-59.5")),
        "the profit posted for trend in AAPL is 59.5, and its books make 60",
    ),
    "nothing posted": (repost(lambda last: None), "fill of trend in AAPL, 359.50000000 USD, is missing"),
    "posted twice": (repost(lambda last: [last, last]), "nothing asks for fill 'f3' of 359.50"),
    "posted for another position": (
        repost(lambda last: [last._replace(symbol="MSFT")]),
        "nothing asks for fill 'f3' of 359.50",
    ),
    "a lot was not touched": (lambda desk: setattr(account(desk), "matched", None), "no lot was touched"),
    "fewer units left lots": (set_part(quantity=D(29)), "the (cost|number of units) that left lot"),
    "cost left at another share": (set_part(cost=D(299)), "the cost that left lot 1 is 299, and its units make 300"),
    "a fee left at another share": (set_part(entry_fee=D(0)), "the fee that left lot 1 is 0, and its units make 0.3"),
    "lots brought more": (set_part(value=D(361)), "the value of lots closed and opened is 361, and .* 360"),
    "lots paid no fee": (set_part(exit_fee=D(0)), "the commission of lots closed and opened is 0, and .* 0.5"),
    "the oldest lot is empty": (set_lot(0, quantity=D(0)), "lot 1 is long 0 in a position of 120"),
    "the newest lot is short": (set_lot(-1, side="short"), "lot 2 is short 50 in a position of 120"),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_in_the_books_stops_at_its_fill(desk: Any, fault: str) -> None:
    change, told = FAULTS[fault]
    sell_of_many(desk)
    tamper(desk, change)

    with pytest.raises(BooksBreach, match=told):
        desk.sell(30, 12, "0.5")


@pytest.mark.parametrize(
    ("fault", "told"),
    [
        (set_lot(0, quantity=D(99)), "the quantity of lot 1 is 99, and fills and actions make 100"),
        (set_lot(0, cost=D(1_001)), "the cost of lot 1 is 1001, and its position make 1000"),
        (set_lot(0, fee=D(2)), "the fee of lot 1 is 2, and its position make 1"),
        (lambda desk: book(desk).lots._lots.clear(), "trend in AAPL: 100 units and no lots"),
        (set_matched(opened=None), "the number of units of lots closed and opened is 0, and .* 100"),
        (
            lambda desk: set_matched(opened=account(desk).matched.opened._replace(side="short"))(desk),
            "the lot that a buy opened is short",
        ),
        (
            lambda desk: set_matched(opened=account(desk).matched.opened._replace(cost=D(999)))(desk),
            "the value of lots closed and opened is 999, and .* 1000",
        ),
    ],
)
def test_a_fault_in_a_lone_lot_stops_at_its_fill(desk: Any, fault: Any, told: str) -> None:
    tamper(desk, fault)

    with pytest.raises(BooksBreach, match=told):
        desk.buy(100, 10, 1)


@pytest.mark.parametrize(("chosen", "other"), [("fifo", "lifo"), ("lifo", "fifo")])
@pytest.mark.parametrize("side", ["long", "short"])
def test_lots_that_leave_in_another_order_stop_the_run(desk_with: Any, chosen: str, other: str, side: str) -> None:
    desk = desk_with(lots=LotSettings(**{side: other}))
    desk.guard._orders = LotSettings(**{side: chosen})
    opens, closes = (desk.buy, desk.sell) if side == "long" else (desk.sell, desk.buy)
    opens(10, 10, executed_at=desk.market.time)
    desk.price("AAPL", 11, 1)
    opens(10, 11)
    desk.price("AAPL", 12, 2)

    with pytest.raises(BooksBreach, match=f"a lot of .* left before one of .*, and the order is {chosen}"):
        closes(5, 12)


def test_a_fill_that_is_booked_a_second_time_stops_the_run(desk: Any) -> None:
    fill = desk.make_fill("buy", 10, 10)
    desk.hear(fill)
    desk.service.audited.fills._contents.clear()

    with pytest.raises(BooksBreach, match="fill 'f1' came again and was booked"):
        desk.hear(fill)


def test_a_fill_that_comes_again_and_is_ignored_is_right(desk: Any) -> None:
    fill = desk.make_fill("buy", 10, 10)
    desk.hear(fill)
    desk.hear(fill)

    assert desk.position.quantity == 10


# faults in the books, found at a valuation


@pytest.mark.parametrize(
    ("fault", "told"),
    [
        (adds(book, "mark", "0.01"), "the mark of AAPL is 12.01, and its bars make 12: off by 0.01"),
        (set_lot(1, quantity=D(49)), "the quantity of the lots of trend in AAPL is 209, and its totals make 210"),
        (set_lot(1, cost=D(551)), "the cost of the lots of trend in AAPL is 2231, and its totals make 2230"),
        (set_lot(1, fee=D(0)), "the fee of the lots of trend in AAPL is 2, and its totals make 3"),
        (set_lot(1, side="short"), "trend in AAPL: lot 2 is short 50 in a long position"),
        (adds(funds, "receivable", 1), "receivables in USD is 1, and fills and actions make 0"),
        (adds(funds, "payable", 1), "payables in USD is 1"),
        (adds(funds, "accrued", 1), "accruals in USD is 1"),
        (adds(funds, "cash", 1), "cash in USD is"),
    ],
)
def test_a_fault_stops_at_the_next_valuation(desk: Any, fault: Any, told: str) -> None:
    sell_of_many(desk)
    desk.buy(60, D("11.333333333333333"), 1)
    desk.price("AAPL", 12, 1)
    tamper(desk, fault)

    with pytest.raises(BooksBreach, match=told):
        desk.value()


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        (
            {"Assets:Inventory": "Liabilities:Shorts"},
            "the balance of Assets:Inventory in USD is 0, and open positions make 100",
        ),
        (
            {"Expenses:Commission": "Expenses:Tax"},
            "the balance of Expenses:Commission in USD is 0, and fills and actions make 1",
        ),
        ({"Expenses:Commission": "Expenses:Other"}, "the balance of Expenses:Commission in USD is 0"),
    ],
)
def test_what_was_posted_to_another_account_is_found_at_the_valuation(
    desk: Any, wrong: dict[str, str], told: str
) -> None:
    misplace(desk, "on_fill", wrong)
    desk.buy(10, 10, 1)
    desk.price("AAPL", 12, 1)

    with pytest.raises(BooksBreach, match=told):
        desk.value()


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        ({"Income:Dividends": "Income:Other"}, "the balance of Income:Dividends in USD is 0, and .* -10"),
        ({"Expenses:Tax": "Expenses:Commission"}, "the balance of Expenses:Commission in USD is 1.5, and .* 0"),
    ],
)
def test_a_dividend_that_was_posted_to_another_account_is_found(desk: Any, wrong: dict[str, str], told: str) -> None:
    desk.buy(10, 10)
    desk.price("AAPL", 12, 1)
    desk.now = 2
    misplace(desk, "on_corporate_action", wrong)
    desk.dividend(1, 9, withholding=D("0.15"))

    with pytest.raises(BooksBreach, match=told):
        desk.value()


@pytest.mark.parametrize(
    "name", ["equity", "cash", "market_value", "realised_pnl", "unrealised_pnl", "receivables", "open_positions"]
)
def test_a_valuation_that_says_something_else_stops_the_run(desk: Any, name: str) -> None:
    said = desk.emitter.post

    def post(kind: Any, values: dict[str, Any]) -> Any:
        event = said(kind, values)
        if kind is ValuationEvent:
            desk.emitter.events[-1] = event = event.model_construct(**{**dict(event), name: getattr(event, name) + 1})
        return event

    desk.emitter.post = post
    sell_of_many(desk)
    desk.price("AAPL", 12, 1)

    with pytest.raises(BooksBreach, match=f"{name} in the valuation of 2024-01-03"):
        desk.value()


@pytest.mark.parametrize(
    ("name", "told"),
    [("quantity", "the published position of trend in AAPL"), ("cash_balance", "the published cash in USD")],
)
def test_a_position_that_was_published_wrong_is_found_at_the_valuation(desk: Any, name: str, told: str) -> None:
    told_of = desk.told.on_position
    desk.told.on_position = lambda event: told_of(event.model_copy(update={name: getattr(event, name) + 1}))
    desk.buy(10, 10)
    desk.price("AAPL", 12, 1)

    with pytest.raises(BooksBreach, match=told):
        desk.value()


def test_a_trade_that_says_another_commission_is_found_at_the_valuation(desk: Any) -> None:
    sell_of_many(desk)
    noted = desk.guard.on_trade
    desk.guard.on_trade = lambda trade: noted(
        trade.model_copy(update={"commission": trade.commission + DUST, "net_pnl": trade.net_pnl - DUST})
    )
    desk.sell(30, 12, 1)
    desk.price("AAPL", 12, 1)

    assert desk.of(TradeEvent)[0].commission == D("1.3")
    with pytest.raises(BooksBreach, match=r"the commission in USD of trades and open lots is 3\.00000001"):
        desk.value()


# faults in what the guard hears


@pytest.mark.parametrize(
    ("name", "value"),
    [("quantity", D("30.00000001")), ("price", D("12.00000001")), ("commission", D("0.51")), ("side", "buy")],
)
def test_a_fill_that_the_guard_hears_otherwise_trips_it(desk: Any, name: str, value: Any) -> None:
    sell_of_many(desk)
    heard, other = desk.guard.on_fill, {name: value}
    if name == "price":
        other["reference_price"] = value
    desk.guard.on_fill = lambda fill: heard(fill.model_copy(update=other))

    with pytest.raises(BooksBreach, match="the books are wrong"):
        desk.sell(30, 12, "0.5")


ACTIONS: dict[str, tuple[str, dict[str, Any], dict[str, Any]]] = {
    "split": ("split", {"numerator": 3, "denominator": 2}, {"numerator": 4}),
    "split, price of the fraction": (
        "split",
        {"numerator": 3, "denominator": 2, "reference_price": D(8)},
        {"reference_price": D("8.04")},
    ),
    "reverse split": ("reverse_split", {"numerator": 1, "denominator": 10}, {"denominator": 11}),
    "stock dividend": ("stock_dividend", {"numerator": 21, "denominator": 20}, {"numerator": 22}),
    "dividend, amount": ("cash_dividend", {"amount": D(1), "currency": USD}, {"amount": D("1.01")}),
    "dividend, pay date": ("cash_dividend", {"amount": D(1), "currency": USD, "pay_date": "2"}, {"pay_date": "9"}),
    "dividend, tax": (
        "cash_dividend",
        {"amount": D(1), "currency": USD, "pay_date": "9", "withholding": D("0.15")},
        {"withholding": D("0.1")},
    ),
    "spin-off, ratio": ("spin_off", {"new_symbol": "NEW", "ratio": D("0.25")}, {"ratio": D("0.26")}),
    "spin-off, fraction": (
        "spin_off",
        {"new_symbol": "NEW", "ratio": D("0.25"), "cost_share": D("0.2"), "reference_price": D(20)},
        {"reference_price": D(21)},
    ),
    "merger, cash": ("merger", {"cash_amount": D(12)}, {"cash_amount": D("12.01")}),
    "merger, units": ("merger", {"new_symbol": "NEW", "ratio": D("0.6")}, {"ratio": D("0.59")}),
    "merger, fraction": (
        "merger",
        {"new_symbol": "NEW", "ratio": D("0.6"), "reference_price": D(20)},
        {"reference_price": D("20.1")},
    ),
    "merger, mixed": ("merger", {"new_symbol": "NEW", "ratio": D("0.6"), "cash_amount": D(3)}, {"cash_amount": D(4)}),
    "rights, ratio": ("rights", {"ratio": D("0.2"), "subscription_price": D(8)}, {"ratio": D("0.21")}),
    "rights, price": ("rights", {"ratio": D("0.2"), "subscription_price": D(8)}, {"subscription_price": D(9)}),
    "rights that lapse": ("rights", {"ratio": D("0.2"), "subscription_price": D(15)}, {"subscription_price": D(9)}),
    "symbol change": ("symbol_change", {"new_symbol": "NEW"}, {"new_symbol": "OTHER"}),
    "delisting": ("delisting", {"value": D(3)}, {"value": D(4)}),
}


WITH_EFFECT = [
    (case, side) for case in ACTIONS for side in ("long", "short") if (case, side) != ("dividend, tax", "short")
]
"""Nothing is withheld from who is short."""


def ready(desk: Any, side: str) -> None:
    """Holds 101 of AAPL, long or short, on the eve of session 2; NEW and OTHER are listed."""
    for symbol in ("NEW", "OTHER"):
        desk.market.instruments[symbol] = Instrument(symbol)
        desk.price(symbol, 20, 1)
    (desk.buy if side == "long" else desk.sell)(101, 10, 1)
    desk.price("AAPL", 12, 1)
    desk.value()
    desk.now = 2


def session_after(desk: Any) -> None:
    for symbol in ("AAPL", "NEW", "OTHER"):
        desk.price(symbol, 12)
    desk.value()


@pytest.mark.parametrize("side", ["long", "short"])
@pytest.mark.parametrize("case", ACTIONS)
def test_an_action_is_right(desk: Any, case: str, side: str, days: Callable[..., Any]) -> None:
    kind, facts, _ = ACTIONS[case]
    ready(desk, side)
    desk.act(kind, **days(facts))
    session_after(desk)

    assert desk.guard._valued == desk.service.ledger.transactions


@pytest.mark.parametrize(("case", "side"), WITH_EFFECT)
def test_an_action_that_the_guard_hears_otherwise_trips_it(
    desk: Any, case: str, side: str, days: Callable[..., Any]
) -> None:
    kind, facts, other = ACTIONS[case]
    ready(desk, side)
    heard = desk.guard.on_corporate_action
    desk.guard.on_corporate_action = lambda action: heard(action.model_copy(update=days(other)))

    def go_on() -> None:
        desk.act(kind, **days(facts))
        session_after(desk)

    with pytest.raises(BooksBreach, match="the books are wrong"):
        go_on()


# what a breach says


def test_a_breach_tells_the_numbers_and_the_smallest_slice_of_ledger(desk: Any) -> None:
    sell_of_many(desk)
    tamper(desk, adds(funds, "cash", 1))

    with pytest.raises(BooksBreach) as caught:
        desk.sell(30, 12, "0.5")
    told = re.sub(r"\s+", " ", str(caught.value))
    assert told == (
        "the books are wrong: cash in USD is 8808.5, and fills and actions make 8807.5: off by 1. What was booked: "
        "fill 'f3' (trend AAPL): Assets:Cash 359.5, Expenses:Commission 0.5, Assets:Inventory -300, Income:Realised "
        "-60 USD This is a defect of the service that keeps the books: report it with these lines. engine.guard: false "
        "runs without the check"
    )
    assert [one.reference for one in caught.value.transactions] == ["f3"]


def test_at_a_valuation_the_slice_is_what_was_booked_since_the_one_before_for_that_position(desk: Any) -> None:
    desk.buy(10, 10)
    desk.price("AAPL", 12, 1)
    desk.value()
    desk.buy(10, 12)
    desk.buy(5, 30, symbol="MSFT")
    desk.price("AAPL", 12, 2)
    tamper(desk, adds(book, "mark", 1))

    with pytest.raises(BooksBreach) as caught:
        desk.value()
    assert [one.reference for one in caught.value.transactions] == ["f2"]
