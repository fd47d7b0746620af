"""What every sizer and every risk limit must do."""

import copy
from collections.abc import Sequence
from decimal import Decimal
from typing import ClassVar

from qtrader.ports import Intent, RiskLimit, RiskView, Sizer, SizeRequest
from qtrader.testing.builders import books, request
from qtrader.testing.tools import PureToolConformance, finite


class SizerConformance(PureToolConformance):
    """A sizer is pure, deterministic, finite and never negative."""

    requests: ClassVar[Sequence[SizeRequest]] = (
        request(),
        request(equity="0"),
        request(equity="0", cash=Decimal(-500)),
        request(equity="0.01", unit_value="99999"),
        request(unit_value="0.00012345"),
        request(side="sell"),
    )

    def test_it_is_a_sizer(self) -> None:
        """It has ``size``."""
        assert isinstance(self.tool, Sizer)

    def test_sizes_are_finite_decimals_and_never_negative(self) -> None:
        """Whatever the account looks like."""
        for one in self.requests:
            quantity = self.tool.size(one).quantity

            assert finite(quantity), f"{one} gave {quantity!r}"
            assert quantity >= 0, f"{one} gave {quantity!r}"

    def test_the_same_request_gives_the_same_size(self) -> None:
        """No state, no chance."""
        for one in self.requests:
            assert self.tool.size(one) == self.tool.size(one)

    def test_inputs_explain_the_size_in_decimals(self) -> None:
        """They go into the decision event."""
        for one in self.requests:
            assert all(finite(value) for value in self.tool.size(one).inputs.values())

    def test_sizing_changes_no_option(self) -> None:
        """A tool is a value."""
        before = copy.deepcopy(self.tool)
        for one in self.requests:
            self.tool.size(one)

        assert before == self.tool


class RiskLimitConformance(PureToolConformance):
    """A limit is pure, gives a reason unless it passes, and shrinks to less than was asked."""

    intents: ClassVar[Sequence[Intent]] = (
        Intent("s", "AAPL", "buy", Decimal(100), Decimal(50)),
        Intent("s", "AAPL", "buy", Decimal(1_000_000), Decimal(50)),
        Intent("s", "AAPL", "buy", Decimal("0.001"), Decimal("0.00012345")),
        Intent("s", "AAPL", "sell", Decimal(100), Decimal(50)),
    )
    accounts: ClassVar[Sequence[RiskView]] = (
        books(),
        books("0"),
        books("-500"),
        books("1000", AAPL="10"),
        books("1000", AAPL="-10", MSFT="7"),
        books("900", peak="1000", before="950", volumes={"AAPL": "0"}),
        books("900", sectors={"AAPL": "Technology"}, volumes={"AAPL": "1000"}, AAPL="1"),
    )

    def test_it_is_a_limit(self) -> None:
        """It has ``check``."""
        assert isinstance(self.tool, RiskLimit)

    def test_the_same_question_gets_the_same_verdict(self) -> None:
        """No state, no chance."""
        for intent in self.intents:
            for account in self.accounts:
                assert self.tool.check(intent, account) == self.tool.check(intent, account)

    def test_whatever_does_not_pass_has_a_reason(self) -> None:
        """It goes into the decision, or the refusal, for people to read."""
        for intent in self.intents:
            for account in self.accounts:
                verdict = self.tool.check(intent, account)

                assert verdict.outcome in ("pass", "shrink", "refuse"), f"{intent} gave {verdict}"
                assert verdict.outcome == "pass" or verdict.reason, f"{intent} gave {verdict}"

    def test_shrinking_leaves_less_than_was_asked_and_more_than_nothing(self) -> None:
        """What leaves nothing is a refusal."""
        for intent in self.intents:
            for account in self.accounts:
                verdict = self.tool.check(intent, account)
                if verdict.outcome == "shrink":
                    assert finite(verdict.quantity), f"{intent} gave {verdict}"
                    assert 0 < verdict.quantity < intent.quantity, f"{intent} gave {verdict}"

    def test_checking_changes_no_option(self) -> None:
        """A tool is a value."""
        before = copy.deepcopy(self.tool)
        for intent in self.intents:
            for account in self.accounts:
                self.tool.check(intent, account)

        assert before == self.tool
