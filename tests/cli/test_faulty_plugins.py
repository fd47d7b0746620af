"""Plugins that answer nonsense, flood the bus, change events or leave: named, stopped, and what was booked stands."""

import json
import signal
import subprocess
import sys
import time
from collections import defaultdict
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from qtrader import open_run
from qtrader.events import CashEvent, FillEvent, PriceBarEvent, ValuationEvent, limits

HEAD = """
import sys
from dataclasses import dataclass
from decimal import Decimal
from qtrader import hookimpl
from qtrader.events import RecordEvent
from qtrader.ports import FillDecision, Handler, Size, Verdict
from qtrader.providers import EventProvider, ServiceProvider, ToolProvider
"""
FILLS = """
class Watcher:
    def __init__(self, event_bus, config, wiring=None):
        self.bus = event_bus
    def handlers(self):
        return [Handler("fill", self.on_fill), Handler("record", self.on_fill)]
    def on_fill(self, event):
        BODY
    def start(self):
        pass
    def stop(self):
        pass
    def snapshot(self):
        return {}
    def restore(self, snapshot):
        pass

@hookimpl
def qtrader_services():
    return [ServiceProvider("bad", "Watch", f"{__name__}:Watcher", ("fill", "record"), ())]
"""
NOTE = "self.bus.publish(RecordEvent(strategy_id='bad', symbol=None, values={}))"


def tool(hook: str, method: str, answer: str) -> str:
    """A plugin with one tool, ``bad``, that gives an answer."""
    return f"""{HEAD}
@dataclass
class Bad:
    same_bar = False
    def {method}:
        return {answer}

@hookimpl
def {hook}():
    return [ToolProvider("bad", "Answer", f"{{__name__}}:Bad")]
"""


def service(body: str) -> str:
    """A plugin with a service, ``bad``, that does something with every fill."""
    return HEAD + FILLS.replace("BODY", body)


SIZER = ("qtrader_sizers", "size(self, request)", "risk: {sizing: {use: bad}}\n")
FEE = ("qtrader_commission_models", "fee(self, fill)", "execution: {commission: {use: bad}}\n")
SLIP = ("qtrader_slippage_models", "adjust(self, price, order, bar)", "execution: {slippage: {use: bad}}\n")
FILL = ("qtrader_fill_policies", "decide(self, order, bar)", "execution: {fill: {use: bad}}\n")
ANSWERS = [
    (SIZER, "100", "sizer 'bad' answers 100: it must answer Size(quantity) with a Decimal"),
    (SIZER, "None", "sizer 'bad' answers None"),
    (SIZER, "Size(10.0)", "sizer 'bad' answers Size(quantity=10.0"),
    (SIZER, "Size(Decimal('NaN'))", "sizer 'bad' wants NaN units: sizes are finite"),
    (SIZER, "Size(Decimal(-1))", "sizer 'bad' wants -1 units"),
    (SIZER, "Size(Decimal(1), {'edge': 0.5})", "sizer 'bad' explains its size by edge=0.5"),
    (FEE, "1.5", "the commission model charges 1.5: a fee must be a finite Decimal"),
    (FEE, "'1.50'", "the commission model charges '1.50'"),
    (FEE, "Decimal('Infinity')", "the commission model charges Decimal('Infinity')"),
    (FEE, "Decimal(-1)", "the commission model charges -1: a fee may not be negative"),
    (FEE, "Decimal('1E+30')", "the commission model charges 1E+30: no book can hold 1E+20 or more"),
    (SLIP, "price + Decimal('1E+20')", ": no book can hold 1E+20 or more"),
    (SLIP, "float(price)", "slippage moved the price of a buy from "),
    (SLIP, "price - 1", "it may only hurt the trader"),
    (SLIP, "Decimal('NaN')", "to Decimal('NaN'): it must be a finite Decimal"),
    (FILL, "True", "fill policy 'bad' answers True: it must answer a FillDecision, or None"),
    (FILL, "FillDecision(order.quantity + 1, bar.open)", "fill policy 'bad' fills "),
    (FILL, "FillDecision(-order.quantity, bar.open)", "fill policy 'bad' fills -"),
    (FILL, "FillDecision(order.quantity, bar.high + 1)", ", outside the bar of "),
    (FILL, "FillDecision(order.quantity, float(bar.open))", "both must be finite Decimals"),
    (FILL, "FillDecision(order.quantity, bar.open, 'noon')", "at the moment 'noon'"),
]


