"""The tools of the simulated market: which fill a bar gives an order, at what price, for what fee."""

from decimal import Decimal
from typing import NamedTuple

from qtrader.errors import ConfigError
from qtrader.ports import (
    LEDGER,
    BarValue,
    CommissionModel,
    FillDecision,
    FillPolicy,
    FillValue,
    Side,
    SlippageModel,
    Wiring,
    WorkingOrder,
    ledger_context,
)
from qtrader.ports.settings import ExecutionSettings, Reference
from qtrader_service_execution.answers import check_decision, check_fee, check_price
from qtrader_service_execution.prices import Terms, charged_fee, traded_price, whole_lots, within_limit

ZERO = Decimal(0)


class Before(NamedTuple):
    """What an order had filled before a bar: units, their sum of quantity x price, and what they were charged."""

    units: Decimal
    cost: Decimal
    fees: Decimal


class Moved(NamedTuple):
    """A bar filled nothing, and yet the order changed: its stop was reached, or the stop of a trailing one moved."""

    triggered: bool
    stop_price: Decimal | None


class Trade(NamedTuple):
    """One fill with its costs: price after slippage, slippage per unit, fee, and when in the bar (word, and ns UTC)."""

    quantity: Decimal
    reference: Decimal
    price: Decimal
    slippage: Decimal
    fee: Decimal
    currency: str
    time_ns: int
    optimistic: bool
    moment: str
    triggered: bool


class Matching:
    """Fill policy, slippage and commission of a run, and the terms of the instruments they meet."""

    def __init__(self, config: ExecutionSettings, wiring: Wiring) -> None:
        fill = _chosen("fill", config.fill)
        self.name = fill.use
        self._policy: FillPolicy = wiring.build("fill-policy", fill)
        self._slippage: SlippageModel = wiring.build("slippage", _chosen("slippage", config.slippage))
        self._commission: CommissionModel = wiring.build("commission", _chosen("commission", config.commission))
        self.same_bar = self._policy.same_bar
        self.path: str = getattr(self._policy, "path", "adverse")
        """What the fill policy assumes of a bar's inside."""
        self._rounds_fees = getattr(self._commission, "rounding", "minor") == "minor"
        self._share = config.max_participation
        self._taken: dict[str, tuple[int, Decimal]] = {}
        """Symbol -> the bar (its end, ns UTC) in which units were filled last, and how many."""
        self._market = wiring.market
        self._terms: dict[str, Terms] = {}

    def terms(self, symbol: str) -> Terms:
        """What of an instrument matters to a fill. Raises DataError for a symbol that is not in the run."""
        known = self._terms.get(symbol)
        if known is None:
            known = self._terms[symbol] = Terms.of(self._market.instrument(symbol))
        return known

    def available(self, bar: BarValue) -> Decimal | None:
        """Whole lots that orders may still take of a bar's volume; None for no bound."""
        volume = bar.volume
        if self._share is None or volume is None:
            return None
        taken = self._taken.get(bar.symbol)
        left = LEDGER.multiply(volume, self._share)
        if taken is not None and taken[0] == bar.time_ns:
            left = LEDGER.subtract(left, taken[1])
        return max(whole_lots(left, self.terms(bar.symbol).lot), ZERO)

    def take(self, bar: BarValue, quantity: Decimal) -> None:
        """Count what filled in a bar."""
        if self._share is not None:
            before = self._taken.get(bar.symbol)
            again = before is not None and before[0] == bar.time_ns
            total = LEDGER.add(before[1], quantity) if again and before is not None else quantity
            self._taken[bar.symbol] = bar.time_ns, total

    def moment(self, order: WorkingOrder, bar: BarValue) -> str | None:
        """When in a bar an order would fill; None where it would not."""
        with ledger_context():
            decision = self._policy.decide(order, bar)
        return None if decision is None or not decision.quantity else decision.moment

    def targets_first(self, side: Side) -> bool:
        """Whether of a stop and a target of a side, both reached inside a bar, the target is taken to have filled."""
        return self.path == "favourable" or self.path == ("high-first" if side == "sell" else "low-first")

    def match(
        self,
        order: WorkingOrder,
        bar: BarValue,
        before: Before,
        *,
        same_bar: bool,
        available: Decimal | None = None,
    ) -> Trade | Moved | None:
        """The fill that a bar gives an order, with its costs, at most of the units that are available in the bar.

        Raises RunError when a tool breaks its port's rules.
        """
        with ledger_context():
            decision = self._policy.decide(order, bar)
            if decision is None:
                return None
            check_decision(self.name, self._policy, decision, order, bar)
            if available is not None and decision.quantity > available:
                decision = decision._replace(quantity=ZERO if order.time_in_force == "FOK" else available)
            elif order.time_in_force == "FOK" and decision.quantity < order.quantity:
                decision = decision._replace(quantity=ZERO)
            if decision.quantity:
                return self._trade(order, bar, decision, before, same_bar=same_bar)
            if decision.triggered or decision.stop_price is not None:
                return Moved(decision.triggered, decision.stop_price)
            return None

    def _trade(
        self, order: WorkingOrder, bar: BarValue, decision: FillDecision, before: Before, *, same_bar: bool
    ) -> Trade:
        terms, reference = self.terms(order.symbol), decision.price
        adjusted = self._slippage.adjust(reference, order, bar)
        check_price(self._slippage, adjusted, reference, order.side)
        price = within_limit(traded_price(reference, adjusted, order.side, terms.tick), order, reference)
        fee = self._commission.fee(
            FillValue(
                order.symbol,
                order.side,
                decision.quantity,
                price,
                terms.multiplier,
                terms.currency,
                before.units,
                before.cost * terms.multiplier,
                before.fees,
            )
        )
        check_fee(self._commission, fee)
        return Trade(
            decision.quantity,
            reference,
            price,
            abs(price - reference),
            charged_fee(fee, terms.minor if self._rounds_fees else None),
            terms.currency,
            _moment(decision, bar, order.accepted_ns),
            optimistic=same_bar or decision.optimistic,
            moment=decision.moment,
            triggered=decision.triggered,
        )


def _moment(decision: FillDecision, bar: BarValue, accepted_ns: int) -> int:
    """When in the bar a fill happened; never before the order rested."""
    if decision.moment != "open":
        return bar.time_ns
    began: int | None = getattr(bar, "open_ns", None)  # a light row view has it
    return max(bar.time_ns if began is None else began, accepted_ns)


def _chosen(key: str, reference: Reference | None) -> Reference:
    if reference is None:
        raise ConfigError(f"execution.{key}: nothing is chosen; name an installed tool, such as {{use: none}}")
    return reference
