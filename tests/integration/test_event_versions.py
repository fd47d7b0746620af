"""A run stored by one release of a plugin, looked at and verified with the next, each command a process of its own."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from alerts import write_package

RUN = """\
name: desk
data: {source: wiki, symbols: [IBM], start: 2001-01-02, end: 2001-01-31}
data_sources:
  wiki: {use: samples, prices: raw, calendar: XNYS, currency: USD}
strategies:
  - {name: hold, use: buy-and-hold}
services:
  - {use: alerter}
"""
PLUGIN = """
from qtrader import hookimpl
from qtrader.providers import EventProvider, ServiceProvider, Upcaster

@hookimpl
def qtrader_event_types():
    return [EventProvider("alert", f"acme_alerts:AlertV{n}", f"alerter/alert.v{n}") for n in VERSIONS]

@hookimpl
def qtrader_upcasters():
    ways = [(1, 2), (2, 3)] if len(VERSIONS) == 3 else []
    return [Upcaster(f"alerter/alert.v{a}", f"alerter/alert.v{b}", f"acme_alerts:from_{a}_to_{b}") for a, b in ways]

@hookimpl
def qtrader_services():
    target = f"acme_alerts:Alerter{max(VERSIONS)}"
    return [ServiceProvider("alerter", "Alerts", target, ("bar",), ("alert",))]
"""


class Desk:
    """A folder with a run in it and a plugin that can be exchanged."""

    def __init__(self, folder: Path, site: Any) -> None:
        self.folder, self.site = folder, site
        write_package(site.path)
        code = site.path / "acme_alerts" / "__init__.py"
        code.write_text(code.read_text(encoding="utf-8").replace('bar.symbol == "A"', 'bar.symbol == "IBM"'))
        self.module = site.path / f"{site.install('alerts', PLUGIN)}.py"
        (folder / "run.yaml").write_text(RUN, encoding="utf-8")

    def release(self, *versions: int) -> None:
        self.module.write_text(f"VERSIONS = {list(versions)}\n{PLUGIN}", encoding="utf-8")

    def __call__(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-B", "-m", "qtrader.cli", *arguments]
        environment = {**os.environ, "PYTHONPATH": str(self.site.path), "COLUMNS": "200"}
        return subprocess.run(command, cwd=self.folder, env=environment, capture_output=True, text=True, check=False)


@pytest.fixture
def desk(tmp_path: Path, site: Any) -> Desk:
    made = Desk(tmp_path, site)
    made.release(1)
    done = made("backtest", "run.yaml", "--quiet")
    assert (done.returncode, done.stderr) == (0, "")
    return made


def test_the_next_release_shows_old_events_as_its_own(desk: Desk) -> None:
    old = [json.loads(line) for line in desk("log", "@last", "--topic", "alert", "--json").stdout.splitlines()]
    desk.release(1, 2, 3)
    done = desk("log", "@last", "--topic", "alert", "--json")

    new = [json.loads(line) for line in done.stdout.splitlines()]
    assert (done.returncode, len(old)) == (0, 21)  # sessions of January 2001
    assert [one["event_version"] for one in old] == [1] * 21
    assert [(one["event_id"], one["level"], one["urgency"]) for one in new] == [
        (one["event_id"], one["price"], "low") for one in old
    ]


def test_the_next_release_verifies_an_old_run_event_for_event(desk: Desk) -> None:
    desk.release(1, 2, 3)

    done = desk("verify", "@last")

    assert (done.returncode, done.stderr) == (0, "")
    assert "events of alerter/alert.v1 were read as alerter/alert.v3" in done.stdout


def test_a_release_that_forgot_the_old_version_says_so(desk: Desk) -> None:
    desk.release(3)

    done = desk("log", "@last", "--topic", "alert")

    assert (done.returncode, done.stdout) == (2, "")
    assert "the log holds topics that no installed plugin knows: alert in version 1" in done.stderr
    assert "Traceback" not in done.stderr


def test_without_the_plugin_the_message_names_it(desk: Desk) -> None:
    desk.site.path.rename(desk.site.path.with_name("uninstalled"))

    done = desk("log", "@last")

    assert done.returncode == 2
    assert "alert in version 1. The run was made with acme-alerts 1.0 (now not installed)" in done.stderr