def books_stand(folder: Path) -> tuple[int, int]:
    """Hold every valuation of a run against the fills, cash and prices before it; numbers of valuations and fills."""
    cash, held, close = Fraction(0), defaultdict(Fraction), {}  # type: Fraction, dict[str, Fraction], dict[str, Fraction]
    valuations = fills = 0
    for number, event in enumerate(open_run(folder).log):
        assert event.seq == number
        if isinstance(event, PriceBarEvent):
            close[event.symbol] = Fraction(event.close)
        elif isinstance(event, FillEvent):
            sign, fills = 1 if event.side == "buy" else -1, fills + 1
            cash -= sign * Fraction(event.quantity) * Fraction(event.price) + Fraction(event.commission)
            held[event.symbol] += sign * Fraction(event.quantity)
        elif isinstance(event, CashEvent):
            cash += Fraction(event.amount)
        elif isinstance(event, ValuationEvent):
            value = sum((held[symbol] * close[symbol] for symbol in held if held[symbol]), Fraction(0))
            assert (cash, cash + value) == (Fraction(event.cash), Fraction(event.equity))
            valuations += 1
    return valuations, fills


def failed(desk: Any) -> Path:
    """The folder of the one run there is, which failed."""
    (manifest,) = (desk.folder / "runs").glob("*/manifest.json")
    assert json.loads(manifest.read_text(encoding="utf-8"))["status"] == "failed"
    folder: Path = manifest.parent
    return folder


@pytest.mark.parametrize(("port", "answer", "says"), ANSWERS, ids=[f"{one[0][0]}-{one[1]}" for one in ANSWERS])
def test_a_wrong_answer_stops_the_run_and_names_tool_file_and_plugin(
    desk: Any, site: Any, config: Callable[..., str], port: tuple[str, str, str], answer: str, says: str
) -> None:
    hook, method, chosen = port
    module = site.install("bad", tool(hook, method, answer))
    desk.write("run.yaml", config(more=chosen))

    done = desk("backtest", "run.yaml")

    assert (done.code, done.out) == (1, "")
    assert says in done.err
    assert f"\nanswered by Bad, {module}.py, of plugin 'bad' (acme-bad 1.0)\n" in done.err
    assert "Traceback" not in done.err
    assert books_stand(failed(desk))[0] > 0


def test_a_wrong_answer_of_a_limit_names_its_plugin(desk: Any, site: Any, config: Callable[..., str]) -> None:
    module = site.install("bad", tool("qtrader_risk_limits", "check(self, intent, books)", "True"))
    policy = "policy: mine\nversion: 1\nsizing: {use: fixed, with: {quantity: 10}}\nlimits: [{use: bad}]\n"
    desk.write("mine/mine.yaml", policy)
    desk.write("run.yaml", config(more="risk: {policy: mine, policies: [mine]}\n"))

    done = desk("backtest", "run.yaml")

    assert done.code == 1
    assert "limit 'bad' answers True: it must answer a Verdict; mend the limit" in done.err
    assert f"answered by Bad, {module}.py, of plugin 'bad' (acme-bad 1.0)" in done.err


FLOODS = {
    "in one handler": f"while True:\n            {NOTE}",
    "from handler to handler": NOTE,
}


