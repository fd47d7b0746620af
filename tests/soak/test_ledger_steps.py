"""A sample of the long run: ``python tests/soak/ledger_steps.py`` takes a million steps."""

from fractions import Fraction

import pytest
from ledger_steps import DiffersError, Soak, run


def test_fifty_thousand_steps_are_what_the_naive_books_say() -> None:
    assert run(50_000, seed=1).service.ledger.transactions > 100_000


@pytest.mark.parametrize("seed", range(2, 6))
def test_other_seeds_hold_too(seed: int) -> None:
    assert run(1_000, seed).count > 500


def compare(soak: Soak, steps: int) -> None:
    for _ in zip(range(steps), soak.steps(), strict=False):
        soak.compare_cash()


@pytest.mark.parametrize("amount", ["commission", "quantity"])
def test_a_fill_that_was_heard_wrong_is_noticed(amount: str) -> None:
    """The comparison can fail."""
    soak = Soak(7)
    heard = soak.service.on_fill
    soak.service.on_fill = lambda fill: heard(fill.model_copy(update={amount: getattr(fill, amount) + 1}))  # type: ignore[method-assign]
    soak.guard.on_fill = lambda fill: None  # type: ignore[method-assign] - which would notice first

    with pytest.raises(DiffersError, match=r"^cash: found"):
        compare(soak, 20)


def test_a_rate_that_differs_by_a_millionth_is_noticed() -> None:
    soak = Soak(7)
    soak.naive.borrow += Fraction(1, 10**6)

    with pytest.raises(DiffersError, match=r"^(equity|cash)"):
        compare(soak, 200)
