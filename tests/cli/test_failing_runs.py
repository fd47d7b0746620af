"""Handlers, strategies and plugins that raise: who is named, what is left of the run, and running it once more."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

HEAD = """
from dataclasses import dataclass
from qtrader import hookimpl
from qtrader.ports import Handler
from qtrader.providers import ServiceProvider, ToolProvider
"""

SERVICE = """
class Watcher:
    def __init__(self, event_bus, config, wiring=None):
        self.at("made")
    def at(self, moment):
        if moment == MOMENT:
            raise KeyError("gone")
    def handlers(self):
        return [Handler("fill", self.on_fill)]
    def on_fill(self, event):
        self.at("handled")
    def start(self):
        self.at("started")
    def stop(self):
        self.at("stopped")
    def snapshot(self):
        return {}
    def restore(self, snapshot):
        pass

@hookimpl
def qtrader_services():
    return [ServiceProvider("watcher", "Watch", f"{__name__}:Watcher", ("fill",), ())]
"""

STRATEGY = """
from pathlib import Path

class Mine:
    def on_start(self, context):
        self.days = 0
    def on_bar(self, bar, context):
        self.days += bar.symbol == "IBM"
        if self.days == 1:
            context.emit_signal(symbol=bar.symbol, price=bar.close, confidence=1, intention="OPEN_LONG")
        if self.days == 3 and not (Path(__file__).parent / "mended").exists():
            raise KeyError("gone")
"""
"""Fails at the bar of IBM on the third session, 4 January 2001, while a file is not there; buys before that."""

OWN = {"use: sma-cross\n    with: {fast: 2, slow: 5}": "use: mine.py:Mine"}


def tool(hook: str, method: str, body: str = 'raise KeyError("gone")') -> str:
    """A plugin with one tool, called ``bad``, that raises when it is used."""
    return f"""{HEAD}
@dataclass
class Bad:
    def {method}:
        {body}

@hookimpl
def {hook}():
    return [ToolProvider("bad", "Raise", f"{{__name__}}:Bad")]
"""


def hook(signature: str) -> str:
    """A plugin whose hook raises."""
    return f"""{HEAD}
@hookimpl
def {signature}:
    raise KeyError("gone")
"""


STOPS = """pass
    def on_stop(self, context):
        raise KeyError("gone")"""
"""A body after which another method follows."""

TOOLS = {
    "sizer": (
        tool("qtrader_sizers", "size(self, request)"),
        "risk: {sizing: {use: bad}}\n",
        ("manager: ManagerService.on_signal failed on signal #", "raised by Bad.size, acme_acme_bad.py:"),
    ),
    "commission": (
        tool("qtrader_commission_models", "fee(self, fill)"),
        "execution: {commission: {use: bad}}\n",
        ("execution: ExecutionService.on_bar failed on bar #", "raised by Bad.fee, acme_acme_bad.py:"),
    ),
    "slippage": (
        tool("qtrader_slippage_models", "adjust(self, price, order, bar)"),
        "execution: {slippage: {use: bad}}\n",
        ("execution: ExecutionService.on_bar failed on bar #", "raised by Bad.adjust, acme_acme_bad.py:"),
    ),
    "strategy": (
        tool("qtrader_strategies", "on_bar(self, bar, context)"),
        "  - {name: second, use: bad}\n",
        (
            "strategy: StrategyService.on_bars failed on bar #2 (IBM at 2001-01-02T21:00:00+00:00): "
            "strategy 'second' (Bad.on_bar) failed on AAPL at 2001-01-02T21:00:00+00:00: ",
            "raised by Bad.on_bar, acme_acme_bad.py:",
        ),
    ),
    "strategy at its end": (
        tool("qtrader_strategies", "on_bar(self, bar, context)", STOPS),
        "  - {name: second, use: bad}\n",
        ("strategy 'second' failed in on_stop: ", "raised by Bad.on_stop, acme_acme_bad.py:"),
    ),
    **{
        f"service {moment}": (
            f"{HEAD}\nMOMENT = {moment!r}\n{SERVICE}",
            "services: [{use: watcher}]\n",
            (said, "raised by Watcher.at, acme_acme_bad.py:"),
        )
        for moment, said in (
            ("started", "the run failed: "),
            ("handled", "watcher: Watcher.on_fill failed on fill #"),
            ("stopped", "the run failed: "),
        )
    },
    "hook before the run": (hook("qtrader_run_wired(run)"), "", ("qtrader_run_wired raised ",)),
    "hook after the run": (hook("qtrader_run_finished(run, result)"), "", ("qtrader_run_finished raised ",)),
}
"""By name: the plugin's source, what chooses it, and what the message says beside the error and the plugin."""


def install(site: Any, source: str) -> None:
    """Install plugin ``bad`` of distribution ``acme``."""
    site.install("acme_bad", source, of="acme")


