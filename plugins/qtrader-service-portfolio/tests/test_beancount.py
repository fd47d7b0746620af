"""Files for beancount, as its own checker sees them: accepted as they are, refused with a hole of 0.00000001.

The checker is a program of its own; nothing of it is imported.
"""

import re
import subprocess
import sys
from decimal import Decimal
from pathlib import Path
from random import Random
from typing import Any

import pytest

from qtrader.errors import ConfigError
from qtrader.ports import Instrument, ledger_context
from qtrader.ports.settings import LotSettings
from qtrader_service_portfolio.beancount import export, quoted
from qtrader_service_portfolio.journal import Journal

CHECKER = Path(sys.executable).with_name("bean-check")
AMOUNT = re.compile(r"(?P<head>  Assets:Cash )(?P<amount>-?[0-9.]+)(?P<tail> USD)")


class Clerk:
    """Stands between a desk and its service, and keeps the journal."""

    def __init__(self, desk: Any) -> None:
        self.desk, self.service, self.journal = desk, desk.service, Journal()

    def _heard(self, call: Any, event: Any) -> None:
        before = len(self.desk.emitter.events)
        call(event)
        with ledger_context():
            self.journal.hear(self.service, event, self.desk.emitter.events[before:])

    def on_fill(self, fill: Any) -> None:
        self._heard(self.service.on_fill, fill)

    def on_corporate_action(self, action: Any) -> None:
        self._heard(self.service.on_corporate_action, action)

    def on_valuation_trigger(self, trigger: Any) -> None:
        self._heard(self.service.on_valuation_trigger, trigger)

    def __getattr__(self, name: str) -> Any:
        return getattr(self.service, name)


@pytest.fixture
def kept(desk_with: Any) -> Any:
    """Make a desk whose journal is kept."""

    def make(*args: Any, **settings: Any) -> Any:
        desk = desk_with(*args, **settings)
        desk.service = Clerk(desk)
        return desk

    return make


@pytest.fixture
def checked(tmp_path: Path) -> Any:
    """Have the checker read a file: what it says, nothing where it is content."""

    def check(lines: Any) -> str:
        file = tmp_path / "books.beancount"
        file.write_text("\n".join(lines) + "\n", encoding="utf-8")
        done = subprocess.run([str(CHECKER), str(file)], capture_output=True, text=True, check=False)
        said = done.stdout + done.stderr
        assert (done.returncode == 0) == (not said)
        return said

    return check


def plain_file(desk: Any) -> list[str]:
    return list(export(desk.service.journal, title="books"))


def lots_file(desk: Any) -> list[str]:
    lots = desk.settings.portfolio.lots
    return list(export(desk.service.journal, title="books", lots={"long": lots.long, "short": lots.short}))


def long_trades(desk: Any) -> Any:
    """Example A: 100 at 10 and 50 at 12, of which 120 go at 15; 30 are left."""
    desk.price("AAPL", 10, 0)
    desk.buy(100, 10, 1)
    desk.value()
    desk.price("AAPL", 12, 1)
    desk.buy(50, 12, 1)
    desk.value()
    desk.price("AAPL", 15, 2)
    desk.sell(120, 15, "1.20")
    desk.value()
    return desk


def short_trades(desk: Any) -> Any:
    """Example B: 100 at 50 and 100 at 55 are sold short, of which 150 are bought back at 52."""
    for number, (side, quantity, price) in enumerate([("sell", 100, 50), ("sell", 100, 55), ("buy", 150, 52)]):
        desk.price("AAPL", price, number)
        getattr(desk, side)(quantity, price)
        desk.value()
    return desk


def test_longs_are_accepted(kept: Any, checked: Any) -> None:
    assert checked(plain_file(long_trades(kept()))) == ""


def test_a_cost_without_end_is_accepted(kept: Any, checked: Any) -> None:
    """Example D: 3 units for 100, sold one at a time, cost 33.33333333, 33.33333334 and 33.33333333."""
    desk = kept()
    desk.price("AAPL", "33.33333333", 0)
    desk.buy(3, "33.333333333333333333")
    for _ in range(3):
        desk.sell(1, 40)
    desk.value()

    assert checked(plain_file(desk)) == ""


