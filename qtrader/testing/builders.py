"""Builders of values, an account to ask, and a bus that remembers."""

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any, TypeVar

import qtrader_contracts
from qtrader.contracts import from_contract
from qtrader.events import BaseEvent, EventBus, PriceBarEvent
from qtrader.ports import FillValue, SizeRequest, WorkingOrder

E = TypeVar("E", bound=BaseEvent)


def example(kind: type[E], /, **changes: Any) -> E:
    """An event made by hand from its contract's example, with some fields changed; checked like any other."""
    stem = kind.contract().rpartition("/")[2]
    found = from_contract(qtrader_contracts.examples(kind.contract())[f"{stem}.example.json"])
    payload = {name: value for name, value in found.__dict__.items() if name != "origin"}
    return kind(**{**payload, **changes})


def request(*, equity: str = "100000", unit_value: str = "50", **values: Any) -> SizeRequest:
    """A size request; amounts as text."""
    price = Decimal(unit_value)
    base = SizeRequest("s", "AAPL", "buy", price, price, Decimal(equity), Decimal(equity))
    return base._replace(**values)


def bar(
    symbol: str = "AAPL", *, prices: str = "10 12 9 11", volume: str | None = "1000", day: int = 2
) -> PriceBarEvent:
    """A daily bar of January 2020; ``prices`` are open, high, low and close."""
    open_, high, low, close = (Decimal(text) for text in prices.split())
    return PriceBarEvent(
        symbol=symbol,
        asset_class="equity",
        interval="1d",
        timestamp=datetime(2020, 1, day, 21, tzinfo=UTC),
        session=date(2020, 1, day),
        open=open_,
        high=high,
        low=low,
        close=close,
        volume=None if volume is None else Decimal(volume),
        currency="USD",
    )


def bars(closes: Sequence[int | str], symbol: str = "AAPL") -> list[PriceBarEvent]:
    """Daily bars from 2 January 2020 on with these closes, one each day, each opening at the close before."""
    made = []
    for number, close in enumerate(map(Decimal, closes)):
        opened = Decimal(closes[max(0, number - 1)])
        prices = f"{opened} {max(opened, close)} {min(opened, close)} {close}"
        moment = datetime(2020, 1, 2, 21, tzinfo=UTC) + timedelta(days=number)
        made.append(bar(symbol, prices=prices).model_copy(update={"timestamp": moment, "session": moment.date()}))
    return made


def order(side: Any = "buy", quantity: str = "100", **values: Any) -> WorkingOrder:
    """A working market order."""
    return WorkingOrder("o-1", "AAPL", side, Decimal(quantity))._replace(**values)


def fill(side: Any = "buy", quantity: str = "100", price: str = "10") -> FillValue:
    """A fill before its costs."""
    return FillValue("AAPL", side, Decimal(quantity), Decimal(price))


class books:  # noqa: N801 - reads as a builder: books(equity="1000", AAPL="10")
    """An account as limits see it; every unit is worth 50.

    ``sectors`` and ``volumes`` are by symbol. ``peak`` and ``before``, the highest equity and that at the last
    session's end, are the equity unless given.
    """

    def __init__(
        self,
        equity: str = "100000",
        cash: str | None = None,
        *,
        peak: str | None = None,
        before: str | None = None,
        sectors: Mapping[str, str] | None = None,
        volumes: Mapping[str, str] | None = None,
        **held: str,
    ) -> None:
        self.equity = Decimal(equity)
        self.cash = Decimal(equity if cash is None else cash)
        self.peak_equity = Decimal(equity if peak is None else peak)
        self.session_equity = Decimal(equity if before is None else before)
        self._sectors, self._volumes = dict(sectors or {}), dict(volumes or {})
        self._held = {symbol: Decimal(quantity) for symbol, quantity in held.items()}

    def quantity(self, symbol: str, strategy_id: str | None = None) -> Decimal:  # noqa: ARG002 - one strategy holds all
        """Units held."""
        return self._held.get(symbol, Decimal(0))

    def exposures(self) -> Mapping[str, Decimal]:
        """Signed values."""
        return {symbol: 50 * quantity for symbol, quantity in self._held.items() if quantity}

    def sector(self, symbol: str) -> str | None:
        """As given."""
        return self._sectors.get(symbol)

    def volume(self, symbol: str) -> Decimal | None:
        """As given; unknown otherwise."""
        volume = self._volumes.get(symbol)
        return None if volume is None else Decimal(volume)


class RecordingBus(EventBus):
    """A bus that is easy to ask what was published on it."""

    def of(self, topic: str) -> list[BaseEvent]:
        """Every event of a topic, in order."""
        return [event for event in self.history if event.topic == topic]

    def topics(self) -> list[str]:
        """The topics of all events, in order."""
        return [event.topic for event in self.history]
