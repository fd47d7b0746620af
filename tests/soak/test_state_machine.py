"""The books as a state machine: Hypothesis chooses what comes next, and finds the shortest way to what does not hold.

The oracle is that of the long run, in fractions, and the kernel's guard looks on.
"""

from fractions import Fraction
from random import Random
from unittest.mock import MagicMock

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)
from ledger_steps import DiffersError, Soak

dice = st.randoms(use_true_random=False)
OPEN, TRADING, CLOSE = 14, 15, 21


class Books(RuleBasedStateMachine):
    """A session: at most one act of a company at its open, then fills, then its end; a restart at any time."""

    @initialize(random=dice)
    def begin(self, random: Random) -> None:
        self.soak = Soak(0)
        self.soak.random = self.soak.acts.random = random
        self.hour = OPEN

    def at(self, hour: int) -> None:
        self.hour = self.soak.market.hour = hour

    @precondition(lambda self: self.hour == OPEN)
    @rule()
    def act(self) -> None:
        self.at(OPEN)
        self.soak.acts.one()
        self.hour = TRADING

    @rule(number=st.integers(1, 3))
    def fill(self, number: int) -> None:
        self.at(TRADING)
        for _ in range(number):
            self.soak.fill()
            self.soak.compare_cash()

    @rule()
    def end_session(self) -> None:
        """Units and equity are compared in it."""
        self.at(CLOSE)
        self.soak.end_session()
        self.hour = OPEN

    @rule()
    def restart(self) -> None:
        self.soak.restart()

    @invariant()
    def identities_hold(self) -> None:
        self.soak.compare_cash()
        self.soak.audit()


Books.TestCase.settings = settings(
    max_examples=100, stateful_step_count=40, deadline=None, suppress_health_check=[*HealthCheck]
)
TestBooks = Books.TestCase


QUICKLY = settings(Books.TestCase.settings, max_examples=200, phases=[Phase.generate], report_multiple_bugs=False)
"""Found is enough: nothing is made shorter."""


class Generous(Books):
    """Pays a cent more than asked for every fill."""

    @initialize(random=dice)
    def begin(self, random: Random) -> None:
        super().begin(random)
        self.soak.guard = MagicMock()  # the other one would notice first
        fill = self.soak.naive.fill
        self.soak.naive.fill = lambda key, units, price, fee: fill(key, units, price, fee + Fraction(1, 100))


def test_a_cent_is_found() -> None:
    """The machine can fail."""
    with pytest.raises(DiffersError, match="cash: found"):
        run_state_machine_as_test(Generous, settings=QUICKLY)