@pytest.mark.parametrize("hole", ["0.00000001", "-0.00000001"])
def test_a_hole_in_any_transaction_is_refused(kept: Any, checked: Any, hole: str) -> None:
    lines = plain_file(long_trades(kept()))
    places = [place for place, line in enumerate(lines) if AMOUNT.fullmatch(line)]
    assert len(places) == 4

    for place in places:
        found = AMOUNT.fullmatch(lines[place])
        assert found is not None
        wrong = f"{found['head']}{Decimal(found['amount']) + Decimal(hole):f}{found['tail']}"
        said = checked([*lines[:place], wrong, *lines[place + 1 :]])

        assert "Transaction does not balance" in said
        assert "Balance failed for 'Assets:Cash'" in said


@pytest.mark.parametrize("account", ["Assets:Cash", "Assets:Inventory:Cost", "Assets:Inventory:Units"])
def test_a_balance_that_is_wrong_by_a_hole_is_refused(kept: Any, checked: Any, account: str) -> None:
    lines = plain_file(long_trades(kept()))
    place = max(place for place, line in enumerate(lines) if f" balance {account} " in line)
    day, word, name, amount, unit = lines[place].split()
    wrong = f"{day} {word} {name} {Decimal(amount) + Decimal('0.00000001'):f} {unit}"

    assert f"Balance failed for '{account}'" in checked([*lines[:place], wrong, *lines[place + 1 :]])


def test_the_file_says_that_nothing_is_tolerated(kept: Any) -> None:
    lines = plain_file(kept())

    assert lines[1:3] == ['option "inferred_tolerance_default" "*:0"', 'option "tolerance_multiplier" "0"']


def test_a_transaction_that_is_left_out_is_missed(kept: Any, checked: Any) -> None:
    lines = plain_file(long_trades(kept()))
    first = next(place for place, line in enumerate(lines) if ' * "fill" ' in line)
    last = next(place for place in range(first, len(lines)) if " balance " in lines[place])

    assert "Balance failed" in checked(lines[:first] + lines[last:])


def test_splits_dividends_and_flips_are_accepted(kept: Any, checked: Any) -> None:
    desk = kept(100_000)
    desk.price("AAPL", 8, 0)
    desk.buy(60, 8, 1)
    desk.buy(45, 12, 1)
    desk.value()
    desk.price("AAPL", "9.60", 1)
    desk.dividend("0.82", pay=3, withholding=Decimal("0.15"))
    desk.value()
    desk.now = 2
    desk.split(1, 10, reference_price=Decimal(96))
    desk.price("AAPL", 96, 2)
    desk.value()
    desk.price("AAPL", 90, 3)
    desk.sell(25, 90, 1)
    desk.value()
    desk.price("AAPL", 90, 4)
    desk.dividend("0.10")
    desk.split(3, 2)
    desk.price("AAPL", 60, 4)
    desk.value()

    assert desk.position.quantity == Decimal("-22")
    assert checked(plain_file(desk)) == ""


SYMBOLS = ("brk.b", "600519", "BTC/USDT", "BRK.B", "BRK-B", "USD", "TRUE", "F", "X-BRK-B", "A%5", "A" * 40)


def test_symbols_and_strategies_that_beancount_cannot_write_are_renamed(kept: Any, checked: Any) -> None:
    desk = kept(1_000_000, instruments=tuple(Instrument(symbol) for symbol in SYMBOLS))
    for number, symbol in enumerate(SYMBOLS):
        desk.price(symbol, 10, number)
        desk.buy(1 + number, 10, symbol=symbol, strategy_id="mean reversion / 2" if number % 2 else 'say \\ "o"')
        desk.value()

    for lines in (plain_file(desk), lots_file(desk)):
        assert checked(lines) == ""
        table = {}
        for place, line in enumerate(lines):
            if " commodity " in line:
                table[line.split()[2]] = re.fullmatch('  symbol: "(.*)"', lines[place + 1])[1]  # type: ignore[index]
        assert sorted(table.values()) == sorted(SYMBOLS)
        assert len(table) == len(SYMBOLS)
        assert {name for name, symbol in table.items() if name == symbol} == {"BRK.B", "BRK-B", "X-BRK-B"}


