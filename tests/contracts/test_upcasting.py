"""Old documents read as the newest class, by upcasters that a plugin offers."""

from pathlib import Path
from typing import Any

import pytest

from alerts import WAYS, events, importable, way, write_package
from event_samples import document
from qtrader.contracts import Contracts, from_contract, to_contract
from qtrader.errors import ContractError
from qtrader.providers import Upcaster

pytestmark = pytest.mark.contracts
ALERT = ("event_id", "occurred_at", "correlation_id", "causation_id")


@pytest.fixture(autouse=True)
def _package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_package(tmp_path)
    importable(tmp_path, monkeypatch)


def alert(version: int, **fields: Any) -> dict[str, Any]:
    """The document of an alert."""
    envelope = {name: document("envelope.v1")[name] for name in ALERT}
    return {
        **envelope,
        "event_type": "alert",
        "event_version": version,
        "source_service": "alerter",
        "symbol": "IBM",
        **fields,
    }


OLD = {"price": "101.5"}


def test_an_old_document_is_read_as_its_own_class() -> None:
    read: Any = from_contract(alert(1, **OLD), contracts=Contracts([*events(1, 2, 3), *WAYS]))

    assert (type(read).__name__, str(read.price)) == ("AlertV1", "101.5")


def test_an_old_document_is_read_as_the_newest_class() -> None:
    contracts = Contracts([*events(1, 2, 3), *WAYS])

    read: Any = from_contract(alert(1, **OLD), contracts=contracts, newest=True)

    assert type(read).__name__ == "AlertV3"
    assert to_contract(read) == alert(3, level="101.5", urgency="low", note=None)


def test_a_document_half_way_up_goes_the_rest() -> None:
    contracts = Contracts([*events(1, 2, 3), *WAYS])

    read = from_contract(alert(2, level="7", urgency="high"), contracts=contracts, newest=True)

    assert to_contract(read) == alert(3, level="7", urgency="high", note=None)


def test_the_newest_document_stays_as_it_is() -> None:
    contracts = Contracts([*events(1, 2, 3), *WAYS])
    newest = alert(3, level="7", urgency="high", note="now")

    assert to_contract(from_contract(newest, contracts=contracts, newest=True)) == newest


def test_kernel_documents_are_the_newest_there_are() -> None:
    signal = document("strategy/signal.v1")

    assert from_contract(signal, newest=True) == from_contract(signal)


def test_a_value_that_is_no_event_is_read_too() -> None:
    instrument = document("data/instrument.v1")

    assert from_contract(instrument, "data/instrument.v1", newest=True) == from_contract(
        instrument, "data/instrument.v1"
    )


def test_an_old_document_with_a_fault_is_refused_before_it_is_lifted() -> None:
    contracts = Contracts([*events(1, 2, 3), *WAYS])

    with pytest.raises(ContractError, match=r"alerter/alert\.v1: \$\.price: "):
        from_contract(alert(1, price="cheap"), contracts=contracts, newest=True)


CIRCLE = (way(1, 2), way(2, 1, "from_2_to_3"))


@pytest.mark.parametrize(
    ("ways", "words"),
    [
        ((), "no upcaster leads from alerter/alert.v1 on to alerter/alert.v3"),
        (WAYS[:1], "no upcaster leads from alerter/alert.v1 to alerter/alert.v2 on to alerter/alert.v3"),
        (CIRCLE, "upcasters go in a circle: alerter/alert.v1 to alerter/alert.v2 to alerter/alert.v1"),
        ((way(1, 1, "from_2_to_3"),), "upcasters go in a circle: alerter/alert.v1 to alerter/alert.v1"),
        ((*WAYS, way(1, 3, "into_nothing")), "two upcasters start at alerter/alert.v1"),
        ((way(1, 4, "from_1_to_2"),), "no contract is named 'alerter/alert.v4'"),
        ((way(1, 2, "into_nonsense"), WAYS[1]), "'acme_alerts:into_nonsense' (alerter/alert.v1 to alerter/alert.v2)"),
        ((way(1, 2, "into_nonsense"), WAYS[1]), "alerter/alert.v2: $.level: 'cheap'"),
        ((way(1, 2, "into_nothing"), WAYS[1]), "gives None; give the fields of the new version as a dict"),
        ((way(1, 2, "into_the_envelope"), WAYS[1]), "gives 'event_id', which is the envelope's"),
        ((way(1, 2, "raising"), WAYS[1]), "raised KeyError: 'price'"),
        ((way(1, 2, "nowhere"), WAYS[1]), "raised AttributeError"),
    ],
)  # fmt: skip
def test_a_way_that_does_not_lead_up_is_named(ways: tuple[Upcaster, ...], words: str) -> None:
    contracts = Contracts([*events(1, 2, 3), *ways])

    with pytest.raises(ContractError) as refused:
        from_contract(alert(1, **OLD), contracts=contracts, newest=True)

    assert words in str(refused.value)


def test_a_broken_way_does_not_keep_an_old_document_from_being_read_as_what_it_is() -> None:
    read: Any = from_contract(alert(1, **OLD), contracts=Contracts([*events(1, 2, 3), *CIRCLE]))

    assert read.version == 1
