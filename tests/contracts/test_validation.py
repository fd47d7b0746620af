"""What validation says about a wrong document: which contract, where, and what."""

import sys
from pathlib import Path
from typing import Any

import pytest

from event_samples import document
from qtrader.contracts import Contracts, from_contract, to_contract, validate_document
from qtrader.errors import ContractError
from qtrader.events import FillEvent, trusted
from qtrader.providers import EventProvider

pytestmark = pytest.mark.contracts
FILL = "execution/fill.v1"


def said(wrong: Any, name: str | None = None) -> list[str]:
    """Every problem of a document, in words."""
    return [str(problem) for problem in validate_document(wrong, name)]


def test_a_document_says_itself_which_contract_is_its_own() -> None:
    assert validate_document(document(FILL)) == []


def test_a_missing_field_is_named() -> None:
    wrong = document(FILL)
    del wrong["policy"]

    assert said(wrong) == ["execution/fill.v1: $.policy: is missing"]


def test_a_misspelt_field_is_named_with_what_was_meant() -> None:
    assert said(document(FILL, comission="1")) == [
        "execution/fill.v1: $.comission: no field has this name. Did you mean 'commission'?"
    ]


def test_every_problem_is_listed() -> None:
    found = validate_document(document(FILL, side="BUY", quantity="0", comission="1"))

    assert {problem.path for problem in found} == {"$.side", "$.quantity", "$.comission"}


def test_a_value_outside_its_list_is_shown_with_the_list() -> None:
    assert said(document(FILL, side="BUY")) == ["execution/fill.v1: $.side: 'BUY' is none of buy, sell"]


def test_a_malformed_decimal_is_shown_with_what_it_should_be() -> None:
    (problem,) = said(document(FILL, price="1e5"))

    assert problem.startswith("execution/fill.v1: $.price: '1e5' is not this: An exact price per unit")


def test_a_malformed_value_that_may_be_null_is_shown_with_what_it_should_be() -> None:
    (problem,) = said(document("data/bar.v1", volume="-1"))

    assert problem.startswith("data/bar.v1: $.volume: '-1' is not this: Units, none or more")


def test_a_malformed_time_is_one_problem() -> None:
    assert len(said(document(FILL, executed_at="yesterday"))) == 1


def test_a_date_that_there_is_not_is_a_problem() -> None:
    assert said(document("data/bar.v1", session="2024-02-30")) == [
        'data/bar.v1: $.session: "2024-02-30" is not a "date"'
    ]


def test_an_event_of_another_service_is_a_problem() -> None:
    assert said(document(FILL, source_service="broker")) == [
        "execution/fill.v1: $.source_service: 'broker' is not 'execution'"
    ]


def test_a_condition_is_said_in_words() -> None:
    assert said(document("manager/order.v1", order_type="limit")) == [
        "manager/order.v1: $.limit_price: may not be null when order_type is limit or stop_limit"
    ]


def test_a_choice_of_at_least_one_is_said_in_words() -> None:
    assert said(document("data/corporate_action.v1", "merger-cash", cash_amount=None)) == [
        "data/corporate_action.v1: $: one of ratio, cash_amount may not be null when action_type is merger"
    ]


def test_a_choice_of_exactly_one_is_said_in_words() -> None:
    assert said(document("manager/order.v1", "trailing-stop", trail_amount="1")) == [
        "manager/order.v1: $: exactly one of trail_amount, trail_percent must be given when order_type is trailing_stop"
    ]


def test_a_rule_is_said_with_the_values_that_break_it() -> None:
    assert said(document("data/bar.v1", low="195")) == [
        "data/bar.v1: $.low: breaks low <= open: the low is the lowest price; found low '195', open '194.65'"
    ]


def test_a_rule_compares_decimals_exactly() -> None:
    large, more = "9999999999999999.000000000000000001", "9999999999999999.000000000000000002"

    assert said(document("data/bar.v1", open=large, low=more, high=more, close=more)) == [
        f"data/bar.v1: $.low: breaks low <= open: the low is the lowest price; found low '{more}', open '{large}'"
    ]


