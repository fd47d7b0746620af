from collections.abc import Callable
from typing import Any

import pytest

from qtrader import hookimpl
from qtrader.errors import HandlerError
from qtrader.plugins import Host


def watcher(name: str, seen: list[tuple[Any, ...]]) -> Callable[..., None]:
    @hookimpl
    def qtrader_run_finished(run: Any, result: Any) -> None:
        seen.append((name, run, result))

    return qtrader_run_finished


def test_qtrader_run_finished_is_called_once_for_each_plugin_in_the_order_of_names(
    host_of: Callable[..., Host],
) -> None:
    seen: list[tuple[Any, ...]] = []
    host = host_of(zebra=[watcher("zebra", seen)], ant=[watcher("ant", seen)])

    host.notify("qtrader_run_finished", run="the run", result="the result")

    assert seen == [("ant", "the run", "the result"), ("zebra", "the run", "the result")]


def test_qtrader_run_finished_that_raises_is_named_with_its_plugin(host_of: Callable[..., Host]) -> None:
    @hookimpl
    def qtrader_run_finished(run: Any, result: Any) -> None:
        raise KeyError("no such thing")

    host = host_of(acme=[qtrader_run_finished])

    with pytest.raises(HandlerError, match=r"plugin 'acme' .*qtrader_run_finished raised KeyError: 'no such thing'"):
        host.notify("qtrader_run_finished", run="the run", result="the result")


def test_qtrader_run_finished_may_ask_for_some_of_the_arguments_only(host_of: Callable[..., Host]) -> None:
    seen: list[Any] = []

    @hookimpl
    def qtrader_run_finished(result: Any) -> None:
        seen.append(result)

    host_of(acme=[qtrader_run_finished]).notify("qtrader_run_finished", run="the run", result="the result")

    assert seen == ["the result"]
