"""Which fills are booked: one that comes again is ignored and counted, another one of the same id is an error."""

from decimal import Decimal
from operator import attrgetter
from typing import TYPE_CHECKING

from qtrader.errors import RunError
from qtrader.ports import Snapshot

if TYPE_CHECKING:
    from qtrader.events import FillEvent

FIELDS = (
    "strategy_id", "symbol", "side", "quantity", "price", "currency", "commission", "commission_currency",
    "executed_at", "source_order_id",
)  # fmt: skip
"""What makes two fills the same."""
_content = attrgetter(*FIELDS)


class BookedFills:
    """The fills that were booked, by id, each with its content as text."""

    def __init__(self) -> None:
        self._contents: dict[str, str] = {}
        self.duplicates = 0
        """How many fills came again and were ignored."""

    def __contains__(self, fill_id: str) -> bool:
        """Whether a fill of this id was booked."""
        return fill_id in self._contents

    def add(self, fill: "FillEvent") -> None:
        """Note a fill that has just been booked."""
        self._contents[fill.fill_id] = "\n".join(map(str, _content(fill)))

    def comes_again(self, fill: "FillEvent") -> bool:
        """Whether the fill is booked already. Raises RunError where it differs from the one that was."""
        before = self._contents.get(fill.fill_id)
        if before is None:
            return False
        pairs = zip(FIELDS, before.split("\n"), _content(fill), strict=True)
        changed = [f"{name} {old} and now {new}" for name, old, new in pairs if _differ(old, new)]
        if changed:
            raise RunError(
                f"fill {fill.fill_id!r} of {fill.symbol} is booked already, and was another one: {', '.join(changed)}. "
                f"A fill id may come once; give each its own"
            )
        self.duplicates += 1
        return True

    def snapshot(self) -> Snapshot:
        """Everything as plain JSON values."""
        return {"contents": dict(self._contents), "duplicates": self.duplicates}

    def restore(self, snapshot: Snapshot) -> None:
        """Become the fills that made the snapshot."""
        self._contents, self.duplicates = dict(snapshot["contents"]), snapshot["duplicates"]


def _differ(before: str, now: object) -> bool:
    return Decimal(before) != now if isinstance(now, Decimal) else before != str(now)