def last_manifest(desk: Any) -> dict[str, Any]:
    """The manifest of the one run there is."""
    (path,) = (desk.folder / "runs").glob("*/manifest.json")
    found: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return found


@pytest.mark.parametrize(("source", "chosen", "says"), TOOLS.values(), ids=TOOLS.keys())
def test_a_plugin_that_raises_is_named_with_event_and_handler(
    desk: Any, site: Any, config: Callable[..., str], source: str, chosen: str, says: tuple[str, ...]
) -> None:
    install(site, source)
    desk.write("run.yaml", config(more=chosen))

    done = desk("backtest", "run.yaml")

    assert (done.code, done.out) == (1, "")
    for part in (*says, "KeyError: 'gone'", "plugin 'acme_bad' (acme"):
        assert part in done.err
    assert "Traceback" not in done.err
    assert last_manifest(desk)["status"] == "failed"


def test_a_hook_that_fails_at_a_failure_does_not_hide_it(desk: Any, site: Any, config: Callable[..., str]) -> None:
    site.install("late", hook("qtrader_run_failed(run, error)"))
    desk.write("own.yaml", config(OWN))
    desk.write("mine.py", STRATEGY)

    done = desk("backtest", "own.yaml")

    first, *_ = done.err.splitlines()
    assert done.code == 1
    assert first.endswith("strategy 'trend' (Mine.on_bar) failed on IBM at 2001-01-04T21:00:00+00:00: KeyError: 'gone'")
    assert "\nand then plugin 'late' (acme-late): qtrader_run_failed raised KeyError: 'gone'\n" in done.err


def test_a_strategy_that_a_service_refuses_is_named_and_not_the_service(desk: Any, config: Callable[..., str]) -> None:
    desk.write("own.yaml", config(OWN))
    desk.write("mine.py", STRATEGY.replace("price=bar.close", "price=1.5"))

    done = desk("backtest", "own.yaml")

    assert done.code == 1
    assert "1.5" in done.err
    assert "\nraised by Mine.on_bar, mine.py:" in done.err


class TestWhatIsLeft:
    """The folder of a run that failed."""

    @pytest.fixture
    def failed(self, desk: Any, config: Callable[..., str]) -> Any:
        """A desk with a run of one's own strategy that failed."""
        desk.write("own.yaml", config(OWN))
        desk.write("mine.py", STRATEGY)
        done = desk("backtest", "own.yaml")
        assert done.code == 1
        return desk

    def test_the_message_says_where_it_is_and_how_to_look(self, desk: Any, config: Callable[..., str]) -> None:
        desk.write("own.yaml", config(OWN))
        desk.write("mine.py", STRATEGY)

        done = desk("backtest", "own.yaml")

        (folder,) = (desk.folder / "runs").iterdir()
        first, second, third = done.err.splitlines()
        assert "failed on bar #" in first
        assert second == f"raised by Mine.on_bar, mine.py:{STRATEGY[: STRATEGY.index('raise')].count(chr(10)) + 1}"
        assert third == (
            f"what was committed until then is in runs/{folder.name}   look closer: qtrader log runs/{folder.name}"
        )

    @pytest.mark.parametrize("output", ["--json", "--quiet"])
    def test_nothing_goes_to_standard_output(self, failed: Any, output: str) -> None:
        done = failed("backtest", "own.yaml", output)

        assert (done.code, done.out) == (1, "")
        assert "KeyError: 'gone'" in done.err

    def test_the_manifest_says_failed_and_why(self, failed: Any) -> None:
        manifest = last_manifest(failed)

        assert manifest["status"] == "failed"
        assert manifest["error"].startswith("HandlerError: strategy: Seat.decide failed on bar #")
        assert "KeyError: 'gone'" in manifest["error"]

    def test_no_file_of_it_names_a_folder_of_this_machine(self, failed: Any) -> None:
        (folder,) = (failed.folder / "runs").iterdir()

        assert str(failed.folder) not in (folder / "manifest.json").read_text(encoding="utf-8")

    def test_it_holds_what_was_committed(self, failed: Any) -> None:
        """Three sessions of two symbols; what was bought at the second session's open is there, too."""
        (folder,) = (failed.folder / "runs").iterdir()
        topics = [json.loads(line)["event_type"] for line in failed.good("log", folder, "--json").splitlines()]

        assert (topics.count("bar"), topics.count("fill"), topics.count("valuation")) == (6, 2, 2)
        assert topics[-1] == "bar"

    def test_the_message_names_the_last_event_by_its_number(self, failed: Any) -> None:
        number = int(last_manifest(failed)["error"].split("bar #")[1].split()[0])

        *_, last = failed.good("log", "@last").splitlines()

        assert last.split()[:3] == [str(number), "2001-01-04T21:00:00.000000Z", "bar"]
        assert "symbol=IBM" in last

    def test_show_says_that_it_failed_and_why(self, failed: Any) -> None:
        out = failed.good("runs", "show", "@last")

        assert "failed: HandlerError: strategy: " in out
        assert "events.arrow" in out

    def test_show_prints_an_error_as_it_is(self, desk: Any, config: Callable[..., str]) -> None:
        """Brackets are no markup."""
        desk.write("own.yaml", config(OWN))
        desk.write("mine.py", STRATEGY.replace('"gone"', '"[red]gone[/nothing]"'))
        assert desk("backtest", "own.yaml").code == 1

        assert "KeyError: '[red]gone[/nothing]'" in desk.good("runs", "show", "@last")

    def test_the_list_says_that_it_failed(self, failed: Any) -> None:
        (row,) = json.loads(failed.good("runs", "list", "--json"))

        assert (row["status"], row["bars"]) == ("failed", 6)

    def test_there_is_nothing_to_verify(self, failed: Any) -> None:
        done = failed("verify", "@last")

        assert (done.code, done.out) == (1, "")
        assert "failed when it was run (HandlerError: " in done.err
        assert "there is nothing to verify" in done.err

    def test_a_rerun_after_the_mend_replaces_it(self, failed: Any) -> None:
        (folder,) = (failed.folder / "runs").iterdir()
        failed.write("mended", "")

        found = failed.backtest("own.yaml")

        assert found["run_id"] == folder.name
        assert [path.name for path in folder.parent.iterdir()] == [folder.name]
        assert last_manifest(failed)["status"] == "done"
        assert (folder / "metrics.json").is_file()

    def test_a_failure_never_replaces_a_good_run(
        self, failed: Any, files_in: Callable[[Path], dict[str, bytes]]
    ) -> None:
        failed.write("mended", "")
        folder = Path(failed.backtest("own.yaml")["run_dir"])
        before = files_in(folder)
        (failed.folder / "mended").unlink()

        done = failed("backtest", "own.yaml")

        assert (done.code, done.out) == (1, "")
        assert "KeyError: 'gone'" in done.err
        assert (
            f"{folder}: NOT REPRODUCIBLE: the same config, data and versions ran to the end before and failed"
            in done.err
        )
        assert files_in(folder) == before

    def test_debug_shows_where_it_was_raised(self, failed: Any) -> None:
        done = failed("--debug", "backtest", "own.yaml")

        assert done.code == 1
        assert done.err.startswith("Traceback (most recent call last):\n")
        assert 'mine.py", line ' in done.err
        assert done.err.splitlines()[-1].startswith("what was committed until then")


