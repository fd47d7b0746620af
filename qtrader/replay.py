"""Running a stored run again, and finding the first event that differs."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import zip_longest
from pathlib import Path
from typing import TYPE_CHECKING, Any

from qtrader.config import settings_from_dict
from qtrader.errors import RunError, VerifyError
from qtrader.events import BaseEvent
from qtrader.requirements import editable
from qtrader.stored_files import changed as changed_files

if TYPE_CHECKING:
    from qtrader.config import LoadedConfig
    from qtrader.result import Result

_SHA256 = re.compile("[0-9a-f]{64}")
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
        if result.log.digest() == result.digest:
            _require_rest(result, again)
            return Verdict(result.digest, changed)
        raise VerifyError(
            f"{result.run_id}: its stored events are not those that it wrote: {first_difference(result.log, again.log)}"
        )
    if again.digest == result.log.digest() and (upcast := result.manifest.get("upcast")):
        read = [f"events of {old} were read as {new}" for old, new in upcast.items()]
        return Verdict(again.digest, (*changed, *read))
    if again.digest == result.log.digest():
        raise VerifyError(
            f"{result.run_id}: its manifest gives digest {result.digest}, but its events have {again.digest}, and so "
            "they have when it runs again: the manifest was changed"
        )
    because = "".join(
        f"\n  {line}" for line in changed
    ) or "\n  config, data and versions are the same: look for a clock or chance." + editable(
        again.manifest["identity"]["distributions"]
    )
    raise VerifyError(f"{result.run_id} does not reproduce: {first_difference(result.log, again.log)}{because}")


def _require_rest(result: "Result", again: "Result") -> None:
    """The rest of what was stored is that of this run, too. Raises VerifyError naming what is not."""
    from qtrader.wiring import digest_of_facts

    manifest = result.manifest
    wrong = [
        f"its manifest says {key} {manifest[key]!r}, and running it again gives {again.manifest[key]!r}"
        for key in ("counts", "events", "trades")
        if manifest[key] != again.manifest[key]
    ]
    if digest_of_facts(manifest["identity"]) != manifest["run_digest"]:
        wrong.append("the identity in its manifest is not the one that its run digest was made of")
    if result.folder is not None:
        wrong += changed_files(result.folder, manifest)
    if wrong:
        raise VerifyError(
            f"{result.run_id}: its events are those of the run, but not all that was stored beside them: "
            f"{'; '.join(wrong)}. Run it again, and keep that"
        )


def run_again(result: "Result") -> "Result":
    """Play the run's config again, on its archived bars where there are some, else on the source's."""
    from qtrader.engine.backtest_engine import BacktestEngine

    if result.recipe is not None:
        return BacktestEngine.from_config(result.recipe, market=result.log.market).run()
    market = result.log.market if result.manifest.get("archived", True) else None
    config = stored_config(result)
    try:
        return BacktestEngine.from_config(config, market=market).run()
    except RunError as error:
        raise VerifyError(f"{result.run_id} does not reproduce: it fails now. {error}") from error


def stored_config(result: "Result") -> "LoadedConfig":
    """The run's configuration as it was stored, its paths leading where they led."""
    base = None
    if result.folder is not None and result.manifest.get("base"):
        base = (result.folder / result.manifest["base"]).resolve()
    shown = f"config of {result.run_id}"
    return settings_from_dict(result.config, base_dir=base, shown=shown, folders=_folders(result))


def _folders(result: "Result") -> dict[str, Path]:
    """Where the run's relative paths start, by key, where that is not the folder of its configuration."""
    if result.folder is None:
        return {}
    return {key: (result.folder / path).resolve() for key, path in result.manifest.get("folders", {}).items()}


def differences(before: Mapping[str, Any], after: Mapping[str, Any], path: str = "") -> list[str]:
    """Every key at which two nested mappings differ, in words."""
    found = []
    for key in sorted({*before, *after}):
        old, new = before.get(key), after.get(key)
        if isinstance(old, Mapping) and isinstance(new, Mapping):
            found += differences(old, new, f"{path}{key}.")
        elif old != new:
            found.append(f"{path}{key} was {_told(old)} and is {_told(new)}")
    return found


def _told(value: Any) -> str:
    """A value in a message; of a SHA-256 the first digits are enough."""
    return repr(f"{value[:12]}..." if isinstance(value, str) and _SHA256.fullmatch(value) else value)


def first_difference(before: Any, after: Any) -> str:
    """The first event at which two logs part, and how."""
    from qtrader.contracts import to_contract

    old: BaseEvent | None
    new: BaseEvent | None
    for seq, (old, new) in enumerate(zip_longest(before, after)):
        if old is None or new is None:
            longer = "the stored run" if new is None else "the new run"
            return f"event {seq} ({(old or new).topic}) is only in {longer}"
        if type(old) is type(new) and old.origin[1:] == new.origin[1:] and _payload(old) == _payload(new):
            continue
        mine, theirs = (canonical(to_contract(event), event) for event in (old, new))
        if mine != theirs:
            if old.topic != new.topic:
                return f"event {seq} was {old.topic} and is {new.topic}"
            return f"event {seq} ({old.topic} at {mine['occurred_at']}): {'; '.join(differences(mine, theirs))}"
    return "no event differs, so the bars themselves do"


def _payload(event: BaseEvent) -> dict[str, Any]:
    return {name: value for name, value in event.__dict__.items() if name != "origin"}


def canonical(document: Mapping[str, Any], event: BaseEvent) -> dict[str, Any]:
    """A document of the canonical stream: places in the run instead of ids made from the run digest."""
    kept = {key: value for key, value in document.items() if key not in IDENTITY_ONLY}
    return {**kept, "seq": event.origin.seq, "cause": event.origin.cause, "corr": event.origin.corr}
