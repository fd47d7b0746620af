"""One decision while it is made: who asked for what, the numbers used, and every check's answer."""

import hashlib
from dataclasses import dataclass, field
from decimal import Decimal
from functools import lru_cache
from typing import Any, NamedTuple

from qtrader.events import Check, FrozenMap, OrderRequestEvent, SignalEvent
from qtrader.ports import LEDGER, Instrument, SignalIntention, plain

FINEST = Decimal("1E-18")
WISHES = (
    "order_type", "limit_price", "stop_price", "trail_amount", "trail_percent", "time_in_force", "expire_at",
)  # fmt: skip
"""How a signal wishes for its order."""


@lru_cache(maxsize=1024)
def shown(value: Decimal) -> str:
    """A number for the record, to 18 decimals."""
    text = plain(value)
    if len(text) - text.find(".") <= 19 or "." not in text:
        return text
    return plain(value.quantize(FINEST, context=LEDGER))


@dataclass(slots=True)
class Case:
    """A signal or a hand order under decision; ``inputs`` and ``checks`` go into the decision event."""

    intent_id: str
    strategy_id: str
    symbol: str
    intention: SignalIntention | None = None
    signal_id: str | None = None
    inputs: dict[str, Decimal] = field(default_factory=dict)
    checks: list[Check] = field(default_factory=list)
    freed: Decimal = Decimal(0)
    """Money that sales of the same instant will bring, where a target counts on it."""

    @classmethod
    def of_signal(cls, signal: SignalEvent, honoured: list[Any]) -> "Case":
        """Open the case of a signal; wishes that the policy does not honour are noted, never dropped in silence."""
        wished = [name for name in WISHES if getattr(signal, name) is not None]
        if signal.stop_loss is None and signal.take_profit is None and not wished:
            return cls(signal.signal_id, signal.strategy_id, signal.symbol, signal.intention, signal.signal_id)
        checks = [
            Check(name=name, outcome="pass", reason=f"{plain(wish)} is not honoured by this policy")
            for name, wish in (("stop_loss", signal.stop_loss), ("take_profit", signal.take_profit))
            if wish is not None and name not in honoured
        ]
        if wished and "order" not in honoured:
            told = f"{', '.join(f'{name} {getattr(signal, name)}' for name in wished)} is not honoured by this policy"
            checks.append(Check(name="order", outcome="pass", reason=told))
        signal_id = signal.signal_id
        return cls(signal_id, signal.strategy_id, signal.symbol, signal.intention, signal_id, checks=checks)

    @classmethod
    def of_request(cls, request: OrderRequestEvent) -> "Case":
        """Open the case of a hand order."""
        return cls(request.request_id, request.strategy_id, request.symbol)

    @property
    def decision_id(self) -> str:
        """The id of the decision."""
        return f"{self.intent_id}-D"

    @property
    def shown_inputs(self) -> FrozenMap[str, str]:
        """The numbers used, as text, by name."""
        return FrozenMap({name: shown(value) for name, value in self.inputs.items()})

    def order_id(self, leg: int = 1) -> str:
        """The id of one leg's order."""
        return f"{self.intent_id}-{leg}"

    def idempotency_key(self, leg: int = 1, attempt: int = 1) -> str:
        """The key of one attempt at one leg: a hash of strategy, intent, leg and attempt, the same in every run."""
        text = f"{self.strategy_id}\n{self.intent_id}\n{leg}\n{attempt}"
        return hashlib.sha256(text.encode()).hexdigest()[:32]


class Quote(NamedTuple):
    """What one unit costs now: ``price`` in the instrument's currency, ``unit_value`` in the account's."""

    instrument: Instrument
    price: Decimal
    unit_value: Decimal
