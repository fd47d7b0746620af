"""The last sentence of many messages: what was probably meant."""

from collections.abc import Iterable
from difflib import get_close_matches


def did_you_mean(wrong: str, known: Iterable[str]) -> str:
    """Name the nearest known name in a sentence with a leading space, or say nothing when none is near."""
    near = get_close_matches(wrong, sorted(set(known)), n=1, cutoff=0.6)
    return f" Did you mean {near[0]!r}?" if near else ""
