"""At what price a book is valued: the latest close, restated between a split and the next bar."""

from collections.abc import Iterable

from qtrader.ports import Snapshot, Wiring
from qtrader_service_portfolio.book import Book


class Marks:
    """Sets the marks of books from the market view."""

    def __init__(self, wiring: Wiring, restated: Snapshot | None = None) -> None:
        self._market = wiring.market
        self._restated: dict[str, int] = dict(restated or {})
        """Symbol -> end of its latest bar when a split came; its marks are restated until a later bar."""

    def mark(self, book: Book) -> bool:
        """Mark a book at the latest close; False where there is none since the start or since a split."""
        symbol = book.symbol
        if symbol in self._restated:
            bar = self._market.bar(symbol)
            if bar is None or bar.time_ns <= self._restated[symbol]:
                return False
            del self._restated[symbol]
        close = self._market.close(symbol)
        if close is None:
            return False
        book.mark = close
        return True

    def mark_all(self, books: Iterable[Book]) -> None:
        """Mark every book at its latest close."""
        for book in books:
            self.mark(book)

    def restate(self, symbol: str) -> None:
        """Take no bar up to now for a mark of the symbol: the caller sets the marks until the next one."""
        bar = self._market.bar(symbol)
        if bar is not None:
            self._restated[symbol] = bar.time_ns

    def snapshot(self) -> Snapshot:
        """Everything as plain JSON values."""
        return dict(self._restated)
