"""An event built on the trusted path is the event that validation builds: in everything that can be asked of it."""

import copy
import pickle

import pytest
from pydantic import ValidationError

from event_samples import EVENT_CLASSES, ORIGIN, payload
from qtrader.columns import events_from_columns, to_columns
from qtrader.contracts import from_contract, to_contract
from qtrader.events import BaseEvent, defaults, trusted

pytestmark = [
    pytest.mark.events,
    pytest.mark.parametrize("event_class", EVENT_CLASSES, ids=lambda one: one.topic),
]


def pair(event_class: type[BaseEvent]) -> tuple[BaseEvent, BaseEvent]:
    """The same event, trusted and validated; the trusted payload comes in another order."""
    values = payload(event_class)
    shuffled = dict(reversed(values.items()))
    return trusted(event_class, shuffled, ORIGIN), event_class(**values, origin=ORIGIN)


def test_they_are_equal(event_class: type[BaseEvent]) -> None:
    quick, checked = pair(event_class)

    assert quick == checked


def test_they_hash_alike(event_class: type[BaseEvent]) -> None:
    quick, checked = pair(event_class)

    assert hash(quick) == hash(checked)


def test_they_print_alike(event_class: type[BaseEvent]) -> None:
    quick, checked = pair(event_class)

    assert repr(quick) == repr(checked)


def test_they_dump_alike(event_class: type[BaseEvent]) -> None:
    quick, checked = pair(event_class)

    assert quick.model_dump() == checked.model_dump()


def test_their_json_is_the_same_text(event_class: type[BaseEvent]) -> None:
    quick, checked = pair(event_class)

    assert quick.model_dump_json() == checked.model_dump_json()


def test_their_documents_are_the_same(event_class: type[BaseEvent]) -> None:
    quick, checked = pair(event_class)

    assert list(to_contract(quick).items()) == list(to_contract(checked).items())


def test_pickling_keeps_the_event(event_class: type[BaseEvent]) -> None:
    quick, checked = pair(event_class)

    assert pickle.loads(pickle.dumps(quick)) == checked


def test_a_copy_is_equal(event_class: type[BaseEvent]) -> None:
    quick, checked = pair(event_class)

    assert copy.copy(quick) == checked


def test_a_deep_copy_is_equal(event_class: type[BaseEvent]) -> None:
    quick, checked = pair(event_class)

    assert copy.deepcopy(quick) == checked


def test_a_model_copy_is_equal(event_class: type[BaseEvent]) -> None:
    quick, checked = pair(event_class)

    assert quick.model_copy() == checked


def test_a_model_copy_is_validated(event_class: type[BaseEvent]) -> None:
    quick, _ = pair(event_class)
    field = next(name for name in event_class.model_fields if name not in ("origin", *defaults(event_class)))

    with pytest.raises(ValidationError, match=field):
        quick.model_copy(update={field: 1.5})


def test_the_document_gives_the_event_back(event_class: type[BaseEvent]) -> None:
    quick, _ = pair(event_class)

    assert from_contract(to_contract(quick)) == quick


def test_the_columns_give_the_event_back(event_class: type[BaseEvent]) -> None:
    quick, _ = pair(event_class)

    assert events_from_columns(event_class, to_columns(event_class, [quick]), [ORIGIN]) == [quick]


def test_the_event_from_columns_prints_alike(event_class: type[BaseEvent]) -> None:
    quick, _ = pair(event_class)

    assert repr(events_from_columns(event_class, to_columns(event_class, [quick]), [ORIGIN])[0]) == repr(quick)


def test_it_cannot_be_changed(event_class: type[BaseEvent]) -> None:
    quick, _ = pair(event_class)
    field = next(name for name in event_class.model_fields if name != "origin")

    with pytest.raises(ValidationError, match="frozen"):
        setattr(quick, field, "x")


def test_nothing_can_be_deleted_from_it(event_class: type[BaseEvent]) -> None:
    quick, _ = pair(event_class)
    field = next(name for name in event_class.model_fields if name != "origin")

    with pytest.raises(ValidationError, match="frozen"):
        delattr(quick, field)


def test_defaults_may_be_left_out(event_class: type[BaseEvent]) -> None:
    values = {name: value for name, value in payload(event_class).items() if name not in defaults(event_class)}

    full = {**values, **defaults(event_class)}

    assert trusted(event_class, values, ORIGIN) == trusted(event_class, full, ORIGIN)


def test_the_callers_payload_is_left_alone(event_class: type[BaseEvent]) -> None:
    values = payload(event_class)
    trusted(event_class, values, ORIGIN)

    assert values == payload(event_class)


def test_every_field_counts_as_set(event_class: type[BaseEvent]) -> None:
    quick, _ = pair(event_class)

    assert quick.model_fields_set == set(event_class.model_fields)