@pytest.mark.parametrize("body", FLOODS.values(), ids=FLOODS)
def test_a_flood_is_stopped_with_service_topic_and_time(
    desk: Any, site: Any, config: Callable[..., str], monkeypatch: pytest.MonkeyPatch, body: str
) -> None:
    monkeypatch.setattr(limits, "MOST_EVENTS", 2000)
    module = site.install("bad", service(body))
    desk.write("run.yaml", config(more="services: [{use: bad}]\n"))

    done = desk("backtest", "run.yaml")

    assert done.code == 1
    assert done.err.startswith("bad: Watcher.on_fill failed on ")
    assert ": more than 2,000 events at 2001-01-" in done.err
    assert "the last of them mostly 'record' (strategy): a handler publishes without end; mend it" in done.err
    assert f"\nraised by Watcher.on_fill, {module}.py:" in done.err
    assert books_stand(failed(desk))[1] > 0


def test_a_service_without_a_table_of_handlers_is_named_before_the_run(
    desk: Any, site: Any, config: Callable[..., str]
) -> None:
    table = 'return [Handler("fill", self.on_fill), Handler("record", self.on_fill)]'
    module = site.install("bad", service("pass").replace(table, "return None"))
    desk.write("run.yaml", config(more="services: [{use: bad}]\n"))

    done = desk("backtest", "run.yaml")

    assert done.code == 2
    assert "service 'bad': handlers() answers None: it must answer a list of Handler(topic, function)" in done.err
    assert f"\nanswered by Watcher, {module}.py, of plugin 'bad' (acme-bad 1.0)\n" in done.err


CHANGES = {
    "setattr": "event.quantity = Decimal(0)",
    "object's setattr": "object.__setattr__(event, 'quantity', Decimal(0))",
    "dict": "event.__dict__['quantity'] = Decimal(0)",
    "new field": "event.__dict__['note'] = 'mine'",
    "and raises": "event.__dict__['quantity'] = Decimal(0); raise KeyError('gone')",
}


@pytest.mark.parametrize("body", CHANGES.values(), ids=CHANGES)
def test_a_changed_event_is_put_right_and_the_service_named(
    desk: Any, site: Any, config: Callable[..., str], body: str
) -> None:
    site.install("bad", service(body))
    desk.write("run.yaml", config(more="services: [{use: bad}]\n"))

    done = desk("backtest", "run.yaml")

    assert done.code == 1
    assert "bad: Watcher.on_fill failed on fill #" in done.err
    assert "of plugin 'bad' (acme-bad 1.0)" in done.err or "it changed '" in done.err
    fills = [one for one in open_run(failed(desk)).log if isinstance(one, FillEvent)]
    assert fills
    assert all(one.quantity > 0 for one in fills)


@pytest.mark.parametrize(
    "body",
    ["context.emit_signal(bar.symbol, 7, price=bar.close)", "context.emit_signal(bar.symbol, 'OPEN_LONG', price=1.5)",
     "context.record(when=object())", "context.emit_order(bar.symbol, 'buy', 'many')", "sys.exit(0)"],
)  # fmt: skip
def test_a_strategy_that_emits_nonsense_or_leaves_is_named(
    desk: Any, site: Any, config: Callable[..., str], body: str
) -> None:
    source = tool("qtrader_strategies", "on_bar(self, bar, context)", "None").replace("return None", body)
    module = site.install("bad", source)
    desk.write("run.yaml", config(more="  - {name: second, use: bad}\n"))

    done = desk("backtest", "run.yaml")

    assert (done.code, done.out) == (1, "")
    assert f"raised by Bad.on_bar, {module}.py:" in done.err
    assert "of plugin 'bad' (acme-bad 1.0)" in done.err
    assert failed(desk).is_dir()


