"""Targets: what a strategy wants to hold, as shares of its equity or in units, what makes positions smaller first."""

from collections.abc import Callable, Iterable, Mapping
from decimal import ROUND_DOWN, Decimal
from typing import Any

from qtrader.errors import RunError
from qtrader.ports import LEDGER, Wiring
from qtrader_service_strategy.payloads import exact

FINEST = Decimal("1E-18")


class Targets:
    """The targets of one strategy; ``asked`` are the symbols that it has asked for and not given up since.

    ``budget`` is its share of the account's equity, of which percentages are.
    """

    def __init__(self, owner: str, wiring: Wiring, own: Callable[[str], None], budget: Decimal) -> None:
        self._budget = budget
        self._owner, self._books, self._market, self._own = owner, wiring.books, wiring.market, own
        self.asked: set[str] = set()

    def rows(
        self, kind: str, targets: Mapping[str, Any], rest: str, universe: Iterable[str]
    ) -> list[tuple[str, Decimal]]:
        """Symbol and value of each target, reductions first, then by symbol; ``rest`` zero adds what is not named.

        Raises RunError for a symbol that is not its own or another ``rest``, ContractError for a float of units.
        """
        if not isinstance(targets, Mapping):
            raise RunError(
                f"{self._owner}: target_{kind}: {targets!r} is no mapping; write symbol: value, {{'AAPL': '0.5'}}"
            )
        if rest not in ("zero", "keep"):
            raise RunError(f"{self._owner}: target_{kind}: rest={rest!r}: it is 'zero' or 'keep'")
        wanted = {}
        for symbol, value in targets.items():
            self._own(symbol)
            wanted[symbol] = self._read(kind, symbol, value)
        if rest == "zero":
            for symbol in universe:
                if symbol not in wanted and (symbol in self.asked or self._held(symbol)):
                    wanted[symbol] = Decimal(0)
        return sorted(wanted.items(), key=lambda one: (not self._reduces(kind, *one), one[0]))

    def _read(self, kind: str, symbol: str, value: Any) -> Decimal:
        if isinstance(value, float) and kind == "percent":
            value = repr(float(value))
        value = exact(symbol, value)
        if isinstance(value, bool) or not isinstance(value, Decimal | int | str):
            raise RunError(f"{self._owner}: target_{kind}: {symbol}: {value!r} is no number; write a Decimal")
        try:
            number = Decimal(value)
        except ArithmeticError as error:
            raise RunError(f"{self._owner}: target_{kind}: {symbol}: {value!r} is no number; write '0.5'") from error
        if not number.is_finite() or abs(number) >= Decimal("1E+20"):
            raise RunError(f"{self._owner}: target_{kind}: {symbol}: {value!r}: it must be finite and below 10^20")
        return number.quantize(FINEST, rounding=ROUND_DOWN, context=LEDGER).normalize(LEDGER)

    def _held(self, symbol: str) -> Decimal:
        return self._books.quantity(symbol, self._owner)

    def _reduces(self, kind: str, symbol: str, value: Decimal) -> bool:
        """Whether a target is nearer to nothing than what is held, on the same side."""
        held = self._held(symbol)
        if kind == "percent" and held:
            instrument, price = self._market.instrument(symbol), self._market.last(symbol)
            worth = LEDGER.multiply(LEDGER.multiply(held, price or Decimal(0)), instrument.multiplier)
            held = LEDGER.multiply(worth, self._books.rate(instrument.currency))
            value = LEDGER.multiply(value, LEDGER.multiply(self._budget, self._books.equity))
        return value * held >= 0 and abs(value) < abs(held)