def test_quotes_and_backslashes_are_escaped() -> None:
    assert quoted('a\\b "c"') == '"a\\\\b \\"c\\""'


def test_accounts_say_what_they_stand_for(kept: Any) -> None:
    lines = lots_file(long_trades(kept()))
    place = next(place for place, line in enumerate(lines) if " open Assets:Inventory" in line)

    assert lines[place].endswith(' open Assets:Inventory:Trend "FIFO"')
    assert lines[place + 1 : place + 3] == ['  account: "Assets:Inventory"', '  part: "trend"']


def test_an_account_with_accounts_below_it_is_asserted_alone(kept: Any, checked: Any) -> None:
    """A balance in beancount counts the accounts below."""
    desk = kept()
    desk.service.ledger.post(
        (("Assets:Cash:Petty", Decimal(5)), ("Assets:Cash", Decimal(-5))), "USD", 0, "adjustment", "petty cash"
    )
    desk.guarded = False  # nothing asks for this posting, and the guard would say so
    desk.price("AAPL", 10, 0)
    desk.value()
    lines = plain_file(desk)

    assert "2024-01-03 balance Assets:Cash:Itself 9995 USD" in lines
    assert checked(lines) == ""


@pytest.mark.parametrize(("order", "left"), [("fifo", "360"), ("lifo", "300")])
def test_the_checker_chooses_the_lots_of_longs_that_we_chose(kept: Any, checked: Any, order: str, left: str) -> None:
    """Of 100 at 10 and 50 at 12, 120 are sold: first in first out 30 at 12 are left, last in first out 30 at 10."""
    desk = long_trades(kept(lots=LotSettings(long=order)))
    lines = lots_file(desk)

    assert desk.position.cost_basis == Decimal(left)
    assert checked([*lines, *closing("Assets:Inventory:Trend", -30, left)]) == ""
    assert "does not balance" in checked([*lines, *closing("Assets:Inventory:Trend", -30, f"{left}.00000001")])


@pytest.mark.parametrize(("order", "left"), [("lifo", "-2500"), ("fifo", "-2750")])
def test_the_checker_chooses_the_lots_of_shorts_that_we_chose(kept: Any, checked: Any, order: str, left: str) -> None:
    """Of 100 at 50 and 100 at 55, 150 are covered: last in first out 50 at 50 are left, first in first out 50 at 55."""
    desk = short_trades(kept(20_000, lots=LotSettings(short=order)))
    lines = lots_file(desk)

    assert desk.position.cost_basis == Decimal(left)
    assert checked([*lines, *closing("Liabilities:Shorts:Trend", 50, left)]) == ""


def test_the_checker_chooses_the_dearest_longs_as_we_do(kept: Any, checked: Any) -> None:
    """100 at 10, 50 at 12, 50 at 11: of 70 sold, 50 cost 12 and 20 cost 11; 100 at 10 and 30 at 11 are left."""
    desk = kept(lots=LotSettings(long="hifo"))
    for number, (side, quantity, price) in enumerate(
        [("buy", 100, 10), ("buy", 50, 12), ("buy", 50, 11), ("sell", 70, 15)]
    ):
        desk.price("AAPL", price, number)
        getattr(desk, side)(quantity, price)
        desk.value()

    assert desk.position.cost_basis == Decimal(1330)
    assert checked([*lots_file(desk), *closing("Assets:Inventory:Trend", -130, "1330")]) == ""


def test_an_order_of_shorts_that_the_checker_does_not_know_is_named(kept: Any) -> None:
    with pytest.raises(ConfigError, match="the run chose the lots of Liabilities:Shorts by 'hifo', for which"):
        lots_file(short_trades(kept(20_000, lots=LotSettings(short="hifo"))))


def closing(account: str, units: int, cost: str) -> list[str]:
    """What is left goes at a cost that we name: it balances only where the checker has the same."""
    return [
        "2024-02-01 open Equity:Gone",
        '2024-02-02 * "left"',
        f"  {account} {units} AAPL {{}}",
        f"  Equity:Gone {cost} USD",
    ]


