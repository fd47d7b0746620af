"""Playing a world: the run, the checks, what came up, and the smallest world that still breaks a rule."""

import tempfile
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from qtrader import BacktestEngine, Result
from qtrader.errors import IdempotencyConflict, QTraderError
from qtrader.events import OrderEvent
from qtrader_simulate.checks import Checked
from qtrader_simulate.features import dice
from qtrader_simulate.world import SHARE, World


@dataclass
class Played:
    """What became of a world: its faults, the digest of its events, and how often what came up."""

    world: World
    faults: list[str] = field(default_factory=list)
    digest: str = ""
    counts: Counter[str] = field(default_factory=Counter)


class Repeats:
    """Sends orders again: as they were, which changes nothing, and changed under the same key, which is a conflict."""

    def __init__(self, engine: BacktestEngine, seed: int) -> None:
        self._execution: Any = engine.services["execution"]
        self._seed = seed
        self.sent = 0
        self.faults: list[str] = []
        engine.event_bus.subscribe("order", self.hear)

    def hear(self, order: OrderEvent) -> None:
        """Now and then, send it again."""
        if dice("again", self._seed, order.order_id).random() > 0.3:
            return
        self.sent += 1
        if not self._execution.submit(order).duplicate:
            self.faults.append(f"{order.order_id}: sent again, and not known")
        try:
            self._execution.submit(order.model_copy(update={"quantity": order.quantity + 1}))
        except IdempotencyConflict as conflict:
            if "quantity" not in str(conflict):
                self.faults.append(f"{order.order_id}: the conflict does not name the quantity: {conflict}")
        else:
            self.faults.append(f"{order.order_id}: another quantity under the same key was taken")

    def check(self) -> list[str]:
        """What is wrong, the count of duplicates included."""
        if self._execution.duplicates != self.sent:
            self.faults.append(f"{self._execution.duplicates} duplicates counted of {self.sent}")
        return self.faults


def play(world: World, *, twice: bool = False) -> Played:
    """Play a world and check it; ``twice``: and again, for the same digest."""
    played = Played(world)
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        world.write(folder)
        try:
            result = _run(world, folder, played)
            if twice and _run(world, folder, Played(world)).digest != result.digest:
                played.faults.append("played twice, it has two digests")
        except QTraderError as error:
            played.faults.append(f"it stopped: {error}")
    return played


def _run(world: World, folder: Path, played: Played) -> Result:
    engine = world.engine(folder)
    repeats = Repeats(engine, world.seed) if "repeats" in world.features else None
    result = engine.run()
    played.digest = result.digest
    share = SHARE if "shares" in world.features else None
    checked = Checked(result, share=share, exact="slippage" not in world.features)
    played.faults += checked.check()
    if repeats is not None:
        played.faults += repeats.check()
        played.counts["sent again"] += repeats.sent
    _count(checked, world, played.counts)
    return result


def _count(checked: Checked, world: World, counts: Counter[str]) -> None:
    """Features, changes of status, types with their time in force, and what happened to orders."""
    counts.update(f"feature {one}" for one in world.features)
    counts[f"fill policy {world.fill}"] += 1
    for order in checked.orders.values():
        counts[f"order {order.order_type} {order.time_in_force}"] += 1
        before = None
        for update in checked.updates[order.order_id]:
            if before is not None and update.status is not before:
                counts[f"{before.value}>{update.status.value}"] += 1
            elif update.trigger in ("triggered", "replace", "replace_refused", "cancel_refused"):
                counts[update.trigger] += 1
            before = update.status
        counts["fills"] += len(checked.fills[order.order_id])


def smallest(world: World) -> World:
    """Leave features out, one at a time, as long as a rule still breaks."""
    for feature in sorted(world.features):
        smaller = World(world.seed, world.features - {feature})
        if play(smaller).faults:
            world = smaller
    return world
