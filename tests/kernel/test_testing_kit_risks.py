"""The suites for sizers and limits: what keeps to the port passes, what does not is caught by the test meant."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import pytest

from qtrader.ports import (
    Size,
    Verdict,
)
from qtrader.testing import (
    RiskLimitConformance,
    SizerConformance,
    books,
)


@dataclass
class Fixed:
    """A fixed number of units."""

    quantity: Decimal = Decimal(10)  # units

    def size(self, request: Any) -> Size:
        return Size(self.quantity, {"quantity": self.quantity})


@dataclass
class Ceiling:
    """At most some units."""

    most: Decimal = Decimal(50)  # units

    def check(self, intent: Any, books: Any) -> Verdict:
        room = self.most - books.quantity(intent.symbol)
        return Verdict("pass") if intent.quantity <= room else Verdict("shrink", room, f"at most {self.most}")


class TestFixed(SizerConformance):
    tool = Fixed()


class TestCeiling(RiskLimitConformance):
    tool = Ceiling(Decimal(50))
    intents = tuple(one for one in RiskLimitConformance.intents if one.quantity > 50)
    accounts = (books(), books("1000", AAPL="10"))


class Undocumented(Fixed):
    __module__ = "nowhere"  # whose docstring would do as well


@dataclass
class Terse(Fixed):
    """Says nothing of an option."""

    rounds: int = 1


class Negative(Fixed):
    """Shrinks below nothing."""

    def size(self, request: Any) -> Size:
        return Size(Decimal(-1))


class Endless(Fixed):
    """Divides by nothing."""

    def size(self, request: Any) -> Size:
        return Size(Decimal("NaN"))


class Floating(Fixed):
    """Explains itself in floats."""

    def size(self, request: Any) -> Size:
        return Size(Decimal(1), {"share": 0.1})  # type: ignore[dict-item]


class Moody(Fixed):
    """Sizes one more each time."""

    def size(self, request: Any) -> Size:
        self.quantity += 1
        return Size(self.quantity)


class Silent(Ceiling):
    """Refuses without a word."""

    def check(self, intent: Any, books: Any) -> Verdict:
        return Verdict("refuse")


class Growing(Ceiling):
    """Shrinks to more."""

    def check(self, intent: Any, books: Any) -> Verdict:
        return Verdict("shrink", intent.quantity + 1, "more is more")


class Forgetful(Ceiling):
    """Remembers what it let through."""

    def check(self, intent: Any, books: Any) -> Verdict:
        self.most -= 1
        return Verdict("refuse", None, f"{self.most} are left")


WRONG = [
    (SizerConformance, Undocumented(), "test_class_and_options_are_documented"),
    (SizerConformance, Terse(), "test_class_and_options_are_documented"),
    (SizerConformance, object(), "test_it_is_a_plain_dataclass"),
    (SizerConformance, Ceiling(), "test_it_is_a_sizer"),
    (SizerConformance, Negative(), "test_sizes_are_finite_decimals_and_never_negative"),
    (SizerConformance, Endless(), "test_sizes_are_finite_decimals_and_never_negative"),
    (SizerConformance, Floating(), "test_inputs_explain_the_size_in_decimals"),
    (SizerConformance, Moody(), "test_the_same_request_gives_the_same_size"),
    (SizerConformance, Moody(), "test_sizing_changes_no_option"),
    (RiskLimitConformance, Fixed(), "test_it_is_a_limit"),
    (RiskLimitConformance, Silent(), "test_whatever_does_not_pass_has_a_reason"),
    (RiskLimitConformance, Growing(), "test_shrinking_leaves_less_than_was_asked_and_more_than_nothing"),
    (RiskLimitConformance, Forgetful(), "test_the_same_question_gets_the_same_verdict"),
    (RiskLimitConformance, Forgetful(), "test_checking_changes_no_option"),
]


@pytest.mark.parametrize(
    ("suite", "tool", "test"), WRONG, ids=[f"{type(tool).__name__}-{test}" for _, tool, test in WRONG]
)
def test_what_does_not_keep_to_its_port_is_caught(suite: type[Any], tool: Any, test: str) -> None:
    checked = type("Checked", (suite,), {"tool": tool})()

    with pytest.raises(AssertionError):
        getattr(checked, test)()


def test_conformance_suites_say_what_is_wrong_in_words() -> None:
    checked = type("Checked", (SizerConformance,), {"tool": Negative()})()

    with pytest.raises(AssertionError, match="gave Decimal"):
        checked.test_sizes_are_finite_decimals_and_never_negative()
