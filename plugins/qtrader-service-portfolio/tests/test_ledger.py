"""The double-entry journal: every transaction sums to zero, cash is the sum of its postings."""

from collections import defaultdict
from dataclasses import FrozenInstanceError
from decimal import Decimal
from time import process_time

import pytest

from qtrader.errors import LedgerError
from qtrader.ports import ledger_context
from qtrader_service_portfolio import Ledger

D = Decimal


def busy(desk):
    """Fills both ways with fees, a flip, a split with a fraction, dividends of both signs, paid and due."""
    desk.buy(33, 10, "1.01")
    desk.buy(34, 11, "1.02")
    desk.sell(20, 40, "0.50", symbol="MSFT")
    desk.price("AAPL", 12, 1)
    desk.now = 2
    desk.split(3, 2, reference_price=D(7))
    desk.dividend("0.31", pay=3, withholding=D("0.15"), amount_basis="post_split")
    desk.dividend("0.40", pay=9, symbol="MSFT")
    desk.value(3)
    desk.sell(250, 8, "2.50")
    return desk


def test_every_transaction_sums_to_zero_in_every_currency(desk):
    sums = defaultdict(Decimal)
    for entry in busy(desk).service.ledger:
        sums[entry.transaction, entry.currency] += entry.amount

    assert {D(0)} == set(sums.values())


def test_the_sum_of_cash_postings_is_the_cash(desk):
    cash = sum(e.amount for e in busy(desk).service.ledger if e.account == "Assets:Cash")

    assert cash == desk.service.get_state().cash


def test_inventory_is_the_cost_of_open_longs_and_shorts_their_proceeds(desk):
    busy(desk)
    longs = sum(p.cost_basis for p in desk.service.positions if p.quantity > 0)
    shorts = sum(p.cost_basis for p in desk.service.positions if p.quantity < 0)

    assert (longs, shorts) == (balance(desk, "Assets:Inventory"), balance(desk, "Liabilities:Shorts"))


def balance(desk, account):
    return desk.service.ledger.balance(account, "USD")


def test_income_and_expenses_are_what_the_valuation_says(desk):
    busy(desk)
    state = desk.service.get_state()
    dividends = -balance(desk, "Income:Dividends") - balance(desk, "Expenses:Tax")

    assert state.realised_pnl == -balance(desk, "Income:Realised")
    assert (state.commission, state.dividends) == (balance(desk, "Expenses:Commission"), dividends)


def test_receivables_and_payables_are_what_is_due(desk):
    """MSFT's short owes 20 x 0.40 on a later day."""
    busy(desk)
    after = desk.value(4)

    assert (after.receivables, after.payables) == (
        balance(desk, "Assets:Receivables"),
        -balance(desk, "Liabilities:Payables"),
    )
    assert D("8.00") == after.payables


def test_the_first_transaction_is_the_deposit_of_capital(desk):
    first = [(e.account, e.amount) for e in desk.service.ledger]

    assert [("Assets:Cash", D(10_000)), ("Equity:Capital", D(-10_000))] == first


def test_an_entry_says_what_it_was_for(desk):
    desk.buy(1, 10, 1)
    entry = list(desk.service.ledger)[-1]

    assert (entry.kind, entry.reference, entry.strategy_id, entry.symbol) == ("fill", "f1", "trend", "AAPL")


def test_entries_cannot_be_changed(desk):
    with pytest.raises(FrozenInstanceError):
        next(iter(desk.service.ledger)).amount = D(0)


def test_a_fee_of_nothing_makes_no_posting(desk):
    desk.buy(1, 10)

    assert "Expenses:Commission" not in [entry.account for entry in desk.service.ledger]


def test_a_hole_of_the_finest_step_is_refused():
    with pytest.raises(LedgerError, match=r"leave 1E-8 USD|leave 0.00000001 USD"):
        post(Ledger(), D("100.00000001"))


def test_what_is_refused_is_not_in_the_journal():
    ledger = Ledger()
    with pytest.raises(LedgerError):
        post(ledger, D("100.00000001"))

    assert (len(ledger), ledger.transactions) == (0, 0)


def post(ledger, amount):
    with ledger_context():
        postings = (("Assets:Cash", amount), ("Equity:Capital", D(-100)))
        ledger.post(postings, "USD", 0, "test", "x")


