"""A dataclass's fields are its options: what is listed, accepted and refused."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Annotated, Any, Literal

import pytest
from pydantic import Field

from qtrader.errors import ConfigError
from qtrader.options import Option, construct, description, fresh, options
from qtrader.ports import NonNegative, Ratio
from qtrader.ports.settings import Place, Reference


@dataclass
class SmaCross:
    """Long while fast is above slow."""

    fast: int = 20  # bars of the fast average
    slow: int = 100
    """bars of the slow average"""


@dataclass(frozen=True)
class Kelly:
    win_rate: Ratio  # share of trades that win
    payoff: Decimal = Decimal("1.5")
    cap: NonNegative | None = None
    note: Annotated[str, Field(description="printed in the report")] = ""


@dataclass
class Every:
    on: bool = False
    number: float = 0.0
    path: Path = Path()
    mode: Literal["fast", "slow"] = "fast"
    names: list[str] = field(default_factory=list)
    weights: dict[str, Decimal] = field(default_factory=dict)
    thing: Any = None


def build(target: type, **given: Any) -> Any:
    return construct(target, Reference(use="my-tool", with_=given))


def test_options_are_the_fields_with_types_defaults_and_documentation() -> None:
    expected = (
        Option("fast", "int", "20", "bars of the fast average"),
        Option("slow", "int", "100", "bars of the slow average"),
    )

    assert options(SmaCross) == expected


def test_options_say_bounds_and_alternatives_in_words() -> None:
    expected = (
        Option("win_rate", "decimal, 0 to 1", None, "share of trades that win"),
        Option("payoff", "decimal", "1.5", ""),
        Option("cap", "decimal, 0 or more or null", "null", ""),
        Option("note", "str", "", "printed in the report"),
    )

    assert options(Kelly) == expected


def test_a_class_that_is_no_dataclass_has_no_options() -> None:
    assert options(object) == ()


@pytest.mark.parametrize(
    ("given", "value"),
    [
        ({"win_rate": 0.1}, Decimal("0.1")),
        ({"win_rate": "0.55"}, Decimal("0.55")),
        ({"win_rate": Decimal("0.3")}, Decimal("0.3")),
        ({"win_rate": 1}, Decimal(1)),
        ({"win_rate": 1e-7}, Decimal("1E-7")),
    ],
)
def test_a_decimal_is_read_as_the_text_that_it_prints(given: dict[str, Any], value: Decimal) -> None:
    assert build(Kelly, **given).win_rate == value


@pytest.mark.parametrize(
    ("name", "given", "value"),
    [
        ("on", "true", True),
        ("on", False, False),
        ("number", "-1.5e3", -1500.0),
        ("number", 2, 2.0),
        ("number", Decimal("0.5"), 0.5),
        ("path", "a/b.csv", Path("a/b.csv")),
        ("mode", "slow", "slow"),
        ("names", ["ON", "NO"], ["ON", "NO"]),
        ("weights", {"AAPL": "0.1", "IBM": 0.2}, {"AAPL": Decimal("0.1"), "IBM": Decimal("0.2")}),
    ],
)
def test_text_from_a_file_and_values_from_python_mean_the_same(name: str, given: Any, value: Any) -> None:
    result = getattr(build(Every, **{name: given}), name)

    assert (type(result), result) == (type(value), value)


def test_the_number_of_an_option_may_stand_as_text() -> None:
    assert build(SmaCross, fast="10", slow=50) == SmaCross(10, 50)


@pytest.mark.parametrize(
    ("target", "given"),
    [
        (SmaCross, {"fast": "ten"}),
        (SmaCross, {"fast": "20.0"}),
        (SmaCross, {"fast": "1_000"}),
        (SmaCross, {"fast": 20.0}),
        (SmaCross, {"fast": True}),
        (SmaCross, {"fast": None}),
        (SmaCross, {"fast": [20]}),
        (Kelly, {"win_rate": "1.5"}),
        (Kelly, {"win_rate": "NaN"}),
        (Kelly, {"win_rate": True}),
        (Every, {"on": "yes"}),
        (Every, {"on": 1}),
        (Every, {"number": "nan"}),
        (Every, {"number": float("inf")}),
        (Every, {"number": True}),
        (Every, {"mode": "middling"}),
        (Every, {"names": "AAPL"}),
        (Every, {"weights": {"AAPL": "much"}}),
    ],
)
def test_what_is_not_of_the_type_is_refused(target: type, given: dict[str, Any]) -> None:
    with pytest.raises(ConfigError, match=f"option '{next(iter(given))}' of 'my-tool' takes "):
        build(target, **given)


def test_a_wrong_type_is_told_with_option_type_value_and_reason() -> None:
    with pytest.raises(ConfigError) as caught:
        build(SmaCross, fast="1_000")

    assert str(caught.value) == "with.fast: option 'fast' of 'my-tool' takes int, not '1_000': write digits"


def test_an_unknown_option_is_told_with_all_there_are_and_the_nearest() -> None:
    with pytest.raises(ConfigError) as caught:
        build(SmaCross, fats=10)

    expected = "with.fats: unknown option of 'my-tool'. It takes: fast (int), slow (int). Did you mean 'fast'?"
    assert str(caught.value) == expected


def test_a_message_begins_where_the_option_was_written() -> None:
    reference = Reference(use="sma-cross", with_={"fats": "10"})
    place = Place("config/sma_cross.yaml:12", "strategies[0].with.fats", Path("config"))
    reference.written_at({"with.fats": place})

    with pytest.raises(
        ConfigError, match=r"^config/sma_cross\.yaml:12: strategies\[0\]\.with\.fats: unknown option of"
    ):
        construct(SmaCross, reference)


def test_a_missing_option_is_told_with_all_there_are() -> None:
    with pytest.raises(
        ConfigError, match=r"'my-tool' needs 'win_rate'\. It takes: win_rate \(decimal, 0 to 1\), payoff"
    ):
        build(Kelly)


def test_a_tool_that_refuses_its_options_is_told_as_the_users_mistake() -> None:
    @dataclass
    class Ordered:
        fast: int

        def __post_init__(self) -> None:
            raise ValueError("fast must be below slow")

    with pytest.raises(ConfigError, match="'my-tool' refuses these options: fast must be below slow"):
        build(Ordered, fast=1)


def test_each_build_is_a_fresh_object() -> None:
    reference = Reference(use="my-tool", with_={"names": ["AAPL"]})

    first, second = construct(Every, reference), construct(Every, reference)
    first.names.append("IBM")

    assert second.names == ["AAPL"]


def test_validation_leaves_the_class_as_it_was() -> None:
    before = dict(vars(SmaCross))

    build(SmaCross, fast=1)

    assert dict(vars(SmaCross)) == before


def test_an_instance_is_copied_from_its_fields_alone() -> None:
    original = SmaCross(10, 50)
    original.turn = "something it remembers"  # type: ignore[attr-defined]

    copy = fresh(Reference(use="SmaCross", instance=original))

    assert (copy, vars(copy)) == (SmaCross(10, 50), {"fast": 10, "slow": 50})


def test_a_copy_shares_no_list_with_the_original() -> None:
    original = Every(names=["AAPL"])

    fresh(Reference(use="Every", instance=original)).names.append("IBM")

    assert original.names == ["AAPL"]


def test_an_instance_with_a_wrong_field_is_refused() -> None:
    with pytest.raises(ConfigError, match="option 'fast' of 'SmaCross' takes int, not 'ten'"):
        fresh(Reference(use="x", instance=SmaCross(fast="ten")))  # type: ignore[arg-type]


def test_a_float_in_a_decimal_field_of_an_instance_becomes_exact() -> None:
    assert fresh(Reference(use="x", instance=Kelly(win_rate=0.1))).win_rate == Decimal("0.1")  # type: ignore[arg-type]


def test_a_plain_object_without_state_is_made_anew() -> None:
    class Plain:
        pass

    original = Plain()

    copy = fresh(Reference(use="x", instance=original))

    assert type(copy) is Plain
    assert copy is not original


def test_a_plain_object_with_state_is_refused() -> None:
    class Plain:
        def __init__(self) -> None:
            self.seen = 3

    with pytest.raises(ConfigError, match="'Plain' is not a dataclass, so its options are not known"):
        fresh(Reference(use="x", instance=Plain()))


def test_a_class_is_described_by_its_docstring_else_by_that_of_its_module() -> None:
    @dataclass
    class Bare:
        size: int = 1

    class Told:
        """A size."""

    assert (description(Told), description(Bare)) == ("A size.", __doc__)


def test_defaults_are_shown_as_yaml_has_them() -> None:
    @dataclass
    class Listed:
        """Options of every shape."""

        symbols: Sequence[str] = ("AAA", "BBB")
        columns: Mapping[str, str] = field(default_factory=lambda: {"time": "Date"})
        none: Sequence[str] = ()

    assert [one.default for one in options(Listed)] == ["[AAA, BBB]", "{time: Date}", "[]"]
