"""A share quoted in euros, held by an account in dollars: ordinary runs, against sums done in fractions."""

import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any, TypeVar

import pytest
from pyarrow.csv import write_csv

from qtrader import BacktestEngine, Bar, Context, Result, SignalIntention
from qtrader.errors import ConfigError, HandlerError
from qtrader.events import BaseEvent, CashEvent, DecisionEvent, FillEvent, PositionEvent, ValuationEvent
from qtrader_service_portfolio.beancount import export
from qtrader_service_portfolio.conversions import Conversions
from qtrader_service_portfolio.journal import Journal
from small_frames import day, frame

E = TypeVar("E", bound=BaseEvent)
CHECKER = Path(sys.executable).with_name("bean-check")
DAYS = 12
SHARE = [40.0 + number for number in range(DAYS)]
PAIR = [1.125 + number / 16 for number in range(DAYS)]  # exact in binary
UNITS, BOUGHT, SOLD = 100, 2, 8
TABLE = {"EUR/USD": {"table": {f"{day(number)}": f"{rate}" for number, rate in enumerate(PAIR)}}}


@dataclass
class Holder:
    """Buys the share at the open of day 2 and sells it at that of day 8."""

    def on_bar(self, bar: Bar, context: Context) -> None:
        if bar.symbol == "SAP" and bar.session == day(BOUGHT - 1):
            context.emit_signal("SAP", SignalIntention.OPEN_LONG, price=bar.close)
        if bar.symbol == "SAP" and bar.session == day(SOLD - 1):
            context.emit_signal("SAP", SignalIntention.CLOSE_LONG, price=bar.close)


@pytest.fixture
def engine(tmp_path: Path) -> Callable[..., BacktestEngine]:
    """An engine over the share, and the pair where ``symbols`` has it, with these portfolio settings."""
    write_csv(frame(SHARE), tmp_path / "SAP.csv")
    for name in ("EURUSD", "AFX", "ZFX"):
        write_csv(frame(PAIR), tmp_path / f"{name}.csv")
    declared = {"prices": "raw", "stamp": "session", "calendar": "24/7", "currency": "USD", "asset_class": "equity"}

    def build(
        symbols: tuple[str, ...] = ("EURUSD", "SAP"), fill: str = "next-open", **portfolio: Any
    ) -> BacktestEngine:
        source = {"use": "csv", "with": {"path": str(tmp_path / "{symbol}.csv"), "symbols": [*symbols]}, **declared}
        return BacktestEngine.from_config(
            {
                "data": {"source": "files", "symbols": [*symbols], "instruments": {"SAP": {"currency": "EUR"}}},
                "data_sources": {"files": source},
                "strategies": [{"name": "holder", "use": f"{__file__}:Holder"}],
                "portfolio": portfolio,
                "execution": {"fill": {"use": fill}, "commission": {"use": "none"}, "slippage": {"use": "none"}},
                "risk": {"sizing": {"use": "fixed", "with": {"quantity": UNITS}}},
            }
        )

    return build


def rate(number: int) -> Fraction:
    """The pair's close on a day."""
    return Fraction(PAIR[number])


def opens(number: int) -> Fraction:
    """What the share opens at: half a point above the close before."""
    return Fraction(SHARE[number - 1]) + Fraction(1, 2)


def told(result: Result, kind: type[E]) -> list[E]:
    """Everything of one kind that a run published."""
    return [one for one in result.log.discrete_events(kind.topic) if isinstance(one, kind)]


def equities(result: Result) -> list[Fraction]:
    return [Fraction(one.equity) for one in told(result, ValuationEvent)]