def test_the_length_counts_postings():
    ledger = Ledger()
    for _ in range(3):
        post(ledger, D(100))

    assert (len(ledger), ledger.transactions) == (6, 3)


def test_balances_are_in_the_order_of_accounts(desk):
    accounts = [account for account, _ in busy(desk).service.ledger.balances()]

    assert accounts == sorted(accounts)


def test_balances_go_on_from_where_they_were_asked_last():
    ledger = Ledger()
    asked = []
    for _ in range(3):
        post(ledger, D(100))
        asked.append(ledger.balance("Assets:Cash", "USD"))

    assert [D(100), D(200), D(300)] == asked


def test_balances_handed_out_cannot_change_the_journal():
    ledger = Ledger()
    post(ledger, D(100))
    ledger.balances().clear()

    assert D(100) == ledger.balance("Assets:Cash", "USD")


def test_an_account_without_postings_has_a_balance_of_nothing():
    assert D(0) == Ledger().balance("Assets:Cash", "USD")


def test_appending_takes_the_same_time_however_long_the_journal_is():
    """40,000 appends: the last quarter may not take longer than 5 times the first (quadratic: 7 and more)."""
    ledger = Ledger()
    quarters = []
    for _ in range(4):
        begun = process_time()
        for _ in range(10_000):
            post(ledger, D(100))
        quarters.append(process_time() - begun)

    assert min(quarters[2:]) < 5 * min(quarters[:2])


def test_a_restored_journal_carries_balances_forward_and_goes_on_counting(desk):
    before = busy(desk).service.ledger
    after = Ledger()
    after.restore(before.snapshot(), 0)

    assert (before.balances(), before.transactions) == (after.balances(), after.transactions)
    assert {"carried_forward"} == {entry.kind for entry in after}


def test_since_is_what_was_posted_after_so_many_transactions(desk):
    ledger = busy(desk).service.ledger
    every = ledger.since(0)

    assert len(every) == ledger.transactions
    assert ledger.since(3) == every[3:]
    assert list(ledger.since(ledger.transactions)) == []


def test_since_counts_transactions_before_a_restore(desk):
    before = busy(desk).service.ledger.transactions
    desk.service.restore_from_snapshot(desk.service.get_snapshot())
    desk.buy(1, 10)

    assert [one.kind for one in desk.service.ledger.since(before)] == ["fill"]
    assert [one.kind for one in desk.service.ledger.since(0)] == ["carried_forward", "fill"]


def test_an_entry_says_its_transaction_and_time():
    ledger = Ledger()
    ledger.post((("Assets:Cash", D(5)), ("Equity:Capital", D(-5))), "USD", 7, "deposit", "one")
    ledger.post((("Assets:Cash", D(-2)), ("Expenses:Commission", D(2))), "USD", 9, "fill", "two", "s", "A")

    assert [(one.transaction, one.time_ns, one.kind, one.reference, one.account) for one in ledger] == [
        (1, 7, "deposit", "one", "Assets:Cash"),
        (1, 7, "deposit", "one", "Equity:Capital"),
        (2, 9, "fill", "two", "Assets:Cash"),
        (2, 9, "fill", "two", "Expenses:Commission"),
    ]
    assert (
        ledger.balances()
        == ledger.balances()
        == {
            ("Assets:Cash", "USD"): 3,
            ("Equity:Capital", "USD"): -5,
            ("Expenses:Commission", "USD"): 2,
        }
    )


def test_a_restored_ledger_begins_with_what_it_carries_forward():
    ledger, again = Ledger(), Ledger()
    for number in range(3):
        ledger.post((("Assets:Cash", D(5)), ("Equity:Capital", D(-5))), "USD", number, "deposit", "one")
    again.restore(ledger.snapshot(), 11)

    assert [(one.transaction, one.time_ns, one.kind, one.reference, one.amount) for one in again] == [
        (3, 11, "carried_forward", "snapshot", 15),
        (3, 11, "carried_forward", "snapshot", -15),
    ]
    assert again.transactions == 3


def test_a_transaction_that_does_not_balance_is_told_with_its_parts():
    postings = (("Assets:Cash", D(5)), ("Equity:Capital", D("-4.5")))

    with pytest.raises(
        LedgerError, match=r"deposit 'x' does not balance: Assets:Cash 5, Equity:Capital -4\.5 leave 0\.5"
    ):
        Ledger().post(postings, "USD", 0, "deposit", "x")
