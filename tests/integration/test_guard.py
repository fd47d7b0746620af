"""The accounting guard in whole runs: on by default, silent, without a word in the log, and it stops a run at once."""

from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from qtrader import BacktestEngine, cli
from qtrader.errors import BooksBreach, HandlerError
from qtrader.events import FillEvent, ValuationEvent
from qtrader.guard import AccountingGuard
from qtrader_service_portfolio import account, announcements
from qtrader_service_portfolio.actions import dividends
from qtrader_service_portfolio.marks import Marks
from runs import SAMPLE

CENT = Decimal("0.01")


def engine(*overrides: str) -> BacktestEngine:
    return BacktestEngine.from_config(SAMPLE, overrides=overrides)


def owners(made: BacktestEngine) -> set[str]:
    return {one.owner for one in made.event_bus.subscriptions}


def breach_of(made: BacktestEngine) -> tuple[BooksBreach, Any]:
    """How a run was stopped, and the event at which it was."""
    with pytest.raises(HandlerError) as caught:
        made.run()
    error: BaseException | None = caught.value
    while not isinstance(error, BooksBreach):
        assert error is not None
        error = error.__cause__
    return error, made.run_state.log[-1]


def test_it_is_there_by_default_and_can_be_left_out() -> None:
    assert "guard" in owners(engine())
    assert "guard" not in owners(engine("engine.guard=false"))


def test_events_ids_and_run_digest_are_the_same_without_it() -> None:
    with_it, without = engine().run(), engine("engine.guard=false").run()

    assert with_it.digest == without.digest
    assert with_it.manifest["run_digest"] == without.manifest["run_digest"]
    assert [one.event_id for one in with_it.log[:200]] == [one.event_id for one in without.log[:200]]


def test_it_looks_at_every_fill_action_and_valuation_of_the_sample(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: dict[str, int] = {}
    for name in ("on_fill", "on_corporate_action", "on_valuation_trigger", "on_trade", "on_valuation"):
        heard: Callable[..., None] = getattr(AccountingGuard, name)

        def hear(self: Any, event: Any, heard: Callable[..., None] = heard, name: str = name) -> None:
            seen[name] = seen.get(name, 0) + 1
            heard(self, event)

        monkeypatch.setattr(AccountingGuard, name, hear)
    counts = engine().run().manifest["counts"]

    assert seen == {
        "on_fill": counts["fill"],
        "on_corporate_action": counts["corporate_action"],
        "on_valuation_trigger": counts["valuation_trigger"],
        "on_trade": counts["trade"],
        "on_valuation": counts["valuation"],
    }
    assert min(seen.values()) > 10


def add_a_cent(monkeypatch: pytest.MonkeyPatch) -> list[FillEvent]:
    """From the next run on, the twentieth fill leaves a cent too much; the fills that were booked."""
    book, booked = account.Account.fill, list[FillEvent]()

    def fill(self: Any, *facts: Any) -> Any:
        matched = book(self, *facts)
        booked.append(facts[1])
        if len(booked) == 20:
            self.funds["USD"].cash += CENT
        return matched

    monkeypatch.setattr(account.Account, "fill", fill)
    return booked


def test_a_cent_too_much_stops_the_run_at_its_fill(monkeypatch: pytest.MonkeyPatch) -> None:
    booked, made = add_a_cent(monkeypatch), engine()
    found, _ = breach_of(made)

    assert "cash in USD" in str(found)
    assert "off by 0.01" in str(found)
    assert [one.reference for one in found.transactions] == [booked[-1].fill_id]
    assert len(booked) == 20
    fills = list(made.run_state.log.discrete_events("fill"))
    assert isinstance(fills[-1], FillEvent)
    assert fills[-1].fill_id == booked[-1].fill_id


def test_without_it_the_same_cent_goes_on_to_the_end(monkeypatch: pytest.MonkeyPatch) -> None:
    """The comparison can fail: nobody else notices."""
    whole = engine().run().equity.column("equity")[-1].as_py()
    add_a_cent(monkeypatch)

    assert engine("engine.guard=false").run().equity.column("equity")[-1].as_py() == whole + CENT


def test_a_dividend_that_is_paid_twice_stops_the_run(monkeypatch: pytest.MonkeyPatch) -> None:
    pay = dividends.Dividends._pay

    def twice(self: Any, *facts: Any) -> None:
        pay(self, *facts)
        pay(self, *facts)

    monkeypatch.setattr(dividends.Dividends, "_pay", twice)
    found, _ = breach_of(engine())

    assert "nothing asks for dividend_paid" in str(found)


def test_a_mark_of_yesterday_stops_the_run_at_that_valuation(monkeypatch: pytest.MonkeyPatch) -> None:
    mark, last = Marks.mark, {}

    def late(self: Any, book: Any) -> bool:
        before = last.get(book.key)
        found: bool = mark(self, book)
        last[book.key] = book.mark
        if before is not None:
            book.mark = before
        return found

    monkeypatch.setattr(Marks, "mark", late)
    found, _ = breach_of(engine())

    assert "the mark of" in str(found)


def test_an_equity_that_is_published_wrong_stops_the_run(monkeypatch: pytest.MonkeyPatch) -> None:
    value = announcements.valuation

    def generous(*facts: Any) -> dict[str, Any]:
        figures = value(*facts)
        return {**figures, "equity": figures["equity"] + CENT, "cash": figures["cash"] + CENT}

    monkeypatch.setattr(announcements, "valuation", generous)
    found, last = breach_of(engine())

    assert "equity in the valuation of 2000-03-01" in str(found)
    assert isinstance(last, ValuationEvent)


def test_the_command_names_event_and_handler_and_keeps_what_was(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(account.Account, "post", lambda self, *facts: None)
    code = cli.run(["backtest", str(SAMPLE), "--out", str(tmp_path)])
    told = capsys.readouterr().err

    assert code == 1
    assert "guard: AccountingGuard.on_" in told
    assert "the books are wrong" in told
    assert [*tmp_path.iterdir()]


def test_the_flag_leaves_it_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(account.Account, "post", lambda self, *facts: None)

    assert cli.run(["backtest", str(SAMPLE), "--out", str(tmp_path), "--no-guard", "--quiet"]) == 0
    assert capsys.readouterr().err == ""
