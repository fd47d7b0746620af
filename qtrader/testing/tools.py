"""What holds for every tool, whatever its port."""

import copy
import pickle
from dataclasses import fields, is_dataclass, replace
from decimal import Decimal
from typing import Any, ClassVar

from qtrader.options import description, options
from qtrader.testing.purity import impurities


class ToolConformance:
    """What holds for every tool: a documented dataclass that pickles, copies and rebuilds from its fields."""

    tool: ClassVar[Any]

    def test_it_is_a_plain_dataclass(self) -> None:
        """Fields are options, so a tool must be a dataclass."""
        assert is_dataclass(self.tool)

    def test_class_and_options_are_documented(self) -> None:
        """`qtrader plugins show` has something to say."""
        kind = type(self.tool)

        assert description(kind), f"write a docstring for {kind.__name__}, or for its module"
        bare = [one.name for one in options(kind) if not one.doc]
        assert bare == [], f"write a string below each option, or a comment behind it: {', '.join(bare)}"

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


class PureToolConformance(ToolConformance):
    """A tool that is a pure function of what it is handed: no clock, no chance, no file, no environment."""

    def test_it_reads_nothing_but_what_it_is_handed(self) -> None:
        """The source of its module says so; the same questions are asked twice elsewhere."""
        found = impurities(type(self.tool))

        assert found == [], "\n".join(found)


def finite(value: object) -> bool:
    """Whether a value is an exact number that can be booked."""
    return isinstance(value, Decimal) and value.is_finite()