def test_a_path_leads_into_lists_and_records() -> None:
    wrong = document("portfolio/consolidated_portfolio.v1")
    wrong["strategies"][0]["positions"][0]["side"] = "buy"

    assert said(wrong) == [
        "portfolio/consolidated_portfolio.v1: $.strategies[0].positions[0].side: 'buy' is none of long, short, flat"
    ]


@pytest.mark.parametrize("wrong", [5, "text", None, [document(FILL)], True])
def test_what_is_no_object_is_a_problem(wrong: Any) -> None:
    assert [problem.path for problem in validate_document(wrong)] == ["$"]


@pytest.mark.parametrize("wrong", [5, "text", None, [], True])
def test_what_is_no_object_is_a_problem_under_a_name(wrong: Any) -> None:
    assert [problem.path for problem in validate_document(wrong, FILL)] == ["$"]


@pytest.mark.parametrize("wrong", [{"price": object()}, {"price": {1: 2}}, {"price": "\ud800"}])
def test_what_is_no_json_is_a_problem(wrong: dict[str, Any]) -> None:
    assert "is not a JSON document" in said(document(FILL, **wrong))[0]


def test_an_unknown_event_type_is_shown_with_what_was_meant() -> None:
    (problem,) = said(document(FILL, event_type="fil"))

    assert problem.startswith("$.event_type: 'fil' is no event type. There are: ambiguity, bar, cash, ")
    assert problem.endswith("Did you mean 'fill'?")


@pytest.mark.parametrize("wrong", [None, 5, [], {}])
def test_an_event_type_that_is_no_text_is_a_problem(wrong: Any) -> None:
    assert [problem.path for problem in validate_document(document(FILL, event_type=wrong))] == ["$.event_type"]


@pytest.mark.parametrize("wrong", [2, "1", None, True, 1.5, []])
def test_an_event_version_that_there_is_not_is_a_problem(wrong: Any) -> None:
    assert said(document(FILL, event_version=wrong)) == [f"$.event_version: fill has no version {wrong!r}; it has 1"]


def test_an_unknown_contract_is_an_error_with_what_was_meant() -> None:
    with pytest.raises(ContractError, match=r"named 'execution/fil\.v1'.*Did you mean 'execution/fill\.v1'"):
        validate_document(document(FILL), "execution/fil.v1")


def test_a_long_value_is_cut() -> None:
    (problem,) = said(document(FILL, price=["x" * 5000]))

    assert len(problem) < 500


def test_reading_raises_with_every_problem() -> None:
    with pytest.raises(ContractError, match=r"execution/fill\.v1: \$\.side: .*; execution/fill\.v1: \$\.quantity: "):
        from_contract(document(FILL, side="BUY", quantity="0"))


# contracts of plugins

NEWS = """
from qtrader.events import ValidatedEvent
from qtrader.events.fields import Text

class NewsEvent(ValidatedEvent):
    topic = "news"
    source = "acme"
    version = {version}
    headline: Text
"""
SCHEMA = """{{
  "$schema": "https://json-schema.org/draft/2020-12/schema",
  "$id": "https://acme.example/news.v{version}.json",
  "type": "object",
  "properties": {{"headline": {{"$ref": "https://qtrader.dev/contracts/envelope.v1.json#/$defs/text"}}}},
  "required": ["headline"]
}}"""