class TestBroken:
    """Plugins that cannot be used at all."""

    def test_a_broken_one_that_the_config_needs_is_named(
        self, desk: Any, site: Any, config: Callable[..., str]
    ) -> None:
        site.install("wager", "1 / 0")
        desk.write("run.yaml", config(more="risk: {sizing: {use: wager}}\n"))

        done = desk("backtest", "run.yaml")

        assert (done.code, done.out) == (2, "")
        assert "run.yaml:13: risk.sizing.use: no sizer is named 'wager'." in done.err
        assert "Plugin 'wager' (acme-wager) is broken: ZeroDivisionError: division by zero." in done.err
        assert done.err.count("\n") == 1

    def test_one_whose_class_cannot_be_imported_is_named(
        self, desk: Any, site: Any, config: Callable[..., str]
    ) -> None:
        install(site, tool("qtrader_sizers", "size(self, request)").replace(":Bad", ":Worse"))
        desk.write("run.yaml", config(more="risk: {sizing: {use: bad}}\n"))

        done = desk("backtest", "run.yaml")

        assert (done.code, done.out) == (2, "")
        assert "run.yaml:13: risk.sizing.use: sizer 'bad' of acme 1.0 cannot be imported from " in done.err
        assert "Reinstall or update the distribution" in done.err

    def test_one_that_raises_while_the_run_is_wired_is_named(
        self, desk: Any, site: Any, config: Callable[..., str]
    ) -> None:
        install(site, f"{HEAD}\nMOMENT = 'made'\n{SERVICE}")
        desk.write("run.yaml", config(more="services: [{use: watcher}]\n"))

        done = desk("backtest", "run.yaml")

        assert (done.code, done.out) == (2, "")
        assert done.err.startswith("the run cannot be wired: KeyError: 'gone'\nraised by Watcher.at, acme_acme_bad.py:")
        assert done.err.endswith(", of plugin 'acme_bad' (acme 1.0)\n")

    def test_a_broken_one_that_nobody_needs_does_not_matter(self, desk: Any, site: Any) -> None:
        before = desk.backtest("run.yaml", "--out", "before")
        site.install("kelly", "1 / 0")

        assert desk.backtest()["digest"] == before["digest"]
