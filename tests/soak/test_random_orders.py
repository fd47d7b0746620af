"""A sample of the random worlds of orders; ``python tests/soak/random_orders.py`` plays more."""

from pathlib import Path

import pytest
from random_orders import Checked, check, play, write_world

from qtrader.events import OrderUpdateEvent

HUGE = {"quantity": 10**6, "price": 10**6, "reference_price": 10**6}
WANTED = {
    "FILLED", "PARTIAL", "CANCELED", "EXPIRED", "triggered", "replace", "oco", "parent", "IOC", "FOK",
}  # fmt: skip


@pytest.mark.parametrize("seed", range(30))
def test_nothing_is_wrong_with_a_world(seed: int) -> None:
    assert check(seed) == []


def test_the_worlds_have_what_they_are_for(tmp_path: Path) -> None:
    """Every end, triggers, replacements, parts and brackets: otherwise they would agree on nothing."""
    seen: set[str] = set()
    for seed in (1, 2, 3):
        folder = tmp_path / str(seed)
        folder.mkdir()
        symbols, splits = write_world(folder, seed)
        result = play(folder, symbols, seed, "next-open", actions=bool(splits))
        for update in result.log.discrete_events("order_update"):
            assert isinstance(update, OrderUpdateEvent)
            seen |= {update.status.value, update.trigger, (update.reason or "").split(":")[0].split(" ")[0]}

    assert set() == WANTED - seen


def test_what_is_wrong_would_be_seen(tmp_path: Path) -> None:
    """A fill that is left out, one that is too large, and an order that goes on after its end."""
    symbols, splits = write_world(tmp_path, 1)
    checked = Checked(play(tmp_path, symbols, 1, "next-open", actions=bool(splits)), splits)
    filled = [name for name, fills in checked.fills.items() if fills]
    checked.fills[filled[0]].pop()
    checked.fills[filled[1]][0] = checked.fills[filled[1]][0].model_copy(update=HUGE)
    checked.updates[filled[2]].append(checked.updates[filled[2]][0])
    told = "\n".join(checked.check())

    assert f"{filled[0]}: " in told
    assert "is not in the bar" in told
    assert "filled of" in told
    assert f"{filled[2]}: received after FILLED" in told
