"""``qtrader ledger``: the books of a stored run, as a table, as JSON, as CSV, and for the checker of beancount."""

import csv
import io
import json
import subprocess
import sys
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

CHECKER = Path(sys.executable).with_name("bean-check")


@pytest.fixture
def ran(desk: Any) -> Any:
    """A desk with a run of a quarter."""
    desk.good("backtest", "run.yaml", "--quiet")
    return desk


def postings(desk: Any, *options: str) -> list[dict[str, Any]]:
    """What ``--json`` prints."""
    found: list[dict[str, Any]] = json.loads(desk.good("ledger", "@last", "--json", *options))
    return found


def test_every_fill_of_the_log_is_a_transaction_that_moves_its_cash(ran: Any) -> None:
    documents = [json.loads(line) for line in ran.good("log", "@last", "--topic", "fill", "--json").splitlines()]
    expected = {}
    for one in documents:
        value = Decimal(one["quantity"]) * Decimal(one["price"])
        signed = -value if one["side"] == "buy" else value
        expected[one["fill_id"]] = signed - Decimal(one["commission"])

    cash = {
        one["reference"]: Decimal(one["amount"])
        for one in postings(ran, "--account", "Assets:Cash")
        if one["kind"] == "fill"
    }

    assert len(expected) > 5
    assert cash == expected


def test_the_capital_is_paid_in_when_the_first_session_opens(ran: Any) -> None:
    """New York opens at 9:30, in winter 14:30 UTC."""
    first = postings(ran)[0]

    assert (first["session"], first["time"]) == ("2001-01-02", "2001-01-02T14:30:00+00:00")


def test_transactions_sum_to_zero(ran: Any) -> None:
    sums: dict[int, Decimal] = {}
    for one in postings(ran):
        sums[one["transaction"]] = sums.get(one["transaction"], Decimal(0)) + Decimal(one["amount"])

    assert set(sums.values()) == {Decimal(0)}
    assert list(sums) == list(range(1, len(sums) + 1))


def test_the_last_balance_of_cash_is_that_of_the_last_valuation(ran: Any) -> None:
    last = json.loads(ran.good("log", "@last", "--topic", "valuation", "--json").splitlines()[-1])

    assert Decimal(postings(ran, "--account", "Assets:Cash")[-1]["balance"]) == Decimal(last["cash"])


def test_balances_are_running_sums_of_what_is_shown(ran: Any) -> None:
    found = postings(ran, "--account", "Assets:Inventory", "--symbol", "IBM")
    total = Decimal(0)
    for one in found:
        total += Decimal(one["amount"])
        assert (one["symbol"], Decimal(one["balance"])) == ("IBM", total)
    assert {one["account"] for one in found} == {"Assets:Inventory"}


def test_an_account_means_those_below_it_and_no_other_that_begins_alike(ran: Any) -> None:
    assert {one["account"] for one in postings(ran, "--account", "Assets")} == {"Assets:Cash", "Assets:Inventory"}
    assert ran("ledger", "@last", "--account", "Assets:Ca").code == 2


def test_csv_has_the_rows_of_the_json(ran: Any) -> None:
    rows = list(csv.DictReader(io.StringIO(ran.good("ledger", "@last", "--csv"))))

    assert rows == [{key: "" if cell is None else str(cell) for key, cell in one.items()} for one in postings(ran)]


def test_the_table_begins_with_the_capital_and_ends_with_the_balances(ran: Any) -> None:
    lines = ran.good("ledger", "@last", "--account", "Assets:Cash").splitlines()
    balance = Decimal(postings(ran, "--account", "Assets:Cash")[-1]["balance"])

    assert lines[0] == "2001-01-02  deposit  initial capital"
    assert lines[1].split() == ["Assets:Cash", "100,000.00", "USD", "100,000.00"]
    assert lines[-2] == "Balances"
    assert lines[-1].split()[:2] == ["Assets:Cash", "USD"]
    assert Decimal(lines[-1].split()[2].replace(",", "")) == balance
    assert max(map(len, lines)) <= 80


@pytest.mark.parametrize(
    ("options", "told"),
    [
        (
            ("--account", "Cash"),
            "--account 'Cash': the run has no such account. There are: Assets:Cash, Assets:Inventory",
        ),
        (("--symbol", "MSFT"), "--symbol 'MSFT': the run booked nothing of it. There are: AAPL, IBM"),
        (("--json", "--csv"), "csv and json: ask for one format. See: qtrader ledger --help"),
        (("--format", "beancount", "--symbol", "IBM"), "--format beancount: a part of a ledger does not balance"),
    ],
)
def test_what_cannot_be_shown_is_a_mistake_of_the_user(ran: Any, options: tuple[str, ...], told: str) -> None:
    done = ran("ledger", "@last", *options)

    assert (done.code, done.out) == (2, "")
    assert done.err.startswith(told)


def test_a_run_that_is_not_there_is_named(ran: Any) -> None:
    done = ran("ledger", "nothing")

    assert done.code == 2
    assert "'nothing'" in done.err


@pytest.mark.parametrize("form", ["beancount", "beancount-lots"])
def test_the_checker_accepts_the_file(ran: Any, form: str) -> None:
    file = ran.write("run.beancount", ran.good("ledger", "@last", "--format", form))

    done = subprocess.run([str(CHECKER), str(file)], capture_output=True, text=True, check=False)

    assert (done.returncode, done.stdout + done.stderr) == (0, "")


def test_the_checker_is_told_every_sessions_cash(ran: Any) -> None:
    """62 sessions, and the assertions of each on the day after it."""
    text = ran.good("ledger", "@last", "--format", "beancount")
    sessions = [json.loads(line) for line in ran.good("log", "@last", "--topic", "valuation", "--json").splitlines()]

    assert sum(" balance Assets:Cash " in line for line in text.splitlines()) == len(sessions) == 62


FAILS = """\
from dataclasses import dataclass

from qtrader import Bar, Context, SignalIntention


@dataclass
class Fails:
    def on_bar(self, bar: Bar, context: Context) -> None:
        if bar.session.day == 10:
            context.emit_signal(bar.symbol, SignalIntention.OPEN_LONG, price=bar.close)
        if bar.session.month == 2:
            raise ValueError("enough")
"""


def test_the_ledger_of_a_run_that_failed_ends_where_it_failed(desk: Any, config: Any) -> None:
    desk.write("fails.py", FAILS)
    desk.write("run.yaml", config({"use: sma-cross\n    with: {fast: 2, slow: 5}": "use: fails.py:Fails"}))
    assert desk("backtest", "run.yaml", "--quiet").code == 1

    assert [one["kind"] for one in postings(desk, "--account", "Assets:Cash")] == ["deposit", "fill", "fill"]