SOURCE = """
import pyarrow as pa
from datetime import date
from itertools import count, repeat
from qtrader.ports import Instrument, SourceFacts

@dataclass
class Bad:
    facts = SourceFacts(prices="raw", stamp="session")
    def instruments(self):
        return INSTRUMENTS
    def intervals(self, symbol):
        return ["1d"]
    def bars(self, symbol, interval, start, end):
        return BARS
    def actions(self, symbol):
        return []

SCHEMA = pa.schema([("time", pa.date32())] + [(name, pa.int64()) for name in ("open", "high", "low", "close")])
BATCH = pa.RecordBatch.from_pydict({"time": [date(2001, 1, 2)], **dict.fromkeys(SCHEMA.names[1:], [5])}, schema=SCHEMA)

@hookimpl
def qtrader_data_sources():
    return [ToolProvider("bad", "Answer", f"{__name__}:Bad")]
"""
LISTED = "[Instrument(one, calendar='XNYS') for one in ('AAPL', 'IBM')]"
ENDLESS = "pa.RecordBatchReader.from_batches(SCHEMA, repeat(BATCH))"
SOURCES = [
    ("None", "None", "the source's instruments() gave None: it must give a list of Instrument"),
    ("repeat(Instrument('AAPL'))", "None", "instruments() gave more than 100,000 and did not end"),
    (LISTED, "[1, 2]", "the source's bars() gave [1, 2] for AAPL: it must give a pyarrow.RecordBatchReader"),
    (LISTED, "1 / 0", "the run cannot be wired: ZeroDivisionError: division by zero"),
    (LISTED, ENDLESS, "AAPL: row 2 (2001-01-02)"),
]


@pytest.mark.parametrize(("instruments", "bars", "says"), SOURCES, ids=[says for _, _, says in SOURCES])
def test_a_source_that_answers_nonsense_is_the_end_before_the_run(
    desk: Any, site: Any, config: Callable[..., str], instruments: str, bars: str, says: str
) -> None:
    module = site.install("bad", HEAD + SOURCE.replace("INSTRUMENTS", instruments).replace("BARS", bars))
    desk.write("run.yaml", config({"use: samples": "use: bad"}))

    done = desk("backtest", "run.yaml")

    assert (done.code, done.out) == (2, "")
    assert says in done.err
    assert f"Bad, {module}.py" in done.err or f"Bad.bars, {module}.py" in done.err or "row 2" in done.err
    assert list((desk.folder / "runs").glob("*")) == []


def begin(desk: Any, config: Callable[..., str], body: str) -> subprocess.Popen[str]:
    """A backtest in a process of its own, whose strategy has begun to do something with its fiftieth bar."""
    desk.write(
        "mine.py", f"import pathlib, time\nclass Mine:\n    seen = 0\n    def on_bar(self, bar, context):\n{body}"
    )
    desk.write("run.yaml", config(more="  - {name: slow, use: mine.py:Mine}\n"))
    command = [sys.executable, "-c", "from qtrader.cli import main; main()", "backtest", "run.yaml"]
    process = subprocess.Popen(command, cwd=desk.folder, stderr=subprocess.PIPE, text=True)
    while not (desk.folder / "begun").exists() and process.poll() is None:
        time.sleep(0.05)
    return process


COUNT = """\
        self.seen += 1
        if self.seen > 50:
            pathlib.Path('begun').touch()
            time.sleep(0.1)
"""


def test_ctrl_c_ends_a_run_after_its_step_and_leaves_a_folder_whose_books_stand(
    desk: Any, config: Callable[..., str]
) -> None:
    process = begin(desk, config, COUNT)

    process.send_signal(signal.SIGINT)
    _, told = process.communicate(timeout=60)

    assert process.returncode == 130
    assert "stopping after this step" in told
    assert "what was committed until then is in runs/desk-" in told
    manifest = json.loads((failed(desk) / "manifest.json").read_text(encoding="utf-8"))
    assert manifest["error"] == "RunError: stopped by hand"
    assert books_stand(failed(desk))[0] >= 24


def test_a_second_ctrl_c_ends_a_strategy_that_never_returns(desk: Any, config: Callable[..., str]) -> None:
    process = begin(desk, config, COUNT.replace("time.sleep(0.1)", "while True: pass"))
    assert process.stderr is not None

    process.send_signal(signal.SIGINT)
    first = process.stderr.readline()
    process.send_signal(signal.SIGINT)
    _, told = process.communicate(timeout=60)

    assert (process.returncode, first) == (130, "stopping after this step; Ctrl-C again: at once\n")
    assert "what was committed until then is in runs/desk-" in told
    assert books_stand(failed(desk))[0] >= 24