def test_another_order_of_lots_is_refused_by_the_checker(kept: Any, checked: Any) -> None:
    lines = [line.replace('"FIFO"', '"LIFO"') for line in lots_file(long_trades(kept()))]

    assert "Transaction does not balance" in checked(lines)


def test_lots_of_a_flip_and_of_a_reverse_split_are_accepted(kept: Any, checked: Any) -> None:
    """Example C, then example F: 60 at 8 and 45 at 12 become 5.5 for 440 and 4.5 for 540, a half paid in cash."""
    desk = kept(20_000)
    for number, (side, quantity, price) in enumerate(
        [("buy", 100, 10), ("sell", 250, 12), ("buy", 210, 8), ("buy", 45, 12)]
    ):
        desk.price("AAPL", price, number)
        getattr(desk, side)(quantity, price, 1)
        desk.value()
    desk.now = 4
    desk.split(1, 10, reference_price=Decimal(96))
    desk.price("AAPL", 96, 4)
    desk.value()

    assert [lot.cost for lot in desk.position.lots] == [Decimal(440), Decimal(540)]
    assert checked(lots_file(desk)) == ""


def test_a_day_with_two_lots_is_accepted_where_the_oldest_leave_first(kept: Any, checked: Any) -> None:
    desk = kept()
    desk.price("AAPL", 10, 0)
    desk.buy(10, 10)
    desk.buy(10, 12)
    desk.sell(15, 11)
    desk.value()

    assert desk.position.cost_basis == 60
    assert checked(lots_file(desk)) == ""


def test_a_day_on_which_a_position_was_flat_in_between_may_have_two_lots(kept: Any, checked: Any) -> None:
    desk = kept()
    desk.price("AAPL", 50, 0)
    for side, quantity in (("sell", 10), ("buy", 10), ("sell", 7)):
        getattr(desk, side)(quantity, 50)
    desk.value()

    assert checked(lots_file(desk)) == ""


def test_a_day_with_two_lots_is_refused_where_the_latest_leave_first(kept: Any) -> None:
    desk = kept()
    desk.price("AAPL", 50, 0)
    desk.sell(10, 50)
    desk.sell(10, 55)
    desk.value()

    with pytest.raises(
        ConfigError, match="two lots of AAPL were opened on 2024-01-02, and beancount orders lots by day"
    ):
        lots_file(desk)


@pytest.mark.parametrize("seed", range(6))
def test_random_worlds_are_accepted(kept: Any, checked: Any, seed: int) -> None:
    """Fills both ways by two strategies, splits with fractions, dividends paid and due, some sessions with nothing."""
    chance = Random(seed)
    desk = kept(1_000_000)
    for number in range(60):
        desk.now = number
        if chance.random() < 0.1:
            desk.split(*chance.choice([(2, 1), (3, 2), (1, 10), (21, 20)]))
        elif chance.random() < 0.1:
            desk.dividend(chance.randrange(1, 200) / Decimal(100), number + 5, withholding=Decimal("0.15"))
        desk.price("AAPL", chance.randrange(500, 20_000) / Decimal(100), number)
        for _ in range(chance.randrange(3)):
            price = desk.market.bars["AAPL"].close
            fee = chance.randrange(500) / Decimal(100)
            trader = chance.choice(["a", "b"])
            getattr(desk, chance.choice(["buy", "sell"]))(chance.randrange(1, 200), price, fee, strategy_id=trader)
        desk.value()

    assert len(desk.service.positions) == 2
    assert checked(plain_file(desk)) == ""


def test_whole_cents_need_no_tolerance_in_lots_either(kept: Any, checked: Any) -> None:
    """A hundred fills of whole shares at whole cents, one a day: the checker chooses the lots, and agrees."""
    chance = Random(3)
    desk = kept(1_000_000)
    for number in range(100):
        desk.price("AAPL", chance.randrange(500, 20_000) / Decimal(100), number)
        side = "buy" if desk.service.positions and desk.position.quantity < 0 else chance.choice(["buy", "sell"])
        getattr(desk, side)(chance.randrange(1, 200), desk.market.bars["AAPL"].close, "1.25")
        desk.value()

    lines = lots_file(desk)
    assert sum(" {}" in line for line in lines) > 20
    assert checked(lines) == ""
