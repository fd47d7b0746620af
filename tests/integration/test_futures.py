"""A future traded by an ordinary run, against sums done in fractions, with the kernel's books at every event."""

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from pyarrow.csv import write_csv

from qtrader import BacktestEngine, Bar, Context, Result, SignalIntention
from qtrader.events import CashEvent, DecisionEvent, SignalRejectedEvent, TradeEvent, ValuationEvent
from qtrader_service_portfolio.beancount import export
from qtrader_service_portfolio.journal import Journal
from small_frames import day, frame

CLOSES = [4_000.0, 4_010.0, 3_990.0, 4_005.0, 4_030.0, 4_020.0, 4_000.0, 3_980.0]
CONTRACTS, POINT, BOUGHT, TURNED = 2, 50, 1, 5
POLICY = """
policy: turning
version: 1
sizing: {use: fixed, with: {quantity: 2}}
signals: {opposite_open: flip, shorts: true}
"""


@dataclass
class Turner:
    """Long at the open of day 1, short at that of day 5; notes its equity and cash at every bar."""

    notes: str

    def on_bar(self, bar: Bar, context: Context) -> None:
        with Path(self.notes).open("a") as notes:
            notes.write(f"{context.equity} {context.cash}\n")
        if bar.session == day(BOUGHT - 1):
            context.emit_signal("ES", SignalIntention.OPEN_LONG, price=bar.close)
        if bar.session == day(TURNED - 1):
            context.emit_signal("ES", SignalIntention.OPEN_SHORT, price=bar.close)


@pytest.fixture
def run(tmp_path: Path) -> Callable[..., Result]:
    """Run the strategy over the future, with these portfolio settings."""
    write_csv(frame(CLOSES), tmp_path / "ES.csv")
    (tmp_path / "turning.yaml").write_text(POLICY)
    source = {
        "use": "csv", "with": {"path": str(tmp_path / "{symbol}.csv"), "symbols": ["ES"]}, "prices": "raw",
        "stamp": "session", "calendar": "24/7", "currency": "USD", "asset_class": "future",
    }  # fmt: skip

    def build(**portfolio: Any) -> Result:
        return BacktestEngine.from_config(
            {
                "data": {"source": "files", "symbols": ["ES"], "instruments": {"ES": {"multiplier": POINT}}},
                "data_sources": {"files": source},
                "strategies": [
                    {"name": "turner", "use": f"{__file__}:Turner", "with": {"notes": str(tmp_path / "notes")}}
                ],
                "portfolio": {"cash": 100_000, **portfolio},
                "execution": {
                    "fill": {"use": "next-open"}, "commission": {"use": "none"}, "slippage": {"use": "none"},
                },
                "risk": {"policies": [str(tmp_path)], "policy": "turning"},
            }
        ).run()  # fmt: skip

    return build


def gained(number: int) -> Fraction:
    """By the close of a day: long from the open of day 1 to that of day 5, then short."""
    opens = {at: Fraction(CLOSES[at - 1]) + Fraction(1, 2) for at in (BOUGHT, TURNED)}
    now = Fraction(CLOSES[number])
    if number < BOUGHT:
        return Fraction(0)
    if number < TURNED:
        return CONTRACTS * POINT * (now - opens[BOUGHT])
    return CONTRACTS * POINT * (opens[TURNED] - opens[BOUGHT] + opens[TURNED] - now)


def told(result: Result, kind: Any) -> list[Any]:
    return [one for one in result.log.discrete_events(kind.topic) if isinstance(one, kind)]


def test_equity_is_cash_at_every_session_end(run: Callable[..., Result]) -> None:
    expected = [100_000 + gained(number) for number in range(len(CLOSES))]
    result = run()

    assert [Fraction(one.equity) for one in told(result, ValuationEvent)] == expected
    assert [Fraction(one.cash) for one in told(result, ValuationEvent)] == expected


def test_a_strategy_sees_what_contracts_gained_before_it_is_paid(run: Callable[..., Result], tmp_path: Path) -> None:
    """At a bar the day's variation is in equity, not in cash: that has what the fill of the open settled."""
    run()
    seen = [[Fraction(one) for one in line.split()] for line in (tmp_path / "notes").read_text().splitlines()]
    assert [equity for equity, _ in seen] == [100_000 + gained(number) for number in range(len(CLOSES))]
    overnight = CONTRACTS * POINT * Fraction(1, 2)
    paid = [100_000 + (gained(number - 1) if number else 0) for number in range(len(CLOSES))]
    paid[TURNED] += overnight
    assert [cash for _, cash in seen] == paid


def test_the_ledger_is_one_that_another_program_takes(run: Callable[..., Result]) -> None:
    result = run()
    lines = list(export(Journal.of(result), title="futures"))

    assert any("Liabilities:Futures" in line for line in lines)
    ledger = result.rebuild("portfolio").ledger
    assert sum(Fraction(one.amount) for one in ledger) == 0
    assert [one.amount for one in told(result, CashEvent) if one.kind == "variation"]


def test_its_trade_has_entry_and_exit(run: Callable[..., Result]) -> None:
    """Of 4,000.50 and 4,030.50: 30 points."""
    (trade,) = told(run(), TradeEvent)
    assert Fraction(trade.gross_pnl) == CONTRACTS * POINT * 30


def test_no_purchase_waits_for_cash_that_it_does_not_take(run: Callable[..., Result]) -> None:
    result = run(cash=1_000)
    assert [one.outcome for one in told(result, DecisionEvent)] == ["approved", "approved"]


def test_a_cash_account_holds_no_futures(run: Callable[..., Result]) -> None:
    refused = told(run(account="cash"), SignalRejectedEvent)
    assert refused[0].code == "cash-account"
    assert "no futures" in refused[0].reason
