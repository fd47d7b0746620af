"""What sizers and limits may ask about: closes, closed trades, exposures, equity at session ends."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import pytest

from qtrader.events import TradeEvent, ValuationEvent
from qtrader.ports import Instrument, Intent, RiskView, Size, SizeRequest, TradeStatistics, Verdict
from qtrader.testing import example


@dataclass
class Curious:
    """Asks for closes; remembers what it was handed."""

    closes_needed: int = 3
    peers: bool = False

    def __post_init__(self) -> None:
        self.seen: list[SizeRequest] = []

    def size(self, request: SizeRequest) -> Size:
        self.seen.append(request)
        return Size(Decimal(1))


@dataclass
class Looker:
    """A limit that keeps what the account showed it."""

    def __post_init__(self) -> None:
        self.seen: list[Any] = []

    def check(self, intent: Intent, books: RiskView) -> Verdict:
        assert isinstance(books, RiskView)
        volume, sector = books.volume(intent.symbol), books.sector(intent.symbol)
        self.seen.append((dict(books.exposures()), books.peak_equity, books.session_equity, volume, sector))
        return Verdict("pass")


def closed(net: int, strategy: str = "s") -> TradeEvent:
    return example(
        TradeEvent, strategy_id=strategy, gross_pnl=Decimal(net), commission=Decimal(0), net_pnl=Decimal(net),
        mae=Decimal(min(net, 0)), mfe=Decimal(max(net, 0)), currency="USD",
    )  # fmt: skip


def worth(amount: int) -> ValuationEvent:
    return example(
        ValuationEvent, equity=Decimal(amount), cash=Decimal(amount), market_value=Decimal(0),
        receivables=Decimal(0), payables=Decimal(0), accruals=Decimal(0), currency="USD",
    )  # fmt: skip


def test_a_sizer_that_asks_for_nothing_gets_no_closes(kit: Any) -> None:
    sizer = kit.Share()
    kit.World(sizer=sizer).signal()

    assert sizer.seen[0].closes == {}


def test_a_sizer_gets_the_latest_closes_of_the_symbol_oldest_first(kit: Any) -> None:
    sizer = Curious()
    world = kit.World(sizer=sizer)
    for day, close in enumerate(("51", "52.5", "53"), 3):
        world.bar(close, day=day)
    world.bar("7", symbol="B", day=6)
    world.signal()

    assert sizer.seen[0].closes == {"A": (Decimal(51), Decimal("52.5"), Decimal(53))}


def test_peers_are_every_symbol_of_the_run(kit: Any) -> None:
    sizer = Curious(closes_needed=2, peers=True)
    world = kit.World(sizer=sizer)
    world.bar("7", symbol="B", day=3)
    world.signal()

    assert sizer.seen[0].closes == {"A": (Decimal(50),), "B": (Decimal(7),)}


def test_trades_are_counted_by_strategy_net_of_fees(kit: Any) -> None:
    """Won 30 and 12, lost 5; one brought nothing; another strategy's counts for itself."""
    sizer = Curious()
    world = kit.World(sizer=sizer)
    for net in (30, -5, 0, 12):
        world.bus.publish(closed(net))
    world.bus.publish(closed(-99, "other"))
    world.signal()

    assert sizer.seen[0].trades == TradeStatistics(2, 1, Decimal(42), Decimal(5))


def test_closed_trades_survive_a_restart(kit: Any) -> None:
    sizer = Curious()
    world = kit.World(sizer=sizer)
    world.bus.publish(closed(30))
    world.reborn()
    world.signal()

    assert sizer.seen[0].trades == TradeStatistics(1, 0, Decimal(30), Decimal(0))


def test_limits_see_exposures_with_what_is_on_its_way(kit: Any) -> None:
    """10 A held at 50, then an order for 1 more is on its way when B is asked about: 11 * 50."""
    look = Looker()
    world = kit.World(sizer=kit.Units(Decimal(1)), limits={"look": look}, already_open="add")
    world.hold("10")
    world.bar("7", symbol="B", day=3)
    world.signal()
    world.signal(number=2, symbol="B", price=Decimal(7))

    assert [seen[0] for seen in look.seen] == [{"A": Decimal(500)}, {"A": Decimal(550)}]


def test_exposures_count_the_multiplier(kit: Any) -> None:
    look = Looker()
    world = kit.World(limits={"look": look}, instruments=(Instrument("A", multiplier=Decimal(20)),), already_open="add")
    world.hold("3")
    world.signal()

    assert look.seen[0][0] == {"A": Decimal(3 * 50 * 20)}


@pytest.mark.parametrize("again", [False, True])
def test_limits_see_the_highest_equity_and_the_last(kit: Any, *, again: bool) -> None:
    look = Looker()
    world = kit.World(limits={"look": look}, sizer=kit.Units(Decimal(1)))
    world.bus.publish(worth(120_000))
    world.bus.publish(worth(90_000))
    if again:
        world.reborn()
    world.signal()

    assert look.seen[0][1:3] == (Decimal(120_000), Decimal(90_000))


def test_before_the_first_session_ends_both_are_the_capital(kit: Any) -> None:
    look = Looker()
    kit.World(limits={"look": look}, sizer=kit.Units(Decimal(1))).signal()

    assert look.seen[0][1:3] == (Decimal(100_000), Decimal(100_000))


def test_limits_see_sector_and_volume(kit: Any) -> None:
    look = Looker()
    world = kit.World(limits={"look": look}, instruments=(Instrument("A", sector="Energy"),))
    world.signal()

    assert look.seen[0][3:] == (None, "Energy")
