from collections.abc import Callable

import pytest

from qtrader import hookimpl
from qtrader.catalogue import Catalogue
from qtrader.errors import DuplicateName
from qtrader.plugins import Host
from qtrader.ports.settings import Reference


@hookimpl
def qtrader_defaults() -> dict[str, object]:
    return {"sizer": {"use": "fixed", "with": {"quantity": 5}}, "commission": "none"}


def test_qtrader_defaults_become_references_by_kind(host_of: Callable[..., Host]) -> None:
    catalogue = Catalogue.of(host_of(acme=[qtrader_defaults]))

    expected = {"commission": Reference(use="none"), "sizer": Reference(use="fixed", with_={"quantity": 5})}
    assert catalogue.defaults() == expected


def test_qtrader_defaults_are_empty_when_nobody_answers(host_of: Callable[..., Host]) -> None:
    assert Catalogue.of(host_of()).defaults() == {}


def test_qtrader_defaults_from_two_plugins_are_an_error_naming_both(host_of: Callable[..., Host]) -> None:
    catalogue = Catalogue.of(host_of(acme=[qtrader_defaults], other=[qtrader_defaults]))

    with pytest.raises(DuplicateName, match="'acme' and 'other'"):
        catalogue.defaults()


def test_qtrader_defaults_for_an_unknown_kind_break_the_plugin(host_of: Callable[..., Host]) -> None:
    @hookimpl
    def qtrader_defaults() -> dict[str, str]:
        return {"comission": "none"}

    (plugin,) = (one for one in host_of(acme=[qtrader_defaults]).plugins if one.name == "acme")

    assert plugin.status == "broken"
    assert "unknown kind 'comission'. Did you mean 'commission'?" in str(plugin.reason)
