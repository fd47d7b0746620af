"""What holds for every tool, whatever its port."""

import copy
import pickle
from dataclasses import fields, is_dataclass, replace
from decimal import Decimal
from typing import Any, ClassVar

from qtrader.options import options


class ToolConformance:
    """What holds for every tool: a documented dataclass that pickles, copies and rebuilds from its fields."""

    tool: ClassVar[Any]

    def test_it_is_a_plain_dataclass(self) -> None:
        """Fields are options, so a tool must be a dataclass."""
        assert is_dataclass(self.tool)

    def test_class_and_options_are_documented(self) -> None:
        """`qtrader plugins show` has something to say."""
        kind = type(self.tool)

        assert kind.__doc__
        assert not kind.__doc__.startswith(f"{kind.__name__}("), "write a docstring: this one was made up by dataclass"

    def test_every_option_has_a_type(self) -> None:
        """Options can be validated and shown."""
        assert {one.name for one in fields(self.tool) if one.init} == {one.name for one in options(type(self.tool))}

    def test_it_pickles_and_copies_to_an_equal_tool(self) -> None:
        """A worker process gets the same tool."""
        assert pickle.loads(pickle.dumps(self.tool)) == self.tool
        assert copy.copy(self.tool) == self.tool

    def test_it_rebuilds_from_its_fields(self) -> None:
        """A run works on a fresh copy."""
        assert replace(self.tool) == self.tool


def finite(value: object) -> bool:
    """Whether a value is an exact number that can be booked."""
    return isinstance(value, Decimal) and value.is_finite()