def test_equity_is_what_fractions_say_when_all_is_exchanged_at_once(engine: Callable[..., BacktestEngine]) -> None:
    """A fill at an open is exchanged at the pair's close of the day before: that of its own day is not known yet."""
    paid = UNITS * opens(BOUGHT) * rate(BOUGHT - 1)
    got = UNITS * opens(SOLD) * rate(SOLD - 1)

    def worth(number: int) -> Fraction:
        cash = 100_000 - (paid if number >= BOUGHT else 0) + (got if number >= SOLD else 0)
        held = UNITS if BOUGHT <= number < SOLD else 0
        return cash + held * Fraction(SHARE[number]) * rate(number)

    assert equities(engine().run()) == [worth(number) for number in range(DAYS)]


def test_equity_is_what_fractions_say_when_the_euros_are_owed(engine: Callable[..., BacktestEngine]) -> None:
    def worth(number: int) -> Fraction:
        cash = -UNITS * opens(BOUGHT) if number >= BOUGHT else Fraction(0)
        cash += UNITS * opens(SOLD) if number >= SOLD else 0
        held = UNITS if BOUGHT <= number < SOLD else 0
        return 100_000 + (cash + held * Fraction(SHARE[number])) * rate(number)

    assert equities(engine(conversion="never").run()) == [worth(number) for number in range(DAYS)]


@pytest.mark.parametrize("fill", ["next-open", "close"])
def test_nothing_hangs_on_whether_the_pair_s_bar_comes_before_the_share_s(
    engine: Callable[..., BacktestEngine], fill: str
) -> None:
    """Bars of one instant are seen in the order of their symbols: AFX, SAP, ZFX."""
    before, after = (
        equities(engine((pair, "SAP"), fill, rates={"EUR/USD": {"symbol": pair}}).run()) for pair in ("AFX", "ZFX")
    )

    assert before == after
    assert len({*before}) > 5


def test_a_table_gives_the_rate_of_the_session(engine: Callable[..., BacktestEngine]) -> None:
    """A day's rate holds from that day's session on, its fills included."""
    result = engine(("SAP",), rates=TABLE).run()
    found = [one for one in told(result, CashEvent) if one.kind == "conversion" and one.currency == "USD"]

    assert [Fraction(one.amount) for one in found] == [
        -UNITS * opens(BOUGHT) * rate(BOUGHT),
        UNITS * opens(SOLD) * rate(SOLD),
    ]


@pytest.mark.parametrize("conversion", ["always", "never"])
def test_the_books_that_all_may_read_agree_with_the_portfolio_at_every_step(
    engine: Callable[..., BacktestEngine], conversion: str
) -> None:
    run = engine(conversion=conversion)
    seen = [
        (Fraction(step.portfolio.equity), Fraction(event.equity))
        for step in iter(run.process_bar, None)
        if step is not None
        for event in step.events
        if isinstance(event, ValuationEvent)
    ]

    assert len(seen) == DAYS
    assert [mine for mine, _ in seen] == [theirs for _, theirs in seen]


def test_a_decision_shows_the_rate_and_what_a_unit_costs_with_it(engine: Callable[..., BacktestEngine]) -> None:
    first = told(engine().run(), DecisionEvent)[0]

    assert Fraction(first.inputs["rate"]) == rate(BOUGHT - 1)
    assert Fraction(first.inputs["unit_value"]) == Fraction(SHARE[BOUGHT - 1]) * rate(BOUGHT - 1)


def test_a_share_of_equity_buys_as_many_units_as_it_pays_for_at_the_rate(engine: Callable[..., BacktestEngine]) -> None:
    config = engine().config.effective
    config = {**config, "risk": {"sizing": {"use": "equity", "with": {"pct": "0.5"}}}}
    fill = told(BacktestEngine.from_config(config).run(), FillEvent)[0]

    assert fill.quantity == 50_000 // (Fraction(SHARE[BOUGHT - 1]) * rate(BOUGHT - 1))


def test_positions_stay_in_the_currency_of_their_instrument(engine: Callable[..., BacktestEngine]) -> None:
    first = told(engine().run(), PositionEvent)[0]

    assert (first.currency, Fraction(first.cost_basis)) == ("EUR", UNITS * opens(BOUGHT))


