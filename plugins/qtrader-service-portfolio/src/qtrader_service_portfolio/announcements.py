"""What the portfolio service says on the bus: positions, trades, cash, valuations, whole portfolios."""

from datetime import date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING

from qtrader.events import CashEvent, ConsolidatedPortfolioEvent, PositionEvent, TradeEvent, ValuationEvent
from qtrader_service_portfolio.account import Account
from qtrader_service_portfolio.book import Book
from qtrader_service_portfolio.excursions import Excursions
from qtrader_service_portfolio.models import ClosedLot
from qtrader_service_portfolio.state import consolidated, valuation

if TYPE_CHECKING:
    from qtrader.ports import Wiring


class Announcements:
    """Turns books into events. Callers are inside the ledger's decimal context."""

    def __init__(self, wiring: "Wiring") -> None:
        self._emit, self._post = wiring.emitter.emit, wiring.emitter.post
        self._excursions = Excursions(wiring)

    def position(self, account: Account, book: Book, reason: str) -> None:
        """Publish a book and the cash after what happened to it."""
        lots, value = book.lots, book.market_value
        self._post(
            PositionEvent,
            {
                "strategy_id": book.strategy_id,
                "symbol": book.symbol,
                "currency": book.currency,
                "quantity": lots.quantity,
                "cost_basis": lots.cost,
                "average_price": book.average_price,
                "price": book.mark,
                "market_value": value,
                "realised_pnl": book.realised,
                "unrealised_pnl": (value if book.settled is None else book.exposure) - lots.cost,
                "commission": book.commission,
                "dividends": book.dividends,
                "cash_balance": account.funds[book.currency].cash,
                "reason": reason,
                "lots": account.choice.told(book) if account.choice else (),
            },
        )

    def trades(
        self, book: Book, closed: tuple[ClosedLot, ...], *, trip: int, ends: bool, price: Decimal, at: datetime, by: str
    ) -> None:
        """Publish one trade a closed lot; where the position ``ends``, the last closes round trip number ``trip``."""
        for part in closed:
            book.trades += 1
            lot, gross, commission = part.lot, part.gross, part.commission
            mae, mfe = self._excursions.of(book, part)
            self._post(
                TradeEvent,
                {
                    "trade_id": f"{book.name}-T{book.trades:06d}",
                    "round_trip_id": f"{book.name}-R{trip:06d}",
                    "closes_round_trip": ends and part is closed[-1],
                    "strategy_id": book.strategy_id,
                    "symbol": book.symbol,
                    "currency": book.currency,
                    "side": lot.side,
                    "quantity": part.quantity,
                    "entry_time": lot.opened,
                    "exit_time": at,
                    "entry_price": lot.price,
                    "exit_price": price,
                    "gross_pnl": gross,
                    "commission": commission,
                    "net_pnl": gross - commission,
                    "mae": mae,
                    "mfe": mfe,
                    "lot_id": book.lot_id(lot),
                    "entry_fill_id": lot.fill_id,
                    "exit_fill_id": by,
                },
            )

    def cash(
        self,
        account: Account,
        kind: str,
        amount: Decimal,
        *,
        book: Book | None = None,
        action_id: str | None = None,
        reason: str | None = None,
        currency: str | None = None,
    ) -> None:
        """Publish a movement of cash, receivables or payables in a currency (default: the book's, else the account's).

        The totals are those after it.
        """
        funds = account.funds[currency or (account.currency if book is None else book.currency)]
        self._emit(
            CashEvent,
            strategy_id=book and book.strategy_id,
            symbol=book and book.symbol,
            currency=funds.currency,
            kind=kind,
            amount=amount,
            balance=funds.cash,
            receivable=funds.receivable,
            payable=funds.payable,
            accrued=funds.accrued,
            action_id=action_id,
            reason=reason,
        )

    def valuation(self, account: Account, session: date | None) -> None:
        """Publish what the account is worth; its books have been marked."""
        self._emit(ValuationEvent, **valuation(account, session))

    def portfolio(self, account: Account, session: date | None) -> None:
        """Publish the whole account; its books have been marked."""
        self._emit(ConsolidatedPortfolioEvent, **consolidated(account, session))
