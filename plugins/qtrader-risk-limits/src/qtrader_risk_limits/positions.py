"""How large one position, and what is held in one sector, may become."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from qtrader.ports import Intent, Positive, Ratio, RiskView, Verdict
from qtrader_risk_limits.arithmetic import (
    ZERO,
    Answer,
    Unknown,
    around,
    exact,
    held_value,
    judge,
    positions,
    refusal,
    share,
    told,
    told_share,
    units,
    weigh,
    without,
)


@exact
def check_position_size_limit(current_size: Decimal, new_size: Decimal, max_size: Decimal) -> tuple[bool, str]:
    """Whether a position is at most ``max_size`` after a trade, long or short, and why.

    All three in units, or all three in money; sizes are signed, short negative. What only reduces the position is ok.
    """
    return _size(current_size, new_size, max_size, "")[:2]


@exact
def check_concentration_limit(
    current_positions: Mapping[str, Decimal], new_symbol: str, new_size: Decimal, max_pct: Decimal | float
) -> tuple[bool, str]:
    """Whether one symbol is at most the share ``max_pct`` (0 to 1) of the whole after a trade, and why.

    ``current_positions`` are signed values in money by symbol, short negative; ``new_size`` is the signed money that
    the trade adds to ``new_symbol``. The whole is the sum of the absolute values of all positions with the new one in:
    {A: 60, B: -20} and 20 more of A make A 80 of 100. Cash counts where it is given as a position under a name of its
    own, and the whole of longs and cash is then the equity; without it, the first position of a book is all of it. What
    only reduces the position is ok. A float ``max_pct`` is read as the decimal text it prints.
    """
    held = current_positions.get(new_symbol, ZERO)
    whole = sum(map(abs, without(current_positions, new_symbol)), abs(held + new_size))
    return _part(held, new_size, whole, share(max_pct), "whole")[:2]


@exact
def check_sector_limit(
    current_positions: Mapping[str, Decimal],
    new_symbol: str,
    new_size: Decimal,
    *,
    sectors: Mapping[str, str | None],
    equity: Decimal,
    max_pct: Decimal | float,
    unknown: Unknown = "refuse",
) -> tuple[bool, str]:
    """Whether one sector is at most the share ``max_pct`` (0 to 1) of ``equity`` after a trade, and why.

    Positions and ``new_size`` as in ``check_concentration_limit``; longs and shorts of a sector add up. ``unknown``
    says whether a symbol without a sector is ok. What only reduces the position is ok.
    """
    return _sector(current_positions, new_symbol, new_size, sectors, equity, share(max_pct), unknown)[:2]


def _size(held: Decimal, change: Decimal, most: Decimal, unit: str) -> Answer:
    reason = f"{told(held)} held would become {told(held + change)}{unit}: at most {told(most)}"
    return weigh(held, change, around(most), reason)


def _part(held: Decimal, change: Decimal, base: Decimal, pct: Decimal, name: str) -> Answer:
    """A position as a share of a base."""
    most = max(base, ZERO) * pct
    after = told_share(abs(held + change), base, name)
    return weigh(held, change, around(most), f"the position would be {after}: at most {told(pct)}, {told(most)}")


def _sector(
    current: Mapping[str, Decimal],
    symbol: str,
    change: Decimal,
    sectors: Mapping[str, str | None],
    equity: Decimal,
    pct: Decimal,
    unknown: Unknown,
) -> Answer:
    held, sector = current.get(symbol, ZERO), sectors.get(symbol)
    if sector is None:
        if unknown == "allow":
            return Answer(True, f"the sector of {symbol} is not known, which is allowed", abs(change))
        return refusal(held, change, f"the sector of {symbol} is not known: name it, or write unknown: allow")
    peers = [value for name, value in current.items() if name != symbol and sectors.get(name) == sector]
    others = sum(map(abs, peers), ZERO)
    most = max(equity, ZERO) * pct
    whole = told_share(others + abs(held + change), equity, "equity")
    reason = f"sector {sector} would be {whole}: at most {told(pct)}, {told(most)}"
    return weigh(held, change, around(most - others), reason)


@dataclass(frozen=True)
class PositionSizeLimit:
    """Let no position of the account become larger than ``max_units`` or ``max_value``: shrink to what fits, or refuse.

    What only reduces a position passes.
    """

    max_units: Positive | None = None
    """The most units of one symbol, long or short; above 0."""
    max_value: Positive | None = None
    """The most money in one symbol, long or short, in the account's currency; above 0."""

    def __post_init__(self) -> None:
        """Refuse a limit that limits nothing."""
        if self.max_units is None and self.max_value is None:
            raise ValueError("neither max_units nor max_value is given: write one of them, or both")

    @exact
    def check(self, intent: Intent, books: RiskView) -> Verdict:
        """The tighter of both answers."""
        verdicts, change = [], units(intent)
        if self.max_units is not None:
            answer = _size(books.quantity(intent.symbol), change, self.max_units, " units")
            verdicts.append(judge(intent, answer, Decimal(1)))
        if self.max_value is not None:
            worth = change * intent.unit_value
            answer = _size(held_value(intent, books), worth, self.max_value, " of value")
            verdicts.append(judge(intent, answer, intent.unit_value))
        return min(verdicts, key=lambda one: intent.quantity if one.outcome == "pass" else one.quantity or ZERO)


@dataclass(frozen=True)
class ConcentrationLimit:
    """Let no symbol become more than the share ``max_pct`` of equity, long or short: shrink to what fits, or refuse.

    What only reduces a position passes.
    """

    max_pct: Ratio
    """The largest share of equity in one symbol, 0 to 1."""

    @exact
    def check(self, intent: Intent, books: RiskView) -> Verdict:
        """Pass, shrink or refuse one intent."""
        worth = units(intent) * intent.unit_value
        answer = _part(held_value(intent, books), worth, books.equity, self.max_pct, "equity")
        return judge(intent, answer, intent.unit_value)


@dataclass(frozen=True)
class SectorLimit:
    """Let no sector become more than the share ``max_pct`` of equity: shrink to what fits, or refuse.

    Longs and shorts of a sector add up. What only reduces a position passes.
    """

    max_pct: Ratio
    """The largest share of equity in one sector, 0 to 1."""
    unknown: Unknown = "refuse"
    """What to do with a symbol of which no sector is known: refuse it, or allow it."""

    @exact
    def check(self, intent: Intent, books: RiskView) -> Verdict:
        """Pass, shrink or refuse one intent."""
        current = positions(intent, books)
        sectors = {symbol: books.sector(symbol) for symbol in current}
        worth = units(intent) * intent.unit_value
        answer = _sector(current, intent.symbol, worth, sectors, books.equity, self.max_pct, self.unknown)
        return judge(intent, answer, intent.unit_value)
