"""What worlds are made of: each seed leaves out a random half, so that rare mixes come up."""

import random

FEATURES = (
    "limits", "stops", "trailing", "auctions", "times", "brackets", "by_hand", "cancels", "replaces", "closes", "flips",
    "repeats", "splits", "dividends", "delistings", "halts", "gaps", "jumps", "shares", "fees", "slippage", "exchange",
)  # fmt: skip
"""Kinds of orders, what the strategy does, what happens to instruments, and how the market takes orders."""


def dice(*parts: object) -> random.Random:
    """A source of chance that hangs on its parts alone."""
    return random.Random(":".join(map(str, parts)))


def features_of(seed: int) -> frozenset[str]:
    """The features of a seed's world."""
    return frozenset(dice("features", seed).sample(FEATURES, len(FEATURES) // 2))
