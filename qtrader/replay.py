"""Running a stored run again, and finding the first event that differs."""

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import zip_longest
from typing import TYPE_CHECKING, Any

from qtrader.errors import VerifyError
from qtrader.events import BaseEvent

if TYPE_CHECKING:
    from qtrader.result import Result

IDENTITY_ONLY = ("event_id", "correlation_id", "causation_id")
"""Envelope fields made from the run digest: they differ between runs that are event for event the same."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """A run that reproduced: its event digest, and what of its code or libraries has changed without changing it."""

    digest: str
    changed: tuple[str, ...] = ()

    def __str__(self) -> str:
        """The verdict in words."""
        return "\n".join([f"same digest {self.digest}", *(f"although {line}" for line in self.changed)])


def verify(result: "Result") -> Verdict:
    """Run it again from what was stored. Raises VerifyError naming the first event that differs."""
    if result.manifest["status"] != "done":
        raise VerifyError(
            f"{result.run_id} failed when it was run ({result.manifest.get('error')}): there is nothing to verify"
        )
    again = run_again(result)
    if not result.manifest.get("archived", True):
        result.log.market = again.log.market
    changed = tuple(differences(result.manifest["identity"], again.manifest["identity"]))
    if again.digest == result.digest:
        return Verdict(result.digest, changed)
    because = (
        "".join(f"\n  {line}" for line in changed)
        or "\n  config, data and code are the same: look for a clock or chance"
    )
    raise VerifyError(f"{result.run_id} does not reproduce: {first_difference(result.log, again.log)}{because}")


def run_again(result: "Result") -> "Result":
    """Play the run's config again, on its archived bars where there are some, else on the source's."""
    from qtrader.engine.backtest_engine import BacktestEngine

    if result.recipe is not None:
        return BacktestEngine.from_config(result.recipe, market=result.log.market).run()
    base = None
    if result.folder is not None and result.manifest.get("base"):
        base = (result.folder / result.manifest["base"]).resolve()
    market = result.log.market if result.manifest.get("archived", True) else None
    return BacktestEngine.from_config(result.config, base_dir=base, market=market).run()


def differences(before: Mapping[str, Any], after: Mapping[str, Any], path: str = "") -> list[str]:
    """Every key at which two nested mappings differ, in words."""
    found = []
    for key in sorted({*before, *after}):
        old, new = before.get(key), after.get(key)
        if isinstance(old, Mapping) and isinstance(new, Mapping):
            found += differences(old, new, f"{path}{key}.")
        elif old != new:
            found.append(f"{path}{key} was {old!r} and is {new!r}")
    return found


def first_difference(before: Any, after: Any) -> str:
    """The first event at which two logs part, and how."""
    from qtrader.contracts import to_contract

    old: BaseEvent | None
    new: BaseEvent | None
    for seq, (old, new) in enumerate(zip_longest(before, after)):
        if old is None or new is None:
            longer = "the stored run" if new is None else "the new run"
            return f"event {seq} ({(old or new).topic}) is only in {longer}"
        mine, theirs = (canonical(to_contract(event), event) for event in (old, new))
        if mine != theirs:
            if old.topic != new.topic:
                return f"event {seq} was {old.topic} and is {new.topic}"
            return f"event {seq} ({old.topic} at {mine['occurred_at']}): {'; '.join(differences(mine, theirs))}"
    return "no event differs, so the bars themselves do"


def canonical(document: Mapping[str, Any], event: BaseEvent) -> dict[str, Any]:
    """A document of the canonical stream: places in the run instead of ids made from the run digest."""
    kept = {key: value for key, value in document.items() if key not in IDENTITY_ONLY}
    return {**kept, "seq": event.origin.seq, "cause": event.origin.cause, "corr": event.origin.corr}
