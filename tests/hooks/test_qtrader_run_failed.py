from collections.abc import Callable
from typing import Any

import pytest

from qtrader import hookimpl
from qtrader.errors import HandlerError
from qtrader.plugins import Host


def watcher(name: str, seen: list[tuple[Any, ...]]) -> Callable[..., None]:
    @hookimpl
    def qtrader_run_failed(run: Any, error: Any) -> None:
        seen.append((name, run, error))

    return qtrader_run_failed


def test_qtrader_run_failed_is_called_once_for_each_plugin_in_the_order_of_names(host_of: Callable[..., Host]) -> None:
    seen: list[tuple[Any, ...]] = []
    host = host_of(zebra=[watcher("zebra", seen)], ant=[watcher("ant", seen)])

    host.notify("qtrader_run_failed", run="the run", error="the error")

    assert seen == [("ant", "the run", "the error"), ("zebra", "the run", "the error")]


def test_qtrader_run_failed_that_raises_is_named_with_its_plugin(host_of: Callable[..., Host]) -> None:
    @hookimpl
    def qtrader_run_failed(run: Any, error: Any) -> None:
        raise KeyError("no such thing")

    host = host_of(acme=[qtrader_run_failed])

    with pytest.raises(HandlerError, match=r"plugin 'acme' .*qtrader_run_failed raised KeyError: 'no such thing'"):
        host.notify("qtrader_run_failed", run="the run", error="the error")


def test_qtrader_run_failed_may_ask_for_some_of_the_arguments_only(host_of: Callable[..., Host]) -> None:
    seen: list[Any] = []

    @hookimpl
    def qtrader_run_failed(error: Any) -> None:
        seen.append(error)

    host_of(acme=[qtrader_run_failed]).notify("qtrader_run_failed", run="the run", error="the error")

    assert seen == ["the error"]
