"""The tools of the simulated market: which fill a bar gives an order, at what price, for what fee."""

from decimal import Decimal
from typing import NamedTuple

from qtrader.errors import ConfigError, DataError
from qtrader.ports import (
    BarValue,
    CommissionModel,
    FillDecision,
    FillPolicy,
    FillValue,
    SlippageModel,
    Wiring,
    WorkingOrder,
    ledger_context,
)
from qtrader.ports.settings import ExecutionSettings, Reference
from qtrader_service_execution.answers import check_decision, check_fee, check_price
from qtrader_service_execution.prices import Terms, charged_fee, traded_price


class Trade(NamedTuple):
    """One fill with its costs: price after slippage, slippage per unit, fee, and when in the bar (ns UTC)."""

    quantity: Decimal
    reference: Decimal
    price: Decimal
    slippage: Decimal
    fee: Decimal
    currency: str
    time_ns: int
    optimistic: bool


class Matching:
    """Fill policy, slippage and commission of a run, and the terms of the instruments they meet."""

    def __init__(self, config: ExecutionSettings, wiring: Wiring) -> None:
        fill = _chosen("fill", config.fill)
        self.name = fill.use
        self._policy: FillPolicy = wiring.build("fill-policy", fill)
        self._slippage: SlippageModel = wiring.build("slippage", _chosen("slippage", config.slippage))
        self._commission: CommissionModel = wiring.build("commission", _chosen("commission", config.commission))
        self.same_bar = self._policy.same_bar
        self._rounds_fees = getattr(self._commission, "rounding", "minor") == "minor"
        self._market = wiring.market
        self._terms: dict[str, Terms] = {}

    def terms(self, symbol: str) -> Terms:
        """What of an instrument matters to a fill. Raises DataError for a symbol that is not in the run."""
        known = self._terms.get(symbol)
        if known is None:
            known = self._terms[symbol] = Terms.of(self._market.instrument(symbol))
        return known

    def unknown(self, symbol: str) -> str | None:
        """Why a symbol cannot be traded, or None."""
        if symbol in self._terms:
            return None
        try:
            self.terms(symbol)
        except DataError as error:
            return str(error)
        return None

    def match(self, order: WorkingOrder, bar: BarValue, *, same_bar: bool) -> Trade | None:
        """The fill that a bar gives an order, with its costs. Raises RunError when a tool breaks its port's rules."""
        with ledger_context():
            return self._match(order, bar, same_bar=same_bar)

    def _match(self, order: WorkingOrder, bar: BarValue, *, same_bar: bool) -> Trade | None:
        decision = self._policy.decide(order, bar)
        if decision is None:
            return None
        check_decision(self.name, self._policy, decision, order, bar)
        if not decision.quantity:
            return None
        terms, reference = self.terms(order.symbol), decision.price
        adjusted = self._slippage.adjust(reference, order, bar)
        check_price(self._slippage, adjusted, reference, order.side)
        price = traded_price(reference, adjusted, order.side, terms.tick)
        fee = self._commission.fee(FillValue(order.symbol, order.side, decision.quantity, price, terms.multiplier))
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
        )


def _moment(decision: FillDecision, bar: BarValue, accepted_ns: int) -> int:
    """When in the bar a fill happened; never before the order rested."""
    if decision.moment == "close":
        return bar.time_ns
    began: int | None = getattr(bar, "open_ns", None)  # a light row view has it
    return max(bar.time_ns if began is None else began, accepted_ns)


def _chosen(key: str, reference: Reference | None) -> Reference:
    if reference is None:
        raise ConfigError(f"execution.{key}: nothing is chosen; name an installed tool, such as {{use: none}}")
    return reference