@pytest.mark.parametrize("conversion", ["always", "never"])
def test_the_checker_of_beancount_accepts_the_ledger(
    engine: Callable[..., BacktestEngine], tmp_path: Path, conversion: str
) -> None:
    result = engine(conversion=conversion, margin_interest={"rate": "0.05"}).run()
    lines = [*export(Journal.of(result), title="abroad")]
    (tmp_path / "books.beancount").write_text("\n".join(lines), encoding="utf-8")
    done = subprocess.run([CHECKER, tmp_path / "books.beancount"], capture_output=True, text=True)

    assert (done.returncode, done.stdout + done.stderr) == (0, "")
    assert any("Equity:Conversion" in line for line in lines) == (conversion == "always")


def test_a_loan_in_euros_costs_interest_in_euros(engine: Callable[..., BacktestEngine]) -> None:
    result = engine(conversion="never", margin_interest={"rate": "0.05"}).run()
    found = [one for one in told(result, CashEvent) if one.kind == "margin_interest"]

    assert {one.currency for one in found} == {"EUR"}


def test_without_a_rate_the_run_stops_and_names_pair_and_date(engine: Callable[..., BacktestEngine]) -> None:
    with pytest.raises(
        HandlerError, match=f"no rate of EUR/USD on {day(BOUGHT - 1)}: the run has no rate. Add a symbol"
    ):
        engine(("SAP",)).run()


def test_a_table_that_ends_stops_the_run_where_it_is_too_old(engine: Callable[..., BacktestEngine]) -> None:
    short = {"EUR/USD": {"table": {f"{day(0)}": "1.10"}}}

    with pytest.raises(HandlerError, match=f"no rate of EUR/USD on {day(4)}: the last of its table is of {day(0)}"):
        engine(("SAP",), rates=short, rates_max_age=3).run()


@pytest.mark.parametrize(
    ("rates", "complaint"),
    [
        ({"EURUSD": {"symbol": "X"}}, "'EURUSD' is not a pair of currencies"),
        ({"USD/USD": {"symbol": "X"}}, "'USD/USD' is not a pair of currencies"),
        ({"EUR/GBP": {"symbol": "X"}}, "'EUR/GBP' says nothing of USD, the currency of the account"),
        ({"EUR/USD": {}}, "a pair needs one of symbol and table"),
        ({"EUR/USD": {"symbol": "X", "table": {"2024-01-01": "1"}}}, "a pair needs one of symbol and table"),
        ({"EUR/USD": {"table": {"2024-01-01": "0"}}}, "greater than 0|above zero|more than 0"),
        ({"EUR/USD": {"table": {"2024-01-01": "-1"}}}, "greater than 0|above zero|more than 0"),
    ],
)
def test_wrong_rates_are_refused_before_the_run(
    engine: Callable[..., BacktestEngine], rates: dict[str, Any], complaint: str
) -> None:
    with pytest.raises(ConfigError, match=complaint):
        engine(rates=rates)


def test_a_symbol_that_the_run_has_not_got_is_named(engine: Callable[..., BacktestEngine]) -> None:
    with pytest.raises(HandlerError, match=r"portfolio\.rates names 'EURX', which is not in the run"):
        engine(rates={"EUR/USD": {"symbol": "EURX"}}).run()


def test_money_that_is_exchanged_at_an_older_rate_stops_the_run(
    engine: Callable[..., BacktestEngine], monkeypatch: pytest.MonkeyPatch
) -> None:
    exchange = Conversions._exchange

    def late(self: Conversions, currency: str, time_ns: int, at_ns: int | None) -> None:
        exchange(self, currency, time_ns, None if at_ns is None else at_ns - 86_400 * 10**9)

    monkeypatch.setattr(Conversions, "_exchange", late)

    with pytest.raises(HandlerError, match=r"the books are wrong: what -\S+ EUR brought is \S+, and rates make"):
        engine().run()