@pytest.fixture
def acme(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Contracts:
    """The contracts with two versions of an event type of package ``acme_news``."""
    package = tmp_path / "acme_news"
    (package / "schemas/acme").mkdir(parents=True)
    (package / "__init__.py").touch()
    for version in (1, 2):
        (package / f"v{version}.py").write_text(NEWS.format(version=version))
        (package / f"schemas/acme/news.v{version}.json").write_text(SCHEMA.format(version=version))
    monkeypatch.syspath_prepend(str(tmp_path))
    for name in ("acme_news", "acme_news.v1", "acme_news.v2"):
        monkeypatch.delitem(sys.modules, name, raising=False)
    return Contracts([EventProvider("news", f"acme_news.v{n}:NewsEvent", f"acme/news.v{n}") for n in (1, 2)])


def news(version: int, **changes: Any) -> dict[str, Any]:
    """A document of the plugin's event."""
    envelope = {key: value for key, value in document("envelope.v1").items() if key != "headline"}
    return {
        **envelope,
        "event_type": "news",
        "event_version": version,
        "source_service": "acme",
        "headline": "x",
        **changes,
    }


def test_a_plugins_contract_is_known_beside_the_kernels(acme: Contracts) -> None:
    assert {"acme/news.v1", "acme/news.v2", FILL} <= set(acme.names())


def test_a_plugins_document_is_checked_against_its_own_schema(acme: Contracts) -> None:
    (problem,) = validate_document(news(1, headline=""), contracts=acme)

    assert (problem.contract, problem.path) == ("acme/news.v1", "$.headline")


@pytest.mark.parametrize("version", [1, 2])
def test_a_document_is_read_by_its_version(acme: Contracts, version: int) -> None:
    assert from_contract(news(version), contracts=acme).version == version


def test_a_plugins_event_survives_the_round_trip(acme: Contracts) -> None:
    assert to_contract(from_contract(news(2), contracts=acme)) == news(2)


def test_a_plugin_without_its_schema_is_an_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "acme_bare_package").mkdir()
    (tmp_path / "acme_bare_package/__init__.py").write_text(NEWS.format(version=1))
    monkeypatch.syspath_prepend(str(tmp_path))
    bare = Contracts([EventProvider("news", "acme_bare_package:NewsEvent", "acme/news.v1")])

    with pytest.raises(ContractError, match=r"'acme_bare_package' has no file schemas/acme/news\.v1\.json"):
        bare.schema("acme/news.v1")


def test_a_contract_name_without_a_version_is_an_error() -> None:
    with pytest.raises(ContractError, match="'acme/news' is no contract name"):
        Contracts([EventProvider("news", "acme_news:NewsEvent", "acme/news")])


# what the codec keeps


def test_foreign_ids_are_kept() -> None:
    ids = {"event_id": "0b8e1d1c-3c5e-4c7c-9d57-0d0f6a7f3f10", "causation_id": "7d444840-9dc0-11d1-b245-5ffdce74fad2"}

    assert to_contract(from_contract(document(FILL, **ids))) == document(FILL, **ids)


def test_a_cause_in_another_run_is_kept() -> None:
    other = document(FILL, causation_id="00000000-0000-8000-8001-000000000005")

    assert to_contract(from_contract(other)) == other


def test_the_origin_is_rebuilt_from_the_ids() -> None:
    read: Any = from_contract(document(FILL))

    assert (read.origin.run, read.origin.seq, read.origin.cause, read.origin.corr, read.origin.foreign) == (
        0x1A2B3C4D5E6F7081923,
        1207,
        1206,
        1201,
        None,
    )


def test_trailing_zeros_are_read_and_not_written() -> None:
    written = to_contract(from_contract(document(FILL, quantity="508.00")))

    assert written["quantity"] == "508"


def test_eight_decimals_survive() -> None:
    bar = document("data/bar.v1", "eight-decimals")

    assert to_contract(from_contract(bar))["open"] == "0.00012345"


def test_a_time_between_two_microseconds_is_refused() -> None:
    read: Any = from_contract(document(FILL))
    values = {name: value for name, value in read.__dict__.items() if name != "origin"}

    with pytest.raises(ContractError, match=r"\$\.occurred_at: 1500 ns is between two microseconds"):
        to_contract(trusted(FillEvent, values, read.origin._replace(time_ns=1500)))


def test_a_value_of_the_wrong_type_is_not_written() -> None:
    read: Any = from_contract(document(FILL))
    values = {name: value for name, value in read.__dict__.items() if name != "origin"}

    with pytest.raises(ContractError, match="FillEvent holds a value of the wrong type"):
        to_contract(trusted(FillEvent, {**values, "symbol": 5}, read.origin))
