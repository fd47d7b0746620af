"""The metapackage: what it chooses is installed with it."""

import pytest

from qtrader.catalogue import Catalogue
from qtrader.plugins import load_plugins

CHOICES = {
    "commission": "none",
    "fill-policy": "next-open",
    "risk-policy": "naive",
    "sizer": "equity",
    "slippage": "none",
}


@pytest.fixture(scope="module")
def catalogue() -> Catalogue:
    return Catalogue.of(load_plugins())


def test_one_tool_is_chosen_of_each_kind(catalogue: Catalogue) -> None:
    assert {kind: reference.use for kind, reference in catalogue.defaults().items()} == CHOICES


@pytest.mark.parametrize("kind", CHOICES)
def test_what_is_chosen_can_be_built_without_options(catalogue: Catalogue, kind: str) -> None:
    assert catalogue.build(kind, catalogue.defaults()[kind]) is not None
