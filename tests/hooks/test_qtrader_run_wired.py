from collections.abc import Callable
from typing import Any

import pytest

from qtrader import hookimpl
from qtrader.errors import HandlerError
from qtrader.plugins import Host


def watcher(name: str, seen: list[tuple[Any, ...]]) -> Callable[..., None]:
    @hookimpl
    def qtrader_run_wired(run: Any) -> None:
        seen.append((name, run))

    return qtrader_run_wired


def test_qtrader_run_wired_is_called_once_for_each_plugin_in_the_order_of_names(host_of: Callable[..., Host]) -> None:
    seen: list[tuple[Any, ...]] = []
    host = host_of(zebra=[watcher("zebra", seen)], ant=[watcher("ant", seen)])

    host.notify("qtrader_run_wired", run="the run")

    assert seen == [("ant", "the run"), ("zebra", "the run")]


def test_qtrader_run_wired_that_raises_is_named_with_its_plugin(host_of: Callable[..., Host]) -> None:
    @hookimpl
    def qtrader_run_wired(run: Any) -> None:
        raise KeyError("no such thing")

    host = host_of(acme=[qtrader_run_wired])

    with pytest.raises(HandlerError, match=r"plugin 'acme' .*qtrader_run_wired raised KeyError: 'no such thing'"):
        host.notify("qtrader_run_wired", run="the run")
